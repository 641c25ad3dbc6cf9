#include "terastal/import/xrbench.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "terastal/import/maestro.hpp"
#include "terastal/io/load.hpp"
#include "terastal/io/write.hpp"
#include "unit/import_support.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

using testing::has_note;
using testing::input_error;
using testing::TemporaryFolder;
using testing::test_data;

const std::string kSource = TERASTAL_SOURCE_DIR;

XrbenchImportOptions shipped_networks() {
  XrbenchImportOptions options;
  options.networks = kSource + "/workloads/networks";
  return options;
}

class ImportXrbench : public ::testing::Test {
 protected:
  std::string scenario_error(const std::string& text) {
    folder_.write("s.m", text);
    return input_error([] { static_cast<void>(import_xrbench_scenario("s.m")); });
  }
  std::string platform_error(const std::string& text, const std::vector<std::string>& dataflows = {"ws"}) {
    folder_.write("p.m", text);
    return input_error([&] { static_cast<void>(import_xrbench_platform("p.m", dataflows)); });
  }

  TemporaryFolder folder_;
};

/// The same tasks, rates and cascades as in the files that stand in workloads/xrbench.
class ShippedScenario : public ::testing::TestWithParam<const char*> {};

TEST_P(ShippedScenario, IsWhatTheImportGives) {
  const XrbenchScenario imported =
      import_xrbench_scenario(test_data(std::string("xrbench/") + GetParam() + ".m"), shipped_networks());
  const TemporaryFolder folder;
  folder.write("imported.yaml", scenario_text(imported, kSource + "/configs/platforms/xrbench_dual_4k.yaml",
                                              kSource + "/workloads/networks"));
  const Scenario ours = load_scenario("imported.yaml").scenario;
  const Scenario shipped = load_scenario(kSource + "/workloads/xrbench/" + imported.name + ".yaml").scenario;
  EXPECT_EQ(ours.name, shipped.name);
  EXPECT_EQ(ours.description, shipped.description);
  EXPECT_EQ(ours.horizon, shipped.horizon);
  ASSERT_EQ(ours.tasks.size(), shipped.tasks.size());
  for (TaskIndex t = 0; t < ours.tasks.size(); ++t) {
    const Task& a = ours.tasks[t];
    const Task& b = shipped.tasks[t];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(ours.networks[a.network].name, shipped.networks[b.network].name);
    EXPECT_EQ(a.deadline, b.deadline) << a.name;
    EXPECT_EQ(a.late_jobs, b.late_jobs);
    EXPECT_EQ(mean_period(ours, t), mean_period(shipped, t)) << a.name;
    ASSERT_EQ(a.parent.has_value(), b.parent.has_value()) << a.name;
    if (!a.parent) continue;
    EXPECT_EQ(a.parent->task, b.parent->task) << a.name;
    EXPECT_EQ(a.parent->probability, b.parent->probability) << a.name;
  }
}

INSTANTIATE_TEST_SUITE_P(ImportXrbench, ShippedScenario,
                         ::testing::Values("VR_gaming", "AR_gaming", "social_interactionA", "social_interactionB",
                                           "outdoor_activity_A", "outdoor_activity_B", "AR_Assistant"));

TEST_F(ImportXrbench, CascadesFollowTheirDependency) {
  const XrbenchScenario scenario = import_xrbench_scenario(test_data("xrbench/AR_Assistant.m"));
  ASSERT_EQ(scenario.tasks.size(), 6U);
  EXPECT_EQ(scenario.name, "ar_assistant");
  EXPECT_EQ(scenario.tasks[1].name, "speech_recognition");
  EXPECT_EQ(scenario.tasks[1].after, "keyword_detection");
  EXPECT_EQ(scenario.tasks[1].probability, 0.5);
  EXPECT_EQ(scenario.tasks[2].rate, "10 fps");
  EXPECT_EQ(scenario.tasks[2].after, "");
}

TEST_F(ImportXrbench, ItsOwnLayersAreNetworks) {
  const XrbenchScenario scenario = import_xrbench_scenario(test_data("xrbench/VR_gaming.m"));
  ASSERT_EQ(scenario.networks.size(), 3U);
  EXPECT_EQ(scenario.networks[1].network.name, "ge_fbnet_c");
  EXPECT_EQ(testing::shape_of(scenario.networks[1].network, 0).out_y, 10U); // 12 − 3 + 1
  EXPECT_FALSE(has_note(scenario.networks[1], "FPS"));
}

TEST_F(ImportXrbench, TheTwoNamesOfTheDetectorAreOneNetwork) {
  const XrbenchScenario scenario =
      import_xrbench_scenario(test_data("xrbench/outdoor_activity_B.m"), shipped_networks());
  EXPECT_EQ(scenario.tasks[2].network_file, "od_d2go_fasterrcnn.yaml");
  EXPECT_EQ(scenario.tasks[2].name, "object_detection");
  EXPECT_EQ(scenario.notes.at(0), "the layers of D2go_FastRCNN are those of OD_D2go_FasterRCNN");
}

TEST_F(ImportXrbench, ScenarioPlatformAndNetworksRunTogether) {
  const XrbenchScenario scenario = import_xrbench_scenario(test_data("xrbench/AR_gaming.m"));
  folder_.write("platform.yaml",
                platform_text(import_xrbench_platform(test_data("xrbench/Dual_4K_BigLittle.m"), {"ws", "os"})));
  folder_.write("scenario.yaml", scenario_text(scenario, "platform.yaml", ""));
  for (const Import& import : scenario.networks) {
    static_cast<void>(write_network(import.network, import.network.name + ".yaml"));
  }
  const Scenario loaded = load_scenario("scenario.yaml").scenario;
  EXPECT_EQ(loaded.tasks.size(), 3U);
  EXPECT_EQ(loaded.platform.accelerators.size(), 2U);
  EXPECT_NE(loaded.networks[0].fastest(0), kCannotRun); // from the cost model
}

TEST_F(ImportXrbench, WhatScenariosCannotExpressIsAnError) {
  const std::string layer = "Layer a { Type: GEMM Dimensions { M: 1 N: 1 K: 1 } } } ";
  EXPECT_EQ(scenario_error("Network a { " + layer), "s.m:1:9: error: network 'a' needs 'FPS: NUMBER'");
  EXPECT_EQ(scenario_error("Network a { FPS: 0 " + layer),
            "s.m:1:18: error: expected a number of frames per second > 0, got '0'");
  EXPECT_EQ(scenario_error("Network a { FPS: 3 Probability: 0.5 " + layer),
            "s.m:1:33: error: a probability below 1 needs a 'Dependency': here only cascades have one");
  EXPECT_EQ(scenario_error("Network a { FPS: 3 Dependency: { a } " + layer),
            "s.m:1:34: error: a network cannot depend on itself");
  EXPECT_EQ(scenario_error("Network a { FPS: 3 Dependency: { b c } Probability: 2 " + layer),
            "s.m:1:36: error: several dependencies: here a task is released by one other\n"
            "s.m:1:53: error: expected a probability above 0 and up to 1, got '2'");
  EXPECT_EQ(scenario_error("Network alpha { FPS: 3 Dependency: { alhpa } " + layer),
            "s.m:1:38: error: there is no network 'alhpa' (did you mean 'alpha'?); the file has: alpha");
  EXPECT_EQ(scenario_error("Network a { FPS: 3 " + layer + "Network A { FPS: 3 " + layer),
            "s.m:1:83: error: network 'A' stands in the scenario twice");
}

TEST_F(ImportXrbench, MissingNetworkFilesAreNamed) {
  folder_.write("s.m", "Network Xy { FPS: 3 Layer a { Type: GEMM Dimensions { M: 1 N: 1 K: 1 } } }");
  XrbenchImportOptions options;
  options.networks = "nets";
  EXPECT_EQ(input_error([&] { static_cast<void>(import_xrbench_scenario("s.m", options)); }),
            "s.m:1:9: error: there is no file 'nets/xy.yaml' for this network");
}

TEST_F(ImportXrbench, ACascadeWithItsOwnRateIsRemarkedOn) {
  const std::string layer = "Layer a { Type: GEMM Dimensions { M: 1 N: 1 K: 1 } } } ";
  folder_.write("s.m", "Network a { FPS: 3 " + layer + "Network b { FPS: 4 Dependency: { a } " + layer);
  EXPECT_EQ(import_xrbench_scenario("s.m").notes.at(0),
            "a cascade runs at the rate of the task it follows, not at its own FPS: b");
}

// -- hardware

TEST_F(ImportXrbench, PlatformsHaveTheirTypesAndCostModels) {
  const std::string text =
      platform_text(import_xrbench_platform(test_data("xrbench/Dual_4K_BigLittle.m"), {"ws", "os"}));
  folder_.write("platform.yaml", text);
  const Platform platform = load_platform("platform.yaml");
  EXPECT_EQ(platform.name, "xrbench_dual_4k_big_little");
  ASSERT_EQ(platform.types.size(), 2U);
  EXPECT_EQ(platform.types[0].name, "ws_3k_noc128");
  EXPECT_EQ(platform.types[0].pes, 3072U);
  EXPECT_EQ(platform.types[0].dataflow, "weight-stationary");
  EXPECT_EQ(platform.types[0].clock_hz, 1'000'000'000U);
  EXPECT_EQ(platform.types[0].cost.id, "xrbench");
  EXPECT_EQ(platform.types[1].name, "os_1k");
  EXPECT_EQ(platform.accelerators[1].name, "Acc1");
  EXPECT_EQ(platform.accelerators[1].type, 1U);
}

/// The shipped tables come from XRBench's own runs; imported layers on an imported platform cost the same.
TEST_F(ImportXrbench, ImportedLayersCostWhatTheShippedTableSays) {
  const std::string array = "{ num_pes: 2048 top_noc_bw: 128 } ";
  folder_.write("p.m", "Accelerator a " + array + "Accelerator b " + array + "Accelerator c " + array);
  folder_.write("platform.yaml", platform_text(import_xrbench_platform("p.m", {"ws", "os", "rs"})));
  const Platform platform = load_platform("platform.yaml");
  static_cast<void>(write_network(import_maestro(test_data("maestro/eyes.m")).at(0).network, "eyes.yaml"));
  const Network imported = load_network("eyes.yaml", platform);
  const Network shipped = load_network(kSource + "/workloads/networks/es_ritnet.yaml", platform);
  for (LayerIndex layer = 0; layer < 2; ++layer) {
    for (TypeIndex type = 0; type < 3; ++type) {
      const OptionIndex ours = imported.layers[layer].first_option;
      const OptionIndex theirs = shipped.layers[layer].first_option;
      EXPECT_EQ(imported.latency_of(ours, type), shipped.latency_of(theirs, type)) << layer << ' ' << type;
      // The tables hold six significant digits.
      EXPECT_NEAR(imported.energy_of(ours, type) / shipped.energy_of(theirs, type), 1.0, 1e-5) << layer << ' ' << type;
    }
  }
}

TEST_F(ImportXrbench, TypeNamesFindTheShippedTablesOnlyWhereTheyHold) {
  const auto type = [&](const std::string& pes, const std::string& bandwidth) {
    folder_.write("p.m", "Accelerator a { num_pes: " + pes + " top_noc_bw: " + bandwidth + " }");
    return import_xrbench_platform("p.m", {"rs"}).platform.types.at(0).name;
  };
  EXPECT_EQ(type("1024", "128"), "rs_1k");
  EXPECT_EQ(type("2048", "128"), "rs_2k");
  EXPECT_EQ(type("4096", "256"), "rs_4k");
  EXPECT_EQ(type("2048", "256"), "rs_2k_noc256"); // XRBench's Quad_8K
  EXPECT_EQ(type("4096", "128"), "rs_4k_noc128");
  EXPECT_EQ(type("1000", "64"), "rs_1000_noc64");
}

TEST_F(ImportXrbench, EqualAcceleratorsShareAType) {
  folder_.write("p.m",
                "Accelerator a { num_pes: 1024 top_noc_bw: 128 } Accelerator b { num_pes: 1024 top_noc_bw: 128 }");
  EXPECT_EQ(import_xrbench_platform("p.m", {"ws"}).platform.types.size(), 1U);
  EXPECT_EQ(import_xrbench_platform("p.m", {"ws", "rs"}).platform.types.size(), 2U);
}

TEST_F(ImportXrbench, ErrorsInHardwareAreReportedTogether) {
  EXPECT_EQ(platform_error("Accelerator a {\n num_pes: 0\n top_noc_bww: 1\n top_noc_multicast: Yes\n}\n"
                           "Accelerator a { num_pes: 64 num_pes: 64 PE { NumPEs: 1 } }"),
            "p.m:1:13: error: accelerator 'a' needs 'top_noc_bw: NUMBER'\n"
            "p.m:2:11: error: expected a whole number from 1 to 2147483648, got '0'\n"
            "p.m:3:2: error: unknown entry 'top_noc_bww' (did you mean 'top_noc_bw'?); allowed: num_pes, offchip_bw, "
            "top_noc_bw, top_noc_latency, col_noc_bw, col_noc_latency, global_shared_memory, PE_local_memory, "
            "top_noc_multicast, col_noc_multicast\n"
            "p.m:4:21: error: expected True or False, got 'Yes'\n"
            "p.m:6:13: error: blocks within an accelerator: this is no hardware configuration of XRBench\n"
            "p.m:6:13: error: a second accelerator 'a'\n"
            "p.m:6:13: error: accelerator 'a' needs 'top_noc_bw: NUMBER'\n"
            "p.m:6:29: error: 'num_pes' is given twice");
}

TEST_F(ImportXrbench, DataflowsAreOneForEachOrOneForAll) {
  EXPECT_EQ(platform_error("Accelerator a { num_pes: 1024 top_noc_bw: 128 }", {"ws", "os"}),
            "error: 2 dataflows for 1 accelerators: give one for each, or one for all");
  EXPECT_EQ(parse_dataflows("WS_OS"), (std::vector<std::string>{"ws", "os"}));
  EXPECT_EQ(parse_dataflows("rs, ws"), (std::vector<std::string>{"rs", "ws"}));
  EXPECT_EQ(input_error([] { static_cast<void>(parse_dataflows("ws,nvdla")); }),
            "error: unknown dataflow 'nvdla'; allowed: ws, os, rs");
}

TEST_F(ImportXrbench, KindsAreToldByTheirBlocks) {
  EXPECT_EQ(xrbench_kind(test_data("xrbench/AR_gaming.m")), XrbenchKind::scenario);
  EXPECT_EQ(xrbench_kind(test_data("xrbench/Dual_4K_BigLittle.m")), XrbenchKind::platform);
  folder_.write("d.m", "Dataflow { TemporalMap(1,1) K; Cluster(4,P); } Dataflow { SpatialMap(1,1) C; }");
  EXPECT_EQ(
      input_error([] { static_cast<void>(xrbench_kind("d.m")); }),
      "d.m: error: this is no scenario and no hardware configuration: it holds dataflows, which are given by name "
      "(ws, os, rs)");
  folder_.write("e.m", "");
  EXPECT_EQ(
      input_error([] { static_cast<void>(xrbench_kind("e.m")); }),
      "e.m: error: this is no scenario and no hardware configuration: it holds neither 'Network' nor 'Accelerator' "
      "blocks");
}

} // namespace
} // namespace terastal
