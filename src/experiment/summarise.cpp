#include "experiment/summarise.hpp"

#include <algorithm>  // min
#include <functional> // invoke
#include <optional>

namespace terastal {
namespace {

using Values = std::vector<double>;

Statistic statistic(const Values& values, const Values& first, bool is_first) {
  Statistic result;
  result.value = estimate_mean(values);
  if (!is_first) result.against_first = compare_paired(first, values);
  return result;
}

/// Of values that some replications may lack.
using SparseValues = std::vector<std::optional<double>>;

Statistic statistic(const SparseValues& values, const SparseValues& first, bool is_first) {
  Values own;
  Values mine; // of the replications that both have
  Values base;
  for (std::size_t r = 0; r < values.size(); ++r) {
    if (!values[r]) continue;
    own.push_back(*values[r]);
    if (!first[r]) continue;
    mine.push_back(*values[r]);
    base.push_back(*first[r]);
  }
  Statistic result;
  result.value = estimate_mean(own);
  if (!is_first) result.against_first = compare_paired(base, mine);
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

/// Statistic of an optional value of a run.
template <typename Get>
Statistic over_sparse_runs(const ScenarioComparison& scenario, std::size_t policy, Get get) {
  const auto values_of = [&](std::size_t p) {
    SparseValues values;
    for (const RunResult& r : scenario.runs[p]) values.push_back(get(r));
    return values;
  };
  return statistic(values_of(policy), values_of(0), policy == 0);
}

MetricStatistics metric_statistics(const ScenarioComparison& scenario, std::size_t policy, const MetricInfo& metric) {
  MetricStatistics result;
  result.metric = &metric;
  result.all = over_sparse_runs(scenario, policy, metric.of_run);
  if (metric.of_task == nullptr || scenario.runs[policy].empty()) return result;
  for (std::size_t t = 0; t < scenario.runs[policy].front().tasks.size(); ++t) {
    result.tasks.push_back(
        over_sparse_runs(scenario, policy, [&](const RunResult& r) { return metric.of_task(r, t); }));
  }
  return result;
}

/// Mean over the scenarios of one metric, by replication; nothing where a scenario has no value.
SparseValues over_scenarios(const std::vector<ScenarioComparison>& scenarios, std::size_t policy,
                            std::size_t replications, const MetricInfo& metric) {
  SparseValues values;
  for (std::size_t r = 0; r < replications; ++r) {
    std::optional<double> sum = 0.0;
    for (const ScenarioComparison& s : scenarios) {
      const auto value = metric.of_run(s.runs[policy][r]);
      sum = sum && value ? std::optional(*sum + *value) : std::nullopt;
    }
    values.push_back(sum ? std::optional(*sum / static_cast<double>(scenarios.size())) : std::nullopt);
  }
  return values;
}

} // namespace

std::vector<PolicyStatistics> summarise(const ScenarioComparison& scenario, const std::vector<Policy>& policies,
                                        const std::vector<const MetricInfo*>& chosen) {
  std::vector<PolicyStatistics> result(policies.size());
  for (std::size_t p = 0; p < policies.size(); ++p) {
    result[p].policy = policies[p].label;
    const std::size_t tasks = scenario.runs[p].empty() ? 0 : scenario.runs[p].front().tasks.size();
    for (std::size_t t = 0; t < tasks; ++t) result[p].tasks.push_back(task_statistics(scenario, p, t));
    result[p].mean_miss_rate = over_runs(scenario, p, &RunResult::mean_miss_rate);
    result[p].weighted_miss_rate = over_runs(scenario, p, &RunResult::weighted_miss_rate);
    result[p].accuracy_loss = over_runs(scenario, p, &RunResult::mean_accuracy_loss);
    result[p].energy_mj = over_runs(scenario, p, &RunResult::energy_mj);
    for (const MetricInfo* metric : chosen) result[p].chosen.push_back(metric_statistics(scenario, p, *metric));
  }
  return result;
}

std::vector<PolicyStatistics> summarise_overall(const std::vector<ScenarioComparison>& scenarios,
                                                const std::vector<Policy>& policies,
                                                const std::vector<const MetricInfo*>& chosen) {
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
    for (const MetricInfo* metric : chosen) {
      const Statistic all = statistic(over_scenarios(scenarios, p, replications, *metric),
                                      over_scenarios(scenarios, 0, replications, *metric), p == 0);
      result[p].chosen.push_back({metric, all, {}});
    }
  }
  return result;
}

} // namespace terastal
