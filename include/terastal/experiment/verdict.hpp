#pragma once

#include "terastal/experiment/statistics.hpp"

namespace terastal {

/// What a paired comparison says about two policies, in one word.
enum class Verdict {
  identical,    ///< every difference is exactly zero: no statistics needed
  better,       ///< a difference to the good, at the level asked for
  worse,        ///< a difference to the bad, at the level asked for
  inconclusive, ///< neither: the replications do not tell. It does not mean "equal"
};

/// What a paired comparison says about a change that may cost up to a margin (non-inferiority).
enum class GateVerdict {
  identical,    ///< every difference is exactly zero
  passes,       ///< the whole interval is at most `margin` to the bad
  regresses,    ///< the whole interval is more than `margin` to the bad
  inconclusive, ///< the interval holds the margin: more replications are needed
};

/// `identical`, `better`, `worse`, `inconclusive`.
[[nodiscard]] constexpr const char* to_string(Verdict verdict) {
  switch (verdict) {
  case Verdict::identical:
    return "identical";
  case Verdict::better:
    return "better";
  case Verdict::worse:
    return "worse";
  case Verdict::inconclusive:
    break;
  }
  return "inconclusive";
}

/// `identical`, `passes`, `regresses`, `inconclusive`.
[[nodiscard]] constexpr const char* to_string(GateVerdict verdict) {
  switch (verdict) {
  case GateVerdict::identical:
    return "identical";
  case GateVerdict::passes:
    return "passes";
  case GateVerdict::regresses:
    return "regresses";
  case GateVerdict::inconclusive:
    break;
  }
  return "inconclusive";
}

/// By the interval of the difference: better or worse when it tells (statistics.hpp) and leaves zero out. Fewer than
/// two replications are inconclusive unless they are identical; none at all are inconclusive.
[[nodiscard]] Verdict judge(const PairedComparison& comparison, bool higher_is_better);

/// By a p-value, e.g. one adjusted for many comparisons (holm.hpp): better or worse when p ≤ alpha. The sign is that of
/// the mean difference. Fewer than two replications as above.
[[nodiscard]] Verdict judge(const PairedComparison& comparison, bool higher_is_better, double p_value,
                            double alpha = 1.0 - kConfidence);

/// Whether a change costs at most `margin` (≥ 0, in the unit of the values), by the interval of the difference. A
/// margin of 0 lets only improvements and identical results pass: mere chance then fails or is inconclusive. Fewer than
/// two replications are inconclusive unless they are identical; none at all are inconclusive.
[[nodiscard]] GateVerdict judge_gate(const PairedComparison& comparison, bool higher_is_better, double margin);

} // namespace terastal
