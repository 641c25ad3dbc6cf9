#include "support/policies.hpp"
#include "terastal/experiment/warm_up.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "support/small_scenario.hpp"
#include "terastal/core/random.hpp"

namespace terastal {
namespace {

/// MSER straight from its definition: every d afresh.
std::size_t by_definition(const std::vector<double>& series, std::size_t batch) {
  std::vector<double> y;
  for (std::size_t b = 0; (b + 1) * batch <= series.size(); ++b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < batch; ++i) sum += series[b * batch + i];
    y.push_back(sum / static_cast<double>(batch));
  }
  std::size_t best = 0;
  double smallest = INFINITY;
  for (std::size_t d = 0; d + 5 <= y.size(); ++d) {
    double mean = 0.0;
    for (std::size_t i = d; i < y.size(); ++i) mean += y[i] / static_cast<double>(y.size() - d);
    double squares = 0.0;
    for (std::size_t i = d; i < y.size(); ++i) squares += (y[i] - mean) * (y[i] - mean);
    const double statistic = squares / std::pow(static_cast<double>(y.size() - d), 2.0);
    if (statistic < smallest) {
      smallest = statistic;
      best = d;
    }
  }
  return best * batch;
}

std::vector<double> noise(std::size_t length, std::uint64_t seed) {
  RandomStream random(seed, 0, Purpose::sample);
  std::vector<double> values(length);
  for (double& v : values) v = random.normal();
  return values;
}

// A step: the first 100 of 1000 values lie 10 above the rest, whose standard deviation is 1. Keeping any batch of the
// step costs more than leaving a few good ones out.
TEST(Mser, CutsAStepWhereItEnds) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<double> series = noise(1000, seed);
    for (std::size_t i = 0; i < 100; ++i) series[i] += 10.0;
    const MserCut cut = mser(series);
    EXPECT_TRUE(cut.accepted);
    EXPECT_GE(cut.deleted, 100U) << seed;
    EXPECT_LE(cut.deleted, 400U) << seed;
  }
}

// Without noise the step ends the search exactly: behind it the criterion is 0, and the smallest of equals is taken.
TEST(Mser, StepWithoutNoise) {
  std::vector<double> series(200, 3.7);
  for (std::size_t i = 0; i < 42; ++i) series[i] = 0.0;
  const MserCut cut = mser(series);
  EXPECT_EQ(cut.deleted, 45U) << "batches of five; the one from 40 to 44 is mixed";
  EXPECT_EQ(cut.statistic, 0.0);
  EXPECT_EQ(mser(series, 1).deleted, 42U);
}

TEST(Mser, FollowsItsDefinition) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    std::vector<double> series = noise(203, seed);
    // A transient that decays: e^(−i / 20) from −6.
    for (std::size_t i = 0; i < series.size(); ++i) series[i] -= 6.0 * std::exp(-static_cast<double>(i) / 20.0);
    EXPECT_EQ(mser(series).deleted, by_definition(series, 5)) << seed;
    EXPECT_EQ(mser(series, 1).deleted, by_definition(series, 1)) << seed;
  }
}

TEST(Mser, SteadyValuesNeedNothing) {
  const MserCut cut = mser(std::vector<double>(100, 0.1));
  EXPECT_TRUE(cut.accepted);
  EXPECT_EQ(cut.deleted, 0U);
  EXPECT_EQ(cut.length, 100U);
}

TEST(Mser, GrowthWithoutEndIsRejected) {
  std::vector<double> series(500);
  for (std::size_t i = 0; i < series.size(); ++i) series[i] = static_cast<double>(i * i);
  const MserCut cut = mser(series);
  EXPECT_GT(cut.deleted, 250U);
  EXPECT_FALSE(cut.accepted);
}

TEST(Mser, ShortSeriesAreRejected) {
  EXPECT_FALSE(mser({}).accepted);
  EXPECT_FALSE(mser(std::vector<double>(49, 1.0)).accepted);
  EXPECT_TRUE(mser(std::vector<double>(50, 1.0)).accepted);
}

/// One accelerator that is busy nearly all the time: it fills slowly.
Scenario busy_server(double load, Duration horizon) {
  using namespace std::chrono_literals;
  Scenario s = testing::platform({{"server", 1}}, horizon);
  const auto network = testing::add_network(s, "job", {{1ms}});
  Task& task = testing::add_task(s, "job", network, 10ms, PoissonArrivals{Duration{std::llround(1e9 / load)}});
  task.execution.kind = ExecutionTimes::Kind::exponential;
  return s;
}

using testing::policies;

TEST(EstimateWarmUp, DoesNotDependOnTheNumberOfThreads) {
  const Scenario s = busy_server(0.9, std::chrono::seconds(4));
  WarmUpOptions options;
  options.first_seed = 77;
  options.threads = 1;
  const WarmUpEstimate one = estimate_warm_up(s, policies({"fcfs", "edf"}), options);
  options.threads = 4;
  const WarmUpEstimate four = estimate_warm_up(s, policies({"fcfs", "edf"}), options);
  ASSERT_EQ(one.policies.size(), 2U);
  EXPECT_EQ(one.first_seed, 77U);
  EXPECT_EQ(one.replications, 5U);
  for (std::size_t p = 0; p < 2; ++p) {
    EXPECT_EQ(one.policies[p].warm_up, four.policies[p].warm_up);
    EXPECT_EQ(one.policies[p].cut.deleted, four.policies[p].cut.deleted);
    EXPECT_EQ(one.policies[p].cut.deleted % 5, 0U);
  }
  EXPECT_EQ(one.warm_up, four.warm_up);
  EXPECT_EQ(one.policies[0].policy, "fcfs");
}

TEST(EstimateWarmUp, TheLongestPolicyCounts) {
  const Scenario s = busy_server(0.8, std::chrono::seconds(4));
  const WarmUpEstimate e = estimate_warm_up(s, policies({"fcfs", "edf"}), {});
  ASSERT_TRUE(e.warm_up);
  EXPECT_EQ(*e.warm_up, std::max(e.policies[0].warm_up, e.policies[1].warm_up));
  EXPECT_LE(*e.warm_up, s.horizon / 2 + s.horizon / 10) << "at most half of the jobs";
}

// More load than can be served: the queue grows as long as jobs come, and no warm-up makes that a steady state.
TEST(EstimateWarmUp, OverloadHasNone) {
  const Scenario s = busy_server(2.0, std::chrono::seconds(4));
  const WarmUpEstimate e = estimate_warm_up(s, policies({"fcfs"}), {});
  EXPECT_FALSE(e.warm_up);
  ASSERT_EQ(e.policies.size(), 1U);
  EXPECT_FALSE(e.policies[0].cut.accepted);
}

TEST(EstimateWarmUp, TooFewJobs) {
  const Scenario s = busy_server(0.5, std::chrono::milliseconds(60));
  EXPECT_FALSE(estimate_warm_up(s, policies({"fcfs"}), {}).warm_up);
}

TEST(EstimateWarmUp, Interrupted) {
  WarmUpOptions options;
  options.keep_going = [] { return false; };
  const WarmUpEstimate e = estimate_warm_up(busy_server(0.5, std::chrono::seconds(1)), policies({"fcfs"}), options);
  EXPECT_FALSE(e.warm_up);
  EXPECT_TRUE(e.policies.empty());
}

} // namespace
} // namespace terastal
