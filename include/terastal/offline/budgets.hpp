#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// How a relative deadline is split into budgets per layer (Terastal, "Algorithm 1", and alternatives).
enum class BudgetRule : std::uint8_t {
  level,   ///< the paper: one constraint level for the whole network
  greedy,  ///< a level per layer; the layer with the largest gap to its next level is lowered first (our reading)
  min,     ///< proportional to the fastest latency
  mean,    ///< proportional to the mean latency over accelerators
  equal,   ///< the same share for every layer of the longest path
};

/// Budgets of one network for one relative deadline.
struct BudgetPlan {
  BudgetRule rule = BudgetRule::level;
  bool feasible = true;   ///< the chosen latencies, summed along the longest path, fit the deadline
  int level = 1;          ///< constraint level ρ (rule level; the largest per-layer level for greedy; else 1)
  int levels = 1;         ///< most distinct latencies of any layer
  Duration chosen_sum{0};  ///< S(ρ): chosen latencies along the longest path
  std::vector<int> layer_level;            ///< per layer: the level its latency was taken from, 1 = slowest
  std::vector<Duration> chosen;            ///< per layer: the latency its budget is proportional to
  std::vector<Duration> budget;            ///< per layer
  std::vector<Duration> virtual_deadline;  ///< per layer, relative to the release: the latest finish
};

/// Splits `deadline` over the layers of a network.
///
/// Chains: budgets sum to the deadline, virtual deadlines are their running sums, the last equals the deadline exactly.
/// DAGs (our reading): the budget of a layer is its chosen latency scaled by deadline / (longest path through it), and its
/// virtual deadline is deadline · (longest path up to and including it) / (longest path through it).
/// An infeasible network keeps its last level (our reading) and is marked. Rounded down to whole picoseconds.
[[nodiscard]] BudgetPlan plan_budgets(const Network& network, const Platform& platform, Duration deadline,
                                      BudgetRule rule);

/// The rule's name as in settings and files, and back.
[[nodiscard]] std::string to_string(BudgetRule rule);
[[nodiscard]] BudgetRule budget_rule(const std::string& name);

}  // namespace terastal
