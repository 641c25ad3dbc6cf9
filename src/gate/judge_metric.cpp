#include "gate/judge_metric.hpp"

#include <algorithm> // max
#include <cmath>     // abs, ldexp, sqrt

#include "terastal/experiment/verdict.hpp"

namespace terastal {
namespace {

CheckVerdict verdict_of(GateVerdict verdict) {
  switch (verdict) {
  case GateVerdict::identical:
    return CheckVerdict::identical;
  case GateVerdict::passes:
    return CheckVerdict::passes;
  case GateVerdict::regresses:
    return CheckVerdict::regresses;
  case GateVerdict::inconclusive:
    break;
  }
  return CheckVerdict::inconclusive;
}

CheckVerdict judge_tolerance(const PairedComparison& comparison, bool higher_is_better, double limit) {
  const double difference = comparison.difference.mean;
  if (std::abs(difference) <= limit) return CheckVerdict::passes;
  return (difference > 0.0) == higher_is_better ? CheckVerdict::changed : CheckVerdict::regresses;
}

CheckVerdict judge_noninferior(const PairedComparison& comparison, bool higher_is_better, double limit) {
  const CheckVerdict verdict = verdict_of(judge_gate(comparison, higher_is_better, limit));
  if (verdict != CheckVerdict::passes) return verdict;
  // Seen from the other side, worse by more than the limit is better by more than it.
  const bool improves = judge_gate(comparison, !higher_is_better, limit) == GateVerdict::regresses;
  return improves ? CheckVerdict::improves : verdict;
}

CheckVerdict judge_by(const MetricRule& rule, const PairedComparison& comparison, double limit) {
  if (comparison.identical) return CheckVerdict::identical;
  switch (rule.judge) {
  case Judge::exact:
    return CheckVerdict::changed;
  case Judge::tolerance:
    return judge_tolerance(comparison, rule.metric->higher_is_better, limit);
  case Judge::noninferior:
    break;
  }
  return judge_noninferior(comparison, rule.metric->higher_is_better, limit);
}

/// How many equal differences are enough to be told by (PairedComparison::tells).
std::size_t enough_equal_ones(double level) {
  int n = 2;
  while (std::ldexp(1.0, 1 - n) > 1.0 - level) ++n;
  return static_cast<std::size_t>(n);
}

/// How many replications may decide what is open.
std::size_t needed_for(const PairedComparison& comparison, bool higher_is_better, double limit) {
  const MeanEstimate& d = comparison.difference;
  if (!d.half_width) return 2;
  if (!comparison.tells()) return enough_equal_ones(comparison.level);
  const double deviation = d.standard_error * std::sqrt(static_cast<double>(d.n));
  const double worse = higher_is_better ? -d.mean : d.mean;
  return replications_for(deviation, std::abs(limit - worse), comparison.level);
}

} // namespace

bool Pairs::almost_equal() const {
  constexpr double tolerance = 1e-12;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (std::abs(now[i] - baseline[i]) > tolerance * std::abs(baseline[i])) return false;
  }
  return true;
}

Pairs pairs_of(const MetricSeries& baseline, const MetricSeries& now, std::size_t replications) {
  Pairs pairs;
  for (std::size_t r = 0; r < replications; ++r) {
    const auto& b = baseline.values[r];
    const auto& n = now.values[r];
    if (b.has_value() != n.has_value()) pairs.same_gaps = false;
    if (!b || !n) continue;
    pairs.baseline.push_back(*b);
    pairs.now.push_back(*n);
  }
  return pairs;
}

void judge_pairs(MetricCheck& judgement, const Pairs& pairs, const PairRule& how) {
  PairedComparison comparison = compare_paired(pairs.baseline, pairs.now, how.confidence);
  comparison.exact = how.exact;
  judgement.difference = comparison.difference;
  judgement.limit = how.rule->judge == Judge::exact ? 0.0 : how.rule->limits.beside(*judgement.baseline);
  judgement.verdict = judge_by(*how.rule, comparison, judgement.limit);
  if (judgement.verdict != CheckVerdict::inconclusive) return;
  judgement.needed = needed_for(comparison, how.rule->metric->higher_is_better, judgement.limit);
  if (comparison.difference.half_width && !comparison.tells()) {
    judgement.note = "so few equal differences say nothing about their spread";
  }
}

std::size_t replications_for(double deviation, double distance, double level) {
  constexpr std::size_t most = 1'000'000;
  const auto enough = [&](std::size_t n) {
    return student_t(n - 1, level) * deviation / std::sqrt(static_cast<double>(n)) <= distance;
  };
  if (!enough(most)) return 0;
  std::size_t low = 1; // not enough: one replication has no interval
  std::size_t high = most;
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return high;
}

} // namespace terastal
