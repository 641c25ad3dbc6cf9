#pragma once

#include <algorithm> // lower_bound, max, sort
#include <cmath>     // llround
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric> // iota
#include <vector>

#include "terastal/core/time.hpp"

namespace terastal {

/// What one task of a graph hands to another.
struct HeftEdge {
  std::uint32_t from = 0; ///< smaller than `to`
  std::uint32_t to = 0;
  std::uint64_t bytes = 0;
};

/// A graph of tasks and the processors they may run on. Processors of one kind have equal costs.
struct HeftProblem {
  std::vector<std::uint32_t> kind_of; ///< per processor; at least one processor
  std::uint32_t kinds = 0;
  std::vector<Duration> cost; ///< `tasks × kinds`; kCannotRun where a kind cannot run the task, but not for all kinds
  std::vector<HeftEdge> edges;
  /// Time to move bytes between two different processors of these kinds; on one processor it is 0.
  std::function<Duration(std::uint32_t from, std::uint32_t to, std::uint64_t bytes)> transfer;

  [[nodiscard]] std::size_t tasks() const { return cost.size() / kinds; }
};

/// Where and when a task runs.
struct HeftPlace {
  std::uint32_t processor = 0;
  Time start{};
  Time finish{};
};

struct HeftSchedule {
  std::vector<double> rank_u;       ///< per task: upward rank in picoseconds
  std::vector<std::uint32_t> order; ///< tasks as they were placed
  std::vector<HeftPlace> places;    ///< per task
  Time makespan{};
};

/// Upward ranks: mean cost over the processors that can run the task + the largest over its successors of (mean
/// transfer over pairs of different processors + their rank). In picoseconds. O(edges · kinds²).
[[nodiscard]] std::vector<double> upward_ranks(const HeftProblem& problem);

/// HEFT (Topcuoglu, Hariri, Wu 2002): tasks in descending upward rank (ranks equal to 1 ps go by index), each on the
/// processor with the earliest finish, the lowest index on ties, in the first gap between tasks placed before that is
/// long enough. Transfers take time but no processor. O(tasks · processors · (predecessors + tasks per processor)).
[[nodiscard]] HeftSchedule heft(const HeftProblem& problem);

// -- implementation

namespace detail {

/// Mean over ordered pairs of different processors; 0 with a single one.
inline double mean_transfer(const HeftProblem& problem, const std::vector<double>& count, std::uint64_t bytes) {
  const auto processors = static_cast<double>(problem.kind_of.size());
  if (problem.kind_of.size() < 2) return 0.0;
  double sum = 0.0;
  for (std::uint32_t a = 0; a < problem.kinds; ++a) {
    for (std::uint32_t b = 0; b < problem.kinds; ++b) {
      const double pairs = count[a] * (count[b] - (a == b ? 1.0 : 0.0));
      if (pairs > 0.0) sum += pairs * static_cast<double>(problem.transfer(a, b, bytes).count());
    }
  }
  return sum / (processors * (processors - 1.0));
}

inline double mean_cost(const HeftProblem& problem, const std::vector<double>& count, std::size_t task) {
  double sum = 0.0;
  double runnable = 0.0;
  for (std::uint32_t k = 0; k < problem.kinds; ++k) {
    const Duration d = problem.cost[task * problem.kinds + k];
    if (d == kCannotRun) continue;
    sum += count[k] * static_cast<double>(d.count());
    runnable += count[k];
  }
  return sum / runnable;
}

/// Places tasks one after another.
class HeftPlacer {
 public:
  HeftPlacer(const HeftProblem& problem, HeftSchedule& schedule)
      : problem_(problem), schedule_(schedule), busy_(problem.kind_of.size()), inputs_(problem.tasks()) {
    for (std::size_t e = 0; e < problem.edges.size(); ++e) inputs_[problem.edges[e].to].push_back(e);
  }

  void place(std::uint32_t task) {
    HeftPlace best;
    best.finish = kNever;
    for (std::uint32_t p = 0; p < busy_.size(); ++p) {
      const Duration cost = problem_.cost[task * problem_.kinds + problem_.kind_of[p]];
      if (cost == kCannotRun) continue;
      const Time start = first_gap(busy_[p], inputs_arrive(task, p), cost);
      const Time finish = checked_add(start, cost);
      if (finish < best.finish) best = {p, start, finish};
    }
    insert(busy_[best.processor], best);
    schedule_.places[task] = best;
    schedule_.makespan = std::max(schedule_.makespan, best.finish);
  }

 private:
  using Busy = std::vector<HeftPlace>; ///< ascending in time

  [[nodiscard]] Time inputs_arrive(std::uint32_t task, std::uint32_t processor) const {
    Time latest{};
    for (const std::size_t e : inputs_[task]) {
      const HeftEdge& edge = problem_.edges[e];
      const HeftPlace& from = schedule_.places[edge.from];
      Duration transfer{0};
      if (from.processor != processor) {
        transfer = problem_.transfer(problem_.kind_of[from.processor], problem_.kind_of[processor], edge.bytes);
      }
      latest = std::max(latest, checked_add(from.finish, transfer));
    }
    return latest;
  }

  [[nodiscard]] static Time first_gap(const Busy& busy, Time from, Duration length) {
    Time start = from;
    for (const HeftPlace& b : busy) {
      if (checked_add(start, length) <= b.start) break;
      start = std::max(start, b.finish);
    }
    return start;
  }

  static void insert(Busy& busy, const HeftPlace& place) {
    const auto at = std::lower_bound(busy.begin(), busy.end(), place.start,
                                     [](const HeftPlace& b, Time start) { return b.start < start; });
    busy.insert(at, place);
  }

  const HeftProblem& problem_;
  HeftSchedule& schedule_;
  std::vector<Busy> busy_;                       ///< per processor
  std::vector<std::vector<std::size_t>> inputs_; ///< per task: its edges
};

} // namespace detail

inline std::vector<double> upward_ranks(const HeftProblem& problem) {
  std::vector<double> count(problem.kinds, 0.0);
  for (const std::uint32_t kind : problem.kind_of) count[kind] += 1.0;
  std::vector<std::vector<const HeftEdge*>> outputs(problem.tasks());
  for (const HeftEdge& edge : problem.edges) outputs[edge.from].push_back(&edge);
  std::vector<double> ranks(problem.tasks());
  for (std::size_t t = ranks.size(); t-- > 0;) {
    double after = 0.0;
    for (const HeftEdge* e : outputs[t]) {
      after = std::max(after, detail::mean_transfer(problem, count, e->bytes) + ranks[e->to]);
    }
    ranks[t] = detail::mean_cost(problem, count, t) + after;
  }
  return ranks;
}

inline HeftSchedule heft(const HeftProblem& problem) {
  HeftSchedule schedule;
  schedule.rank_u = upward_ranks(problem);
  schedule.places.resize(problem.tasks());
  // Means are rarely whole: rounded, ranks that are equal on paper compare equal.
  std::vector<std::int64_t> rounded;
  for (const double rank : schedule.rank_u) rounded.push_back(std::llround(rank));
  schedule.order.resize(problem.tasks());
  std::iota(schedule.order.begin(), schedule.order.end(), 0U);
  std::sort(schedule.order.begin(), schedule.order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return rounded[a] != rounded[b] ? rounded[a] > rounded[b] : a < b;
  });
  detail::HeftPlacer placer(problem, schedule);
  for (const std::uint32_t task : schedule.order) placer.place(task);
  return schedule;
}

} // namespace terastal
