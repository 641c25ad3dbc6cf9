#pragma once

#include <ostream>

#include "terastal/experiment/analysis.hpp"
#include "terastal/io/load.hpp"
#include "terastal/report/format.hpp"

namespace terastal {

/// What tests say of a scenario, and how much of it to show.
struct AnalysisReport {
  const LoadedScenario* scenario = nullptr;
  const ScenarioAnalysis* analysis = nullptr;
  bool ideal = false; ///< tables: also tests for layers that can be preempted anywhere; JSON always has them
};

/// Writes an analysis: table, json, csv (one row for each task and policy), jsonl (one line for each test).
void write(std::ostream& out, const AnalysisReport& report, Format format, bool color = false);

} // namespace terastal
