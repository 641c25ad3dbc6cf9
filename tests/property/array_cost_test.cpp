#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "terastal/core/random.hpp"
#include "terastal/cost/models.hpp"

namespace terastal {
namespace {

/// Random layers of the sizes that networks have, depthwise ones among them, with few elements as often as with many.
class RandomLayers {
 public:
  LayerShape next() {
    LayerShape shape;
    shape.kind = below(10) == 0 ? OperatorKind::depthwise : OperatorKind::conv;
    shape.c = channels();
    shape.k = shape.kind == OperatorKind::depthwise ? 1 : channels();
    shape.r = kernel();
    shape.s = below(4) == 0 ? kernel() : shape.r;
    shape.out_y = 1 + below(below(2) == 0 ? 14 : 112);
    shape.out_x = below(4) == 0 ? 1 + below(112) : shape.out_y;
    shape.y = shape.out_y + shape.r - 1;
    shape.x = shape.out_x + shape.s - 1;
    return shape;
  }
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }

 private:
  std::uint64_t channels() { return 1 + below(below(2) == 0 ? 40 : 600); }
  std::uint64_t kernel() { return 1 + below(below(4) == 0 ? 11 : 5); }

  RandomStream random_{20, 0, Purpose::execution, 0};
};

struct Array {
  std::string id;
  std::uint64_t pes;
  std::uint64_t bandwidth;

  [[nodiscard]] std::unique_ptr<CostModel> make() const {
    return builtin_cost_models()
        .parse(id + ":pes=" + std::to_string(pes) + ":noc_bandwidth=" + std::to_string(bandwidth))
        .make();
  }
};

const std::vector<std::string>& all_arrays() {
  static const std::vector<std::string> ids = {"xrbench:dataflow=ws", "xrbench:dataflow=os", "xrbench:dataflow=rs",
                                               "maestro:dataflow=ws", "maestro:dataflow=os", "maestro:dataflow=rs"};
  return ids;
}

std::string text(const LayerShape& s) {
  return std::string(to_string(s.kind)) + " K" + std::to_string(s.k) + " C" + std::to_string(s.c) + " R" +
         std::to_string(s.r) + " S" + std::to_string(s.s) + " out " + std::to_string(s.out_y) + "x" +
         std::to_string(s.out_x);
}

constexpr int kLayers = 3000;

TEST(ArrayCostProperty, NoLayerIsFasterThanItsArithmeticOrItsOperands) {
  for (const std::string& id : all_arrays()) {
    RandomLayers layers;
    for (int i = 0; i < kLayers; ++i) {
      const LayerShape shape = layers.next();
      const Array array{id, 256U << layers.below(7), 8U << layers.below(8)};
      const auto model = array.make();
      const CostEstimate cost = model->estimate(shape);
      const double macs = static_cast<const ArrayCostModel&>(*model).costed_macs(shape);
      EXPECT_EQ(macs, static_cast<double>(shape.macs()));
      ASSERT_GE(cost.cycles, macs / static_cast<double>(array.pes)) << id << ' ' << text(shape);
      const auto operands = static_cast<double>(shape.input_elements() + shape.weight_elements());
      ASSERT_GE(cost.cycles, operands / static_cast<double>(array.bandwidth)) << id << ' ' << text(shape);
      ASSERT_GE(cost.energy_nj, 0.0);
      // No term alone takes longer than the whole.
      for (const double term : cost.terms) ASSERT_LE(term, cost.cycles) << id << ' ' << text(shape);
    }
  }
}

/// Upstream's analysis, and the fork's row-stationary mapping, are never slower with more PEs or more bandwidth. The
/// fork's weight- and output-stationary mappings are not so: see docs/cost_models.md.
TEST(ArrayCostProperty, MorePesOrBandwidthAreNeverSlower) {
  for (const std::string& id : all_arrays()) {
    if (id == "xrbench:dataflow=ws" || id == "xrbench:dataflow=os") continue;
    RandomLayers layers;
    for (int i = 0; i < kLayers; ++i) {
      const LayerShape shape = layers.next();
      const Array array{id, 256U << layers.below(6), 8U << layers.below(8)};
      const double cycles = array.make()->estimate(shape).cycles;
      ASSERT_LE((Array{id, 2 * array.pes, array.bandwidth}.make()->estimate(shape).cycles), cycles)
          << id << ' ' << text(shape) << ' ' << array.pes << " PEs";
      ASSERT_LE((Array{id, array.pes, 2 * array.bandwidth}.make()->estimate(shape).cycles), cycles)
          << id << ' ' << text(shape) << ' ' << array.bandwidth << " elements per cycle";
    }
  }
}

TEST(ArrayCostProperty, CostFollowsFromTheShapeAlone) {
  for (const std::string& id : all_arrays()) {
    RandomLayers layers;
    const auto once = Array{id, 2048, 128}.make();
    const auto again = Array{id, 2048, 128}.make();
    for (int i = 0; i < 200; ++i) {
      const LayerShape shape = layers.next();
      const CostEstimate first = once->estimate(shape);
      (void)once->estimate(layers.next());
      const CostEstimate second = once->estimate(shape);
      const CostEstimate other = again->estimate(shape);
      ASSERT_EQ(first.cycles, second.cycles);
      ASSERT_EQ(first.cycles, other.cycles);
      ASSERT_EQ(first.energy_nj, other.energy_nj);
    }
  }
}

/// The largest layers that are accepted do not overflow the counters.
TEST(ArrayCostProperty, HugeLayersAreCosted) {
  LayerShape wide;
  wide.k = std::uint64_t{1} << 26;
  wide.c = std::uint64_t{1} << 26;
  LayerShape flat;
  flat.k = 1;
  flat.c = 1;
  flat.y = flat.out_y = std::uint64_t{1} << 26;
  flat.x = flat.out_x = std::uint64_t{1} << 26;
  for (const std::string& id : all_arrays()) {
    for (const LayerShape& shape : {wide, flat}) {
      ASSERT_TRUE(shape_problem(shape).empty());
      const CostEstimate cost = Array{id, 4096, 256}.make()->estimate(shape);
      EXPECT_GE(cost.cycles, static_cast<double>(shape.macs()) / 4096.0) << id;
      EXPECT_GT(cost.l1_accesses, 0.0) << id;
      EXPECT_GT(cost.l2_accesses, 0.0) << id;
    }
  }
}

} // namespace
} // namespace terastal
