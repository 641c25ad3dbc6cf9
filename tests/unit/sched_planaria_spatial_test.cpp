#include <map>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/planaria_spatial.hpp"

// Planaria on subarrays: shares and times worked by hand.
namespace terastal::testing {
namespace {

std::vector<std::uint32_t> up_to(std::uint32_t n) {
  std::vector<std::uint32_t> sizes(n);
  std::iota(sizes.begin(), sizes.end(), 1U);
  return sizes;
}

/// A job whose time on n subarrays is work / n.
PlanariaTenant tenant(Duration work, Duration slack, double weight, const std::vector<std::uint32_t>& sizes) {
  PlanariaTenant t{weight, slack, {}};
  for (const std::uint32_t n : sizes) t.estimates.push_back(work / n);
  return t;
}

struct Given {
  Duration work;
  Duration slack;
  double weight = 1.0;
};

std::vector<std::uint32_t> shares(const std::vector<Given>& jobs, std::uint32_t arrays,
                                  const std::vector<std::uint32_t>& sizes) {
  std::vector<PlanariaTenant> tenants;
  for (const Given& g : jobs) tenants.push_back(tenant(g.work, g.slack, g.weight, sizes));
  PlanariaAllocation allocation;
  allocation.allocate(tenants, sizes, arrays);
  std::vector<std::uint32_t> result;
  for (std::size_t i = 0; i < jobs.size(); ++i) result.push_back(allocation.share(i));
  return result;
}

std::vector<std::uint32_t> shares(const std::vector<Given>& jobs, std::uint32_t arrays) {
  return shares(jobs, arrays, up_to(arrays));
}

using Shares = std::vector<std::uint32_t>;

TEST(PlanariaAllocation, SpareSubarraysGoByWeightOverTime) {
  // They need 4 and 2 of 16; on these both take 4 ms.
  EXPECT_EQ(shares({{16ms, 4ms}, {8ms, 4ms}}, 16), (Shares{9, 7}));
  EXPECT_EQ(shares({{16ms, 4ms, 1.0}, {8ms, 4ms, 2.0}}, 16), (Shares{7, 9})); // 3.33 and 6.67 of 10
}

TEST(PlanariaAllocation, RoundingIsRepaired) {
  // Each needs 2. 3.33 of 10 spare: one is missing.
  EXPECT_EQ(shares({{8ms, 4ms}, {8ms, 4ms}, {8ms, 4ms}}, 16), (Shares{6, 5, 5}));
  // The largest weight gets what is missing: 4 · (1, 1, 1.5) / 3.5 of 10.
  EXPECT_EQ(shares({{8ms, 4ms, 2.0}, {8ms, 4ms, 2.0}, {8ms, 4ms, 3.0}}, 16), (Shares{5, 5, 6}));
  // Half of 2 spare each for four: two are too many.
  const Given g{8ms, 4ms};
  EXPECT_EQ(shares({g, g, g, g}, 10), (Shares{2, 2, 3, 3}));
}

TEST(PlanariaAllocation, JobsThatDoNotFitTogetherAreServedByScore) {
  EXPECT_EQ(shares({{12ms, 4ms, 1.0}, {12ms, 4ms, 2.0}}, 4), (Shares{1, 3}));
  EXPECT_EQ(shares({{12ms, 4ms, 1.0}, {12ms, 4ms, 2.0}}, 3), (Shares{0, 3}));
  // One that cannot be in time gets nothing.
  EXPECT_EQ(shares({{100ms, 1ms, 9.0}, {16ms, 4ms, 1.0}}, 16), (Shares{0, 16}));
}

TEST(PlanariaAllocation, HopelessJobsShareAll) {
  EXPECT_EQ(shares({{16ms, 1ms, 1.0}, {16ms, 1ms, 3.0}}, 4), (Shares{1, 3}));
  // 0.4 each would be nobody's.
  const Given g{16ms, 1ms};
  EXPECT_EQ(shares({g, g, g, g, g}, 2), (Shares{1, 1, 0, 0, 0}));
  EXPECT_EQ(shares({{16ms, -5ms}}, 16), (Shares{16})); // late already
}

TEST(PlanariaAllocation, SharesAreAvailableSizes) {
  // 9 and 7 of 16, cut down to 8 and 4; the second steps up.
  EXPECT_EQ(shares({{16ms, 4ms}, {8ms, 4ms}}, 16, {1, 2, 4, 8, 16}), (Shares{8, 8}));
  EXPECT_EQ(shares({{16ms, 4ms}}, 7, {1, 2, 4}), (Shares{4}));
}

/// Four subarrays; a layer takes 12 ms / n on n of them, in four tiles.
Scenario subarrays(Transfer context = {}) {
  Scenario s = platform({{"sub", 4}});
  s.platform.types[0].group_sizes = {2, 3, 4};
  s.platform.types[0].preemption = Preemption{4, context};
  add_network(s, "net", {{12ms}});
  s.networks[0].group_latency = {6ms, 4ms, 3ms};
  return s;
}

Time end_of(const Outcome& out, TaskIndex task) { return out.events.finish.at({task, 0}); }

TEST(PlanariaSpatial, SharesChangeAtTileBoundaries) {
  Scenario s = subarrays();
  add_task(s, "first", 0, 12ms, releases({0ms}));
  add_task(s, "second", 0, 12ms, releases({1ms}));
  SpatialPlanariaScheduler scheduler;
  const Outcome out = run(s, scheduler);
  // Alone the first has all four, in tiles of 0.75 ms. At 1 ms both need one, and get one more each. The first is
  // stopped at 1.5 ms; half of it takes 3 ms on two. The second starts beside it.
  ASSERT_EQ(out.events.stopped.size(), 2U);
  EXPECT_EQ(out.events.stopped[0].time, at(1500us));
  EXPECT_EQ(end_of(out, 0), at(4500us));
  // Then it is alone, at the end of its second tile of 1.5 ms: the rest takes 1.5 ms on four.
  EXPECT_EQ(out.events.stopped[1].time, at(4500us));
  EXPECT_EQ(end_of(out, 1), at(6ms));
  std::vector<std::uint32_t> groups;
  for (const StartEvent& e : out.events.started) groups.push_back(e.group);
  EXPECT_EQ(groups, (std::vector<std::uint32_t>{4, 2, 2, 4}));
}

TEST(PlanariaSpatial, IsAFormOfThePolicy) {
  Scenario s = subarrays();
  add_task(s, "first", 0, 12ms, releases({0ms}));
  add_task(s, "second", 0, 12ms, releases({1ms}));
  EXPECT_EQ(end_of(run(s, "planaria:form=spatial"), 1), at(6ms));
  EXPECT_EQ(end_of(run(s, "planaria"), 1), at(13ms));
}

TEST(PlanariaSpatial, AJobGrowsOnlyWhenSubarraysAreIdle) {
  // Three tiles each. The second needs all four; until the first lets go of its subarrays it runs on the others.
  Scenario s = subarrays();
  s.platform.types[0].preemption = Preemption{3, {}};
  add_task(s, "first", 0, 30ms, releases({0ms}));
  add_task(s, "second", 0, 3900us, releases({500us}));
  SpatialPlanariaScheduler scheduler;
  const Outcome out = run(s, scheduler);
  // At 0.5 ms: the second needs 4, the first 1: no fit. By score the second has all; the first stops at 1 ms.
  EXPECT_EQ(out.events.stopped.at(0).time, at(1ms));
  EXPECT_EQ(end_of(out, 1), at(4ms));
  EXPECT_EQ(end_of(out, 0), at(6ms)); // two tiles of three on four
}

TEST(PlanariaSpatial, ContextsCostWhatThePlatformSays) {
  Scenario s = subarrays({100us, 0.0});
  add_task(s, "first", 0, 12ms, releases({0ms}));
  add_task(s, "second", 0, 12ms, releases({1ms}));
  SpatialPlanariaScheduler scheduler;
  const Outcome out = run(s, scheduler);
  EXPECT_EQ(out.events.stopped.at(0).time, at(1600us));
  EXPECT_EQ(end_of(out, 0), at(4700us)); // restored at 1.7, 3 ms on two
}

TEST(PlanariaSpatial, WithoutGroupsEachJobHasOneAccelerator) {
  Scenario s = platform({{"npu", 2}});
  add_network(s, "net", {{4ms}});
  for (const char* name : {"a", "b", "c"}) add_task(s, name, 0, 10ms, releases({0ms}));
  SpatialPlanariaScheduler scheduler;
  const Outcome out = run(s, scheduler);
  EXPECT_EQ(end_of(out, 0), at(4ms));
  EXPECT_EQ(end_of(out, 1), at(4ms));
  EXPECT_EQ(end_of(out, 2), at(8ms));
}

} // namespace
} // namespace terastal::testing
