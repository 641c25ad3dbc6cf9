#pragma once

#include <optional>
#include <span>
#include <vector>

#include "terastal/experiment/statistics.hpp"

namespace terastal {

/// Two-sided p-value of the paired t-test that the mean difference is zero: how often replications alone would show a
/// difference at least this large. 1 when all differences are zero. When they are all equal and not zero there is no
/// spread to compare them with: 0 when nothing is random (`exact`), else 2^(1 − n), that of the exact test of signs.
/// Nothing for fewer than two replications. The interval of `difference` leaves zero out exactly
/// when the p-value is below 1 − its level (t-intervals; a bootstrap interval may disagree near the edge).
[[nodiscard]] std::optional<double> paired_p_value(const PairedComparison& comparison);

/// Holm's step-down adjustment (Holm 1979, Scand. J. Statist. 6:65): rejecting what is ≤ α keeps the probability of any
/// false rejection among all at α or less, however the tests depend on each other. In the order of `p_values`; the k-th
/// smallest of m is multiplied by m − k + 1, made monotone and cut at 1. O(m log m).
[[nodiscard]] std::vector<double> holm_adjusted(std::span<const double> p_values);

} // namespace terastal
