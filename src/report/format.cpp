#include "terastal/report/format.hpp"

#include <algorithm> // find

#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"

namespace terastal {

const std::vector<std::string>& format_names() {
  static const std::vector<std::string> names = {"table", "json", "csv", "jsonl"};
  return names;
}

Format parse_format(std::string_view name) {
  const auto& names = format_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw InputError("unknown format '" + std::string(name) + "'" + did_you_mean(name, names) +
                     "; allowed: " + join(names, ", "));
  }
  return static_cast<Format>(found - names.begin());
}

} // namespace terastal
