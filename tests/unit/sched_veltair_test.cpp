#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/veltair.hpp"

// VELTAIR's blocks and needs as we read them, worked by hand.
namespace terastal::testing {
namespace {

/// A layer's time on one, two and four cores.
using Times = std::vector<Duration>;

Scenario four_cores() {
  Scenario s = platform({{"core", 4}});
  s.platform.types[0].group_sizes = {2, 4};
  return s;
}

void add_cpu_network(Scenario& s, const std::vector<Times>& layers,
                     const std::vector<std::vector<LayerIndex>>& before = {}) {
  std::vector<Times> alone;
  for (const Times& t : layers) alone.push_back({t[0]});
  Network& n = s.networks[add_network(s, "net" + std::to_string(s.networks.size()), alone, before)];
  for (const Times& t : layers) n.group_latency.insert(n.group_latency.end(), t.begin() + 1, t.end());
}

/// Adds a task with a network of its own and one job.
void add_job(Scenario& s, const std::vector<Times>& layers, Duration deadline, Duration release = 0ms) {
  add_cpu_network(s, layers);
  add_task(s, "task" + std::to_string(s.tasks.size()), static_cast<std::uint32_t>(s.networks.size() - 1), deadline,
           releases({release}));
}

Time end_of(const Outcome& out, TaskIndex task) { return out.events.finish.at({task, 0}); }

/// Group of each layer of a task's job, in order of start.
std::vector<std::uint32_t> groups(const Outcome& out, TaskIndex task) {
  std::vector<std::uint32_t> result;
  for (const StartEvent& e : out.events.started) {
    if (e.task == task) result.push_back(e.group);
  }
  return result;
}

using Groups = std::vector<std::uint32_t>;

/// Fastest 2 + 2 + 4 + 2 ms: with a deadline of 20 ms the shares are 4, 4, 8 and 4 ms, and the layers need 2, 1, 2, 2.
const std::vector<Times> kMixed{{8ms, 4ms, 2ms}, {2ms, 2ms, 2ms}, {16ms, 8ms, 4ms}, {8ms, 4ms, 2ms}};

TEST(VeltairTables, SharesAndNeeds) {
  Scenario s = four_cores();
  add_job(s, kMixed, 20ms);
  const VeltairTables tables(s.networks[0], s.platform, 20ms);
  EXPECT_EQ(tables.due(1, 20ms), 4ms);
  EXPECT_EQ(tables.due(3, 20ms), 16ms);
  EXPECT_EQ(tables.due(4, 20ms), 20ms);
  EXPECT_EQ((Groups{tables.need(0, 0), tables.need(0, 1), tables.need(0, 2), tables.need(0, 3)}), (Groups{2, 1, 2, 2}));
  EXPECT_EQ(tables.average_need(0), 1.75);
  // A quarter of the time: nothing is fast enough, so the fastest; one core where more are no faster.
  const VeltairTables tight(s.networks[0], s.platform, 5ms);
  EXPECT_EQ((Groups{tight.need(0, 0), tight.need(0, 1), tight.need(0, 2)}), (Groups{4, 1, 4}));
}

TEST(VeltairTables, GroupsLargerThanTheTypeAreNoChoice) {
  Scenario s = four_cores();
  s.platform.accelerators.resize(3);
  add_job(s, {{8ms, 4ms, 2ms}}, 2ms);
  const VeltairTables tables(s.networks[0], s.platform, 2ms);
  EXPECT_EQ(tables.need(0, 0), 2U);
  EXPECT_THROW(validate(s), InputError); // files and runs do not even get that far
}

TEST(Veltair, BlockRunsOnWhatItsShareNeeds) {
  Scenario s = four_cores();
  add_job(s, kMixed, 20ms);
  add_job(s, kMixed, 20ms);
  add_job(s, kMixed, 20ms);
  const Outcome out = run(s, "veltair");
  // 18 ms on two cores: two jobs side by side, the third after them.
  EXPECT_EQ(end_of(out, 0), at(18ms));
  EXPECT_EQ(end_of(out, 1), at(18ms));
  EXPECT_EQ(end_of(out, 2), at(36ms));
  EXPECT_EQ(groups(out, 2), (Groups{2, 2, 2, 2}));
}

TEST(Veltair, LayersAloneNeedTheirOwnCores) {
  Scenario s = four_cores();
  add_job(s, kMixed, 20ms);
  const Outcome out = run(s, "veltair:blocks=layer");
  EXPECT_EQ(groups(out, 0), (Groups{2, 1, 2, 2}));
  EXPECT_EQ(end_of(out, 0), at(18ms));
}

/// Two jobs hold one core each; a third comes at 1 ms, whose middle layer needs four: fastest 2 + 4 + 2 ms of 10 ms.
Scenario crowded() {
  Scenario s = four_cores();
  add_job(s, {{50ms, 50ms, 50ms}}, 100ms);
  add_job(s, {{50ms, 50ms, 50ms}}, 100ms);
  add_job(s, {{2ms, 2ms, 2ms}, {16ms, 8ms, 4ms}, {2ms, 2ms, 2ms}}, 10ms, 1ms);
  return s;
}

TEST(Veltair, BlockIsCutBeforeALayerThatNeedsMuch) {
  const Outcome out = run(crowded(), "veltair");
  // Needs 1, 4, 1: average 2. Threshold 2 + 2 · 2/(2 + 1 + 1) = 3: the first layer goes alone, [1, 3] on one core. The
  // other two take 6 ms on four cores and are due at 11 ms, so they wait until 5 ms; then two cores, 8 + 2 ms.
  EXPECT_EQ(groups(out, 2), (Groups{1, 2, 2}));
  EXPECT_EQ(end_of(out, 2), at(15ms));
  EXPECT_EQ(out.events.started[3].time, at(5ms));
}

TEST(Veltair, OtherCuts) {
  // The whole: 8 ms on four cores, due at 11 ms: waits until 3 ms, then 12 ms on two.
  const Outcome model = run(crowded(), "veltair:blocks=model");
  EXPECT_EQ(groups(model, 2), (Groups{2, 2, 2}));
  EXPECT_EQ(end_of(model, 2), at(15ms));
  // Layer by layer: the middle one waits from 3 ms to 1 + 7.5 − 4 ms, the last takes one core.
  const Outcome layer = run(crowded(), "veltair:blocks=layer");
  EXPECT_EQ(groups(layer, 2), (Groups{1, 2, 1}));
  EXPECT_EQ(end_of(layer, 2), at(14500us));
  // The average 2 cuts where 3 does.
  EXPECT_EQ(end_of(run(crowded(), "veltair:blocks=average"), 2), at(15ms));
  // Without waiting the second block starts at 3 ms.
  EXPECT_EQ(end_of(run(crowded(), "veltair:shortage=run"), 2), at(13ms));
}

TEST(Veltair, LaterJobsDoNotPassOneThatWaits) {
  Scenario s = four_cores();
  add_job(s, {{10ms, 10ms, 10ms}}, 100ms);
  add_job(s, {{16ms, 8ms, 4ms}}, 6ms, 1ms); // needs four; could wait until 1 + 6 − 4 ms
  add_job(s, {{1ms, 1ms, 1ms}}, 50ms, 2ms);
  const Outcome out = run(s, "veltair");
  EXPECT_EQ(end_of(out, 1), at(11ms));
  EXPECT_EQ(groups(out, 1), (Groups{2}));
  EXPECT_EQ(end_of(out, 2), at(4ms)); // on the fourth core, from 3 ms on
}

TEST(Veltair, CoresThatComeFreeEndTheWait) {
  Scenario s = four_cores();
  add_job(s, {{2ms, 2ms, 2ms}}, 100ms);
  add_job(s, {{16ms, 8ms, 4ms}}, 6ms, 1ms);
  const Outcome out = run(s, "veltair");
  EXPECT_EQ(groups(out, 1), (Groups{4}));
  EXPECT_EQ(end_of(out, 1), at(6ms));
}

TEST(Veltair, WithoutGroupsAJobKeepsItsAccelerator) {
  Scenario s = platform({{"npu", 1}, {"cpu", 1}});
  add_network(s, "a", {{2ms, 9ms}, {2ms, 1ms}});
  add_network(s, "b", {{3ms, 4ms}, {1ms, kCannotRun}});
  add_task(s, "a", 0, 20ms, releases({0ms}));
  add_task(s, "b", 1, 20ms, releases({0ms}));
  const Outcome out = run(s, "veltair");
  // a as a whole is best on npu, [0, 4], though its second layer would be faster on cpu. b's first layer goes to cpu,
  // [0, 4], where its second cannot run: a block of its own on npu.
  EXPECT_EQ(end_of(out, 0), at(4ms));
  EXPECT_EQ(end_of(out, 1), at(5ms));
}

TEST(Veltair, RunsAGraphInFileOrder) {
  Scenario s = four_cores();
  const Times two{2ms, 2ms, 2ms};
  add_cpu_network(s, {two, two, two, two}, {{}, {0}, {0}, {1, 2}});
  add_task(s, "diamond", 0, 100ms, releases({0ms}));
  const Outcome out = run(s, "veltair");
  EXPECT_EQ(end_of(out, 0), at(8ms));
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(out.events.started[i].layer, i);
}

/// A layer of 4 ms with two variants: one of 3 ms that loses nothing, one of 2 ms that loses 1 %.
Scenario versions() {
  Scenario s = platform({{"npu", 2}});
  add_network(s, "net", {{4ms}});
  add_variant(s, 0, 0, "tiled", {3ms});
  add_variant(s, 0, 0, "thin", {2ms});
  s.networks[0].accuracy = AccuracyModel::additive("top-1", 0.8, {0.0, 0.01});
  add_task(s, "t", 0, 20ms, releases({0ms, 0ms}));
  return s;
}

TEST(Veltair, ChoosesAmongVersions) {
  EXPECT_EQ(end_of(run(versions(), "veltair"), 0), at(3ms));
  EXPECT_EQ(end_of(run(versions(), "veltair:versions=valid"), 0), at(2ms));
  EXPECT_EQ(end_of(run(versions(), "veltair:versions=original"), 0), at(4ms));
}

TEST(Veltair, VersionFollowsTheLoadOfTheMemory) {
  Scenario s = versions();
  s.platform.memory_bytes_per_second = 10e9;
  s.networks[0].traffic_bytes = {8e6, 24e6, 40e6};
  const Outcome out = run(s, "veltair");
  // Alone 24 MB in 3 ms fit; with an equal share of 5 GB/s they would take 4.8 ms, so the second job runs the original
  // of 2 GB/s, and both run at full speed.
  ASSERT_EQ(out.events.started.size(), 2U);
  EXPECT_EQ(out.events.started[0].option, 1U);
  EXPECT_EQ(out.events.started[1].option, 0U);
  EXPECT_EQ(out.events.finish.at({0, 0}), at(3ms));
  EXPECT_EQ(out.events.finish.at({0, 1}), at(4ms));
}

} // namespace
} // namespace terastal::testing
