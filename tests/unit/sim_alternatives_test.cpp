#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

// Supernets, skipped layers and early exits: what the engine does with them, and what it refuses.
namespace terastal::testing {
namespace {

/// Runs the first ready layer on the first idle accelerator, in the network that `choose` names for it.
class Choosing : public Scheduler {
 public:
  using Choice = std::function<std::uint32_t(const SystemView&, ReadyId)>;
  explicit Choosing(Choice choose) : choose_(std::move(choose)) {}
  [[nodiscard]] std::string_view name() const override { return "choosing"; }
  void dispatch(const SystemView& view, Decisions& out) override {
    const ReadyId id = view.ready().front();
    const AcceleratorIndex a = view.idle().first(0);
    const std::uint32_t wanted = choose_(view, id);
    if (wanted == view.job(id).alternative) return out.start(id, view.original(id), a);
    out.use_network(id, wanted);
    const LayerIndex layer = view.layer_in(id, wanted);
    const auto& layers = view.tables(view.job(id).task, wanted).layers;
    out.start(id, layer == kNone ? 0 : layers[layer].original, a);
  }

 private:
  Choice choose_;
};

/// A supernet of three stages of 4 ms (accuracy 0.8) with a light network: 2 ms, then its last stage of 1 ms (0.7).
/// Stage 2 of the large one reads what stage 1 of the light one reads.
Scenario supernet() {
  Scenario s = platform({{"npu", 1}});
  add_network(s, "large", {{4ms}, {4ms}, {4ms}});
  add_network(s, "light", {{2ms}, {1ms}});
  s.networks[0].accuracy = AccuracyModel::additive("top-1", 0.8, {});
  s.networks[1].accuracy = AccuracyModel::additive("top-1", 0.7, {});
  Task& task = add_task(s, "super", 0, 20ms, releases({0ms}));
  task.alternatives = {1};
  task.switch_points = {{2, 1}};
  return s;
}

TEST(Supernet, LightNetworkFromTheStart) {
  Choosing policy([](const SystemView&, ReadyId) { return 1U; });
  const Outcome out = run(supernet(), policy);
  EXPECT_EQ(out.events.finish.at({0, 0}), at(3ms));
  ASSERT_EQ(out.events.ended.size(), 1U);
  EXPECT_EQ(out.events.ended[0].alternative, 1U);
  EXPECT_DOUBLE_EQ(out.result.tasks[0].accuracy_mean, 0.7);
  EXPECT_DOUBLE_EQ(out.result.tasks[0].accuracy_loss, 0.125);
}

TEST(Supernet, ChangesAtASwitchPoint) {
  Choosing down(
      [](const SystemView& v, ReadyId id) { return v.may_use_network(id, 1) && v.layer(id).layer == 2 ? 1U : 0U; });
  EXPECT_EQ(run(supernet(), down).events.finish.at({0, 0}), at(9ms)); // 4 + 4 + 1
  Choosing up(
      [](const SystemView& v, ReadyId id) { return v.layer(id).layer == 0 && v.job(id).alternative == 0 ? 1U : 0U; });
  EXPECT_EQ(run(supernet(), up).events.finish.at({0, 0}), at(6ms)); // 2 + 4
}

TEST(Supernet, ChangesNowhereElse) {
  Choosing policy([](const SystemView& v, ReadyId id) { return v.layer(id).layer == 1 ? 1U : 0U; });
  const Scenario s = supernet();
  Simulator simulator(s, policy);
  EXPECT_THROW(simulator.run(), PolicyError);
}

// 3 ms in the light network fit a deadline of 5 ms; its own would take 12.
TEST(Supernet, HopelessCountsWhatTheOtherNetworksTake) {
  Scenario s = supernet();
  s.tasks[0].deadline = 5ms;
  s.tasks[0].late_jobs = LateJobs::drop_hopeless;
  Choosing light([](const SystemView&, ReadyId) { return 1U; });
  EXPECT_EQ(run(s, light).result.tasks[0].completed, 1U);
  s.tasks[0].deadline = 2ms;
  EXPECT_EQ(run(s, light).result.tasks[0].dropped, 1U);
  // The large one's first two stages and the light one's last take 9 ms.
  s.tasks[0].deadline = 9ms;
  Choosing late([](const SystemView& v, ReadyId id) { return v.layer(id).layer == 2 ? 1U : 0U; });
  EXPECT_EQ(run(s, late).result.tasks[0].completed, 1U);
}

TEST(Supernet, JobMayChangeItsNetworkAndBeDropped) {
  Scenario s = supernet();
  s.tasks[0].deadline = 3ms;
  s.tasks[0].late_jobs = LateJobs::drop_at_deadline;
  class Waiting : public Scheduler {
   public:
    [[nodiscard]] std::string_view name() const override { return "waiting"; }
    void dispatch(const SystemView& view, Decisions& out) override {
      const ReadyId id = view.ready().front();
      if (view.job(id).alternative == 0) out.use_network(id, 1);
    }
  } policy;
  EXPECT_EQ(run(s, policy).result.tasks[0].dropped, 1U);
}

TEST(Supernet, NetworksMustBeChainsAndPointsComplete) {
  Scenario s = supernet();
  s.tasks[0].switch_points = {{2}};
  EXPECT_THROW(validate(s), InputError);
  s = supernet();
  s.tasks[0].switch_points = {{2, 2}};
  EXPECT_THROW(validate(s), InputError);
  s = supernet();
  add_network(s, "dag", {{1ms}, {1ms}, {1ms}}, {{}, {0}, {0}});
  s.tasks[0].alternatives = {2};
  s.tasks[0].switch_points.clear();
  EXPECT_THROW(validate(s), InputError);
}

Scenario four_layers(Duration horizon = 1s) {
  Scenario s = platform({{"npu", 1}}, horizon);
  add_network(s, "net", {{1ms}, {2ms}, {4ms}, {8ms}});
  return s;
}

TEST(Skipping, CertainSkipsTakeNoTime) {
  Scenario s = four_layers();
  s.networks[0].layers[0].skip_probability = 1.0;
  s.networks[0].layers[2].skip_probability = 1.0;
  add_task(s, "t", 0, 20ms, releases({0ms}));
  const Outcome out = run(s, "edf");
  EXPECT_EQ(out.events.finish.at({0, 0}), at(10ms));
  EXPECT_EQ(out.events.skipped.size(), 2U);
}

TEST(Skipping, JobOfSkippedLayersOnlyEndsAtItsRelease) {
  Scenario s = four_layers();
  for (Layer& l : s.networks[0].layers) l.skip_probability = 1.0;
  add_task(s, "t", 0, 20ms, releases({3ms}));
  EXPECT_EQ(run(s, "edf").events.finish.at({0, 0}), at(3ms));
}

TEST(Skipping, DagGoesOnBehindASkippedLayer) {
  Scenario s = platform({{"npu", 2}});
  s.platform.transfers = {Transfer{1ms, 0.0}};
  add_network(s, "diamond", {{1ms}, {2ms}, {4ms}, {8ms}}, {{}, {0}, {0}, {1, 2}});
  s.networks[0].layers[1].skip_probability = 1.0;
  add_task(s, "t", 0, 30ms, releases({0ms}));
  const Outcome out = run(s, "edf");
  EXPECT_EQ(out.events.finish.at({0, 0}), at(13ms)); // all on one accelerator, nothing to fetch from the skipped layer
}

TEST(EarlyExit, EndsTheJobComplete) {
  Scenario s = four_layers();
  s.networks[0].layers[1].exit_probability = 1.0;
  add_task(s, "t", 0, 20ms, releases({0ms}));
  const Outcome out = run(s, "edf");
  EXPECT_EQ(out.events.finish.at({0, 0}), at(3ms));
  EXPECT_EQ(out.result.tasks[0].completed, 1U);
  Scenario dag = platform({{"npu", 1}});
  add_network(dag, "dag", {{1ms}, {1ms}, {1ms}}, {{}, {0}, {0}});
  dag.networks[0].layers[0].exit_probability = 0.5;
  add_task(dag, "t", 0, 20ms, releases({0ms}));
  EXPECT_THROW(validate(dag), InputError);
}

TEST(Skipping, HopelessCountsOnlyWhatMustRun) {
  Scenario s = platform({{"npu", 1}});
  add_network(s, "net", {{4ms}, {4ms}});
  add_task(s, "t", 0, 5ms, releases({0ms})).late_jobs = LateJobs::drop_hopeless;
  EXPECT_EQ(run(s, "edf").result.tasks[0].dropped, 1U);
  s.networks[0].layers[0].exit_probability = 1.0;
  EXPECT_EQ(run(s, "edf").result.tasks[0].completed, 1U);
  s.networks[0].layers[0].exit_probability = 0.0;
  s.networks[0].layers[1].skip_probability = 1.0;
  EXPECT_EQ(run(s, "edf").result.tasks[0].completed, 1U);
}

TEST(EarlyExit, LateJobThatExitsIsCompleteAndReleasesItsChild) {
  Scenario s = platform({{"npu", 1}});
  add_network(s, "net", {{4ms}, {4ms}});
  s.networks[0].layers[0].exit_probability = 1.0;
  add_network(s, "child", {{1ms}});
  add_task(s, "t", 0, 2ms, releases({0ms})).late_jobs = LateJobs::drop_at_deadline;
  add_task(s, "child", 1, 20ms, NoArrivals{}).parent = Parent{0, 1.0, true};
  const Outcome out = run(s, "edf");
  EXPECT_EQ(out.result.tasks[0].late, 1U);
  EXPECT_EQ(out.result.tasks[1].completed, 1U);
}

// 4000 jobs: the share of skips and exits is within four standard deviations of its probability, and the draws are the
// same under another policy.
TEST(EarlyExit, DrawsFollowTheProbabilityWhateverThePolicy) {
  Scenario s = four_layers(80s);
  s.networks[0].layers[1].skip_probability = 0.3;
  s.networks[0].layers[2].exit_probability = 0.25;
  add_task(s, "t", 0, 20ms, PeriodicArrivals{20ms, 0ms, 0ms});
  add_task(s, "u", 0, 15ms, PeriodicArrivals{40ms, 5ms, 0ms});
  const Outcome edf = run(s, "edf");
  const Outcome sjf = run(s, "sjf");
  std::size_t skips = 0;
  std::size_t exits = 0;
  for (const SkipEvent& e : edf.events.skipped) {
    if (e.task != 0) continue;
    (e.exit ? exits : skips) += 1;
  }
  EXPECT_NEAR(static_cast<double>(skips) / 4000, 0.3, 4 * 0.00725);
  EXPECT_NEAR(static_cast<double>(exits) / 4000, 0.25, 4 * 0.00685);
  const auto drawn = [](const Outcome& out) {
    std::vector<std::tuple<TaskIndex, JobIndex, LayerIndex, bool>> all;
    for (const SkipEvent& e : out.events.skipped) all.emplace_back(e.task, e.job, e.layer, e.exit);
    std::sort(all.begin(), all.end());
    return all;
  };
  EXPECT_EQ(drawn(edf), drawn(sjf));
}

} // namespace
} // namespace terastal::testing
