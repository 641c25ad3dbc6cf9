#pragma once

#include <algorithm> // all_of
#include <cstdint>
#include <string>
#include <utility> // move
#include <variant> // get_if
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/offline/lalarand/baselines.hpp"
#include "terastal/offline/lalarand/problem.hpp"
#include "terastal/offline/lalarand/response.hpp"
#include "terastal/offline/lalarand/search.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// How layers get their places offline.
enum class AllocationRule : std::uint8_t { search, preferred, all_gpu, static_half, dart_gc, dart_cg };

struct AllocationOptions {
  AllocationRule rule = AllocationRule::search;
  RankRule ranks = RankRule::rate_monotonic;
  bool variants = true;
  double accuracy_budget = 0.004; ///< largest loss relative to the baseline; of `search` and `preferred`
  std::uint64_t most_evaluations = 20000;

  friend bool operator==(const AllocationOptions& a, const AllocationOptions& b) {
    return a.rule == b.rule && a.ranks == b.ranks && a.variants == b.variants &&
           a.accuracy_budget == b.accuracy_budget && a.most_evaluations == b.most_evaluations;
  }
};

/// What is decided offline for a scenario.
struct AllocationPlan {
  Allocation allocation;           ///< by task
  std::vector<std::uint32_t> rank; ///< by task; 0 is the most urgent
  std::vector<Duration> bound;     ///< by task: response-time bound; means nothing where not `bounded`
  std::vector<char> bounded;       ///< by task: the bound lies within min(deadline, period)
  bool schedulable = false;        ///< all are
  /// Whether the bounds hold in a run without migration: one accelerator for each type, releases at least a period
  /// apart, execution times as estimated, and accuracy that lets every allocated variant be used.
  bool holds = false;
  std::uint64_t evaluations = 0; ///< of the search
  bool gave_up = false;          ///< the search reached its limit
};

/// Allocates the layers of a scenario's tasks and bounds their response times.
[[nodiscard]] AllocationPlan plan_allocation(const Scenario& scenario, const AllocationOptions& options);

/// `search`, `preferred`, … in the order of AllocationRule.
[[nodiscard]] const std::vector<std::string>& allocation_rule_names();

// -- implementation

namespace detail {

inline bool released_apart(const Task& task) {
  if (task.parent) return false;
  if (const auto* periodic = std::get_if<PeriodicArrivals>(&task.arrivals)) return periodic->jitter == Duration::zero();
  return std::holds_alternative<SporadicArrivals>(task.arrivals);
}

inline bool bounds_hold(const Scenario& scenario, const AllocationProblem& problem, const Allocation& allocation) {
  const auto single = [](std::uint32_t servers) { return servers <= 1; };
  if (!std::all_of(problem.servers.begin(), problem.servers.end(), single)) return false;
  for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
    const Task& task = scenario.tasks[t];
    if (!released_apart(task) || task.execution.kind != ExecutionTimes::Kind::equal) return false;
    // Parts of a measured set need not be valid, so the run may have to deviate.
    const Network& network = scenario.network_of(t);
    if (network.accuracy.is_measured() && variants_of(network, allocation[t]) != 0) return false;
  }
  return true;
}

inline Allocation allocate(const AllocationProblem& problem, const AllocationOptions& options, AllocationPlan& plan) {
  const double least_accuracy = 1.0 - options.accuracy_budget;
  switch (options.rule) {
  case AllocationRule::preferred:
    return allocate_preferred(problem, least_accuracy);
  case AllocationRule::all_gpu:
    return allocate_all_gpu(problem);
  case AllocationRule::static_half:
    return allocate_static_half(problem);
  case AllocationRule::dart_gc:
    return allocate_dart(problem, true);
  case AllocationRule::dart_cg:
    return allocate_dart(problem, false);
  case AllocationRule::search:
    break;
  }
  AllocationSearchResult found = search_allocation(problem, {least_accuracy, options.most_evaluations});
  plan.evaluations = found.evaluations;
  plan.gave_up = found.gave_up;
  return std::move(found.allocation);
}

} // namespace detail

inline AllocationPlan plan_allocation(const Scenario& scenario, const AllocationOptions& options) {
  const AllocationProblem problem = allocation_problem(scenario, options.ranks, options.variants);
  AllocationPlan plan;
  plan.allocation = detail::allocate(problem, options, plan);
  ResponseBounds bounds(problem, plan.allocation);
  plan.schedulable = bounds.evaluate().none();
  plan.rank.resize(problem.tasks.size());
  plan.bound.resize(problem.tasks.size());
  plan.bounded.resize(problem.tasks.size());
  for (std::uint32_t i = 0; i < problem.by_rank.size(); ++i) {
    const TaskIndex t = problem.by_rank[i];
    plan.rank[t] = i;
    plan.bound[t] = Duration{bounds.responses()[i]};
    plan.bounded[t] = bounds.bounded(i) ? 1 : 0;
  }
  plan.holds = detail::bounds_hold(scenario, problem, plan.allocation);
  return plan;
}

inline const std::vector<std::string>& allocation_rule_names() {
  static const std::vector<std::string> names = {"search", "preferred", "all_gpu", "static", "dart_gc", "dart_cg"};
  return names;
}

} // namespace terastal
