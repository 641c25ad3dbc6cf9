#pragma once

#include <ostream>
#include <vector>

#include "terastal/experiment/throughput.hpp"
#include "terastal/io/load.hpp"
#include "terastal/report/format.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// The latency-bounded throughput of one scenario under several policies, and its conditions.
struct ThroughputReport {
  const LoadedScenario* scenario = nullptr;
  const std::vector<Policy>* policies = nullptr;
  const ThroughputOptions* options = nullptr;
  const std::vector<ThroughputResult>* results = nullptr; ///< in the order of the policies; fewer after an interrupt
  Environment environment;
};

/// Writes the report. CSV and jsonl hold a line per probe and per policy. Deterministic outside `environment`. `color`
/// matters for tables only.
void write(std::ostream& out, const ThroughputReport& report, Format format, bool color = false);

} // namespace terastal
