#pragma once

#include <algorithm> // max, min, sort
#include <cstddef>
#include <cstdint>
#include <numeric> // gcd
#include <optional>
#include <vector>

#include "terastal/core/int128.hpp"
#include "terastal/core/time.hpp"
#include "terastal/offline/analysis/ratio_sum.hpp"
#include "terastal/offline/analysis/sequential_task.hpp"

namespace terastal {

// Tests of earliest deadline first on one accelerator. Time is whole picoseconds, and so are the tests.

/// Work of jobs that have both release and deadline in a window of length `window`, at most: the demand bound function
/// Σ (⌊(t + J − D) / T⌋ + 1) · C over tasks with D ≤ t. Baruah, Rosier, Howell 1990. `Duration::max()` when larger.
[[nodiscard]] Duration demand_bound(const std::vector<SequentialTask>& tasks, Duration window);

/// How long a part of a job whose deadline lies beyond the window may be in the way at its start: the longest one of
/// tasks with D > t + 1 ps, less 1 ps. Zero when jobs are preempted anywhere.
[[nodiscard]] Duration edf_blocking(const std::vector<SequentialTask>& tasks, Duration window);

/// A window length beyond which demand cannot exceed supply: the least of Σ (T − D + J) U / (1 − U) or the longest
/// deadline, the longest busy period, and the common multiple of the periods plus the longest deadline. Nothing when
/// the utilisation exceeds 1, or when it is so near to 1 that none of these was found.
[[nodiscard]] std::optional<Duration> demand_horizon(const std::vector<SequentialTask>& tasks);

/// What a test of EDF found.
struct EdfVerdict {
  TestVerdict verdict = TestVerdict::gave_up;
  Duration window{0};   ///< refused: a window with too much demand; 0 when the utilisation exceeds 1
  Duration demand{0};   ///< in it
  Duration blocking{0}; ///< before it
};

/// Whether demand_bound(t) + edf_blocking(t) ≤ t for every t, and U ≤ 1.
///
/// * Preempted anywhere: exact, for releases at least a period apart and for synchronous periodic ones.
/// * Jobs in one part, deadline = period, no jitter: the conditions of Jeffay, Stanat and Martel 1991, exact for
///   releases at least a period apart and for periodic ones whose offsets are not known.
/// * Else (layers): sufficient.
///
/// Windows are searched from long to short as in Zhang and Burns 2009, one range of constant blocking after the other.
[[nodiscard]] EdfVerdict edf_test(const std::vector<SequentialTask>& tasks);

namespace detail {

inline constexpr int kMostEdfSteps = 4'000'000;

inline int128 wide_demand(const std::vector<SequentialTask>& tasks, int128 window) {
  int128 sum = 0;
  for (const SequentialTask& task : tasks) {
    const int128 after = window - task.deadline.count();
    if (after >= 0) sum += ((after + task.jitter.count()) / task.period.count() + 1) * task.wcet.count();
  }
  return sum;
}

/// Where demand grows: the latest such window below `limit`; −1 when there is none.
inline int128 last_deadline_before(const std::vector<SequentialTask>& tasks, int128 limit) {
  int128 last = -1;
  for (const SequentialTask& task : tasks) {
    const int128 first = task.deadline.count();
    if (first >= limit) continue;
    // Deadlines of the pattern lie at D and at D − J + k · T beyond it.
    const int128 start = first - task.jitter.count();
    const int128 nominal = start + (limit - 1 - start) / task.period.count() * task.period.count();
    last = std::max({last, first, nominal});
  }
  return last;
}

inline Duration clamped(int128 count) {
  return count > Duration::max().count() ? Duration::max() : Duration{static_cast<Duration::rep>(count)};
}

/// Fixed point of w = Σ ⌈(w + J) / T⌉ · C; nothing when it takes too long.
inline std::optional<int128> synchronous_busy_period(const std::vector<SequentialTask>& tasks) {
  constexpr int kMostRounds = 100'000;
  int128 length = 0;
  for (const SequentialTask& task : tasks) length += task.wcet.count();
  for (int round = 0; round < kMostRounds && length <= Duration::max().count(); ++round) {
    int128 next = 0;
    for (const SequentialTask& task : tasks) {
      next += (length + task.jitter.count() + task.period.count() - 1) / task.period.count() * task.wcet.count();
    }
    if (next == length) return length;
    length = next;
  }
  return std::nullopt;
}

/// Σ (T − D + J) U / (1 − U), rounded up generously; nothing when U is too near to 1 for that.
inline std::optional<int128> linear_horizon(const std::vector<SequentialTask>& tasks) {
  constexpr double kNearOne = 1e-9;
  double used = 0.0;
  double sum = 0.0;
  for (const SequentialTask& task : tasks) {
    const double u = utilisation({task});
    const auto slack = static_cast<double>((task.period - task.deadline).count() + task.jitter.count());
    used += u;
    sum += std::max(0.0, slack) * u;
  }
  if (used > 1.0 - kNearOne) return std::nullopt;
  constexpr double kRoundedUp = 1.0 + 1e-5; // 1 − U ≥ 10⁻⁹ is known to 10⁻⁶
  const double length = sum / (1.0 - used) * kRoundedUp + 1.0;
  if (length > 9.2e18) return std::nullopt;
  return static_cast<int128>(length);
}

/// Least common multiple of the periods; nothing beyond the range of the clock.
inline std::optional<int128> common_period(const std::vector<SequentialTask>& tasks) {
  int128 result = 1;
  for (const SequentialTask& task : tasks) {
    result = result / std::gcd(static_cast<Duration::rep>(result), task.period.count()) * task.period.count();
    if (result > Duration::max().count()) return std::nullopt;
  }
  return result;
}

/// Searches the windows in [low, high) for one with demand + blocking > length. Nothing: too many steps.
inline std::optional<EdfVerdict> search_windows(const std::vector<SequentialTask>& tasks, int128 low, int128 high,
                                                Duration blocking, int& steps) {
  EdfVerdict result;
  result.verdict = TestVerdict::accepted;
  int128 window = last_deadline_before(tasks, high);
  while (window >= low) {
    if (++steps > kMostEdfSteps) return std::nullopt;
    const int128 demand = wide_demand(tasks, window);
    const int128 needed = demand + blocking.count();
    if (needed > window) {
      result.verdict = TestVerdict::refused;
      result.window = clamped(window);
      result.demand = clamped(demand);
      result.blocking = blocking;
      return result;
    }
    window = needed < window ? needed : last_deadline_before(tasks, window);
  }
  return result;
}

/// Window lengths at which the blocking changes, ascending, between the shortest deadline and the horizon.
inline std::vector<int128> blocking_steps(const std::vector<SequentialTask>& tasks, int128 horizon) {
  std::vector<int128> steps{0};
  for (const SequentialTask& task : tasks) {
    const int128 end = static_cast<int128>(task.deadline.count()) - 1; // no longer blocks windows of this length
    if (end > 0 && end <= horizon && blocking_by(task) > Duration::zero()) steps.push_back(end);
  }
  steps.push_back(horizon + 1);
  std::sort(steps.begin(), steps.end());
  return steps;
}

} // namespace detail

inline Duration demand_bound(const std::vector<SequentialTask>& tasks, Duration window) {
  return detail::clamped(detail::wide_demand(tasks, window.count()));
}

inline Duration edf_blocking(const std::vector<SequentialTask>& tasks, Duration window) {
  Duration longest{0};
  for (const SequentialTask& task : tasks) {
    if (task.deadline - Duration{1} > window) longest = std::max(longest, blocking_by(task));
  }
  return longest;
}

inline std::optional<Duration> demand_horizon(const std::vector<SequentialTask>& tasks) {
  if (compare_utilisation_with_one(tasks) > 0) return std::nullopt;
  Duration longest_deadline{0};
  for (const SequentialTask& task : tasks) longest_deadline = std::max(longest_deadline, task.deadline);
  const int128 deadline = longest_deadline.count();
  std::optional<int128> horizon;
  const auto consider = [&](const std::optional<int128>& length, int128 at_least) {
    if (!length) return;
    const int128 enough = std::max(*length, at_least);
    horizon = horizon ? std::min(*horizon, enough) : enough;
  };
  const bool preemptive = std::all_of(tasks.begin(), tasks.end(),
                                      [](const SequentialTask& task) { return blocking_by(task) == Duration::zero(); });
  consider(detail::linear_horizon(tasks), deadline);
  // A busy period that a blocking part precedes may be longer; beyond the longest deadline nothing blocks.
  consider(detail::synchronous_busy_period(tasks), preemptive ? 0 : deadline);
  // Beyond the longest deadline demand grows by at most the common period in every common period.
  if (const auto common = detail::common_period(tasks)) consider(*common + deadline, 0);
  if (!horizon) return std::nullopt;
  return detail::clamped(*horizon);
}

inline EdfVerdict edf_test(const std::vector<SequentialTask>& tasks) {
  EdfVerdict result;
  if (compare_utilisation_with_one(tasks) > 0) {
    result.verdict = TestVerdict::refused;
    return result;
  }
  const auto horizon = demand_horizon(tasks);
  if (!horizon) return result;
  const std::vector<int128> steps = detail::blocking_steps(tasks, horizon->count());
  int taken = 0;
  result.verdict = TestVerdict::accepted;
  for (std::size_t s = steps.size() - 1; s-- > 0 && result.verdict == TestVerdict::accepted;) {
    const Duration blocking = edf_blocking(tasks, detail::clamped(steps[s]));
    const auto found = detail::search_windows(tasks, steps[s], steps[s + 1], blocking, taken);
    if (!found) return {};
    result = *found;
  }
  return result;
}

} // namespace terastal
