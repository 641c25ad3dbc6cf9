#include "terastal/gate/rules.hpp"

#include <algorithm> // find
#include <cstddef>
#include <string_view>

#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal {

const std::vector<std::string>& judge_names() {
  static const std::vector<std::string> names = {"exact", "tolerance", "noninferior"};
  return names;
}

const std::string& to_string(Judge judge) { return judge_names()[static_cast<std::size_t>(judge)]; }

Judge parse_judge(const std::string& name) {
  const auto& names = judge_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<Judge>(found - names.begin());
  throw InputError("'" + name + "' is not one of " + join(names, ", ") + did_you_mean(name, names));
}

Limits default_limits(const MetricInfo& metric) {
  if (metric.unit == std::string_view("%")) return {0.005, 0.0};
  return {0.0, 0.01};
}

Limits parse_limits(const std::string& text) {
  std::string_view number = trim(text);
  const bool relative = number.ends_with('%');
  if (relative) number.remove_suffix(1);
  const auto value = parse_number(trim(number));
  if (!value || !std::isfinite(*value) || *value < 0.0) {
    throw InputError("'" + text +
                     "' is not a limit: expected a number >= 0 in the metric's own unit, such as 0.005, "
                     "or a percentage of the baseline, such as 2%");
  }
  return relative ? Limits{0.0, *value / 100.0} : Limits{*value, 0.0};
}

} // namespace terastal
