#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "terastal/experiment/statistics.hpp"
#include "terastal/reproduce/samples.hpp"

namespace terastal {

/// Which way a claim goes when it gives no number.
enum class Direction : std::uint8_t { less, more };

/// A published number, or direction, and the comparison here that stands for it.
struct Claim {
  std::string id;
  std::string says;              ///< the claim in words
  std::string reading;           ///< what of the comparison is our reading
  std::vector<std::string> from; ///< experiments
  std::string measure;           ///< id
  std::string policy;            ///< of which the claim speaks
  std::string against;           ///< change against it; empty: the claim is about the value itself
  SampleFilter where;
  Averaging over = Averaging::mean;
  std::string best_over;              ///< axis: the claim is about its best value ("up to"); empty: about the average
  std::optional<double> published;    ///< change in percent, or the value in the measure's shown unit
  std::optional<Direction> direction; ///< when no number is published
  bool one_run = false; ///< the published value is of one random run: our interval is that of a further run
  double within = 5.0;  ///< tolerance, in the unit of `published`
  std::string moves;    ///< what moves the figure
};

/// What ours says of a claim.
enum class ClaimVerdict : std::uint8_t { agrees, differs, inconclusive };

/// A claim's figure here.
struct ClaimFigure {
  /// In the unit of Claim::published; nothing when it is undefined. With Claim::one_run the interval is the one in
  /// which 95 % of single runs lie: mean ± t · s · √(1 + 1/n).
  std::optional<MeanEstimate> ours;
  std::optional<MeanEstimate> value; ///< of the claim's policy, in the measure's shown unit
  std::optional<MeanEstimate> base;  ///< of `against`
  ClaimVerdict verdict = ClaimVerdict::inconclusive;
  std::string reason; ///< of the verdict, a few words
  std::string best;   ///< value of Claim::best_over that this is the figure of
};

/// The figure of a claim. The replication is the seed: samples of a seed are averaged, then compared pair by pair. With
/// `best_over` it is that of the axis' value whose change goes farthest in the published direction; the interval does
/// not count that it was chosen. Precondition: the tables have the claim's axes and measure.
[[nodiscard]] ClaimFigure evaluate(const Claim& claim, const std::vector<const ExperimentTable*>& tables);

/// The rule of agreement, by the 95 % interval [low, high] of our figure; *inconclusive* without an interval.
///  * A published number: *differs* when it lies outside [low − within, high + within], or the interval on the other
///    side of 0 (of a change). *Agrees* when our mean is at most `within` from it (of a single run, `one_run`: when it
///    lies in that interval), the interval has its sign (of a change) and reaches at most half of the published number
///    (at least `within`) to a side. Else *inconclusive*: a wide interval agrees with nothing.
///  * A direction: *agrees* or *differs* when the interval leaves 0 out, else *inconclusive*.
void judge(const Claim& claim, ClaimFigure& figure);

/// `agrees`, `differs`, `inconclusive`.
[[nodiscard]] const char* to_string(ClaimVerdict verdict);

} // namespace terastal
