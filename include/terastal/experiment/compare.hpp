#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "terastal/experiment/metric_table.hpp"
#include "terastal/experiment/sequential.hpp"
#include "terastal/experiment/statistics.hpp"
#include "terastal/experiment/verdict.hpp"
#include "terastal/experiment/warm_up.hpp"
#include "terastal/metrics/metrics.hpp"
#include "terastal/metrics/result.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// No comparison has more replications, so seeds from here on are free for pilot runs.
inline constexpr std::uint64_t kMaxReplications = 1'000'000;

/// How to compare policies.
struct CompareOptions {
  std::optional<std::uint64_t> seed; ///< of the first replication, the next has seed + 1; the scenario's when absent
  std::size_t replications = 10;     ///< 1 to kMaxReplications
  /// Goes on until every interval that is watched is narrow enough; `replications` then does not count. Watched are, in
  /// every scenario and for every policy, the value and the difference from the first policy of each chosen metric, of
  /// the miss rate (mean over tasks) when none is chosen. A metric that no replication has a value of is not watched.
  /// A relative half-width is a share of the value, for a difference of the larger of the two values. All scenarios get
  /// the same number of replications.
  std::optional<StoppingRule> until;
  IntervalMethod intervals = IntervalMethod::student_t;
  bool holm = false; ///< judge the differences together: Statistic::judgement
  /// Looks for each scenario's warm-up by MSER-5 first and puts it in place of the scenario's own. The pilot runs, this
  /// many per policy, have the seeds from the first one's + kMaxReplications on. 0: the scenarios' own warm-up.
  std::size_t warm_up_pilots = 0;
  std::size_t threads = 0; ///< 0: all cores. Results do not depend on it
  MetricsOptions metrics;
  std::vector<const MetricInfo*> chosen; ///< metrics to sum up in PolicyStatistics::chosen; the runs gather
                                         ///< RunResult::service when one of them needs it
  bool check_invariants = false;
  std::function<bool()> keep_going; ///< false: stop soon and keep what is finished. Called from all threads
  std::function<void(std::size_t done, std::size_t total)> progress; ///< after each run; calls do not overlap
};

/// What one of many differences says when they are judged together.
struct Judgement {
  double p_value = 1.0;          ///< of the paired t-test, whatever the intervals are
  double adjusted_p_value = 1.0; ///< Holm's, over all differences of the comparison that are judged
  Verdict verdict = Verdict::inconclusive;
};

/// A value over the replications, and how it differs from that of the first policy (nothing for the first itself).
struct Statistic {
  MeanEstimate value;
  std::optional<PairedComparison> against_first;
  /// With CompareOptions::holm, for the differences of every scenario and of their mean: of all chosen metrics, or of
  /// both miss rates when none is chosen. Not for single tasks. Nothing for fewer than two replications.
  std::optional<Judgement> judgement;
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

/// An interval that CompareOptions::until waits for.
struct NamedInterval {
  std::size_t scenario = 0;
  std::size_t policy = 0;
  const MetricInfo* metric = nullptr;
  bool difference = false; ///< from the first policy; else the policy's value
  WatchedInterval interval;
};

/// How CompareOptions::until ended.
struct SequentialOutcome {
  StoppingRule rule;
  bool reached = false;
  std::size_t replications = 0;        ///< of every scenario and policy
  std::optional<NamedInterval> widest; ///< the one farthest from (or nearest to) the precision asked for
  std::size_t needed = 0;              ///< about how many replications it needs in all
};

/// One scenario: all runs, and what follows from them.
struct ScenarioComparison {
  std::string scenario;
  std::uint64_t first_seed = 0;
  std::size_t replications = 0; ///< finished by every policy, counted from the first seed without a gap
  /// Two or more replications, and the seed made no difference to any policy: nothing in the scenario is random, so the
  /// intervals say nothing.
  bool alike = false;
  std::optional<WarmUpEstimate> warm_up;    ///< when it was looked for; its `warm_up` was used if it has one
  std::vector<std::vector<RunResult>> runs; ///< by policy, then replication; finished ones only
  std::vector<PolicyStatistics> policies;   ///< the first is what the others are compared against
};

struct Comparison {
  std::vector<ScenarioComparison> scenarios;
  /// Means over the scenarios, paired by replication; empty with fewer than two scenarios.
  std::vector<PolicyStatistics> overall;
  std::size_t requested_replications = 0; ///< with `until`: what it had decided on when it ended
  bool complete = true;                   ///< false when `keep_going` ended it early
  IntervalMethod intervals = IntervalMethod::student_t;
  std::optional<SequentialOutcome> until; ///< when it was asked for
  std::size_t judged = 0;                 ///< differences that were judged together; 0 without CompareOptions::holm
};

/// Runs every scenario under every policy with the same seeds, in parallel, and compares the policies with the first.
/// Deterministic for any number of threads. \throws what `run` throws, of the first run that failed.
[[nodiscard]] Comparison compare(const std::vector<const Scenario*>& scenarios, const std::vector<Policy>& policies,
                                 const CompareOptions& options = {});

} // namespace terastal
