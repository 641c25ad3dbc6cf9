#pragma once

#include <cstddef>
#include <vector>

#include "terastal/gate/baseline.hpp"
#include "terastal/gate/check.hpp"
#include "terastal/gate/rules.hpp"

namespace terastal {

/// Values of both sides, of the replications that have them on both.
struct Pairs {
  std::vector<double> baseline;
  std::vector<double> now;
  bool same_gaps = true; ///< no replication has a value on one side only

  /// Equal event streams give equal values, up to the last digits of another compiler's mathematical functions.
  [[nodiscard]] bool almost_equal() const;
};

/// The values of the first replications, which both series have.
[[nodiscard]] Pairs pairs_of(const MetricSeries& baseline, const MetricSeries& now, std::size_t replications);

/// How pairs are judged.
struct PairRule {
  const MetricRule* rule = nullptr;
  double confidence = kConfidence;
  bool exact = false; ///< nothing is random: all replications of a side are the same run
};

/// Sets difference, limit and verdict of a judgement whose means are set, and what goes with `inconclusive`.
/// Precondition: there is a pair.
void judge_pairs(MetricCheck& judgement, const Pairs& pairs, const PairRule& how);

} // namespace terastal
