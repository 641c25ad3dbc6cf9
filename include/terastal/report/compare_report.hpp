#pragma once

#include <ostream>
#include <vector>

#include "terastal/experiment/compare.hpp"
#include "terastal/io/load.hpp"
#include "terastal/report/format.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// A comparison and its conditions.
struct CompareReport {
  const std::vector<LoadedScenario>* scenarios = nullptr; ///< in the order of Comparison::scenarios
  const std::vector<Policy>* policies = nullptr;
  const Comparison* comparison = nullptr;
  Environment environment;
};

/// Writes the report of a comparison. Deterministic outside `environment`. `color` matters for tables only.
void write(std::ostream& out, const CompareReport& report, Format format, bool color = false);

} // namespace terastal
