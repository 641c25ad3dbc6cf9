#pragma once

#include <algorithm> // clamp, max
#include <cmath>
#include <cstdint>

#include "terastal/core/time.hpp"

namespace terastal {

/// Whose score weighs what the other accelerators use.
enum class MocaScores : std::uint8_t {
  own,      ///< each accelerator its own: the intended form
  artifact, ///< all that of the layer that starts, which then cancels: what the authors' artifact computes
};

/// Parameters of MoCA's grants, in percent of the memory's bandwidth.
struct MocaGrantOptions {
  double capacity = 150.0; ///< nothing is throttled while the sum of needs and uses stays below
  double floor = 25.0;     ///< smallest grant
  MocaScores scores = MocaScores::own;
};

/// MoCA's priority of a job, 0 to 11: its weight, rounded (our reading).
[[nodiscard]] inline int moca_priority(double weight) {
  constexpr double kHighest = 11.0;
  return static_cast<int>(std::clamp(std::round(weight), 0.0, kHighest));
}

/// MoCA's score of a layer that starts: (1 + priority) / 4 in whole numbers, and 10 · remaining time / slack, rounded.
/// The slack is at least 10 ns (10 cycles at 1 GHz).
[[nodiscard]] inline double moca_dynamic_score(int priority, Duration to_go, Duration slack) {
  constexpr Duration kLeastSlack = std::chrono::nanoseconds{10};
  const double ratio = to_seconds(to_go) / to_seconds(std::max(slack, kLeastSlack));
  return (1 + priority) / 4 + std::round(10.0 * ratio);
}

/// What the layers that run use of the memory, as MoCA adds it up.
struct MocaUse {
  double used = 0.0;   ///< Σ use, in percent of the bandwidth
  double scored = 0.0; ///< Σ score · use

  void add(double use, double score) {
    used += use;
    scored += score * use;
  }
};

/// MoCA's grant to a layer that needs `need` percent of the bandwidth while others use theirs: its need when nothing is
/// to be throttled, otherwise need − excess · S / (score · need + S), at least the floor and at most the need.
///
/// Source: the authors' artifact of MoCA (Kim et al., HPCA 2023).
[[nodiscard]] inline double moca_grant(double need, double score, const MocaUse& others, const MocaGrantOptions& o) {
  const double excess = need + others.used - o.capacity;
  if (excess <= 0.0) return need;
  const double theirs = o.scores == MocaScores::own ? others.scored : score * others.used;
  const double all = score * need + theirs;
  // Scores of 0 throughout: nobody weighs anything, so all give alike.
  const double share = all > 0.0 ? theirs / all : others.used / (need + others.used);
  return std::min(need, std::max(o.floor, need - excess * share));
}

} // namespace terastal
