#pragma once

#include <algorithm> // max, min
#include <cstdint>
#include <memory>
#include <vector>

#include "terastal/cost/common.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/cost/matrix_products.hpp"

namespace terastal {

/// A multi-core CPU with SIMD units: output channels fill the lanes, and units of work (one output row of one vector of
/// channels) are dealt out to the cores. A layer takes the longest of arithmetic, cache and DRAM traffic, and the
/// dispatch of the operator.
///
/// Roofline with cache levels: Williams et al., CACM 2009, and Ilic et al., Cache-aware Roofline, CAL 2014. Units of
/// work and counts of traffic are our reading; docs/cost_models.md has the formulas.
class CpuCostModel final : public CostModel {
 public:
  [[nodiscard]] static CostModelInfo info();
  explicit CpuCostModel(const Settings& settings);

  [[nodiscard]] CostEstimate estimate(const LayerShape& shape) const override;
  [[nodiscard]] double clock_hz() const override { return clock_hz_; }

 private:
  struct Work {
    std::uint64_t units = 1; ///< what one core does alone at the least
    double unit_fmas = 0.0;  ///< vector instructions in one unit
    double l1_fills = 0.0;   ///< elements between L2 and L1
    double l2_fills = 0.0;   ///< elements between L3 and L2
    double l3_fills = 0.0;   ///< elements between DRAM and L3
  };

  [[nodiscard]] Work matrix_work(const MatrixProducts& p) const;
  [[nodiscard]] Work channel_work(const LayerShape& shape) const;
  [[nodiscard]] Work elementwise_work(const LayerShape& shape) const;
  [[nodiscard]] Work work(const LayerShape& shape) const;

  std::uint64_t cores_;
  std::uint64_t lanes_;
  double fmas_per_cycle_; ///< vector instructions each cycle and core, efficiency included
  double element_bytes_;
  double l1_elements_;
  double l2_elements_;
  double l3_elements_;
  double clock_hz_;
  double l2_bytes_per_cycle_; ///< each core
  double l3_bytes_per_cycle_; ///< all cores
  double dram_bytes_per_cycle_;
  double dispatch_cycles_;
  EnergyCosts energy_;
};

// -- implementation

inline CostModelInfo CpuCostModel::info() {
  // Defaults: the twelve Cortex-A78AE cores of Jetson AGX Orin (NVIDIA technical brief): 2.2 GHz, 64 KB L1, 256 KB L2,
  // 2 MB L3 for each of three clusters, 204.8 GB/s; two 128-bit SIMD pipes (Arm, Cortex-A78 optimisation guide). Cache
  // bandwidths, efficiency and dispatch overhead are our reading. Energies: 45 nm (Horowitz, ISSCC 2014): FP32 multiply
  // 3.7 pJ + add 0.9 pJ + a quarter of an instruction's 70 pJ; for four bytes: 32 KB SRAM 10 pJ, 1 MB SRAM 50 pJ; DRAM
  // 1.3 nJ for 8 bytes.
  constexpr EnergyCosts energy{22.1, 10.0, 50.0, 162.5};
  const auto cache = [](std::string name, double bytes, std::string help) {
    return Setting::quantity(std::move(name), Dimension::bytes, bytes, 1024.0, kLargestMemory, std::move(help));
  };
  const std::vector<Setting> own = {
      Setting::integer("cores", 12, 1, 65536, "cores that share a layer"),
      Setting::integer("simd_bits", 128, 32, 65536, "width of a vector register"),
      Setting::integer("fma_units", 2, 1, 64, "vector multiply-accumulates that one core starts each cycle"),
      Setting::choice("precision", "fp32", {"int8", "fp16", "fp32"}, "of elements: 1, 2 or 4 bytes"),
      Setting::number("efficiency", 0.7, 0.001, 1.0, "share of the peak that inner loops reach"),
      cache("l1_size", 65536.0, "first-level data cache of one core"),
      cache("l2_size", 262144.0, "second-level cache of one core"),
      cache("l3_size", 6291456.0, "last-level cache of all cores"),
      Setting::quantity("l2_bandwidth", Dimension::bandwidth, 70.4e9, 1e3, 1e18, "second-level cache to one core"),
      Setting::quantity("l3_bandwidth", Dimension::bandwidth, 211.2e9, 1e3, 1e18, "last-level cache to all cores"),
      Setting::duration("dispatch_overhead", std::chrono::microseconds(5), "dispatch of one operator to the cores")};
  return {"cpu",
          "multi-core CPU: vector units, caches, dispatch overhead",
          "Williams et al., CACM 2009 (roofline); Ilic et al., CAL 2014 (cache levels)",
          true,
          join_settings({own, clock_and_dram_settings(2.2e9, 204.8e9), energy.settings()}),
          [](const Settings& settings) { return std::make_unique<CpuCostModel>(settings); }};
}

inline CpuCostModel::CpuCostModel(const Settings& settings)
    : cores_(static_cast<std::uint64_t>(settings.integer("cores"))),
      lanes_(static_cast<std::uint64_t>(std::max(1.0, static_cast<double>(settings.integer("simd_bits")) / 8.0 /
                                                          bytes_of_precision(settings.choice("precision"))))),
      fmas_per_cycle_(static_cast<double>(settings.integer("fma_units")) * settings.number("efficiency")),
      element_bytes_(bytes_of_precision(settings.choice("precision"))),
      l1_elements_(settings.number("l1_size") / element_bytes_),
      l2_elements_(settings.number("l2_size") / element_bytes_),
      l3_elements_(settings.number("l3_size") / element_bytes_), clock_hz_(settings.number("clock")),
      l2_bytes_per_cycle_(settings.number("l2_bandwidth") / clock_hz_),
      l3_bytes_per_cycle_(settings.number("l3_bandwidth") / clock_hz_),
      dram_bytes_per_cycle_(settings.number("dram_bandwidth") / clock_hz_),
      dispatch_cycles_(to_seconds(settings.duration("dispatch_overhead")) * clock_hz_),
      energy_(EnergyCosts::from(settings)) {}

inline CpuCostModel::Work CpuCostModel::matrix_work(const MatrixProducts& p) const {
  const auto count = static_cast<double>(p.count);
  const auto input = static_cast<double>(p.input);
  const auto weights = static_cast<double>(p.weights);
  const auto output = static_cast<double>(p.output);
  const auto fills = [&](double capacity) { return count * (reads_through(capacity, input, weights) + output); };
  Work work;
  work.units = p.count * (p.rows / p.line) * ceil_div(p.columns, lanes_);
  work.unit_fmas = static_cast<double>(p.line) * static_cast<double>(p.depth);
  work.l1_fills = fills(l1_elements_);
  work.l2_fills = fills(l2_elements_);
  work.l3_fills = fills(l3_elements_);
  return work;
}

/// Depthwise and pooling layers: every channel for itself, channels in the lanes.
inline CpuCostModel::Work CpuCostModel::channel_work(const LayerShape& shape) const {
  Work work;
  work.units = shape.n * shape.out_y * ceil_div(shape.output_channels(), lanes_);
  work.unit_fmas = static_cast<double>(shape.out_x) * static_cast<double>(shape.r * shape.s);
  work.l1_fills = static_cast<double>(shape.input_elements() + shape.weight_elements() + shape.output_elements());
  work.l2_fills = work.l3_fills = work.l1_fills;
  return work;
}

inline CpuCostModel::Work CpuCostModel::elementwise_work(const LayerShape& shape) const {
  Work work;
  work.units = ceil_div(shape.output_elements(), lanes_);
  work.unit_fmas = static_cast<double>(shape.operands);
  work.l1_fills = static_cast<double>(shape.input_elements() + shape.output_elements());
  work.l2_fills = work.l3_fills = work.l1_fills;
  return work;
}

inline CpuCostModel::Work CpuCostModel::work(const LayerShape& shape) const {
  if (multiplies_matrices(shape.kind)) return matrix_work(matrix_products(shape));
  return shape.kind == OperatorKind::elementwise ? elementwise_work(shape) : channel_work(shape);
}

inline CostEstimate CpuCostModel::estimate(const LayerShape& shape) const {
  const Work w = work(shape);
  const auto busy_cores = static_cast<double>(std::min(cores_, w.units));
  const auto operations = static_cast<double>(shape.macs());
  const double compute = static_cast<double>(ceil_div(w.units, cores_)) * w.unit_fmas / fmas_per_cycle_;
  const double from_l2 = w.l1_fills * element_bytes_ / (l2_bytes_per_cycle_ * busy_cores);
  const double from_l3 = w.l2_fills * element_bytes_ / l3_bytes_per_cycle_;
  const double on_chip = std::max(from_l2, from_l3);
  CostEstimate result;
  result.l1_accesses = operations + static_cast<double>(shape.output_elements());
  result.l2_accesses = w.l1_fills + w.l2_fills;
  result.dram_bytes = w.l3_fills * element_bytes_;
  const double off_chip = result.dram_bytes / dram_bytes_per_cycle_;
  term_of(result, CostTerm::compute) = compute;
  term_of(result, CostTerm::on_chip) = on_chip;
  term_of(result, CostTerm::off_chip) = off_chip;
  term_of(result, CostTerm::overhead) = dispatch_cycles_;
  result.cycles = dispatch_cycles_ + std::max({compute, on_chip, off_chip});
  result.bound = largest_term(result);
  result.energy_nj = energy_.nanojoules(operations, result);
  return result;
}

} // namespace terastal
