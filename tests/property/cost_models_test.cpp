// What must hold for every layer under every cost model, whatever its settings: physics, and what the models promise.
#include <algorithm> // max_element
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/cost_models.hpp"
#include "terastal/cost/matrix_products.hpp"

namespace terastal {
namespace {

using namespace testing;

constexpr int kShapes = 3000;

/// Random shapes and settings from a fixed seed.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool coin() { return below(2) == 0; }

  /// 1 … largest; small numbers as likely as large ones.
  std::uint64_t size(std::uint64_t largest) {
    std::uint64_t limit = 1;
    while (limit < largest && below(4) != 0) limit *= 2;
    return 1 + below(std::min(limit, largest));
  }

  LayerShape shape() {
    LayerShape s;
    s.kind = static_cast<OperatorKind>(below(kOperatorNames.size()));
    s.n = coin() ? 1 : size(8);
    s.groups = coin() ? 1 : size(16);
    s.c = s.groups * size(2048);
    s.k = s.groups * size(2048);
    s.r = size(11);
    s.s = coin() ? s.r : size(11);
    s.y = size(300);
    s.x = coin() ? s.y : size(300);
    s.stride_y = 1 + below(4);
    s.stride_x = coin() ? s.stride_y : 1 + below(4);
    s.out_y = (s.y + s.stride_y - 1) / s.stride_y;
    s.out_x = (s.x + s.stride_x - 1) / s.stride_x;
    if (s.kind == OperatorKind::depthwise) s.k = s.groups * size(4);
    if (s.kind == OperatorKind::transposed_conv) {
      s.out_y = s.y * s.stride_y;
      s.out_x = s.x * s.stride_x;
    }
    if (s.kind == OperatorKind::matmul) s.r = s.s = 1, s.out_y = s.y, s.out_x = s.x;
    if (s.kind == OperatorKind::pool || s.kind == OperatorKind::elementwise) s.k = s.c;
    if (s.kind == OperatorKind::elementwise) s.operands = 1 + below(3);
    return shape_problem(s).empty() ? s : shape();
  }

  const std::string& one_of(const std::vector<std::string>& choices) { return choices[below(choices.size())]; }
  std::string between(double low, double high, const std::string& unit) {
    const double share = static_cast<double>(below(1000)) / 1000.0;
    return std::to_string(low * std::pow(high / low, share)) + unit;
  }
  std::string whole(std::uint64_t largest, const std::string& unit = "") {
    return std::to_string(size(largest)) + unit;
  }

 private:
  std::mt19937_64 random_;
};

std::string text_of(const LayerShape& s) {
  std::ostringstream text;
  text << to_string(s.kind) << " N" << s.n << " K" << s.k << " C" << s.c << " R" << s.r << " S" << s.s << " Y" << s.y
       << " X" << s.x << " stride " << s.stride_y << ',' << s.stride_x << " out " << s.out_y << ',' << s.out_x
       << " groups " << s.groups << " operands " << s.operands;
  return text.str();
}

/// A model's settings by name, so that single ones can be changed.
struct Configuration {
  std::string id;
  std::map<std::string, std::string> settings;

  [[nodiscard]] std::unique_ptr<CostModel> make() const { return cost_model(id, {settings.begin(), settings.end()}); }
  [[nodiscard]] Configuration with(const std::string& name, const std::string& value) const {
    Configuration changed = *this;
    changed.settings[name] = value;
    return changed;
  }
  [[nodiscard]] double number(const std::string& name) const { return std::stod(settings.at(name)); }
};

Configuration random_configuration(const std::string& id, Draw& draw) {
  Configuration c{id, {}};
  c.settings["clock"] = draw.whole(3000, " MHz");
  c.settings["dram_bandwidth"] = draw.between(1e-2, 1e3, " GB/s");
  for (const char* energy : {"mac_energy", "l1_energy", "l2_energy", "dram_energy"}) {
    c.settings[energy] = draw.between(1e-3, 1e3, " pJ");
  }
  const auto overhead = draw.between(1e-3, 1e2, " us");
  if (id == "systolic") {
    c.settings["dataflow"] = draw.one_of({"ws", "os", "is"});
    c.settings["depthwise"] = draw.one_of({"array", "vector"});
    c.settings["rows"] = draw.whole(512);
    c.settings["cols"] = draw.whole(512);
    c.settings["vector_lanes"] = std::to_string(draw.below(64));
    for (const char* sram : {"input_sram", "weight_sram", "output_sram"})
      c.settings[sram] = draw.whole(1 << 14, " KiB");
    c.settings["element_bytes"] = std::to_string(1 + draw.below(4));
    c.settings["layer_overhead"] = overhead;
  } else if (id == "gpu") {
    c.settings["sms"] = draw.whole(128);
    c.settings["precision"] = draw.one_of({"int8", "fp16", "fp32"});
    c.settings["efficiency"] = draw.between(0.05, 1.0, "");
    c.settings["largest_tile"] = draw.one_of({"64", "128", "256"});
    c.settings["smallest_tile"] = draw.one_of({"8", "16", "64"});
    c.settings["block_outputs"] = draw.whole(1024);
    c.settings["l2_size"] = draw.whole(1 << 14, " KiB");
    c.settings["l2_bandwidth"] = draw.between(1.0, 1e4, " GB/s");
    c.settings["launch_overhead"] = overhead;
  } else if (id == "cpu") {
    c.settings["cores"] = draw.whole(64);
    c.settings["simd_bits"] = draw.one_of({"64", "128", "256", "512"});
    c.settings["fma_units"] = std::to_string(1 + draw.below(4));
    c.settings["precision"] = draw.one_of({"int8", "fp16", "fp32"});
    c.settings["efficiency"] = draw.between(0.05, 1.0, "");
    c.settings["l1_size"] = draw.whole(128, " KiB");
    c.settings["l2_size"] = draw.whole(2048, " KiB");
    c.settings["l3_size"] = draw.whole(1 << 15, " KiB");
    c.settings["l2_bandwidth"] = draw.between(1.0, 1e3, " GB/s");
    c.settings["l3_bandwidth"] = draw.between(1.0, 1e3, " GB/s");
    c.settings["dispatch_overhead"] = overhead;
  } else {
    c.settings["pes"] = draw.whole(1 << 16);
    c.settings["efficiency"] = draw.between(0.05, 1.0, "");
    c.settings["element_bytes"] = std::to_string(1 + draw.below(4));
    c.settings["layer_overhead"] = overhead;
  }
  return c;
}

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
