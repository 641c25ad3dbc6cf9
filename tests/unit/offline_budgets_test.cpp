#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/offline/budgets.hpp"

namespace terastal {
namespace {

using namespace testing;
using Durations = std::vector<Duration>;
using Layers = std::vector<std::vector<Duration>>;

BudgetPlan plan(const Layers& layers, Duration deadline, BudgetRule rule,
                const std::vector<std::vector<LayerIndex>>& predecessors = {}) {
  Scenario s = layers.front().size() == 1 ? platform({{"gpu", 1}}) : platform({{"gpu", 1}, {"npu", 1}});
  const auto net = add_network(s, "net", layers, predecessors);
  return plan_budgets(s.networks[net], s.platform, deadline, rule);
}

/// Levels: 4, 2 · 6 · 10, 5. S(1) = 20, S(2) = 2 + 6 + 5 = 13.
const Layers kChain{{2ms, 4ms}, {6ms, 6ms}, {10ms, 5ms}};

TEST(Budgets, LevelOneIfTheSlowestFit) {
  const BudgetPlan p = plan(kChain, 20ms, BudgetRule::level);
  EXPECT_TRUE(p.feasible);
  EXPECT_EQ(p.level, 1);
  EXPECT_EQ(p.levels, 2);
  EXPECT_EQ(p.chosen, (Durations{4ms, 6ms, 10ms}));
  EXPECT_EQ(p.chosen_sum, Duration{20ms});
  EXPECT_EQ(p.budget, (Durations{4ms, 6ms, 10ms}));
  EXPECT_EQ(p.virtual_deadline, (Durations{4ms, 10ms, 20ms}));
  EXPECT_EQ(p.layer_level, (std::vector<int>{1, 1, 1}));
}

// With room to spare budgets grow in proportion: 40 · (4, 6, 10) / 20.
TEST(Budgets, SlackIsSharedInProportion) {
  EXPECT_EQ(plan(kChain, 40ms, BudgetRule::level).budget, (Durations{8ms, 12ms, 20ms}));
}

// A picosecond less than S(1): level 2, and 26 would double everything.
TEST(Budgets, NextLevelIfTheSlowestDoNotFit) {
  const BudgetPlan p = plan(kChain, 20ms - Duration{1}, BudgetRule::level);
  EXPECT_TRUE(p.feasible);
  EXPECT_EQ(p.level, 2);
  EXPECT_EQ(p.chosen, (Durations{2ms, 6ms, 5ms}));
  EXPECT_EQ(p.chosen_sum, Duration{13ms});
  EXPECT_EQ(p.layer_level, (std::vector<int>{2, 1, 2})); // the second layer has one level only
  EXPECT_EQ(plan(kChain, 13ms, BudgetRule::level).budget, (Durations{2ms, 6ms, 5ms}));
}

// 15 · 2/13, 15 · 8/13, 15 in picoseconds, rounded down; budgets are the differences.
TEST(Budgets, RoundedDownAndTheLastIsExact) {
  const BudgetPlan p = plan(kChain, 15ms, BudgetRule::level);
  EXPECT_EQ(p.virtual_deadline[0].count(), 2'307'692'307);
  EXPECT_EQ(p.virtual_deadline[1].count(), 9'230'769'230);
  EXPECT_EQ(p.virtual_deadline[2], Duration{15ms});
  EXPECT_EQ(p.budget[0] + p.budget[1] + p.budget[2], Duration{15ms});
  EXPECT_EQ(p.budget[1].count(), 9'230'769'230 - 2'307'692'307);
}

TEST(Budgets, InfeasibleKeepsTheLastLevel) {
  for (const BudgetRule rule : {BudgetRule::level, BudgetRule::greedy}) {
    const BudgetPlan p = plan(kChain, 13ms - Duration{1}, rule);
    EXPECT_FALSE(p.feasible);
    EXPECT_EQ(p.level, 2);
    EXPECT_EQ(p.chosen, (Durations{2ms, 6ms, 5ms}));
    EXPECT_EQ(p.virtual_deadline.back(), 13ms - Duration{1});
  }
  for (const BudgetRule rule : {BudgetRule::min, BudgetRule::equal}) {
    EXPECT_FALSE(plan(kChain, 13ms - Duration{1}, rule).feasible);
    EXPECT_TRUE(plan(kChain, 13ms, rule).feasible);
  }
}

// Equal latencies are one level; accelerators that cannot run a layer have none.
TEST(Budgets, LevelsAreDistinctLatenciesOfTypesThatCanRunIt) {
  const BudgetPlan p = plan({{5ms, kCannotRun}, {kCannotRun, 3ms}, {4ms, 4ms}}, 10ms, BudgetRule::level);
  EXPECT_EQ(p.levels, 1);
  EXPECT_EQ(p.chosen, (Durations{5ms, 3ms, 4ms}));
  EXPECT_FALSE(p.feasible);
}

// Three types, levels 9, 5, 2 and 8, 7, 6: S = 17, 12, 8.
TEST(Budgets, LevelsAreTriedInTurn) {
  Scenario s = platform({{"a", 1}, {"b", 1}, {"c", 1}});
  const auto net = add_network(s, "net", {{2ms, 9ms, 5ms}, {7ms, 8ms, 6ms}});
  const auto level = [&](Duration deadline) {
    return plan_budgets(s.networks[net], s.platform, deadline, BudgetRule::level);
  };
  EXPECT_EQ(level(17ms).level, 1);
  EXPECT_EQ(level(16ms).level, 2);
  EXPECT_EQ(level(16ms).chosen, (Durations{5ms, 7ms}));
  EXPECT_EQ(level(11ms).level, 3);
  EXPECT_EQ(level(11ms).chosen, (Durations{2ms, 6ms}));
  EXPECT_EQ(level(11ms).levels, 3);
  EXPECT_FALSE(level(7ms).feasible);
}

// From 20: the last layer has the largest gap (5) and makes 15; for 14 the first (gap 2) follows and makes 13.
TEST(Budgets, GreedyLowersTheLargestGapFirst) {
  const BudgetPlan at_15 = plan(kChain, 15ms, BudgetRule::greedy);
  EXPECT_EQ(at_15.chosen, (Durations{4ms, 6ms, 5ms}));
  EXPECT_EQ(at_15.layer_level, (std::vector<int>{1, 1, 2}));
  EXPECT_EQ(at_15.virtual_deadline, (Durations{4ms, 10ms, 15ms}));
  EXPECT_TRUE(at_15.feasible);
  const BudgetPlan at_14 = plan(kChain, 14ms, BudgetRule::greedy);
  EXPECT_EQ(at_14.chosen, (Durations{2ms, 6ms, 5ms}));
  EXPECT_EQ(at_14.layer_level, (std::vector<int>{2, 1, 2}));
  EXPECT_EQ(plan(kChain, 20ms, BudgetRule::greedy).chosen_sum, Duration{20ms});
}

// Fastest 2, 6, 5: of 26 ms they get the double. Means 3, 6, 7.5: of 33 ms the double. Equal: a third each.
TEST(Budgets, ProportionalRules) {
  const BudgetPlan by_min = plan(kChain, 26ms, BudgetRule::min);
  EXPECT_EQ(by_min.budget, (Durations{4ms, 12ms, 10ms}));
  EXPECT_EQ(by_min.virtual_deadline, (Durations{4ms, 16ms, 26ms}));
  EXPECT_TRUE(by_min.layer_level.empty());
  const BudgetPlan by_mean = plan(kChain, 33ms, BudgetRule::mean);
  EXPECT_EQ(by_mean.budget, (Durations{6ms, 12ms, 15ms}));
  EXPECT_EQ(by_mean.chosen_sum, Duration{16500us});
  EXPECT_TRUE(by_mean.feasible);
  const BudgetPlan equal = plan(kChain, 30ms, BudgetRule::equal);
  EXPECT_EQ(equal.budget, (Durations{10ms, 10ms, 10ms}));
  EXPECT_EQ(equal.chosen_sum, Duration{13ms}); // feasible if the fastest fit
}

// The textbook's proportional rule (notes on schedulers, 3.9): x = (2, 4, 4), D = 20 gives 4, 12, 20. With one type all
// rules but `equal` are that.
TEST(Budgets, ProportionalDeadlinesOfTheTextbook) {
  const Layers layers{{2ms}, {4ms}, {4ms}};
  for (const BudgetRule rule : {BudgetRule::level, BudgetRule::greedy, BudgetRule::min, BudgetRule::mean}) {
    EXPECT_EQ(plan(layers, 20ms, rule).virtual_deadline, (Durations{4ms, 12ms, 20ms})) << to_string(rule);
  }
  EXPECT_EQ(plan(layers, 18ms, BudgetRule::equal).virtual_deadline, (Durations{6ms, 12ms, 18ms}));
}

// 0 → {1, 2} → 3 with 2, 3, 6, 2: longest path 10 by way of 2, and 7 through 1. D = 20.
TEST(Budgets, DagByLongestPaths) {
  const BudgetPlan p = plan({{2ms}, {3ms}, {6ms}, {2ms}}, 20ms, BudgetRule::level, {{}, {0}, {0}, {1, 2}});
  EXPECT_EQ(p.chosen_sum, Duration{10ms});
  EXPECT_EQ(p.virtual_deadline[0], Duration{4ms});          // 20 · 2/10
  EXPECT_EQ(p.virtual_deadline[1].count(), 14'285'714'285); // 20 · 5/7
  EXPECT_EQ(p.virtual_deadline[2], Duration{16ms});         // 20 · 8/10
  EXPECT_EQ(p.virtual_deadline[3], Duration{20ms});
  EXPECT_EQ(p.budget[2], Duration{12ms});
  EXPECT_EQ(p.budget[1].count(), 14'285'714'285 - 5'714'285'714); // 20 · 3/7, rounded at both ends
}

// Feasibility is the longest path's: 2 + 6 + 2, whatever the other branch.
TEST(Budgets, DagLevelsFollowTheLongestPath) {
  const Layers layers{{2ms, 2ms}, {3ms, 9ms}, {6ms, 6ms}, {2ms, 2ms}};
  const std::vector<std::vector<LayerIndex>> shape{{}, {0}, {0}, {1, 2}};
  EXPECT_EQ(plan(layers, 13ms, BudgetRule::level, shape).level, 1); // 2 + 9 + 2
  EXPECT_EQ(plan(layers, 12ms, BudgetRule::level, shape).chosen_sum, Duration{10ms});
  EXPECT_FALSE(plan(layers, 9ms, BudgetRule::level, shape).feasible);
}

// Lowering a layer off the longest path would not help: layer 1 (gap 2) is off it, layer 2 (gap 1) on it.
TEST(Budgets, GreedyLooksAtTheLongestPathOnly) {
  const Layers layers{{2ms, 2ms}, {3ms, 5ms}, {8ms, 9ms}, {2ms, 2ms}};
  const BudgetPlan p = plan(layers, 12ms, BudgetRule::greedy, {{}, {0}, {0}, {1, 2}});
  EXPECT_TRUE(p.feasible);
  EXPECT_EQ(p.chosen, (Durations{2ms, 5ms, 8ms, 2ms}));
}

TEST(Budgets, VirtualDeadlinesOfADagNeverDecreaseAlongAnEdge) {
  const std::vector<std::vector<LayerIndex>> shape{{}, {0}, {0}, {1}, {1, 2}, {3, 4}, {2}};
  const Layers layers{{1ms, 3ms}, {7ms, 2ms}, {4ms, 4ms}, {9ms, 1ms}, {2ms, 8ms}, {5ms, 5ms}, {1ms, 6ms}};
  for (const BudgetRule rule :
       {BudgetRule::level, BudgetRule::greedy, BudgetRule::min, BudgetRule::mean, BudgetRule::equal}) {
    for (const Duration deadline : {Duration{10ms}, Duration{20ms}, Duration{100ms}}) {
      const BudgetPlan p = plan(layers, deadline, rule, shape);
      for (std::size_t l = 0; l < shape.size(); ++l) {
        for (const LayerIndex before : shape[l]) EXPECT_LT(p.virtual_deadline[before], p.virtual_deadline[l]);
      }
      EXPECT_EQ(p.virtual_deadline[5], deadline); // the sinks
      EXPECT_EQ(p.virtual_deadline[6], deadline);
    }
  }
}

TEST(Budgets, LayersOfMonthsStayWithinTheClock) {
  const BudgetPlan p = plan({{24h * 60}}, 24h * 100, BudgetRule::greedy);
  EXPECT_EQ(p.virtual_deadline.front(), Duration{24h * 100});
}

TEST(Budgets, NamesOfRules) {
  for (const auto& name : budget_rule_names()) EXPECT_EQ(to_string(budget_rule(name)), name);
  EXPECT_EQ(budget_rule("greedy"), BudgetRule::greedy);
  EXPECT_EQ(budget_rule_names().size(), 5U);
  EXPECT_THROW((void)budget_rule("levels"), Error);
}

} // namespace
} // namespace terastal
