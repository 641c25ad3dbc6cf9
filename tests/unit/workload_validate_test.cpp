#include <cmath> // nan
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/workload/validate.hpp"

namespace terastal {
namespace {

using namespace testing;

Scenario valid_scenario() {
  Scenario s = platform({{"gpu", 2}, {"npu", 1}});
  const auto net = add_network(s, "net", {{3ms, 5ms}, {4ms, kCannotRun}});
  add_variant(s, net, 0, "v", {2ms, 2ms});
  s.networks[net].accuracy = AccuracyModel::additive("m", 1.0, {0.01});
  add_task(s, "root", net, 10ms, PeriodicArrivals{10ms});
  add_task(s, "child", net, 10ms, NoArrivals{}).parent = Parent{0, 0.5};
  return s;
}

TEST(Validate, AcceptsAValidScenario) {
  Scenario s = valid_scenario();
  EXPECT_NO_THROW(validate(s));
  s.tasks.resize(8191, s.tasks[0]);
  EXPECT_NO_THROW(validate(s));
}

struct Case {
  const char* part; ///< of the message
  std::function<void(Scenario&)> damage;
};

void expect_errors(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    Scenario s = valid_scenario();
    c.damage(s);
    try {
      validate(s);
      ADD_FAILURE() << "accepted, expected: " << c.part;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(c.part), std::string::npos)
          << "expected " << c.part << " in " << error.what();
      EXPECT_EQ(error.diagnostics().size(), 1U) << error.what();
    }
  }
}

TEST(Validate, LimitsOfTheScenario) {
  expect_errors({
      {"tasks: at least one", [](Scenario& s) { s.tasks.clear(); }},
      {"tasks: at most 8191", [](Scenario& s) { s.tasks.resize(8192, s.tasks[0]); }},
      {"warm_up:", [](Scenario& s) { s.warm_up = s.horizon; }},
      {"warm_up:", [](Scenario& s) { s.warm_up = -1ms; }},
  });
}

TEST(Validate, Platform) {
  expect_errors({
      {"accelerator type 'npu': has no accelerator", [](Scenario& s) { s.platform.accelerators.pop_back(); }},
      {"platform: at most 16384",
       [](Scenario& s) { s.platform.accelerators.resize(16385, s.platform.accelerators[0]); }},
      {"types × types", [](Scenario& s) { s.platform.transfers.resize(3); }},
      {"accelerator 'gpu0': type index", [](Scenario& s) { s.platform.accelerators[0].type = 2; }},
      {"accelerator type 'npu': has no accelerator", [](Scenario& s) { s.platform.accelerators.pop_back(); }},
  });
  Scenario none = valid_scenario();
  none.platform.accelerators.clear();
  EXPECT_THROW(validate(none), InputError);
}

TEST(Validate, Networks) {
  expect_errors({
      {"latency must hold options × types",
       [](Scenario& s) { s.networks[0].latency.pop_back(), s.networks[0].energy_nj.pop_back(); }},
      {"energy must hold options × types", [](Scenario& s) { s.networks[0].energy_nj.pop_back(); }},
      {"layer 'net.1': predecessors must come before it",
       [](Scenario& s) { s.networks[0].layers[1].predecessors = {1}; }},
      {"layer 'net.1': options out of range", [](Scenario& s) { s.networks[0].layers[1].option_count = 2; }},
      {"layer 'net.1': options out of range", [](Scenario& s) { s.networks[0].layers[1].option_count = 0; }},
      {"layer 'net.0': its first option must be the original",
       [](Scenario& s) { s.networks[0].options[0].variants = 1; }},
      {"layer 'net.1': no accelerator can run it", [](Scenario& s) { s.networks[0].latency[4] = kCannotRun; }},
      {"layer 'net.0': latencies must be above 0", [](Scenario& s) { s.networks[0].latency[0] = 0ms; }},
      {"layer 'net.0': latencies must be above 0",
       [](Scenario& s) { s.networks[0].latency[3] = -1ms; }}, // the variant's
      {"at most 64 variants", [](Scenario& s) { s.networks[0].variant_names.resize(65, "w"); }},
  });
  Scenario empty = valid_scenario();
  empty.networks.emplace_back().type_count = 2;
  EXPECT_THROW(validate(empty), InputError);
  Scenario other = valid_scenario();
  other.platform.types.emplace_back();
  EXPECT_THROW(validate(other), InputError); // the table lacks a type
}

// A set of options with a bit that no variant has would be looked up outside every table.
TEST(Validate, OptionsNameVariantsOfTheNetwork) {
  expect_errors({{"layer 'net.0': its options must use the network's variants",
                  [](Scenario& s) { s.networks[0].options[1].variants = 2; }}});
}

TEST(Validate, Tasks) {
  expect_errors({
      {"task 'root': network index", [](Scenario& s) { s.tasks[0].network = 1; }},
      {"task 'root': the deadline", [](Scenario& s) { s.tasks[0].deadline = 0ms; }},
      {"task 'root': the weight", [](Scenario& s) { s.tasks[0].weight = 0.0; }},
      {"task 'root': the weight", [](Scenario& s) { s.tasks[0].weight = std::nan(""); }},
      {"accuracy threshold", [](Scenario& s) { s.tasks[0].theta = 1.01; }},
      {"accuracy threshold", [](Scenario& s) { s.tasks[0].theta = -0.01; }},
      {"1 ≤ m ≤ k ≤ 64",
       [](Scenario& s) {
         s.tasks[0].firm = FirmRequirement{0, 3};
       }},
      {"1 ≤ m ≤ k ≤ 64",
       [](Scenario& s) {
         s.tasks[0].firm = FirmRequirement{4, 3};
       }},
      {"1 ≤ m ≤ k ≤ 64",
       [](Scenario& s) {
         s.tasks[0].firm = FirmRequirement{3, 65};
       }},
      {"needs a network with samples", [](Scenario& s) { s.tasks[0].execution.kind = ExecutionTimes::Kind::samples; }},
  });
}

TEST(Validate, Arrivals) {
  const auto with = [](Arrivals arrivals) { return [arrivals](Scenario& s) { s.tasks[0].arrivals = arrivals; }; };
  expect_errors({
      {"task 'root': the period", with(PeriodicArrivals{0ms})},
      {"the jitter", with(PeriodicArrivals{10ms, 0ms, -1ms})},
      {"the phase", with(PeriodicArrivals{10ms, -1ms})},
      {"the period", with(SporadicArrivals{-1ms})},
      {"the phase", with(SporadicArrivals{10ms, -1ms})},
      {"the extra distance", with(SporadicArrivals{10ms, 0ms, -1ms})},
      {"the mean distance", with(PoissonArrivals{0ms})},
      {"the mean distance", with(BurstArrivals{0ms, 1ms, 1ms})},
      {"the mean on period", with(BurstArrivals{1ms, 0ms, 1ms})},
      {"the mean off period", with(BurstArrivals{1ms, 1ms, 0ms})},
      {"must ascend", with(releases({2ms, 1ms}))},
      {"must ascend", with(releases({-1ms}))},
  });
  Scenario s = valid_scenario();
  s.tasks[0].arrivals = releases({1ms, 1ms, 2ms}); // equal times are fine
  EXPECT_NO_THROW(validate(s));
}

TEST(Validate, Cascades) {
  expect_errors({
      {"task 'child': the probability", [](Scenario& s) { s.tasks[1].parent->probability = 1.5; }},
      {"a cascade has no arrivals of its own", [](Scenario& s) { s.tasks[1].arrivals = PoissonArrivals{1ms}; }},
      {"parent index out of range", [](Scenario& s) { s.tasks[1].parent->task = 2; }},
      {"the cascade is a cycle", [](Scenario& s) { s.tasks[1].parent->task = 1; }},
  });
  Scenario s = valid_scenario();
  s.tasks[0].arrivals = NoArrivals{};
  s.tasks[0].parent = Parent{1, 1.0}; // two tasks that release each other
  EXPECT_THROW(validate(s), InputError);
}

TEST(Validate, ReportsEveryProblemAtOnce) {
  Scenario s = valid_scenario();
  s.name = "three";
  s.horizon = 0ms;
  s.tasks[0].deadline = 0ms;
  s.tasks[1].weight = -1.0;
  try {
    validate(s);
    FAIL() << "expected errors";
  } catch (const InputError& error) {
    const std::string text = error.what();
    EXPECT_EQ(error.diagnostics().size(), 4U) << text; // the warm-up is not less than a horizon of 0
    for (const char* part :
         {"scenario 'three': error: horizon", "warm_up", "task 'root': the deadline", "task 'child': the weight"}) {
      EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
    }
  }
}

} // namespace
} // namespace terastal
