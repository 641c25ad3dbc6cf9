#pragma once

#include <ostream>
#include <vector>

#include "terastal/experiment/tune.hpp"
#include "terastal/io/load.hpp"
#include "terastal/report/format.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// A search for settings and its conditions.
struct TuneReport {
  const LoadedScenario* scenario = nullptr;
  const Policy* policy = nullptr; ///< as given
  const std::vector<TunedSetting>* settings = nullptr;
  const TuneOptions* options = nullptr;
  const TuneResult* result = nullptr;
  Environment environment;
};

/// Writes the report. CSV and jsonl hold a line per probe. Deterministic outside `environment`. `color` matters for
/// tables only.
void write(std::ostream& out, const TuneReport& report, Format format, bool color = false);

} // namespace terastal
