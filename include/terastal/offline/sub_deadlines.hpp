#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "terastal/core/int128.hpp"
#include "terastal/core/time.hpp"

namespace terastal {

/// How the deadline of a chain of stages is passed on to its stages (Kao and Garcia-Molina).
enum class SubDeadlineRule : std::uint8_t {
  ultimate,          ///< UD: the deadline of the whole
  effective,         ///< ED: the deadline less what later stages take
  equal_slack,       ///< EQS: the slack left is shared equally by the stages left
  equal_flexibility, ///< EQF: the slack left is shared in proportion to the stages' times
  proportional,      ///< PD: release + time allowed · share of the work up to the stage; EQF without feedback
};

/// What EQS and EQF do when the slack left is negative; their formulas then give a stage less than its time.
enum class NegativeSlack : std::uint8_t {
  share,     ///< the formula as it is: the stages share what is missing
  effective, ///< the effective deadline: the stage has to make up for all of it
  none,      ///< no slack: eligible time + time of the stage
};

/// A chain whose deadline is to be split.
struct StagedChain {
  Time release{};
  Time deadline{};
  std::vector<Duration> stages; ///< predicted time of each, above 0
};

/// Deadline of stage `k` that may start at `eligible`: the dynamic form, which takes up what earlier stages left or
/// overran. Rounded down to 1 ps; that of the last stage is the deadline. UD, ED and PD do not depend on `eligible`.
/// O(stages).
[[nodiscard]] Time sub_deadline(SubDeadlineRule rule, const StagedChain& chain, std::size_t k, Time eligible,
                                NegativeSlack negative = NegativeSlack::share);

/// Deadlines of all stages in advance: the static form, each stage eligible at the deadline of the one before it.
/// O(stages²).
[[nodiscard]] std::vector<Time> sub_deadlines(SubDeadlineRule rule, const StagedChain& chain,
                                              NegativeSlack negative = NegativeSlack::share);

// -- implementation

namespace detail {

/// value · part / whole, rounded down. Precondition: whole > 0.
inline Duration share_of(Duration value, std::int64_t part, std::int64_t whole) {
  const int128 product = static_cast<int128>(value.count()) * part;
  int128 quotient = product / whole;
  if (product < 0 && quotient * whole != product) --quotient;
  return Duration{static_cast<Duration::rep>(quotient)};
}

inline Duration total(std::span<const Duration> stages) {
  Duration sum{0};
  for (const Duration d : stages) sum = checked_add(sum, d);
  return sum;
}

} // namespace detail

inline Time sub_deadline(SubDeadlineRule rule, const StagedChain& chain, std::size_t k, Time eligible,
                         NegativeSlack negative) {
  const std::span<const Duration> stages = chain.stages;
  const Duration left = detail::total(stages.subspan(k));
  const Time effective = chain.deadline - (left - stages[k]);
  const Duration slack = chain.deadline - eligible - left;
  const bool shares_slack = rule == SubDeadlineRule::equal_slack || rule == SubDeadlineRule::equal_flexibility;
  if (shares_slack && slack < Duration::zero() && negative != NegativeSlack::share) {
    return negative == NegativeSlack::effective ? effective : checked_add(eligible, stages[k]);
  }
  switch (rule) {
  case SubDeadlineRule::ultimate:
    break;
  case SubDeadlineRule::effective:
    return effective;
  case SubDeadlineRule::equal_slack:
    return eligible + stages[k] + detail::share_of(slack, 1, static_cast<std::int64_t>(stages.size() - k));
  case SubDeadlineRule::equal_flexibility:
    return eligible + stages[k] + detail::share_of(slack, stages[k].count(), left.count());
  case SubDeadlineRule::proportional: {
    const Duration all = detail::total(stages);
    const Duration done = all - (left - stages[k]);
    return chain.release + detail::share_of(chain.deadline - chain.release, done.count(), all.count());
  }
  }
  return chain.deadline;
}

inline std::vector<Time> sub_deadlines(SubDeadlineRule rule, const StagedChain& chain, NegativeSlack negative) {
  std::vector<Time> result;
  Time eligible = chain.release;
  for (std::size_t k = 0; k < chain.stages.size(); ++k) {
    eligible = sub_deadline(rule, chain, k, eligible, negative);
    result.push_back(eligible);
  }
  return result;
}

} // namespace terastal
