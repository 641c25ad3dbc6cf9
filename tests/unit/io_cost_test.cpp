// Cost models chosen in platforms, and networks that get their times from them.

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "terastal/cost/bind.hpp"
#include "terastal/io/load.hpp"
#include "unit/io_cost_support.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

using namespace std::chrono_literals;
using testing::input_error;
using testing::toy_cost_models;

class IoCost : public ::testing::Test {
 protected:
  /// A platform with the types `a` and `b`, described by the inside of their maps.
  void write_platform(const std::string& a, const std::string& b = "") const {
    folder_.write("platform.yaml", "platform: p\ntypes:\n  a: { " + a + " }\n  b: { " + b +
                                       " }\naccelerators: [ { name: a0, type: a }, { name: b0, type: b } ]\n");
  }
  void write_network(const std::string& table, const std::string& more = "") const {
    folder_.write("network.yaml", "network: n\nlayers: table.csv\n" + more);
    folder_.write("table.csv", table);
  }
  Platform platform() const { return load_platform("platform.yaml", models_); }
  Network network() const { return load_network("network.yaml", platform(), models_); }
  std::string platform_error(const std::string& a) const {
    write_platform(a);
    return input_error([&] { (void)platform(); });
  }
  std::string network_error() const {
    return input_error([&] { (void)network(); });
  }

  const testing::TemporaryFolder folder_;
  const CostModelRegistry models_ = toy_cost_models();
};

// -- the choice

TEST_F(IoCost, ChoiceIsKeptAsTextsOfTheFile) {
  write_platform("cost: { model: toy, mode: slow, clock: 0.5 GHz, pes: 32, turbo: false, start: 2 us, buffer: 4 KiB }",
                 "cost: { model: fixed }");
  const Platform p = platform();
  EXPECT_EQ(p.types[0].cost.id, "toy");
  const std::vector<std::pair<std::string, std::string>> wanted{{"pes", "32"},      {"clock", "0.5 GHz"},
                                                                {"start", "2 us"},  {"mode", "slow"},
                                                                {"turbo", "false"}, {"buffer", "4 KiB"}};
  EXPECT_EQ(p.types[0].cost.settings, wanted);
  EXPECT_EQ(p.types[1].cost.id, "fixed");
  EXPECT_TRUE(p.types[1].cost.settings.empty());
  EXPECT_EQ(cost_plugin(p.types[0], models_).label, "toy:pes=32:clock=500 MHz:start=2 us:mode=slow:buffer=4 KiB");
  write_platform("");
  EXPECT_EQ(platform().types[0].cost.id, "");
}

TEST_F(IoCost, PesAndClockOfTheTypeArePassedUnlessTheChoiceGivesThem) {
  write_platform("pes: 100, clock: 2 GHz, cost: { model: toy }",
                 "pes: 100, clock: 2 GHz, cost: { model: toy, pes: 4 }");
  const Platform p = platform();
  const auto label = [&](std::size_t type) { return cost_plugin(p.types[type], models_).label; };
  EXPECT_EQ(label(0), "toy:pes=100:clock=2 GHz");
  EXPECT_EQ(label(1), "toy:pes=4:clock=2 GHz");
  write_platform("pes: 100, clock: 2 GHz, cost: { model: fixed }");
  EXPECT_EQ(cost_plugin(platform().types[0], models_).label, "fixed"); // declares neither
}

TEST_F(IoCost, BadChoicesAreReportedWhereTheyStand) {
  const std::string at = "platform.yaml:3:";
  EXPECT_EQ(platform_error("cost: { model: toi }"),
            at + "23: error: types.a.cost.model: expected one of 'toy', 'fixed', got 'toi' (did you mean 'toy'?)");
  EXPECT_EQ(platform_error("cost: { lanes: 2 }"),
            at + "14: error: types.a.cost: missing key 'model': expected one of 'toy', 'fixed'");
  EXPECT_EQ(platform_error("cost: { model: fixed, pes: 2 }"),
            at + "30: error: types.a.cost: unknown key 'pes' for model 'fixed'; allowed: model");
  EXPECT_EQ(platform_error("cost: { model: toy, lane: 2 }"),
            at + "28: error: types.a.cost: unknown key 'lane' for model 'toy' (did you mean 'lanes'?); allowed: model, "
                 "pes, clock, lanes, start, mode, turbo, buffer, link, mac");
  EXPECT_EQ(platform_error("cost: toy"),
            at + "14: error: types.a.cost: expected a map with the key 'model' ('toy', 'fixed'), got 'toy'");
}

TEST_F(IoCost, BadValuesOfSettingsSayWhatIsAllowed) {
  const std::map<std::string, std::string> wrong = {
      {"pes: 0", "pes: expected a whole number from 1 to 4096, got '0'"},
      {"pes: '8'", "pes: expected a whole number from 1 to 4096, got '8'; remove the quotes"},
      {"lanes: 9", "lanes: expected a number from 0.5 to 8, got '9'"},
      {"clock: 1",
       "clock: expected a frequency in [1 MHz, 10 GHz] (units Hz, kHz, MHz, GHz), got '1'; the unit is missing"},
      {"clock: 20 GHz", "clock: expected a frequency in [1 MHz, 10 GHz] (units Hz, kHz, MHz, GHz), got '20 GHz'"},
      {"start: 2",
       "start: expected a time >= 0 such as '1.5 ms' (units ps, ns, us, ms, s, min, h), got '2'; the unit is "
       "missing"},
      {"mode: fsat", "mode: expected one of 'fast', 'slow', got 'fsat' (did you mean 'fast'?)"},
      {"turbo: yes", "turbo: expected 'true' or 'false', got 'yes'"},
      {"buffer: 4 kb", "buffer: expected a size in bytes in [1 B, 1 GiB] (units B, kB, MB, GB, KiB, MiB, GiB), got '4 "
                       "kb'; unknown unit 'kb' (did you mean 'kB'?)"},
      {"mac: 1 mJ", "mac: expected an energy in [0 pJ, 1 uJ] (units pJ, nJ, uJ, mJ, J), got '1 mJ'"}};
  for (const auto& [text, message] : wrong) {
    const std::string error = platform_error("cost: { model: toy, " + text + " }");
    EXPECT_EQ(error.substr(error.find(": error: ")), ": error: types.a.cost." + message);
  }
}

TEST_F(IoCost, SettingsThatDoNotGoTogetherAreReportedAtTheChoice) {
  EXPECT_EQ(platform_error("cost: { model: toy, mode: slow, turbo: true }"),
            "platform.yaml:3:14: error: accelerator type 'a': 'turbo' needs mode 'fast'");
  EXPECT_EQ(
      platform_error("pes: 5000, cost: { model: toy }"),
      "platform.yaml:3:25: error: accelerator type 'a': setting 'pes': expected integer in [1, 4096], got '5000'");
}

TEST_F(IoCost, ChoicesOfPlatformsBuiltInCodeAreCheckedToo) {
  Platform p;
  p.types.push_back({"t", AcceleratorKind::npu, {}, 0, 0, Duration{0}, {"toy", {{"lane", "2"}}}});
  EXPECT_EQ(input_error([&] { (void)make_cost_models(p, models_); }),
            "error: accelerator type 't': unknown setting 'lane' (did you mean 'lanes'?); allowed: pes, clock, lanes, "
            "start, mode, turbo, buffer, link, mac");
  p.types[0].cost.id = "to";
  EXPECT_EQ(input_error([&] { (void)make_cost_models(p, models_); }),
            "error: accelerator type 't': unknown cost model 'to' (did you mean 'toy'?); known: toy, fixed");
}

TEST_F(IoCost, SchemaHasTheModelsAndTheirSettings) {
  const auto schema = nlohmann::json::parse(json_schema(DocumentKind::platform, models_));
  const auto& models = schema["definitions"]["cost_model"]["oneOf"];
  ASSERT_EQ(models.size(), 2U);
  const auto& toy = models[0]["properties"];
  EXPECT_EQ(toy["model"]["const"], "toy");
  EXPECT_EQ(toy["pes"]["type"], "integer");
  EXPECT_EQ(toy["pes"]["maximum"], 4096);
  EXPECT_EQ(toy["pes"]["default"], 10);
  EXPECT_EQ(toy["lanes"]["type"], "number");
  EXPECT_EQ(toy["lanes"]["minimum"], 0.5);
  EXPECT_EQ(toy["clock"]["default"], "1 GHz");
  EXPECT_EQ(toy["mode"]["enum"], nlohmann::json::parse(R"(["fast", "slow"])"));
  EXPECT_EQ(toy["turbo"]["type"], "boolean");
  EXPECT_EQ(toy["turbo"]["default"], false);
  EXPECT_EQ(models[0]["additionalProperties"], false);
  EXPECT_EQ(models[1]["required"], nlohmann::json::parse(R"(["model"])"));
  // Without models there is nothing to choose.
  const auto none = nlohmann::json::parse(json_schema(DocumentKind::platform, CostModelRegistry{}));
  EXPECT_FALSE(none["definitions"]["accelerator_type"]["properties"].contains("cost"));
}

TEST_F(IoCost, OverridesReachTheSettings) {
  folder_.write("s.yaml",
                "scenario: s\nhorizon: 1 s\nplatform: { platform: p, types: { a: { cost: { model: fixed } } }, "
                "accelerators: [ { name: a0, type: a } ] }\ntasks: [ { name: t, network: { network: n, layers: "
                "[ { name: l, op: conv, shape: { K: 10, C: 10, Y: 1, X: 1 } } ] }, arrivals: { kind: periodic, "
                "period: 1 ms } } ]\n");
  const auto latency = [&](const std::vector<Override>& overrides) {
    return load_scenario("s.yaml", overrides, models_).scenario.networks[0].latency_of(0, 0);
  };
  EXPECT_EQ(latency({}), Duration(10ns)); // 100 MACs, 10 elements, 1 GHz
  EXPECT_EQ(latency({{"platform.types.a.cost.model", "toy"}, {"platform.types.a.cost.lanes", "2"}}), Duration(5ns));
}

// -- binding

constexpr const char* kShapes = "layer,op,K,C,R,S,Y,X\n"
                                "conv,conv,8,3,3,3,10,10\n"  // 21600 MACs
                                "fc,linear,10,72,1,1,1,1\n"; // 720

TEST_F(IoCost, LayersWithAShapeGetTheirTimesFromTheModel) {
  write_platform("cost: { model: toy, pes: 16, clock: 500 MHz }", "cost: { model: fixed }");
  write_network(kShapes);
  const Network n = network();
  EXPECT_EQ(n.latency_of(0, 0), Duration(2700ns)); // 21600 / 16 = 1350 cycles of 2 ns
  EXPECT_EQ(n.latency_of(1, 0), Duration(90ns));   // 45 cycles
  EXPECT_EQ(n.latency_of(0, 1), Duration(2160ns)); // 2160 cycles of 1 ns
  EXPECT_EQ(n.energy_of(0, 0), 43200.0);
  EXPECT_EQ(n.energy_of(1, 1), 1440.0);
}

TEST_F(IoCost, ColumnsWinOverTheModel) {
  write_platform("cost: { model: fixed }", "cost: { model: fixed }");
  write_network("layer,op,K,C,Y,X,a_us,b_nj\nx,conv,10,10,1,1,7,5\ny,conv,10,10,1,1,,\n");
  const Network n = network();
  EXPECT_EQ(n.latency_of(0, 0), Duration(7us));
  EXPECT_EQ(n.energy_of(0, 0), 0.0); // as in every table: a column of times without one of energies
  EXPECT_EQ(n.latency_of(0, 1), Duration(10ns));
  EXPECT_EQ(n.energy_of(0, 1), 5.0);
  EXPECT_EQ(n.latency_of(1, 0), kCannotRun); // an empty cell
  EXPECT_EQ(n.energy_of(1, 1), 0.0);
}

TEST_F(IoCost, TypesWithoutModelOrColumnCannotRunIt) {
  write_platform("cost: { model: fixed }");
  write_network(kShapes);
  const Network n = network();
  EXPECT_EQ(n.latency_of(0, 1), kCannotRun);
  EXPECT_NE(n.latency_of(0, 0), kCannotRun);
}

TEST_F(IoCost, VariantsAreCostedByTheirOwnShapeAndTable) {
  write_platform("cost: { model: fixed }", "cost: { model: fixed }");
  write_network("layer,op,K,C,Y,X,a_us\nx,conv,10,10,1,1,7\n",
                "variants: variants.csv\naccuracy: { metric: m, baseline: "
                "1, model: additive }\n");
  folder_.write("variants.csv", "layer,variant,gamma,accuracy_cost,op,K,C,Y,X\nx,v,2,0.1,conv,5,10,1,1\n");
  const Network n = network();
  EXPECT_EQ(n.latency_of(0, 0), Duration(7us));
  EXPECT_EQ(n.latency_of(1, 0), Duration(5ns)); // the variant table has no column for a
  EXPECT_EQ(n.latency_of(1, 1), Duration(5ns));
  ASSERT_TRUE(n.options[1].shape.has_value());
  EXPECT_EQ(n.options[1].shape->k, 5U);
}

TEST_F(IoCost, InlineLayersAreCostedOnTypesThatTheyDoNotName) {
  write_platform("cost: { model: fixed }", "cost: { model: fixed }");
  const std::string shape = "op: conv, shape: { K: 10, C: 10, Y: 1, X: 1 }";
  folder_.write("network.yaml", "network: n\nlayers:\n  - { name: x, " + shape +
                                    ", latency: { a: 1 ms } }\n  - { name: y, " + shape +
                                    ", latency: 2 ms }\n  - { name: z, " + shape + ", energy: 4 nJ }\n");
  const Network n = network();
  EXPECT_EQ(n.latency_of(0, 0), Duration(1ms));
  EXPECT_EQ(n.latency_of(0, 1), Duration(10ns));
  EXPECT_EQ(n.energy_of(0, 1), 200.0);
  EXPECT_EQ(n.latency_of(1, 1), Duration(2ms));
  EXPECT_EQ(n.latency_of(2, 1), Duration(10ns));
  EXPECT_EQ(n.energy_of(2, 1), 4.0);
}

TEST_F(IoCost, MeasuredNetworksAreNotCosted) {
  write_platform("cost: { model: fixed }", "cost: { model: fixed }");
  write_network("layer,op,K,C,Y,X\nx,conv,10,10,1,1\n", "samples: samples.csv\n");
  folder_.write("samples.csv", "sample,layer,a_us\n1,x,3\n");
  const Network n = network();
  EXPECT_EQ(n.latency_of(0, 0), Duration(3us));
  EXPECT_EQ(n.latency_of(0, 1), kCannotRun);
}

TEST_F(IoCost, LayersThatNothingTimesAreErrorsWithAHint) {
  write_platform("cost: { model: fixed }");
  write_network("layer,op,K,C,Y,X\nx,conv,10,10,1,1\ny,,,,,\n");
  EXPECT_EQ(network_error(),
            "table.csv:3:1: error: layer 'y' cannot run on any accelerator of platform 'p': no latency for "
            "a, b; a shape (op, K, C, Y, X, ...) would do, too");
  write_network("layer,c_us\nx,1\n");
  EXPECT_EQ(network_error(),
            "table.csv:1:1: error: no latency column for any accelerator type of platform 'p' (a, b); the "
            "table has those of c; a shape (op, K, C, Y, X, ...) would do, too");
  write_platform("");
  EXPECT_EQ(network_error(),
            "table.csv:1:1: error: no latency column for any accelerator type of platform 'p' (a, b); the "
            "table has those of c; a shape (op, K, C, Y, X, ...) would do if a type had a cost model (key "
            "'cost')");
  write_network(kShapes);
  EXPECT_EQ(network_error(),
            "table.csv:1:1: error: the table has no latency column: expected T_cycles, T_ps, T_ns, T_us, "
            "T_ms or T_s for each accelerator type T; its shape would do if a type had a cost model (key "
            "'cost')");
}

TEST_F(IoCost, ACostBeyondTheClockIsAnErrorOfTheLayer) {
  write_platform("cost: { model: toy, pes: 1, lanes: 0.5, clock: 1 MHz }");
  write_network("layer,op,K,C,Y,X\nhuge,conv,33554432,1,524288,512\n"); // 2^53 MACs, 2^54 us: beyond 106 days
  EXPECT_EQ(network_error(),
            "table.csv:2:1: error: on type 'a': the simulated clock overflows: a time lies beyond 106 days "
            "(2^63 ps)");
}

TEST_F(IoCost, ScenariosUseThePlatformsModels) {
  write_platform("cost: { model: fixed }");
  write_network(kShapes);
  folder_.write("s.yaml", "scenario: s\nhorizon: 1 s\nplatform: platform.yaml\ngranularity: model\ntasks: [ { name: t, "
                          "network: network.yaml, arrivals: { kind: periodic, period: 1 ms } } ]\n");
  const Scenario s = load_scenario("s.yaml", {}, models_).scenario;
  EXPECT_EQ(s.networks[0].latency_of(0, 0), Duration(2232ns));
  EXPECT_EQ(s.networks[0].latency_of(0, 1), kCannotRun);
}

// -- networks built in code

TEST_F(IoCost, ApplyFillsInWhatHasAShapeAndNoLatency) {
  write_network("layer,op,K,C,Y,X,a_us\nx,conv,10,10,1,1,7\ny,conv,10,10,1,1,\nz,other,,,,,3\n");
  Network n = load_network("network.yaml");
  ASSERT_EQ(n.type_count, 1U);
  EXPECT_EQ(n.latency_of(1, 0), kCannotRun); // no platform: a layer with a shape needs no time
  CostModels models;
  models.push_back(models_.parse("fixed").make());
  apply_cost_models(n, models);
  EXPECT_EQ(n.latency_of(0, 0), Duration(7us));
  EXPECT_EQ(n.latency_of(1, 0), Duration(10ns));
  EXPECT_EQ(n.energy_of(1, 0), 200.0);
  EXPECT_EQ(n.latency_of(2, 0), Duration(3us));
}

} // namespace
} // namespace terastal
