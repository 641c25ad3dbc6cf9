#pragma once

#include <ostream>

#include "terastal/io/load.hpp"
#include "terastal/metrics/result.hpp"
#include "terastal/report/format.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// One run and its conditions.
struct RunReport {
  const LoadedScenario* scenario = nullptr;
  const Policy* policy = nullptr;
  const RunResult* result = nullptr;
  bool exact_percentiles = false;
  bool check_invariants = false;
  Environment environment;
};

/// Writes the report of a run. Deterministic outside `environment`. `color` matters for tables only.
void write(std::ostream& out, const RunReport& report, Format format, bool color = false);

} // namespace terastal
