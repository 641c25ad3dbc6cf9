#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional> // greater
#include <optional>
#include <string>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/core/int128.hpp"
#include "terastal/core/time.hpp"
#include "terastal/model/estimates.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// How a relative deadline is split into budgets per layer (Terastal, "Algorithm 1", and alternatives).
enum class BudgetRule : std::uint8_t {
  level,  ///< the paper: one constraint level for the whole network
  greedy, ///< a level per layer; the layer with the largest gap to its next level is lowered first (our reading)
  min,    ///< proportional to the fastest latency
  mean,   ///< proportional to the mean latency over accelerators
  equal,  ///< the same share for every layer of the longest path
};

/// Budgets of one network for one relative deadline.
struct BudgetPlan {
  BudgetRule rule = BudgetRule::level;
  bool feasible = true;         ///< the chosen latencies, summed along the longest path, fit the deadline
  int level = 1;                ///< constraint level ρ (rule level; the largest per-layer level for greedy; else 1)
  int levels = 1;               ///< most distinct latencies of any layer
  Duration chosen_sum{0};       ///< S(ρ): chosen latencies along the longest path
  std::vector<int> layer_level; ///< per layer: the level its latency was taken from, 1 = slowest; empty for
                                ///< rules without levels
  std::vector<Duration> chosen; ///< per layer: the latency its budget is proportional to
  std::vector<Duration> budget; ///< per layer
  std::vector<Duration> virtual_deadline; ///< per layer, relative to the release: the latest finish
};

/// Splits `deadline` over the layers of a network.
///
/// Chains: budgets sum to the deadline, virtual deadlines are their running sums, the last equals the deadline exactly.
/// DAGs (our reading): the budget of a layer is its chosen latency scaled by deadline / (longest path through it), and
/// its virtual deadline is deadline · (longest path up to and including it) / (longest path through it). An infeasible
/// network keeps its last level (our reading) and is marked. Rounded down to whole picoseconds.
[[nodiscard]] BudgetPlan plan_budgets(const Network& network, const Platform& platform, Duration deadline,
                                      BudgetRule rule);

/// The rule's name as in settings and files, and back.
[[nodiscard]] std::string to_string(BudgetRule rule);
/// \throws Error for a name that is none of `budget_rule_names()`.
[[nodiscard]] BudgetRule budget_rule(const std::string& name);
[[nodiscard]] std::vector<std::string> budget_rule_names();

namespace detail {

/// Latencies of one layer's original over the types that can run it: distinct, slowest first.
inline std::vector<Duration> latency_levels(const Network& network, LayerIndex layer) {
  std::vector<Duration> levels;
  for (TypeIndex t = 0; t < network.type_count; ++t) {
    const Duration d = network.latency_of(network.layers[layer].first_option, t);
    if (d != kCannotRun) levels.push_back(d);
  }
  std::sort(levels.begin(), levels.end(), std::greater<>());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

/// Longest path from a source to each layer, the layer included.
inline std::vector<Duration> longest_heads(const Network& network, const std::vector<Duration>& durations) {
  std::vector<Duration> heads(network.layers.size());
  for (LayerIndex l = 0; l < network.layers.size(); ++l) {
    Duration before{0};
    for (const LayerIndex p : network.layers[l].predecessors) before = std::max(before, heads[p]);
    heads[l] = checked_add(before, durations[l]);
  }
  return heads;
}

/// floor(whole · part / total).
inline Duration share(Duration whole, Duration part, Duration total) {
  return Duration{static_cast<Duration::rep>(static_cast<int128>(whole.count()) * part.count() / total.count())};
}

/// Chooses the latency of each layer by constraint levels.
class LevelChoice {
 public:
  LevelChoice(const Network& network, BudgetPlan& plan) : network_(network), plan_(plan) {
    for (LayerIndex l = 0; l < network.layers.size(); ++l) {
      levels_.push_back(latency_levels(network, l));
      plan.levels = std::max(plan.levels, static_cast<int>(levels_.back().size()));
    }
    plan.layer_level.assign(network.layers.size(), 1);
    take_levels();
  }

  /// The paper's rule: exclude the slowest remaining choice of every layer until the sum fits.
  void lower_all_until(Duration deadline) {
    while (plan_.chosen_sum > deadline && plan_.level < plan_.levels) {
      ++plan_.level;
      for (LayerIndex l = 0; l < levels_.size(); ++l) {
        plan_.layer_level[l] = std::min(plan_.level, static_cast<int>(levels_[l].size()));
      }
      take_levels();
    }
  }

  /// Per layer: lower the layer of a longest path with the largest gap to its next level, until the sum fits.
  void lower_largest_gap_until(Duration deadline) {
    while (plan_.chosen_sum > deadline) {
      const auto layer = largest_gap();
      if (!layer) return;
      plan_.level = std::max(plan_.level, ++plan_.layer_level[*layer]);
      take_levels();
    }
  }

 private:
  void take_levels() {
    plan_.chosen.clear();
    for (LayerIndex l = 0; l < levels_.size(); ++l) {
      plan_.chosen.push_back(levels_[l][static_cast<std::size_t>(plan_.layer_level[l] - 1)]);
    }
    plan_.chosen_sum = longest_path(network_, plan_.chosen);
  }

  [[nodiscard]] std::optional<LayerIndex> largest_gap() const {
    const auto heads = longest_heads(network_, plan_.chosen);
    const auto tails = longest_tails(network_, plan_.chosen);
    std::optional<LayerIndex> best;
    Duration best_gap{0};
    for (LayerIndex l = 0; l < levels_.size(); ++l) {
      const auto level = static_cast<std::size_t>(plan_.layer_level[l]);
      const bool critical = heads[l] + (tails[l] - plan_.chosen[l]) == plan_.chosen_sum;
      if (!critical || level == levels_[l].size()) continue;
      const Duration gap = levels_[l][level - 1] - levels_[l][level];
      if (gap <= best_gap) continue;
      best = l;
      best_gap = gap;
    }
    return best;
  }

  const Network& network_;
  BudgetPlan& plan_;
  std::vector<std::vector<Duration>> levels_;
};

/// Turns weights into budgets and virtual deadlines.
inline void split_deadline(const Network& network, Duration deadline, const std::vector<Duration>& weights,
                           BudgetPlan& plan) {
  const auto heads = longest_heads(network, weights);
  const auto tails = longest_tails(network, weights);
  for (LayerIndex l = 0; l < network.layers.size(); ++l) {
    const Duration through = heads[l] + (tails[l] - weights[l]); // in this order: the sum of both may leave the clock
    plan.virtual_deadline.push_back(share(deadline, heads[l], through));
    plan.budget.push_back(plan.virtual_deadline[l] - share(deadline, heads[l] - weights[l], through));
  }
}

} // namespace detail

inline BudgetPlan plan_budgets(const Network& network, const Platform& platform, Duration deadline, BudgetRule rule) {
  BudgetPlan plan;
  plan.rule = rule;
  detail::LevelChoice choice(network, plan);
  if (rule == BudgetRule::level) choice.lower_all_until(deadline);
  if (rule == BudgetRule::greedy) choice.lower_largest_gap_until(deadline);
  std::vector<Duration> weights;
  if (rule != BudgetRule::level && rule != BudgetRule::greedy) {
    const NetworkEstimates estimates = estimate(network, platform);
    plan.chosen = rule == BudgetRule::mean ? estimates.mean : estimates.fastest;
    plan.chosen_sum = longest_path(network, plan.chosen);
    plan.layer_level.clear();
    if (rule == BudgetRule::equal) weights.assign(network.layers.size(), Duration{1});
  }
  plan.feasible = plan.chosen_sum <= deadline;
  detail::split_deadline(network, deadline, weights.empty() ? plan.chosen : weights, plan);
  return plan;
}

inline std::vector<std::string> budget_rule_names() { return {"level", "greedy", "min", "mean", "equal"}; }

inline std::string to_string(BudgetRule rule) { return budget_rule_names()[static_cast<std::size_t>(rule)]; }

inline BudgetRule budget_rule(const std::string& name) {
  const auto names = budget_rule_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw Error("unknown budget rule '" + name + "'");
  return static_cast<BudgetRule>(found - names.begin());
}

} // namespace terastal
