#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace terastal {
namespace {

using namespace testing;

/// Does what the test says.
class Script : public Scheduler {
 public:
  using Act = std::function<void(const SystemView&, Decisions&)>;
  explicit Script(Act act) : act_(std::move(act)) {}
  [[nodiscard]] std::string_view name() const override { return "my_policy"; }
  void dispatch(const SystemView& view, Decisions& out) override { act_(view, out); }

 private:
  Act act_;
};

/// A job with two ready layers in task "camera", and a job of "radar", on a gpu and an npu.
///
/// Layer 0 of camera runs on both and has variants a and b, which are not valid together with c of layer 1. Layer 1 and
/// radar run on the gpu only.
Scenario scenario() {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  const auto camera = add_network(s, "cam", {{4ms, 6ms}, {5ms, kCannotRun}}, {{}, {}});
  add_variant(s, camera, 0, "a", {2ms, 2ms});
  add_variant(s, camera, 0, "b", {2ms, 2ms});
  add_variant(s, camera, 1, "c", {2ms, kCannotRun});
  s.networks[camera].accuracy = AccuracyModel::measured("m", 1.0, {{0, 1.0}, {1, 0.95}, {2, 0.5}, {4, 0.95}, {5, 0.8}});
  add_task(s, "camera", camera, 50ms, releases({0ms}));
  add_task(s, "radar", add_network(s, "rad", {{3ms, kCannotRun}}), 50ms, releases({0ms}));
  return s;
}

constexpr AcceleratorIndex kGpu = 0;
constexpr AcceleratorIndex kNpu = 1;

/// The ready layer of a task.
ReadyId find(const SystemView& view, TaskIndex task, LayerIndex layer = 0) {
  for (const ReadyId id : view.ready()) {
    if (view.job(id).task == task && view.layer(id).layer == layer) return id;
  }
  ADD_FAILURE() << "no such ready layer";
  return kNone;
}

/// Expects a PolicyError that names the policy and every one of the parts.
void expect_illegal(const Script::Act& act, const std::vector<std::string>& parts) {
  const Scenario s = scenario();
  validate(s);
  Script script(act);
  Simulator simulator(s, script);
  try {
    simulator.run();
    ADD_FAILURE() << "accepted, expected: " << parts.front();
  } catch (const PolicyError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("policy 'my_policy'"), std::string::npos) << text;
    for (const auto& part : parts) EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
  }
}

TEST(Legality, AcceleratorIsBusy) {
  expect_illegal(
      [](const SystemView& view, Decisions& out) {
        const ReadyId radar = find(view, 1);
        out.start(find(view, 0), view.original(find(view, 0)), kGpu);
        out.start(radar, view.original(radar), kGpu);
      },
      {"the accelerator is busy", "task 'radar', job 0, layer 'rad.0'", "accelerator 'gpu0'", "at 0 ps"});
}

TEST(Legality, AcceleratorIsBusyFromBefore) {
  expect_illegal(
      [](const SystemView& view, Decisions& out) {
        const ReadyId id = view.is_idle(kGpu) ? find(view, 1) : find(view, 0);
        out.start(id, view.original(id), kGpu);
      },
      {"the accelerator is busy", "task 'camera'"});
}

TEST(Legality, NoSuchAccelerator) {
  expect_illegal(
      [](const SystemView& view, Decisions& out) { out.start(find(view, 1), view.original(find(view, 1)), 2); },
      {"there is no such accelerator", "task 'radar'"});
  expect_illegal(
      [](const SystemView& view, Decisions& out) { out.start(find(view, 1), view.original(find(view, 1)), kNone); },
      {"there is no such accelerator"});
}

TEST(Legality, AcceleratorCannotRunTheLayer) {
  expect_illegal(
      [](const SystemView& view, Decisions& out) { out.start(find(view, 1), view.original(find(view, 1)), kNpu); },
      {"the accelerator cannot run the layer", "task 'radar'", "accelerator 'npu0'"});
  // The same of a variant: c runs on the gpu only.
  expect_illegal([](const SystemView& view,
                    Decisions& out) { out.start(find(view, 0, 1), view.options(find(view, 0, 1)).end - 1, kNpu); },
                 {"the accelerator cannot run the layer", "layer 'cam.1'"});
}

TEST(Legality, LayerIsNotReady) {
  expect_illegal([](const SystemView&, Decisions& out) { out.start(3, 0, kGpu); }, {"the layer is not ready"});
  expect_illegal([](const SystemView&, Decisions& out) { out.start(kNone, 0, kGpu); }, {"the layer is not ready"});
}

TEST(Legality, LayerIsStartedTwice) {
  expect_illegal(
      [](const SystemView& view, Decisions& out) {
        const ReadyId id = find(view, 0);
        out.start(id, view.original(id), kGpu);
        out.start(id, view.original(id), kNpu);
      },
      {"the layer is not ready", "accelerator 'npu0'"});
}

TEST(Legality, OptionOfAnotherLayer) {
  // Options of camera: 0 original, 1 a, 2 b of layer 0; 3 original, 4 c of layer 1.
  expect_illegal([](const SystemView& view, Decisions& out) { out.start(find(view, 0), 3, kGpu); },
                 {"the option does not belong to the layer", "layer 'cam.0'"});
  expect_illegal([](const SystemView& view, Decisions& out) { out.start(find(view, 0, 1), 0, kGpu); },
                 {"the option does not belong to the layer", "layer 'cam.1'"});
  expect_illegal([](const SystemView& view, Decisions& out) { out.start(find(view, 1), 1, kGpu); },
                 {"the option does not belong to the layer", "task 'radar'"});
}

TEST(Legality, VariantAloneIsNotValid) {
  expect_illegal(
      [](const SystemView& view, Decisions& out) {
        EXPECT_TRUE(view.allowed(find(view, 0), 1));
        EXPECT_FALSE(view.allowed(find(view, 0), 2));
        out.start(find(view, 0), 2, kNpu);
      },
      {"the job's variant set would become invalid", "layer 'cam.0'"});
}

TEST(Legality, VariantIsNotValidWithTheOneBefore) {
  expect_illegal(
      [](const SystemView& view, Decisions& out) {
        if (view.now() == Time{} && view.is_idle(kNpu)) return out.start(find(view, 0), 1, kNpu);
        EXPECT_FALSE(view.allowed(find(view, 0, 1), 4));
        out.start(find(view, 0, 1), 4, kGpu);
      },
      {"the job's variant set would become invalid", "layer 'cam.1'"});
}

// Both in one answer: the first decision counts when the second is judged.
TEST(Legality, VariantsOfOneAnswerAreJudgedTogether) {
  expect_illegal(
      [](const SystemView& view, Decisions& out) {
        out.start(find(view, 0), 1, kNpu);
        out.start(find(view, 0, 1), 4, kGpu);
      },
      {"the job's variant set would become invalid", "layer 'cam.1'"});
}

TEST(Legality, DropOfALayerThatIsNotReady) {
  expect_illegal([](const SystemView&, Decisions& out) { out.drop(17); }, {"the layer to drop is not ready"});
}

TEST(Legality, StartOfAJobDroppedInTheSameAnswer) {
  expect_illegal(
      [](const SystemView& view, Decisions& out) {
        out.start(find(view, 1), view.original(find(view, 1)), kGpu);
        out.drop(find(view, 1));
      },
      {"the layer is not ready"});
}

// Nothing of the illegal decision has happened; what was legal before it has.
TEST(Legality, StateBeforeTheDecisionIsKept) {
  const Scenario s = scenario();
  Script script([](const SystemView& view, Decisions& out) {
    out.start(find(view, 0), view.original(find(view, 0)), kGpu);
    out.start(find(view, 1), view.original(find(view, 1)), kGpu);
  });
  Simulator simulator(s, script);
  EXPECT_THROW(simulator.run(), SimulationError); // a PolicyError is one
  EXPECT_EQ(simulator.counters().decisions, 1U);
  EXPECT_FALSE(simulator.view().is_idle(kGpu));
  EXPECT_TRUE(simulator.view().is_idle(kNpu));
}

// What is illegal above is legal one step aside: the errors are not for nothing.
TEST(Legality, LegalDecisionsPass) {
  const Scenario s = scenario();
  Script script([](const SystemView& view, Decisions& out) {
    if (view.is_idle(kNpu) && view.now() == Time{}) {
      out.start(find(view, 0), 1, kNpu);
      return out.start(find(view, 1), view.original(find(view, 1)), kGpu);
    }
    if (view.is_idle(kGpu)) out.start(view.ready().front(), view.original(view.ready().front()), kGpu);
  });
  const Outcome out = run(s, script);
  EXPECT_EQ(out.events.finish.at({0U, 0U}), at(8ms)); // c would be refused; its original takes 5 ms after radar's 3
  EXPECT_EQ(out.events.finish.at({1U, 0U}), at(3ms));
}

} // namespace
} // namespace terastal
