#include "experiment/summarise.hpp"

#include <algorithm>  // min
#include <functional> // invoke

namespace terastal {
namespace {

using Values = std::vector<double>;

Statistic statistic(const Values& values, const Values& first, bool is_first) {
  Statistic result;
  result.value = estimate_mean(values);
  if (!is_first) result.against_first = compare_paired(first, values);
  return result;
}

/// Statistic of `get(run)` for one policy's runs against the first policy's.
template <typename Get>
Statistic over_runs(const ScenarioComparison& scenario, std::size_t policy, Get get) {
  const auto values_of = [&](std::size_t p) {
    Values values;
    for (const RunResult& r : scenario.runs[p]) values.push_back(std::invoke(get, r));
    return values;
  };
  return statistic(values_of(policy), values_of(0), policy == 0);
}

TaskStatistics task_statistics(const ScenarioComparison& scenario, std::size_t policy, std::size_t task) {
  const auto of_task = [&](auto get) {
    return over_runs(scenario, policy, [&](const RunResult& r) { return get(r.tasks[task]); });
  };
  TaskStatistics result;
  if (!scenario.runs[policy].empty()) result.task = scenario.runs[policy].front().tasks[task].task;
  result.miss_rate = of_task([](const TaskResult& t) { return t.miss_rate; });
  result.accuracy_loss = of_task([](const TaskResult& t) { return t.accuracy_loss; });
  result.response_mean_s = of_task([](const TaskResult& t) { return t.response.mean_s; });
  result.energy_mj = of_task([](const TaskResult& t) { return t.energy_mj; });
  return result;
}

/// Mean over the scenarios of one number, by replication.
template <typename Get>
Values over_scenarios(const std::vector<ScenarioComparison>& scenarios, std::size_t policy, std::size_t replications,
                      Get get) {
  Values values;
  for (std::size_t r = 0; r < replications; ++r) {
    double sum = 0.0;
    for (const ScenarioComparison& s : scenarios) sum += std::invoke(get, s.runs[policy][r]);
    values.push_back(sum / static_cast<double>(scenarios.size()));
  }
  return values;
}

} // namespace

std::vector<PolicyStatistics> summarise(const ScenarioComparison& scenario, const std::vector<Policy>& policies) {
  std::vector<PolicyStatistics> result(policies.size());
  for (std::size_t p = 0; p < policies.size(); ++p) {
    result[p].policy = policies[p].label;
    const std::size_t tasks = scenario.runs[p].empty() ? 0 : scenario.runs[p].front().tasks.size();
    for (std::size_t t = 0; t < tasks; ++t) result[p].tasks.push_back(task_statistics(scenario, p, t));
    result[p].mean_miss_rate = over_runs(scenario, p, &RunResult::mean_miss_rate);
    result[p].weighted_miss_rate = over_runs(scenario, p, &RunResult::weighted_miss_rate);
    result[p].accuracy_loss = over_runs(scenario, p, &RunResult::mean_accuracy_loss);
    result[p].energy_mj = over_runs(scenario, p, &RunResult::energy_mj);
  }
  return result;
}

std::vector<PolicyStatistics> summarise_overall(const std::vector<ScenarioComparison>& scenarios,
                                                const std::vector<Policy>& policies) {
  std::size_t replications = scenarios.front().replications;
  for (const auto& s : scenarios) replications = std::min(replications, s.replications);

  std::vector<PolicyStatistics> result(policies.size());
  for (std::size_t p = 0; p < policies.size(); ++p) {
    const auto of = [&](auto get) {
      return statistic(over_scenarios(scenarios, p, replications, get), over_scenarios(scenarios, 0, replications, get),
                       p == 0);
    };
    result[p].policy = policies[p].label;
    result[p].mean_miss_rate = of(&RunResult::mean_miss_rate);
    result[p].weighted_miss_rate = of(&RunResult::weighted_miss_rate);
    result[p].accuracy_loss = of(&RunResult::mean_accuracy_loss);
    result[p].energy_mj = of(&RunResult::energy_mj);
  }
  return result;
}

} // namespace terastal
