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

std::vector<std::string> layer_names(const Network& network) {
  std::vector<std::string> names;
  for (const Layer& layer : network.layers) names.push_back(layer.name);
  return names;
}

// -- platform

TEST_F(IoLoad, PlatformKeepsTypesWithAnAcceleratorInOrderOfDefinition) {
  const Platform platform = load_platform("platform.yaml");
  EXPECT_EQ(platform.name, "full");
  EXPECT_EQ(platform.description, "every key");
  EXPECT_EQ(platform.source, "a test");
  ASSERT_EQ(platform.types.size(), 3U);
  EXPECT_EQ(platform.types[0].name, "gpu");
  EXPECT_EQ(platform.types[0].kind, AcceleratorKind::gpu);
  EXPECT_EQ(platform.types[0].dataflow, "none");
  EXPECT_EQ(platform.types[0].pes, 128U);
  EXPECT_EQ(platform.types[0].clock_hz, 1'500'000'000U);
  EXPECT_EQ(platform.types[0].model_switch, Duration(20us));
  EXPECT_EQ(platform.types[1].name, "npu");
  EXPECT_EQ(platform.types[1].clock_hz, 3U);
  EXPECT_EQ(platform.types[2].name, "tpu");
  EXPECT_EQ(platform.types[2].kind, AcceleratorKind::other);
  EXPECT_EQ(platform.types[2].clock_hz, 0U);
}

TEST_F(IoLoad, AcceleratorsAreNumberedInFileOrder) {
  const Platform platform = load_platform("platform.yaml");
  std::vector<std::string> names;
  std::vector<TypeIndex> types;
  for (const Accelerator& accelerator : platform.accelerators) {
    names.push_back(accelerator.name);
    types.push_back(accelerator.type);
  }
  EXPECT_EQ(names, (std::vector<std::string>{"tpu0", "npu0", "gpu0", "npu1"}));
  EXPECT_EQ(types, (std::vector<TypeIndex>{2, 1, 0, 1}));
}

TEST_F(IoLoad, FirstFittingTransferWins) {
  const Platform platform = load_platform("platform.yaml");
  ASSERT_EQ(platform.transfers.size(), 9U);
  EXPECT_EQ(platform.transfer(0, 1).latency, Duration(5us)); // gpu -> npu
  EXPECT_EQ(platform.transfer(0, 1).bytes_per_second, 1e10);
  EXPECT_EQ(platform.transfer(1, 0).latency, Duration(2us)); // any -> gpu
  EXPECT_EQ(platform.transfer(1, 0).bytes_per_second, 0.0);
  EXPECT_EQ(platform.transfer(0, 0).latency, Duration(2us));
  EXPECT_EQ(platform.transfer(2, 1).latency, Duration(1us)); // the last entry
  EXPECT_EQ(platform.transfer(2, 1).bytes_per_second, 1024.0);
}

TEST_F(IoLoad, TransfersWithoutCostAreNone) {
  folder_.write(
      "free.yaml",
      "platform: free\ntypes: { a: {} }\naccelerators: [ { name: x, type: a } ]\ntransfers: [ { from: a } ]\n");
  EXPECT_TRUE(load_platform("free.yaml").transfers.empty());
}

// -- networks

TEST_F(IoLoad, InlineNetworkIsADagInTopologicalOrder) {
  const Network network = load_network("network.yaml", load_platform("platform.yaml"));
  EXPECT_EQ(network.name, "full_net");
  EXPECT_EQ(layer_names(network), (std::vector<std::string>{"conv", "left", "right", "add", "aside", "last"}));
  EXPECT_EQ(network.layers[3].predecessors, (std::vector<LayerIndex>{1, 2}));
  EXPECT_TRUE(network.layers[4].predecessors.empty());
  EXPECT_EQ(network.layers[5].predecessors, (std::vector<LayerIndex>{4}));
  EXPECT_EQ(network.layers[0].successors, (std::vector<LayerIndex>{1, 2}));
  EXPECT_FALSE(network.chain);
  EXPECT_EQ(network.layers[0].op, "CONV");
  EXPECT_EQ(network.layers[0].macs, 1'200'000'000U);
  EXPECT_EQ(network.layers[0].output_bytes, 4096U);
  EXPECT_EQ(network.layers[0].block, "a");
}

TEST_F(IoLoad, InlineLatenciesAndEnergies) {
  const Network network = load_network("network.yaml", load_platform("platform.yaml"));
  ASSERT_EQ(network.type_count, 3U); // gpu, npu, tpu
  const OptionIndex conv = network.layers[0].first_option;
  EXPECT_EQ(network.latency_of(conv, 0), Duration(2ms));
  EXPECT_EQ(network.latency_of(conv, 1), Duration(5ms));
  EXPECT_EQ(network.latency_of(conv, 2), kCannotRun);
  EXPECT_EQ(network.energy_of(conv, 0), 3e6);
  EXPECT_EQ(network.energy_of(conv, 1), 0.0);
  const OptionIndex add = network.layers[3].first_option;
  for (TypeIndex type = 0; type < 3; ++type) EXPECT_EQ(network.latency_of(add, type), Duration(100us));
  const OptionIndex right = network.layers[2].first_option;
  for (TypeIndex type = 0; type < 3; ++type) EXPECT_EQ(network.energy_of(right, type), 1500.0);
}

TEST_F(IoLoad, VariantsBecomeOptionsOfTheirLayer) {
  const Network network = load_network("network.yaml", load_platform("platform.yaml"));
  EXPECT_EQ(network.variant_names, (std::vector<std::string>{"thin", "thinner", "quick"}));
  ASSERT_EQ(network.layers[0].option_count, 3U);
  ASSERT_EQ(network.options.size(), 9U);
  const OptionIndex first = network.layers[0].first_option;
  EXPECT_EQ(network.options[first].variants, 0U);
  EXPECT_EQ(network.options[first + 1].name, "thin");
  EXPECT_EQ(network.options[first + 1].variants, 1U);
  EXPECT_EQ(network.options[first + 1].gamma, 2.0);
  EXPECT_EQ(network.options[first + 2].variants, 2U);
  EXPECT_EQ(network.latency_of(first + 1, 0), kCannotRun);
  EXPECT_EQ(network.latency_of(first + 1, 1), Duration(2ms));
  EXPECT_EQ(network.energy_of(first + 1, 1), 1e6);
  EXPECT_EQ(network.latency_of(first + 2, 2), Duration(1ms));
  EXPECT_EQ(network.options[network.layers[3].first_option + 1].variants, 4U);
}

TEST_F(IoLoad, MeasuredAccuracy) {
  const Network network = load_network("network.yaml", load_platform("platform.yaml"));
  EXPECT_EQ(network.accuracy.metric(), "top-1");
  EXPECT_EQ(network.accuracy.accuracy(0), 80.0);
  EXPECT_EQ(network.accuracy.accuracy(1), 79.0);
  EXPECT_EQ(network.accuracy.accuracy(5), 70.5);
  EXPECT_EQ(network.accuracy.accuracy(2), std::nullopt);
  EXPECT_FALSE(network.accuracy.valid(2, 0.1));
}

TEST_F(IoLoad, AdditiveAccuracy) {
  folder_.write(
      "additive.yaml",
      "network: n\nlayers: [ { name: a, latency: 1 ms } ]\n"
      "variants: [ { name: v, layer: a, latency: 1 ms, accuracy_cost: 1 % }, { name: w, layer: a, latency: 1 ms, "
      "accuracy_cost: 0.25 } ]\naccuracy: { metric: top-1, baseline: 80, model: additive }\n");
  const Network network = load_network("additive.yaml");
  EXPECT_DOUBLE_EQ(network.accuracy.accuracy(3).value(), 80.0 * (1.0 - 0.26));
}

TEST_F(IoLoad, LayersOutOfOrderAreSortedStably) {
  folder_.write("mixed.yaml", "network: n\nlayers:\n"
                              "  - { name: z, latency: 1 ms, after: [b, a] }\n"
                              "  - { name: b, latency: 2 ms, after: [] }\n"
                              "  - { name: a, latency: 3 ms, after: [] }\n"
                              "  - { name: c, latency: 4 ms, after: [z] }\n");
  const Network network = load_network("mixed.yaml");
  EXPECT_EQ(layer_names(network), (std::vector<std::string>{"b", "a", "z", "c"}));
  EXPECT_EQ(network.layers[2].predecessors, (std::vector<LayerIndex>{0, 1}));
  EXPECT_EQ(network.latency_of(network.layers[1].first_option, 0), Duration(3ms));
}

TEST_F(IoLoad, LayerTable) {
  folder_.write("table.yaml", "network: n\nlayers: tables/layers.csv\nvariants: tables/variants.csv\n"
                              "accuracy: { metric: top-5, baseline: 90, sets: tables/sets.csv }\n");
  folder_.write("tables/layers.csv",
                "# comment\r\n\r\n"
                "layer, op ,macs,output_bytes,after,block,gpu_cycles,npu_us,gpu_nj,other_ms,npu_j\r\n"
                "a,\"CONV, 2D\",100,2000,-,b0,1500,0.5,12.5,9,0.000001\r\n"
                "\"b \"\"x\"\"\",,,,,b0,1,,,,\r\n"
                "  # another comment\r\n"
                "c,,1e3,,a,b1,1e3,1e-6,,,\r\n"
                "d,,,,\"b \"\"x\"\"|c\",b1,2,3,,,");
  folder_.write("tables/variants.csv", "layer,variant,gamma,gpu_ms\na,a2,2,1\nc,c2,,2\n");
  folder_.write("tables/sets.csv", "variants,accuracy\n,90\na2,89\nc2 | a2,80\n");
  const Network network = load_network("table.yaml", load_platform("platform.yaml"));
  EXPECT_EQ(layer_names(network), (std::vector<std::string>{"a", "b \"x\"", "c", "d"}));
  EXPECT_EQ(network.layers[0].op, "CONV, 2D");
  EXPECT_EQ(network.layers[0].macs, 100U);
  EXPECT_EQ(network.layers[2].macs, 1000U);
  EXPECT_EQ(network.layers[0].output_bytes, 2000U);
  EXPECT_EQ(network.layers[3].block, "b1");
  EXPECT_TRUE(network.layers[0].predecessors.empty());
  EXPECT_EQ(network.layers[1].predecessors, (std::vector<LayerIndex>{0})); // empty cell: the layer before
  EXPECT_EQ(network.layers[2].predecessors, (std::vector<LayerIndex>{0}));
  EXPECT_EQ(network.layers[3].predecessors, (std::vector<LayerIndex>{1, 2}));
  const auto latency = [&](LayerIndex layer, TypeIndex type) {
    return network.latency_of(network.layers[layer].first_option, type).count();
  };
  EXPECT_EQ(latency(0, 0), 1'000'000); // 1500 cycles at 1.5 GHz
  EXPECT_EQ(latency(0, 1), 500'000);
  EXPECT_EQ(latency(1, 0), 667); // one cycle, rounded
  EXPECT_EQ(latency(1, 1), kCannotRun.count());
  EXPECT_EQ(latency(2, 1), 1);
  EXPECT_EQ(latency(0, 2), kCannotRun.count()); // tpu has no column
  EXPECT_EQ(network.energy_of(0, 0), 12.5);
  EXPECT_EQ(network.energy_of(0, 1), 1000.0);
  EXPECT_EQ(network.accuracy.accuracy(3), 80.0);
}

TEST_F(IoLoad, CyclesAreRoundedOnceAndExactly) {
  folder_.write("cycles.yaml", "network: n\nlayers: cycles.csv\n");
  folder_.write("cycles.csv", "layer,npu_cycles\na,1\nb,2\nc,27670116\nd,0.000000000002\n"); // 3 Hz
  const Network network = load_network("cycles.yaml", load_platform("platform.yaml"));
  EXPECT_EQ(network.latency_of(0, 1).count(), 333'333'333'333);
  EXPECT_EQ(network.latency_of(1, 1).count(), 666'666'666'667);
  EXPECT_EQ(network.latency_of(2, 1).count(), 9'223'372'000'000'000'000);
  EXPECT_EQ(network.latency_of(3, 1).count(), 1); // 0.67 ps
}

TEST_F(IoLoad, DecimalTimesAreExact) {
  folder_.write("exact.yaml", "network: n\nlayers: exact.csv\n");
  folder_.write("exact.csv", "layer,a_s,b_ms\nx,0.300000000001,1.0000000005\ny,1234567.890123456789,0.0000000014999\n");
  const Network network = load_network("exact.yaml");
  EXPECT_EQ(network.latency_of(0, 0).count(), 300'000'000'001);
  EXPECT_EQ(network.latency_of(0, 1).count(), 1'000'000'001);
  EXPECT_EQ(network.latency_of(1, 0).count(), 1'234'567'890'123'456'789);
  EXPECT_EQ(network.latency_of(1, 1).count(), 1);
}

TEST_F(IoLoad, ANetworkAloneGetsATypeForEveryNameInItsTables) {
  const Network network = load_network("network.yaml");
  EXPECT_EQ(network.type_count, 3U); // gpu, npu, unknown
  EXPECT_EQ(network.latency_of(network.layers[2].first_option, 2), Duration(7s));
  folder_.write("plain.yaml", "network: n\nlayers: [ { name: a, latency: 1 ms } ]\n");
  EXPECT_EQ(load_network("plain.yaml").type_count, 1U);
}

TEST_F(IoLoad, SamplesGiveLayersAndMeans) {
  folder_.write("sampled.yaml", "network: sampled\nsamples: samples.csv\n");
  const Network network = load_network("sampled.yaml", load_platform("platform.yaml"));
  EXPECT_EQ(layer_names(network), (std::vector<std::string>{"first", "second"}));
  EXPECT_TRUE(network.chain);
  EXPECT_EQ(network.latency_of(0, 0).count(), 11'500'000);
  EXPECT_EQ(network.latency_of(1, 2).count(), 3'500'000);
  EXPECT_EQ(network.samples.ids, (std::vector<std::int64_t>{3, 7}));
  std::vector<std::int64_t> microseconds;
  for (const Duration d : network.samples.latency) microseconds.push_back(d.count() / 1'000'000);
  EXPECT_EQ(microseconds, (std::vector<std::int64_t>{13, 20, 31, 2, 2, 4, 10, 20, 30, 1, 2, 3}));
}

TEST_F(IoLoad, SampleMeansRoundToTheNearestPicosecond) {
  folder_.write("sampled.yaml", "network: sampled\nsamples: s.csv\n");
  folder_.write("s.csv", "sample,layer,a_ps\n0,x,1\n1,x,1\n2,x,3\n3,x,1\n");
  EXPECT_EQ(load_network("sampled.yaml").latency_of(0, 0).count(), 2); // 1.5
}

TEST_F(IoLoad, SamplesBesideALayerTable) {
  folder_.write("both.yaml", "network: both\nsamples: samples.csv\nlayers:\n"
                             "  - { name: second, after: [first], latency: { gpu: 9 us } }\n"
                             "  - { name: first, after: [], block: b }\n");
  const Network network = load_network("both.yaml", load_platform("platform.yaml"));
  EXPECT_EQ(layer_names(network), (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(network.latency_of(network.layers[1].first_option, 0), Duration(9us)); // its own estimate
  EXPECT_EQ(network.latency_of(network.layers[1].first_option, 1), Duration(2us)); // the mean
  EXPECT_EQ(network.samples.latency[0], Duration(13us));                           // sample 3, first, gpu
  EXPECT_EQ(network.samples.latency[3], Duration(2us));                            // sample 3, second, gpu
}

// -- scenarios

TEST_F(IoLoad, ScenarioWithEveryKey) {
  const LoadedScenario loaded = load_scenario("scenario.yaml");
  const Scenario& scenario = loaded.scenario;
  EXPECT_EQ(scenario.name, "full_scenario");
  EXPECT_EQ(scenario.description, "every key");
  EXPECT_EQ(scenario.source, "a test");
  EXPECT_EQ(scenario.platform.name, "full");
  EXPECT_EQ(scenario.horizon, Duration(1min));
  EXPECT_EQ(scenario.warm_up, Duration(500ms));
  EXPECT_EQ(scenario.seed, 18446744073709551615ULL);
  ASSERT_EQ(scenario.tasks.size(), 8U);
  const Task& task = scenario.tasks[0];
  EXPECT_EQ(task.name, "periodic");
  EXPECT_EQ(task.deadline, Duration(8ms));
  EXPECT_EQ(task.priority, -3);
  EXPECT_EQ(task.weight, 2.5);
  EXPECT_EQ(task.theta, 0.5);
  EXPECT_EQ(task.late_jobs, LateJobs::run_on);
  EXPECT_EQ(task.execution.kind, ExecutionTimes::Kind::lognormal);
  EXPECT_EQ(task.execution.cv, 0.1);
  ASSERT_TRUE(task.firm);
  EXPECT_EQ(task.firm->m, 3);
  EXPECT_EQ(task.firm->k, 5);
  EXPECT_EQ(scenario.network_of(0).layers.size(), 1U); // merged
}

TEST_F(IoLoad, TasksTakeTheScenariosDefaults) {
  const Scenario scenario = load_scenario("scenario.yaml").scenario;
  const Task& task = scenario.tasks[1];
  EXPECT_EQ(task.late_jobs, LateJobs::drop_hopeless);
  EXPECT_EQ(task.theta, 0.95);
  EXPECT_EQ(task.execution.kind, ExecutionTimes::Kind::uniform);
  EXPECT_EQ(task.execution.low, 0.5);
  EXPECT_EQ(task.execution.high, 1.5);
  EXPECT_EQ(task.priority, 0);
  EXPECT_EQ(task.weight, 1.0);
  EXPECT_FALSE(task.firm);
  EXPECT_FALSE(task.parent);
}

TEST_F(IoLoad, DefaultsOfAScenario) {
  const Scenario scenario = load_small("network: network.yaml, arrivals: { kind: poisson, rate: 5 fps }").scenario;
  EXPECT_EQ(scenario.warm_up, Duration::zero());
  EXPECT_EQ(scenario.seed, 1U);
  EXPECT_EQ(scenario.tasks[0].theta, 0.9);
  EXPECT_EQ(scenario.tasks[0].late_jobs, LateJobs::run_on);
  EXPECT_EQ(scenario.tasks[0].execution.kind, ExecutionTimes::Kind::equal);
  EXPECT_EQ(scenario.tasks[0].deadline, Duration(200ms));
}

TEST_F(IoLoad, Arrivals) {
  const Scenario scenario = load_scenario("scenario.yaml").scenario;
  const auto& periodic = std::get<PeriodicArrivals>(scenario.tasks[0].arrivals);
  EXPECT_EQ(periodic.period, Duration(10ms));
  EXPECT_EQ(periodic.phase, Duration(2ms));
  EXPECT_EQ(periodic.jitter, Duration(1ms));
  const auto& random = std::get<PeriodicArrivals>(scenario.tasks[1].arrivals);
  EXPECT_EQ(random.period.count(), 33'333'333'333);
  EXPECT_EQ(random.phase, std::nullopt);
  EXPECT_EQ(random.jitter, Duration::zero());
  const auto& sporadic = std::get<SporadicArrivals>(scenario.tasks[2].arrivals);
  EXPECT_EQ(sporadic.period.count(), 16'666'666'667);
  EXPECT_EQ(sporadic.phase, Duration::zero());
  EXPECT_EQ(sporadic.extra, Duration(3ms));
  EXPECT_EQ(std::get<PoissonArrivals>(scenario.tasks[3].arrivals).mean_gap, Duration(80ms));
  const auto& bursts = std::get<BurstArrivals>(scenario.tasks[4].arrivals);
  EXPECT_EQ(bursts.mean_gap, Duration(10ms));
  EXPECT_EQ(bursts.mean_on, Duration(1s));
  EXPECT_EQ(bursts.mean_off, Duration(2s));
  EXPECT_TRUE(std::holds_alternative<NoArrivals>(scenario.tasks[6].arrivals));
}

TEST_F(IoLoad, Traces) {
  const Scenario scenario = load_scenario("scenario.yaml").scenario;
  const auto& entries = std::get<TraceArrivals>(scenario.tasks[5].arrivals).entries;
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(to_ps(entries[0].release), 0);
  EXPECT_EQ(to_ps(entries[1].release), 1);
  EXPECT_EQ(to_ps(entries[2].release), 12'500'000'000);
  EXPECT_EQ(entries[0].deadline, Duration(5ms));
  EXPECT_EQ(entries[0].priority, std::nullopt);
  EXPECT_EQ(entries[1].priority, -2);
  EXPECT_EQ(entries[0].sample, 7);
  EXPECT_EQ(entries[2].sample, std::nullopt);
  EXPECT_EQ(scenario.tasks[5].deadline, Duration(4ms)); // the smallest
}

TEST_F(IoLoad, DerivedDeadlines) {
  const Scenario scenario = load_scenario("scenario.yaml").scenario;
  EXPECT_EQ(scenario.tasks[1].deadline.count(), 33'333'333'333);
  EXPECT_EQ(scenario.tasks[4].deadline, Duration(10ms));
  EXPECT_EQ(scenario.tasks[6].deadline, scenario.tasks[1].deadline); // of the parent
  EXPECT_EQ(scenario.tasks[7].deadline, scenario.tasks[1].deadline); // and of its parent
}

TEST_F(IoLoad, CascadesMayNameLaterTasks) {
  const Scenario scenario = load_scenario("scenario.yaml").scenario;
  ASSERT_TRUE(scenario.tasks[6].parent);
  EXPECT_EQ(scenario.tasks[6].parent->task, 1U);
  EXPECT_EQ(scenario.tasks[6].parent->probability, 1.0);
  EXPECT_TRUE(scenario.tasks[6].parent->deadline_from_root);
  EXPECT_EQ(scenario.tasks[7].parent->probability, 0.25);
  EXPECT_FALSE(scenario.tasks[7].parent->deadline_from_root);
  folder_.write("later.yaml",
                small("network: network.yaml, after: { task: b }") +
                    "  - { name: b, network: network.yaml, arrivals: { kind: periodic, period: 7 ms } }\n");
  const Scenario later = load_scenario("later.yaml").scenario;
  EXPECT_EQ(later.tasks[0].parent->task, 1U);
  EXPECT_EQ(later.tasks[0].deadline, Duration(7ms));
}

TEST_F(IoLoad, ANetworkFileIsReadOnceForEachGranularityAndThreshold) {
  const LoadedScenario loaded = load_scenario("scenario.yaml");
  const Scenario& scenario = loaded.scenario;
  ASSERT_EQ(scenario.networks.size(), 3U); // inline, from the file, sampled
  EXPECT_NE(scenario.tasks[0].network, scenario.tasks[1].network);
  EXPECT_EQ(scenario.tasks[1].network, scenario.tasks[2].network);
  EXPECT_EQ(scenario.tasks[1].network, scenario.tasks[7].network);
  std::vector<std::string> paths;
  for (const InputFile& input : loaded.inputs) paths.push_back(input.path);
  EXPECT_EQ(paths,
            (std::vector<std::string>{"scenario.yaml", "platform.yaml", "network.yaml", "samples.csv", "trace.csv"}));
}

TEST_F(IoLoad, GranularitiesOfOneNetwork) {
  folder_.write("blocks.yaml", "network: n\nlayers:\n  - { name: a, latency: 1 ms, block: x }\n"
                               "  - { name: b, latency: 2 ms, block: x }\n  - { name: c, latency: 4 ms, block: y }\n");
  const std::string arrivals = "network: blocks.yaml, arrivals: { kind: poisson, rate: 5 fps }";
  folder_.write("granular.yaml",
                small(arrivals, "granularity: block\n") + "  - { name: b, accuracy_threshold: 0.5, " + arrivals +
                    " }\n  - { name: c, granularity: model, " + arrivals + " }\n  - { name: d, granularity: layer, " +
                    arrivals + " }\n  - { name: e, granularity: layer, accuracy_threshold: 0.5, " + arrivals + " }\n");
  const LoadedScenario loaded = load_scenario("granular.yaml");
  const Scenario& scenario = loaded.scenario;
  ASSERT_EQ(scenario.networks.size(), 4U); // a, b, c, and d with e: single layers do not depend on the threshold
  EXPECT_EQ(layer_names(scenario.network_of(0)), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(scenario.network_of(0).latency_of(0, 0), Duration(3ms));
  EXPECT_EQ(scenario.network_of(2).latency_of(0, 0), Duration(7ms));
  EXPECT_EQ(scenario.tasks[3].network, scenario.tasks[4].network);
  EXPECT_EQ(loaded.inputs.size(), 3U);
}

TEST_F(IoLoad, InlineDocumentsResolvePathsAgainstTheirOwnFile) {
  folder_.write("sub/scenario.yaml",
                "scenario: s\nhorizon: 1 s\n"
                "platform: { platform: p, types: { gpu: {} }, accelerators: [ { name: g, type: gpu } ] }\n"
                "tasks: [ { name: a, network: { network: n, layers: table.csv }, arrivals: { kind: "
                "poisson, rate: 1 fps } } ]\n");
  folder_.write("sub/table.csv", "layer,gpu_ms\nx,1\n");
  const LoadedScenario loaded = load_scenario("sub/scenario.yaml");
  EXPECT_EQ(loaded.scenario.platform.name, "p");
  EXPECT_EQ(loaded.scenario.networks[0].latency_of(0, 0), Duration(1ms));
  EXPECT_EQ(loaded.inputs.at(1).path, "sub/table.csv");
}

TEST_F(IoLoad, AliasesStandForCopies) {
  folder_.write("alias.yaml",
                "scenario: s\nplatform: platform.yaml\nhorizon: 1 s\ntasks:\n"
                "  - { name: a, network: network.yaml, arrivals: &often { kind: poisson, rate: 5 fps } }\n"
                "  - { name: b, network: network.yaml, arrivals: *often }\n");
  const Scenario scenario = load_scenario("alias.yaml").scenario;
  EXPECT_EQ(std::get<PoissonArrivals>(scenario.tasks[1].arrivals).mean_gap, Duration(200ms));
}

TEST_F(IoLoad, ByteOrderMarksAndWindowsLineEndsAreFine) {
  std::string text =
      std::string("\xEF\xBB\xBF") + small("network: network.yaml, arrivals: { kind: poisson, rate: 5 fps }");
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2) text.insert(at, "\r");
  folder_.write("windows.yaml", text);
  EXPECT_EQ(load_scenario("windows.yaml").scenario.horizon, Duration(1s));
}

} // namespace
} // namespace terastal
