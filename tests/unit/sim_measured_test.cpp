// Actual times drawn from measured percentiles.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/model/granularity.hpp"
#include "terastal/sim/execution.hpp"

namespace terastal {
namespace {

using namespace testing;

constexpr double kZ95 = 1.6448536269514722;
constexpr double kZ99 = 2.3263478740408408;
const TimePercentiles kLayer{800us, 1000us, 1500us};

TEST(Measured, TheTimeAtEachPercentileIsThatPercentile) {
  EXPECT_EQ(time_at_quantile(kLayer, 0.0), Duration(800us));
  // exp and log are exact to a few units in the last place: 1e9 ps · 1e-15 is far below 1 ps.
  EXPECT_EQ(time_at_quantile(kLayer, kZ95), Duration(1000us));
  EXPECT_EQ(time_at_quantile(kLayer, kZ99), Duration(1500us));
}

TEST(Measured, LogarithmsAreLinearBetweenPercentilesAndBeyond) {
  const auto us = [](double z) { return to_seconds(time_at_quantile(kLayer, z)) * 1e6; };
  EXPECT_NEAR(us(kZ95 / 2.0), std::sqrt(800.0 * 1000.0), 1e-5); // halfway: the geometric mean
  EXPECT_NEAR(us((kZ95 + kZ99) / 2.0), std::sqrt(1000.0 * 1500.0), 1e-5);
  EXPECT_NEAR(us(-kZ95), 800.0 * 800.0 / 1000.0, 1e-5);               // mirrored
  EXPECT_NEAR(us(2.0 * kZ99 - kZ95), 1500.0 * 1500.0 / 1000.0, 1e-5); // continued
}

TEST(Measured, EqualPercentilesAreOneTime) {
  for (const double z : {-8.0, -1.0, 0.0, 1.0, 2.0, 8.0}) {
    EXPECT_EQ(time_at_quantile({3us, 3us, 3us}, z), Duration(3us));
  }
}

/// 40000 jobs of one layer with an estimate of 1 ms.
Scenario measured_scenario(std::uint64_t seed = 1) {
  Scenario s = platform({{"gpu", 1}}, 80s);
  s.seed = seed;
  add_task(s, "a", add_network(s, "net", {{1ms}}), 2ms, PeriodicArrivals{2ms}).execution.kind =
      ExecutionTimes::Kind::measured;
  s.networks[0].percentiles = {kLayer};
  return s;
}

std::vector<double> times_us(const Scenario& s) {
  std::vector<double> times;
  for (const auto& e : run(s, "fcfs").events.started) times.push_back(to_seconds(e.finish - e.time - e.setup) * 1e6);
  return times;
}

TEST(Measured, DrawnTimesHaveThePercentiles) {
  std::vector<double> times = times_us(measured_scenario());
  ASSERT_EQ(times.size(), 40000U);
  std::sort(times.begin(), times.end());
  // The share of draws below a percentile q has a standard deviation of sqrt(q (1 − q) / n); five of them are allowed.
  const auto share_below = [&](double us) {
    const auto at = std::lower_bound(times.begin(), times.end(), us);
    return static_cast<double>(at - times.begin()) / static_cast<double>(times.size());
  };
  const auto tolerance = [](double q) { return 5.0 * std::sqrt(q * (1.0 - q) / 40000.0); };
  EXPECT_NEAR(share_below(800.0), 0.50, tolerance(0.50));
  EXPECT_NEAR(share_below(1000.0), 0.95, tolerance(0.95));
  EXPECT_NEAR(share_below(1500.0), 0.99, tolerance(0.99));
  EXPECT_NEAR(share_below(640.0), 0.05, tolerance(0.05)); // mirrored p95
}

TEST(Measured, TimesDependOnSeedTaskJobAndLayerAlone) {
  EXPECT_EQ(times_us(measured_scenario(7)), times_us(measured_scenario(7)));
  EXPECT_NE(times_us(measured_scenario(7)), times_us(measured_scenario(8)));
  const Scenario s = measured_scenario();
  const Task& task = s.tasks[0];
  const auto time = [&](TaskIndex index, JobIndex job) {
    return actual_time(task, s.networks[0], index, job, 0, 0, 0, 0, 1);
  };
  EXPECT_EQ(time(0, 5), time(0, 5));
  EXPECT_NE(time(0, 5), time(0, 6));
  EXPECT_NE(time(0, 5), time(1, 5));
}

TEST(Measured, WhatWasNotMeasuredTakesItsEstimate) {
  Scenario s = measured_scenario();
  s.horizon = 100ms;
  s.networks[0].percentiles.clear();
  for (const double us : times_us(s)) EXPECT_EQ(us, 1000.0);
  s.networks[0].percentiles = {TimePercentiles{}};
  for (const double us : times_us(s)) EXPECT_EQ(us, 1000.0);
}

TEST(Measured, MergedLayersAddTheirPercentiles) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}, {"cpu", 1}});
  add_network(s, "net", {{1ms, 5ms, 1ms}, {2ms, 6ms, kCannotRun}, {4ms, 7ms, 1ms}});
  Network& n = s.networks[0];
  n.percentiles.resize(9);
  n.percentiles[0] = {1ms, 2ms, 3ms};    // first layer on gpu
  n.percentiles[6] = {4ms, 40ms, 400ms}; // last layer on gpu; nothing is known about the second
  n.percentiles[2] = {1ms, 2ms, 3ms};    // on cpu, which cannot run the second layer
  const Network merged = merge_layers(n, Granularity::model, 0.9);
  EXPECT_EQ(merged.percentiles_of(0, 0), (TimePercentiles{7ms, 44ms, 405ms}));
  EXPECT_EQ(merged.percentiles_of(0, 1), TimePercentiles{});
  EXPECT_EQ(merged.percentiles_of(0, 2), TimePercentiles{});
  n.percentiles.clear();
  EXPECT_TRUE(merge_layers(n, Granularity::model, 0.9).percentiles.empty());
}

TEST(Measured, PercentilesOfScenariosBuiltInCodeAreChecked) {
  const auto refused = [](auto change) {
    Scenario s = measured_scenario();
    change(s.networks[0].percentiles);
    try {
      validate(s);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string{};
  };
  using Percentiles = std::vector<TimePercentiles>;
  EXPECT_EQ(refused([](Percentiles&) {}), "");
  EXPECT_NE(refused([](Percentiles& p) { p.push_back({}); }).find("options × types"), std::string::npos);
  EXPECT_NE(refused([](Percentiles& p) { p[0].p95 = 1us; }).find("ascend"), std::string::npos);
  EXPECT_NE(refused([](Percentiles& p) { p[0].p50 = 0us; }).find("ascend"), std::string::npos);
}

} // namespace
} // namespace terastal
