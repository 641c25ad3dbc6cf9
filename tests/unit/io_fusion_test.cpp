// Fusion in files: the key of a platform, the parts of latencies in tables and lists, and what cost models say of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "support/cost_models.hpp"
#include "support/same_network.hpp"
#include "terastal/core/random.hpp"
#include "terastal/cost/bind.hpp"
#include "terastal/io/load.hpp"
#include "terastal/io/write.hpp"
#include "terastal/model/granularity.hpp"
#include "terastal/workload/validate.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

using namespace std::chrono_literals;
using testing::input_error;

using Parts = std::vector<FusionParts>;

class IoFusion : public ::testing::Test {
 protected:
  /// A platform of two types, of which `npu` has the keys.
  void SetUp() override { write_platform("clock: 1 GHz, fusion: { overhead: 2 us }"); }

  void write_platform(const std::string& npu, const std::string& more = {}) const {
    folder_.write("platform.yaml", "platform: p\ntypes:\n  npu: { " + npu +
                                       " }\n  gpu: { clock: 2 GHz }\naccelerators: [ { name: n, type: npu }, { name: "
                                       "g, type: gpu } ]\n" +
                                       more);
  }
  [[nodiscard]] Network table(const std::string& text) const {
    folder_.write("n.yaml", "network: n\nlayers: n.csv\n");
    folder_.write("n.csv", text);
    return load_network("n.yaml", load_platform("platform.yaml"));
  }
  [[nodiscard]] Network list(const std::string& latency) const {
    folder_.write("n.yaml", "network: n\nlayers:\n  - { name: l, " + latency + " }\n");
    return load_network("n.yaml", load_platform("platform.yaml"));
  }
  [[nodiscard]] std::string table_error(const std::string& text) const {
    return input_error([&] { (void)table(text); });
  }
  [[nodiscard]] std::string list_error(const std::string& latency) const {
    return input_error([&] { (void)list(latency); });
  }
  [[nodiscard]] std::string platform_error() const {
    return input_error([] { (void)load_platform("platform.yaml"); });
  }

  const testing::TemporaryFolder folder_;
};

// -- platforms

TEST_F(IoFusion, Platform) {
  const Platform p = load_platform("platform.yaml");
  ASSERT_TRUE(p.types[0].fusion);
  EXPECT_EQ(p.types[0].fusion->overhead, 2us);
  EXPECT_FALSE(p.types[1].fusion);
  EXPECT_TRUE(p.has_extensions());
  write_platform("fusion: {}");
  ASSERT_TRUE(load_platform("platform.yaml").types[0].fusion);
  EXPECT_EQ(load_platform("platform.yaml").types[0].fusion->overhead, 0us);
}

TEST_F(IoFusion, PlatformErrors) {
  write_platform("fusion: { overhead: -1 us }");
  EXPECT_EQ(platform_error(), "platform.yaml:3:30: error: types.npu.fusion.overhead: expected a time >= 0 such as "
                              "'1.5 ms' (units ps, ns, us, ms, s, min, h), got '-1 us'");
  write_platform("fusion: { delay: 1 us }");
  EXPECT_EQ(platform_error(),
            "platform.yaml:3:20: error: types.npu.fusion: unknown key 'delay' for a fusion; allowed: overhead");
  write_platform("fusion: {}", "memory: { bandwidth: 1 GB/s }\n");
  EXPECT_EQ(platform_error(), "platform.yaml:6:9: error: a shared memory cannot be combined with the preemption, the "
                              "groups or the fusion of type 'npu'");
  folder_.write("platform.yaml", "platform: p\ntypes: { a_compute: {}, in_memory: {}, memory: {} }\naccelerators: [ { "
                                 "name: a, type: a_compute }, { name: m, type: in_memory } ]\n");
  EXPECT_EQ(platform_error(), "platform.yaml:2:10: error: an accelerator type cannot be called 'a_compute'\n"
                              "platform.yaml:2:25: error: an accelerator type cannot be called 'in_memory'");
}

// -- tables

TEST_F(IoFusion, ColumnsOfTypesThatFuseAreRead) {
  const Network n = table("layer,npu_ms,npu_compute_us,npu_memory_cycles,gpu_ms,gpu_compute_ms\n"
                          "a,2,1500,2e6,1,x\n"
                          "b,1,1000,0,1,\n"
                          "c,1,,,1,\n"
                          "d,,,,1,\n");
  EXPECT_EQ(n.fusion_parts, (Parts{{1500us, 2ms}, {}, {1ms, 0us}, {}, {}, {}, {}, {}}));
  EXPECT_TRUE(n.fusion_parts[2].known());
  EXPECT_FALSE(n.fusion_parts[4].known());
}

TEST_F(IoFusion, VariantsHaveColumnsOfTheirOwn) {
  folder_.write("v.csv", "layer,variant,npu_ms,npu_compute_ms,npu_memory_ms\na,v,2,1,2\n");
  folder_.write("n.yaml", "network: n\nlayers: [ { name: a, latency: 3 ms } ]\nvariants: v.csv\n"
                          "accuracy: { metric: m, baseline: 1, sets: [ { variants: [v], accuracy: 1 } ] }\n");
  const Network n = load_network("n.yaml", load_platform("platform.yaml"));
  EXPECT_EQ(n.fusion_parts, (Parts{{}, {}, {1ms, 2ms}, {}}));
}

TEST_F(IoFusion, WithoutFusionThereAreNoParts) {
  write_platform("clock: 1 GHz");
  EXPECT_TRUE(table("layer,npu_ms,npu_compute_ms,npu_memory_ms\na,2,x,9\n").fusion_parts.empty());
  EXPECT_TRUE(list("latency: { npu: 1 ms, npu_compute: 9 ms }").fusion_parts.empty());
}

TEST_F(IoFusion, TheMedianMayBeTheLatency) {
  EXPECT_EQ(table("layer,npu_p50_ms,npu_compute_ms,npu_memory_ms\na,2,1,2\n").fusion_parts, (Parts{{1ms, 2ms}, {}}));
}

TEST_F(IoFusion, SamplesMayGiveTheLatencyOnlyWhereThereAreNoParts) {
  folder_.write("s.csv", "sample,layer,npu_ms,npu_compute_ms\n1,a,2,x\n"); // samples have no parts
  folder_.write("n.yaml", "network: n\nlayers: n.csv\nsamples: s.csv\n");
  folder_.write("n.csv", "layer,npu_ms,npu_compute_ms,npu_memory_ms\na,2,1,2\n");
  EXPECT_EQ(load_network("n.yaml", load_platform("platform.yaml")).fusion_parts, (Parts{{1ms, 2ms}, {}}));
}

TEST_F(IoFusion, HeadersThatDoNotGoTogether) {
  EXPECT_EQ(table_error("layer,npu_ms,npu_compute_us\na,2,1\n"),
            "n.csv:1:14: error: column 'npu_compute_us' needs the memory time: there is no column 'npu_memory_us' (in "
            "any unit)");
  EXPECT_EQ(table_error("layer,npu_ms,npu_memory_us\na,2,1\n"),
            "n.csv:1:14: error: column 'npu_memory_us' needs the compute time: there is no column 'npu_compute_us' (in "
            "any unit)");
  EXPECT_EQ(table_error("layer,gpu_ms,npu_compute_us,npu_memory_ns\na,2,1,1\n"),
            "n.csv:1:14: error: column 'npu_compute_us' needs the latency: there is no column 'npu_us' (in any unit)\n"
            "n.csv:1:29: error: column 'npu_memory_ns' needs the latency: there is no column 'npu_ns' (in any unit)");
  EXPECT_EQ(table_error("layer,npu_ms,npu_compute_us,npu_memory_us,npu_memory_ms\na,2,1,1,1\n"),
            "n.csv:1:43: error: column 'npu_memory_ms': the time of 'npu_memory' is given by column 'npu_memory_us' "
            "already");
  write_platform("fusion: {}");
  EXPECT_EQ(table_error("layer,npu_ms,npu_compute_us,npu_memory_cycles\na,2,1,1\n"),
            "n.csv:1:29: error: column 'npu_memory_cycles' needs a clock, but type 'npu' of platform 'p' has none");
}

TEST_F(IoFusion, CellsThatDoNotGoTogether) {
  const std::string header = "layer,npu_ms,gpu_ms,npu_compute_us,npu_memory_us\n";
  EXPECT_EQ(table_error(header + "a,2,2,,7\n"), "n.csv:2:8: error: 'npu' has a memory time but no compute time: give "
                                                "'npu_compute_us', too, or neither");
  EXPECT_EQ(table_error(header + "a,2,2,7,\n"), "n.csv:2:7: error: 'npu' has a compute time but no memory time: give "
                                                "'npu_memory_us', too, or neither");
  EXPECT_EQ(table_error(header + "a,2,2,2000,2000.000001\n"),
            "n.csv:2:12: error: 'npu' has a memory time (2000000.001 ns) above its latency (2 ms)");
  EXPECT_EQ(table_error(header + "a,2,2,3000,2500\n"),
            "n.csv:2:7: error: 'npu' has a compute time (3 ms) above its latency (2 ms)\n"
            "n.csv:2:12: error: 'npu' has a memory time (2.5 ms) above its latency (2 ms)");
  EXPECT_EQ(table_error(header + "a,,2,1,1\n"), "n.csv:2:6: error: 'npu' has a compute time but no latency\n"
                                                "n.csv:2:8: error: 'npu' has a memory time but no latency");
  EXPECT_EQ(table_error(header + "a,2,2,0,0\n"), "n.csv:2:7: error: 'npu' has a compute and a memory time of 0; leave "
                                                 "out both where they are not known");
  EXPECT_EQ(table_error(header + "a,2,2,-1,x\n"), "n.csv:2:7: error: expected a time in us >= 0, or an empty cell "
                                                  "where it is not known, got '-1'\n"
                                                  "n.csv:2:10: error: expected a time in us >= 0, or an empty cell "
                                                  "where it is not known, got 'x'");
}

// -- lists

TEST_F(IoFusion, ListsNameParts) {
  const Network n = list("latency: { npu: 4 ms, gpu: 1 ms, npu_compute: 3 ms, npu_memory: 2500 us, gpu_memory: 9 h }");
  EXPECT_EQ(n.fusion_parts, (Parts{{3ms, 2500us}, {}}));
  EXPECT_EQ(list("latency: 4 ms").fusion_parts, (Parts{{}, {}}));
}

TEST_F(IoFusion, ListsThatDoNotGoTogether) {
  EXPECT_EQ(list_error("latency: { npu: 4 ms, npu_compute: 3 ms }"),
            "n.yaml:3:51: error: 'npu' has a compute time but no memory time: give 'npu_memory', too, or neither");
  EXPECT_EQ(list_error("latency: { npu: 4 ms, npu_memory: 5 ms, npu_compute: 1 ms }"),
            "n.yaml:3:50: error: 'npu' has a memory time (5 ms) above its latency (4 ms)");
  EXPECT_EQ(list_error("latency: { gpu: 4 ms, npu_compute: 3 ms, npu_memory: 3 ms }"),
            "n.yaml:3:51: error: 'npu' has a compute time but no latency\n"
            "n.yaml:3:69: error: 'npu' has a memory time but no latency");
}

// -- networks without a platform

TEST_F(IoFusion, PartsAreNoTypesOfTheirOwn) {
  folder_.write("n.yaml", "network: n\nlayers: n.csv\n");
  folder_.write("n.csv", "layer,npu_ms,npu_compute_ms,npu_memory_ms\na,2,1,0\n");
  EXPECT_EQ(load_network("n.yaml").type_count, 1U);
  folder_.write("n.yaml",
                "network: n\nlayers: [ { name: l, latency: { npu: 2 ms, npu_compute: 1 ms, npu_memory: 1 ms } } ]\n");
  EXPECT_EQ(load_network("n.yaml").type_count, 1U);
}

// -- cost models

// A product of 8 × 4 and 4 × 4 on a 4 × 4 array with stationary weights takes 2·4 + 4 + 8 − 2 = 18 cycles, moves
// 16 weights, 32 inputs and 32 outputs, 80 bytes, and waits for the 16 weights first.
constexpr const char* kArray = "clock: 1 GHz, cost: { model: systolic, rows: 4, cols: 4, input_sram: 1 KiB, "
                               "weight_sram: 1 KiB, output_sram: 1 KiB, dram_bandwidth: ";
constexpr const char* kProduct = "op: conv, shape: { K: 4, C: 4, Y: 8, X: 1 }";

TEST_F(IoFusion, CostModelsGiveParts) {
  write_platform(std::string(kArray) + "2 GB/s }, fusion: {}"); // 2 bytes a cycle: 40 cycles of traffic
  const Network slow = list(kProduct);
  EXPECT_EQ(slow.latency_of(0, 0), 40ns);
  EXPECT_EQ(slow.fusion_parts, (Parts{{18ns, 40ns}, {}}));
  write_platform(std::string(kArray) + "200 GB/s }, fusion: {}"); // one cycle of traffic, one to wait
  const Network fast = list(kProduct);
  EXPECT_EQ(fast.latency_of(0, 0), 19ns);
  EXPECT_EQ(fast.fusion_parts, (Parts{{18ns, 1ns}, {}}));
  write_platform(std::string(kArray) + "200 GB/s }");
  EXPECT_TRUE(list(kProduct).fusion_parts.empty());
}

TEST_F(IoFusion, LatenciesOfATableHaveNoPartsOfAModel) {
  write_platform(std::string(kArray) + "2 GB/s }, fusion: {}");
  EXPECT_EQ(list(std::string(kProduct) + ", latency: { npu: 1 ms }").fusion_parts, (Parts{{}, {}}));
  EXPECT_EQ(
      table("layer,op,K,C,Y,X,npu_ns,npu_compute_ns,npu_memory_ns\na,conv,4,4,8,1,50,30,20\nb,conv,4,4,8,1,50,,\n")
          .fusion_parts,
      (Parts{{30ns, 20ns}, {}, {}, {}}));
}

TEST(FusionParts, AreTheTermsOfAnEstimate) {
  CostEstimate e;
  e.cycles = 10.0;
  e.terms = {3.0, 4.0, 5.0, 1.0};
  EXPECT_EQ(fusion_parts_of(e, 1e9, 10ns), (FusionParts{4ns, 5ns})); // the longer of compute and on-chip
  EXPECT_EQ(fusion_parts_of(e, 1e9, Duration{4500}), (FusionParts{4ns, Duration{4500}}));
  EXPECT_EQ(fusion_parts_of(e, 3e9, 10ns), (FusionParts{Duration{1333}, Duration{1667}})); // to the nearest picosecond
  EXPECT_EQ(fusion_parts_of(e, 1e13, Duration{1}),
            (FusionParts{Duration{0}, Duration{1}})); // 0.4 and 0.5 ps: no minimum
  e.terms = {};
  EXPECT_FALSE(fusion_parts_of(e, 1e9, 10ns).known());
}

TEST(FusionParts, AreThoseOfTheBuiltInModels) {
  for (const auto& info : builtin_cost_models().all()) {
    const auto model = testing::cost_model(info.id);
    const LayerShape shape = testing::square_conv(32, 64, 3, 28);
    const CostEstimate e = model->estimate(shape);
    const TableCost cost = table_cost(shape, *model);
    EXPECT_TRUE(cost.fusion_parts.known()) << info.id;
    EXPECT_LE(cost.fusion_parts.alone(), cost.latency) << info.id;
    const double compute = std::max(testing::cycles_of(e, CostTerm::compute), testing::cycles_of(e, CostTerm::on_chip));
    const double picosecond = model->clock_hz() * 1e-12;
    EXPECT_NEAR(static_cast<double>(cost.fusion_parts.compute.count()) * picosecond, compute, picosecond) << info.id;
    EXPECT_NEAR(static_cast<double>(cost.fusion_parts.memory.count()) * picosecond,
                testing::cycles_of(e, CostTerm::off_chip), picosecond)
        << info.id;
  }
}

TEST_F(IoFusion, ApplyFillsInPartsWhereTheNetworkHasThem) {
  folder_.write("n.yaml", "network: n\nlayers: n.csv\n");
  folder_.write("n.csv", "layer,op,K,C,Y,X,npu_ns\na,conv,4,4,8,1,\nb,conv,4,4,8,1,50\n");
  write_platform(std::string(kArray) + "2 GB/s }");
  const Platform p = load_platform("platform.yaml");
  CostModels models;
  models.push_back(make_cost_model(p.types[0], builtin_cost_models()));
  for (const bool has_parts : {false, true}) {
    Network n = load_network("n.yaml");
    if (has_parts) n.fusion_parts.resize(n.latency.size());
    apply_cost_models(n, models);
    EXPECT_EQ(n.latency, (std::vector<Duration>{40ns, 50ns}));
    EXPECT_EQ(n.fusion_parts, (has_parts ? Parts{{18ns, 40ns}, {}} : Parts{}));
  }
}

// -- writing

TEST_F(IoFusion, ColumnsAreWrittenForTypesThatFuse) {
  const Network n = table("layer,npu_ms,npu_compute_us,npu_memory_ps\na,2,1500,7\nb,1,1000,0\nc,1,,\n");
  const Platform p = load_platform("platform.yaml");
  EXPECT_EQ(layer_table_text(n, written_types(p)), "layer,npu_cycles,npu_compute_cycles,npu_memory_ps,gpu_cycles\n"
                                                   "a,2000000,1500000,7,\nb,1000000,1000000,0,\nc,1000000,,,\n");
  std::vector<WrittenType> plain = written_types(p);
  plain[0].fusion = false;
  EXPECT_EQ(layer_table_text(n, plain), "layer,npu_cycles,gpu_cycles\na,2000000,\nb,1000000,\nc,1000000,\n");
}

TEST_F(IoFusion, WhatIsWrittenIsReadAgain) {
  const Platform p = load_platform("platform.yaml");
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    RandomStream random(seed, 0, Purpose::arrivals);
    const auto up_to = [&](Duration most) {
      return Duration{static_cast<Duration::rep>(random.below(static_cast<std::uint64_t>(most.count()) + 1))};
    };
    Network n = table("layer,npu_ps,gpu_ps\na,1,1\nb,1,1\nc,1,1\n");
    for (OptionIndex o = 0; o < 3; ++o) {
      const Duration unit = random.below(2) == 0 ? Duration{1000} : Duration{1};
      const Duration latency = (1 + static_cast<Duration::rep>(random.below(1000))) * unit;
      n.latency[2 * o] = random.below(5) == 0 ? kCannotRun : latency;
      if (n.latency[2 * o] == kCannotRun || random.below(4) == 0) continue;
      n.fusion_parts[2 * o] = {latency, random.below(3) == 0 ? Duration{0} : up_to(latency)};
      if (random.below(2) == 0) std::swap(n.fusion_parts[2 * o].compute, n.fusion_parts[2 * o].memory);
    }
    write_network(n, "out/n.yaml", written_types(p), Existing::replace);
    const Network read = load_network("out/n.yaml", p);
    testing::expect_same_network(n, read);
    EXPECT_EQ(n.fusion_parts, read.fusion_parts) << seed;
  }
}

// -- merged layers, scenarios

TEST_F(IoFusion, MergedLayersAddTheirParts) {
  const Network n = table("layer,block,npu_ms,gpu_ms,npu_compute_ms,npu_memory_ms\n"
                          "a,x,5,1,5,1\nb,x,4,1,0,4\nc,y,1,1,1,1\nd,y,3,1,,\ne,z,,1,,\n");
  const Network blocks = merge_layers(n, Granularity::block, 0.9);
  EXPECT_EQ(blocks.fusion_parts, (Parts{{5ms, 5ms}, {}, {}, {}, {}, {}}));
  EXPECT_EQ(merge_layers(n, Granularity::layer, 0.9).fusion_parts, n.fusion_parts);
  EXPECT_EQ(merge_layers(n, Granularity::model, 0.9).fusion_parts, (Parts{{}, {}}));
  Network none = n;
  none.fusion_parts.clear();
  EXPECT_TRUE(merge_layers(none, Granularity::block, 0.9).fusion_parts.empty());
}

TEST_F(IoFusion, ScenariosAreChecked) {
  folder_.write("n.yaml", "network: n\nlayers: n.csv\n");
  folder_.write("n.csv", "layer,npu_ms,npu_compute_ms,npu_memory_ms,gpu_ms\na,2,1,2,\nb,,,,1\n");
  folder_.write("s.yaml", "scenario: s\nhorizon: 1 s\nplatform: platform.yaml\ntasks: [ { name: t, network: n.yaml, "
                          "arrivals: { kind: periodic, period: 9 ms } } ]\n");
  const Scenario fine = load_scenario("s.yaml").scenario;
  EXPECT_EQ(fine.networks[0].fusion_parts, (Parts{{1ms, 2ms}, {}, {}, {}}));
  const auto error = [&](auto change) {
    Scenario s = fine;
    change(s);
    return input_error([&] { validate(s); });
  };
  const std::string start = "scenario 's': error: ";
  EXPECT_EQ(error([](Scenario&) {}), "");
  EXPECT_EQ(error([](Scenario& s) { s.networks[0].fusion_parts.clear(); }), "");
  EXPECT_EQ(error([](Scenario& s) { s.networks[0].fusion_parts[2] = {9ms, 9ms}; }), ""); // it cannot run there
  EXPECT_EQ(error([](Scenario& s) { s.networks[0].fusion_parts.pop_back(); }),
            start + "network 'n': fusion parts must hold options × types entries, or none");
  EXPECT_EQ(error([](Scenario& s) { s.networks[0].fusion_parts[0].memory = 2001us; }),
            start + "network 'n': fusion parts must not be above the latency");
  EXPECT_EQ(error([](Scenario& s) { s.networks[0].fusion_parts[0].memory = -1us; }),
            start + "network 'n': fusion parts must be at least 0 s");
  EXPECT_EQ(error([](Scenario& s) { s.platform.types[0].fusion->overhead = -1us; }),
            start + "accelerator type 'npu': the overhead of fusion must be at least 0 s");
  EXPECT_EQ(error([](Scenario& s) { s.platform.memory_bytes_per_second = 1e9; }),
            start + "accelerator type 'npu': preemption, groups and fusion cannot be combined with a shared memory "
                    "(platform: memory)");
}

} // namespace
} // namespace terastal
