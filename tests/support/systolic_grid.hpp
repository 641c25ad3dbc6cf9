#pragma once

#include <algorithm> // min
#include <cstddef>
#include <cstdint>
#include <vector>

namespace terastal::testing {

/// A small dense matrix of integers.
struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<std::int64_t> values;

  Matrix(std::size_t rows_, std::size_t columns_) : rows(rows_), columns(columns_), values(rows_ * columns_, 0) {}
  std::int64_t& at(std::size_t row, std::size_t column) { return values[row * columns + column]; }
  [[nodiscard]] std::int64_t at(std::size_t row, std::size_t column) const { return values[row * columns + column]; }
  /// 0 outside of the matrix: what idle processing elements get.
  [[nodiscard]] std::int64_t padded(std::size_t row, std::size_t column) const {
    return row < rows && column < columns ? at(row, column) : 0;
  }
  [[nodiscard]] Matrix transposed() const {
    Matrix result(columns, rows);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) result.at(c, r) = at(r, c);
    }
    return result;
  }
  bool operator==(const Matrix&) const = default;
};

/// A grid of processing elements that passes operands to the right and down, one hop each cycle, and counts cycles. It
/// multiplies matrices that are larger than itself fold by fold, one fold after the other, and collects results only at
/// its lower edge.
class SystolicGrid {
 public:
  SystolicGrid(std::size_t rows, std::size_t columns)
      : rows_(rows), columns_(columns), held_(rows, columns), right_(rows, columns), down_(rows, columns) {}

  [[nodiscard]] std::uint64_t cycles() const { return cycles_; }

  /// `streamed` (steps × depth) · `stationary` (depth × results): weights or inputs stay in the grid.
  Matrix multiply_stationary(const Matrix& streamed, const Matrix& stationary) {
    Matrix product(streamed.rows, stationary.columns);
    for (std::size_t column = 0; column < stationary.columns; column += columns_) {
      for (std::size_t row = 0; row < stationary.rows; row += rows_) {
        load(stationary, row, column);
        stream(streamed, row, column, product);
      }
    }
    return product;
  }

  /// `left` (rows × depth) · `top` (depth × columns): sums stay in the grid until they are complete.
  Matrix multiply_output_stationary(const Matrix& left, const Matrix& top) {
    Matrix product(left.rows, top.columns);
    for (std::size_t column = 0; column < top.columns; column += columns_) {
      for (std::size_t row = 0; row < left.rows; row += rows_) {
        accumulate(left, top, row, column);
        drain(row, column, product);
      }
    }
    return product;
  }

 private:
  /// The stationary operand enters at the upper edge, its last row first.
  void load(const Matrix& stationary, std::size_t row, std::size_t column) {
    for (std::size_t entering = rows_; entering-- > 0; ++cycles_) {
      for (std::size_t r = rows_; r-- > 1;) {
        for (std::size_t c = 0; c < columns_; ++c) held_.at(r, c) = held_.at(r - 1, c);
      }
      for (std::size_t c = 0; c < columns_; ++c) held_.at(0, c) = stationary.padded(row + entering, column + c);
    }
  }

  /// Streamed elements enter at the left edge, each row one cycle after the one above; partial sums run down.
  void stream(const Matrix& streamed, std::size_t row, std::size_t column, Matrix& product) {
    std::size_t missing = streamed.rows * columns_;
    for (std::size_t now = 0; missing > 0; ++now, ++cycles_) {
      for (std::size_t r = rows_; r-- > 0;) {
        for (std::size_t c = columns_; c-- > 0;) {
          const std::int64_t entering = now >= r ? streamed.padded(now - r, row + r) : 0;
          const std::int64_t operand = c == 0 ? entering : right_.at(r, c - 1);
          const std::int64_t sum = r == 0 ? 0 : down_.at(r - 1, c);
          right_.at(r, c) = operand;
          down_.at(r, c) = sum + operand * held_.at(r, c);
        }
      }
      for (std::size_t c = 0; c < columns_; ++c) {
        const std::size_t delay = rows_ - 1 + c;
        if (now < delay || now - delay >= streamed.rows) continue;
        --missing;
        if (column + c < product.columns) product.at(now - delay, column + c) += down_.at(rows_ - 1, c);
      }
    }
  }

  /// Both operands flow; a processing element is done when as many pairs met in it as the depth has.
  void accumulate(const Matrix& left, const Matrix& top, std::size_t row, std::size_t column) {
    held_ = Matrix(rows_, columns_);
    std::size_t missing = rows_ * columns_ * left.columns;
    for (std::size_t now = 0; missing > 0; ++now, ++cycles_) {
      for (std::size_t r = rows_; r-- > 0;) {
        for (std::size_t c = columns_; c-- > 0;) {
          const std::int64_t from_left = now >= r ? left.padded(row + r, now - r) : 0;
          const std::int64_t from_top = now >= c ? top.padded(now - c, column + c) : 0;
          right_.at(r, c) = c == 0 ? from_left : right_.at(r, c - 1);
          down_.at(r, c) = r == 0 ? from_top : down_.at(r - 1, c);
          held_.at(r, c) += right_.at(r, c) * down_.at(r, c);
          if (now >= r + c && now - r - c < left.columns) --missing;
        }
      }
    }
  }

  /// Finished sums move down and leave at the lower edge.
  void drain(std::size_t row, std::size_t column, Matrix& product) {
    for (std::size_t leaving = rows_; leaving-- > 0; ++cycles_) {
      for (std::size_t c = 0; c < columns_; ++c) {
        const bool wanted = row + leaving < product.rows && column + c < product.columns;
        if (wanted) product.at(row + leaving, column + c) = held_.at(rows_ - 1, c);
        for (std::size_t r = rows_; r-- > 1;) held_.at(r, c) = held_.at(r - 1, c);
      }
    }
  }

  std::size_t rows_;
  std::size_t columns_;
  Matrix held_;  ///< stationary operand or accumulators
  Matrix right_; ///< what each element passes to its right neighbour
  Matrix down_;  ///< what it passes down
  std::uint64_t cycles_ = 0;
};

} // namespace terastal::testing
