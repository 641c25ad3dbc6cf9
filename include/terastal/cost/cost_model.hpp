#pragma once

#include <algorithm> // max
#include <array>
#include <cmath> // round
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "terastal/core/plugin.hpp"
#include "terastal/core/time.hpp"
#include "terastal/model/shape.hpp"

namespace terastal {

/// What a layer's latency is made of. A model leaves the terms it does not have at zero.
enum class CostTerm : std::uint8_t {
  compute,  ///< arithmetic, with idle processing elements and pipeline fill
  on_chip,  ///< moving data between the on-chip buffer and the processing elements, or through caches
  off_chip, ///< moving data to and from DRAM
  overhead, ///< fixed costs: kernel launch, array fill and drain that nothing hides
};

inline constexpr std::array<std::string_view, 4> kCostTermNames = {"compute", "on-chip", "off-chip", "overhead"};

[[nodiscard]] constexpr std::string_view to_string(CostTerm term) {
  return kCostTermNames[static_cast<std::size_t>(term)];
}

/// What one execution of a layer costs on one accelerator.
struct CostEstimate {
  double cycles = 0.0; ///< at the model's clock; whole for models that count cycles
  double energy_nj = 0.0;
  /// Cycles that each term would take if the others were free; indexed by CostTerm. `cycles` is at least the largest.
  std::array<double, 4> terms{};
  /// The term that bounds the layer: the one that most of its time is spent waiting for.
  CostTerm bound = CostTerm::compute;
  /// Accesses that the energy is counted from, in elements; zero where a model does not have the level.
  double l1_accesses = 0.0;
  double l2_accesses = 0.0;
  double dram_bytes = 0.0;
};

/// Estimates latency and energy of layers on one accelerator from their shapes alone. Stateless after construction, and
/// safe to use from several threads.
class CostModel {
 public:
  virtual ~CostModel() = default;
  CostModel() = default;
  CostModel(const CostModel&) = delete;
  CostModel& operator=(const CostModel&) = delete;

  /// Precondition: `shape_problem(shape)` is empty.
  [[nodiscard]] virtual CostEstimate estimate(const LayerShape& shape) const = 0;
  /// Clock in Hz that turns cycles into time, > 0.
  [[nodiscard]] virtual double clock_hz() const = 0;
};

/// A cost model's name, origin, settings, and how to make one.
using CostModelInfo = PluginInfo<CostModel>;

/// The cost models a program knows. Start from `builtin_cost_models()` and `add` your own.
class CostModelRegistry : public PluginRegistry<CostModel> {
 public:
  CostModelRegistry() : PluginRegistry("cost model") {}
};

/// An estimate as a time, rounded to the nearest picosecond, at least 1 ps. \throws SimulationError beyond the clock's
/// limit of 106 days.
[[nodiscard]] Duration latency_of(const CostEstimate& estimate, double clock_hz);

// -- implementation

inline Duration latency_of(const CostEstimate& estimate, double clock_hz) {
  const double ps = std::round(estimate.cycles / clock_hz * 1e12);
  if (!(ps < 9.2e18)) throw_time_overflow();
  return std::max(Duration{1}, Duration{static_cast<Duration::rep>(ps)});
}

} // namespace terastal
