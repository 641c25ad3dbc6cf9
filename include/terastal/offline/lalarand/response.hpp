#pragma once

#include <algorithm> // max, min
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/offline/lalarand/problem.hpp"

namespace terastal {

/// What one task asks of one resource.
struct ResourceLoad {
  Duration::rep sum = 0;     ///< time of its layers there, with the costs of getting there; ps
  Duration::rep longest = 0; ///< the longest of them
  std::int64_t stays = 0;    ///< how often it may be blocked there: runs of consecutive layers; in a DAG its layers

  friend bool operator==(const ResourceLoad& a, const ResourceLoad& b) {
    return a.sum == b.sum && a.longest == b.longest && a.stays == b.stays;
  }
};

/// How far a system is from being schedulable; smaller is better.
struct ShortFall {
  std::uint32_t unbounded = 0; ///< tasks whose bound exceeds min(deadline, period)
  std::int64_t excess = 0;     ///< sum over them of what they lack at the deadline, relative to it, in millionths

  [[nodiscard]] bool none() const { return unbounded == 0; }
  friend bool operator<(const ShortFall& a, const ShortFall& b) {
    return a.unbounded != b.unbounded ? a.unbounded < b.unbounded : a.excess < b.excess;
  }
};

/// Loads of one task under an allocation, one per accelerator type: table times, transfers from predecessors on other
/// types, and the model switch of the type before every layer, as it may come. \throws SimulationError on overflow.
void task_loads(const AllocationProblem& problem, TaskIndex task, const NetworkAllocation& allocation,
                std::vector<ResourceLoad>& out);

/// Response-time bounds of all tasks under fixed priorities, kept so that one task's loads can be replaced and the
/// result evaluated again quickly.
///
/// Those of `layer_response_times`, which depend on a task only through its loads on each resource, with one
/// refinement: between two tasks that use one and the same resource only, no work arrives late, so the textbook's
/// ⌈R / T⌉ counts the more urgent one's jobs. (Such a task never waits elsewhere; its busy period on the resource may
/// begin before its release, as in the textbook.) With more than one server for a resource the interference is divided
/// by their number, which guides a search and bounds nothing.
class ResponseBounds {
 public:
  ResponseBounds(const AllocationProblem& problem, const Allocation& allocation);

  /// Replaces the loads of the task at a rank; evaluated by the next `evaluate`.
  void replace(std::size_t rank, const std::vector<ResourceLoad>& loads);
  [[nodiscard]] const ResourceLoad& load(std::size_t rank, std::size_t type) const {
    return loads_[rank * types_ + type];
  }

  /// Bounds with the current loads; gives up, with a larger shortfall, as soon as it is not below `stop_at`.
  /// O(tasks² · types · rounds).
  ShortFall evaluate(const ShortFall& stop_at = kWorst);
  /// By rank, after an `evaluate` that did not give up: the bound, or of a task that is not bounded the time that it
  /// would need of an interval as long as min(deadline, period). That is finite where bounds are not, so a search sees
  /// whether a move helps.
  [[nodiscard]] const std::vector<Duration::rep>& responses() const { return response_; }
  /// Whether the task at a rank was bounded by min(deadline, period).
  [[nodiscard]] bool bounded(std::size_t rank) const { return response_[rank] <= target_[rank]; }
  [[nodiscard]] std::size_t tasks() const { return period_.size(); }
  [[nodiscard]] std::size_t types() const { return types_; }
  /// Longest layer on a type of tasks with a larger rank.
  [[nodiscard]] Duration::rep longest_below(std::size_t rank, std::size_t type) const {
    return below_[rank * types_ + type];
  }

  static constexpr ShortFall kWorst{std::numeric_limits<std::uint32_t>::max(),
                                    std::numeric_limits<std::int64_t>::max()};

 private:
  void find_longest_below();
  void find_only();
  [[nodiscard]] Duration::rep alone(std::size_t rank) const;
  [[nodiscard]] Duration::rep interference(std::size_t rank, Duration::rep window, Duration::rep limit) const;
  [[nodiscard]] Duration::rep response_of(std::size_t rank) const;

  /// Where sums end, so that they cannot overflow.
  static constexpr Duration::rep kLimit = Duration::rep{1} << 60;

  std::size_t types_;
  std::vector<std::int64_t> servers_;
  std::vector<ResourceLoad> loads_;     ///< by rank and type
  std::vector<Duration::rep> period_;   ///< by rank
  std::vector<Duration::rep> target_;   ///< min(deadline, period)
  std::vector<Duration::rep> below_;    ///< by rank and type
  std::vector<std::size_t> only_;       ///< by rank: the only type it uses; the number of types if there are several
  std::vector<Duration::rep> response_; ///< by rank
};

// -- implementation

namespace detail {

/// Time of a layer at its place, with the costs of getting there.
inline Duration placed_time(const AllocationProblem& problem, const Network& network,
                            const NetworkAllocation& allocation, LayerIndex layer) {
  const LayerPlace& place = allocation[layer];
  Duration time =
      checked_add(network.latency_of(place.option, place.type), problem.platform->types[place.type].model_switch);
  for (const LayerIndex p : network.layers[layer].predecessors) {
    if (allocation[p].type == place.type) continue;
    const Transfer transfer = problem.platform->transfer(allocation[p].type, place.type);
    time = checked_add(time, transfer.time(network.layers[p].output_bytes));
  }
  return time;
}

} // namespace detail

inline void task_loads(const AllocationProblem& problem, TaskIndex task, const NetworkAllocation& allocation,
                       std::vector<ResourceLoad>& out) {
  const Network& network = *problem.tasks[task].network;
  out.assign(problem.platform->types.size(), {});
  for (LayerIndex l = 0; l < allocation.size(); ++l) {
    ResourceLoad& load = out[allocation[l].type];
    const Duration time = detail::placed_time(problem, network, allocation, l);
    load.sum = checked_add(Duration{load.sum}, time).count();
    load.longest = std::max(load.longest, time.count());
    const bool goes_on = network.chain && l > 0 && allocation[l - 1].type == allocation[l].type;
    load.stays += goes_on ? 0 : 1;
  }
}

inline ResponseBounds::ResponseBounds(const AllocationProblem& problem, const Allocation& allocation)
    : types_(problem.platform->types.size()), servers_(problem.servers.begin(), problem.servers.end()) {
  std::vector<ResourceLoad> loads;
  for (const TaskIndex t : problem.by_rank) {
    task_loads(problem, t, allocation[t], loads);
    loads_.insert(loads_.end(), loads.begin(), loads.end());
    const AllocationTask& task = problem.tasks[t];
    period_.push_back(std::min(task.period.count(), kLimit));
    target_.push_back(std::min(std::min(task.period, task.deadline).count(), kLimit));
  }
  below_.resize(loads_.size());
  response_.resize(period_.size());
  only_.resize(period_.size());
}

inline void ResponseBounds::replace(std::size_t rank, const std::vector<ResourceLoad>& loads) {
  std::copy(loads.begin(), loads.end(), loads_.begin() + static_cast<std::ptrdiff_t>(rank * types_));
}

inline void ResponseBounds::find_longest_below() {
  for (std::size_t r = 0; r < types_; ++r) {
    Duration::rep longest = 0;
    for (std::size_t i = tasks(); i-- > 0;) {
      below_[i * types_ + r] = longest;
      longest = std::max(longest, load(i, r).longest);
    }
  }
}

inline void ResponseBounds::find_only() {
  for (std::size_t i = 0; i < tasks(); ++i) {
    std::size_t used = 0;
    for (std::size_t r = 0; r < types_; ++r) {
      if (load(i, r).sum == 0) continue;
      ++used;
      only_[i] = r;
    }
    if (used != 1) only_[i] = types_;
  }
}

inline Duration::rep ResponseBounds::alone(std::size_t rank) const {
  Duration::rep sum = 0;
  for (std::size_t r = 0; r < types_; ++r) {
    const ResourceLoad& own = load(rank, r);
    Duration::rep blocking = 0;
    if (__builtin_mul_overflow(own.stays, longest_below(rank, r), &blocking) ||
        __builtin_add_overflow(sum, own.sum, &sum) || __builtin_add_overflow(sum, blocking, &sum)) {
      return kLimit;
    }
  }
  return sum;
}

/// What more urgent tasks run on the task's resources within a window; `limit` or more if that is reached.
inline Duration::rep ResponseBounds::interference(std::size_t rank, Duration::rep window, Duration::rep limit) const {
  Duration::rep sum = 0;
  for (std::size_t r = 0; r < types_; ++r) {
    if (load(rank, r).sum == 0) continue;
    for (std::size_t h = 0; h < rank; ++h) {
      const Duration::rep work = load(h, r).sum;
      if (work == 0) continue;
      // How late its work may reach the resource. A task that is not bounded makes the whole not schedulable; its
      // deadline stands in.
      const bool never_late = only_[rank] == r && only_[h] == r;
      const Duration::rep late = never_late ? 0 : std::max<Duration::rep>(0, std::min(response_[h], target_[h]) - work);
      const Duration::rep jobs = (window + late + period_[h] - 1) / period_[h];
      Duration::rep busy = 0;
      if (__builtin_mul_overflow(jobs, work, &busy) || busy / servers_[r] >= limit) return limit;
      sum += busy / servers_[r];
      if (sum >= limit) return limit;
    }
  }
  return sum;
}

inline Duration::rep ResponseBounds::response_of(std::size_t rank) const {
  constexpr int kMostRounds = 10'000;
  const Duration::rep target = target_[rank];
  const Duration::rep start = alone(rank);
  Duration::rep response = start;
  for (int round = 0; round < kMostRounds && response <= target; ++round) {
    const Duration::rep next = start + interference(rank, response, kLimit);
    if (next == response) return response;
    response = next;
  }
  const Duration::rep needed = std::min(start, kLimit) + interference(rank, target, kLimit);
  return std::max(needed, target + 1);
}

inline ShortFall ResponseBounds::evaluate(const ShortFall& stop_at) {
  constexpr double kMillion = 1e6;
  constexpr double kMostExcess = 1e12;
  find_longest_below();
  find_only();
  ShortFall fall;
  for (std::size_t i = 0; i < tasks(); ++i) {
    response_[i] = response_of(i);
    if (bounded(i)) continue;
    ++fall.unbounded;
    const auto beyond = static_cast<double>(response_[i] - target_[i]);
    const double relative = beyond / static_cast<double>(target_[i]) * kMillion;
    fall.excess += static_cast<std::int64_t>(std::min(relative, kMostExcess));
    if (!(fall < stop_at)) return fall;
  }
  return fall;
}

} // namespace terastal
