#include "report/text_table.hpp"

#include <algorithm> // max

namespace terastal {
namespace {

std::string_view escape(Ink ink) {
  switch (ink) {
  case Ink::bold:
    return "\x1b[1m";
  case Ink::faint:
    return "\x1b[2m";
  case Ink::good:
    return "\x1b[32m";
  case Ink::bad:
    return "\x1b[31m";
  case Ink::plain:
    break;
  }
  return "";
}

/// One line under construction; blanks at its end are never written.
class Line {
 public:
  explicit Line(bool color) : color_(color) {}

  void add(const Cell& cell, std::size_t width, bool left) {
    const std::size_t pad = width - std::min(width, width_of(cell.text));
    blanks_ += 2 + (left ? 0 : pad);
    if (!cell.text.empty()) {
      text_.append(blanks_, ' ');
      blanks_ = 0;
      text_ += paint(cell.text, cell.ink, color_);
    }
    blanks_ += left ? pad : 0;
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  bool color_;
  std::string text_;
  std::size_t blanks_ = 0;
};

} // namespace

std::string paint(std::string_view text, Ink ink, bool color) {
  if (!color || ink == Ink::plain || text.empty()) return std::string(text);
  return std::string(escape(ink)) + std::string(text) + "\x1b[0m";
}

std::size_t width_of(std::string_view text) {
  std::size_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return n;
}

std::size_t TextTable::column_width(std::size_t column) const {
  std::size_t widest = 0;
  for (const auto& row : rows_) widest = std::max(widest, width_of(row[column].text));
  return widest == 0 ? 0 : std::max(widest, width_of(columns_[column].header));
}

void TextTable::write(std::ostream& out, bool color) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) widths.push_back(column_width(c));

  const auto write_line = [&](const auto& cell_of) {
    Line line(color);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (widths[c] > 0) line.add(cell_of(c), widths[c], c == 0 || columns_[c].left);
    }
    out << line.text() << '\n';
  };
  write_line([&](std::size_t c) { return Cell{columns_[c].header, Ink::faint}; });
  for (const auto& row : rows_) write_line([&](std::size_t c) { return row[c]; });
}

} // namespace terastal
