#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "support/scripted.hpp"

// Two layers of different jobs on one accelerator: times worked by hand.
namespace terastal::testing {
namespace {

/// `sums` computes for 4 ms and reads for 1 ms, `reads` the other way round for 1 ms and 3 ms; `sums` has a second
/// layer whose parts are not known. Overhead 100 us.
Scenario two_tasks() {
  Scenario s = platform({{"npu", 1}});
  s.platform.types[0].fusion = Fusion{100us};
  add_network(s, "sums", {{4ms}, {2ms}});
  add_network(s, "reads", {{3ms}});
  s.networks[0].fusion_parts = {{4ms, 1ms}, {}};
  s.networks[1].fusion_parts = {{1ms, 3ms}};
  s.networks[0].energy_nj = {800.0, 400.0};
  s.networks[1].energy_nj = {100.0};
  for (Network& n : s.networks) {
    for (Layer& l : n.layers) l.output_bytes = 1000;
  }
  add_task(s, "sums", 0, 20ms, releases({0ms}));
  add_task(s, "reads", 1, 20ms, releases({0ms}));
  return s;
}

ReadyId ready_of(const SystemView& view, TaskIndex task) {
  for (const ReadyId id : view.ready()) {
    if (view.job(id).task == task) return id;
  }
  return kNone;
}

/// Fuses the first layers of both tasks, the first named first; starts everything else alone.
Scripted fusing(TaskIndex first = 0) {
  return Scripted([first](const SystemView& view, Decisions& out) {
    if (!view.is_idle(0) || view.ready().empty()) return;
    const ReadyId a = ready_of(view, first);
    const ReadyId b = ready_of(view, 1 - first);
    if (a != kNone && b != kNone && view.fused_latency(a, view.original(a), b, view.original(b), 0) != kCannotRun) {
      return out.fuse(a, view.original(a), b, view.original(b), 0);
    }
    const ReadyId id = view.ready()[0];
    out.start(id, view.original(id), 0);
  });
}

TEST(Fusion, PairTakesTheLongerSumOfItsParts) {
  const Scenario s = two_tasks();
  Scripted policy = fusing();
  const Outcome out = run(s, policy);
  // max(4 + 1, 1 + 3) + 0.1 ms; then the second layer alone.
  ASSERT_EQ(out.events.started.size(), 3U);
  EXPECT_EQ(out.events.started[0].fused, Fused::first);
  EXPECT_EQ(out.events.started[1].fused, Fused::second);
  EXPECT_EQ(out.events.started[1].finish, at(5100us));
  EXPECT_EQ(out.events.finish.at({1, 0}), at(5100us));
  EXPECT_EQ(out.events.finish.at({0, 0}), at(7100us));
  EXPECT_EQ(out.result.accelerators[0].busy, 7100us);
  EXPECT_EQ(out.result.accelerators[0].layers, 3U);
}

TEST(Fusion, FixedCostsDoNotOverlap) {
  Scenario s = two_tasks();
  s.networks[0].latency[0] = 4500us; // 0.5 ms that is neither
  s.networks[1].latency[0] = 3200us;
  Scripted policy = fusing();
  EXPECT_EQ(run(s, policy).events.finish.at({1, 0}), at(5800us));
}

TEST(Fusion, SetUpAndEnergyAreAsIfOneFollowedTheOther) {
  Scenario s = two_tasks();
  s.platform.types[0].model_switch = 1ms;
  s.platform.types[0].context_energy_pj = 10.0;
  Scripted policy = fusing();
  const Outcome out = run(s, policy);
  EXPECT_EQ(out.events.started[0].setup, 0ms); // nothing ran before
  EXPECT_EQ(out.events.started[1].setup, 1ms); // from `sums` to `reads`
  EXPECT_EQ(out.events.started[2].setup, 1ms); // and back
  EXPECT_EQ(out.events.finish.at({1, 0}), at(6100us));
  EXPECT_EQ(out.events.finish.at({0, 0}), at(9100us));
  // 1000 bytes that `sums` left; then those that `reads` left and the input of the second layer.
  for (const JobEndEvent& e : out.events.ended) EXPECT_DOUBLE_EQ(e.energy_nj, e.task == 0 ? 1220.0 : 110.0);
  EXPECT_EQ(out.result.accelerators[0].switches, 2U);
}

TEST(Fusion, OrderOfThePairMattersForSetUpOnly) {
  Scenario s = two_tasks();
  s.platform.types[0].model_switch = 1ms;
  Scripted policy = fusing(1);
  const Outcome out = run(s, policy);
  EXPECT_EQ(out.events.finish.at({1, 0}), at(6100us));
  EXPECT_EQ(out.events.finish.at({0, 0}), at(8100us)); // `sums` was the last to run there
}

TEST(Fusion, ViewTellsWhoSharesTheAccelerator) {
  const Scenario s = two_tasks();
  bool seen = false;
  Scripted inner = fusing();
  Scripted policy([&](const SystemView& view, Decisions& out) {
    if (!view.is_idle(0) && view.partner(0) != nullptr) {
      seen = true;
      EXPECT_EQ(view.running_job(0).task, 0U);
      EXPECT_EQ(view.job_of(*view.partner(0)).task, 1U);
      EXPECT_EQ(view.free_at(0), at(5100us));
    }
    if (view.is_idle(0)) {
      EXPECT_EQ(view.partner(0), nullptr);
    }
    inner.dispatch(view, out);
  });
  Simulator simulator(s, policy);
  simulator.submit({1, at(2ms), {}, {}, {}}); // the scheduler is asked while the pair runs
  simulator.run();
  EXPECT_TRUE(seen);
}

TEST(Fusion, NoiseScalesThePairAsItsLayers) {
  Scenario s = two_tasks();
  for (Task& t : s.tasks) t.execution = {ExecutionTimes::Kind::uniform, 2.0, 2.0}; // twice the estimate
  Scripted policy = fusing();
  EXPECT_EQ(run(s, policy).events.finish.at({1, 0}), at(10200us));
}

TEST(Fusion, JobThatIsDroppedMeanwhileEndsWithThePair) {
  Scenario s = two_tasks();
  s.tasks[0].deadline = 2ms;
  s.tasks[0].late_jobs = LateJobs::drop_at_deadline;
  Scripted policy = fusing();
  const Outcome out = run(s, policy);
  ASSERT_EQ(out.events.ended.size(), 2U);
  EXPECT_TRUE(out.events.ended[0].dropped);
  EXPECT_EQ(out.events.ended[0].time, at(5100us));
  EXPECT_FALSE(out.events.ended[1].dropped);
}

struct Illegal {
  const char* name;
  const char* complaint;
  std::function<void(Scenario&)> change;
  Scripted::Script script;

  friend void PrintTo(const Illegal& i, std::ostream* out) { *out << i.name; }
};

void fuse_both(const SystemView& view, Decisions& out) {
  const ReadyId a = ready_of(view, 0);
  const ReadyId b = ready_of(view, 1);
  if (a != kNone && b != kNone) out.fuse(a, view.original(a), b, view.original(b), 0);
}

void fuse_and_stop(const SystemView& view, Decisions& out) {
  if (!view.is_idle(0)) return out.stop(0);
  fuse_both(view, out);
}

const Illegal kIllegal[] = {
    {"no_fusion", "declares no fusion",
     [](Scenario& s) {
       s.platform.types[0].fusion.reset();
       s.platform.types[0].preemption.emplace();
     },
     fuse_both},
    {"platform_without_extensions", "declares no fusion", [](Scenario& s) { s.platform.types[0].fusion.reset(); },
     fuse_both},
    {"parts_not_known", "are not known", [](Scenario& s) { s.networks[1].fusion_parts[0] = {}; }, fuse_both},
    {"one_job", "belong to one job", [](Scenario&) {},
     [](const SystemView& view, Decisions& out) {
       const ReadyId a = ready_of(view, 0);
       out.fuse(a, view.original(a), a, view.original(a), 0);
     }},
    {"busy", "the accelerator is busy", [](Scenario& s) { add_task(s, "third", 1, 20ms, releases({0ms})); },
     [](const SystemView& view, Decisions& out) {
       out.start(ready_of(view, 2), view.original(ready_of(view, 2)), 0);
       fuse_both(view, out);
     }},
    {"not_ready", "the layer is not ready", [](Scenario&) {},
     [](const SystemView& view, Decisions& out) { out.fuse(ready_of(view, 0), 0, 77, 0, 0); }},
    {"stopped", "a fused pair cannot be stopped",
     [](Scenario& s) {
       s.platform.types[0].preemption = Preemption{4, {}};
       add_task(s, "later", 1, 20ms, releases({1ms}));
     },
     fuse_and_stop},
};

class IllegalFusion : public ::testing::TestWithParam<Illegal> {};

TEST_P(IllegalFusion, IsRefused) {
  Scenario s = two_tasks();
  GetParam().change(s);
  Scripted policy(GetParam().script);
  Simulator simulator(s, policy);
  try {
    simulator.run();
    FAIL() << "was accepted";
  } catch (const PolicyError& e) {
    EXPECT_NE(std::string(e.what()).find(GetParam().complaint), std::string::npos) << e.what();
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, IllegalFusion, ::testing::ValuesIn(kIllegal),
                         [](const ::testing::TestParamInfo<Illegal>& i) { return std::string(i.param.name); });

TEST(Fusion, LayerThatWasStoppedIsRefused) {
  Scenario s = two_tasks();
  s.platform.types[0].preemption = Preemption{4, {}};
  bool stopped = false;
  add_task(s, "later", 1, 20ms, releases({1ms}));
  Scripted policy([&](const SystemView& view, Decisions& out) {
    const ReadyId a = ready_of(view, 0);
    if (view.now() == at(0ms) && view.is_idle(0)) return out.start(a, view.original(a), 0);
    if (view.now() == at(1ms) && !stopped) {
      stopped = true;
      return out.stop(0);
    }
    if (view.is_idle(0)) fuse_both(view, out);
  });
  Simulator simulator(s, policy);
  EXPECT_THROW(simulator.run(), PolicyError);
}

} // namespace
} // namespace terastal::testing
