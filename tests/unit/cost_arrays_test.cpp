#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "terastal/cost/models.hpp"

namespace terastal {
namespace {

using dataflow::for_each_case;
using dataflow::kDims;
using dataflow::LoopSteps;
using dataflow::StepCase;

std::unique_ptr<CostModel> make(const std::string& text) { return builtin_cost_models().parse(text).make(); }

LayerShape conv(std::uint64_t k, std::uint64_t c, std::uint64_t kernel, std::uint64_t out) {
  LayerShape shape;
  shape.k = k;
  shape.c = c;
  shape.r = shape.s = kernel;
  shape.y = shape.x = out + kernel - 1;
  shape.out_y = shape.out_x = out;
  return shape;
}

TEST(LoopCases, CountEveryStepOfANestOnce) {
  // Loops of 1, 4, 3 (ragged), 1, 2 (ragged) and 1 steps: 24 steps, walked one by one.
  const std::array<LoopSteps, kDims> loops{{{0, false}, {3, false}, {1, true}, {0, false}, {0, true}, {0, false}}};
  std::array<int, kDims> steps{};
  for (std::size_t i = 0; i < kDims; ++i) steps[i] = 1 + static_cast<int>(loops[i].steady) + (loops[i].edge ? 1 : 0);
  std::map<std::tuple<int, unsigned>, std::int64_t> walked;
  std::array<int, kDims> at{};
  int changing = -1;
  while (true) {
    // Only the loops up to the changing one are away from their first step.
    unsigned edges = 0;
    for (std::size_t i = 0; i < kDims; ++i) {
      if (loops[i].edge && at[i] == steps[i] - 1 && static_cast<int>(i) <= changing) edges |= 1U << i;
    }
    ++walked[{changing, edges}];
    std::size_t i = kDims;
    while (i > 0 && at[i - 1] == steps[i - 1] - 1) at[--i] = 0;
    if (i == 0) break;
    ++at[i - 1];
    changing = static_cast<int>(i) - 1;
  }
  std::map<std::tuple<int, unsigned>, std::int64_t> counted;
  for_each_case(loops, [&](const StepCase& step) { counted[{step.changing, step.edges}] += step.occurrences; });
  EXPECT_EQ(counted, walked);
  std::int64_t total = 0;
  for (const auto& [kind, count] : counted) total += count;
  EXPECT_EQ(total, 24);
}

// 4 clusters of 16 × 16 PEs. 64 input and 32 output channels are 4 · 2 tiles; 8 rows and 2 steps of 4 columns each. A
// step takes 16 positions of the 4 × 4 window that stands for one position: 16 cycles, against 4 for 512 elements.
TEST(ArrayCostModel, WeightStationaryOneByOneOfTheFork) {
  const auto model = make("xrbench:dataflow=ws:pes=1024:noc_bandwidth=128");
  const CostEstimate cost = model->estimate(conv(32, 64, 1, 8));
  EXPECT_EQ(cost.cycles, 4.0 * 2 * 8 * 2 * 16);
  EXPECT_EQ(cost.bound, CostTerm::compute);
}

// 16 clusters of 64 PEs; 64 input channels are one tile, 32 output channels two steps. First step: 2 cycles in the
// clusters (one for 128 operands, one for a MAC) after 9 for 64 inputs and 1024 weights. Then 63 positions at 2 cycles;
// the second half of the output channels begins with 8 cycles for its weights.
TEST(ArrayCostModel, WeightStationaryOneByOneOfUpstream) {
  const auto model = make("maestro:dataflow=ws:pes=1024:noc_bandwidth=128");
  const CostEstimate cost = model->estimate(conv(32, 64, 1, 8));
  EXPECT_EQ(cost.cycles, (2.0 + 9) + 63 * 2 + 8 + 63 * 2);
  // With a network that is never waited for: one MAC a position. Without arithmetic: 9, 8 and one cycle a position for
  // the first level, and one for the operands within the clusters.
  EXPECT_EQ(cost.terms[static_cast<std::size_t>(CostTerm::compute)], 128.0);
}

TEST(ArrayCostModel, EnergyIsTheCountsTimesTheConstants) {
  const LayerShape shape = conv(32, 64, 3, 14);
  const auto base = make("maestro")->estimate(shape);
  const auto macs_only = make("maestro:mac_energy=1 pJ:l1_energy=0 pJ:l2_energy=0 pJ")->estimate(shape);
  const auto l1_only = make("maestro:mac_energy=0 pJ:l1_energy=1 pJ:l2_energy=0 pJ")->estimate(shape);
  const auto l2_only = make("maestro:mac_energy=0 pJ:l1_energy=0 pJ:l2_energy=1 pJ")->estimate(shape);
  const auto dram_only =
      make("maestro:mac_energy=0 pJ:l1_energy=0 pJ:l2_energy=0 pJ:dram_energy=1 pJ")->estimate(shape);
  EXPECT_DOUBLE_EQ(macs_only.energy_nj, static_cast<double>(shape.macs()) / 1000.0);
  EXPECT_DOUBLE_EQ(l1_only.energy_nj, base.l1_accesses / 1000.0);
  EXPECT_DOUBLE_EQ(l2_only.energy_nj, base.l2_accesses / 1000.0);
  EXPECT_DOUBLE_EQ(dram_only.energy_nj, base.dram_bytes / 1000.0);
  EXPECT_DOUBLE_EQ(base.dram_bytes, 64.0 * 16 * 16 + 32 * 64 * 9 + 32 * 14 * 14);
}

TEST(ArrayCostModel, OffChipLinkBoundsWhenItIsSlow) {
  const LayerShape shape = conv(512, 512, 1, 1);
  const auto fast = make("maestro")->estimate(shape);
  const auto slow = make("maestro:dram_bandwidth=1 GB/s:clock=1 GHz")->estimate(shape);
  EXPECT_EQ(slow.cycles, slow.dram_bytes);
  EXPECT_GT(slow.cycles, fast.cycles);
  EXPECT_EQ(slow.bound, CostTerm::off_chip);
  // Weights beyond half of the buffer cross the link as often as the array reads them.
  const LayerShape large = conv(512, 512, 3, 28);
  const auto roomy = make("maestro:l2_size=64 MiB")->estimate(large);
  const auto tight = make("maestro:l2_size=64 KiB")->estimate(large);
  EXPECT_GT(tight.dram_bytes, roomy.dram_bytes);
  EXPECT_EQ(tight.cycles, roomy.cycles);
}

TEST(ArrayCostModel, LiteralShapesIgnoreStrideAndPadding) {
  LayerShape strided = conv(64, 64, 3, 28);
  strided.y = strided.x = 56;
  strided.stride_y = strided.stride_x = 2;
  const LayerShape plain = conv(64, 64, 3, 54);
  EXPECT_EQ(make("xrbench")->estimate(strided).cycles, make("xrbench")->estimate(plain).cycles);
  EXPECT_EQ(make("xrbench:shape=equivalent")->estimate(strided).cycles,
            make("xrbench")->estimate(conv(64, 64, 3, 28)).cycles);
  EXPECT_EQ(make("maestro")->estimate(strided).cycles, make("maestro")->estimate(conv(64, 64, 3, 28)).cycles);
}

TEST(ArrayCostModel, GroupsAndBatchesAreRepetitions) {
  LayerShape grouped = conv(64, 64, 3, 14);
  grouped.groups = 4;
  const auto one = make("maestro")->estimate(conv(16, 16, 3, 14));
  EXPECT_EQ(make("maestro")->estimate(grouped).cycles, 4 * one.cycles);
  LayerShape batch = conv(16, 16, 3, 14);
  batch.n = 3;
  EXPECT_EQ(make("maestro")->estimate(batch).cycles, 3 * one.cycles);
  EXPECT_EQ(make("xrbench")->estimate(batch).cycles, make("xrbench")->estimate(conv(16, 16, 3, 14)).cycles);
}

TEST(ArrayCostModel, OtherOperatorsAreCosted) {
  for (const OperatorKind kind : {OperatorKind::depthwise, OperatorKind::pool, OperatorKind::elementwise,
                                  OperatorKind::transposed_conv, OperatorKind::matmul}) {
    LayerShape shape = conv(kind == OperatorKind::depthwise ? 1 : 32, 32, kind == OperatorKind::matmul ? 1 : 2, 10);
    for (const char* model : {"xrbench:dataflow=ws", "xrbench:dataflow=os", "xrbench:dataflow=rs",
                              "maestro:dataflow=ws", "maestro:dataflow=os", "maestro:dataflow=rs"}) {
      const CostEstimate cost = make(model)->estimate(shape);
      EXPECT_GT(cost.cycles, 0.0) << model << ' ' << to_string(kind);
      EXPECT_GT(cost.energy_nj, 0.0) << model << ' ' << to_string(kind);
    }
  }
}

TEST(ArrayCostModel, RefusesFewerPesThanACluster) {
  EXPECT_THROW((void)make("xrbench:dataflow=ws:pes=128"), InputError);
  EXPECT_NO_THROW((void)make("xrbench:dataflow=os:pes=64"));
  EXPECT_THROW((void)make("maestro:dataflow=ws:pes=32"), InputError);
  EXPECT_NO_THROW((void)make("maestro:dataflow=os:pes=8"));
}

} // namespace
} // namespace terastal
