#include "io/csv.hpp"

#include <algorithm> // min
#include <utility>

#include <fmt/format.h>

#include "io/utf8.hpp"
#include "terastal/core/text.hpp"

namespace terastal::io {

class CsvReader {
 public:
  CsvReader(const File& file, Diagnostics& diagnostics) : file_(file), diagnostics_(diagnostics) {
    table_.source_ = file.source;
  }

  std::optional<Table> read() {
    std::string_view rest = file_.text;
    while (!rest.empty()) {
      ++line_;
      const std::size_t end = rest.find('\n');
      read_line(rest.substr(0, end));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    if (table_.header_.empty()) {
      diagnostics_.error({file_.source, 0, 0}, "the table is empty: expected a header row");
      return std::nullopt;
    }
    return std::move(table_);
  }

 private:
  void read_line(std::string_view line) {
    const std::string_view content = trim(line);
    if (content.empty() || content.front() == '#') return;
    if (line.ends_with('\r')) line.remove_suffix(1);
    row_.clear();
    if (!split_cells(line)) {
      table_.complete_ = false;
      return;
    }
    if (table_.header_.empty()) {
      table_.header_ = row_;
    } else if (row_.size() == table_.header_.size()) {
      table_.cells_.insert(table_.cells_.end(), row_.begin(), row_.end());
    } else {
      wrong_size();
    }
  }

  void wrong_size() {
    table_.complete_ = false;
    const std::size_t wanted = table_.header_.size();
    const int column = row_.size() > wanted ? row_[wanted].column : row_.front().column;
    error(column, fmt::format("expected {} cells as in the header, got {}", wanted, row_.size()));
  }

  /// Fills `row_`; false after reporting bad quotes.
  bool split_cells(std::string_view line) {
    std::size_t at = 0;
    int column = 1;
    while (true) {
      std::size_t end = at;
      if (const auto text = cell_text(line, at, end, column)) {
        row_.push_back({*text, line_, column});
      } else {
        return false;
      }
      if (end >= line.size()) return true;
      column += static_cast<int>(character_count(line.substr(at, end + 1 - at)));
      at = end + 1;
    }
  }

  /// The text of the cell that starts at `at`; `end` becomes the place of the comma behind it, or the line's end.
  std::optional<std::string_view> cell_text(std::string_view line, std::size_t at, std::size_t& end, int column) {
    const std::size_t first = line.find_first_not_of(" \t", at);
    if (first == std::string_view::npos || line[first] != '"') {
      end = std::min(line.find(',', at), line.size());
      return trim(line.substr(at, end - at));
    }
    std::string text;
    std::size_t quote = first;
    while (true) {
      const std::size_t begin = quote + 1;
      quote = line.find('"', begin);
      if (quote == std::string_view::npos) {
        error(column, "a quotation mark is missing: the cell does not end on its line");
        return std::nullopt;
      }
      text += line.substr(begin, quote - begin);
      if (quote + 1 >= line.size() || line[quote + 1] != '"') break;
      text += '"';
      ++quote;
    }
    end = std::min(line.find(',', quote), line.size());
    if (!trim(line.substr(quote + 1, end - quote - 1)).empty()) {
      error(column, "text behind the closing quotation mark of a cell (write \"\" for a quotation mark within)");
      return std::nullopt;
    }
    return table_.unquoted_.emplace_back(std::move(text));
  }

  void error(int column, std::string message) { diagnostics_.error({file_.source, line_, column}, std::move(message)); }

  const File& file_;
  Diagnostics& diagnostics_;
  Table table_;
  std::vector<Cell> row_;
  int line_ = 0;
};

std::optional<Table> parse_csv(const File& file, Diagnostics& diagnostics) {
  return CsvReader(file, diagnostics).read();
}

} // namespace terastal::io
