#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "terastal/experiment/statistics.hpp"

namespace terastal {

struct BootstrapOptions {
  std::size_t resamples = 2000; ///< ≥ 2
  std::uint64_t seed = 1;       ///< of the draws; equal seeds give equal intervals on every platform
  double level = kConfidence;   ///< in (0, 1)
  /// Widens the interval for few values as Hesterberg (2015, Am. Stat. 69:371) does for percentiles: the normal
  /// quantile of the level becomes √(n / (n − 1)) times Student's t. False is the textbook's BCa, too narrow for a few
  /// values.
  bool expand = false;
};

/// How an interval came about.
enum class BootstrapKind : std::uint8_t {
  bca,        ///< bias-corrected and accelerated
  percentile, ///< the plain percentiles: the correction is undefined (no spread, or all resamples on one side)
};

struct BootstrapEstimate {
  double value = 0.0;               ///< the statistic of the values as they are
  std::optional<Interval> interval; ///< nothing for fewer than two values
  BootstrapKind kind = BootstrapKind::percentile;
  double bias = 0.0;         ///< z0: normal quantile of the share of resamples below `value`, ties counted half
  double acceleration = 0.0; ///< a: a sixth of the skewness of the jackknife
};

/// A statistic of the values at the given positions (0 ≤ position < n, repetitions allowed, n of them or n − 1); NaN
/// where it is undefined.
using PickedStatistic = std::function<double(std::span<const std::size_t> positions)>;

/// BCa interval (Efron 1987, JASA 82:171; Efron and Tibshirani 1993, ch. 14) of any statistic of n values. A resample
/// is n positions drawn with replacement; quantile α of the B sorted resamples is at rank (B + 1) α, interpolated.
/// Unlike Student's t the interval is lopsided where the statistic is, and stays within the values' range for a mean;
/// with few values it is too narrow unless `expand` is set (docs/statistics.md). A resample for which the statistic is
/// undefined is drawn again; when that does not end, there is no interval. O(B (n + cost of the statistic)).
[[nodiscard]] BootstrapEstimate bootstrap(std::size_t n, const PickedStatistic& statistic,
                                          const BootstrapOptions& options = {});

/// The same for the mean of independent values.
[[nodiscard]] BootstrapEstimate bootstrap_mean(std::span<const double> values, const BootstrapOptions& options = {});

/// The same for mean(other) / mean(base) − 1 of pairs, undefined where mean(base) is 0. Precondition: equal lengths.
[[nodiscard]] BootstrapEstimate bootstrap_relative_change(std::span<const double> base, std::span<const double> other,
                                                          const BootstrapOptions& options = {});

} // namespace terastal
