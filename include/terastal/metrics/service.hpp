#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "terastal/metrics/isolated.hpp"
#include "terastal/metrics/service_result.hpp"
#include "terastal/offline/uxcost.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

struct ServiceOptions {
  XrbenchOptions xrbench;
};

/// Gathers a ServiceResult: slowdown, throughput, fairness, UXCost and XRBench's scores. Looks at jobs when they end.
///
/// The isolated time of a job is that of the task's own network, also when a lighter one of a supernet ran, or
/// variants: what a job gains by them shows as progress (our reading). With samples it is that of the job's sample.
class ServiceMetrics : public Observer {
 public:
  explicit ServiceMetrics(const Scenario& scenario, ServiceOptions options = {}) : scenario_(&scenario) {
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) tasks_.emplace_back(scenario, t, options);
  }

  [[nodiscard]] unsigned interests() const override { return job_ends; }

  void on_job_end(const JobEndEvent& e) override {
    if (e.root_release < Time{scenario_->warm_up} || e.root_release >= Time{scenario_->horizon}) return;
    TaskStats& t = tasks_[e.task];
    first_release_ = std::min(first_release_, e.release);
    ++t.cost.released;
    t.cost.energy_nj += e.energy_nj;
    if (e.missed()) ++t.cost.violated;
    if (e.dropped) return t.xrbench.add_dropped();
    last_completion_ = std::max(last_completion_, e.time);
    ++t.cost.completed;
    t.cost.largest_energy_nj += t.largest_energy_nj[e.alternative];
    const double isolated = t.isolated_of(e);
    const double turnaround = std::max(1.0, static_cast<double>((e.time - e.release).count()));
    t.isolated_ps += isolated;
    t.slowdown += turnaround / isolated;
    t.progress += isolated / turnaround;
    t.xrbench.add_completed(static_cast<double>((e.time - e.deadline).count()) * 1e-9, e.energy_nj * 1e-6,
                            t.accuracy_of(*scenario_, e));
  }

  [[nodiscard]] ServiceResult result() const;

 private:
  struct TaskStats {
    TaskStats(const Scenario& scenario, TaskIndex task, const ServiceOptions& options)
        : isolated(std::max(1.0, static_cast<double>(isolated_time(scenario.network_of(task)).count()))),
          xrbench(options.xrbench) {
      const Task& declared = scenario.tasks[task];
      if (declared.execution.kind == ExecutionTimes::Kind::samples) {
        for (const Duration d : isolated_times_of_samples(scenario.network_of(task)))
          isolated_of_sample.push_back(static_cast<double>(d.count()));
      }
      for (std::uint32_t a = 0; a <= declared.alternatives.size(); ++a)
        largest_energy_nj.push_back(terastal::largest_energy_nj(scenario.network_of(task, a)));
    }

    [[nodiscard]] double isolated_of(const JobEndEvent& e) const {
      const bool sampled = e.alternative == 0 && e.sample < isolated_of_sample.size();
      return sampled ? isolated_of_sample[e.sample] : isolated;
    }

    /// Relative to the baseline of the task's own network.
    double accuracy_of(const Scenario& scenario, const JobEndEvent& e) {
      if (e.alternative == 0 && e.variants == 0) return 1.0;
      const std::pair key(e.alternative, e.variants);
      for (const auto& [known, accuracy] : accuracies) {
        if (known == key) return accuracy;
      }
      // Legal sets have an accuracy: the engine refuses others.
      const double value = scenario.network_of(e.task, e.alternative).accuracy.accuracy(e.variants).value();
      accuracies.emplace_back(key, value / scenario.network_of(e.task).accuracy.baseline());
      return accuracies.back().second;
    }

    double isolated; ///< of the table, picoseconds
    std::vector<double> isolated_of_sample;
    std::vector<double> largest_energy_nj; ///< by alternative
    std::vector<std::pair<std::pair<std::uint32_t, VariantSet>, double>> accuracies;
    UxcostPart cost;
    double isolated_ps = 0.0; ///< sums over completed jobs
    double slowdown = 0.0;
    double progress = 0.0;
    XrbenchModel xrbench;
  };

  [[nodiscard]] static TaskService task_result(const TaskStats& stats);
  void add_turnaround(ServiceResult& result) const;
  void add_progress(ServiceResult& result) const;
  void add_deadlines(ServiceResult& result) const;

  const Scenario* scenario_;
  std::vector<TaskStats> tasks_;
  Time first_release_ = Time::max();
  Time last_completion_{};
};

inline ServiceResult ServiceMetrics::result() const {
  ServiceResult r;
  std::vector<UxcostPart> costs;
  std::vector<XrbenchScores> scores;
  for (const TaskStats& stats : tasks_) {
    r.tasks.push_back(task_result(stats));
    costs.push_back(stats.cost);
    scores.push_back(r.tasks.back().xrbench);
  }
  add_turnaround(r);
  add_progress(r);
  add_deadlines(r);
  r.uxcost = uxcost(costs);
  r.xrbench = xrbench_code_score(scores);
  r.xrbench_clean = xrbench_clean_score(scores);
  r.xrbench_clean_accuracy = xrbench_clean_score(scores, &XrbenchScores::clean_accuracy);
  return r;
}

inline TaskService ServiceMetrics::task_result(const TaskStats& stats) {
  TaskService s;
  const auto released = static_cast<double>(stats.cost.released);
  const auto completed = static_cast<double>(stats.cost.completed);
  s.isolated_s = (stats.cost.completed == 0 ? stats.isolated : stats.isolated_ps / completed) * 1e-12;
  if (stats.cost.completed > 0) s.slowdown = stats.slowdown / completed;
  if (stats.cost.released > 0) {
    s.progress = stats.progress / released;
    s.in_time = (released - static_cast<double>(stats.cost.violated)) / released;
  }
  s.violations = uxcost_violations(stats.cost);
  s.energy_ratio = uxcost_energy(stats.cost);
  s.xrbench = stats.xrbench.scores();
  return s;
}

inline void ServiceMetrics::add_turnaround(ServiceResult& r) const {
  double jobs = 0.0;
  double job_sum = 0.0;
  double tasks = 0.0;
  double task_sum = 0.0;
  for (TaskIndex t = 0; t < tasks_.size(); ++t) {
    if (!r.tasks[t].slowdown) continue;
    jobs += static_cast<double>(tasks_[t].cost.completed);
    job_sum += tasks_[t].slowdown;
    tasks += 1.0;
    task_sum += *r.tasks[t].slowdown;
  }
  if (first_release_ == Time::max()) return;
  const double span = to_seconds(last_completion_ - first_release_);
  r.throughput_per_s = jobs > 0.0 && span > 0.0 ? jobs / span : 0.0;
  if (jobs == 0.0) return;
  r.antt = job_sum / jobs;
  r.antt_tasks = task_sum / tasks;
}

inline void ServiceMetrics::add_progress(ServiceResult& r) const {
  double tasks = 0.0;
  double sum = 0.0;
  double weights = 0.0;
  double weighted = 0.0;
  std::optional<double> least;
  double most = 0.0;
  for (TaskIndex t = 0; t < tasks_.size(); ++t) {
    if (!r.tasks[t].progress) continue;
    const double weight = scenario_->tasks[t].weight;
    const double progress = *r.tasks[t].progress;
    const double share = progress / weight; // the sum of weights cancels in the ratio of two tasks
    least = std::min(least.value_or(share), share);
    most = std::max(most, share);
    tasks += 1.0;
    sum += progress;
    weights += weight;
    weighted += weight * progress;
  }
  if (tasks == 0.0) return;
  r.stp = sum;
  r.wst = tasks * weighted / weights;
  if (most > 0.0) r.fairness = *least / most;
}

inline void ServiceMetrics::add_deadlines(ServiceResult& r) const {
  double released = 0.0;
  double met = 0.0;
  double tasks = 0.0;
  double task_sum = 0.0;
  for (TaskIndex t = 0; t < tasks_.size(); ++t) {
    if (!r.tasks[t].in_time) continue;
    released += static_cast<double>(tasks_[t].cost.released);
    met += static_cast<double>(tasks_[t].cost.released - tasks_[t].cost.violated);
    tasks += 1.0;
    task_sum += *r.tasks[t].in_time;
  }
  if (tasks == 0.0) return;
  r.sla = met / released;
  r.sla_tasks = task_sum / tasks;
}

} // namespace terastal
