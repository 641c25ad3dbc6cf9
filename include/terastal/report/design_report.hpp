#pragma once

#include <ostream>
#include <vector>

#include "terastal/experiment/design.hpp"
#include "terastal/io/load.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/report/format.hpp"

namespace terastal {

/// A design, and how much of it to show.
struct DesignReport {
  const Platform* platform = nullptr;
  const LoadedScenario* scenario = nullptr; ///< null for networks on their own
  const DesignOptions* options = nullptr;
  const std::vector<DesignResult>* results = nullptr;
  bool all = false; ///< tables: every candidate; JSON and CSV always have them
};

/// Writes a design: table, json, or csv (one row per candidate). jsonl: one line per network. Losses that are assumed
/// are marked so in every format.
void write(std::ostream& out, const DesignReport& report, Format format, bool color = false);

} // namespace terastal
