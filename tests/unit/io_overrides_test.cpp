#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "terastal/io/load.hpp"
#include "terastal/workload/scenario.hpp"
#include "unit/io_load_support.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

using namespace std::chrono_literals;
using testing::input_error;
using testing::TemporaryFolder;

// -- overrides and provenance

TEST_F(IoLoad, OverridesReplaceAndAddValues) {
  const LoadedScenario loaded =
      load_scenario("scenario.yaml", {{"horizon", "2 s"},
                                      {"tasks.periodic.deadline", "3 ms"},
                                      {"tasks.3.arrivals.rate", "10 fps"},
                                      {"tasks.child.priority", "4"},
                                      {"tasks.poisson.mk.m", "1"},
                                      {"tasks.poisson.mk.k", "2"},
                                      {"late_jobs", "run_on"},
                                      {"tasks.bursts.arrivals", "{ kind: poisson, rate: 1 fps }"}});
  const Scenario& scenario = loaded.scenario;
  EXPECT_EQ(scenario.horizon, Duration(2s));
  EXPECT_EQ(scenario.tasks[0].deadline, Duration(3ms));
  EXPECT_EQ(scenario.tasks[3].deadline, Duration(100ms));
  EXPECT_EQ(scenario.tasks[6].priority, 4);
  EXPECT_EQ(scenario.tasks[3].firm->k, 2);
  EXPECT_EQ(scenario.tasks[1].late_jobs, LateJobs::run_on);
  EXPECT_TRUE(std::holds_alternative<PoissonArrivals>(scenario.tasks[4].arrivals));
}

TEST_F(IoLoad, AnOverrideReplacesTheKeysThatItExcludes) {
  const Scenario scenario = load_scenario("scenario.yaml", {{"tasks.periodic.arrivals.rate", "1000 fps"},
                                                            {"tasks.child.arrivals.kind", "poisson"},
                                                            {"tasks.child.arrivals.rate", "2 fps"}})
                                .scenario;
  EXPECT_EQ(std::get<PeriodicArrivals>(scenario.tasks[0].arrivals).period, Duration(1ms));
  EXPECT_FALSE(scenario.tasks[6].parent);
  EXPECT_EQ(scenario.tasks[6].deadline, Duration(500ms));
}

TEST_F(IoLoad, LaterOverridesWin) {
  EXPECT_EQ(load_scenario("scenario.yaml", {{"seed", "4"}, {"seed", "5"}}).scenario.seed, 5U);
}

TEST_F(IoLoad, PathsInOverridesAreRelativeToTheCurrentDirectory) {
  folder_.write("sub/small.yaml", small("network: ../network.yaml, arrivals: { kind: poisson, rate: 5 fps }"));
  const LoadedScenario loaded = load_scenario("sub/small.yaml", {{"platform", "platform.yaml"}});
  EXPECT_EQ(loaded.scenario.platform.name, "full");
}

TEST_F(IoLoad, AStarNamesAllEntries) {
  const Scenario scenario = load_scenario("scenario.yaml", {{"tasks.*.deadline", "7 ms"}}).scenario;
  ASSERT_GT(scenario.tasks.size(), 1U);
  for (const Task& task : scenario.tasks) EXPECT_EQ(task.deadline, Duration(7ms)) << task.name;
  // Each entry that cannot take it is named.
  const std::string errors = input_error([] { (void)load_scenario("scenario.yaml", {{"tasks.*.nothing", "1"}}); });
  for (const Task& task : scenario.tasks) EXPECT_NE(errors.find("'tasks." + task.name + "' has no key"), errors.npos);
}

TEST_F(IoLoad, OverridesReachIntoInlineDocuments) {
  folder_.write("inline.yaml",
                "scenario: s\nhorizon: 1 s\n"
                "platform: { platform: p, types: { gpu.1: {} }, accelerators: [ { name: g, type: gpu.1 } ] }\n"
                "tasks: [ { name: a.b, network: { network: n, layers: [ { name: x, latency: 1 ms } ] }, "
                "arrivals: { kind: poisson, rate: 1 fps } } ]\n");
  const Scenario scenario = load_scenario("inline.yaml", {{"platform.types.gpu.1.model_switch", "7 us"},
                                                          {"tasks.a.b.network.layers.x.latency", "3 ms"}})
                                .scenario;
  EXPECT_EQ(scenario.platform.types[0].model_switch, Duration(7us));
  EXPECT_EQ(scenario.networks[0].latency_of(0, 0), Duration(3ms));
}

TEST_F(IoLoad, ResolvedDocumentIsDeterministicJsonAfterOverrides) {
  const std::string task = "network: network.yaml, arrivals: { kind: poisson, rate: 5 fps }";
  const std::string resolved = load_small(task, "seed: 007\n", {{"warm_up", "1 ms"}}).resolved;
  EXPECT_EQ(resolved, R"({
  "scenario": "small",
  "platform": "platform.yaml",
  "horizon": "1 s",
  "seed": "007",
  "tasks": [
    {
      "name": "a",
      "network": "network.yaml",
      "arrivals": {
        "kind": "poisson",
        "rate": "5 fps"
      }
    }
  ],
  "warm_up": "1 ms"
})");
  EXPECT_EQ(load_small(task, "seed: 007\n", {{"warm_up", "1 ms"}}).resolved, resolved);
}

TEST_F(IoLoad, DigestsOfInputs) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const LoadedScenario loaded = load_scenario("scenario.yaml");
  EXPECT_EQ(loaded.inputs[1].sha256, sha256_hex(testing::kFullPlatform));
}

TEST_F(IoLoad, ValidateTellsTheKind) {
  EXPECT_EQ(validate_file("platform.yaml"), DocumentKind::platform);
  EXPECT_EQ(validate_file("network.yaml"), DocumentKind::network);
  EXPECT_EQ(validate_file("scenario.yaml"), DocumentKind::scenario);
}

TEST_F(IoLoad, EveryShippedFileIsValid) {
  std::size_t files = 0;
  for (const char* folder : {"configs", "workloads", "tests/oracle"}) {
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(TERASTAL_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".yaml") continue;
      EXPECT_EQ(input_error([&] { (void)validate_file(entry.path().string()); }), "") << entry.path();
      ++files;
    }
  }
  EXPECT_GT(files, 20U);
}

} // namespace
} // namespace terastal
