#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "terastal/model/network.hpp"

namespace terastal {

/// What UXCost asks of one model's counted jobs.
struct UxcostPart {
  std::uint64_t violated = 0;     ///< late or dropped
  std::uint64_t released = 0;     ///< with none, the model takes no part
  std::uint64_t completed = 0;    ///< late ones included
  double energy_nj = 0.0;         ///< really spent, that of dropped jobs included
  double largest_energy_nj = 0.0; ///< of the completed jobs, had every layer run on its worst accelerator
};

/// DLV, the rate of deadline violations: violated / released, but 1 / (2 · released) when none was violated, so that
/// the product does not collapse to zero. Nothing without jobs.
[[nodiscard]] inline std::optional<double> uxcost_violations(const UxcostPart& part) {
  if (part.released == 0) return std::nullopt;
  const double violated = part.violated == 0 ? 0.5 : static_cast<double>(part.violated);
  return violated / static_cast<double>(part.released);
}

/// NE, the normalised energy: energy spent / energy of the completed jobs on the worst accelerators. 1 when no job was
/// completed, so that dropping every job does not pay (our reading). Nothing without jobs or without energies.
[[nodiscard]] inline std::optional<double> uxcost_energy(const UxcostPart& part) {
  if (part.released == 0) return std::nullopt;
  if (part.completed == 0) return 1.0;
  if (part.largest_energy_nj <= 0.0) return std::nullopt;
  return part.energy_nj / part.largest_energy_nj;
}

/// UXCost of DREAM (Kim et al., ASPLOS 2023): (sum of DLV over models) · (sum of NE over models); smaller is better.
/// The abstract has the idea of a product; the parts are from recollection, and what NE is divided by is not known to
/// us (our reading). Nothing without jobs, or when a model with jobs has no energies.
[[nodiscard]] inline std::optional<double> uxcost(std::span<const UxcostPart> parts) {
  double violations = 0.0;
  double energies = 0.0;
  bool any = false;
  for (const UxcostPart& part : parts) {
    if (part.released == 0) continue;
    const auto energy = uxcost_energy(part);
    if (!energy) return std::nullopt;
    any = true;
    violations += *uxcost_violations(part);
    energies += *energy;
  }
  if (!any) return std::nullopt;
  return violations * energies;
}

/// Energy of one inference with every original layer on the accelerator type that takes most for it, in nanojoules.
/// 0 where the table has no energies. O(layers · types).
[[nodiscard]] inline double largest_energy_nj(const Network& network) {
  double sum = 0.0;
  for (const Layer& layer : network.layers) {
    double most = 0.0;
    for (TypeIndex t = 0; t < network.type_count; ++t) {
      if (network.latency_of(layer.first_option, t) == kCannotRun) continue;
      most = std::max(most, network.energy_of(layer.first_option, t));
    }
    sum += most;
  }
  return sum;
}

} // namespace terastal
