#pragma once

#include <optional>
#include <ostream>

#include "terastal/experiment/plan.hpp"
#include "terastal/io/load.hpp"
#include "terastal/report/format.hpp"

namespace terastal {

/// What is decided offline, and how much of it to show.
struct PlanReport {
  const LoadedScenario* scenario = nullptr;
  const ScenarioPlan* plan = nullptr;
  std::optional<TaskIndex> task; ///< only this one
  bool layers = false; ///< tables: every layer and every valid variant set; JSON and CSV always have the layers
};

/// Writes a plan: table, json, or csv (one row per layer). jsonl: one line per task.
void write(std::ostream& out, const PlanReport& report, Format format, bool color = false);

} // namespace terastal
