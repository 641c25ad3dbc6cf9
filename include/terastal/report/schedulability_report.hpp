#pragma once

#include <ostream>
#include <vector>

#include "terastal/experiment/schedulability.hpp"
#include "terastal/io/load.hpp"
#include "terastal/report/format.hpp"

namespace terastal {

/// Shares of schedulable task sets, and their conditions.
struct SchedulabilityReport {
  const LoadedScenario* pool = nullptr; ///< whose networks and platform the sets use
  const std::vector<SchedulabilityMethod>* methods = nullptr;
  const SchedulabilityOptions* options = nullptr;
  const Schedulability* result = nullptr;
  Environment environment;
};

/// Writes the report: table, json, csv (one row per utilisation and method), jsonl (one line for each such row).
/// Deterministic outside `environment`. `color` matters for tables only.
void write(std::ostream& out, const SchedulabilityReport& report, Format format, bool color = false);

} // namespace terastal
