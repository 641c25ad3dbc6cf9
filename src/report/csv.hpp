#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "terastal/core/text.hpp"

namespace terastal {

/// One line of a CSV file under construction. Numbers are written with the fewest digits that read back unchanged.
class CsvRow {
 public:
  CsvRow& add(std::string_view text) { return append(csv_field(text)); }
  CsvRow& add(const char* text) { return add(std::string_view(text)); }
  template <typename Number>
  requires std::is_arithmetic_v<Number> CsvRow& add(Number value) { return append(fmt::format("{}", value)); }
  template <typename Value>
  CsvRow& add(const std::optional<Value>& value) {
    return value ? add(*value) : blank();
  }
  CsvRow& blank(int fields = 1) {
    for (int i = 0; i < fields; ++i) append("");
    return *this;
  }

  friend std::ostream& operator<<(std::ostream& out, const CsvRow& row) { return out << row.line_ << '\n'; }

 private:
  CsvRow& append(const std::string& field) {
    if (!first_) line_ += ',';
    first_ = false;
    line_ += field;
    return *this;
  }

  std::string line_;
  bool first_ = true;
};

} // namespace terastal
