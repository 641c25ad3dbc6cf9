#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/offline/budgets.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// A combination of variants that one inference may use.
struct ValidSet {
  std::string variants; ///< names joined by `|`
  std::size_t size = 0; ///< number of variants
  double accuracy = 0.0;
  double loss = 0.0; ///< 1 − accuracy / baseline
};

/// What is decided offline for one task.
struct TaskPlan {
  TaskIndex task = 0;
  Duration period{0};      ///< mean distance of releases; zero when unknown
  Duration fastest_sum{0}; ///< all layers, each on its fastest accelerator type, no variants
  double load = 0.0;       ///< fastest_sum / period: accelerators it keeps busy at best; 0 when the period is unknown
  BudgetPlan budgets;
  /// Non-empty sets whose accuracy is at least θ · baseline, in ascending order of their bits. Additive models with
  /// more than 16 variants are not enumerated: see `enumerated`.
  std::vector<ValidSet> valid_sets;
  std::size_t known_sets = 0; ///< non-empty sets whose accuracy is known
  bool enumerated = true;
};

/// The plan of every task of a scenario.
struct ScenarioPlan {
  BudgetRule rule = BudgetRule::level;
  std::vector<TaskPlan> tasks; ///< in the scenario's order
  double load = 0.0;           ///< sum over tasks, in accelerators; more than there are cannot be served in time
};

/// Plans all tasks. The scenario must be valid.
[[nodiscard]] ScenarioPlan plan(const Scenario& scenario, BudgetRule rule);

} // namespace terastal
