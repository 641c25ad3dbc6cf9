#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "terastal/cost/cost_model.hpp"
#include "terastal/io/load.hpp"
#include "terastal/sched/default_policies.hpp"
#include "terastal/sweep/sweep.hpp"

namespace terastal {

/// What a sweep's document refers to.
struct SweepContext {
  /// The path of a scenario that is given by name and is no file beside the sweep. \throws InputError. Empty: there are
  /// only files.
  std::function<std::string(const std::string& name)> find_scenario = {};
  PolicyRegistry policies = default_policies();
  CostModelRegistry cost_models = default_cost_models();
  /// Told how many of the values of scenarios and settings were tried, which may take long when there are thousands.
  std::function<void(std::size_t done, std::size_t total)> tried = {};
};

/// Reads a sweep; `overrides` replace parts of its document, e.g. `axes.seed=1..3`. Every scenario is loaded with every
/// value of every axis at least once, so that paths, units and files that are wrong are found before anything runs;
/// time and errors grow with the sum of the values, not with their product. \throws InputError with every problem
/// found.
[[nodiscard]] Sweep load_sweep(const std::string& path, const std::vector<Override>& overrides = {},
                               const SweepContext& context = {});

} // namespace terastal
