#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace terastal {

/// The confidence level of every interval that is reported.
inline constexpr double kConfidence = 0.95;

struct Interval {
  double low = 0.0;
  double high = 0.0;
};

/// Mean of independent replications with its confidence interval: Student's t with n − 1 degrees of freedom, unless a
/// bootstrap interval was asked for.
///
/// A replication is the unit: misses within one run depend on each other, so an interval over jobs would be too narrow.
struct MeanEstimate {
  std::size_t n = 0;
  double mean = 0.0;                 ///< 0 when n is 0
  std::optional<double> half_width;  ///< of the t-interval mean ± half_width; nothing for n < 2
  double standard_error = 0.0;       ///< of the mean; 0 for n < 2
  std::optional<Interval> bootstrap; ///< what low() and high() then tell instead (bootstrap.hpp); may be lopsided

  [[nodiscard]] double low() const { return bootstrap ? bootstrap->low : mean - half_width.value_or(0.0); }
  [[nodiscard]] double high() const { return bootstrap ? bootstrap->high : mean + half_width.value_or(0.0); }
  /// The farther end of the interval from the mean, which for a t-interval is half_width. Nothing without an interval.
  [[nodiscard]] std::optional<double> reach() const;
  /// The same estimate in a unit `factor` (> 0) times smaller.
  [[nodiscard]] MeanEstimate scaled(double factor) const;
};

/// One policy against another that met the same arrivals, replication by replication.
struct PairedComparison {
  bool identical = false;     ///< every difference is exactly zero
  bool spread = false;        ///< the differences differ from each other by more than rounding
  bool exact = false;         ///< nothing is random: all replications of a side are the same run. Set by who knows it
  double level = kConfidence; ///< of the intervals
  MeanEstimate difference;    ///< other − base, paired t-interval; in the unit of the values
  /// mean(other) / mean(base) − 1, e.g. −0.4 for 40 % less, with the t-interval of a ratio of paired means (delta
  /// method). Nothing when mean(base) is 0.
  std::optional<MeanEstimate> relative;

  /// Whether the interval may be judged by. A t-interval of equal differences has no width, however few there are: it
  /// counts when nothing is random, or when the exact test of signs would reject too, 2^(1 − n) ≤ 1 − level (n ≥ 6 for
  /// 95 %). False for n < 2.
  [[nodiscard]] bool tells() const;

  /// Whether the interval of the difference tells and leaves zero out.
  [[nodiscard]] bool significant() const { return tells() && (difference.low() > 0.0 || difference.high() < 0.0); }
};

/// How intervals are made.
enum class IntervalMethod : std::uint8_t {
  student_t, ///< Student's t; of a ratio of means by the delta method
  bca,       ///< bootstrap.hpp, 2000 resamples, widened for few replications
};

/// The factor t of a two-sided interval: P(|T| ≤ t) = level for Student's t.
/// Precondition: degrees ≥ 1, 0 < level < 1.
[[nodiscard]] double student_t(std::size_t degrees, double level = kConfidence);

/// Mean and interval of independent values.
[[nodiscard]] MeanEstimate estimate_mean(std::span<const double> values, double level = kConfidence,
                                         IntervalMethod method = IntervalMethod::student_t);

/// Differences of paired values. Precondition: equal lengths.
[[nodiscard]] PairedComparison compare_paired(std::span<const double> base, std::span<const double> other,
                                              double level = kConfidence,
                                              IntervalMethod method = IntervalMethod::student_t);

} // namespace terastal
