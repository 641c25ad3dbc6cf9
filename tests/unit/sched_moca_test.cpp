#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/moca.hpp"

// MoCA's formulas and schedules, worked by hand.
namespace terastal::testing {
namespace {

MocaUse uses(const std::vector<std::pair<double, double>>& use_and_score) {
  MocaUse sum;
  for (const auto& [use, score] : use_and_score) sum.add(use, score);
  return sum;
}

TEST(MocaGrant, NeedIsGrantedUpToTheCapacity) {
  EXPECT_EQ(moca_grant(90, 1, uses({{60, 9}}), {}), 90);
  EXPECT_EQ(moca_grant(90, 1, {}, {}), 90);
  EXPECT_EQ(moca_grant(160, 1, {}, {}), 160); // nobody else to give way to
}

TEST(MocaGrant, ExcessIsSharedByScoreAndUse) {
  // 90 + 80 − 150 = 20 too much; the others weigh 2 · 80 of 6 · 90 + 2 · 80.
  EXPECT_DOUBLE_EQ(moca_grant(90, 6, uses({{80, 2}}), {}), 90 - 20 * 160.0 / 700);
  // Two others: 50 · 1 + 40 · 4 = 210 of 5 · 100 + 210; 100 + 90 − 150 = 40.
  EXPECT_DOUBLE_EQ(moca_grant(100, 5, uses({{50, 1}, {40, 4}}), {}), 100 - 40 * 210.0 / 710);
}

TEST(MocaGrant, ArtifactWeighsAllAlike) {
  const MocaGrantOptions artifact{150, 25, MocaScores::artifact};
  EXPECT_DOUBLE_EQ(moca_grant(90, 6, uses({{80, 2}}), artifact), 90 - 20 * 80.0 / 170);
  EXPECT_DOUBLE_EQ(moca_grant(90, 1, uses({{80, 99}}), artifact), 90 - 20 * 80.0 / 170);
  // The same where nobody has a score.
  EXPECT_DOUBLE_EQ(moca_grant(90, 0, uses({{80, 0}}), {}), 90 - 20 * 80.0 / 170);
}

TEST(MocaGrant, FloorAndNeedBoundIt) {
  EXPECT_EQ(moca_grant(40, 1, uses({{200, 50}}), {}), 25);
  EXPECT_EQ(moca_grant(20, 1, uses({{200, 50}}), {}), 20);
  EXPECT_EQ(moca_grant(40, 1, uses({{200, 50}}), {150, 10, MocaScores::own}), 10);
}

TEST(MocaScore, GrowsWithPriorityAndUrgency) {
  EXPECT_EQ(moca_dynamic_score(3, 4ms, 8ms), 1 + 5);
  EXPECT_EQ(moca_dynamic_score(10, 4ms, 400ms), 2 + 0);
  EXPECT_EQ(moca_dynamic_score(11, 4ms, 30ms), 3 + 1);
  EXPECT_EQ(moca_dynamic_score(0, 1us, -3ms), 1000); // a slack of 10 ns
}

TEST(MocaScore, PriorityIsTheWeightRounded) {
  EXPECT_EQ(moca_priority(0.2), 0);
  EXPECT_EQ(moca_priority(1.0), 1);
  EXPECT_EQ(moca_priority(2.5), 3);
  EXPECT_EQ(moca_priority(12.0), 11);
}

/// Adds a task with one job; `gb_per_s` is the demand of all its layers.
Task& add_job(Scenario& s, const std::vector<Duration>& layers, double weight, Duration release = 0ms,
              double gb_per_s = 0.0, Duration deadline = 100ms) {
  std::vector<std::vector<Duration>> times;
  for (const Duration d : layers) times.push_back(std::vector<Duration>(s.platform.types.size(), d));
  const std::string name = "task" + std::to_string(s.tasks.size());
  const std::uint32_t network = add_network(s, name, times);
  for (const Duration d : s.networks[network].latency) {
    s.networks[network].traffic_bytes.push_back(gb_per_s * 1e9 * to_seconds(d));
  }
  Task& task = add_task(s, name, network, deadline, releases({release}));
  task.weight = weight;
  return task;
}

std::vector<Duration> ends(const Scenario& s, const std::string& policy) {
  const Outcome out = run(s, policy);
  std::vector<Duration> result;
  for (TaskIndex t = 0; t < s.tasks.size(); ++t) result.push_back(out.events.finish.at({t, 0}).time_since_epoch());
  return result;
}

using Ends = std::vector<Duration>;

/// Two layers of 80 % each; the first job scores 2 + 1, the second 0 + 1.
Scenario contended() {
  Scenario s = platform({{"tile_pair", 2}});
  s.platform.memory_bytes_per_second = 10e9;
  add_job(s, {3250us}, 7, 0ms, 8, 32500us);
  add_job(s, {3500us}, 1, 0ms, 8, 35ms);
  return s;
}

TEST(Moca, ThrottledLayerLeavesBandwidthToTheOther) {
  // 160 − 100 too much: the second is granted 80 − 60 · 240/320 = 35 %, which leaves 65 %: 26 MB at 6.5 GB/s, 28 MB
  // at 3.5 GB/s.
  EXPECT_EQ(ends(contended(), "moca:capacity=100"), (Ends{4ms, 8ms}));
}

TEST(Moca, GrantAboveTheEqualShareBindsWhereTheOtherHasEnded) {
  // Both get 50 % until 5.2 ms; then 2 MB are left of the second, at 8 GB/s, or at its grant of 80 − 10 · 240/320 %.
  EXPECT_EQ(ends(contended(), "moca:throttle=false"), (Ends{5200us, 5450us}));
  EXPECT_EQ(ends(contended(), "moca"), (Ends{5200us, 5200us + Duration{275862069}}));
}

TEST(Moca, ArtifactScoresDivideByUse) {
  // 80 − 60 · 80/160 = 50 %.
  EXPECT_EQ(ends(contended(), "moca:capacity=100:scores=artifact"), (Ends{5200us, 5600us}));
}

TEST(Moca, RunsWithoutASharedMemory) {
  Scenario s = contended();
  s.platform.memory_bytes_per_second = 0;
  EXPECT_EQ(ends(s, "moca:capacity=100"), (Ends{3250us, 3500us}));
}

TEST(Moca, PlacesByScoreWhereItIsPredictedToEndFirst) {
  Scenario s = platform({{"tile_pair", 2}});
  add_job(s, {4ms}, 1);
  add_job(s, {6ms}, 5);
  add_job(s, {4ms}, 3);
  add_job(s, {4ms}, 2);
  // 5 and 3 start; 2 goes behind the 4 ms, 1 behind the 6 ms.
  EXPECT_EQ(ends(s, "moca"), (Ends{10ms, 6ms, 4ms, 8ms}));
}

TEST(Moca, WaitingRaisesTheScore) {
  Scenario s = platform({{"tile_pair", 1}});
  add_job(s, {8ms}, 1);
  add_job(s, {1ms}, 1, 2ms); // 1 + 6/1 at 8 ms
  add_job(s, {4ms}, 7, 4ms); // 7 + 4/4
  add_job(s, {4ms}, 6, 4ms); // 6 + 4/4: ties with task 1, which was released earlier
  EXPECT_EQ(ends(s, "moca"), (Ends{8ms, 13ms, 12ms, 17ms}));
}

TEST(Moca, JobKeepsItsAccelerator) {
  Scenario s = platform({{"tile_pair", 1}});
  add_job(s, {2ms, 2ms}, 1);
  add_job(s, {1ms}, 9, 1ms);
  EXPECT_EQ(ends(s, "moca"), (Ends{4ms, 5ms}));
  EXPECT_EQ(ends(s, "moca:placement=layer"), (Ends{5ms, 3ms}));
}

TEST(Moca, QueueIsServedInTheOrderItWasFilled) {
  Scenario s = platform({{"tile_pair", 1}});
  add_job(s, {4ms}, 1);
  add_job(s, {2ms}, 1, 1ms);
  add_job(s, {2ms}, 5, 2ms);
  add_job(s, {2ms}, 11, 5ms);
  // At 4 ms tasks 2 and 1 are queued; task 3 comes behind them. With a depth of 1 it passes task 1.
  EXPECT_EQ(ends(s, "moca"), (Ends{4ms, 8ms, 6ms, 10ms}));
  EXPECT_EQ(ends(s, "moca:depth=1"), (Ends{4ms, 10ms, 6ms, 8ms}));
}

TEST(Moca, PairsMemoryIntensiveJobsWithOthers) {
  Scenario s = platform({{"tile_pair", 2}});
  s.platform.memory_bytes_per_second = 10e9;
  add_job(s, {4ms}, 5, 0ms, 8);
  add_job(s, {4ms}, 4, 0ms, 8);
  add_job(s, {4ms}, 1, 0ms, 1);
  EXPECT_EQ(ends(s, "moca:throttle=false"), (Ends{4ms, 8ms, 4ms}));
  EXPECT_EQ(ends(s, "moca:throttle=false:pairing=false"), (Ends{6400us, 6400us, 10400us}));
  EXPECT_EQ(ends(s, "moca:throttle=false:intensive=0.9"), (Ends{6400us, 6400us, 10400us}));
}

TEST(Moca, JobThatFitsNoAcceleratorGoesLayerByLayer) {
  Scenario s = platform({{"npu", 1}, {"cpu", 1}});
  add_network(s, "split", {{2ms, kCannotRun}, {kCannotRun, 3ms}, {1ms, 9ms}});
  add_network(s, "whole", {{4ms, 8ms}});
  add_task(s, "split", 0, 50ms, releases({0ms}));
  add_task(s, "whole", 1, 50ms, releases({0ms})).weight = 3;
  // whole first, on npu; split's layers: npu [4, 6], cpu [6, 9], npu [9, 10].
  EXPECT_EQ(ends(s, "moca"), (Ends{10ms, 4ms}));
}

} // namespace
} // namespace terastal::testing
