#pragma once

#include <optional>
#include <vector>

#include "terastal/metrics/xrbench_score.hpp"

namespace terastal {

/// How well one task was served. Its counted jobs are those of TaskResult.
///
/// C_s is a job's isolated time, C_m its turnaround (completion − release) under sharing.
struct TaskService {
  double isolated_s = 0.0;            ///< mean C_s of the completed jobs; the network's when none was completed
  std::optional<double> slowdown;     ///< mean C_m / C_s over completed jobs (normalised turnaround time, NTT)
  std::optional<double> progress;     ///< mean C_s / C_m over all jobs, dropped ones as 0
  std::optional<double> in_time;      ///< jobs that met their deadline / all jobs
  std::optional<double> violations;   ///< DLV of UXCost
  std::optional<double> energy_ratio; ///< NE of UXCost
  XrbenchScores xrbench;
};

/// How well the system served all tasks. Nothing where a value has no meaning: no jobs, or no energies for UXCost.
struct ServiceResult {
  std::vector<TaskService> tasks; ///< in the order of the scenario

  /// Average normalised turnaround time, mean of C_m / C_s over all completed jobs; ≥ 1 when jobs run originals at
  /// their estimated times. Smaller is better. Eyerman and Eeckhout 2008; over requests as in Dysta's harness.
  std::optional<double> antt;
  std::optional<double> antt_tasks; ///< the same, mean over tasks of their means
  /// System throughput, sum over tasks of `progress`; at most the number of tasks under the same condition. Larger is
  /// better. Eyerman and Eeckhout 2008.
  std::optional<double> stp;
  /// Weighted system throughput, n · Σ w·progress / Σ w over the n tasks with jobs, w the task's weight: STP when all
  /// weights are equal. Our reading of CD-MSA's objective.
  std::optional<double> wst;
  /// Smallest over largest of progress / (w / Σ w) over tasks, in [0, 1]; 1: everyone progresses in proportion to its
  /// weight. As in MoCA (Kim et al., HPCA 2023); nothing when no task progressed.
  std::optional<double> fairness;
  /// Completed jobs / (last completion − first release), jobs per second: what Dysta's harness calls STP.
  std::optional<double> throughput_per_s;
  std::optional<double> sla; ///< SLA satisfaction: jobs that met their deadline / all jobs = 1 − miss rate of all jobs
  std::optional<double> sla_tasks;              ///< the same, mean over tasks = 1 − mean miss rate
  std::optional<double> uxcost;                 ///< see uxcost.hpp (our reading)
  std::optional<double> xrbench;                ///< as XRBench's code computes it, in [0, 100]
  std::optional<double> xrbench_clean;          ///< our reading of its intent, in [0, 100]
  std::optional<double> xrbench_clean_accuracy; ///< the same with accuracy as a further factor
};

} // namespace terastal
