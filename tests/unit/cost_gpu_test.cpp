#include <string>

#include <gtest/gtest.h>

#include "support/cost_models.hpp"

namespace terastal {
namespace {

using namespace testing;

/// Two SMs of 8 (fp16) and 2 (others) operations each cycle, tiles of 4 × 4, 1 GHz: 100 bytes each cycle from L2, 10
/// from DRAM, 1000 cycles to launch.
std::unique_ptr<CostModel> small_gpu(const SettingTexts& more = {}) {
  SettingTexts settings = {{"sms", "2"},
                           {"clock", "1 GHz"},
                           {"fp16_macs", "8"},
                           {"fp32_macs", "2"},
                           {"int8_macs", "32"},
                           {"efficiency", "1"},
                           {"smallest_tile", "4"},
                           {"largest_tile", "4"},
                           {"block_outputs", "16"},
                           {"l2_bandwidth", "100 GB/s"},
                           {"dram_bandwidth", "10 GB/s"},
                           {"l2_size", "1 KiB"},
                           {"launch_overhead", "1 us"}};
  settings.insert(settings.end(), more.begin(), more.end());
  return cost_model("gpu", settings);
}

// (10 × 6)·(6 × 8): 3 · 2 tiles in 3 waves of 4·4·6 MACs.
TEST(Gpu, TilesRunInWaves) {
  const CostEstimate estimate = small_gpu()->estimate(linear(10, 6, 8));
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::compute), 3 * 96 / 8.0);
  // Inputs for 2 columns of tiles, weights for 3 rows of tiles, outputs once; two bytes each.
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::on_chip), (60 * 2 + 48 * 3 + 80) * 2 / 100.0);
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::off_chip), (60 + 48 + 80) * 2 / 10.0);
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::overhead), 1000);
  EXPECT_DOUBLE_EQ(estimate.cycles, 1000 + 37.6);
  EXPECT_EQ(estimate.bound, CostTerm::overhead);
  EXPECT_DOUBLE_EQ(estimate.dram_bytes, 376);
  EXPECT_DOUBLE_EQ(estimate.l2_accesses, 344 + 188);
  EXPECT_DOUBLE_EQ(estimate.l1_accesses, 2 * 344);
  EXPECT_DOUBLE_EQ(estimate.energy_nj, (480 * 2.0 + 688 * 2.5 + 532 * 25 + 376 * 162.5) / 1000);
}

TEST(Gpu, EachTermCanBound) {
  const LayerShape shape = linear(10, 6, 8);
  const auto bound = [&](const SettingTexts& more) {
    SettingTexts settings = {{"launch_overhead", "0 s"}};
    settings.insert(settings.end(), more.begin(), more.end());
    return small_gpu(settings)->estimate(shape).bound;
  };
  EXPECT_EQ(bound({}), CostTerm::off_chip);
  EXPECT_EQ(bound({{"dram_bandwidth", "100 GB/s"}}), CostTerm::compute);
  EXPECT_EQ(bound({{"dram_bandwidth", "100 GB/s"}, {"l2_bandwidth", "10 GB/s"}}), CostTerm::on_chip);
}

TEST(Gpu, AnUnfinishedWaveTakesAsLongAsAFullOne) {
  const auto compute = [](std::uint64_t rows) {
    return cycles_of(small_gpu()->estimate(linear(rows, 6, 4)), CostTerm::compute);
  };
  EXPECT_DOUBLE_EQ(compute(1), 12); // one tile, one of the two SMs idle
  EXPECT_DOUBLE_EQ(compute(8), 12);
  EXPECT_DOUBLE_EQ(compute(9), 24);
}

TEST(Gpu, PrecisionSetsRateAndBytes) {
  const LayerShape shape = linear(10, 6, 8);
  const CostEstimate int8 = small_gpu({{"precision", "int8"}})->estimate(shape);
  EXPECT_DOUBLE_EQ(cycles_of(int8, CostTerm::compute), 3 * 96 / 32.0);
  EXPECT_DOUBLE_EQ(int8.dram_bytes, 188);
  const CostEstimate fp32 = small_gpu({{"precision", "fp32"}})->estimate(shape);
  EXPECT_DOUBLE_EQ(cycles_of(fp32, CostTerm::compute), 3 * 96 / 2.0);
  EXPECT_DOUBLE_EQ(fp32.dram_bytes, 4 * 188);
}

// One row of a result wastes 15 of 16 rows of a large tile and 3 of 4 of a small one; 32 columns keep both SMs busy.
TEST(Gpu, SmallResultsUseSmallTiles) {
  const LayerShape shape = linear(1, 6, 32);
  const auto compute = [&](const char* smallest) {
    const auto model = small_gpu({{"largest_tile", "16"}, {"smallest_tile", smallest}});
    return cycles_of(model->estimate(shape), CostTerm::compute);
  };
  EXPECT_DOUBLE_EQ(compute("16"), 16 * 16 * 6 / 8.0);  // 2 tiles, 1 wave
  EXPECT_DOUBLE_EQ(compute("8"), 2 * 8 * 8 * 6 / 8.0); // 4 tiles, 2 waves
  EXPECT_DOUBLE_EQ(compute("4"), 4 * 4 * 4 * 6 / 8.0); // 8 tiles, 4 waves
}

// Large tiles read operands less often: with a slow L2 they win where small ones would compute faster.
TEST(Gpu, ASlowCacheFavoursLargeTiles) {
  const SettingTexts tiles = {{"largest_tile", "16"}, {"smallest_tile", "4"}, {"l2_bandwidth", "1 GB/s"}};
  const CostEstimate estimate = small_gpu(tiles)->estimate(linear(16, 6, 20));
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::on_chip), (96 * 2 + 120 + 320) * 2);
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::compute), 16 * 16 * 6 / 8.0);
}

// 512 elements of two bytes fit in 1 KiB.
TEST(Gpu, TheLargerOperandIsReadAgainForEachPieceOfTheSmaller) {
  EXPECT_DOUBLE_EQ(small_gpu()->estimate(linear(16, 32, 600)).dram_bytes, 2 * (512 + 19200 + 9600));
  EXPECT_DOUBLE_EQ(small_gpu()->estimate(linear(17, 32, 600)).dram_bytes, 2 * (544 + 2 * 19200 + 10200));
  EXPECT_DOUBLE_EQ(small_gpu({{"l2_size", "2 KiB"}})->estimate(linear(17, 32, 600)).dram_bytes,
                   2 * (544 + 19200 + 10200));
}

TEST(Gpu, GroupsAndBatchesOfMatmulsFillTheSms) {
  LayerShape shape = linear(4, 6, 4);
  EXPECT_DOUBLE_EQ(cycles_of(small_gpu()->estimate(shape), CostTerm::compute), 12);
  shape.kind = OperatorKind::matmul;
  shape.n = 3;
  shape.c = 12;
  shape.k = 8;
  shape.groups = 2; // 6 products of the size above, 3 waves
  EXPECT_DOUBLE_EQ(cycles_of(small_gpu()->estimate(shape), CostTerm::compute), 3 * 12);
}

TEST(Gpu, TransposedConvolutionsAreProductsOverTheirInputs) {
  LayerShape shape = square_conv(3, 2, 2, 5);
  shape.kind = OperatorKind::transposed_conv;
  shape.out_y = shape.out_x = 10;
  // 25 rows in 7 tiles, 8 columns in 2, depth 3; 7 waves.
  EXPECT_DOUBLE_EQ(cycles_of(small_gpu()->estimate(shape), CostTerm::compute), 7 * 16 * 3 / 8.0);
  EXPECT_DOUBLE_EQ(small_gpu()->estimate(shape).dram_bytes, 2 * (75 + 24 + 200));
}

// 5 channels of 4 × 4 outputs are 80 in 5 blocks of 16, 3 waves; 2 operations each cycle on each SM.
TEST(Gpu, OtherLayersRunInBlocksOnOrdinaryCores) {
  LayerShape shape = square_conv(5, 5, 3, 8, 2);
  shape.kind = OperatorKind::pool;
  EXPECT_DOUBLE_EQ(cycles_of(small_gpu()->estimate(shape), CostTerm::compute), 3 * 16 * 9 / 2.0);
  EXPECT_DOUBLE_EQ(small_gpu()->estimate(shape).dram_bytes, 2 * (5 * 64 + 80));
  shape.kind = OperatorKind::depthwise;
  shape.k = 1;
  EXPECT_DOUBLE_EQ(cycles_of(small_gpu()->estimate(shape), CostTerm::compute), 3 * 16 * 9 / 2.0);
  EXPECT_DOUBLE_EQ(small_gpu()->estimate(shape).dram_bytes, 2 * (5 * 64 + 45 + 80));
  shape.kind = OperatorKind::elementwise;
  shape.k = 5;
  shape.operands = 2;
  EXPECT_DOUBLE_EQ(cycles_of(small_gpu()->estimate(shape), CostTerm::compute), 3 * 16 * 2 / 2.0);
  EXPECT_DOUBLE_EQ(small_gpu()->estimate(shape).dram_bytes, 2 * 3 * 80);
}

TEST(Gpu, TileSizesMustBeInOrder) {
  try {
    (void)small_gpu({{"smallest_tile", "32"}, {"largest_tile", "16"}});
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_EQ(error.diagnostics().at(0).message, "smallest_tile (32) must not be larger than largest_tile (16)");
  }
}

} // namespace
} // namespace terastal
