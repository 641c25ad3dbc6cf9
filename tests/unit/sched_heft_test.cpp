#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/heft.hpp"

namespace terastal {
namespace {

using namespace testing;

/// A start of task 0: layer, accelerator, time.
struct Placed {
  LayerIndex layer;
  AcceleratorIndex accelerator;
  Duration start;
  bool operator==(const Placed&) const = default;
};

std::vector<Placed> places(const Scenario& s, const std::string& policy) {
  std::vector<Placed> result;
  for (const auto& e : run(s, policy).events.started) {
    if (e.task == 0) result.push_back({e.layer, e.accelerator, e.time.time_since_epoch()});
  }
  return result;
}

/// 0 → {1, 2} → 3 on two types; means 3, 3, 4, 1 and ranks 8, 4, 5, 1 ms.
Scenario diamond() {
  Scenario s = platform({{"a", 1}, {"b", 1}});
  const auto net = add_network(s, "diamond", {{2ms, 4ms}, {3ms, 3ms}, {2ms, 6ms}, {1ms, 1ms}}, {{}, {0}, {0}, {1, 2}});
  add_task(s, "diamond", net, 1s, releases({0ms}));
  return s;
}

// Layer 2 has the higher rank and takes a; layer 1 then ends first on b. In order of layers, 1 would take a and 2 wait.
TEST(HeftPolicy, LayersOfAJobGoByUpwardRank) {
  const std::vector<Placed> expected{{0, 0, 0ms}, {2, 0, 2ms}, {1, 1, 2ms}, {3, 0, 5ms}};
  for (const char* policy : {"heft", "heft:order=release", "heft:placement=static"}) {
    EXPECT_EQ(places(diamond(), policy), expected) << policy;
  }
  EXPECT_EQ(run(diamond(), "heft").events.finish.at({0U, 0U}), at(6ms));
  EXPECT_EQ(run(diamond(), "edf:placement=earliest_finish").events.finish.at({0U, 0U}), at(8ms));
}

TEST(HeftPolicy, OneJobRunsAsPlannedOffline) {
  const Scenario s = diamond();
  const HeftSchedule plan = heft(heft_problem(s.networks[0], s.platform));
  for (const Placed& p : places(s, "heft")) {
    EXPECT_EQ(plan.places[p.layer].processor, p.accelerator);
    EXPECT_EQ(plan.places[p.layer].start.time_since_epoch(), p.start);
  }
}

// The layer takes 2 on a and 5 on b; a is held until 10.
TEST(HeftPolicy, StaticStaysWithTheTypeOfTheOfflineSchedule) {
  Scenario s = platform({{"a", 1}, {"b", 1}});
  add_task(s, "task", add_network(s, "net", {{2ms, 5ms}}), 1s, releases({1ms}));
  add_task(s, "hold", add_network(s, "hold", {{10ms, kCannotRun}}), 1s, releases({0ms}));
  EXPECT_EQ(run(s, "heft").events.finish.at({0U, 0U}), at(6ms));
  EXPECT_EQ(run(s, "heft:placement=static").events.finish.at({0U, 0U}), at(12ms));
}

// On b the layer would end at 13 at the earliest; waiting for a until 10 is better, though b is idle.
TEST(HeftPolicy, WaitsForABusyAcceleratorThatFinishesFirst) {
  Scenario s = platform({{"a", 1}, {"b", 1}});
  add_task(s, "task", add_network(s, "net", {{2ms, 12ms}}), 1s, releases({1ms}));
  add_task(s, "hold", add_network(s, "hold", {{10ms, kCannotRun}}), 1s, releases({0ms}));
  EXPECT_EQ(run(s, "heft").events.finish.at({0U, 0U}), at(12ms));
}

// The second layer takes 6 on a, where its input is, and 1 on b.
TEST(HeftPolicy, CountsTransfers) {
  const auto finish = [](Duration transfer, const char* policy) {
    Scenario s = platform({{"a", 1}, {"b", 1}});
    s.platform.transfers = {{}, {transfer, 0.0}, {transfer, 0.0}, {}};
    const auto net = add_network(s, "net", {{2ms, kCannotRun}, {6ms, 1ms}});
    s.networks[net].layers[0].output_bytes = 1;
    add_task(s, "task", net, 1s, releases({0ms}));
    return run(s, policy).events.finish.at({0U, 0U}).time_since_epoch();
  };
  for (const char* policy : {"heft", "heft:placement=static"}) {
    EXPECT_EQ(finish(4ms, policy), 7ms) << policy;
    EXPECT_EQ(finish(6ms, policy), 8ms) << policy;
  }
}

TEST(HeftPolicy, OrderOfJobs) {
  Scenario s = platform({{"a", 1}});
  const auto net = add_network(s, "net", {{2ms}});
  add_task(s, "hold", add_network(s, "hold", {{10ms}}), 1s, releases({0ms}));
  add_task(s, "first", net, 100ms, releases({1ms}));
  add_task(s, "urgent", net, 50ms, releases({2ms}));
  EXPECT_EQ(run(s, "heft").events.finish.at({2U, 0U}), at(12ms));
  EXPECT_EQ(run(s, "heft:order=release").events.finish.at({2U, 0U}), at(14ms));
}

} // namespace
} // namespace terastal
