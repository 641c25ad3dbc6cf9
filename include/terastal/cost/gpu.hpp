#pragma once

#include <algorithm> // max
#include <cmath>     // ceil
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/cost/common.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/cost/matrix_products.hpp"

namespace terastal {

/// A GPU: matrix products are cut into square tiles, one at a time on each streaming multiprocessor (SM), in
/// ceil(tiles / SMs) waves; of the allowed tile sizes the fastest is taken. Everything else runs on the ordinary cores,
/// in blocks of outputs. A layer takes the longest of arithmetic, L2 and DRAM traffic, and the launch of its kernel.
///
/// Tile and wave quantisation: NVIDIA, Matrix Multiplication Background, User's Guide, §3; roofline: Williams et al.,
/// CACM 2009. The choice of tiles and the counts of traffic are our reading; docs/cost_models.md has the formulas.
class GpuCostModel final : public CostModel {
 public:
  [[nodiscard]] static CostModelInfo info();
  /// \throws InputError if the smallest tile is larger than the largest.
  explicit GpuCostModel(const Settings& settings);

  [[nodiscard]] CostEstimate estimate(const LayerShape& shape) const override;
  [[nodiscard]] double clock_hz() const override { return clock_hz_; }

 private:
  struct Work {
    double compute = 0.0;       ///< cycles
    double l2_elements = 0.0;   ///< between L2 and the SMs
    double dram_elements = 0.0; ///< between DRAM and L2
  };

  [[nodiscard]] Work tiled_work(const MatrixProducts& p, std::uint64_t tile) const;
  [[nodiscard]] Work matrix_work(const MatrixProducts& p) const;
  [[nodiscard]] Work vector_work(const LayerShape& shape) const;
  [[nodiscard]] double on_chip_cycles(const Work& work) const {
    return work.l2_elements * element_bytes_ / l2_bytes_per_cycle_;
  }

  std::uint64_t sms_;
  std::uint64_t largest_tile_;
  std::uint64_t smallest_tile_;
  std::uint64_t block_outputs_;
  double matrix_macs_; ///< multiply-accumulates each cycle and SM, efficiency included
  double vector_operations_;
  double element_bytes_;
  double l2_elements_;
  double clock_hz_;
  double l2_bytes_per_cycle_;
  double dram_bytes_per_cycle_;
  double launch_cycles_;
  EnergyCosts energy_;
};

// -- implementation

inline CostModelInfo GpuCostModel::info() {
  // Defaults: Jetson AGX Orin (NVIDIA, Jetson AGX Orin Series technical brief): 16 SMs of 128 CUDA cores, 1.3 GHz,
  // 170 sparse and so 85 dense INT8 TOPS, half of that in FP16, 4 MB L2, 204.8 GB/s. L2 bandwidth (64 bytes each cycle
  // and SM), efficiency and launch overhead are our reading. Energies: 45 nm (Horowitz, ISSCC 2014): FP16 multiply 1.1
  // pJ
  // + FP32 add 0.9 pJ; for two bytes: 8 KB SRAM 2.5 pJ, 1 MB SRAM 25 pJ; DRAM 1.3 nJ for 8 bytes.
  constexpr EnergyCosts energy{2.0, 2.5, 25.0, 162.5};
  const auto macs = [](std::string name, std::int64_t value, std::string help) {
    return Setting::integer(std::move(name), value, 1, 1 << 20, std::move(help));
  };
  const std::vector<Setting> own = {
      Setting::integer("sms", 16, 1, 65536, "streaming multiprocessors"),
      Setting::choice("precision", "fp16", {"int8", "fp16", "fp32"}, "of elements: 1, 2 or 4 bytes"),
      macs("int8_macs", 2048, "multiply-accumulates of matrix products each cycle and SM at int8, dense"),
      macs("fp16_macs", 1024, "the same at fp16"),
      macs("fp32_macs", 128, "the same at fp32; operations of all other layers at any precision"),
      Setting::number("efficiency", 0.5, 0.001, 1.0, "share of the peak that a full tile or block reaches"),
      macs("largest_tile", 128, "edge of the largest tile of a matrix product's result"),
      macs("smallest_tile", 16, "edge of the smallest tile; between them every halving"),
      macs("block_outputs", 256, "outputs in one block of a layer that is no matrix product"),
      Setting::quantity("l2_size", Dimension::bytes, 4194304.0, 1024.0, kLargestMemory, "last-level cache"),
      Setting::quantity("l2_bandwidth", Dimension::bandwidth, 1331.2e9, 1e3, 1e18, "last-level cache to all SMs"),
      Setting::duration("launch_overhead", std::chrono::microseconds(5), "launch of one layer's kernel")};
  return {"gpu",
          "GPU: tiles in waves over SMs, L2 and DRAM traffic, launch overhead",
          "NVIDIA Matrix Multiplication Background User's Guide (tiles, waves); Williams et al., CACM 2009 (roofline)",
          true,
          join_settings({own, clock_and_dram_settings(1.3e9, 204.8e9), energy.settings()}),
          [](const Settings& settings) { return std::make_unique<GpuCostModel>(settings); }};
}

inline GpuCostModel::GpuCostModel(const Settings& settings)
    : sms_(static_cast<std::uint64_t>(settings.integer("sms"))),
      largest_tile_(static_cast<std::uint64_t>(settings.integer("largest_tile"))),
      smallest_tile_(static_cast<std::uint64_t>(settings.integer("smallest_tile"))),
      block_outputs_(static_cast<std::uint64_t>(settings.integer("block_outputs"))),
      matrix_macs_(static_cast<double>(settings.integer(settings.choice("precision") + "_macs")) *
                   settings.number("efficiency")),
      vector_operations_(static_cast<double>(settings.integer("fp32_macs")) * settings.number("efficiency")),
      element_bytes_(bytes_of_precision(settings.choice("precision"))),
      l2_elements_(settings.number("l2_size") / element_bytes_), clock_hz_(settings.number("clock")),
      l2_bytes_per_cycle_(settings.number("l2_bandwidth") / clock_hz_),
      dram_bytes_per_cycle_(settings.number("dram_bandwidth") / clock_hz_),
      launch_cycles_(to_seconds(settings.duration("launch_overhead")) * clock_hz_),
      energy_(EnergyCosts::from(settings)) {
  if (smallest_tile_ > largest_tile_) {
    throw InputError("smallest_tile (" + std::to_string(smallest_tile_) + ") must not be larger than largest_tile (" +
                     std::to_string(largest_tile_) + ")");
  }
}

inline GpuCostModel::Work GpuCostModel::tiled_work(const MatrixProducts& p, std::uint64_t tile) const {
  const std::uint64_t row_tiles = ceil_div(p.rows, tile);
  const std::uint64_t column_tiles = ceil_div(p.columns, tile);
  const auto count = static_cast<double>(p.count);
  const auto waves = static_cast<double>(ceil_div(p.count * row_tiles * column_tiles, sms_));
  const auto tile_macs = static_cast<double>(tile * tile) * static_cast<double>(p.depth);
  const auto input = static_cast<double>(p.input);
  const auto weights = static_cast<double>(p.weights);
  const auto output = static_cast<double>(p.output);
  Work work;
  work.compute = waves * tile_macs / matrix_macs_;
  // Every column of tiles reads the inputs, every row of tiles reads the weights.
  work.l2_elements =
      count * (input * static_cast<double>(column_tiles) + weights * static_cast<double>(row_tiles) + output);
  work.dram_elements = count * (reads_through(l2_elements_, input, weights) + output);
  return work;
}

inline GpuCostModel::Work GpuCostModel::matrix_work(const MatrixProducts& p) const {
  Work best;
  double best_cycles = std::numeric_limits<double>::infinity();
  for (std::uint64_t tile = largest_tile_; tile >= smallest_tile_; tile /= 2) {
    const Work work = tiled_work(p, tile);
    const double cycles = std::max(work.compute, on_chip_cycles(work));
    if (cycles >= best_cycles) continue;
    best = work;
    best_cycles = cycles;
  }
  return best;
}

inline GpuCostModel::Work GpuCostModel::vector_work(const LayerShape& shape) const {
  const std::uint64_t outputs = shape.output_elements();
  const double operations_each = static_cast<double>(shape.macs()) / static_cast<double>(outputs);
  const auto waves = static_cast<double>(ceil_div(ceil_div(outputs, block_outputs_), sms_));
  Work work;
  work.compute = waves * static_cast<double>(block_outputs_) * operations_each / vector_operations_;
  work.l2_elements = static_cast<double>(shape.input_elements() + shape.weight_elements() + outputs);
  work.dram_elements = work.l2_elements;
  return work;
}

inline CostEstimate GpuCostModel::estimate(const LayerShape& shape) const {
  const Work work = multiplies_matrices(shape.kind) ? matrix_work(matrix_products(shape)) : vector_work(shape);
  CostEstimate result;
  result.l1_accesses = 2.0 * work.l2_elements; // written to shared memory and read once
  result.l2_accesses = work.l2_elements + work.dram_elements;
  result.dram_bytes = work.dram_elements * element_bytes_;
  const double on_chip = on_chip_cycles(work);
  const double off_chip = result.dram_bytes / dram_bytes_per_cycle_;
  term_of(result, CostTerm::compute) = work.compute;
  term_of(result, CostTerm::on_chip) = on_chip;
  term_of(result, CostTerm::off_chip) = off_chip;
  term_of(result, CostTerm::overhead) = launch_cycles_;
  result.cycles = launch_cycles_ + std::max({work.compute, on_chip, off_chip});
  result.bound = largest_term(result);
  result.energy_nj = energy_.nanojoules(static_cast<double>(shape.macs()), result);
  return result;
}

} // namespace terastal
