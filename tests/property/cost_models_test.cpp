// What must hold for every layer under every cost model, whatever its settings: physics, and what the models promise.
#include <algorithm> // max_element
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "property/random_cost_case.hpp"
#include "terastal/cost/matrix_products.hpp"

namespace terastal {
namespace {

using namespace testing;

constexpr int kShapes = 3000;

const std::vector<std::string> kModels = {"systolic", "gpu", "cpu", "roofline"};

/// Calls `check(configuration, model, shape)` for many shapes and settings of every model.
void for_each_case(std::uint64_t seed,
                   const std::function<void(const Configuration&, const CostModel&, const LayerShape&)>& check) {
  for (const std::string& id : kModels) {
    Draw draw(seed);
    for (int i = 0; i < kShapes && !::testing::Test::HasFailure(); ++i) {
      const Configuration configuration = random_configuration(id, draw);
      const LayerShape shape = draw.shape();
      SCOPED_TRACE(id + ": " + text_of(shape));
      for (const auto& [name, value] : configuration.settings) SCOPED_TRACE(name + ": " + value);
      check(configuration, *configuration.make(), shape);
    }
  }
}

double bytes_of_element(const Configuration& c) {
  if (c.settings.count("element_bytes") != 0) return c.number("element_bytes");
  const std::string& precision = c.settings.at("precision");
  return precision == "int8" ? 1.0 : precision == "fp16" ? 2.0 : 4.0;
}

/// Operations each cycle that the hardware could do at best for this kind of layer, from what its maker states.
double peak_operations(const Configuration& c, OperatorKind kind) {
  const bool matrix =
      kind == OperatorKind::conv || kind == OperatorKind::transposed_conv || kind == OperatorKind::matmul;
  if (c.id == "systolic") {
    const double lanes = c.number("vector_lanes");
    const bool on_array = matrix || (kind == OperatorKind::depthwise && c.settings.at("depthwise") == "array");
    if (on_array) return c.number("rows") * c.number("cols");
    return lanes == 0.0 ? c.number("cols") : lanes;
  }
  if (c.id == "gpu") {
    const std::map<std::string, double> rates = {{"int8", 2048}, {"fp16", 1024}, {"fp32", 128}};
    return c.number("sms") * (matrix ? rates.at(c.settings.at("precision")) : 128.0);
  }
  if (c.id == "cpu") {
    return c.number("cores") * c.number("fma_units") * c.number("simd_bits") / 8.0 / bytes_of_element(c);
  }
  return c.number("pes");
}

constexpr double kRounding = 1e-9;

// -- physics

TEST(CostModels, NoLayerIsFasterThanItsArithmetic) {
  for_each_case(1, [](const Configuration& c, const CostModel& model, const LayerShape& shape) {
    const double least = static_cast<double>(shape.macs()) / peak_operations(c, shape.kind);
    ASSERT_GE(model.estimate(shape).cycles, least * (1.0 - kRounding));
  });
}

TEST(CostModels, NoLayerIsFasterThanItsCompulsoryTraffic) {
  for_each_case(2, [](const Configuration& c, const CostModel& model, const LayerShape& shape) {
    const auto elements =
        static_cast<double>(shape.input_elements() + shape.weight_elements() + shape.output_elements());
    const double bytes = elements * bytes_of_element(c);
    const CostEstimate estimate = model.estimate(shape);
    ASSERT_GE(estimate.dram_bytes, bytes * (1.0 - kRounding));
    const double least = bytes / (c.number("dram_bandwidth") * 1e9) * model.clock_hz();
    ASSERT_GE(estimate.cycles, least * (1.0 - kRounding));
  });
}

TEST(CostModels, EnergyIsPositiveAndAtLeastThatOfArithmeticAndTraffic) {
  for_each_case(3, [](const Configuration& c, const CostModel& model, const LayerShape& shape) {
    const CostEstimate estimate = model.estimate(shape);
    const double arithmetic = static_cast<double>(shape.macs()) * c.number("mac_energy") / 1000.0;
    const double traffic = estimate.dram_bytes * c.number("dram_energy") / 1000.0;
    ASSERT_GT(estimate.energy_nj, 0.0);
    ASSERT_GE(estimate.energy_nj, (arithmetic + traffic) * (1.0 - kRounding));
  });
}

TEST(CostModels, TheLargestShapesDoNotOverflow) {
  int checked = 0;
  Draw draw(12);
  for (int i = 0; i < 10 * kShapes; ++i) {
    LayerShape shape;
    shape.kind = static_cast<OperatorKind>(draw.below(kOperatorNames.size()));
    for (std::uint64_t* dimension : {&shape.n, &shape.k, &shape.c, &shape.r, &shape.out_y, &shape.out_x}) {
      *dimension = std::uint64_t{1} << draw.below(32);
    }
    shape.y = shape.out_y;
    shape.x = shape.out_x;
    shape.groups = std::min(shape.c, shape.k) >> draw.below(4);
    if (shape.groups == 0 || !shape_problem(shape).empty() || shape.macs() < std::uint64_t{1} << 40) continue;
    SCOPED_TRACE(text_of(shape));
    ++checked;
    for (const std::string& id : kModels) {
      const Configuration c = random_configuration(id, draw);
      const double least = static_cast<double>(shape.macs()) / peak_operations(c, shape.kind);
      ASSERT_GE(c.make()->estimate(shape).cycles, least * (1.0 - kRounding)) << id;
    }
  }
  EXPECT_GT(checked, 200);
}

// -- what an estimate is

TEST(CostModels, EveryEstimateIsFiniteAndNamesItsLargestTerm) {
  for_each_case(4, [](const Configuration& c, const CostModel& model, const LayerShape& shape) {
    const CostEstimate estimate = model.estimate(shape);
    ASSERT_TRUE(std::isfinite(estimate.cycles));
    double sum = 0.0;
    for (const double term : estimate.terms) {
      ASSERT_GE(term, 0.0);
      ASSERT_GE(estimate.cycles, term * (1.0 - kRounding));
      sum += term;
    }
    ASSERT_LE(estimate.cycles, sum * (1.0 + kRounding)); // no time without a reason
    ASSERT_EQ(cycles_of(estimate, estimate.bound), *std::max_element(estimate.terms.begin(), estimate.terms.end()));
    ASSERT_GT(estimate.l1_accesses, 0.0);
    ASSERT_GT(estimate.l2_accesses, 0.0);
    if (c.id == "systolic") {
      ASSERT_EQ(estimate.cycles, std::floor(estimate.cycles));
    }
  });
}

TEST(CostModels, AnEstimateDependsOnTheShapeAlone) {
  for_each_case(5, [](const Configuration& c, const CostModel& model, const LayerShape& shape) {
    const CostEstimate first = model.estimate(shape);
    const auto another = c.make();
    (void)another->estimate(square_conv(64, 64, 3, 56)); // nothing is remembered
    for (const CostEstimate& again : {model.estimate(shape), another->estimate(shape)}) {
      ASSERT_EQ(again.cycles, first.cycles);
      ASSERT_EQ(again.energy_nj, first.energy_nj);
      ASSERT_EQ(again.terms, first.terms);
      ASSERT_EQ(again.bound, first.bound);
      ASSERT_EQ(again.dram_bytes, first.dram_bytes);
    }
  });
}

TEST(CostModels, EnergyIsLinearInItsConstants) {
  const std::vector<std::string> constants = {"mac_energy", "l1_energy", "l2_energy", "dram_energy"};
  for_each_case(6, [&](const Configuration& c, const CostModel& model, const LayerShape& shape) {
    const double all = model.estimate(shape).energy_nj;
    double parts = 0.0;
    for (const std::string& alone : constants) {
      Configuration one = c;
      for (const std::string& other : constants) {
        if (other != alone) one.settings[other] = "0 pJ";
      }
      const double part = one.make()->estimate(shape).energy_nj;
      one.settings[alone] = std::to_string(2.0 * c.number(alone)) + " pJ";
      ASSERT_NEAR(one.make()->estimate(shape).energy_nj, 2.0 * part, 1e-9 * part);
      parts += part;
    }
    ASSERT_NEAR(parts, all, 1e-9 * all);
  });
}

// -- more hardware

/// A setting's value times two, with its unit.
std::string doubled(const std::string& value) {
  std::size_t unit = 0;
  const double number = std::stod(value, &unit);
  std::ostringstream text;
  text.precision(15);
  text << std::min(2.0 * number, value.substr(unit).empty() && number < 1.0 ? 1.0 : 1e300) << value.substr(unit);
  return text.str();
}

const std::map<std::string, std::vector<std::string>> kNeverSlower = {
    {"systolic", {"dram_bandwidth", "clock", "input_sram", "weight_sram", "output_sram"}},
    {"gpu", {"dram_bandwidth", "clock", "sms", "efficiency", "l2_size", "l2_bandwidth"}},
    {"cpu",
     {"dram_bandwidth", "clock", "cores", "fma_units", "efficiency", "l1_size", "l2_size", "l3_size", "l2_bandwidth",
      "l3_bandwidth"}},
    {"roofline", {"dram_bandwidth", "clock", "pes", "efficiency"}}};

TEST(CostModels, MoreOfAResourceIsNeverSlower) {
  for_each_case(7, [](const Configuration& c, const CostModel& model, const LayerShape& shape) {
    const double before = model.estimate(shape).cycles / model.clock_hz();
    for (const std::string& name : kNeverSlower.at(c.id)) {
      const auto larger = c.with(name, doubled(c.settings.at(name))).make();
      const double after = larger->estimate(shape).cycles / larger->clock_hz();
      ASSERT_LE(after, before * (1.0 + kRounding)) << "with twice the " << name;
    }
  });
}

// Wider vectors compute no slower, but a layer of few channels may then keep fewer cores, and so fewer caches, busy.
TEST(CostModels, WiderVectorsNeverComputeSlower) {
  for_each_case(11, [](const Configuration& c, const CostModel& model, const LayerShape& shape) {
    if (c.id != "cpu") return;
    const auto wider = c.with("simd_bits", doubled(c.settings.at("simd_bits"))).make();
    ASSERT_LE(cycles_of(wider->estimate(shape), CostTerm::compute),
              cycles_of(model.estimate(shape), CostTerm::compute) * (1.0 + kRounding));
  });
}

TEST(CostModels, OneMoreCoreOrSmIsNeverSlower) {
  for_each_case(8, [](const Configuration& c, const CostModel& model, const LayerShape& shape) {
    const std::map<std::string, std::string> counts = {{"gpu", "sms"}, {"cpu", "cores"}, {"roofline", "pes"}};
    const auto count = counts.find(c.id);
    if (count == counts.end()) return;
    const std::string one_more = std::to_string(static_cast<std::int64_t>(c.number(count->second)) + 1);
    ASSERT_LE(c.with(count->second, one_more).make()->estimate(shape).cycles,
              model.estimate(shape).cycles * (1.0 + kRounding));
  });
}

/// Extents of a product along an array's rows and columns, as the dataflow lays it out.
std::pair<std::uint64_t, std::uint64_t> spatial_extents(const std::string& dataflow, const MatrixProducts& p) {
  if (dataflow == "ws") return {p.depth, p.columns};
  return dataflow == "os" ? std::pair(p.rows, p.columns) : std::pair(p.depth, p.rows);
}

// A larger systolic array takes longer to fill and drain. The exact conditions: where twice the rows or columns halve
// the number of folds, arithmetic is never slower; where one fold was enough, each product takes 2 more cycles for each
// new row and 1 for each new column.
TEST(CostModels, ALargerSystolicArrayPaysForItsFill) {
  Draw draw(9);
  int halved = 0;
  int single = 0;
  for (int i = 0; i < kShapes; ++i) {
    Configuration c = random_configuration("systolic", draw).with("depthwise", "array");
    for (const char* sram : {"input_sram", "weight_sram", "output_sram"}) c.settings[sram] = "1024 GiB"; // no cuts
    const LayerShape shape = draw.shape();
    if (shape.kind == OperatorKind::pool || shape.kind == OperatorKind::elementwise) continue;
    SCOPED_TRACE(text_of(shape));
    const MatrixProducts p = matrix_products(shape);
    const auto [along_rows, along_columns] = spatial_extents(c.settings.at("dataflow"), p);
    const auto compute = [&](const Configuration& array) {
      return cycles_of(array.make()->estimate(shape), CostTerm::compute);
    };
    const double before = compute(c);
    const auto check = [&](const char* edge, std::uint64_t extent, std::uint64_t other_folds, double per_line) {
      const auto size = static_cast<std::uint64_t>(c.number(edge));
      const std::uint64_t folds = ceil_div(extent, size);
      const double after = compute(c.with(edge, std::to_string(2 * size)));
      if (folds % 2 == 0) {
        ++halved;
        ASSERT_LE(after, before);
      } else if (folds == 1) {
        ++single;
        ASSERT_EQ(after, before + static_cast<double>(p.count * other_folds * size) * per_line);
      }
    };
    const std::uint64_t row_folds = ceil_div(along_rows, static_cast<std::uint64_t>(c.number("rows")));
    const std::uint64_t column_folds = ceil_div(along_columns, static_cast<std::uint64_t>(c.number("cols")));
    check("rows", along_rows, column_folds, 2.0);
    check("cols", along_columns, row_folds, 1.0);
  }
  EXPECT_GT(halved, 500);
  EXPECT_GT(single, 500);
}

// -- lowering

TEST(MatrixProducts, CountEveryMacAndEveryElementOnce) {
  Draw draw(10);
  for (int i = 0; i < kShapes; ++i) {
    const LayerShape shape = draw.shape();
    if (shape.kind == OperatorKind::pool || shape.kind == OperatorKind::elementwise) continue;
    SCOPED_TRACE(text_of(shape));
    const MatrixProducts p = matrix_products(shape);
    ASSERT_EQ(p.count * p.rows * p.columns * p.depth, shape.macs());
    ASSERT_EQ(p.count * (p.input + p.weights),
              shape.input_elements() + shape.weight_elements()); // a matmul's second operand is an input
    ASSERT_EQ(p.count * p.output, shape.output_elements());
    ASSERT_EQ(p.rows % p.line, 0U);
    if (shape.kind != OperatorKind::transposed_conv) {
      ASSERT_EQ(p.rows * p.columns, p.output);
    }
  }
}

} // namespace
} // namespace terastal
