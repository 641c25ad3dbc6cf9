#include <memory>
#include <string_view>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/policies.hpp"

// [example]
#include "terastal/terastal.hpp"

using namespace terastal;

/// Shortest next layer first: of all pairs of a ready layer and an idle accelerator, the one that takes least time.
class ShortestNextLayer : public Scheduler {
 public:
  explicit ShortestNextLayer(double aging) : aging_(aging) {}

  std::string_view name() const override { return "shortest_next_layer"; }

  void dispatch(const SystemView& view, Decisions& out) override {
    ReadyId best = kNone;
    AcceleratorIndex where = kNone;
    double smallest = 0.0;
    for (const ReadyId id : view.ready()) {
      for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
        const Duration cost = view.cost(id, view.original(id), a);
        if (!view.is_idle(a) || cost == kCannotRun) continue;
        const double key = to_seconds(cost) - aging_ * to_seconds(view.now() - view.layer(id).since);
        if (best == kNone || key < smallest) best = id, where = a, smallest = key;
      }
    }
    // One decision is enough: the simulator asks again while an accelerator is idle and a layer is ready.
    if (best != kNone) out.start(best, view.original(best), where);
  }

 private:
  double aging_;
};

/// What users meet: the name on the command line, the settings with their defaults, and how to make one.
PolicyInfo shortest_next_layer() {
  PolicyInfo info;
  info.id = "shortest_next_layer";
  info.summary = "shortest next layer first";
  info.settings = {Setting::number("aging", 0.0, 0.0, 1.0, "what waiting takes off a layer's time")};
  info.make = [](const Settings& s) { return std::make_unique<ShortestNextLayer>(s.number("aging")); };
  return info;
}
// [/example]

namespace terastal {
namespace {

using namespace testing;

/// gpu and npu; x has a layer of 6 ms (gpu) or 9 ms, y one of 4 or 3 ms, z one of 5 ms on the gpu only.
Scenario three_jobs() {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  add_task(s, "x", add_network(s, "x", {{6ms, 9ms}}), 50ms, releases({0ms}));
  add_task(s, "y", add_network(s, "y", {{4ms, 3ms}}), 50ms, releases({0ms}));
  add_task(s, "z", add_network(s, "z", {{5ms, kCannotRun}}), 50ms, releases({0ms}));
  return s;
}

// y takes the npu (3), z the gpu (5); at 3 x has the npu for itself.
TEST(OwnScheduler, RunsUnderItsNameWithItsSettings) {
  PolicyRegistry policies = builtin_policies();
  policies.add(shortest_next_layer());
  const Outcome out = run(three_jobs(), *policies.parse("shortest_next_layer").make());
  EXPECT_EQ(out.events.finish.at({1U, 0U}), at(3ms));
  EXPECT_EQ(out.events.finish.at({2U, 0U}), at(5ms));
  EXPECT_EQ(out.events.finish.at({0U, 0U}), at(12ms));
  EXPECT_EQ(policies.parse("shortest_next_layer:aging=0.5").label, "shortest_next_layer:aging=0.5");
  EXPECT_THROW((void)policies.parse("shortest_next_layer:aging=2"), InputError);
}

// A stream of short layers keeps a long one waiting for as long as it lasts; with aging, until 4 ms: 5 − 4 < 2.
TEST(OwnScheduler, AgingEndsStarvation) {
  PolicyRegistry policies = builtin_policies();
  policies.add(shortest_next_layer());
  Scenario s = platform({{"gpu", 1}}, 40ms);
  add_task(s, "long", add_network(s, "long", {{5ms}}), 100ms, releases({0ms}));
  add_task(s, "short", add_network(s, "short", {{2ms}}), 100ms, PeriodicArrivals{2ms});
  // Twenty short jobs fill the time until 40 ms.
  EXPECT_EQ(run(s, *policies.parse("shortest_next_layer").make()).events.finish.at({0U, 0U}), at(45ms));
  EXPECT_EQ(run(s, *policies.parse("shortest_next_layer:aging=1").make()).events.finish.at({0U, 0U}), at(9ms));
}

} // namespace
} // namespace terastal
