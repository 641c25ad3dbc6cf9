#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "support/scripted.hpp"

// Preemption inside layers, groups of accelerators, context energy: times worked by hand.
namespace terastal::testing {
namespace {

/// Two tasks on one accelerator with four tiles a layer: `long` takes 8 ms from 0 on, `short` 2 ms from `arrival` on.
Scenario pair_of_tasks(Duration arrival, Preemption preemption = {4, {}}) {
  Scenario s = platform({{"npu", 1}});
  s.platform.types[0].preemption = preemption;
  add_network(s, "long", {{8ms}});
  add_network(s, "short", {{2ms}});
  for (Network& n : s.networks) n.layers[0].output_bytes = 1000;
  s.networks[0].energy_nj[0] = 800.0;
  s.networks[1].energy_nj[0] = 100.0;
  add_task(s, "long", 0, 20ms, releases({0ms}));
  add_task(s, "short", 1, 5ms, releases({arrival}));
  return s;
}

/// Shortest job first: stops whatever runs when `short` waits.
void prefer_short(const SystemView& view, Decisions& out, StopMode mode) {
  for (const ReadyId id : view.ready()) {
    if (view.job(id).task == 1 && !view.is_idle(0)) return out.stop(0, mode);
  }
  ReadyId best = kNone;
  for (const ReadyId id : view.ready()) {
    if (best == kNone || view.job(id).task == 1) best = id;
  }
  if (best != kNone && view.is_idle(0)) out.start(best, view.original(best), 0);
}

Scripted checkpointing() {
  return Scripted([](const SystemView& v, Decisions& out) { prefer_short(v, out, StopMode::checkpoint); });
}

Scripted killing() {
  return Scripted([](const SystemView& v, Decisions& out) { prefer_short(v, out, StopMode::kill); });
}

Time end_of(const Outcome& out, TaskIndex task) { return out.events.finish.at({task, 0}); }

TEST(Preemption, LayerStopsAtTheEndOfItsTileAndGoesOn) {
  Scripted policy = checkpointing();
  const Outcome out = run(pair_of_tasks(3ms), policy);
  // Tiles of 2 ms: stops at 4, short runs to 6, the second half to 10.
  EXPECT_EQ(end_of(out, 1), at(6ms));
  EXPECT_EQ(end_of(out, 0), at(10ms));
  ASSERT_EQ(out.events.stopped.size(), 1U);
  EXPECT_EQ(out.events.stopped[0].time, at(4ms));
  EXPECT_EQ(out.events.stopped[0].tiles_done, 2U);
  EXPECT_EQ(out.events.started.back().tiles_done, 2U);
  EXPECT_EQ(out.result.accelerators[0].busy, 10ms);
  EXPECT_NEAR(out.result.tasks[0].energy_mj, 800e-6, 1e-12);
}

TEST(Preemption, EndOfATileIsABoundaryItself) {
  Scripted policy = checkpointing();
  const Outcome out = run(pair_of_tasks(4ms), policy);
  EXPECT_EQ(end_of(out, 1), at(6ms));
  EXPECT_EQ(end_of(out, 0), at(10ms));
}

TEST(Preemption, FirstTileIsAlwaysRun) {
  Scripted policy = checkpointing();
  const Outcome out = run(pair_of_tasks(0ms), policy);
  // Both arrive at 0; short goes first without any stop.
  EXPECT_TRUE(out.events.stopped.empty());
  Scripted again = checkpointing();
  const Outcome later = run(pair_of_tasks(Duration{1}), again);
  EXPECT_EQ(later.events.stopped.at(0).time, at(2ms));
}

TEST(Preemption, LastTileIsNotStopped) {
  Scripted policy = checkpointing();
  const Outcome out = run(pair_of_tasks(7ms), policy);
  EXPECT_TRUE(out.events.stopped.empty());
  EXPECT_EQ(end_of(out, 0), at(8ms));
  EXPECT_EQ(end_of(out, 1), at(10ms));
}

TEST(Preemption, SavingAndRestoringCostTheContext) {
  Scripted policy = checkpointing();
  const Outcome out = run(pair_of_tasks(3ms, {4, {100us, 1e7}}), policy); // 1000 bytes at 10 MB/s: 100 us more
  // Stops at 4, saved at 4.2, short to 6.2, restored at 6.4, done at 10.4.
  EXPECT_EQ(end_of(out, 1), at(6200us));
  EXPECT_EQ(end_of(out, 0), at(10400us));
  EXPECT_EQ(out.events.started.back().setup, 200us);
}

TEST(Preemption, KilledLayerStartsAnew) {
  Scripted policy = killing();
  const Outcome out = run(pair_of_tasks(3ms), policy);
  EXPECT_EQ(end_of(out, 1), at(5ms));
  EXPECT_EQ(end_of(out, 0), at(13ms));
  EXPECT_TRUE(out.events.stopped.at(0).killed);
  EXPECT_EQ(out.result.accelerators[0].busy, 13ms);
  // 3 of 8 ms of its energy are spent in vain.
  EXPECT_NEAR(out.result.tasks[0].energy_mj, 1100e-6, 1e-12);
}

TEST(Preemption, NeedsATypeThatDeclaresIt) {
  Scenario s = pair_of_tasks(3ms);
  s.platform.types[0].preemption.reset();
  Scripted policy = checkpointing();
  Simulator simulator(s, policy);
  EXPECT_THROW(simulator.run(), PolicyError);
}

TEST(Preemption, StoppedLayerKeepsItsImplementation) {
  Scenario s = pair_of_tasks(3ms);
  add_variant(s, 0, 0, "thin", {4ms});
  s.networks[0].accuracy = AccuracyModel::additive("top-1", 0.8, {0.01});
  Scripted policy([](const SystemView& view, Decisions& out) {
    for (const ReadyId id : view.ready()) {
      if (view.job(id).task == 1 && !view.is_idle(0)) return out.stop(0);
      const OptionIndex option = view.progress(id).begun() ? view.original(id) + 1 : view.original(id);
      if (view.is_idle(0)) return out.start(id, option, 0);
    }
  });
  Simulator simulator(s, policy);
  EXPECT_THROW(simulator.run(), PolicyError);
}

TEST(Preemption, DroppedJobLeavesWhenItsTileEnds) {
  Scenario s = pair_of_tasks(3ms);
  s.tasks[0].late_jobs = LateJobs::drop_at_deadline;
  s.tasks[0].deadline = 3500us;
  Scripted policy = checkpointing();
  const Outcome out = run(s, policy);
  EXPECT_EQ(out.result.tasks[0].dropped, 1U);
  EXPECT_EQ(end_of(out, 0), at(4ms));
  EXPECT_EQ(end_of(out, 1), at(6ms));
}

/// One layer of 12 ms on one of three arrays, 7 ms on two, 5 ms on three.
Scenario three_arrays() {
  Scenario s = platform({{"array", 3}});
  s.platform.types[0].group_sizes = {2, 3};
  add_network(s, "wide", {{12ms}, {6ms}});
  s.networks[0].group_latency = {7ms, 5ms, 3ms, kCannotRun};
  add_task(s, "wide", 0, 50ms, releases({0ms}));
  return s;
}

// Killed before its first tile, a variant was never used; the job may go on in the original.
TEST(Preemption, KilledVariantIsNotUsed) {
  Scenario s = pair_of_tasks(3ms);
  add_variant(s, 0, 0, "thin", {4ms});
  s.networks[0].accuracy = AccuracyModel::additive("top-1", 0.8, {0.01});
  bool killed = false;
  Scripted policy([&](const SystemView& view, Decisions& out) {
    if (!killed && !view.is_idle(0) && view.now() == at(3ms)) {
      killed = true;
      return out.stop(0, StopMode::kill);
    }
    for (const ReadyId id : view.ready()) {
      if (!view.is_idle(0)) return;
      const bool thin = view.job(id).task == 0 && view.now() == at(0ms);
      return out.start(id, view.original(id) + (thin ? 1 : 0), 0);
    }
  });
  const Outcome out = run(s, policy);
  EXPECT_TRUE(killed);
  EXPECT_EQ(out.events.ended.back().variants | out.events.ended.front().variants, 0U);
  EXPECT_DOUBLE_EQ(out.result.tasks[0].accuracy_loss, 0.0);
}

// Where noise makes a layer faster than estimated, a request to stop does not give that away.
TEST(Preemption, SchedulersGoOnSeeingEstimates) {
  Scenario s = pair_of_tasks(1500us);
  s.tasks[0].execution = {ExecutionTimes::Kind::uniform, 0.5, 0.5, 0.0};
  Time seen{};
  Scripted policy([&](const SystemView& view, Decisions& out) {
    if (view.now() == at(1700us)) seen = view.free_at(0);
    prefer_short(view, out, StopMode::checkpoint);
    if (view.now() == at(1500us)) out.wake_at(at(1700us));
  });
  const Outcome out = run(s, policy);
  EXPECT_EQ(out.events.stopped.at(0).time, at(2ms)); // two tiles really take 1 ms each
  EXPECT_EQ(seen.time_since_epoch(), 4ms);           // and 2 ms each by estimates
}

// Stopped on the second accelerator, the layer has its input there; going on where its predecessor ran moves it back.
TEST(Preemption, StoppedLayerHasItsInputWhereItWasStopped) {
  for (const bool dag : {false, true}) {
    for (const AcceleratorIndex resume : {0U, 1U}) {
      Scenario s = platform({{"npu", 2}});
      s.platform.types[0].preemption = Preemption{4, {}};
      s.platform.transfers = {Transfer{1ms, 0.0}};
      if (dag) {
        add_network(s, "net", {{1ms}, {4ms}, {1ms}}, {{}, {0}, {0}});
      } else {
        add_network(s, "net", {{1ms}, {4ms}});
      }
      add_task(s, "t", 0, 50ms, releases({0ms}));
      bool stopped = false;
      Scripted policy([&](const SystemView& view, Decisions& out) {
        if (!stopped && !view.is_idle(1)) {
          stopped = true;
          return out.stop(1);
        }
        for (const ReadyId id : view.ready()) {
          const LayerIndex layer = view.layer(id).layer;
          const AcceleratorIndex where = layer != 1 ? 0U : view.progress(id).begun() ? resume : 1U;
          if (view.is_idle(where)) return out.start(id, view.original(id), where);
        }
      });
      const Outcome out = run(s, policy);
      for (const StartEvent& e : out.events.started) {
        if (e.tiles_done == 0) continue;
        EXPECT_EQ(e.setup, resume == 1 ? Duration{0} : Duration{1ms}) << dag;
      }
      ASSERT_EQ(out.events.stopped.size(), 1U);
    }
  }
}

TEST(Preemption, AcceleratorThatNeverRanIsNotStopping) {
  const Scenario s = three_arrays();
  Scripted policy([](const SystemView&, Decisions&) {});
  Simulator simulator(s, policy);
  for (AcceleratorIndex a = 0; a < 3; ++a) {
    EXPECT_FALSE(simulator.view().stopping(a));
    EXPECT_EQ(simulator.view().leader(a), a);
  }
}

TEST(Groups, LayerOccupiesAllMembers) {
  Scripted policy([](const SystemView& view, Decisions& out) {
    for (const ReadyId id : view.ready()) {
      if (view.layer(id).layer == 0) return out.start(id, view.original(id), 1, 3);
      if (view.idle_count(0) >= 2) return out.start(id, view.original(id), 2, 2);
    }
  });
  const Outcome out = run(three_arrays(), policy);
  EXPECT_EQ(end_of(out, 0), at(8ms));
  EXPECT_EQ(out.result.accelerators[0].busy, 8ms); // member of both
  EXPECT_EQ(out.result.accelerators[1].busy, 5ms);
  EXPECT_EQ(out.result.accelerators[2].busy, 8ms);
  EXPECT_EQ(out.events.started[0].group, 3U);
}

TEST(Groups, OnlyDeclaredSizesOfIdleAccelerators) {
  const auto with = [](std::uint32_t group, AcceleratorIndex lead) {
    return Scripted([=](const SystemView& view, Decisions& out) {
      for (const ReadyId id : view.ready()) return out.start(id, view.original(id), lead, group);
    });
  };
  const Scenario s = three_arrays();
  Scripted four = with(4, 0);
  Simulator first(s, four);
  EXPECT_THROW(first.run(), PolicyError);
  Scripted three = with(3, 0); // the second layer has no time on three
  Simulator second(s, three);
  EXPECT_THROW(second.run(), PolicyError);
  Scenario busy = three_arrays();
  add_task(busy, "other", 0, 50ms, releases({0ms}));
  Scripted two = with(2, 0);
  Simulator third(busy, two);
  EXPECT_THROW(third.run(), PolicyError);
}

TEST(Groups, StoppedGroupGoesOnWithAnother) {
  Scenario s = three_arrays();
  s.platform.types[0].preemption = Preemption{5, {}};
  bool stopped = false;
  Scripted policy([&](const SystemView& view, Decisions& out) {
    if (!stopped && !view.is_idle(2)) {
      stopped = true;
      return out.stop(2); // a member names its group
    }
    for (const ReadyId id : view.ready()) {
      if (view.idle_count(0) < 3) return;
      return out.start(id, view.original(id), 0, view.progress(id).begun() ? 2 : view.layer(id).layer == 0 ? 3 : 1);
    }
  });
  const Outcome out = run(s, policy);
  // One of five tiles in 1 ms on three, the other four in 5.6 ms on two, the second layer in 6 ms on one.
  EXPECT_EQ(end_of(out, 0), at(1ms + 5600us + 6ms));
}

TEST(ContextEnergy, IsPaidForTheOutputBeforeAndTheInput) {
  Scenario s = platform({{"npu", 1}});
  s.platform.types[0].context_energy_pj = 100.0;
  add_network(s, "a", {{2ms}, {2ms}});
  add_network(s, "b", {{1ms}});
  s.networks[0].layers[0].output_bytes = 10;
  s.networks[0].layers[1].output_bytes = 20;
  s.networks[1].layers[0].output_bytes = 40;
  add_task(s, "a", 0, 20ms, releases({0ms}));
  add_task(s, "b", 1, 2ms, releases({1ms}));
  const Outcome out = run(s, "edf");
  // a.0 first: nothing before. b follows a.0: 10 bytes out, none in. a.1 follows b: 40 out, 10 in.
  EXPECT_NEAR(out.result.tasks[1].energy_mj, 10 * 100e-3 * 1e-6, 1e-15);
  EXPECT_NEAR(out.result.tasks[0].energy_mj, 50 * 100e-3 * 1e-6, 1e-15);
}

} // namespace
} // namespace terastal::testing
