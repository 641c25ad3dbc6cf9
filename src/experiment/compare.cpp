#include "terastal/experiment/compare.hpp"

#include <algorithm> // min
#include <utility>

#include "experiment/run_grid.hpp"
#include "experiment/summarise.hpp"

namespace terastal {
namespace {

/// Replications from the first on that every policy finished.
std::size_t finished_replications(const RunGrid& grid, std::size_t scenario) {
  for (std::size_t r = 0; r < grid.shape.replications; ++r) {
    for (std::size_t p = 0; p < grid.shape.policies; ++p) {
      if (!grid.at({scenario, p, r})) return r;
    }
  }
  return grid.shape.replications;
}

ScenarioComparison collect(RunGrid& grid, std::size_t index, const Scenario& scenario, const CompareOptions& options) {
  ScenarioComparison result;
  result.scenario = scenario.name;
  result.first_seed = options.seed.value_or(scenario.seed);
  result.replications = finished_replications(grid, index);
  result.runs.resize(grid.shape.policies);
  for (std::size_t p = 0; p < grid.shape.policies; ++p) {
    for (std::size_t r = 0; r < result.replications; ++r) {
      result.runs[p].push_back(std::move(*grid.at({index, p, r})));
    }
  }
  return result;
}

} // namespace

Comparison compare(const std::vector<const Scenario*>& scenarios, const std::vector<Policy>& policies,
                   const CompareOptions& options) {
  RunGrid grid = run_grid(scenarios, policies, options);

  Comparison result;
  result.requested_replications = options.replications;
  for (std::size_t s = 0; s < scenarios.size(); ++s) {
    result.scenarios.push_back(collect(grid, s, *scenarios[s], options));
    result.complete = result.complete && result.scenarios.back().replications == options.replications;
  }
  for (auto& scenario : result.scenarios) scenario.policies = summarise(scenario, policies);
  if (scenarios.size() > 1) result.overall = summarise_overall(result.scenarios, policies);
  return result;
}

} // namespace terastal
