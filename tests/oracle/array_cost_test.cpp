#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "terastal/cost/bind.hpp"
#include "terastal/cost/models.hpp"
#include "terastal/io/load.hpp"

namespace terastal {
namespace {

const std::string kSource = TERASTAL_SOURCE_DIR;

struct ArrayType {
  std::string name;
  std::string model;
  std::string dataflow;
};

/// A platform of arrays of 1K, 2K and 4K PEs, named as the columns of the reference tables.
Platform platform_of(const std::vector<ArrayType>& arrays) {
  Platform platform;
  platform.name = "arrays";
  const std::vector<std::pair<std::string, std::uint64_t>> sizes = {{"1k", 1024}, {"2k", 2048}, {"4k", 4096}};
  for (const ArrayType& array : arrays) {
    for (const auto& [suffix, pes] : sizes) {
      AcceleratorType type;
      type.name = array.name + "_" + suffix;
      type.pes = pes;
      type.clock_hz = 1'000'000'000;
      type.cost = {array.model, {{"dataflow", array.dataflow}, {"noc_bandwidth", pes == 4096 ? "256" : "128"}}};
      platform.accelerators.push_back({type.name, static_cast<TypeIndex>(platform.types.size())});
      platform.types.push_back(type);
    }
  }
  return platform;
}

/// The platform without its cost models: a network then holds nothing but what its table says.
Platform tables_only(Platform platform) {
  for (AcceleratorType& type : platform.types) type.cost = {};
  return platform;
}

/// Compares a table's times and energies with the model's, for all layers and variants.
struct Comparison {
  std::size_t layers = 0;
  std::size_t wrong_times = 0;
  std::size_t wrong_energies = 0;
  std::string first_wrong;

  void add(const Network& network, const Platform& platform) {
    for (TypeIndex t = 0; t < platform.types.size(); ++t) {
      const auto model = make_cost_model(platform.types[t], builtin_cost_models());
      for (OptionIndex o = 0; o < network.options.size(); ++o) {
        ASSERT_TRUE(network.options[o].shape.has_value()) << network.name;
        const CostEstimate estimate = model->estimate(*network.options[o].shape);
        ++layers;
        if (latency_of(estimate, model->clock_hz()) != network.latency_of(o, t)) {
          ++wrong_times;
          if (first_wrong.empty())
            first_wrong = network.name + " option " + std::to_string(o) + " on " + platform.types[t].name;
        }
        // The tables print six digits.
        if (std::abs(estimate.energy_nj / network.energy_of(o, t) - 1.0) > 1e-5) ++wrong_energies;
      }
    }
  }
};

TEST(ArrayCost, XrbenchCalibrationReproducesThePapersTables) {
  const Platform platform = platform_of({{"ws", "xrbench", "ws"}, {"os", "xrbench", "os"}, {"rs", "xrbench", "rs"}});
  Comparison comparison;
  for (const auto& file : std::filesystem::directory_iterator(kSource + "/workloads/networks")) {
    if (file.path().extension() == ".yaml")
      comparison.add(load_network(file.path().string(), tables_only(platform)), platform);
  }
  EXPECT_GT(comparison.layers, 15'000U);
  EXPECT_EQ(comparison.wrong_times, 0U) << comparison.first_wrong;
  EXPECT_EQ(comparison.wrong_energies, 0U);
}

TEST(ArrayCost, MaestroCalibrationReproducesTheReferenceTable) {
  const Platform platform = platform_of({{"nvdla", "maestro", "ws"}, {"shidiannao", "maestro", "os"}});
  Comparison comparison;
  comparison.add(load_network(kSource + "/tests/oracle/maestro/reference.yaml", tables_only(platform)), platform);
  EXPECT_GT(comparison.layers, 10'000U);
  EXPECT_EQ(comparison.wrong_times, 0U) << comparison.first_wrong;
}

/// The tool's energy of a row is, by its code: second-level accesses of the row, and first-level accesses of the row
/// before it (none for the first row it is given); no MACs. With that, our counts give its figures.
TEST(ArrayCost, MaestroEnergiesAreTheReferenceShiftedByARow) {
  const Platform platform = platform_of({{"nvdla", "maestro", "ws"}, {"shidiannao", "maestro", "os"}});
  const Network network = load_network(kSource + "/tests/oracle/maestro/reference.yaml", tables_only(platform));
  std::size_t rows = 0;
  std::size_t wrong = 0;
  for (TypeIndex t = 0; t < platform.types.size(); ++t) {
    const auto model = make_cost_model(platform.types[t], builtin_cost_models());
    double l1_before = 0.0;
    std::string file;
    for (const Layer& layer : network.layers) {
      const std::string of = layer.name.substr(0, layer.name.find('/'));
      const bool first = of != file;
      file = of;
      const CostEstimate estimate = model->estimate(*network.options[layer.first_option].shape);
      const double l1 = first ? 0.0 : l1_before;
      l1_before = estimate.l1_accesses;
      // What the tool was given before the first row of a table of variants is not known.
      if (first && of.ends_with("_variants")) continue;
      const double energy_nj = 0.00023 * (1.68 * l1 + 18.61 * estimate.l2_accesses);
      ++rows;
      if (std::abs(energy_nj / network.energy_of(layer.first_option, t) - 1.0) > 1e-5) ++wrong;
    }
  }
  EXPECT_GT(rows, 10'000U);
  EXPECT_EQ(wrong, 0U);
}

/// The tables of the edge system are what its cost models give.
TEST(EdgeTables, AreThoseOfThePlatformsCostModels) {
  const Platform platform = load_platform(kSource + "/configs/platforms/edge_gpu_npu_tpu.yaml");
  Comparison comparison;
  for (const auto& file : std::filesystem::directory_iterator(kSource + "/workloads/edge/networks")) {
    if (file.path().extension() != ".yaml") continue;
    comparison.add(load_network(file.path().string(), tables_only(platform)), platform);
  }
  EXPECT_GT(comparison.layers, 7'000U);
  EXPECT_EQ(comparison.wrong_times, 0U) << comparison.first_wrong;
  EXPECT_EQ(comparison.wrong_energies, 0U);
}

} // namespace
} // namespace terastal
