#pragma once

#include <vector>

#include "experiment/run_grid.hpp"

namespace terastal {

/// The intervals that CompareOptions::until waits for, from a complete grid.
[[nodiscard]] std::vector<NamedInterval> watched_intervals(const RunGrid& grid, const CompareOptions& options);

/// What they say: whether all are narrow enough, and which one needs the most replications.
[[nodiscard]] SequentialOutcome judge_precision(const std::vector<NamedInterval>& watched, const StoppingRule& rule,
                                                std::size_t replications);

} // namespace terastal
