#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/dream.hpp"

namespace terastal {
namespace {

using namespace testing;
using Options = MapScoreOptions;

/// Terms in the order of the worked example: to-go, slack, latency preference, starvation, energy preference, switch
/// cost.
MapScoreTerms terms(double to_go, double slack, double latency, double starvation, double energy, double switch_cost) {
  return {to_go, slack, latency, starvation, energy, switch_cost};
}

// A worked example. Job 1: urgency 8/16, preferences 4 and 4/3; job 2: urgency
// 1, preference 2 on both, waiting for as long as its layer takes.
TEST(MapScore, WorkedExample) {
  const Options options;
  EXPECT_DOUBLE_EQ(map_score(terms(8, 16, 4.0, 0, 1.5, 0.0), options), 3.5);
  EXPECT_NEAR(map_score(terms(8, 16, 4.0 / 3.0, 0, 3.0, 0.5), options), 3.1667, 5e-5);
  EXPECT_DOUBLE_EQ(map_score(terms(5, 5, 2.0, 1.0, 2.0, 0.5), options), 4.5);
  Options bare;
  bare.alpha = 0.0;
  bare.beta = 0.0;
  EXPECT_DOUBLE_EQ(map_score(terms(8, 16, 4.0, 0, 1.5, 0.0), bare), 2.0);
  EXPECT_NEAR(map_score(terms(8, 16, 4.0 / 3.0, 0, 3.0, 0.5), bare), 0.6667, 5e-5);
  EXPECT_DOUBLE_EQ(map_score(terms(5, 5, 2.0, 1.0, 2.0, 0.5), bare), 2.0);
}

TEST(MapScore, ReducesToDystasFormOnOneAccelerator) {
  Options options;
  options.beta = 0.0;
  options.guard = Options::LateGuard::raw;
  for (const double slack : {-3.0, 2.0, 20.0}) {
    const double dysta = std::min(1.0, 4.0 / slack) + 0.75;
    EXPECT_DOUBLE_EQ(map_score(terms(4, slack, 1.0, 0.75, 0.0, 0.0), options), dysta);
  }
}

TEST(MapScore, GuardsAndCap) {
  Options options;
  options.urgency_cap = 10.0;
  options.guard = Options::LateGuard::raw;
  EXPECT_DOUBLE_EQ(map_urgency(terms(4, -2, 1, 0, 0, 0), options), -2.0);
  EXPECT_DOUBLE_EQ(map_urgency(terms(4, 0, 1, 0, 0, 0), options), 10.0);
  options.guard = Options::LateGuard::clamp;
  EXPECT_DOUBLE_EQ(map_urgency(terms(4, -2, 1, 0, 0, 0), options), 10.0);
  EXPECT_DOUBLE_EQ(map_urgency(terms(4, 2, 1, 0, 0, 0), options), 2.0);
  options.urgency_cap = 1.0;
  EXPECT_DOUBLE_EQ(map_urgency(terms(4, 2, 1, 0, 0, 0), options), 1.0);
}

TEST(MapScore, CombineBySum) {
  Options options;
  options.combine = Options::Combine::sum;
  EXPECT_DOUBLE_EQ(map_score(terms(8, 16, 4.0, 0.25, 1.5, 0.5), options), 0.5 + 4.0 + 0.25 + 1.0);
}

std::vector<Duration> finishes(const Scenario& s, const std::string& policy) {
  const Outcome out = run(s, policy);
  std::vector<Duration> result;
  for (TaskIndex t = 0; t < s.tasks.size(); ++t) result.push_back(out.events.finish.at({t, 0}).time_since_epoch());
  return result;
}

using Finishes = std::vector<Duration>;

/// Two types a and b, one accelerator each, held until 10 ms by a job each.
Scenario held() {
  Scenario s = platform({{"a", 1}, {"b", 1}});
  add_task(s, "hold a", add_network(s, "hold a", {{10ms, kCannotRun}}), 1s, releases({0ms}));
  add_task(s, "hold b", add_network(s, "hold b", {{kCannotRun, 10ms}}), 1s, releases({0ms}));
  return s;
}

/// The worked example as jobs at 10 ms: job 1 with layers (2, 6) and (4, 4), job 2 with one of (5, 5).
Scenario worked_example(Duration release_1, Duration release_2) {
  Scenario s = held();
  const auto one = add_network(s, "one", {{2ms, 6ms}, {4ms, 4ms}});
  const auto two = add_network(s, "two", {{5ms, 5ms}});
  s.networks[one].energy_nj = {4.0, 2.0, 1.0, 1.0};
  s.networks[two].energy_nj = {1.0, 1.0};
  add_task(s, "job 1", one, 26ms - release_1, releases({release_1}));
  add_task(s, "job 2", two, 15ms - release_2, releases({release_2}));
  return s;
}

struct Placed {
  TaskIndex task;
  AcceleratorIndex accelerator;
  bool operator==(const Placed&) const = default;
};

/// What is started at 10 ms, in order.
std::vector<Placed> at_ten(const Scenario& s, const std::string& policy) {
  std::vector<Placed> result;
  for (const auto& e : run(s, policy).events.started) {
    if (e.time == at(10ms)) result.push_back({e.task - 2, e.accelerator});
  }
  return result;
}

// Without switch costs: job 2 scores 2 + 1 + 2 = 5 on both and takes the lower accelerator, job 1 gets b.
TEST(Dream, WorkedExampleAsADispatch) {
  const Scenario s = worked_example(10ms, 5ms);
  EXPECT_EQ(at_ten(s, "dream"), (std::vector<Placed>{{1, 0}, {0, 1}}));
  EXPECT_EQ(at_ten(s, "dream:beta=0"), (std::vector<Placed>{{1, 0}, {0, 1}}));
}

// alpha = beta = 0: job 1 scores 2 on a, job 2 scores 2 on a and on b. The earlier release decides, then the lower
// index.
TEST(Dream, ThreeWayTieGoesToTheEarlierArrival) {
  const std::string policy = "dream:alpha=0:beta=0";
  EXPECT_EQ(at_ten(worked_example(10ms, 5ms), policy), (std::vector<Placed>{{1, 0}, {0, 1}}));
  EXPECT_EQ(at_ten(worked_example(5ms, 10ms), policy), (std::vector<Placed>{{0, 0}, {1, 1}}));
  // Released together: accelerator a for both, then the task decides.
  EXPECT_EQ(at_ten(worked_example(5ms, 5ms), policy), (std::vector<Placed>{{0, 0}, {1, 1}}));
}

/// One accelerator, held until 10 ms; `late` has its deadline at 8, `fair` at 18; both need 4 ms.
Scenario late_and_fair() {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{4ms}});
  add_task(s, "hold", add_network(s, "hold", {{10ms}}), 1s, releases({0ms}));
  add_task(s, "late", net, 7ms, releases({1ms}));
  add_task(s, "fair", net, 17ms, releases({1ms}));
  return s;
}

// At 10 ms `fair` has urgency 4/8; `late` has 4/−2, or the cap of 1, or is dropped.
TEST(Dream, GuardsDecideWhatBecomesOfALateJob) {
  const Scenario s = late_and_fair();
  EXPECT_EQ(finishes(s, "dream:alpha=0:guard=raw"), (Finishes{10ms, 18ms, 14ms}));
  EXPECT_EQ(finishes(s, "dream:alpha=0:guard=clamp"), (Finishes{10ms, 14ms, 18ms}));
  EXPECT_EQ(finishes(s, "dream:alpha=0:guard=drop"), (Finishes{10ms, 10ms, 14ms}));
  EXPECT_EQ(run(s, "dream:alpha=0:guard=drop").result.tasks[1].dropped, 1U);
}

TEST(Dream, DropTakesJobsWithSeveralReadyLayersOnce) {
  Scenario s = late_and_fair();
  s.tasks[1].network = add_network(s, "wide", {{4ms}, {4ms}, {4ms}}, {{}, {}, {}});
  const Outcome out = run(s, "dream:guard=drop");
  EXPECT_EQ(out.result.tasks[1].dropped, 1U);
  EXPECT_EQ(out.events.finish.at({2U, 0U}), at(14ms));
}

// At 1 ms x needs 4 of 2 ms left, y 4 of 1 ms: both above 1, so a cap of 1 makes a tie and x is first.
TEST(Dream, UrgencyCap) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{4ms}});
  add_task(s, "x", net, 2ms, releases({1ms}));
  add_task(s, "y", net, 1ms, releases({1ms}));
  EXPECT_EQ(finishes(s, "dream:alpha=0"), (Finishes{5ms, 9ms}));
  EXPECT_EQ(finishes(s, "dream:alpha=0:urgency_cap=1000"), (Finishes{9ms, 5ms}));
}

/// Accelerator b is held for long from 0 on; what comes at 1 ms competes for a.
Scenario only_a() {
  Scenario s = platform({{"a", 1}, {"b", 1}});
  add_task(s, "hold", add_network(s, "hold", {{kCannotRun, 100ms}}), 1s, releases({0ms}));
  return s;
}

// p: urgency 4/16, preference 8/2; q: urgency 3/3, preference 6/4. Products 1 and 1.5, sums 4.25 and 2.5.
TEST(Dream, CombineProductOrSum) {
  Scenario s = only_a();
  add_task(s, "p", add_network(s, "p", {{2ms, 6ms}}), 16ms, releases({1ms}));
  add_task(s, "q", add_network(s, "q", {{4ms, 2ms}}), 3ms, releases({1ms}));
  EXPECT_EQ(finishes(s, "dream:alpha=0:combine=product"), (Finishes{100ms, 7ms, 5ms}));
  EXPECT_EQ(finishes(s, "dream:alpha=0:combine=sum"), (Finishes{100ms, 3ms, 7ms}));
}

// x: 4 of 8 either way. y: mean 1 + 5 of 8, smallest 1 + 1 of 8. Preference 2 for both first layers.
TEST(Dream, ToGoByMeanOrByMinimum) {
  Scenario s = only_a();
  add_task(s, "x", add_network(s, "x", {{4ms, 4ms}}), 8ms, releases({1ms}));
  add_task(s, "y", add_network(s, "y", {{1ms, 1ms}, {1ms, 9ms}}), 8ms, releases({1ms}));
  EXPECT_EQ(finishes(s, "dream:alpha=0:togo=mean"), (Finishes{100ms, 7ms, 3ms}));
  EXPECT_EQ(finishes(s, "dream:alpha=0:togo=min"), (Finishes{100ms, 5ms, 7ms}));
}

// x is always the more urgent, y waits: at 2 ms it has waited for a whole layer.
TEST(Dream, StarvationServesInTurn) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{2ms}, {2ms}});
  add_task(s, "x", net, 10ms, releases({0ms}));
  add_task(s, "y", net, 100ms, releases({0ms}));
  EXPECT_EQ(finishes(s, "dream:alpha=0"), (Finishes{4ms, 8ms}));
  EXPECT_EQ(finishes(s, "dream:alpha=1"), (Finishes{6ms, 8ms}));
}

TEST(Dream, EnergyPreferenceChoosesTheAccelerator) {
  Scenario s = platform({{"a", 1}, {"b", 1}});
  const auto net = add_network(s, "net", {{4ms, 4ms}});
  s.networks[net].energy_nj = {3.0, 1.0};
  add_task(s, "x", net, 10ms, releases({0ms}));
  EXPECT_EQ(run(s, "dream").events.started[0].accelerator, 1U);
  EXPECT_EQ(run(s, "dream:beta=0").events.started[0].accelerator, 0U);
}

} // namespace
} // namespace terastal
