#include "experiment/summarise.hpp"

#include <algorithm>  // all_of, min
#include <functional> // invoke
#include <optional>

namespace terastal {
namespace {

using Values = std::vector<double>;

Statistic statistic_of(const Values& values, const Values& first, bool is_first, IntervalMethod method) {
  Statistic result;
  result.value = estimate_mean(values, kConfidence, method);
  if (!is_first) result.against_first = compare_paired(first, values, kConfidence, method);
  return result;
}

/// Where all seeds give the same run, differences are known rather than estimated.
Statistic known_if(bool alike, Statistic statistic) {
  if (statistic.against_first) statistic.against_first->exact = alike;
  return statistic;
}

/// Statistic of `get(run)` for one policy's runs against the first policy's.
template <typename Get>
Statistic over_runs(const ScenarioComparison& scenario, std::size_t policy, IntervalMethod method, Get get) {
  const auto values_of = [&](std::size_t p) {
    Values values;
    for (const RunResult& r : scenario.runs[p]) values.push_back(std::invoke(get, r));
    return values;
  };
  return known_if(scenario.alike, statistic_of(values_of(policy), values_of(0), policy == 0, method));
}

TaskStatistics task_statistics(const ScenarioComparison& scenario, std::size_t policy, std::size_t task,
                               IntervalMethod method) {
  const auto of_task = [&](auto get) {
    return over_runs(scenario, policy, method, [&](const RunResult& r) { return get(r.tasks[task]); });
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
Statistic over_sparse_runs(const ScenarioComparison& scenario, std::size_t policy, IntervalMethod method, Get get) {
  const auto values_of = [&](std::size_t p) {
    SparseValues values;
    for (const RunResult& r : scenario.runs[p]) values.push_back(get(r));
    return values;
  };
  return known_if(scenario.alike, statistic_of(values_of(policy), values_of(0), policy == 0, method));
}

MetricStatistics metric_statistics(const ScenarioComparison& scenario, std::size_t policy, const MetricInfo& metric,
                                   IntervalMethod method) {
  MetricStatistics result;
  result.metric = &metric;
  result.all = over_sparse_runs(scenario, policy, method, metric.of_run);
  if (metric.of_task == nullptr || scenario.runs[policy].empty()) return result;
  for (std::size_t t = 0; t < scenario.runs[policy].front().tasks.size(); ++t) {
    result.tasks.push_back(
        over_sparse_runs(scenario, policy, method, [&](const RunResult& r) { return metric.of_task(r, t); }));
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

Statistic statistic_of(const SparseValues& values, const SparseValues& first, bool is_first, IntervalMethod method) {
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
  result.value = estimate_mean(own, kConfidence, method);
  if (!is_first) result.against_first = compare_paired(base, mine, kConfidence, method);
  return result;
}

std::vector<PolicyStatistics> summarise(const ScenarioComparison& scenario, const std::vector<Policy>& policies,
                                        const CompareOptions& options) {
  std::vector<PolicyStatistics> result(policies.size());
  for (std::size_t p = 0; p < policies.size(); ++p) {
    const auto of = [&](auto get) { return over_runs(scenario, p, options.intervals, get); };
    result[p].policy = policies[p].label;
    const std::size_t tasks = scenario.runs[p].empty() ? 0 : scenario.runs[p].front().tasks.size();
    for (std::size_t t = 0; t < tasks; ++t) {
      result[p].tasks.push_back(task_statistics(scenario, p, t, options.intervals));
    }
    result[p].mean_miss_rate = of(&RunResult::mean_miss_rate);
    result[p].weighted_miss_rate = of(&RunResult::weighted_miss_rate);
    result[p].accuracy_loss = of(&RunResult::mean_accuracy_loss);
    result[p].energy_mj = of(&RunResult::energy_mj);
    for (const MetricInfo* metric : options.chosen) {
      result[p].chosen.push_back(metric_statistics(scenario, p, *metric, options.intervals));
    }
  }
  return result;
}

std::vector<PolicyStatistics> summarise_overall(const std::vector<ScenarioComparison>& scenarios,
                                                const std::vector<Policy>& policies, const CompareOptions& options) {
  std::size_t replications = scenarios.front().replications;
  for (const auto& s : scenarios) replications = std::min(replications, s.replications);
  const bool alike = std::all_of(scenarios.begin(), scenarios.end(), [](const auto& s) { return s.alike; });

  std::vector<PolicyStatistics> result(policies.size());
  for (std::size_t p = 0; p < policies.size(); ++p) {
    const auto of = [&](auto get) {
      return known_if(alike, statistic_of(over_scenarios(scenarios, p, replications, get),
                                          over_scenarios(scenarios, 0, replications, get), p == 0, options.intervals));
    };
    result[p].policy = policies[p].label;
    result[p].mean_miss_rate = of(&RunResult::mean_miss_rate);
    result[p].weighted_miss_rate = of(&RunResult::weighted_miss_rate);
    result[p].accuracy_loss = of(&RunResult::mean_accuracy_loss);
    result[p].energy_mj = of(&RunResult::energy_mj);
    for (const MetricInfo* metric : options.chosen) {
      const Statistic all =
          statistic_of(over_scenarios(scenarios, p, replications, *metric),
                       over_scenarios(scenarios, 0, replications, *metric), p == 0, options.intervals);
      result[p].chosen.push_back({metric, known_if(alike, all), {}});
    }
  }
  return result;
}

} // namespace terastal
