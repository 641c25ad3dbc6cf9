#pragma once

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "terastal/cost/costed_network.hpp"
#include "terastal/report/format.hpp"

namespace terastal {

/// What layers cost, and how much of it to show.
struct CostReport {
  std::vector<CostedNetwork> networks;
  std::optional<std::string> layer; ///< tables: every term of this layer and its variants, and nothing else
  std::size_t top = 0;              ///< tables: only so many layers, the slowest first; 0: all, in order
};

/// Totals of a network on one target, over its layers' originals.
struct CostTotals {
  double latency_s = 0.0;
  double energy_nj = 0.0;
  double macs = 0.0;                   ///< of the layers that run
  std::size_t layers = 0;              ///< that run on the target
  std::optional<double> utilisation;   ///< over the layers that a model estimates; nothing when not known
  std::array<double, 4> bound_share{}; ///< share of the estimated time in layers bound by each CostTerm
};

[[nodiscard]] CostTotals cost_totals(const CostedNetwork& costed, std::size_t target);

/// Writes costs: table, json, csv (one row for each option and target), jsonl (one line for each network).
void write(std::ostream& out, const CostReport& report, Format format, bool color = false);

} // namespace terastal
