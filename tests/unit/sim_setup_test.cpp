#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace terastal {
namespace {

using namespace testing;

/// Runs each (task, layer) on the accelerator it is told to, first on all that are listed, in order of task and job.
class Assigned : public Scheduler {
 public:
  using Map = std::map<std::pair<TaskIndex, LayerIndex>, AcceleratorIndex>;
  explicit Assigned(Map map) : map_(std::move(map)) {}
  [[nodiscard]] std::string_view name() const override { return "assigned"; }
  void dispatch(const SystemView& view, Decisions& out) override {
    for (const ReadyId id : view.ready()) {
      const AcceleratorIndex a = map_.at({view.job(id).task, view.layer(id).layer});
      if (view.is_idle(a)) return out.start(id, view.original(id), a);
    }
  }

 private:
  Map map_;
};

struct Start {
  Duration start, setup, finish;
  bool operator==(const Start&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Start& s) {
  return out << format_duration(s.start) << " + " << format_duration(s.setup) << " → " << format_duration(s.finish);
}

std::vector<Start> starts(const Outcome& out, TaskIndex task = 0) {
  std::vector<Start> result;
  for (const auto& e : out.events.started) {
    if (e.task == task) result.push_back({e.time.time_since_epoch(), e.setup, e.finish.time_since_epoch()});
  }
  return result;
}

/// Two gpus and an npu. From gpu to npu: 1 ms and 1 GB/s; between gpus: 0.5 ms; back to a gpu: nothing.
Scenario with_transfers() {
  Scenario s = platform({{"gpu", 2}, {"npu", 1}});
  s.platform.transfers = {{500us, 0.0},
                          {1ms, 1e9}, //
                          {},
                          {}};
  return s;
}

TEST(Transfers, TimeIsLatencyPlusBytesOverBandwidth) {
  EXPECT_EQ((Transfer{1ms, 1e9}).time(2'000'000), Duration{3ms});
  EXPECT_EQ((Transfer{1ms, 1e9}).time(0), Duration{1ms});
  EXPECT_EQ((Transfer{1ms, 0.0}).time(2'000'000), Duration{1ms}); // no bandwidth given: unlimited
  EXPECT_EQ((Transfer{0ms, 3.0}).time(1).count(), 333'333'333'333);
  EXPECT_EQ((Transfer{0ms, 3.0}).time(2).count(), 666'666'666'667);
  EXPECT_THROW((void)(Transfer{0ms, 1.0}).time(1'000'000'000), SimulationError); // 31 years
}

TEST(Transfers, HaveCostsWhenAnythingCosts) {
  Scenario s = platform({{"gpu", 1}});
  EXPECT_FALSE(s.platform.has_setup_costs());
  s.platform.transfers = {{}};
  EXPECT_FALSE(s.platform.has_setup_costs());
  s.platform.transfers = {{0ms, 1e9}};
  EXPECT_TRUE(s.platform.has_setup_costs());
  s.platform.transfers.clear();
  s.platform.types[0].model_switch = 1us;
  EXPECT_TRUE(s.platform.has_setup_costs());
}

// Layer 0 leaves 2 MB on gpu0: layer 1 on the npu waits 1 + 2 ms for it. The way back is free.
TEST(Transfers, ChainByHand) {
  Scenario s = with_transfers();
  const auto net = add_network(s, "net", {{3ms, kCannotRun}, {kCannotRun, 4ms}, {1ms, kCannotRun}, {1ms, kCannotRun}});
  s.networks[net].layers[0].output_bytes = 2'000'000;
  s.networks[net].layers[1].output_bytes = 9'000'000;
  add_task(s, "a", net, 100ms, releases({0ms}));
  // gpu0 0–3; npu 3–10; gpu1 10–11, nothing to pay from the npu; gpu0 again: 0.5 ms from gpu1, though it is of one
  // type.
  Assigned scheduler({{{0, 0}, 0}, {{0, 1}, 2}, {{0, 2}, 1}, {{0, 3}, 0}});
  EXPECT_EQ(starts(run(s, scheduler)),
            (std::vector<Start>{{0ms, 0ms, 3ms}, {3ms, 3ms, 10ms}, {10ms, 0ms, 11ms}, {11ms, 500us, 12500us}}));
}

TEST(Transfers, StayingCostsNothing) {
  Scenario s = with_transfers();
  const auto net = add_network(s, "net", {{3ms, 1ms}, {4ms, 1ms}});
  s.networks[net].layers[0].output_bytes = 2'000'000;
  add_task(s, "a", net, 100ms, releases({0ms}));
  Assigned scheduler({{{0, 0}, 1}, {{0, 1}, 1}});
  EXPECT_EQ(starts(run(s, scheduler)), (std::vector<Start>{{0ms, 0ms, 3ms}, {3ms, 0ms, 7ms}}));
}

// 0 → {1, 2} → 3. Layer 1 on gpu1 fetches from gpu0. Layer 3 on the npu fetches 1 MB from gpu1 and 2 MB from gpu0, one
// after the other: (1 + 1) + (1 + 2) ms.
TEST(Transfers, DagPaysForEachPredecessorElsewhere) {
  Scenario s = with_transfers();
  const auto net = add_network(s, "net", {{1ms, 1ms}, {2ms, 1ms}, {2ms, 1ms}, {2ms, 4ms}}, {{}, {0}, {0}, {1, 2}});
  s.networks[net].layers[1].output_bytes = 1'000'000;
  s.networks[net].layers[2].output_bytes = 2'000'000;
  add_task(s, "a", net, 100ms, releases({0ms}));
  Assigned far({{{0, 0}, 0}, {{0, 1}, 1}, {{0, 2}, 0}, {{0, 3}, 2}});
  EXPECT_EQ(starts(run(s, far)),
            (std::vector<Start>{{0ms, 0ms, 1ms}, {1ms, 500us, 3500us}, {1ms, 0ms, 3ms}, {3500us, 5ms, 12500us}}));
  // On gpu1 it has layer 1's output at hand and pays for layer 2's only.
  Assigned near({{{0, 0}, 0}, {{0, 1}, 1}, {{0, 2}, 0}, {{0, 3}, 1}});
  EXPECT_EQ(starts(run(s, near)).back(), (Start{3500us, 500us, 6ms}));
}

TEST(ModelSwitch, IsPaidWhenTheTaskChanges) {
  Scenario s = platform({{"gpu", 1}});
  s.platform.types[0].model_switch = 500us;
  const auto net = add_network(s, "net", {{2ms}});
  add_task(s, "a", net, 100ms, releases({0ms, 20ms}));
  add_task(s, "b", net, 100ms, releases({1ms, 1ms})); // the same network: still another task
  const Outcome out = run(s, "fcfs");
  EXPECT_EQ(starts(out, 0), (std::vector<Start>{{0ms, 0ms, 2ms}, {20ms, 500us, 22500us}}));
  EXPECT_EQ(starts(out, 1), (std::vector<Start>{{2ms, 500us, 4500us}, {4500us, 0ms, 6500us}}));
  EXPECT_EQ(out.result.accelerators[0].switches, 2U);
  EXPECT_EQ(out.result.accelerators[0].busy, Duration{9ms}); // setups included
}

// Each accelerator remembers its own last task; the price is that of the type.
TEST(ModelSwitch, IsPerAccelerator) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  s.platform.types[1].model_switch = 1ms;
  const auto net = add_network(s, "net", {{2ms, 2ms}});
  add_task(s, "a", net, 100ms, releases({0ms}));
  add_task(s, "b", net, 100ms, releases({0ms}));
  add_task(s, "c", net, 100ms, releases({5ms}));
  add_task(s, "d", net, 100ms, releases({5ms}));
  Assigned scheduler({{{0, 0}, 0}, {{1, 0}, 1}, {{2, 0}, 0}, {{3, 0}, 1}});
  const Outcome out = run(s, scheduler);
  EXPECT_EQ(starts(out, 2).front(), (Start{5ms, 0ms, 7ms})); // a switch that costs nothing
  EXPECT_EQ(starts(out, 3).front(), (Start{5ms, 1ms, 8ms}));
  EXPECT_EQ(out.result.accelerators[0].switches, 1U);
}

TEST(ModelSwitch, AddsToTransfers) {
  Scenario s = with_transfers();
  s.platform.types[1].model_switch = 250us;
  const auto net = add_network(s, "net", {{1ms, 1ms}, {1ms, 1ms}});
  const auto other = add_network(s, "other", {{1ms, 500us}});
  s.networks[net].layers[0].output_bytes = 1'000'000;
  add_task(s, "a", net, 100ms, releases({0ms}));
  add_task(s, "b", other, 100ms, releases({0ms}));
  Assigned scheduler({{{0, 0}, 0}, {{0, 1}, 2}, {{1, 0}, 2}});
  EXPECT_EQ(starts(run(s, scheduler)).back(), (Start{1ms, 2250us, 4250us}));
}

// Layer 1: 4 ms where it is, or 3 ms of transfer and 2 ms elsewhere. Free transfers would move it.
TEST(SetupCosts, PlacementCountsThem) {
  Scenario s = with_transfers();
  const auto net = add_network(s, "net", {{1ms, 9ms}, {4ms, 2ms}});
  s.networks[net].layers[0].output_bytes = 2'000'000;
  add_task(s, "a", net, 100ms, releases({0ms}));
  for (const char* policy : {"edf", "edf:placement=earliest_finish", "terastal"}) {
    EXPECT_EQ(run(s, policy).events.finish.at({0U, 0U}), at(5ms)) << policy;
  }
  s.platform.transfers.clear();
  EXPECT_EQ(run(s, "edf").events.finish.at({0U, 0U}), at(3ms));
}

// The view's promise is the engine's deed: cost = latency + setup.
TEST(SetupCosts, ViewTellsWhatWillBeCharged) {
  class Compares : public Scheduler {
   public:
    [[nodiscard]] std::string_view name() const override { return "compares"; }
    void dispatch(const SystemView& view, Decisions& out) override {
      const ReadyId id = view.ready().front();
      const AcceleratorIndex a = view.idle().contains(2) ? 2 : view.idle().first(0);
      promised.push_back(view.now() + view.cost(id, view.original(id), a));
      EXPECT_EQ(view.cost(id, view.original(id), a),
                view.latency(id, view.original(id), view.type_of(a)) + view.setup(id, a));
      out.start(id, view.original(id), a);
    }
    std::vector<Time> promised;
  } scheduler;
  Scenario s = with_transfers();
  s.platform.types[0].model_switch = 300us;
  s.platform.types[1].model_switch = 700us;
  const auto net = add_network(s, "net", {{1ms, 2ms}, {3ms, 2ms}, {3ms, 1ms}}, {{}, {}, {0, 1}});
  for (Layer& layer : s.networks[net].layers) layer.output_bytes = 400'000;
  add_task(s, "a", net, 100ms, PeriodicArrivals{9ms});
  add_task(s, "b", net, 100ms, PeriodicArrivals{7ms});
  const Outcome out = run(s, scheduler);
  ASSERT_EQ(out.events.started.size(), scheduler.promised.size());
  for (std::size_t i = 0; i < scheduler.promised.size(); ++i)
    ASSERT_EQ(out.events.started[i].finish, scheduler.promised[i]);
}

} // namespace
} // namespace terastal
