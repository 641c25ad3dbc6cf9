#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "terastal/sweep/sweep.hpp"

namespace terastal {

/// The cells of a sweep by number, without making a list of them.
class SweepCells {
 public:
  /// The sweep must outlive this. \throws Error when there are more than 10^15 cells.
  explicit SweepCells(const Sweep& sweep);

  /// Cells of the full product; numbers are below it.
  [[nodiscard]] CellIndex total() const { return total_; }
  /// Cells that are not left out.
  [[nodiscard]] CellIndex size() const { return size_; }

  /// The cell's value on each axis, as an index. Precondition: cell < total().
  [[nodiscard]] std::vector<std::size_t> values_of(CellIndex cell) const;
  /// The same for one axis.
  [[nodiscard]] std::size_t value_of(CellIndex cell, std::size_t axis) const {
    return static_cast<std::size_t>(cell / strides_[axis] % sweep_->axes[axis].values.size());
  }
  /// The cell's value on each axis, as text.
  [[nodiscard]] std::vector<std::string> texts_of(CellIndex cell) const;
  /// The number of the cell with these values, one for each axis.
  [[nodiscard]] CellIndex number_of(const std::vector<std::size_t>& values) const;

  [[nodiscard]] bool skipped(CellIndex cell) const { return skip_of(cell) != nullptr; }
  /// The first cell from `from` on that is not left out; nothing behind the last. Runs of cells that one entry leaves
  /// out are passed at once.
  [[nodiscard]] std::optional<CellIndex> next(CellIndex from) const;

 private:
  /// The entry that leaves a cell out; null for none.
  [[nodiscard]] const SweepSkip* skip_of(CellIndex cell) const;

  const Sweep* sweep_;
  std::vector<CellIndex> strides_; ///< by axis
  CellIndex total_ = 1;
  CellIndex size_ = 0;
};

/// A part of a sweep: of the cells that are not left out, every count-th, beginning with the index-th (from 1).
struct Shard {
  std::uint64_t index = 1; ///< 1 … count
  std::uint64_t count = 1;
};

/// The cells that are still to be run, ascending. Memory: that of the cells that are held.
class PendingCells {
 public:
  /// `held`: ascending numbers of cells that need not be run. `cells` must outlive this.
  PendingCells(const SweepCells& cells, Shard shard, std::vector<CellIndex> held);

  /// The next one; nothing behind the last.
  std::optional<CellIndex> next();

 private:
  const SweepCells& cells_;
  Shard shard_;
  std::vector<CellIndex> held_;
  std::size_t passed_ = 0; ///< of `held_`
  CellIndex from_ = 0;     ///< next number to look at
  std::uint64_t rank_ = 0; ///< of the next cell, among those that are not left out
};

} // namespace terastal
