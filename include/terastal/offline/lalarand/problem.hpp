#pragma once

#include <algorithm> // find_if, sort
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <variant> // get_if
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Where a layer runs, and in which implementation.
struct LayerPlace {
  TypeIndex type = 0;
  OptionIndex option = 0; ///< of the network's options

  friend bool operator==(const LayerPlace& a, const LayerPlace& b) { return a.type == b.type && a.option == b.option; }
};

/// The places of a network's layers, in layer order.
using NetworkAllocation = std::vector<LayerPlace>;
/// The allocations of all tasks, in the scenario's order.
using Allocation = std::vector<NetworkAllocation>;

/// Which fixed priorities tasks have. Ties by the scenario's order, so that every task has a rank of its own.
enum class RankRule : std::uint8_t {
  rate_monotonic, ///< smallest period first
  priority,       ///< smallest `priority` of the task first, then as rate_monotonic
};

/// A task to be allocated.
struct AllocationTask {
  const Network* network = nullptr;
  Duration period{0}; ///< smallest distance of releases; the mean one where there is no smallest (our reading)
  Duration deadline{0};
  double theta = 0.0; ///< the accuracy that must remain, relative to the baseline
};

/// Tasks whose layers are to be given places: everything that offline allocation looks at.
///
/// LaLaRAND knows one GPU and one CPU. Here a resource is an accelerator type with the accelerators of that type as
/// servers of one queue (our reading).
struct AllocationProblem {
  const Platform* platform = nullptr;
  std::vector<AllocationTask> tasks;  ///< in the scenario's order
  std::vector<TaskIndex> by_rank;     ///< the most urgent first
  std::vector<std::uint32_t> servers; ///< accelerators of each type
  std::vector<TypeIndex> types;       ///< those that have accelerators: `main` first, then in order
  TypeIndex main = 0;                 ///< the GPU: the first type of kind gpu, without one the first type
  TypeIndex second = 0; ///< the CPU: the first other type of kind cpu, without one the last other type; `main` if alone
  bool variants = true; ///< whether layer variants may be used (quantised layers)
};

/// The problem of a scenario. \param variants whether variants may be used.
[[nodiscard]] AllocationProblem allocation_problem(const Scenario& scenario, RankRule rule, bool variants);

/// The implementation of a layer that is fastest on a type, among those with which the set `used` stays at or above the
/// accuracy `theta`; the original on ties. `kNoOption` if none can run there.
inline constexpr OptionIndex kNoOption = 0xFFFFFFFFU;
[[nodiscard]] OptionIndex fastest_option(const Network& network, LayerIndex layer, TypeIndex type, VariantSet used,
                                         double theta, bool variants);

/// The variants that an allocation uses.
[[nodiscard]] VariantSet variants_of(const Network& network, const NetworkAllocation& allocation);

// -- implementation

namespace detail {

inline Duration shortest_period(const Scenario& scenario, TaskIndex t) {
  const Task& task = scenario.tasks[t];
  if (const auto* periodic = std::get_if<PeriodicArrivals>(&task.arrivals); periodic && !task.parent) {
    return periodic->period;
  }
  if (const auto* sporadic = std::get_if<SporadicArrivals>(&task.arrivals); sporadic && !task.parent) {
    return sporadic->period;
  }
  const Duration mean = mean_period(scenario, t);
  return mean > Duration::zero() ? mean : task.deadline;
}

/// The GPU and the CPU among the types that have accelerators.
inline void choose_types(AllocationProblem& problem) {
  std::vector<TypeIndex> with;
  for (TypeIndex t = 0; t < problem.servers.size(); ++t) {
    if (problem.servers[t] > 0) with.push_back(t);
  }
  const auto kind = [&](TypeIndex t) { return problem.platform->types[t].kind; };
  const auto gpu = std::find_if(with.begin(), with.end(), [&](TypeIndex t) { return kind(t) == AcceleratorKind::gpu; });
  problem.main = gpu != with.end() ? *gpu : with.front();
  problem.types = {problem.main};
  for (const TypeIndex t : with) {
    if (t != problem.main) problem.types.push_back(t);
  }
  problem.second = problem.types.back();
  for (std::size_t i = problem.types.size(); i-- > 1;) {
    if (kind(problem.types[i]) == AcceleratorKind::cpu) problem.second = problem.types[i];
  }
}

} // namespace detail

inline AllocationProblem allocation_problem(const Scenario& scenario, RankRule rule, bool variants) {
  AllocationProblem problem;
  problem.platform = &scenario.platform;
  problem.variants = variants;
  problem.servers.resize(scenario.platform.types.size());
  for (const Accelerator& a : scenario.platform.accelerators) ++problem.servers[a.type];
  detail::choose_types(problem);
  for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
    const Task& task = scenario.tasks[t];
    problem.tasks.push_back({&scenario.network_of(t), detail::shortest_period(scenario, t), task.deadline, task.theta});
    problem.by_rank.push_back(t);
  }
  std::sort(problem.by_rank.begin(), problem.by_rank.end(), [&](TaskIndex a, TaskIndex b) {
    const int pa = rule == RankRule::priority ? scenario.tasks[a].priority : 0;
    const int pb = rule == RankRule::priority ? scenario.tasks[b].priority : 0;
    return std::tuple(pa, problem.tasks[a].period, a) < std::tuple(pb, problem.tasks[b].period, b);
  });
  return problem;
}

inline OptionIndex fastest_option(const Network& network, LayerIndex layer, TypeIndex type, VariantSet used,
                                  double theta, bool variants) {
  const Layer& l = network.layers[layer];
  OptionIndex best = kNoOption;
  Duration least = kCannotRun;
  for (OptionIndex o = l.first_option; o < l.first_option + (variants ? l.option_count : 1); ++o) {
    const Duration time = network.latency_of(o, type);
    if (time >= least) continue;
    if (o != l.first_option && !network.accuracy.valid(used | network.options[o].variants, theta)) continue;
    best = o;
    least = time;
  }
  return best;
}

inline VariantSet variants_of(const Network& network, const NetworkAllocation& allocation) {
  VariantSet set = 0;
  for (const LayerPlace& place : allocation) set |= network.options[place.option].variants;
  return set;
}

} // namespace terastal
