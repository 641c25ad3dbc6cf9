#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace terastal {

/// The confidence level of every interval that is reported.
inline constexpr double kConfidence = 0.95;

/// Mean of independent replications with its confidence interval (Student's t, n − 1 degrees of freedom).
///
/// A replication is the unit: misses within one run depend on each other, so an interval over jobs would be too narrow.
struct MeanEstimate {
  std::size_t n = 0;
  double mean = 0.0;                ///< 0 when n is 0
  std::optional<double> half_width; ///< of the interval mean ± half_width; nothing for n < 2

  [[nodiscard]] double low() const { return mean - half_width.value_or(0.0); }
  [[nodiscard]] double high() const { return mean + half_width.value_or(0.0); }
};

/// One policy against another that met the same arrivals, replication by replication.
struct PairedComparison {
  bool identical = false;  ///< every difference is exactly zero
  MeanEstimate difference; ///< other − base, paired t-interval; in the unit of the values
  /// mean(other) / mean(base) − 1, e.g. −0.4 for 40 % less, with the t-interval of a ratio of paired means (delta
  /// method). Nothing when mean(base) is 0.
  std::optional<MeanEstimate> relative;

  /// Whether the interval of the difference leaves zero out; false without an interval.
  [[nodiscard]] bool significant() const {
    return difference.half_width && (difference.low() > 0.0 || difference.high() < 0.0);
  }
};

/// The factor t of a two-sided interval: P(|T| ≤ t) = level for Student's t.
/// Precondition: degrees ≥ 1, 0 < level < 1.
[[nodiscard]] double student_t(std::size_t degrees, double level = kConfidence);

/// Mean and interval of independent values.
[[nodiscard]] MeanEstimate estimate_mean(std::span<const double> values, double level = kConfidence);

/// Differences of paired values. Precondition: equal lengths.
[[nodiscard]] PairedComparison compare_paired(std::span<const double> base, std::span<const double> other,
                                              double level = kConfidence);

} // namespace terastal
