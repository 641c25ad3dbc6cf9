#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/offline/budgets.hpp"

namespace terastal {
namespace {

using namespace testing;

/// Where a layer ran: start and finish in ms, accelerator name, option name.
struct Ran {
  Duration start, finish;
  std::string accelerator, option;
  bool operator==(const Ran&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Ran& r) {
  return out << '[' << format_duration(r.start) << ", " << format_duration(r.finish) << ") on " << r.accelerator << ' '
             << r.option;
}

/// The layers of job 0 of a task, in order of their start.
std::vector<Ran> ran(const Scenario& s, const Outcome& out, TaskIndex task) {
  std::vector<Ran> result;
  for (const auto& e : out.events.started) {
    if (e.task != task) continue;
    result.push_back({e.time.time_since_epoch(), e.finish.time_since_epoch(),
                      s.platform.accelerators[e.accelerator].name, s.network_of(task).options[e.option].name});
  }
  return result;
}

using Schedule = std::vector<Ran>;

/// n tasks with one job each at 0 of a network on a gpu and an npu.
Scenario jobs(std::size_t n, const std::vector<std::vector<Duration>>& layers, Duration deadline) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  const auto net = add_network(s, "net", layers);
  for (std::size_t t = 0; t < n; ++t)
    add_task(s, std::string(1, static_cast<char>('a' + t)), net, deadline, releases({0ms}));
  return s;
}

// Virtual deadline 10. a takes the gpu (4). b meets 10 on the npu with its original (9), though waiting for the gpu
// would give 8: stage 1 does not look at busy accelerators.
TEST(Terastal, Stage1aPlacesWhatMeetsItsVirtualDeadline) {
  const Scenario s = jobs(2, {{4ms, 9ms}}, 10ms);
  const Outcome out = run(s, "terastal");
  EXPECT_EQ(ran(s, out, 0), (Schedule{{0ms, 4ms, "gpu0", ""}}));
  EXPECT_EQ(ran(s, out, 1), (Schedule{{0ms, 9ms, "npu0", ""}}));
}

TEST(Terastal, Stage1aAtExactlyTheVirtualDeadline) {
  const Scenario s = jobs(2, {{4ms, 10ms}}, 10ms);
  EXPECT_EQ(ran(s, run(s, "terastal"), 1), (Schedule{{0ms, 10ms, "npu0", ""}}));
}

// The original on the npu (12) misses 10, a variant (5) meets it. Without variants, waiting for the gpu (8) beats 12.
Scenario with_variant() {
  Scenario s = jobs(2, {{4ms, 12ms}}, 10ms);
  add_variant(s, 0, 0, "v", {4ms, 5ms});
  s.networks[0].accuracy = AccuracyModel::measured("m", 1.0, {{0, 1.0}, {1, 0.95}});
  return s;
}

TEST(Terastal, Stage1bUsesAVariantWhereTheOriginalMisses) {
  const Scenario s = with_variant();
  const Outcome out = run(s, "terastal");
  EXPECT_EQ(ran(s, out, 0), (Schedule{{0ms, 4ms, "gpu0", ""}})); // the original where it meets its deadline
  EXPECT_EQ(ran(s, out, 1), (Schedule{{0ms, 5ms, "npu0", "v"}}));
  EXPECT_EQ(out.result.tasks[1].set_use.front().first, "v");
}

TEST(Terastal, WithoutVariants) {
  const Scenario s = with_variant();
  EXPECT_EQ(ran(s, run(s, "terastal:variants=false"), 1), (Schedule{{4ms, 8ms, "gpu0", ""}}));
}

// Two layers, gpu 4, npu 12, variant 5 on the npu; deadline 16: the levels are 24 and 8, so virtual deadlines are 8
// and 16. b's first layer uses its variant (5 ≤ 8). At 5 the second could end at 10 with the variant, if both were
// valid together.
Scenario two_layers(double accuracy_of_both) {
  Scenario s = jobs(2, {{4ms, 12ms}, {4ms, 12ms}}, 16ms);
  add_variant(s, 0, 0, "v0", {4ms, 5ms});
  add_variant(s, 0, 1, "v1", {4ms, 5ms});
  s.networks[0].accuracy = AccuracyModel::measured("m", 1.0, {{0, 1.0}, {1, 0.95}, {2, 0.95}, {3, accuracy_of_both}});
  return s;
}

TEST(Terastal, VariantIsRefusedWhereTheSetWouldBecomeInvalid) {
  Scenario s = two_layers(0.91);
  Outcome out = run(s, "terastal");
  EXPECT_EQ(ran(s, out, 0), (Schedule{{0ms, 4ms, "gpu0", ""}, {4ms, 8ms, "gpu0", ""}}));
  EXPECT_EQ(ran(s, out, 1), (Schedule{{0ms, 5ms, "npu0", "v0"}, {5ms, 10ms, "npu0", "v1"}}));
  // Not valid: the original on the npu would end at 17, waiting for the gpu gives 8 + 4.
  s = two_layers(0.89);
  out = run(s, "terastal");
  EXPECT_EQ(ran(s, out, 0), (Schedule{{0ms, 4ms, "gpu0", ""}, {4ms, 8ms, "gpu0", ""}}));
  EXPECT_EQ(ran(s, out, 1), (Schedule{{0ms, 5ms, "npu0", "v0"}, {8ms, 12ms, "gpu0", ""}}));
}

// The threshold is the task's: at 0.85 the pair of 0.89 is valid again.
TEST(Terastal, ThresholdIsTheTasks) {
  Scenario s = two_layers(0.89);
  s.tasks[1].theta = 0.85;
  EXPECT_EQ(ran(s, run(s, "terastal"), 1).back(), (Ran{5ms, 10ms, "npu0", "v1"}));
}

// Deadline 5, and the fastest is 6: infeasible, everything is for stage 2. No accelerator is busy: the earliest finish
// (gpu, 6), a before b. Then b gains 6 + 6 − 9 = 3 on the npu.
TEST(Terastal, InfeasibleModelIsServedByStage2) {
  const Scenario s = jobs(2, {{6ms, 9ms}}, 5ms);
  EXPECT_FALSE(plan_budgets(s.networks[0], s.platform, 5ms, BudgetRule::level).feasible);
  const Outcome out = run(s, "terastal");
  EXPECT_EQ(ran(s, out, 0), (Schedule{{0ms, 6ms, "gpu0", ""}}));
  EXPECT_EQ(ran(s, out, 1), (Schedule{{0ms, 9ms, "npu0", ""}}));
  EXPECT_EQ(out.result.weighted_miss_rate, 1.0);
}

// The same with 13 on the npu: 12 by waiting is better, the gain is −1. A gain of 0 waits, too.
TEST(Terastal, Stage2WaitsWhereThatIsFaster) {
  for (const Duration npu : {Duration{13ms}, Duration{12ms}}) {
    const Scenario s = jobs(2, {{6ms, npu}}, 5ms);
    EXPECT_EQ(ran(s, run(s, "terastal"), 1), (Schedule{{6ms, 12ms, "gpu0", ""}}));
    EXPECT_EQ(ran(s, run(s, "terastal:stage2=earliest_finish"), 1), (Schedule{{0ms, npu, "npu0", ""}}));
  }
}

// The gpu is held until 10. At 1 ms x would gain (10 + 6) − (1 + 9) = 6 on the npu and y (10 + 8) − (1 + 8) = 9. x has
// the smaller slack (its deadline passes at 6: −4 against −3) and is visited first, but y gains more.
TEST(Terastal, Stage2GivesToTheLargestGain) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  add_task(s, "hold", add_network(s, "hold", {{10ms, kCannotRun}}), 20ms, releases({0ms}));
  add_task(s, "x", add_network(s, "x", {{6ms, 9ms}}), 5ms, releases({1ms}));
  add_task(s, "y", add_network(s, "y", {{8ms, 8ms}}), 5ms, releases({1ms}));
  const Outcome out = run(s, "terastal");
  EXPECT_EQ(ran(s, out, 2), (Schedule{{1ms, 9ms, "npu0", ""}}));
  // At 9 the npu would finish x at 18, the gpu, free at 10, at 16.
  EXPECT_EQ(ran(s, out, 1), (Schedule{{10ms, 16ms, "gpu0", ""}}));
}

// Stage 2 may use a variant: on the npu 20, with the variant 11, against waiting for the gpu until 6 + 6.
TEST(Terastal, Stage2UsesVariants) {
  Scenario s = jobs(2, {{6ms, 20ms}}, 5ms);
  add_variant(s, 0, 0, "v", {20ms, 11ms});
  s.networks[0].accuracy = AccuracyModel::additive("m", 1.0, {0.05});
  EXPECT_EQ(ran(s, run(s, "terastal"), 1), (Schedule{{0ms, 11ms, "npu0", "v"}}));
  EXPECT_EQ(ran(s, run(s, "terastal:variants=false"), 1), (Schedule{{6ms, 12ms, "gpu0", ""}}));
}

// Deadlines 20 and 10 on one accelerator: the later task has the smaller slack.
TEST(Terastal, VisitsBySmallestBestCaseSlack) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{4ms}});
  add_task(s, "a", net, 20ms, releases({0ms}));
  add_task(s, "b", net, 10ms, releases({0ms}));
  const Outcome out = run(s, "terastal");
  EXPECT_EQ(out.events.finish.at({1U, 0U}), at(4ms));
  EXPECT_EQ(out.events.finish.at({0U, 0U}), at(8ms));
}

// Slack counts variants: b's variant of 1 ms leaves it 9 of slack, a's 4 ms leave 6 of 10 — a first. Without variants b
// has 10 − 6 = 4 and goes first.
TEST(Terastal, BestCaseSlackCountsValidVariants) {
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "a", add_network(s, "a", {{4ms}}), 10ms, releases({0ms}));
  const auto b = add_network(s, "b", {{6ms}});
  add_variant(s, b, 0, "v", {1ms});
  s.networks[b].accuracy = AccuracyModel::additive("m", 1.0, {0.05});
  add_task(s, "b", b, 10ms, releases({0ms}));
  Outcome out = run(s, "terastal");
  EXPECT_EQ(ran(s, out, 0), (Schedule{{0ms, 4ms, "gpu0", ""}}));
  EXPECT_EQ(ran(s, out, 1), (Schedule{{4ms, 10ms, "gpu0", ""}}));
  out = run(s, "terastal:variants=false");
  EXPECT_EQ(ran(s, out, 1), (Schedule{{0ms, 6ms, "gpu0", ""}}));
}

// The gpu is held until 1.5. x comes at 1, layers (2, 3) and (4, 20), deadline 12. Levels: 23, then 2 + 4: the first
// virtual deadline is 4, which the npu meets (3). In proportion to the means 2.5 and 12 it is 2.07: the npu misses, and
// waiting for the gpu (0.5 + 2) is faster than 3.
Scenario budgets_matter() {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  add_task(s, "hold", add_network(s, "hold", {{1500us, kCannotRun}}), 5ms, releases({0ms}));
  add_task(s, "x", add_network(s, "x", {{2ms, 3ms}, {4ms, 20ms}}), 12ms, releases({1ms}));
  return s;
}

TEST(Terastal, BudgetsDecideWhatStage1MayDo) {
  const Scenario s = budgets_matter();
  const Schedule with{{1ms, 4ms, "npu0", ""}, {4ms, 8ms, "gpu0", ""}};
  const Schedule without{{1500us, 3500us, "gpu0", ""}, {3500us, 7500us, "gpu0", ""}};
  EXPECT_EQ(ran(s, run(s, "terastal"), 1), with);
  EXPECT_EQ(ran(s, run(s, "terastal:budgets=false"), 1), without);
  EXPECT_EQ(ran(s, run(s, "terastal:budget_rule=mean"), 1), without);
  EXPECT_EQ(ran(s, run(s, "terastal:budget_rule=equal"), 1), with); // 6 ≥ 3
}

// A job with twice the task's deadline has twice its virtual deadlines: 4.14 instead of 2.07, and the npu meets it.
TEST(Terastal, VirtualDeadlinesScaleWithTheJobsOwnDeadline) {
  Scenario s = budgets_matter();
  std::get<TraceArrivals>(s.tasks[1].arrivals).entries[0].deadline = 24ms;
  EXPECT_EQ(ran(s, run(s, "terastal:budgets=false"), 1).front(), (Ran{1ms, 4ms, "npu0", ""}));
}

TEST(Terastal, UsesVariantsOnlyIfAsked) {
  EXPECT_TRUE(testing::known_policies().parse("terastal").make()->uses_variants());
  EXPECT_FALSE(testing::known_policies().parse("terastal:variants=false").make()->uses_variants());
  EXPECT_FALSE(testing::known_policies().parse("edf").make()->uses_variants());
}

} // namespace
} // namespace terastal
