#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "terastal/metrics/duration_stats.hpp"
#include "terastal/metrics/result.hpp"
#include "terastal/metrics/sequence.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/sim/simulator.hpp"

namespace terastal {

struct MetricsOptions {
  bool exact_percentiles = false; ///< keep every value; memory then grows with the horizon
};

/// Gathers everything in a RunResult. Looks at jobs when they end, and at the accelerators after the run, so the event
/// loop pays for one call per job.
class Metrics : public Observer {
 public:
  explicit Metrics(const Scenario& scenario, MetricsOptions options = {}) : scenario_(&scenario) {
    for (const auto& task : scenario.tasks) tasks_.emplace_back(task, options);
  }

  [[nodiscard]] unsigned interests() const override { return job_ends; }

  void on_job_end(const JobEndEvent& e) override {
    TaskStats& t = tasks_[e.task];
    last_end_ = e.time;
    const bool counted = e.root_release >= Time{scenario_->warm_up} && e.root_release < Time{scenario_->horizon};
    using Outcome = OutcomeSequence::Outcome;
    t.outcomes.add(e.job, !counted ? Outcome::uncounted : e.missed() ? Outcome::missed : Outcome::met);
    if (!counted) return;
    t.energy_nj += e.energy_nj;
    if (e.dropped) {
      ++t.dropped;
      return;
    }
    ++t.completed;
    t.response.add(e.time - e.release);
    t.tardiness.add(std::max(Duration::zero(), e.time - e.deadline));
    if (e.late()) ++t.late;
    if (t.cascade) t.end_to_end.add(e.time - e.root_release);
    t.count_set({e.alternative, e.variants});
  }

  /// Everything but the policy's label.
  [[nodiscard]] RunResult result(const Simulator& simulator) const;

 private:
  /// Which network a job ran (JobEndEvent::alternative), and the variants it used.
  using NetworkSet = std::pair<std::uint32_t, VariantSet>;

  struct TaskStats {
    TaskStats(const Task& task, MetricsOptions options)
        : response(options.exact_percentiles), tardiness(options.exact_percentiles),
          end_to_end(options.exact_percentiles), outcomes(task.firm), cascade(task.parent.has_value()) {}

    void count_set(NetworkSet set) {
      // Most jobs use the same set as the one before.
      if (last < sets.size() && sets[last].first == set) {
        ++sets[last].second;
        return;
      }
      for (last = 0; last < sets.size(); ++last) {
        if (sets[last].first == set) {
          ++sets[last].second;
          return;
        }
      }
      sets.emplace_back(set, 1);
    }

    std::uint64_t completed = 0;
    std::uint64_t late = 0;
    std::uint64_t dropped = 0;
    DurationStats response;
    DurationStats tardiness;
    DurationStats end_to_end;
    OutcomeSequence outcomes;
    bool cascade;
    double energy_nj = 0.0;
    std::vector<std::pair<NetworkSet, std::uint64_t>> sets;
    std::size_t last = 0;
  };

  [[nodiscard]] TaskResult task_result(TaskIndex index) const;
  void add_accuracy(TaskIndex index, TaskResult& result) const;
  void add_variant_use(TaskIndex index, std::uint32_t alternative, TaskResult& result) const;
  void add_network_use(TaskIndex index, TaskResult& result) const;
  static void add_means(RunResult& result);

  const Scenario* scenario_;
  std::vector<TaskStats> tasks_;
  Time last_end_{};
};

inline RunResult Metrics::result(const Simulator& simulator) const {
  RunResult result;
  result.scenario = scenario_->name;
  result.seed = simulator.seed();
  result.horizon = scenario_->horizon;
  result.makespan = last_end_;
  for (TaskIndex t = 0; t < tasks_.size(); ++t) result.tasks.push_back(task_result(t));
  const double makespan = to_seconds(result.makespan.time_since_epoch());
  const auto& accelerators = simulator.state().accelerators;
  for (AcceleratorIndex a = 0; a < accelerators.size(); ++a) {
    const auto& declared = scenario_->platform.accelerators[a];
    const AcceleratorState& state = accelerators[a];
    result.accelerators.push_back({declared.name, scenario_->platform.types[declared.type].name,
                                   makespan > 0.0 ? to_seconds(state.busy) / makespan : 0.0, state.busy, state.layers,
                                   state.switches});
    result.layers_run += state.layers;
  }
  result.events = simulator.counters().events;
  result.decisions = simulator.counters().decisions;
  result.digest = simulator.digest();
  add_means(result);
  return result;
}

inline TaskResult Metrics::task_result(TaskIndex index) const {
  const TaskStats& stats = tasks_[index];
  const Task& task = scenario_->tasks[index];
  const Network& network = scenario_->network_of(index);
  TaskResult r;
  r.task = task.name;
  r.network = network.name;
  r.completed = stats.completed;
  r.late = stats.late;
  r.dropped = stats.dropped;
  r.released = stats.completed + stats.dropped;
  if (r.released > 0) r.miss_rate = static_cast<double>(r.late + r.dropped) / static_cast<double>(r.released);
  r.response = stats.response.summary();
  r.tardiness = stats.tardiness.summary();
  if (stats.cascade) r.end_to_end = stats.end_to_end.summary();
  r.longest_miss_run = stats.outcomes.longest_miss_run();
  if (task.firm) r.firm_violations = stats.outcomes.firm_violations();
  r.energy_mj = stats.energy_nj * 1e-6;
  add_accuracy(index, r);
  for (std::uint32_t a = 0; a <= task.alternatives.size(); ++a) add_variant_use(index, a, r);
  if (!task.alternatives.empty()) add_network_use(index, r);
  return r;
}

inline void Metrics::add_accuracy(TaskIndex index, TaskResult& r) const {
  const TaskStats& stats = tasks_[index];
  const AccuracyModel& own = scenario_->network_of(index).accuracy;
  r.accuracy_metric = own.metric();
  r.accuracy_baseline = own.baseline();
  r.has_variants = !scenario_->tasks[index].alternatives.empty();
  for (std::uint32_t a = 0; a <= scenario_->tasks[index].alternatives.size(); ++a)
    r.has_variants = r.has_variants || !scenario_->network_of(index, a).variant_names.empty();
  auto sets = stats.sets;
  std::sort(sets.begin(), sets.end());
  double sum = 0.0;
  for (const auto& [used, count] : sets) {
    const auto& [alternative, set] = used;
    const Network& network = scenario_->network_of(index, alternative);
    // Legal sets have an accuracy: the engine refuses others.
    sum += static_cast<double>(count) * network.accuracy.accuracy(set).value();
    std::string name = network.set_name(set);
    if (alternative != 0) name = network.name + (name.empty() ? "" : ":" + name);
    r.set_use.emplace_back(std::move(name), count);
  }
  r.accuracy_mean = stats.completed > 0 ? sum / static_cast<double>(stats.completed) : own.baseline();
  r.accuracy_loss = (own.baseline() - r.accuracy_mean) / own.baseline();
  if (sets.size() == 1 && sets.front().first == NetworkSet{}) {
    // A mean of equal numbers may differ from them in the last digit.
    r.accuracy_mean = own.baseline();
    r.accuracy_loss = 0.0;
  }
}

inline void Metrics::add_variant_use(TaskIndex index, std::uint32_t alternative, TaskResult& r) const {
  const Network& network = scenario_->network_of(index, alternative);
  for (const auto& layer : network.layers) {
    if (layer.option_count == 1) continue;
    VariantSet of_layer = 0;
    for (OptionIndex o = 0; o < layer.option_count; ++o) of_layer |= network.options[layer.first_option + o].variants;
    for (OptionIndex o = 0; o < layer.option_count; ++o) {
      const Option& option = network.options[layer.first_option + o];
      std::uint64_t count = 0;
      for (const auto& [used, jobs] : tasks_[index].sets) {
        if (used.first == alternative && (used.second & of_layer) == option.variants) count += jobs;
      }
      r.variant_use.push_back({alternative == 0 ? layer.name : network.name + ":" + layer.name, option.name, count});
    }
  }
}

inline void Metrics::add_network_use(TaskIndex index, TaskResult& r) const {
  for (std::uint32_t a = 0; a <= scenario_->tasks[index].alternatives.size(); ++a) {
    std::uint64_t count = 0;
    for (const auto& [used, jobs] : tasks_[index].sets) count += used.first == a ? jobs : 0;
    r.network_use.emplace_back(scenario_->network_of(index, a).name, count);
  }
}

inline void Metrics::add_means(RunResult& result) {
  double miss_sum = 0.0;
  double loss_sum = 0.0;
  std::uint64_t with_jobs = 0;
  std::uint64_t with_variants = 0;
  std::uint64_t missed = 0;
  std::uint64_t released = 0;
  for (const auto& t : result.tasks) {
    result.energy_mj += t.energy_mj;
    missed += t.late + t.dropped;
    released += t.released;
    if (t.released > 0) {
      miss_sum += t.miss_rate;
      ++with_jobs;
    }
    if (t.has_variants && t.completed > 0) {
      loss_sum += t.accuracy_loss;
      ++with_variants;
    }
  }
  if (with_jobs > 0) result.mean_miss_rate = miss_sum / static_cast<double>(with_jobs);
  if (released > 0) result.weighted_miss_rate = static_cast<double>(missed) / static_cast<double>(released);
  if (with_variants > 0) result.mean_accuracy_loss = loss_sum / static_cast<double>(with_variants);
}

} // namespace terastal
