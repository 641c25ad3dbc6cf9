#pragma once

#include <algorithm> // max
#include <cmath>     // abs
#include <cstdint>
#include <string>
#include <vector>

#include "terastal/experiment/metric_table.hpp"

namespace terastal {

/// How a metric is held against its baseline.
enum class Judge : std::uint8_t {
  exact,       ///< every replication has the same value
  tolerance,   ///< golden numbers: the mean differs by no more than the limit, up or down
  noninferior, ///< the mean is worse by no more than the limit, for all that the interval of paired differences holds
};

/// `exact`, `tolerance`, `noninferior`.
[[nodiscard]] const std::vector<std::string>& judge_names();
[[nodiscard]] const std::string& to_string(Judge judge);
/// \throws InputError for an unknown name, with what is allowed.
[[nodiscard]] Judge parse_judge(const std::string& name);

/// How far a metric may be off: by the larger of the two.
struct Limits {
  double abs = 0.0; ///< ≥ 0, in the unit of the metric's values: 0.005 is half a point of a rate
  double rel = 0.0; ///< ≥ 0, share of the baseline's mean

  /// The limit beside a baseline, in the unit of the metric's values.
  [[nodiscard]] double beside(double baseline) const { return std::max(abs, rel * std::abs(baseline)); }

  bool operator==(const Limits&) const = default;
};

/// Unless the baseline says otherwise: half a point for metrics in percent, 1 % of the baseline for all others.
[[nodiscard]] Limits default_limits(const MetricInfo& metric);

/// One metric of a baseline.
struct MetricRule {
  const MetricInfo* metric = nullptr; ///< never null
  Judge judge = Judge::noninferior;
  Limits limits;
};

/// A limit as a user writes it: `0.005` sets the absolute one, `2 %` or `2%` the relative one, the other becomes 0.
/// \throws InputError unless it is a finite number ≥ 0.
[[nodiscard]] Limits parse_limits(const std::string& text);

} // namespace terastal
