#include "terastal/experiment/compare.hpp"

#include <algorithm> // all_of
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

bool all_alike(const std::vector<std::vector<RunResult>>& runs) {
  return std::all_of(runs.begin(), runs.end(), [](const std::vector<RunResult>& of_policy) {
    return of_policy.size() > 1 && std::all_of(of_policy.begin(), of_policy.end(), [&](const RunResult& r) {
             return r.digest == of_policy.front().digest;
           });
  });
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
  result.alike = all_alike(result.runs);
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
  for (auto& scenario : result.scenarios) scenario.policies = summarise(scenario, policies, options.chosen);
  if (scenarios.size() > 1) result.overall = summarise_overall(result.scenarios, policies, options.chosen);
  return result;
}

} // namespace terastal
