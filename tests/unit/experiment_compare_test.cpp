#include "support/policies.hpp"
#include "terastal/experiment/compare.hpp"

#include <atomic>
#include <memory>

#include <gtest/gtest.h>

#include "support/small_scenario.hpp"
#include "terastal/core/error.hpp"
#include "terastal/experiment/run.hpp"

namespace terastal {
namespace {

using testing::policies;

CompareOptions replications(std::size_t n) {
  CompareOptions options;
  options.replications = n;
  return options;
}

/// Starts every ready layer on accelerator 0, idle or not.
class Illegal : public Scheduler {
 public:
  [[nodiscard]] std::string_view name() const override { return "illegal"; }

  void dispatch(const SystemView& view, Decisions& out) override {
    for (const ReadyId id : view.ready()) {
      out.start(id, view.original(id), 0);
      out.start(id, view.original(id), 0);
    }
  }
};

Policy illegal_policy() {
  PolicyInfo info;
  info.id = "illegal";
  info.make = [](const Settings&) { return std::make_unique<Illegal>(); };
  return {"illegal", info, Settings{}};
}

TEST(Run, IsReproducibleAndLegal) {
  const Scenario scenario = testing::small_scenario();
  RunOptions options;
  options.check_invariants = true;
  for (const Policy& policy : policies({"fcfs", "edf", "dream", "terastal"})) {
    const RunResult a = run(scenario, policy, options);
    const RunResult b = run(scenario, policy);
    EXPECT_TRUE(a.complete);
    EXPECT_EQ(a.policy, policy.label);
    EXPECT_EQ(a.digest, b.digest);
    EXPECT_EQ(a.mean_miss_rate, b.mean_miss_rate);
    EXPECT_GT(a.tasks[0].released, 90U);
  }
}

TEST(Run, SeedChangesTheArrivals) {
  const Scenario scenario = testing::small_scenario();
  const Policy edf = policies({"edf"}).front();
  RunOptions options;
  options.seed = 2;
  const RunResult other = run(scenario, edf, options);
  EXPECT_EQ(other.seed, 2U);
  EXPECT_NE(other.digest, run(scenario, edf).digest);
}

TEST(Run, StopsWhenToldAndSaysSo) {
  Scenario scenario = testing::small_scenario();
  scenario.horizon = std::chrono::hours(1);
  RunOptions options;
  options.keep_going = [](Time now) { return now < Time{std::chrono::seconds(60)}; };
  const RunResult result = run(scenario, policies({"edf"}).front(), options);
  EXPECT_FALSE(result.complete);
  EXPECT_GE(result.makespan, Time{std::chrono::seconds(60)});
  EXPECT_LT(result.makespan, Time{std::chrono::hours(1)});
}

TEST(Compare, DoesNotDependOnTheNumberOfThreads) {
  const Scenario scenario = testing::small_scenario();
  const auto list = policies({"fcfs", "edf", "terastal"});
  CompareOptions options;
  options.replications = 6;
  options.threads = 1;
  const Comparison one = compare({&scenario}, list, options);
  options.threads = 5;
  const Comparison five = compare({&scenario}, list, options);
  ASSERT_EQ(one.scenarios[0].runs.size(), 3U);
  for (std::size_t p = 0; p < list.size(); ++p) {
    ASSERT_EQ(one.scenarios[0].runs[p].size(), 6U);
    for (std::size_t r = 0; r < 6; ++r) {
      EXPECT_EQ(one.scenarios[0].runs[p][r].digest, five.scenarios[0].runs[p][r].digest);
      EXPECT_EQ(one.scenarios[0].runs[p][r].seed, 1U + r);
      EXPECT_EQ(one.scenarios[0].runs[p][r].policy, list[p].label);
    }
    EXPECT_EQ(one.scenarios[0].policies[p].mean_miss_rate.value.mean,
              five.scenarios[0].policies[p].mean_miss_rate.value.mean);
  }
}

TEST(Compare, StatisticsFollowFromTheRuns) {
  const Scenario scenario = testing::small_scenario();
  CompareOptions options;
  options.replications = 4;
  options.seed = 100;
  const Comparison c = compare({&scenario}, policies({"fcfs", "terastal"}), options);
  const ScenarioComparison& s = c.scenarios[0];
  std::vector<double> first;
  std::vector<double> second;
  for (std::size_t r = 0; r < 4; ++r) {
    EXPECT_EQ(s.runs[0][r].seed, 100 + r);
    first.push_back(s.runs[0][r].tasks[0].miss_rate);
    second.push_back(s.runs[1][r].tasks[0].miss_rate);
  }
  EXPECT_EQ(s.policies[1].tasks[0].task, "fast");
  EXPECT_EQ(s.policies[1].tasks[0].miss_rate.value.mean, estimate_mean(second).mean);
  EXPECT_EQ(s.policies[1].tasks[0].miss_rate.against_first->difference.mean,
            compare_paired(first, second).difference.mean);
  EXPECT_FALSE(s.policies[0].tasks[0].miss_rate.against_first);
  EXPECT_TRUE(c.complete);
  EXPECT_TRUE(c.overall.empty());
}

TEST(Compare, PoliciesThatActAlikeAreIdentical) {
  const Scenario scenario = testing::small_scenario();
  const Comparison c = compare({&scenario}, policies({"fcfs", "fcfs"}), replications(3));
  EXPECT_TRUE(c.scenarios[0].policies[1].mean_miss_rate.against_first->identical);
}

TEST(Compare, ScenariosWithoutChanceAreRecognised) {
  Scenario scenario = testing::small_scenario();
  EXPECT_FALSE(compare({&scenario}, policies({"fcfs", "edf"}), replications(2)).scenarios[0].alike);
  for (Task& task : scenario.tasks)
    task.arrivals = PeriodicArrivals{Duration{std::chrono::milliseconds(20)}, Duration{0}, Duration{0}};
  EXPECT_TRUE(compare({&scenario}, policies({"fcfs", "edf"}), replications(2)).scenarios[0].alike);
  EXPECT_FALSE(compare({&scenario}, policies({"fcfs"}), replications(1)).scenarios[0].alike);
}

TEST(Compare, MeansOverScenarios) {
  const Scenario a = testing::small_scenario();
  Scenario b = a;
  b.name = "longer";
  b.horizon = std::chrono::seconds(2);
  const Comparison c = compare({&a, &b}, policies({"fcfs", "edf"}), replications(3));
  ASSERT_EQ(c.overall.size(), 2U);
  const double mean =
      (c.scenarios[0].policies[1].mean_miss_rate.value.mean + c.scenarios[1].policies[1].mean_miss_rate.value.mean) /
      2.0;
  EXPECT_NEAR(c.overall[1].mean_miss_rate.value.mean, mean, 1e-12);
  EXPECT_EQ(c.overall[1].mean_miss_rate.value.n, 3U);
}

TEST(Compare, StopsEarlyAndKeepsWholeReplications) {
  const Scenario scenario = testing::small_scenario();
  std::atomic<std::size_t> finished = 0;
  CompareOptions options;
  options.replications = 50;
  options.threads = 2;
  options.progress = [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 100U);
    finished = done;
  };
  options.keep_going = [&] { return finished < 21; };
  const Comparison c = compare({&scenario}, policies({"fcfs", "edf"}), options);
  EXPECT_FALSE(c.complete);
  EXPECT_GE(c.scenarios[0].replications, 9U);
  EXPECT_LT(c.scenarios[0].replications, 15U);
  EXPECT_EQ(c.scenarios[0].runs[0].size(), c.scenarios[0].runs[1].size());
  EXPECT_EQ(c.scenarios[0].policies[0].mean_miss_rate.value.n, c.scenarios[0].replications);
}

TEST(Compare, NothingFinished) {
  const Scenario scenario = testing::small_scenario();
  CompareOptions options;
  options.keep_going = [] { return false; };
  const Comparison c = compare({&scenario}, policies({"fcfs"}), options);
  EXPECT_FALSE(c.complete);
  EXPECT_EQ(c.scenarios[0].replications, 0U);
}

TEST(Compare, TheFirstErrorIsThrownOnAnyNumberOfThreads) {
  const Scenario scenario = testing::small_scenario();
  for (const std::size_t threads : {1U, 4U}) {
    CompareOptions options;
    options.threads = threads;
    EXPECT_THROW((void)compare({&scenario}, {illegal_policy()}, options), PolicyError);
  }
}

} // namespace
} // namespace terastal
