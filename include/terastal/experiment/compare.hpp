#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "terastal/experiment/metric_table.hpp"
#include "terastal/experiment/statistics.hpp"
#include "terastal/metrics/metrics.hpp"
#include "terastal/metrics/result.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// How to compare policies.
struct CompareOptions {
  std::optional<std::uint64_t> seed; ///< of the first replication, the next has seed + 1; the scenario's when absent
  std::size_t replications = 10;     ///< ≥ 1
  std::size_t threads = 0;           ///< 0: all cores. Results do not depend on it
  MetricsOptions metrics;
  std::vector<const MetricInfo*> chosen; ///< metrics to sum up in PolicyStatistics::chosen; the runs gather
                                         ///< RunResult::service when one of them needs it
  bool check_invariants = false;
  std::function<bool()> keep_going; ///< false: stop soon and keep what is finished. Called from all threads
  std::function<void(std::size_t done, std::size_t total)> progress; ///< after each run; calls do not overlap
};

/// A value over the replications, and how it differs from that of the first policy (nothing for the first itself).
struct Statistic {
  MeanEstimate value;
  std::optional<PairedComparison> against_first;
};

struct TaskStatistics {
  std::string task;
  Statistic miss_rate;
  Statistic accuracy_loss;
  Statistic response_mean_s; ///< mean response time of a replication, seconds
  Statistic energy_mj;
};

/// One metric of MetricInfo's table over the replications that have a value for it.
struct MetricStatistics {
  const MetricInfo* metric = nullptr;
  Statistic all;
  std::vector<Statistic> tasks; ///< empty where the metric has no part of a task, and in Comparison::overall
};

/// What one policy did, over the replications that every policy of the scenario finished.
struct PolicyStatistics {
  std::string policy;
  std::vector<TaskStatistics> tasks; ///< empty in Comparison::overall
  Statistic mean_miss_rate;          ///< mean over tasks: the headline
  Statistic weighted_miss_rate;      ///< misses of all jobs / all jobs
  Statistic accuracy_loss;           ///< mean over tasks whose network has variants
  Statistic energy_mj;
  std::vector<MetricStatistics> chosen; ///< in the order of CompareOptions::chosen
};

/// One scenario: all runs, and what follows from them.
struct ScenarioComparison {
  std::string scenario;
  std::uint64_t first_seed = 0;
  std::size_t replications = 0; ///< finished by every policy, counted from the first seed without a gap
  /// Two or more replications, and the seed made no difference to any policy: nothing in the scenario is random, so the
  /// intervals say nothing.
  bool alike = false;
  std::vector<std::vector<RunResult>> runs; ///< by policy, then replication; finished ones only
  std::vector<PolicyStatistics> policies;   ///< the first is what the others are compared against
};

struct Comparison {
  std::vector<ScenarioComparison> scenarios;
  /// Means over the scenarios, paired by replication; empty with fewer than two scenarios.
  std::vector<PolicyStatistics> overall;
  std::size_t requested_replications = 0;
  bool complete = true; ///< false when `keep_going` ended it early
};

/// Runs every scenario under every policy with the same seeds, in parallel, and compares the policies with the first.
/// Deterministic for any number of threads. \throws what `run` throws, of the first run that failed.
[[nodiscard]] Comparison compare(const std::vector<const Scenario*>& scenarios, const std::vector<Policy>& policies,
                                 const CompareOptions& options = {});

} // namespace terastal
