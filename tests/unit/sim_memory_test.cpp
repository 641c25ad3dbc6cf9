#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

// The shared memory: times worked by hand. Bandwidths and demands are in GB/s, so 1 ms at 1 GB/s moves 1 MB.
namespace terastal::testing {
namespace {

/// A layer's time alone, and what it asks of the memory meanwhile.
struct Use {
  Duration time;
  double gb_per_s;
};

/// Accelerators of one type on a memory of so many GB/s; 0: not shared.
Scenario shared(int accelerators, double gb_per_s) {
  Scenario s = platform({{"npu", accelerators}});
  s.platform.memory_bytes_per_second = gb_per_s * 1e9;
  return s;
}

/// Adds a task whose job is released at `release` and runs the given layers one after another.
void add_job(Scenario& s, Duration release, const std::vector<Use>& uses, Duration deadline = 500ms) {
  std::vector<std::vector<Duration>> times;
  for (const Use& use : uses) times.push_back({use.time});
  const std::string name = "task" + std::to_string(s.tasks.size());
  const std::uint32_t network = add_network(s, name, times);
  for (const Use& use : uses) {
    s.networks[network].traffic_bytes.push_back(use.gb_per_s * 1e9 * to_seconds(use.time));
  }
  add_task(s, name, network, deadline, releases({release}));
}

/// Ends of the tasks' only jobs under EDF.
std::vector<Time> ends(const Scenario& s) {
  const Outcome out = run(s, "edf");
  std::vector<Time> result;
  for (TaskIndex t = 0; t < s.tasks.size(); ++t) result.push_back(out.events.finish.at({t, 0}));
  return result;
}

std::vector<Time> instants(const std::vector<Duration>& times) {
  std::vector<Time> result;
  for (const Duration d : times) result.push_back(at(d));
  return result;
}

/// Starts layers in task order, and bounds the traffic of accelerators at given instants.
class Limiting : public Scheduler {
 public:
  struct Step {
    Time time;
    AcceleratorIndex accelerator;
    double gb_per_s;
  };
  explicit Limiting(std::vector<Step> steps) : steps_(std::move(steps)) {}
  [[nodiscard]] std::string_view name() const override { return "limiting"; }
  [[nodiscard]] bool preemptive() const override { return true; }
  void dispatch(const SystemView& view, Decisions& out) override {
    const auto by_task = [&](ReadyId a, ReadyId b) { return view.job(a).task < view.job(b).task; };
    const auto first = std::min_element(view.ready().begin(), view.ready().end(), by_task);
    if (first != view.ready().end() && view.idle().first(0) != kNone) {
      out.start(*first, view.original(*first), view.idle().first(0));
    }
    for (const Step& step : steps_) {
      if (step.time == view.now()) out.limit_memory(step.accelerator, step.gb_per_s * 1e9);
      if (step.time > view.now()) out.wake_at(step.time);
    }
  }

 private:
  std::vector<Step> steps_;
};

TEST(SharedMemory, TwoLayersThatWantAllGetHalfEach) {
  Scenario s = shared(2, 10);
  add_job(s, 0ms, {{4ms, 10}});
  add_job(s, 0ms, {{4ms, 10}});
  EXPECT_EQ(ends(s), instants({8ms, 8ms}));
}

TEST(SharedMemory, LayerThatArrivesMeanwhile) {
  Scenario s = shared(2, 10);
  add_job(s, 0ms, {{4ms, 10}});
  add_job(s, 2ms, {{1ms, 10}});
  // Half of the first is done at 2 ms; both go at half speed until 4 ms; 1 ms is left of the first.
  EXPECT_EQ(ends(s), instants({5ms, 4ms}));
}

TEST(SharedMemory, WhatASmallDemandLeavesIsDividedEqually) {
  Scenario s = shared(3, 12);
  add_job(s, 0ms, {{6ms, 2}});
  add_job(s, 0ms, {{6ms, 6}});
  add_job(s, 0ms, {{6ms, 10}});
  // 2, 5 and 5 until 6 ms; then 6 and 6: the second ends its last ms; the third has done 3 + 0.6 ms and goes on alone.
  EXPECT_EQ(ends(s), instants({6ms, 7ms, 9400us}));
}

TEST(SharedMemory, EachLayerOfAChainHasItsOwnDemand) {
  Scenario s = shared(2, 10);
  add_job(s, 0ms, {{2ms, 10}, {3ms, 0}, {2ms, 10}});
  add_job(s, 0ms, {{4ms, 10}});
  // Half speed until 4 ms; the second alone until its end at 6 ms; the third layer starts at 7 ms and is alone.
  EXPECT_EQ(ends(s), instants({9ms, 6ms}));
}

TEST(SharedMemory, ThreeWaysDividePicosecondsUp) {
  Scenario s = shared(3, 10);
  for (int i = 0; i < 3; ++i) add_job(s, 0ms, {{Duration{7}, 10}});
  for (const Time end : ends(s)) EXPECT_EQ(end, at(Duration{21}));
  Scenario odd = shared(2, 10);
  add_job(odd, 0ms, {{Duration{7}, 7.5}});
  add_job(odd, 0ms, {{Duration{7}, 10}});
  // The first at 2/3 of its speed: 10.5 ps, rounded up. The second has done 5.5 ps by then.
  EXPECT_EQ(ends(odd), instants({Duration{11}, Duration{13}}));
}

TEST(SharedMemory, DemandWithinTheCapacityChangesNothing) {
  for (const double capacity : {10.0, 10.5, 1000.0}) {
    Scenario s = shared(2, capacity);
    add_job(s, 0ms, {{3333ns, 4}, {Duration{7777777}, 5}});
    add_job(s, 1us, {{Duration{12345678}, 5}});
    add_job(s, 2us, {{5us, 0}});
    Scenario alone = s;
    alone.platform.memory_bytes_per_second = 0;
    EXPECT_EQ(ends(s), ends(alone)) << capacity;
  }
}

TEST(SharedMemory, LayersWithoutTrafficAreNotSlowed) {
  Scenario s = shared(2, 1);
  add_job(s, 0ms, {{4ms, 0}});
  add_job(s, 0ms, {{4ms, 10}});
  s.networks[0].traffic_bytes.clear();
  EXPECT_EQ(ends(s), instants({4ms, 40ms}));
}

TEST(SharedMemory, ActualTimeSetsTheDemand) {
  Scenario s = shared(2, 10);
  add_job(s, 0ms, {{4ms, 10}});
  add_job(s, 0ms, {{4ms, 5}});
  s.tasks[0].execution = {ExecutionTimes::Kind::uniform, 2.0, 2.0, 0.0};
  // 40 MB in 8 ms are 5 GB/s, so both fit.
  EXPECT_EQ(ends(s), instants({8ms, 4ms}));
}

TEST(SharedMemory, TransfersAndSwitchesSpreadTheTraffic) {
  Scenario s = shared(2, 10);
  s.platform.types[0].model_switch = 4ms;
  add_job(s, 0ms, {{1ms, 0}});
  add_job(s, 0ms, {{1ms, 0}, {1ms, 0}});
  add_job(s, 1ms, {{4ms, 10}}, 400ms);
  // Task 2 runs on the accelerator of task 0: 40 MB over 4 + 4 ms are 5 GB/s.
  EXPECT_EQ(ends(s)[2], at(9ms));
}

TEST(SharedMemory, SchedulersSeeTheEndThatIsExpectedNow) {
  Scenario s = shared(2, 10);
  add_job(s, 0ms, {{4ms, 10}});
  add_job(s, 0ms, {{4ms, 10}});
  add_job(s, 2ms, {{1ms, 0}});
  std::vector<Time> seen;
  class Looking : public Limiting {
   public:
    explicit Looking(std::vector<Time>& into) : Limiting({}), into_(into) {}
    void dispatch(const SystemView& view, Decisions& out) override {
      if (view.now() == at(2ms)) into_.push_back(view.free_at(0));
      Limiting::dispatch(view, out);
    }

   private:
    std::vector<Time>& into_;
  } policy(seen);
  run(s, policy);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0], at(8ms));
}

TEST(SharedMemory, BusyTimeIsWhatTheLayersTook) {
  Scenario s = shared(2, 10);
  add_job(s, 0ms, {{4ms, 10}});
  add_job(s, 2ms, {{1ms, 10}});
  const Outcome out = run(s, "edf");
  EXPECT_EQ(out.result.accelerators[0].busy, 5ms);
  EXPECT_EQ(out.result.accelerators[1].busy, 2ms);
}

TEST(SharedMemory, SlowedJobsMissTheirDeadlines) {
  Scenario s = shared(2, 10);
  add_job(s, 0ms, {{2ms, 10}, {2ms, 10}}, 5ms);
  add_job(s, 0ms, {{4ms, 10}}, 7ms);
  s.tasks[0].late_jobs = LateJobs::drop_at_deadline;
  const Outcome out = run(s, "edf");
  // The second layer of task 0 is not stopped at 5 ms: it ends late, at 8 ms, and so completes.
  EXPECT_EQ(out.result.tasks[0].late, 1U);
  EXPECT_EQ(out.result.tasks[1].late, 1U);
}

TEST(MemoryLimits, SlowALayerThatIsAlone) {
  Scenario s = shared(1, 10);
  add_job(s, 0ms, {{4ms, 10}, {4ms, 10}});
  Limiting policy({{at(0ms), 0, 5}});
  // The limit ends with its layer.
  EXPECT_EQ(run(s, policy).events.finish.at({0, 0}), at(12ms));
}

TEST(MemoryLimits, MayChangeAndBeLifted) {
  Scenario s = shared(1, 10);
  add_job(s, 0ms, {{4ms, 10}});
  Limiting lifted({{at(0ms), 0, 5}, {at(4ms), 0, 0}});
  EXPECT_EQ(run(s, lifted).events.finish.at({0, 0}), at(6ms));
  Limiting lowered({{at(2ms), 0, 2}});
  EXPECT_EQ(run(s, lowered).events.finish.at({0, 0}), at(12ms));
}

TEST(MemoryLimits, LeaveTheRestToOthers) {
  Scenario s = shared(2, 10);
  add_job(s, 0ms, {{4ms, 10}});
  add_job(s, 0ms, {{4ms, 10}});
  Limiting policy({{at(0ms), 0, 2}});
  const Outcome out = run(s, policy);
  // 2 and 8 until 5 ms; then the first is at 1 of 4 ms and stays at 2.
  EXPECT_EQ(out.events.finish.at({1, 0}), at(5ms));
  EXPECT_EQ(out.events.finish.at({0, 0}), at(20ms));
}

TEST(MemoryLimits, AboveTheDemandDoNothing) {
  Scenario s = shared(2, 10);
  add_job(s, 0ms, {{4ms, 4}});
  Limiting policy({{at(0ms), 0, 4}, {at(0ms), 1, 1}}); // nothing runs on the second
  EXPECT_EQ(run(s, policy).events.finish.at({0, 0}), at(4ms));
}

TEST(MemoryLimits, NeedASharedMemoryAndAnAccelerator) {
  Scenario s = shared(1, 0);
  add_job(s, 0ms, {{4ms, 10}});
  Limiting off({{at(0ms), 0, 5}});
  EXPECT_THROW(Simulator(s, off).run(), PolicyError);
  s.platform.memory_bytes_per_second = 1e10;
  Limiting elsewhere({{at(0ms), 1, 5}});
  EXPECT_THROW(Simulator(s, elsewhere).run(), PolicyError);
  Limiting negative({{at(0ms), 0, -1}});
  EXPECT_THROW(Simulator(s, negative).run(), PolicyError);
}

TEST(SharedMemory, IsNotCombinedWithPreemptionOrGroups) {
  Scenario s = shared(2, 10);
  add_job(s, 0ms, {{4ms, 10}});
  validate(s);
  Scenario tiles = s;
  tiles.platform.types[0].preemption = Preemption{4, {}};
  EXPECT_THROW(validate(tiles), InputError);
  Scenario groups = s;
  groups.platform.types[0].group_sizes = {2};
  groups.networks[0].group_latency = {2ms};
  EXPECT_THROW(validate(groups), InputError);
  s.networks[0].traffic_bytes.push_back(1.0);
  EXPECT_THROW(validate(s), InputError);
}

} // namespace
} // namespace terastal::testing
