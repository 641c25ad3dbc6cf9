#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/prema_preemptive.hpp"

// PREMA's mechanisms of preemption: times worked by hand.
namespace terastal::testing {
namespace {

/// `count` accelerators whose layers have four tiles.
Scenario npus(int count = 1) {
  Scenario s = platform({{"npu", count}});
  s.platform.types[0].preemption = Preemption{4, {}};
  return s;
}

Task& add_job(Scenario& s, const std::string& name, const std::vector<Duration>& lengths, Duration release,
              double weight = 1.0) {
  std::vector<std::vector<Duration>> layers;
  for (const Duration d : lengths) layers.push_back({d});
  Task& task = add_task(s, name, add_network(s, name, layers), 100ms, releases({release}));
  task.weight = weight;
  return task;
}

Outcome run_prema(const Scenario& s, PremaMechanism mechanism, Duration quantum = 250us) {
  PreemptivePremaScheduler scheduler(TokenRule::elapsed, mechanism, quantum);
  return run(s, scheduler);
}

Time end_of(const Outcome& out, TaskIndex task) { return out.events.finish.at({task, 0}); }

/// 8 ms from 0 on; 2 ms from 3 on, which is preferred: both reach the threshold.
Scenario long_and_short() {
  Scenario s = npus();
  add_job(s, "long", {4ms, 4ms}, 0ms);
  add_job(s, "short", {2ms}, 2500us);
  return s;
}

TEST(PremaMechanisms, DrainRunsTheJobToItsEnd) {
  const Outcome out = run_prema(long_and_short(), PremaMechanism::drain);
  EXPECT_EQ(end_of(out, 0), at(8ms)); // both layers
  EXPECT_EQ(end_of(out, 1), at(10ms));
}

TEST(PremaMechanisms, CheckpointStopsAtTheEndOfATile) {
  const Outcome out = run_prema(long_and_short(), PremaMechanism::checkpoint);
  EXPECT_EQ(end_of(out, 1), at(5ms)); // tiles of 1 ms: from 3 ms on
  EXPECT_EQ(end_of(out, 0), at(10ms));
  EXPECT_FALSE(out.events.stopped.at(0).killed);
}

TEST(PremaMechanisms, KillStopsAtOnceAndLosesTheLayer) {
  const Outcome out = run_prema(long_and_short(), PremaMechanism::kill);
  EXPECT_EQ(end_of(out, 1), at(4500us));
  EXPECT_EQ(end_of(out, 0), at(12500us));
  EXPECT_TRUE(out.events.stopped.at(0).killed);
}

TEST(PremaMechanisms, DynamicTakesTheSmallerSlowdown) {
  // The running job has r left of R, the other c of C: drain where c / R > r / C.
  EXPECT_FALSE(prema_drains(5ms, 8e-3, 2ms, 2e-3));
  EXPECT_TRUE(prema_drains(2ms, 8e-3, 6ms, 6e-3));
  EXPECT_FALSE(prema_drains(2ms, 8e-3, 4ms, 4e-3)); // equal
  const Outcome out = run_prema(long_and_short(), PremaMechanism::dynamic);
  EXPECT_EQ(end_of(out, 1), at(5ms)); // 2 / 8 against 5.5 / 2: checkpoint
}

TEST(PremaMechanisms, DynamicDrainsAJobThatIsAlmostDone) {
  // Weight 9 lifts the threshold over the running job's token: the other is preferred though it is longer.
  Scenario s = npus();
  add_job(s, "running", {8ms}, 0ms);
  add_job(s, "important", {6ms}, 5ms, 9.0);
  const Outcome dynamic = run_prema(s, PremaMechanism::dynamic);
  EXPECT_EQ(end_of(dynamic, 0), at(8ms)); // 6 / 8 against 3 / 6
  EXPECT_EQ(end_of(dynamic, 1), at(14ms));
  const Outcome checkpoint = run_prema(s, PremaMechanism::checkpoint);
  EXPECT_EQ(end_of(checkpoint, 1), at(12ms));
  EXPECT_EQ(end_of(checkpoint, 0), at(14ms));
}

TEST(PremaMechanisms, TokensGrowAtQuanta) {
  // Tokens 3 and 1 at 0. The second reaches 3 after 2 · 0.9 ms; then the shorter one is preferred.
  Scenario s = npus();
  add_job(s, "first", {8ms}, 0ms, 3.0);
  add_job(s, "second", {900us}, 0ms, 1.0);
  const Outcome fine = run_prema(s, PremaMechanism::checkpoint);
  EXPECT_EQ(end_of(fine, 1), at(2900us));
  EXPECT_EQ(end_of(fine, 0), at(8900us));
  const Outcome coarse = run_prema(s, PremaMechanism::checkpoint, 1500us); // seen at 3 ms, stopped at 4
  EXPECT_EQ(end_of(coarse, 1), at(4900us));
  const Outcome none = run_prema(s, PremaMechanism::checkpoint, 0ms);
  EXPECT_EQ(end_of(none, 1), at(8900us));
}

TEST(PremaMechanisms, LeastPreferredOfSeveralGivesWay) {
  Scenario s = npus(2);
  add_job(s, "five", {5ms}, 0ms);
  add_job(s, "eight", {8ms}, 0ms);
  add_job(s, "two", {2ms}, 1ms);
  const Outcome out = run_prema(s, PremaMechanism::checkpoint);
  EXPECT_EQ(end_of(out, 0), at(5ms));
  EXPECT_EQ(end_of(out, 2), at(4ms));
  EXPECT_EQ(end_of(out, 1), at(10ms));
}

TEST(PremaMechanisms, KillsHappenWhenJobsArriveOrEndOnly) {
  // Each job's tokens overtake those of the one that runs, again and again: at quanta they would never end.
  Scenario s = npus();
  add_job(s, "a", {10ms}, 0ms);
  add_job(s, "b", {10ms}, 1ms);
  PreemptivePremaScheduler scheduler(TokenRule::harness, PremaMechanism::kill, 1ms);
  const Outcome out = run(s, scheduler);
  EXPECT_EQ(end_of(out, 0), at(10ms));
  EXPECT_EQ(end_of(out, 1), at(20ms));
}

TEST(PremaMechanisms, WithoutTilesTheAcceleratorChangesHandsBetweenLayers) {
  Scenario s = long_and_short();
  s.platform.types[0].preemption.reset();
  for (const PremaMechanism m : {PremaMechanism::checkpoint, PremaMechanism::kill}) {
    const Outcome out = run_prema(s, m);
    EXPECT_EQ(end_of(out, 1), at(6ms));
    EXPECT_EQ(end_of(out, 0), at(10ms));
  }
}

TEST(PremaMechanisms, AreSettingsOfThePolicy) {
  const Scenario s = long_and_short();
  EXPECT_EQ(end_of(run(s, "prema:mechanism=drain"), 1), at(10ms));
  EXPECT_EQ(end_of(run(s, "prema:mechanism=checkpoint"), 1), at(5ms));
  EXPECT_EQ(end_of(run(s, "prema:mechanism=kill"), 1), at(4500us));
  EXPECT_EQ(end_of(run(s, "prema:mechanism=dynamic:tokens=elapsed:quantum=1 ms"), 1), at(5ms));
  EXPECT_EQ(end_of(run(s, "prema"), 1), at(6ms)); // between layers
}

TEST(PremaMechanisms, ContextsCostWhatThePlatformSays) {
  Scenario s = long_and_short();
  s.platform.types[0].preemption->context = {100us, 0.0};
  const Outcome out = run_prema(s, PremaMechanism::checkpoint);
  EXPECT_EQ(end_of(out, 1), at(5100us));
  EXPECT_EQ(end_of(out, 0), at(10200us));
}

} // namespace
} // namespace terastal::testing
