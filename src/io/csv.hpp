#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/diagnostics.hpp"
#include "io/files.hpp"
#include "io/node.hpp"

namespace terastal::io {

/// One cell, without quotes and surrounding blanks.
struct Cell {
  std::string_view text;
  int line = 0;
  int column = 0; ///< where the cell starts, in characters
};

/// A CSV file: a header and rows of as many cells. Views into the file's text.
class Table {
 public:
  [[nodiscard]] const std::vector<Cell>& header() const { return header_; }
  [[nodiscard]] std::size_t rows() const { return header_.empty() ? 0 : cells_.size() / header_.size(); }
  [[nodiscard]] const Cell& at(std::size_t row, std::size_t column) const {
    return cells_[row * header_.size() + column];
  }
  [[nodiscard]] Position position(const Cell& cell) const { return {source_, cell.line, cell.column}; }
  /// Of the first cell of a row.
  [[nodiscard]] Position row_position(std::size_t row) const { return position(at(row, 0)); }
  [[nodiscard]] Position header_position() const { return position(header_.front()); }
  /// Rows with a wrong number of cells were left out; what they would have held is not known.
  [[nodiscard]] bool complete() const { return complete_; }

 private:
  friend class CsvReader;

  const Source* source_ = nullptr;
  std::vector<Cell> header_;
  std::vector<Cell> cells_;
  std::deque<std::string> unquoted_; ///< texts that differ from the file's: quotes within quotes
  bool complete_ = true;
};

/// Reads a CSV file: commas, a header row, quotes as in RFC 4180 (within a line), blank lines and lines that start with
/// `#` skipped, LF or CRLF. Reports rows with a wrong number of cells and bad quotes; nothing when there is no header.
[[nodiscard]] std::optional<Table> parse_csv(const File& file, Diagnostics& diagnostics);

} // namespace terastal::io
