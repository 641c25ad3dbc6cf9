#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "support/cost_models.hpp"
#include "support/systolic_grid.hpp"
#include "terastal/cost/matrix_products.hpp"

namespace terastal {
namespace {

using namespace testing;

std::unique_ptr<CostModel> array(const std::string& dataflow, std::size_t rows, std::size_t columns,
                                 SettingTexts more = {}) {
  more.insert(more.begin(),
              {{"dataflow", dataflow}, {"rows", std::to_string(rows)}, {"cols", std::to_string(columns)}});
  return cost_model("systolic", more);
}

/// A 4 × 4 array that gets two bytes each cycle and whose memories hold 512 bytes in use.
std::unique_ptr<CostModel> small_array(const std::string& dataflow, const SettingTexts& more = {}) {
  SettingTexts settings = {{"clock", "1 GHz"},
                           {"dram_bandwidth", "2 GB/s"},
                           {"input_sram", "1 KiB"},
                           {"weight_sram", "1 KiB"},
                           {"output_sram", "1 KiB"}};
  settings.insert(settings.end(), more.begin(), more.end());
  return array(dataflow, 4, 4, settings);
}

/// Memories so large and a link so fast that only the array counts.
const SettingTexts kIdealMemory = {
    {"input_sram", "1 GiB"}, {"weight_sram", "1 GiB"}, {"output_sram", "1 GiB"}, {"dram_bandwidth", "1e6 GB/s"}};

double compute_cycles(const CostModel& model, const LayerShape& shape) {
  return cycles_of(model.estimate(shape), CostTerm::compute);
}

// -- time of the array

struct Reported {
  const char* dataflow;
  std::size_t edge; ///< of the square array
  LayerShape shape;
  double cycles; ///< total less stalls
};

LayerShape conv_with_outputs(LayerShape shape, std::uint64_t outputs) {
  shape.out_y = shape.out_x = outputs;
  return shape;
}

// Runs of SCALE-Sim v2 (MIT, (c) 2024 SCALE-Sim Project). 32 × 32: the reports that its own tests compare with
// (test/golden_trace, test/general/golden_trace_user_*: AlexNet's first layer, and a product of M, N, K = 256, 128,
// 256). 256 × 256: layers of a MobileNet and of GPT-2 in HyakunosukeOgata/SCALE_sim_v2_notes. It reports the number of
// the last cycle, counted from 0.
TEST(Systolic, AgreesWithReportsOfScaleSim) {
  const Reported reports[] = {
      {"ws", 32, conv_with_outputs(square_conv(3, 96, 11, 224, 4), 55), 112283},
      {"ws", 32, linear(256, 256, 128), 52447 - 41248},
      {"is", 32, linear(256, 256, 128), 19984 - 5777},
      {"ws", 256, conv_with_outputs(square_conv(3, 32, 3, 224, 2), 112), 13309},
      {"ws", 256, conv_with_outputs(square_conv(32, 1, 3, 112, 1), 110), 25731},
      {"ws", 256, square_conv(32, 64, 1, 112), 13309},
      {"ws", 256, conv_with_outputs(square_conv(64, 1, 3, 112, 2), 56), 11705},
      {"ws", 256, square_conv(64, 128, 1, 56), 3901},
      {"ws", 256, linear(1024, 1600, 4800), 238069},
      {"ws", 256, linear(1024, 64, 1024), 7159},
      {"ws", 256, linear(1024, 1024, 64), 7159},
      {"ws", 256, linear(1024, 1600, 1600), 87709},
      {"ws", 256, linear(1024, 1600, 3072), 150359},
  };
  for (const Reported& report : reports) {
    EXPECT_EQ(compute_cycles(*array(report.dataflow, report.edge, report.edge, kIdealMemory), report.shape),
              report.cycles + 1)
        << report.dataflow << ' ' << report.edge << ' ' << report.cycles;
  }
}

// SCALE-Sim v2 lets the outputs of an output-stationary fold leave while the array still computes; the closed form of
// the paper, like ours, adds the rows that they move down.
TEST(Systolic, OutputStationaryAddsTheDrainThatScaleSimLeavesOut) {
  const double folds = 8 * 4;
  EXPECT_EQ(compute_cycles(*array("os", 32, 32, kIdealMemory), linear(256, 256, 128)), 52447 - 42272 + 1 + folds * 32);
}

Matrix random_matrix(std::size_t rows, std::size_t columns, std::mt19937_64& random) {
  Matrix matrix(rows, columns);
  for (auto& value : matrix.values) value = static_cast<std::int64_t>(random() % 19) - 9;
  return matrix;
}

Matrix plain_product(const Matrix& a, const Matrix& b) {
  Matrix product(a.rows, b.columns);
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t j = 0; j < b.columns; ++j) {
      for (std::size_t l = 0; l < a.columns; ++l) product.at(i, j) += a.at(i, l) * b.at(l, j);
    }
  }
  return product;
}

Matrix grid_product(SystolicGrid& grid, const std::string& dataflow, const Matrix& inputs, const Matrix& weights) {
  if (dataflow == "ws") return grid.multiply_stationary(inputs, weights);
  if (dataflow == "os") return grid.multiply_output_stationary(inputs, weights);
  return grid.multiply_stationary(weights.transposed(), inputs.transposed()).transposed();
}

// A grid that moves every operand computes the right product in exactly the time of the closed form.
TEST(Systolic, AgreesWithACycleByCycleGrid) {
  std::mt19937_64 random(20);
  const std::pair<std::size_t, std::size_t> arrays[] = {{1, 1}, {2, 3}, {4, 4}, {5, 2}};
  for (const auto& [rows, columns] : arrays) {
    for (const char* dataflow : {"ws", "os", "is"}) {
      const auto model = array(dataflow, rows, columns, kIdealMemory);
      for (int i = 0; i < 40; ++i) {
        const std::size_t positions = 1 + random() % 11;
        const std::size_t window = 1 + random() % 11;
        const std::size_t filters = 1 + random() % 11;
        const Matrix inputs = random_matrix(positions, window, random);
        const Matrix weights = random_matrix(window, filters, random);
        SystolicGrid grid(rows, columns);
        ASSERT_EQ(grid_product(grid, dataflow, inputs, weights), plain_product(inputs, weights));
        ASSERT_EQ(compute_cycles(*model, linear(positions, window, filters)), static_cast<double>(grid.cycles()))
            << dataflow << ' ' << rows << 'x' << columns << ": " << positions << ' ' << window << ' ' << filters;
      }
    }
  }
}

// -- operators. A fold of the 4 × 4 array with T steps takes 2·4 + 4 + T − 2 = T + 10 cycles.

TEST(Systolic, DepthwiseRunsOneChannelAfterTheOther) {
  LayerShape shape = square_conv(3, 1, 3, 4);
  shape.kind = OperatorKind::depthwise;
  // Each of 3 channels: 9 rows in 3 folds, 1 column, 16 positions.
  EXPECT_EQ(compute_cycles(*small_array("ws"), shape), 3 * 3 * (16 + 10));
  // 16 positions in 4 folds, 9 steps.
  EXPECT_EQ(compute_cycles(*small_array("os"), shape), 3 * 4 * (9 + 10));
  // 9 rows in 3 folds, 16 columns in 4, 1 step.
  EXPECT_EQ(compute_cycles(*small_array("is"), shape), 3 * 12 * (1 + 10));
}

TEST(Systolic, DepthwiseLayersMayUseTheVectorUnit) {
  LayerShape shape = square_conv(3, 1, 3, 4);
  shape.kind = OperatorKind::depthwise;
  const CostEstimate estimate = small_array("ws", {{"depthwise", "vector"}})->estimate(shape);
  EXPECT_EQ(cycles_of(estimate, CostTerm::compute), 3 * 9 * 16 / 4);
  EXPECT_EQ(estimate.dram_bytes, 48 + 27 + 48);
}

TEST(Systolic, GroupsRunOneAfterTheOther) {
  LayerShape grouped = square_conv(8, 16, 3, 6);
  grouped.groups = 4;
  const LayerShape one = square_conv(2, 4, 3, 6);
  EXPECT_EQ(compute_cycles(*small_array("ws"), grouped), 4 * compute_cycles(*small_array("ws"), one));
}

TEST(Systolic, ABatchSharesWeightsButMatmulsDoNot) {
  LayerShape shape = linear(6, 3, 4);
  shape.n = 5;
  EXPECT_EQ(compute_cycles(*small_array("ws"), shape), 5 * 6 + 10);
  shape.kind = OperatorKind::matmul;
  EXPECT_EQ(compute_cycles(*small_array("ws"), shape), 5 * (6 + 10));
}

TEST(Systolic, TransposedConvolutionsStreamTheirInputs) {
  LayerShape shape = square_conv(3, 2, 2, 5);
  shape.kind = OperatorKind::transposed_conv;
  shape.stride_y = shape.stride_x = 2;
  shape.out_y = shape.out_x = 10;
  // 3 channels in 1 fold of rows, 2·2·2 results in 2 folds of columns, 25 positions.
  EXPECT_EQ(compute_cycles(*small_array("ws"), shape), 2 * (25 + 10));
}

TEST(Systolic, PoolingAndElementwiseLayersUseTheVectorUnit) {
  LayerShape pool = square_conv(5, 5, 3, 8, 2);
  pool.kind = OperatorKind::pool;
  EXPECT_EQ(compute_cycles(*small_array("ws"), pool), 5 * 9 * 16 / 4);
  EXPECT_EQ(compute_cycles(*small_array("ws", {{"vector_lanes", "7"}}), pool), 103); // 720 / 7 rounded up
  LayerShape add = square_conv(5, 5, 1, 8);
  add.kind = OperatorKind::elementwise;
  add.operands = 2;
  const CostEstimate estimate = small_array("ws")->estimate(add);
  EXPECT_EQ(cycles_of(estimate, CostTerm::compute), 2 * 5 * 64 / 4);
  EXPECT_EQ(estimate.dram_bytes, 3 * 5 * 64);
  EXPECT_EQ(estimate.cycles, 960 / 2); // two bytes each cycle
  EXPECT_EQ(estimate.bound, CostTerm::off_chip);
}

// -- off-chip traffic, first fill, energy, all by hand for (10 × 6)·(6 × 8): 2 folds of rows, 2 of columns

TEST(Systolic, OperandsThatFitCrossTheBorderOnce) {
  const CostEstimate estimate = small_array("ws")->estimate(linear(10, 6, 8));
  EXPECT_EQ(cycles_of(estimate, CostTerm::compute), 4 * 20);
  EXPECT_EQ(estimate.dram_bytes, 60 + 48 + 80);
  EXPECT_EQ(cycles_of(estimate, CostTerm::off_chip), 94);
  EXPECT_EQ(cycles_of(estimate, CostTerm::overhead), 8); // 16 weights
  EXPECT_EQ(estimate.cycles, 94);
  EXPECT_EQ(estimate.bound, CostTerm::off_chip);
  EXPECT_EQ(estimate.l1_accesses, 4 * 480);
  // Weights once, inputs for both folds of columns, results written twice and read once; the border's 188.
  EXPECT_EQ(estimate.l2_accesses, 48 + 2 * 60 + 3 * 80 + 188);
  EXPECT_DOUBLE_EQ(estimate.energy_nj, (480 * 0.3 + 1920 * 0.03 + 596 * 12.5 + 188 * 162.5) / 1000);
}

TEST(Systolic, TheFirstFillIsNotHidden) {
  const auto model = small_array("ws", {{"dram_bandwidth", "20 GB/s"}});
  const CostEstimate estimate = model->estimate(linear(10, 6, 8));
  EXPECT_EQ(estimate.cycles, 80 + 1); // 16 bytes at 20 a cycle
  EXPECT_EQ(estimate.bound, CostTerm::compute);
  const auto later = small_array("ws", {{"dram_bandwidth", "20 GB/s"}, {"layer_overhead", "1 us"}});
  EXPECT_EQ(later->estimate(linear(10, 6, 8)).cycles, 1000 + 81);
  EXPECT_EQ(later->estimate(linear(10, 6, 8)).bound, CostTerm::overhead);
}

// 100 rows: 600 bytes of input are more than the 512 in use, and so are 100 · 4 partial sums of 4 bytes. A fast link
// does not mind.
TEST(Systolic, WeightStationaryReadsInputsAgainAndSpillsSums) {
  const LayerShape shape = linear(100, 6, 8);
  const auto bytes = [&](SettingTexts more) {
    more.emplace_back("dram_bandwidth", "1000 GB/s");
    const CostEstimate estimate = small_array("ws", more)->estimate(shape);
    EXPECT_EQ(cycles_of(estimate, CostTerm::compute), 4 * 110);
    return estimate.dram_bytes;
  };
  EXPECT_EQ(bytes({}), 2 * 600 + 48 + 800 + 2 * 800 * 4);
  EXPECT_EQ(bytes({{"output_sram", "4 KiB"}}), 2 * 600 + 48 + 800);
  EXPECT_EQ(bytes({{"output_sram", "4 KiB"}, {"input_sram", "2 KiB"}}), 600 + 48 + 800);
}

// The same with a slow link: four pieces of 25 rows fit, and the 48 weights stay in their memory meanwhile.
TEST(Systolic, TheStreamIsCutWhereThatIsFaster) {
  const CostEstimate estimate = small_array("ws")->estimate(linear(100, 6, 8));
  EXPECT_EQ(cycles_of(estimate, CostTerm::compute), 4 * (4 * 10 + 100));
  EXPECT_EQ(estimate.dram_bytes, 600 + 48 + 800);
  EXPECT_EQ(estimate.cycles, 724);
  EXPECT_EQ(estimate.l2_accesses, 4 * 48 + 2 * 600 + 3 * 800 + 1448);
  // 6 · 200 weights do not fit and cross again for each piece; four pieces, since two still spill.
  const LayerShape wide = linear(100, 6, 200);
  EXPECT_EQ(small_array("ws")->estimate(wide).dram_bytes, 600 + 4 * 1200 + 20000);
}

// 100 columns: 600 weights do not fit; 100 steps · 4 columns of partial sums do not either.
TEST(Systolic, InputStationaryReadsWeightsAgainAndSpillsSums) {
  const LayerShape shape = linear(8, 6, 100);
  const SettingTexts fast = {{"dram_bandwidth", "1000 GB/s"}};
  EXPECT_EQ(small_array("is", fast)->estimate(shape).dram_bytes, 48 + 2 * 600 + 800 + 2 * 800 * 4);
  EXPECT_EQ(small_array("is")->estimate(shape).dram_bytes, 48 + 600 + 800); // cut into four pieces
  EXPECT_EQ(cycles_of(small_array("is")->estimate(shape), CostTerm::compute), 4 * (4 * 10 + 100));
  EXPECT_EQ(cycles_of(small_array("is")->estimate(shape), CostTerm::overhead), 8); // 16 inputs
}

// Depth 200: 10 rows are 2000 bytes, the weights of 4 columns 800.
TEST(Systolic, OutputStationaryReadsBothOperandsAgain) {
  const LayerShape shape = linear(10, 200, 8);
  EXPECT_EQ(small_array("os")->estimate(shape).dram_bytes, 2 * 2000 + 3 * 1600 + 80);
  EXPECT_EQ(small_array("os", {{"weight_sram", "2 KiB"}})->estimate(shape).dram_bytes, 2 * 2000 + 1600 + 80);
  EXPECT_EQ(small_array("os", {{"weight_sram", "2 KiB"}, {"input_sram", "4 KiB"}})->estimate(shape).dram_bytes,
            2000 + 1600 + 80);
  EXPECT_EQ(cycles_of(small_array("os")->estimate(shape), CostTerm::overhead), 4); // 4 inputs and 4 weights
}

TEST(Systolic, LargerElementsMoveMoreBytes) {
  const CostEstimate estimate = small_array("ws", {{"element_bytes", "2"}})->estimate(linear(10, 6, 8));
  EXPECT_EQ(estimate.dram_bytes, 2 * (60 + 48 + 80));
  EXPECT_EQ(cycles_of(estimate, CostTerm::overhead), 16);
}

} // namespace
} // namespace terastal
