#pragma once

#include <algorithm> // any_of, max
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "terastal/core/int128.hpp"
#include "terastal/core/time.hpp"
#include "terastal/offline/analysis/ratio_sum.hpp"
#include "terastal/offline/analysis/sequential_task.hpp"

namespace terastal {

// Response times under fixed priorities on one accelerator. Tasks stand in order of priority, the most urgent first.

/// The jobs of one task in the longest stretch in which it, or what is more urgent, keeps the accelerator busy.
struct BusyPeriod {
  Duration blocking{0};                 ///< by a part of a less urgent job at its start
  std::vector<Duration> responses = {}; ///< bound for each of the jobs; empty when there is none
  Duration length{0};                   ///< of the busy period; 0 when it has no end or was not found
};

/// Responses of all jobs of a task in its busy period, the blocking included.
///
///     w(q) = B + (q + 1) · C − last + Σ_h (⌊(w(q) + J(h)) / T(h)⌋ + 1) · C(h)
///     R(q) = w(q) + last − max(0, q · T − J),   q = 0 … ⌈(length + J) / T⌉ − 1
///
/// over the more urgent tasks h: w(q) is the latest start of the job's last part, after which nothing delays it. B is
/// the longest part of a less urgent task, less 1 ps. Jobs preempted anywhere: Lehoczky 1990. Jobs in one part: the
/// revised analysis of CAN (Davis et al. 2007). Chains of parts: Bril, Lukkien, Verhaegh 2009; Yao, Buttazzo, Bertogna
/// 2011. Exact for jobs preempted anywhere or never; else an upper bound.
///
/// Stops after `stop_beyond` is exceeded. Empty when the utilisation of the task and what is more urgent exceeds 1, or
/// is 1 and there is blocking or jitter, or after 10⁷ rounds.
[[nodiscard]] BusyPeriod busy_period_responses(const std::vector<SequentialTask>& tasks, std::size_t task,
                                               Duration stop_beyond = Duration::max());

/// The bound of one task.
struct ResponseBound {
  TestVerdict verdict = TestVerdict::gave_up;
  std::optional<Duration>
      response; ///< at least every response time; refused: one that exceeds the deadline, or nothing
  Duration blocking{0};
};

/// Bounds of all tasks. Accepted: the largest response of the task's busy period is within its deadline. Deadlines may
/// exceed periods. Exact, with the responses reached, for jobs preempted anywhere or never; else sufficient.
[[nodiscard]] std::vector<ResponseBound> response_bounds(const std::vector<SequentialTask>& tasks);

namespace detail {

inline Duration blocking_below(const std::vector<SequentialTask>& tasks, std::size_t task) {
  Duration longest{0};
  for (std::size_t k = task + 1; k < tasks.size(); ++k) longest = std::max(longest, blocking_by(tasks[k]));
  return longest;
}

/// Iterations of one task's busy period.
class BusyPeriodSearch {
 public:
  BusyPeriodSearch(const std::vector<SequentialTask>& tasks, std::size_t task)
      : tasks_(tasks), task_(task), blocking_(blocking_below(tasks, task)) {}

  [[nodiscard]] Duration blocking() const { return blocking_; }

  /// Utilisation of the task and what is more urgent against 1.
  [[nodiscard]] int compare_with_one() const {
    const auto end = tasks_.begin() + static_cast<std::ptrdiff_t>(task_ + 1);
    return compare_utilisation_with_one(std::vector<SequentialTask>(tasks_.begin(), end));
  }

  /// Whether the busy period ends at all.
  [[nodiscard]] bool ends() const {
    const auto end = tasks_.begin() + static_cast<std::ptrdiff_t>(task_ + 1);
    const bool jitter = std::any_of(tasks_.begin(), end, [](const auto& t) { return t.jitter > Duration::zero(); });
    const int compared = compare_with_one();
    return compared < 0 || (compared == 0 && blocking_ == Duration::zero() && !jitter);
  }

  /// Its length; nothing after too many rounds.
  std::optional<int128> length() {
    int128 length = blocking_.count() + tasks_[task_].wcet.count();
    while (go_on(length)) {
      int128 next = blocking_.count();
      for (std::size_t h = 0; h <= task_; ++h) {
        const int128 period = tasks_[h].period.count();
        next += (length + tasks_[h].jitter.count() + period - 1) / period * tasks_[h].wcet.count();
      }
      if (next == length) return length;
      length = next;
    }
    return std::nullopt;
  }

  /// Latest start of the last part of job `q`, from `start` on; nothing after too many rounds.
  std::optional<int128> last_start(int128 q, int128 start) {
    const SequentialTask& own = tasks_[task_];
    const int128 alone = blocking_.count() + (q + 1) * own.wcet.count() - own.last.count();
    int128 w = std::max(alone, start);
    while (go_on(w)) {
      int128 next = alone;
      for (std::size_t h = 0; h < task_; ++h) {
        next += ((w + tasks_[h].jitter.count()) / tasks_[h].period.count() + 1) * tasks_[h].wcet.count();
      }
      if (next == w) return w;
      w = next;
    }
    return std::nullopt;
  }

 private:
  static constexpr int kMostRounds = 10'000'000;

  bool go_on(int128 reached) { return ++rounds_ < kMostRounds && reached <= Duration::max().count(); }

  const std::vector<SequentialTask>& tasks_;
  std::size_t task_;
  Duration blocking_;
  int rounds_ = 0;
};

} // namespace detail

inline BusyPeriod busy_period_responses(const std::vector<SequentialTask>& tasks, std::size_t task,
                                        Duration stop_beyond) {
  detail::BusyPeriodSearch search(tasks, task);
  BusyPeriod result;
  result.blocking = search.blocking();
  if (!search.ends()) return result;
  const auto length = search.length();
  if (!length) return result;
  const SequentialTask& own = tasks[task];
  const int128 period = own.period.count();
  const int128 jobs = (*length + own.jitter.count() + period - 1) / period;
  int128 w = 0;
  for (int128 q = 0; q < jobs; ++q) {
    const auto start = search.last_start(q, w);
    if (!start) return {result.blocking, {}, Duration{0}};
    w = *start;
    const int128 release = std::max<int128>(0, q * period - own.jitter.count());
    result.responses.push_back(Duration{static_cast<Duration::rep>(w + own.last.count() - release)});
    if (result.responses.back() > stop_beyond) break;
  }
  result.length = Duration{static_cast<Duration::rep>(*length)};
  return result;
}

inline std::vector<ResponseBound> response_bounds(const std::vector<SequentialTask>& tasks) {
  std::vector<ResponseBound> result;
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    const BusyPeriod busy = busy_period_responses(tasks, t, tasks[t].deadline);
    ResponseBound bound;
    bound.blocking = busy.blocking;
    if (!busy.responses.empty()) {
      bound.response = *std::max_element(busy.responses.begin(), busy.responses.end());
      bound.verdict = *bound.response <= tasks[t].deadline ? TestVerdict::accepted : TestVerdict::refused;
    } else if (detail::BusyPeriodSearch(tasks, t).compare_with_one() > 0) {
      bound.verdict = TestVerdict::refused;
    }
    result.push_back(bound);
  }
  return result;
}

} // namespace terastal
