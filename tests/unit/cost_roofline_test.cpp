#include <string>

#include <gtest/gtest.h>

#include "support/cost_models.hpp"
#include "terastal/cost/bind.hpp"

namespace terastal {
namespace {

using namespace testing;

/// 8 multiply-accumulates and 4 bytes each cycle, 1 GHz.
std::unique_ptr<CostModel> small_roofline(const SettingTexts& more = {}) {
  SettingTexts settings = {{"pes", "8"}, {"clock", "1 GHz"}, {"dram_bandwidth", "4 GB/s"}};
  settings.insert(settings.end(), more.begin(), more.end());
  return cost_model("roofline", settings);
}

// (10 × 6)·(6 × 8): 480 MACs, 188 elements.
TEST(Roofline, TheLongerOfArithmeticAndTraffic) {
  const CostEstimate estimate = small_roofline()->estimate(linear(10, 6, 8));
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::compute), 60);
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::off_chip), 47);
  EXPECT_DOUBLE_EQ(estimate.cycles, 60);
  EXPECT_EQ(estimate.bound, CostTerm::compute);
  EXPECT_DOUBLE_EQ(estimate.energy_nj, (480 * 0.3 + 4 * 480 * 0.03 + 2 * 188 * 12.5 + 188 * 162.5) / 1000);

  const CostEstimate wide = small_roofline({{"element_bytes", "2"}})->estimate(linear(10, 6, 8));
  EXPECT_DOUBLE_EQ(wide.cycles, 94);
  EXPECT_EQ(wide.bound, CostTerm::off_chip);
}

TEST(Roofline, OverheadAndEfficiencyCount) {
  const CostEstimate estimate =
      small_roofline({{"layer_overhead", "200 ns"}, {"efficiency", "0.5"}})->estimate(linear(10, 6, 8));
  EXPECT_DOUBLE_EQ(estimate.cycles, 200 + 120);
  EXPECT_DOUBLE_EQ(cycles_of(estimate, CostTerm::overhead), 200);
  EXPECT_EQ(estimate.bound, CostTerm::overhead);
}

TEST(Roofline, EveryKindOfOperatorIsCounted) {
  LayerShape shape = square_conv(6, 4, 3, 8, 2);
  const auto compute = [&](OperatorKind kind) {
    shape.kind = kind;
    return cycles_of(small_roofline()->estimate(shape), CostTerm::compute) * 8;
  };
  EXPECT_DOUBLE_EQ(compute(OperatorKind::conv), 4 * 6 * 9 * 16);
  EXPECT_DOUBLE_EQ(compute(OperatorKind::matmul), 4 * 6 * 9 * 16);
  EXPECT_DOUBLE_EQ(compute(OperatorKind::depthwise), 6 * 4 * 9 * 16);
  EXPECT_DOUBLE_EQ(compute(OperatorKind::transposed_conv), 4 * 6 * 9 * 64);
  EXPECT_DOUBLE_EQ(compute(OperatorKind::pool), 4 * 9 * 16);
  EXPECT_DOUBLE_EQ(compute(OperatorKind::elementwise), 4 * 16);
}

// An accelerator type hands its PEs and clock to the model.
TEST(Roofline, TakesPesAndClockFromTheType) {
  AcceleratorType type;
  type.name = "npu";
  type.pes = 8;
  type.clock_hz = 500'000'000;
  type.cost = {"roofline", {{"dram_bandwidth", "4 GB/s"}}};
  const auto model = make_cost_model(type, builtin_cost_models());
  EXPECT_DOUBLE_EQ(model->clock_hz(), 5e8);
  EXPECT_EQ(table_cost(linear(10, 6, 8), *model).latency, std::chrono::nanoseconds(120));
}

} // namespace
} // namespace terastal
