#pragma once

#include <ostream>
#include <string>

#include "terastal/gate/baseline.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// The version of the file: raised when a key changes its meaning or goes away.
inline constexpr int kBaselineVersion = 1;

/// Reads a baseline's file. \throws InputError with every problem found, each with its line and column: unknown keys,
/// policies and metrics, cells that do not fit the plan, means that are not those of their values.
[[nodiscard]] Baseline read_baseline(const std::string& path, const PolicyRegistry& policies);

/// Writes a baseline as JSON: equal baselines give equal bytes, numbers read back unchanged, and what changes is on a
/// line of its own: one for each metric of a cell.
void write_baseline(std::ostream& out, const Baseline& baseline);

} // namespace terastal
