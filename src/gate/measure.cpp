#include "terastal/gate/measure.hpp"

#include <algorithm> // any_of
#include <cmath>     // isfinite
#include <utility>

#include "experiment/run_grid.hpp"

namespace terastal {
namespace {

using Runs = std::vector<const RunResult*>; ///< of one cell, by replication

std::optional<double> finite(std::optional<double> value) {
  return value && std::isfinite(*value) ? value : std::nullopt;
}

/// One metric over the runs; nothing when no run has a value.
template <typename Get>
void add_series(std::vector<MetricSeries>& to, const MetricInfo& metric, const Runs& runs, Get get) {
  MetricSeries series{&metric, {}};
  for (const RunResult* run : runs) series.values.push_back(finite(get(*run)));
  const bool any = std::any_of(series.values.begin(), series.values.end(), [](const auto& v) { return v.has_value(); });
  if (any) to.push_back(std::move(series));
}

std::vector<TaskSeries> task_series(const GatePlan& plan, const Scenario& scenario, const Runs& runs) {
  std::vector<TaskSeries> tasks;
  for (std::size_t t = 0; t < scenario.tasks.size(); ++t) {
    TaskSeries task{scenario.tasks[t].name, {}};
    for (const MetricRule& rule : plan.rules) {
      if (rule.metric->of_task == nullptr) continue;
      add_series(task.series, *rule.metric, runs, [&](const RunResult& run) { return rule.metric->of_task(run, t); });
    }
    tasks.push_back(std::move(task));
  }
  return tasks;
}

/// Replications, from the first on, that every cell finished.
std::size_t finished(const RunGrid& grid) {
  for (std::size_t i = 0; i < grid.results.size(); ++i) {
    if (!grid.results[i]) return grid.shape.index(i).replication;
  }
  return grid.shape.replications;
}

void add_inputs(std::vector<InputFile>& to, const std::vector<InputFile>& more) {
  for (const InputFile& file : more) {
    const bool known = std::any_of(to.begin(), to.end(), [&](const InputFile& f) { return f.path == file.path; });
    if (!known) to.push_back(file);
  }
}

} // namespace

void pin_seeds(std::vector<LoadedScenario>& scenarios, const Baseline& baseline) {
  for (std::size_t s = 0; s < scenarios.size(); ++s) {
    for (const GateCell& cell : baseline.cells) {
      if (cell.scenario == baseline.plan.scenarios[s]) scenarios[s].scenario.seed = cell.first_seed;
    }
  }
}

Measurement measure(const GatePlan& plan, const std::vector<LoadedScenario>& scenarios, const MeasureOptions& options) {
  CompareOptions grid_options;
  grid_options.replications = plan.replications;
  grid_options.threads = options.threads;
  grid_options.keep_going = options.keep_going;
  grid_options.progress = options.progress;
  for (const MetricRule& rule : plan.rules) grid_options.chosen.push_back(rule.metric);
  std::vector<const Scenario*> pointers;
  for (const LoadedScenario& loaded : scenarios) pointers.push_back(&loaded.scenario);
  const RunGrid grid = run_grid(pointers, plan.policies, grid_options);

  Measurement result;
  result.replications = finished(grid);
  result.complete = result.replications == plan.replications;
  for (std::size_t s = 0; s < scenarios.size(); ++s) {
    add_inputs(result.inputs, scenarios[s].inputs);
    for (std::size_t p = 0; p < plan.policies.size(); ++p) {
      Runs runs;
      for (std::size_t r = 0; r < result.replications; ++r) runs.push_back(grid.at({s, p, r}).get());
      GateCell cell;
      cell.scenario = plan.scenarios[s];
      cell.policy = plan.policies[p].label;
      cell.first_seed = scenarios[s].scenario.seed;
      for (const RunResult* run : runs) cell.digests.push_back(run->digest);
      for (const MetricRule& rule : plan.rules) add_series(cell.series, *rule.metric, runs, rule.metric->of_run);
      if (plan.each_task) cell.tasks = task_series(plan, *pointers[s], runs);
      result.cells.push_back(std::move(cell));
    }
  }
  return result;
}

} // namespace terastal
