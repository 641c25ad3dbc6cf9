#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/metrics/service_result.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Summary of a sample of durations.
struct DurationSummary {
  std::uint64_t count = 0;
  double mean_s = 0.0;             ///< seconds; exact sum divided by the count
  Duration p50{0}, p95{0}, p99{0}; ///< nearest rank; relative error ≤ 0.1 % unless exact percentiles were asked for
  Duration max{0};
};

/// How often one implementation of one layer ran in the counted, completed jobs of a task.
struct VariantUse {
  std::string layer;  ///< `network:layer` in an alternative network
  std::string option; ///< variant names joined by `|`; empty for the original
  std::uint64_t count = 0;
};

/// What one task's counted jobs did: those released in [warm-up, horizon), cascades by the release of their root.
struct TaskResult {
  std::string task;
  std::string network;
  std::uint64_t released = 0;
  std::uint64_t completed = 0;
  std::uint64_t late = 0;    ///< completed after the deadline
  std::uint64_t dropped = 0; ///< never completed; released = completed + dropped
  double miss_rate = 0.0;    ///< (late + dropped) / released; 0 when nothing was released

  DurationSummary response;                  ///< completion − release
  DurationSummary tardiness;                 ///< max(0, completion − deadline) over completed jobs
  std::optional<DurationSummary> end_to_end; ///< cascades: completion − release of the root

  std::uint64_t longest_miss_run = 0;           ///< most consecutive misses, in release order
  std::optional<std::uint64_t> firm_violations; ///< windows of k jobs with fewer than m in time; when (m, k) is given

  double accuracy_baseline = 1.0;
  double accuracy_mean = 1.0; ///< over completed jobs; the baseline when none completed
  double accuracy_loss = 0.0; ///< 1 − accuracy_mean / baseline
  bool has_variants = false;  ///< or alternative networks
  std::string accuracy_metric;
  std::vector<VariantUse> variant_use;                            ///< layers that have variants, originals included
  std::vector<std::pair<std::string, std::uint64_t>> set_use;     ///< (set name, completed jobs), only sets that occur;
                                                                  ///< for an alternative `network` or `network:set`
  std::vector<std::pair<std::string, std::uint64_t>> network_use; ///< (network, completed jobs); empty without
                                                                  ///< alternatives

  double energy_mj = 0.0; ///< millijoules of all its counted jobs, dropped ones included
};

/// What one accelerator did during the whole run.
struct AcceleratorResult {
  std::string accelerator;
  std::string type;
  double utilisation = 0.0; ///< busy time / makespan
  Duration busy{0};
  std::uint64_t layers = 0;
  std::uint64_t switches = 0; ///< layers whose predecessor on this accelerator belonged to another task
};

/// Result of one run: one scenario, one policy, one seed.
struct RunResult {
  std::string scenario;
  std::string policy; ///< label, e.g. `terastal:variants=false`
  std::uint64_t seed = 0;
  Duration horizon{0};
  Time makespan{};      ///< instant at which the last job ended
  bool complete = true; ///< false when the run was interrupted

  std::vector<TaskResult> tasks;
  std::vector<AcceleratorResult> accelerators;

  double mean_miss_rate = 0.0;     ///< mean over tasks that released something: the headline
  double weighted_miss_rate = 0.0; ///< misses of all jobs / all jobs
  double mean_accuracy_loss = 0.0; ///< mean over tasks with variants or alternatives that completed jobs; else 0
  double energy_mj = 0.0;

  std::optional<ServiceResult> service; ///< slowdown, throughput, fairness and scores, when they were gathered

  std::uint64_t layers_run = 0;
  std::uint64_t events = 0;    ///< completions, releases and timers processed
  std::uint64_t decisions = 0; ///< layers dispatched
  std::uint64_t digest = 0;    ///< fingerprint of the event stream
};

} // namespace terastal
