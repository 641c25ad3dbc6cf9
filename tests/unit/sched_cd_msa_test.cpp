#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

// CD-MSA (our reading): times worked by hand.
namespace terastal::testing {
namespace {

/// Identical arrays whose layers have `tiles` tiles.
Scenario arrays(int count, std::uint32_t tiles, Transfer context = {}) {
  Scenario s = platform({{"array", count}});
  s.platform.types[0].preemption = Preemption{tiles, context};
  return s;
}

/// A task whose jobs are chains of layers of the given lengths.
Task& add_chain(Scenario& s, const std::string& name, const std::vector<Duration>& lengths, Duration deadline,
                Arrivals arrivals) {
  std::vector<std::vector<Duration>> layers;
  for (const Duration d : lengths) layers.push_back({d});
  const auto network = add_network(s, name, layers);
  for (Layer& layer : s.networks[network].layers) layer.output_bytes = 1000;
  return add_task(s, name, network, deadline, std::move(arrivals));
}

PeriodicArrivals every(Duration period) { return {period, Duration{0}, Duration{0}}; }

Time end_of(const Outcome& out, TaskIndex task, JobIndex job = 0) { return out.events.finish.at({task, job}); }

std::uint64_t misses(const Outcome& out) {
  std::uint64_t count = 0;
  for (const JobEndEvent& e : out.events.ended) count += e.missed() ? 1 : 0;
  return count;
}

TEST(CdMsa, MeetsWhatGlobalEdfCannot) {
  // Two arrays, three tasks C = 2, T = D = 3, tiles of 1: U = 2. In the first period 2, 3, 3.
  Scenario s = arrays(2, 2);
  s.horizon = 300ms;
  for (const char* name : {"a", "b", "c"}) add_chain(s, name, {2ms}, 3ms, every(3ms));
  const Outcome out = run(s, "cd-msa");
  EXPECT_EQ(end_of(out, 0), at(2ms));
  EXPECT_EQ(end_of(out, 1), at(3ms));
  EXPECT_EQ(end_of(out, 2), at(3ms));
  EXPECT_EQ(misses(out), 0U);
  EXPECT_GT(misses(run(s, "edf")), 0U);
}

TEST(CdMsa, IsNotCaughtByDhallsEffect) {
  Scenario s = arrays(2, 2);
  s.horizon = 110ms;
  add_chain(s, "a", {2ms}, 10ms, every(10ms));
  add_chain(s, "b", {2ms}, 10ms, every(10ms));
  add_chain(s, "c", {2ms, 2ms, 2ms, 2ms, 2ms}, 11ms, every(11ms));
  const Outcome out = run(s, "cd-msa");
  EXPECT_EQ(misses(out), 0U);
  // c waits for the first tile of b, which is stopped only when c's laxity is gone.
  EXPECT_EQ(out.events.stopped.at(0).time, at(1ms));
  EXPECT_EQ(out.events.stopped.at(0).task, 1U);
  EXPECT_EQ(end_of(out, 2), at(11ms));
}

TEST(CdMsa, EarlierDeadlineTakesTheArrayAtTheEndOfATile) {
  Scenario s = arrays(1, 4, {100us, 1e7}); // 1000 bytes at 10 MB/s: 200 us with the latency
  add_chain(s, "long", {8ms}, 30ms, releases({0ms}));
  add_chain(s, "short", {2ms}, 5ms, releases({3ms}));
  const Outcome out = run(s, "cd-msa");
  // Stopped at 4, saved at 4.2; short to 6.2; restored at 6.4; the rest to 10.4.
  EXPECT_EQ(end_of(out, 1), at(6200us));
  EXPECT_EQ(end_of(out, 0), at(10400us));
}

TEST(CdMsa, LayerInItsLastTileIsNotStopped) {
  Scenario s = arrays(1, 4);
  add_chain(s, "long", {8ms, 4ms}, 30ms, releases({0ms}));
  add_chain(s, "short", {2ms}, 5ms, releases({7ms}));
  const Outcome out = run(s, "cd-msa");
  EXPECT_TRUE(out.events.stopped.empty());
  EXPECT_EQ(end_of(out, 1), at(10ms)); // between the layers
  EXPECT_EQ(end_of(out, 0), at(14ms));
}

TEST(CdMsa, TieOfDeadlinesStopsNobody) {
  Scenario s = arrays(1, 4);
  add_chain(s, "later", {8ms}, 20ms, releases({0ms}));
  add_chain(s, "early", {2ms}, 17ms, releases({3ms})); // the same deadline
  const Outcome out = run(s, "cd-msa");
  EXPECT_TRUE(out.events.stopped.empty());
  EXPECT_EQ(end_of(out, 1), at(10ms));
}

TEST(CdMsa, JobWithoutLaxityIsNotStoppedForAnEarlierDeadline) {
  Scenario s = arrays(1, 4);
  add_chain(s, "tight", {8ms}, 8ms, releases({0ms}));
  add_chain(s, "earlier", {2ms}, 3ms, releases({1ms}));
  const Outcome out = run(s, "cd-msa");
  EXPECT_TRUE(out.events.stopped.empty());
  EXPECT_EQ(end_of(out, 0), at(8ms));
  EXPECT_EQ(end_of(out, 1), at(10ms));
}

TEST(CdMsa, HopelessJobIsBestEffort) {
  Scenario s = arrays(1, 4);
  add_chain(s, "hopeless", {8ms}, 4ms, releases({0ms}));
  add_chain(s, "fine", {4ms}, 20ms, releases({1ms}));
  const Outcome out = run(s, "cd-msa");
  // It runs while nobody else wants the array: its first tile, and the rest afterwards.
  EXPECT_EQ(end_of(out, 1), at(6ms));
  EXPECT_EQ(end_of(out, 0), at(12ms));
}

TEST(CdMsa, KeepsAJobWhereItIs) {
  Scenario s = arrays(2, 1);
  add_chain(s, "a", {2ms, 2ms}, 20ms, releases({0ms}));
  add_chain(s, "b", {2ms, 2ms}, 10ms, releases({0ms}));
  const Outcome out = run(s, "cd-msa");
  std::map<TaskIndex, std::vector<AcceleratorIndex>> places;
  for (const StartEvent& e : out.events.started) places[e.task].push_back(e.accelerator);
  EXPECT_EQ(places[0], (std::vector<AcceleratorIndex>{1, 1}));
  EXPECT_EQ(places[1], (std::vector<AcceleratorIndex>{0, 0}));
}

/// Three arrays. A layer takes 12 ms on one, 7 on two, 5 on three.
Scenario cooperating() {
  Scenario s = arrays(3, 6);
  s.platform.types[0].group_sizes = {2, 3};
  return s;
}

TEST(CdMsa, SpareArraysCooperate) {
  Scenario s = cooperating();
  add_chain(s, "wide", {12ms, 12ms}, 50ms, releases({0ms}));
  s.networks[0].group_latency = {7ms, 5ms, 7ms, 7ms};
  const Outcome out = run(s, "cd-msa");
  ASSERT_EQ(out.events.started.size(), 2U);
  EXPECT_EQ(out.events.started[0].group, 3U);
  EXPECT_EQ(out.events.started[1].group, 2U); // a third array is no gain
  EXPECT_EQ(end_of(out, 0), at(12ms));
  const Outcome alone = run(s, "cd-msa:cooperation=false");
  EXPECT_EQ(end_of(alone, 0), at(24ms));
}

TEST(CdMsa, OnlyTheJobWithTheSmallestLaxityIsHelped) {
  Scenario s = cooperating();
  add_chain(s, "wide", {12ms}, 50ms, releases({0ms}));
  add_chain(s, "tight", {12ms}, 20ms, releases({0ms}));
  for (Network& n : s.networks) n.group_latency = {7ms, 5ms};
  const Outcome out = run(s, "cd-msa");
  EXPECT_EQ(end_of(out, 1), at(7ms));
  EXPECT_EQ(end_of(out, 0), at(12ms));
}

TEST(CdMsa, GroupShrinksWhenItsArraysAreWanted) {
  Scenario s = cooperating();
  add_chain(s, "wide", {12ms}, 20ms, releases({0ms}));
  add_chain(s, "late", {12ms}, 50ms, releases({1ms})); // though its deadline is later
  for (Network& n : s.networks) n.group_latency = {6ms, 3ms};
  const Outcome out = run(s, "cd-msa");
  // Tiles of 0.5 ms on three: stopped at 1 ms. Four of six tiles are left: 4 ms on two.
  EXPECT_EQ(out.events.stopped.at(0).time, at(1ms));
  EXPECT_EQ(end_of(out, 0), at(5ms));
  // The other goes on alone: nothing is split again inside a layer.
  EXPECT_EQ(end_of(out, 1), at(13ms));
}

TEST(CdMsa, GroupThatAJobNeedsIsKept) {
  Scenario s = cooperating();
  add_chain(s, "wide", {12ms}, 4ms, releases({0ms})); // on two arrays it would end at 5 ms
  add_chain(s, "late", {12ms}, 50ms, releases({1ms}));
  for (Network& n : s.networks) n.group_latency = {6ms, 3ms};
  const Outcome out = run(s, "cd-msa");
  EXPECT_TRUE(out.events.stopped.empty());
  EXPECT_EQ(end_of(out, 0), at(3ms));
  EXPECT_EQ(end_of(out, 1), at(6ms)); // then it has all three
}

TEST(CdMsa, CooperationMaySaveAJobThatOneArrayCannot) {
  Scenario s = cooperating();
  add_chain(s, "wide", {12ms}, 6ms, releases({0ms}));
  add_chain(s, "easy", {2ms}, 50ms, releases({0ms}));
  for (Network& n : s.networks) n.group_latency = {6ms, 3ms};
  const Outcome out = run(s, "cd-msa");
  EXPECT_EQ(end_of(out, 0), at(6ms));
  EXPECT_EQ(misses(out), 0U);
}

TEST(CdMsa, WithoutSpareArraysGroupsSaveNobody) {
  Scenario s = cooperating();
  add_chain(s, "wide", {12ms}, 6ms, releases({0ms}));
  for (const char* name : {"a", "b", "c"}) add_chain(s, name, {4ms}, 20ms, releases({0ms}));
  for (Network& n : s.networks) n.group_latency = {6ms, 3ms};
  const Outcome out = run(s, "cd-msa");
  for (TaskIndex t = 1; t <= 3; ++t) EXPECT_EQ(end_of(out, t), at(4ms));
  EXPECT_EQ(end_of(out, 0), at(7ms)); // best effort, on all three when they are spare
}

TEST(CdMsa, AdmissionDropsWhatWouldBeLate) {
  Scenario s = arrays(1, 4);
  add_chain(s, "first", {8ms}, 10ms, releases({0ms}));
  add_chain(s, "second", {4ms}, 6ms, releases({1ms})); // in time alone, but then the first would be late
  add_chain(s, "third", {2ms}, 4ms, releases({3ms}));
  const Outcome off = run(s, "cd-msa");
  EXPECT_EQ(misses(off), 2U);
  const Outcome drop = run(s, "cd-msa:admission=drop");
  EXPECT_EQ(drop.result.tasks[1].dropped, 1U);
  EXPECT_EQ(end_of(drop, 1), at(1ms));
  EXPECT_EQ(end_of(drop, 2), at(6ms)); // admitted: stops the first at 4 ms
  EXPECT_EQ(end_of(drop, 0), at(10ms));
  const Outcome demote = run(s, "cd-msa:admission=demote");
  EXPECT_EQ(end_of(demote, 2), at(6ms));
  EXPECT_EQ(end_of(demote, 0), at(10ms));
  EXPECT_EQ(end_of(demote, 1), at(14ms));
}

TEST(CdMsa, AdmissionCountsContexts) {
  Scenario s = arrays(1, 4, {500us, 0.0});
  add_chain(s, "first", {8ms}, 10500us, releases({0ms}));
  add_chain(s, "second", {2ms}, 4ms, releases({3ms}));
  // 2 ms more for the second, 1 ms for saving and restoring: the first would end at 11 ms.
  EXPECT_EQ(run(s, "cd-msa:admission=drop").result.tasks[1].dropped, 1U);
  s.tasks[0].deadline = 11ms;
  const Outcome out = run(s, "cd-msa:admission=drop");
  EXPECT_EQ(end_of(out, 1), at(6500us));
  EXPECT_EQ(end_of(out, 0), at(11ms));
}

TEST(CdMsa, WithoutTilesItIsEdzlBetweenLayers) {
  Scenario s = platform({{"npu", 1}});
  add_chain(s, "long", {4ms, 4ms}, 30ms, releases({0ms}));
  add_chain(s, "short", {2ms}, 5ms, releases({1ms}));
  const Outcome out = run(s, "cd-msa");
  EXPECT_EQ(end_of(out, 1), at(6ms));
  EXPECT_EQ(end_of(out, 0), at(10ms));
}

/// One array that fuses. `sums` computes for 4 ms and reads for 1 ms, `reads` computes for 1 ms and reads for 3 ms.
Scenario fusing_array(Duration deadline_of_sums, Duration deadline_of_reads) {
  Scenario s = platform({{"array", 1}});
  s.platform.types[0].fusion = Fusion{100us};
  add_chain(s, "sums", {4ms}, deadline_of_sums, releases({0ms}));
  add_chain(s, "reads", {3ms}, deadline_of_reads, releases({0ms}));
  s.networks[0].fusion_parts = {{4ms, 1ms}};
  s.networks[1].fusion_parts = {{1ms, 3ms}};
  return s;
}

TEST(CdMsaFusion, PairsALayerThatComputesWithOneThatReads) {
  const Scenario s = fusing_array(6ms, 6ms); // one after the other the second would end at 7
  const Outcome out = run(s, "cd-msa");
  EXPECT_EQ(end_of(out, 0), at(5100us));
  EXPECT_EQ(end_of(out, 1), at(5100us));
  EXPECT_EQ(misses(out), 0U);
  EXPECT_EQ(misses(run(s, "cd-msa:fusion=false")), 1U);
}

TEST(CdMsaFusion, NotWhereItMakesAJobLate) {
  const Outcome out = run(fusing_array(5ms, 10ms), "cd-msa"); // 5.1 ms would be too long for the first
  EXPECT_EQ(end_of(out, 0), at(4ms));
  EXPECT_EQ(end_of(out, 1), at(7ms));
}

TEST(CdMsaFusion, ExactlyInTimeIsInTime) {
  EXPECT_EQ(end_of(run(fusing_array(5100us, 10ms), "cd-msa"), 1), at(5100us));
}

TEST(CdMsaFusion, NotWhereItSavesNothing) {
  Scenario s = fusing_array(20ms, 20ms);
  s.platform.types[0].fusion->overhead = 2ms; // 5 + 2 ms against 4 + 3 ms
  EXPECT_EQ(end_of(run(s, "cd-msa"), 0), at(4ms));
  s.platform.types[0].fusion->overhead = 1999us;
  EXPECT_EQ(end_of(run(s, "cd-msa"), 0), at(6999us));
}

TEST(CdMsaFusion, NotWhileAnArrayIsFree) {
  Scenario s = fusing_array(20ms, 20ms);
  s.platform.accelerators.push_back({"array1", 0});
  const Outcome out = run(s, "cd-msa");
  EXPECT_EQ(end_of(out, 0), at(4ms));
  EXPECT_EQ(end_of(out, 1), at(3ms));
}

TEST(CdMsaFusion, TakesThePairWithTheLargestSaving) {
  Scenario s = fusing_array(20ms, 30ms);
  add_chain(s, "both", {3ms}, 25ms, releases({0ms}));
  s.networks[2].fusion_parts = {{2ms, 3ms}}; // with sums max(6, 4) + 0.1 saves 0.9 ms, reads saves 1.9 ms
  const Outcome out = run(s, "cd-msa");
  EXPECT_EQ(end_of(out, 1), at(5100us));
  EXPECT_EQ(end_of(out, 2), at(8100us));
}

TEST(CdMsaFusion, AdmissionCountsPairsThatRun) {
  // The pair keeps the array until 5.1 ms. A job that needs 2 ms from 1 ms on is in time with a deadline at 7.1 ms.
  for (const auto& [deadline, admitted] : {std::pair(6100us, true), std::pair(6099us, false)}) {
    Scenario s = fusing_array(20ms, 20ms);
    add_chain(s, "later", {2ms}, deadline, releases({1ms}));
    s.networks[2].fusion_parts = {{}};
    const Outcome out = run(s, "cd-msa:admission=drop");
    EXPECT_EQ(misses(out), admitted ? 0U : 1U) << deadline.count();
    EXPECT_EQ(end_of(out, 2), admitted ? at(7100us) : at(1ms));
  }
}

} // namespace
} // namespace terastal::testing
