#pragma once

#include <algorithm> // max
#include <memory>
#include <vector>

#include "terastal/cost/common.hpp"
#include "terastal/cost/cost_model.hpp"

namespace terastal {

/// The roofline: a layer takes the longer of its arithmetic at peak rate and its compulsory traffic at full bandwidth,
/// and a fixed overhead before it. Williams, Waterman, Patterson: Roofline, CACM 52(4), 2009; the overhead is ours. For
/// accelerators of which no more is known.
class RooflineCostModel final : public CostModel {
 public:
  [[nodiscard]] static CostModelInfo info();
  explicit RooflineCostModel(const Settings& settings);

  [[nodiscard]] CostEstimate estimate(const LayerShape& shape) const override;
  [[nodiscard]] double clock_hz() const override { return clock_hz_; }

 private:
  double clock_hz_;
  double macs_per_cycle_;
  double bytes_per_cycle_;
  double element_bytes_;
  double overhead_cycles_;
  EnergyCosts energy_;
};

// -- implementation

inline CostModelInfo RooflineCostModel::info() {
  // Energies: as the systolic model's.
  constexpr EnergyCosts energy{0.3, 0.03, 12.5, 162.5};
  const std::vector<Setting> own = {
      Setting::integer("pes", 1024, 1, std::int64_t{1} << 40,
                       "multiply-accumulates each cycle at peak; operations of pooling and elementwise layers too"),
      Setting::number("efficiency", 1.0, 0.001, 1.0, "share of the peak that is reached"), element_bytes_setting(),
      Setting::duration("layer_overhead", Duration{0}, "fixed time before each layer")};
  return {"roofline",
          "peak arithmetic or off-chip bandwidth, whichever takes longer, and a fixed overhead",
          "Williams, Waterman, Patterson, CACM 2009",
          false,
          join_settings({own, clock_and_dram_settings(1e9, 25.6e9), energy.settings()}),
          [](const Settings& settings) { return std::make_unique<RooflineCostModel>(settings); }};
}

inline RooflineCostModel::RooflineCostModel(const Settings& settings)
    : clock_hz_(settings.number("clock")),
      macs_per_cycle_(static_cast<double>(settings.integer("pes")) * settings.number("efficiency")),
      bytes_per_cycle_(settings.number("dram_bandwidth") / clock_hz_),
      element_bytes_(static_cast<double>(settings.integer("element_bytes"))),
      overhead_cycles_(to_seconds(settings.duration("layer_overhead")) * clock_hz_),
      energy_(EnergyCosts::from(settings)) {}

inline CostEstimate RooflineCostModel::estimate(const LayerShape& shape) const {
  const auto operations = static_cast<double>(shape.macs());
  const auto elements = static_cast<double>(shape.input_elements() + shape.weight_elements() + shape.output_elements());
  CostEstimate result;
  result.l1_accesses = kRegisterAccesses * operations;
  result.l2_accesses = 2.0 * elements; // in from DRAM and out to the arithmetic, results the other way
  result.dram_bytes = elements * element_bytes_;
  const double compute = operations / macs_per_cycle_;
  const double off_chip = result.dram_bytes / bytes_per_cycle_;
  term_of(result, CostTerm::compute) = compute;
  term_of(result, CostTerm::off_chip) = off_chip;
  term_of(result, CostTerm::overhead) = overhead_cycles_;
  result.cycles = overhead_cycles_ + std::max(compute, off_chip);
  result.bound = largest_term(result);
  result.energy_nj = energy_.nanojoules(operations, result);
  return result;
}

} // namespace terastal
