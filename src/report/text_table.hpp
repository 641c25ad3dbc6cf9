#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace terastal {

/// How a piece of text is shown on a terminal that has colours.
enum class Ink : std::uint8_t { plain, bold, faint, good, bad };

/// The text wrapped in the escape sequences of an ink; unchanged without colour.
[[nodiscard]] std::string paint(std::string_view text, Ink ink, bool color);

/// Number of characters of a UTF-8 text.
[[nodiscard]] std::size_t width_of(std::string_view text);

/// A cell of a table.
struct Cell {
  std::string text;
  Ink ink = Ink::plain;
};

/// Columns of text, aligned, without lines. The first column and those named so are aligned to the left.
class TextTable {
 public:
  struct Column {
    std::string header;
    bool left = false;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }

  /// Writes the header and the rows, indented by two; columns that are empty in every row are left out.
  void write(std::ostream& out, bool color) const;

 private:
  [[nodiscard]] std::size_t column_width(std::size_t column) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

} // namespace terastal
