#include <string>

#include <gtest/gtest.h>

#include "support/cost_models.hpp"

namespace terastal {
namespace {

using namespace testing;

/// Three cores with two 4-lane units at 1 GHz: 8 bytes each cycle from L2 to a core, 16 from L3, 4 from DRAM, 100
/// cycles to dispatch.
std::unique_ptr<CostModel> small_cpu(const SettingTexts& more = {}) {
  SettingTexts settings = {{"cores", "3"},
                           {"clock", "1 GHz"},
                           {"simd_bits", "128"},
                           {"fma_units", "2"},
                           {"precision", "fp32"},
                           {"efficiency", "1"},
                           {"l1_size", "1 KiB"},
                           {"l2_size", "2 KiB"},
                           {"l3_size", "4 KiB"},
                           {"l2_bandwidth", "8 GB/s"},
                           {"l3_bandwidth", "16 GB/s"},
                           {"dram_bandwidth", "4 GB/s"},
                           {"dispatch_overhead", "100 ns"}};
  settings.insert(settings.end(), more.begin(), more.end());
  return cost_model("cpu", settings);
}

double compute_cycles(const LayerShape& shape, const SettingTexts& more = {}) {
  return cycles_of(small_cpu(more)->estimate(shape), CostTerm::compute);
}

// 10 rows · 3 vectors of 4 channels (10 used of 12) are 30 units of 6 instructions; each core has 10 of them.
TEST(Cpu, UnitsAreDealtOutToTheCores) {
  const CostEstimate estimate = small_cpu()->estimate(linear(10, 6, 10));
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::compute), 10 * 6 / 2.0);
  // 60 inputs, 60 weights, 100 outputs of four bytes; everything fits in every cache.
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::on_chip), 880 / 16.0);
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::off_chip), 880 / 4.0);
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::overhead), 100);
  EXPECT_DOUBLE_EQ(estimate.cycles, 100 + 220);
  EXPECT_EQ(estimate.bound, CostTerm::off_chip);
  EXPECT_DOUBLE_EQ(estimate.l1_accesses, 600 + 100);
  EXPECT_DOUBLE_EQ(estimate.l2_accesses, 220 + 220);
  EXPECT_DOUBLE_EQ(estimate.dram_bytes, 880);
  EXPECT_DOUBLE_EQ(estimate.energy_nj, (600 * 22.1 + 700 * 10.0 + 440 * 50.0 + 880 * 162.5) / 1000);
}

TEST(Cpu, SmallLayersLeaveCoresIdle) {
  EXPECT_DOUBLE_EQ(compute_cycles(linear(1, 6, 4)), 6 / 2.0); // one unit
  EXPECT_DOUBLE_EQ(compute_cycles(linear(1, 6, 12)), 6 / 2.0);
  EXPECT_DOUBLE_EQ(compute_cycles(linear(1, 6, 13)), 2 * 6 / 2.0);
  EXPECT_DOUBLE_EQ(compute_cycles(linear(3, 6, 1)), 6 / 2.0); // one lane of each core
  // One busy core, and its link to L2 alone: (6 + 24 + 4) elements of four bytes at 8 bytes each cycle.
  EXPECT_DOUBLE_EQ(cycles_of(small_cpu()->estimate(linear(1, 6, 4)), CostTerm::on_chip), 34 * 4 / 8.0);
}

TEST(Cpu, NarrowElementsFillMoreLanes) {
  const LayerShape shape = linear(3, 8, 16);
  EXPECT_DOUBLE_EQ(compute_cycles(shape), 4 * 8 / 2.0);
  EXPECT_DOUBLE_EQ(compute_cycles(shape, {{"precision", "fp16"}}), 2 * 8 / 2.0);
  EXPECT_DOUBLE_EQ(compute_cycles(shape, {{"precision", "int8"}}), 8 / 2.0);
  EXPECT_DOUBLE_EQ(compute_cycles(shape, {{"simd_bits", "512"}}), 8 / 2.0);
  EXPECT_DOUBLE_EQ(compute_cycles(shape, {{"simd_bits", "32"}, {"fma_units", "1"}}), 16 * 8.0);
  EXPECT_DOUBLE_EQ(compute_cycles(shape, {{"efficiency", "0.5"}}), 4 * 8.0);
  EXPECT_DOUBLE_EQ(small_cpu({{"precision", "int8"}})->estimate(shape).dram_bytes, 24 + 128 + 48);
}

// 32 · 20 inputs and 20 · 32 weights are 640 elements each; 256 fit in L1, 512 in L2, 1024 in L3.
TEST(Cpu, EachCacheLevelFiltersTraffic) {
  const CostEstimate estimate = small_cpu()->estimate(linear(32, 20, 32));
  EXPECT_DOUBLE_EQ(estimate.l2_accesses, (640 + 3 * 640 + 1024) + (640 + 2 * 640 + 1024));
  EXPECT_DOUBLE_EQ(estimate.dram_bytes, 4 * (640 + 640 + 1024));
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::on_chip), 2944 * 4 / 16.0); // L3; L2: 3584 · 4 / (3 · 8)
  const auto narrow = small_cpu({{"l2_bandwidth", "1 GB/s"}});
  EXPECT_DOUBLE_EQ(cycles_of(narrow->estimate(linear(32, 20, 32)), CostTerm::on_chip), 3584 * 4 / 3.0);
  EXPECT_EQ(narrow->estimate(linear(32, 20, 32)).bound, CostTerm::on_chip);
}

// 6 output rows · 2 vectors: 4 units for each core, each 6 positions of 9·3 multiply-accumulates.
TEST(Cpu, ConvolutionsAreCutIntoRowsAndChannels) {
  const LayerShape shape = square_conv(3, 8, 3, 12, 2);
  EXPECT_DOUBLE_EQ(compute_cycles(shape), 4 * 6 * 27 / 2.0);
  LayerShape batch = shape;
  batch.n = 2;
  EXPECT_DOUBLE_EQ(compute_cycles(batch), 8 * 6 * 27 / 2.0);
  LayerShape grouped = square_conv(6, 8, 3, 12, 2);
  grouped.groups = 2; // 4 channels of each group fill one vector
  EXPECT_DOUBLE_EQ(compute_cycles(grouped), 4 * 6 * 27 / 2.0);
}

// 5 input rows · 2 vectors of the 2·2·2 results: 4 units for each of two cores, 2 for the third.
TEST(Cpu, TransposedConvolutionsAreCutIntoInputRows) {
  LayerShape shape = square_conv(3, 2, 2, 5);
  shape.kind = OperatorKind::transposed_conv;
  shape.out_y = shape.out_x = 10;
  EXPECT_DOUBLE_EQ(compute_cycles(shape), 4 * 5 * 3 / 2.0);
}

TEST(Cpu, EveryImageOfABatchOfMatmulsHasItsOwnOperands) {
  LayerShape shape = linear(3, 6, 4);
  shape.kind = OperatorKind::matmul;
  shape.n = 2;
  EXPECT_DOUBLE_EQ(compute_cycles(shape), 2 * 6 / 2.0);
  EXPECT_DOUBLE_EQ(small_cpu()->estimate(shape).dram_bytes, 4 * 2 * (18 + 24 + 12));
}

// Channels fill the lanes: 5 channels are 2 vectors, with 4 rows 8 units, 3 for each core; 4 positions of 9.
TEST(Cpu, ChannelwiseLayersFillLanesWithChannels) {
  LayerShape shape = square_conv(5, 5, 3, 8, 2);
  shape.kind = OperatorKind::pool;
  EXPECT_DOUBLE_EQ(compute_cycles(shape), 3 * 4 * 9 / 2.0);
  EXPECT_DOUBLE_EQ(small_cpu()->estimate(shape).dram_bytes, 4 * (5 * 64 + 80));
  shape.kind = OperatorKind::depthwise;
  shape.k = 2; // 10 channels in 3 vectors, 12 units
  EXPECT_DOUBLE_EQ(compute_cycles(shape), 4 * 4 * 9 / 2.0);
  EXPECT_DOUBLE_EQ(small_cpu()->estimate(shape).dram_bytes, 4 * (5 * 64 + 90 + 160));
}

// 80 outputs are 20 vectors, 7 for the busiest core.
TEST(Cpu, ElementwiseLayersAreCutIntoVectors) {
  LayerShape shape = square_conv(5, 5, 1, 4);
  shape.kind = OperatorKind::elementwise;
  shape.operands = 2;
  EXPECT_DOUBLE_EQ(compute_cycles(shape), 7 * 2 / 2.0);
  EXPECT_DOUBLE_EQ(small_cpu()->estimate(shape).dram_bytes, 4 * 3 * 80);
}

} // namespace
} // namespace terastal
