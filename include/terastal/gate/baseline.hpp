#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "terastal/experiment/statistics.hpp"
#include "terastal/gate/rules.hpp"
#include "terastal/io/load.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// A place in a baseline's file, for messages; line 0: none.
struct BaselinePlace {
  int line = 0;
  int column = 0;
};

/// What a baseline runs, and how its numbers are judged.
struct GatePlan {
  std::vector<std::string> scenarios; ///< as the user gave them: paths from the current folder, or names; distinct
  std::vector<Policy> policies;       ///< with distinct labels; every scenario runs under each
  std::vector<Override> overrides;    ///< for every scenario
  std::size_t replications = 20;      ///< ≥ 1; seeds follow one another
  bool each_task = false;             ///< judge every task as well, where a metric has such a part
  Judge judge = Judge::noninferior; ///< of metrics that do not say otherwise; `exact`: event streams must be equal too
  double confidence = kConfidence;  ///< of the intervals, in [0.5, 1)
  std::vector<MetricRule> rules;    ///< the metrics, distinct, at least one
  std::vector<BaselinePlace> scenario_places; ///< of the scenarios in the file; empty for a plan from elsewhere
  std::vector<BaselinePlace> override_places; ///< of the overrides, likewise
};

/// One metric's values, by replication; nothing where a run has none.
struct MetricSeries {
  const MetricInfo* metric = nullptr;
  std::vector<std::optional<double>> values;

  bool operator==(const MetricSeries&) const = default;
};

/// The metrics of one task.
struct TaskSeries {
  std::string task;
  std::vector<MetricSeries> series;

  bool operator==(const TaskSeries&) const = default;
};

/// One scenario under one policy. Metrics without any value are left out.
struct GateCell {
  std::string scenario; ///< as in GatePlan::scenarios
  std::string policy;   ///< label
  std::uint64_t first_seed = 1;
  std::vector<std::uint64_t> digests; ///< of the event streams, by replication
  std::vector<MetricSeries> series;   ///< of all tasks together
  std::vector<TaskSeries> tasks;      ///< with GatePlan::each_task
  BaselinePlace place;
};

/// What was measured once, to be held against later.
struct Baseline {
  std::string path;    ///< of the file, as the user gave it
  std::string version; ///< of the program that measured it
  GatePlan plan;
  std::vector<InputFile> inputs; ///< what was read, each once
  std::vector<GateCell> cells;   ///< scenarios in the order of the plan, for each of them the policies
};

/// The mean of the values that there are; nothing without any.
[[nodiscard]] std::optional<double> mean_of(const MetricSeries& series);
/// The series of a metric; null when there is none.
[[nodiscard]] const MetricSeries* find_series(const std::vector<MetricSeries>& series, const MetricInfo& metric);
/// The cell of a scenario and a policy; null when there is none.
[[nodiscard]] const GateCell* find_cell(const std::vector<GateCell>& cells, const std::string& scenario,
                                        const std::string& policy);

/// Adds changes to a plan's: one of a path that is there already replaces the earlier one, and comes last.
void merge_overrides(GatePlan& plan, const std::vector<Override>& changes);

/// Whether two plans change their scenarios in the same way.
[[nodiscard]] bool same_overrides(const GatePlan& a, const GatePlan& b);

/// What a plan runs or judges otherwise than an earlier one, a line each: `policies: fcfs, edf → edf`.
[[nodiscard]] std::vector<std::string> plan_changes(const GatePlan& before, const GatePlan& now);

/// Whether two baselines hold the same measurement under the same plan and rules; the program's version does not count.
[[nodiscard]] bool same_content(const Baseline& a, const Baseline& b);

} // namespace terastal
