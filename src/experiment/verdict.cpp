#include "terastal/experiment/verdict.hpp"

namespace terastal {
namespace {

bool identical(const PairedComparison& c) { return c.identical && c.difference.n > 0; }

Verdict by_sign(const PairedComparison& c, bool higher_is_better) {
  return (c.difference.mean > 0.0) == higher_is_better ? Verdict::better : Verdict::worse;
}

} // namespace

Verdict judge(const PairedComparison& comparison, bool higher_is_better) {
  if (identical(comparison)) return Verdict::identical;
  return comparison.significant() ? by_sign(comparison, higher_is_better) : Verdict::inconclusive;
}

Verdict judge(const PairedComparison& comparison, bool higher_is_better, double p_value, double alpha) {
  if (identical(comparison)) return Verdict::identical;
  const bool tells = comparison.tells() && comparison.difference.mean != 0.0 && p_value <= alpha;
  return tells ? by_sign(comparison, higher_is_better) : Verdict::inconclusive;
}

GateVerdict judge_gate(const PairedComparison& comparison, bool higher_is_better, double margin) {
  if (identical(comparison)) return GateVerdict::identical;
  const MeanEstimate& d = comparison.difference;
  if (!comparison.tells()) return GateVerdict::inconclusive;
  const double least_loss = higher_is_better ? -d.high() : d.low();
  const double most_loss = higher_is_better ? -d.low() : d.high();
  if (most_loss <= margin) return GateVerdict::passes;
  return least_loss > margin ? GateVerdict::regresses : GateVerdict::inconclusive;
}

} // namespace terastal
