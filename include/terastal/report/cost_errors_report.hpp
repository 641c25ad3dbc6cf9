#pragma once

#include <cstddef>
#include <ostream>
#include <vector>

#include "terastal/cost/cost_errors.hpp"
#include "terastal/report/format.hpp"

namespace terastal {

/// Cost models beside tables, and how many of the worst layers to show for each target.
struct CostErrorsReport {
  std::vector<TargetErrors> targets;
  std::size_t worst = 10;
};

/// Writes errors: table, json, csv (one row for each layer or variant and target), jsonl (one line for each target).
void write(std::ostream& out, const CostErrorsReport& report, Format format, bool color = false);

} // namespace terastal
