#include "terastal/experiment/sequential.hpp"

#include <algorithm> // all_of, min
#include <cmath>     // ceil
#include <limits>

#include <fmt/format.h>

#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

/// The largest number of replications that is ever named; more is hopeless.
constexpr double kMany = 1e9;

} // namespace

Precision parse_precision(std::string_view text) {
  std::string_view number = trim(text);
  Precision precision;
  precision.relative = !number.empty() && number.back() == '%';
  if (precision.relative) number.remove_suffix(1);
  const auto value = parse_number(trim(number));
  if (!value || *value <= 0.0) {
    throw InputError("'" + std::string(text) +
                     "' is not a half-width; allowed: a number > 0 in the metric's own unit, " +
                     "e.g. 0.005, or a share of the value, e.g. 5%");
  }
  precision.half_width = precision.relative ? *value / 100.0 : *value;
  return precision;
}

std::string to_string(const Precision& precision) {
  return precision.relative ? fmt::format("{:.6g}%", precision.half_width * 100.0)
                            : format_number(precision.half_width);
}

double width_share(const WatchedInterval& watched, const Precision& precision) {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  const auto reach = watched.estimate.reach();
  if (!reach) return kInfinite;
  if (*reach == 0.0) return 0.0;
  const double allowed = precision.half_width * (precision.relative ? watched.scale : 1.0);
  return allowed > 0.0 ? *reach / allowed : kInfinite;
}

bool narrow_enough(const WatchedInterval& watched, const Precision& precision) {
  return width_share(watched, precision) <= 1.0;
}

bool all_narrow_enough(std::span<const WatchedInterval> watched, const Precision& precision) {
  return std::all_of(watched.begin(), watched.end(),
                     [&](const WatchedInterval& w) { return narrow_enough(w, precision); });
}

std::size_t next_decision(const StoppingRule& rule, std::size_t replications) {
  if (replications < rule.first) return std::min(rule.first, rule.cap);
  const std::size_t steps = (replications - rule.first) / rule.step + 1;
  return std::min(rule.first + steps * rule.step, rule.cap);
}

std::size_t replications_needed(const WatchedInterval& watched, const Precision& precision) {
  const std::size_t n = watched.estimate.n;
  const double share = watched.estimate.reach() ? width_share(watched, precision) : 1.0;
  if (share <= 1.0) return n;
  return static_cast<std::size_t>(std::min(kMany, std::ceil(static_cast<double>(n) * share * share)));
}

} // namespace terastal
