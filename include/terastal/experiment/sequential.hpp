#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "terastal/experiment/statistics.hpp"

namespace terastal {

/// How narrow an interval is to be.
struct Precision {
  double half_width = 0.0; ///< > 0; in the metric's own unit (0.005 of a miss rate is half a percentage point), or:
  bool relative = false;   ///< half_width is a share of the value
};

/// Reads `0.005` (absolute) or `5%` (relative). \throws InputError for anything else, with what is allowed.
[[nodiscard]] Precision parse_precision(std::string_view text);
/// `0.005`, `5%`.
[[nodiscard]] std::string to_string(const Precision& precision);

/// An interval that is to become narrow.
struct WatchedInterval {
  MeanEstimate estimate;
  double scale = 0.0; ///< what a relative half-width is a share of, ≥ 0
};

/// When to stop adding replications. The decision is taken only after `first`, `first + step`, `first + 2 step`, …
/// replications, so it does not depend on how many run at once.
struct StoppingRule {
  Precision precision;
  std::size_t first = 10; ///< ≥ 2
  std::size_t step = 10;  ///< ≥ 1
  std::size_t cap = 1000; ///< ≥ 2; the last decision point, whatever the step
};

/// The distance of the interval's farther end from the mean as a share of what is allowed: at most 1 is narrow enough.
/// Infinite without an interval, or when nothing but 0 is allowed and it is more.
[[nodiscard]] double width_share(const WatchedInterval& watched, const Precision& precision);
/// Whether the interval's farther end is near enough. False without an interval.
[[nodiscard]] bool narrow_enough(const WatchedInterval& watched, const Precision& precision);
[[nodiscard]] bool all_narrow_enough(std::span<const WatchedInterval> watched, const Precision& precision);

/// The replications after which to decide next, given how many there are (0 at the start). Never beyond the cap.
[[nodiscard]] std::size_t next_decision(const StoppingRule& rule, std::size_t replications);

/// About how many replications the interval needs in all: the width falls with the square root of their number. At
/// least the number there is; nothing sensible without an interval, then that number itself.
[[nodiscard]] std::size_t replications_needed(const WatchedInterval& watched, const Precision& precision);

} // namespace terastal
