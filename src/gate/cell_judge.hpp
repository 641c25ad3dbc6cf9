#pragma once

#include <cstddef>
#include <string>

#include "terastal/gate/baseline.hpp"
#include "terastal/gate/check.hpp"

namespace terastal {

/// What all cells of a check share.
struct CellContext {
  const GatePlan* plan = nullptr;
  std::size_t replications = 0; ///< that are compared
  bool same_inputs = false;     ///< every file that was read is what it was
  bool update = false;          ///< metrics that the plan does not have any more are told
  std::string unpaired;         ///< why no replications can be paired; empty: they can where the seeds are the same
};

/// Judges one cell; either side may lack it, not both.
[[nodiscard]] CellCheck judge_cell(const CellContext& context, const GateCell* baseline, const GateCell* now);

} // namespace terastal
