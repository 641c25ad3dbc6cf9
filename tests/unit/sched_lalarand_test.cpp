#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/lalarand.hpp"

namespace terastal {
namespace {

using namespace testing;

constexpr TypeIndex kGpu = 0;
constexpr TypeIndex kCpu = 1;

/// One GPU and one CPU.
Scenario board(Duration horizon = 1s) {
  Scenario s = platform({{"gpu", 1}, {"cpu", 1}}, horizon);
  s.platform.types[kGpu].kind = AcceleratorKind::gpu;
  s.platform.types[kCpu].kind = AcceleratorKind::cpu;
  return s;
}

/// The layers in the order in which they started: task.layer@accelerator at milliseconds.
std::vector<std::string> starts(const Outcome& out) {
  std::vector<std::string> result;
  for (const StartEvent& e : out.events.started) {
    result.push_back(std::to_string(e.task) + "." + std::to_string(e.layer) + (e.accelerator == 0 ? " gpu " : " cpu ") +
                     format_duration_short(e.time.time_since_epoch()));
  }
  return result;
}

using Starts = std::vector<std::string>;

// -- migration: the worked check of the second generation's rule

/// A (more urgent): two GPU layers of 10 ms, deadline 100 ms. X: one layer, GPU 6 ms, CPU as given, deadline 60 ms,
/// released at 2 ms.
Scenario worked_check(Duration cpu) {
  Scenario s = board();
  add_task(s, "A", add_network(s, "a", {{10ms, kCannotRun}, {10ms, kCannotRun}}), 100ms, releases({0ms})).priority = 1;
  add_task(s, "X", add_network(s, "x", {{6ms, cpu}}), 60ms, releases({2ms})).priority = 2;
  return s;
}

TEST(Lalarand, WorkedCheckOfMigration) {
  // CPU 9: slack 60 − 6 − 0 > 3, W = 8 + 10, B = 10: 18 + 6 > 10 + 9, but FROM is busy for 18 < 19 only.
  EXPECT_EQ(starts(run(worked_check(9ms), "lalarand:order=priority:allocation=all_gpu")),
            (Starts{"0.0 gpu 0 s", "0.1 gpu 10 ms", "1.0 gpu 20 ms"}));
  // CPU 7: 24 > 17 and 18 > 17.
  EXPECT_EQ(starts(run(worked_check(7ms), "lalarand:order=priority:allocation=all_gpu")),
            (Starts{"0.0 gpu 0 s", "1.0 cpu 2 ms", "0.1 gpu 10 ms"}));
  EXPECT_EQ(starts(run(worked_check(7ms), "lalarand:order=priority:allocation=all_gpu:migration=false")),
            (Starts{"0.0 gpu 0 s", "0.1 gpu 10 ms", "1.0 gpu 20 ms"}));
}

TEST(Lalarand, MigrationRulesTermByTerm) {
  MigrationTerms m{52ms, 6ms, 9ms, 18ms, 18ms, 10ms, 0ms};
  EXPECT_FALSE(guarded_migration(m));
  m.other = 7ms;
  EXPECT_TRUE(guarded_migration(m));
  MigrationTerms no_slack = m;
  no_slack.slack = 1ms; // 7 − 6: not more than the difference
  EXPECT_FALSE(guarded_migration(no_slack));
  MigrationTerms costly = m;
  costly.transfer = 1ms; // busy for 18 ms, away for 18 ms
  EXPECT_FALSE(guarded_migration(costly));
  MigrationTerms not_earlier = m;
  not_earlier.wait = 11ms;
  EXPECT_FALSE(guarded_migration(not_earlier));
  EXPECT_TRUE(laxity_migration({4ms, 6ms, 9ms, 4ms, 0ms, 0ms, 0ms}));
  EXPECT_FALSE(laxity_migration({3ms, 6ms, 9ms, 4ms, 0ms, 0ms, 0ms}));
  EXPECT_FALSE(laxity_migration({4ms, 9ms, 6ms, 3ms, 0ms, 0ms, 0ms}));
}

// A job that leaves the GPU ends what is certain: A goes on to the CPU after its first layer, so X must wait.
TEST(Lalarand, WhatLeavesTheQueueIsNotCountedOn) {
  Scenario s = board();
  add_task(s, "A", add_network(s, "a", {{10ms, kCannotRun}, {kCannotRun, 1ms}, {10ms, kCannotRun}}), 100ms,
           releases({0ms}));
  add_task(s, "X", add_network(s, "x", {{6ms, 7ms}}), 200ms, releases({2ms}));
  EXPECT_EQ(starts(run(s, "lalarand:order=priority:allocation=all_gpu")),
            (Starts{"0.0 gpu 0 s", "1.0 gpu 10 ms", "0.1 cpu 10 ms", "0.2 gpu 16 ms"}));
}

// Two layers could go; the one with the smaller slack does.
TEST(Lalarand, SmallestSlackMigrates) {
  Scenario s = board();
  const std::vector<Duration> on_gpu = {10ms, kCannotRun};
  add_task(s, "A", add_network(s, "a", {on_gpu, on_gpu, on_gpu, on_gpu, on_gpu}), 100ms, releases({0ms}));
  add_task(s, "X", add_network(s, "x", {{6ms, 7ms}}), 200ms, releases({2ms}));
  add_task(s, "Y", add_network(s, "y", {{6ms, 7ms}}), 150ms, releases({2ms}));
  const Starts got = starts(run(s, "lalarand:order=priority:allocation=all_gpu"));
  ASSERT_GE(got.size(), 2U);
  EXPECT_EQ(got[1], "2.0 cpu 2 ms");
}

// -- the dispatcher

// GPU before CPU, the more urgent first in each queue, layers not preempted.
TEST(Lalarand, DispatchesByRankOnEachResource) {
  Scenario s = board(20ms);
  const auto both = [&](const char* name) { return add_network(s, name, {{2ms, kCannotRun}, {kCannotRun, 3ms}}); };
  add_task(s, "slow", both("s"), 200ms, PeriodicArrivals{200ms});
  add_task(s, "fast", both("f"), 100ms, PeriodicArrivals{100ms});
  EXPECT_EQ(starts(run(s, "lalarand:allocation=all_gpu:migration=false")),
            (Starts{"1.0 gpu 0 s", "0.0 gpu 2 ms", "1.1 cpu 2 ms", "0.1 cpu 5 ms"}));
}

TEST(Lalarand, QueueOrders) {
  Scenario s = board();
  const std::uint32_t n = add_network(s, "n", {{10ms, kCannotRun}});
  add_task(s, "holds", n, 1s, releases({0ms}));
  add_task(s, "long period, urgent, loose", n, 900ms, PeriodicArrivals{2s, 1ms}).priority = -1;
  add_task(s, "short period", n, 950ms, PeriodicArrivals{1s, 2ms}).priority = 5;
  add_task(s, "tight", n, 100ms, PeriodicArrivals{3s, 3ms}).priority = 3;
  const auto second = [&](const std::string& order) { return starts(run(s, "lalarand:order=" + order))[1]; };
  EXPECT_EQ(second("rm"), "2.0 gpu 10 ms");
  EXPECT_EQ(second("priority"), "1.0 gpu 10 ms");
  EXPECT_EQ(second("laxity"), "3.0 gpu 10 ms");
}

// Of two layers with the same rank the one that has waited longer goes first.
TEST(Lalarand, FirstComeFirstServedWithinATask) {
  Scenario s = board();
  add_task(s, "t", add_network(s, "n", {{4ms, kCannotRun}, {4ms, kCannotRun}}), 1s, releases({0ms, 1ms}));
  const Outcome out = run(s, "lalarand");
  EXPECT_EQ(out.events.finish.at({0, 0}), at(12ms));
  EXPECT_EQ(out.events.finish.at({0, 1}), at(16ms));
}

// -- quantised layers and transfers

/// One layer on the GPU, then one that only its quantised form makes fast on the CPU; moving costs 1 ms there, 2 ms
/// back.
Scenario quantised(double cost) {
  Scenario s = board();
  const std::uint32_t n = add_network(s, "n", {{5ms, kCannotRun}, {6ms, 9ms}, {5ms, kCannotRun}});
  add_variant(s, n, 1, "int8", {kCannotRun, 3ms});
  s.networks[n].accuracy = AccuracyModel::additive("top-1", 80.0, {cost});
  s.platform.transfers = {Transfer{}, Transfer{1ms, 0.0}, Transfer{2ms, 0.0}, Transfer{}};
  add_task(s, "t", n, 100ms, releases({0ms})).theta = 0.99;
  return s;
}

TEST(Lalarand, ACpuLayerIsTheQuantisedOne) {
  const Outcome out = run(quantised(0.004), "lalarand:allocation=preferred");
  EXPECT_EQ(starts(out), (Starts{"0.0 gpu 0 s", "0.1 cpu 5 ms", "0.2 gpu 9 ms"}));
  EXPECT_EQ(out.events.started[1].setup, 1ms);
  EXPECT_EQ(out.events.started[2].setup, 2ms);
  EXPECT_EQ(out.events.ended[0].variants, 1U);
  EXPECT_EQ(out.events.finish.at({0, 0}), at(16ms));
}

TEST(Lalarand, TheAccuracyBudgetForbids) {
  EXPECT_EQ(run(quantised(0.005), "lalarand:allocation=preferred").events.ended[0].variants, 0U);
  EXPECT_EQ(run(quantised(0.005), "lalarand:allocation=preferred:accuracy_budget=0.005").events.ended[0].variants, 1U);
  // The task's own threshold holds as well.
  EXPECT_EQ(run(quantised(0.02), "lalarand:allocation=preferred:accuracy_budget=0.5").events.ended[0].variants, 0U);
  EXPECT_EQ(run(quantised(0.004), "lalarand:allocation=preferred:variants=false").events.ended[0].variants, 0U);
}

// -- platforms that LaLaRAND does not know

// Accelerators of one type share a queue; a DAG's layers run side by side.
TEST(Lalarand, SeveralAcceleratorsAndDags) {
  Scenario s = platform({{"npu", 2}, {"dsp", 1}});
  add_task(s, "t", add_network(s, "n", {{2ms, 9ms}, {4ms, 9ms}, {4ms, 9ms}, {9ms, 1ms}}, {{}, {0}, {0}, {1, 2}}), 100ms,
           releases({0ms, 0ms}));
  const Outcome out = run(s, "lalarand");
  EXPECT_EQ(out.result.tasks[0].late, 0U);
  EXPECT_EQ(out.events.finish.at({0, 0}), at(7ms));
  EXPECT_EQ(out.events.finish.at({0, 1}), at(11ms));
}

} // namespace
} // namespace terastal
