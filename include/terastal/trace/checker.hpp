#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "terastal/core/units.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// An independent judge of a schedule: reads the stream of events and the scenario, knows nothing of the engine.
///
/// Proves for every run it watches: time never goes back; no accelerator runs two layers at once and none is cut short
/// or stretched; layers start after their job's release and after all their predecessors, once each, for exactly their
/// time (table plus transfers and model switches it computes itself; with samples, some sample's time; with noise, the
/// model's bounds); variant sets stay valid; the variant set and energy of a job that ends are those of its layers; a
/// job completes when and only when all its layers did, nothing of a dropped job starts afterwards, and jobs are
/// dropped only where the scenario or the policy allows it; tasks with arrivals release inside the horizon, with the
/// task's deadline; and, if promised, no accelerator idles while a ready layer could run on it. Jobs that a program
/// submits beside a task's arrivals are held to the same rules. It keeps the jobs in flight only.
class ScheduleChecker : public Observer {
 public:
  struct Options {
    bool work_conserving = false; ///< the policy's promise
    std::size_t max_errors = 20;  ///< stops recording after so many
    bool may_drop = false;        ///< the policy announced that it drops jobs of its own accord
  };

  explicit ScheduleChecker(const Scenario& scenario) : ScheduleChecker(scenario, Options{}) {}
  ScheduleChecker(const Scenario& scenario, Options options)
      : scenario_(scenario), options_(options), machines_(scenario.platform.accelerators.size()) {}

  [[nodiscard]] unsigned interests() const override { return everything; }

  void on_release(const ReleaseEvent& e) override;
  void on_start(const StartEvent& e) override;
  void on_finish(const FinishEvent& e) override;
  void on_job_end(const JobEndEvent& e) override;
  void on_instant(const InstantEvent& e) override;

  /// Call after the run: nothing may be left in flight.
  void finish() {
    for (const auto& [id, job] : jobs_) fail(now_, id.first, id.second, "still in flight at the end");
  }

  /// What was violated, with time, task and job; empty if the schedule is legal.
  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }
  /// Starts that were judged.
  [[nodiscard]] std::uint64_t checked() const { return checked_; }

 private:
  using JobId = std::pair<TaskIndex, JobIndex>;

  struct CheckedJob {
    Time release;
    Time deadline;
    std::vector<char> started;
    std::vector<char> finished;
    std::vector<AcceleratorIndex> ran_on;
    VariantSet variants = 0;
    double energy_nj = 0.0;
    std::size_t running = 0;
    std::size_t done = 0;
    std::string idled; ///< a breach of work conservation while layers of it ran; none if it ends dropped
  };

  struct Machine {
    bool busy = false;
    JobId job;
    LayerIndex layer = 0;
    Time finish;
    std::optional<TaskIndex> last_task;
  };

  void fail(Time time, TaskIndex task, JobIndex job, const std::string& what) {
    if (errors_.size() >= options_.max_errors) return;
    errors_.push_back("at " + format_duration(time.time_since_epoch()) + ", task '" + scenario_.tasks[task].name +
                      "', job " + std::to_string(job) + ": " + what);
  }
  void require(bool holds, Time time, TaskIndex task, JobIndex job, const std::string& rule) {
    if (!holds) fail(time, task, job, rule);
  }
  void advance(Time time, TaskIndex task, JobIndex job) {
    require(time >= now_, time, task, job, "time goes back");
    now_ = std::max(now_, time);
  }

  void check_duration(const StartEvent& e, const CheckedJob& job);
  [[nodiscard]] Duration expected_setup(const StartEvent& e, const CheckedJob& job) const;
  [[nodiscard]] bool plausible(const StartEvent& e, Duration actual) const;
  [[nodiscard]] bool is_ready(const Network& network, const CheckedJob& job, LayerIndex layer) const;
  /// Which idle accelerator could run which ready layer of the job; empty if none could.
  [[nodiscard]] std::string idleness(const Network& network, const CheckedJob& job) const;
  void check_work_conservation(Time time);

  const Scenario& scenario_;
  Options options_;
  std::map<JobId, CheckedJob> jobs_;
  std::vector<Machine> machines_;
  std::vector<std::string> errors_;
  Time now_{};
  std::uint64_t checked_ = 0;
};

inline void ScheduleChecker::on_release(const ReleaseEvent& e) {
  advance(e.time, e.task, e.job);
  const Task& task = scenario_.tasks[e.task];
  const std::size_t layers = scenario_.network_of(e.task).layers.size();
  CheckedJob job;
  job.release = e.time;
  job.deadline = e.deadline;
  job.started.assign(layers, 0);
  job.finished.assign(layers, 0);
  job.ran_on.assign(layers, 0);
  require(jobs_.emplace(JobId{e.task, e.job}, std::move(job)).second, e.time, e.task, e.job, "released twice");
  if (!std::holds_alternative<NoArrivals>(task.arrivals)) {
    require(e.time < Time{scenario_.horizon}, e.time, e.task, e.job, "is released at or after the horizon");
  }
  require(e.root_release <= e.time, e.time, e.task, e.job, "released before its cascade began");
  const bool fixed_deadline =
      !std::holds_alternative<TraceArrivals>(task.arrivals) && !std::holds_alternative<NoArrivals>(task.arrivals);
  if (fixed_deadline && e.root_release < Time{scenario_.horizon}) {
    require(e.deadline == e.time + task.deadline, e.time, e.task, e.job,
            "the deadline is not release + relative deadline");
  }
  if (task.parent) {
    const Time from = task.parent->deadline_from_root ? e.root_release : e.time;
    require(e.deadline == from + task.deadline, e.time, e.task, e.job, "the deadline is not the cascade's");
  }
}

inline void ScheduleChecker::on_start(const StartEvent& e) {
  advance(e.time, e.task, e.job);
  ++checked_;
  const auto found = jobs_.find({e.task, e.job});
  if (found == jobs_.end()) return fail(e.time, e.task, e.job, "a layer starts outside the job's life");
  CheckedJob& job = found->second;
  const Network& network = scenario_.network_of(e.task);
  if (e.layer >= network.layers.size()) return fail(e.time, e.task, e.job, "no such layer");
  const Layer& layer = network.layers[e.layer];
  if (e.option >= network.options.size()) return fail(e.time, e.task, e.job, "no such option");
  require(e.option >= layer.first_option && e.option < layer.first_option + layer.option_count, e.time, e.task, e.job,
          "layer '" + layer.name + "' runs an option of another layer");
  require(job.started[e.layer] == 0, e.time, e.task, e.job, "layer '" + layer.name + "' runs twice");
  for (const LayerIndex p : layer.predecessors) {
    require(job.finished[p] != 0, e.time, e.task, e.job,
            "layer '" + layer.name + "' starts before its predecessor '" + network.layers[p].name + "' has finished");
  }
  Machine& machine = machines_.at(e.accelerator);
  require(!machine.busy, e.time, e.task, e.job,
          "accelerator '" + scenario_.platform.accelerators[e.accelerator].name + "' is given a second layer");
  check_duration(e, job);
  const VariantSet added = network.options[e.option].variants;
  job.variants |= added;
  if (added != 0) {
    require(network.accuracy.valid(job.variants, scenario_.tasks[e.task].theta), e.time, e.task, e.job,
            "variant set {" + network.set_name(job.variants) + "} is not valid");
  }
  job.energy_nj += network.energy_of(e.option, scenario_.platform.accelerators[e.accelerator].type);
  job.started[e.layer] = 1;
  job.ran_on[e.layer] = e.accelerator;
  ++job.running;
  machine = {true, {e.task, e.job}, e.layer, e.finish, e.task};
}

inline void ScheduleChecker::check_duration(const StartEvent& e, const CheckedJob& job) {
  const Duration setup = expected_setup(e, job);
  require(e.setup == setup, e.time, e.task, e.job,
          "setup takes " + format_duration(e.setup) + " where the platform says " + format_duration(setup));
  const Duration actual = e.finish - e.time - e.setup;
  require(plausible(e, actual), e.time, e.task, e.job,
          "layer '" + scenario_.network_of(e.task).layers[e.layer].name + "' takes " + format_duration(actual) +
              ", which is not its time");
}

inline Duration ScheduleChecker::expected_setup(const StartEvent& e, const CheckedJob& job) const {
  const Network& network = scenario_.network_of(e.task);
  const Platform& platform = scenario_.platform;
  const TypeIndex to = platform.accelerators[e.accelerator].type;
  const auto& last = machines_[e.accelerator].last_task;
  Duration setup{0};
  if (last && *last != e.task) setup += platform.types[to].model_switch;
  for (const LayerIndex p : network.layers[e.layer].predecessors) {
    if (job.ran_on[p] == e.accelerator) continue;
    const TypeIndex from = platform.accelerators[job.ran_on[p]].type;
    setup += platform.transfer(from, to).time(network.layers[p].output_bytes);
  }
  return setup;
}

inline bool ScheduleChecker::plausible(const StartEvent& e, Duration actual) const {
  const Network& network = scenario_.network_of(e.task);
  const TypeIndex type = scenario_.platform.accelerators[e.accelerator].type;
  const Duration estimate = network.latency_of(e.option, type);
  if (estimate == kCannotRun || actual <= Duration::zero()) return false;
  const ExecutionTimes& model = scenario_.tasks[e.task].execution;
  switch (model.kind) {
  case ExecutionTimes::Kind::equal:
    return actual == estimate;
  case ExecutionTimes::Kind::uniform: {
    const double factor = to_seconds(actual) / to_seconds(estimate);
    const double rounding = 1.0 / static_cast<double>(estimate.count());
    return factor >= model.low - rounding && factor <= model.high + rounding;
  }
  case ExecutionTimes::Kind::lognormal:
  case ExecutionTimes::Kind::exponential:
    return true;
  case ExecutionTimes::Kind::measured:
    return actual == estimate || network.percentiles_of(e.option, type).measured();
  case ExecutionTimes::Kind::samples:
    break;
  }
  if (e.option != network.layers[e.layer].first_option) return actual == estimate;
  const SampleTable& samples = network.samples;
  for (std::size_t s = 0; s < samples.ids.size(); ++s) {
    if (samples.latency[(s * network.layers.size() + e.layer) * network.type_count + type] == actual) return true;
  }
  return false;
}

inline void ScheduleChecker::on_finish(const FinishEvent& e) {
  advance(e.time, e.task, e.job);
  Machine& machine = machines_.at(e.accelerator);
  const bool same = machine.busy && machine.job == JobId{e.task, e.job} && machine.layer == e.layer;
  require(same, e.time, e.task, e.job, "a layer finishes that was not running there");
  require(machine.finish == e.time, e.time, e.task, e.job, "a layer does not finish when it was to");
  machine.busy = false;
  const auto found = jobs_.find({e.task, e.job});
  if (found == jobs_.end()) return fail(e.time, e.task, e.job, "a layer finishes outside the job's life");
  require(found->second.finished[e.layer] == 0, e.time, e.task, e.job, "a layer finishes twice");
  found->second.finished[e.layer] = 1;
  --found->second.running;
  ++found->second.done;
}

inline void ScheduleChecker::on_job_end(const JobEndEvent& e) {
  advance(e.time, e.task, e.job);
  const auto found = jobs_.find({e.task, e.job});
  if (found == jobs_.end()) return fail(e.time, e.task, e.job, "ends twice, or was never released");
  const CheckedJob& job = found->second;
  require(job.running == 0, e.time, e.task, e.job, "ends while a layer of it runs");
  const bool all_done = job.done == job.finished.size();
  require(e.dropped || job.idled.empty(), e.time, e.task, e.job, job.idled);
  require(all_done != e.dropped, e.time, e.task, e.job,
          e.dropped ? "is dropped though all its layers have finished" : "completes with layers unfinished");
  require(job.variants == e.variants, e.time, e.task, e.job, "its variant set is not that of its layers");
  require(std::abs(job.energy_nj - e.energy_nj) <= 1e-9 * std::max(1.0, job.energy_nj), e.time, e.task, e.job,
          "its energy is not that of its layers");
  require(job.release == e.release && job.deadline == e.deadline, e.time, e.task, e.job,
          "its release or deadline changed");
  if (e.dropped && !options_.may_drop) {
    const LateJobs rule = scenario_.tasks[e.task].late_jobs;
    require(rule != LateJobs::run_on, e.time, e.task, e.job, "is dropped though late jobs run on");
    require(rule != LateJobs::drop_at_deadline || e.time >= e.deadline, e.time, e.task, e.job,
            "is dropped before its deadline");
  }
  jobs_.erase(found);
}

inline void ScheduleChecker::on_instant(const InstantEvent& e) {
  if (options_.work_conserving) check_work_conservation(e.time);
}

inline bool ScheduleChecker::is_ready(const Network& network, const CheckedJob& job, LayerIndex layer) const {
  if (job.started[layer] != 0) return false;
  const auto& before = network.layers[layer].predecessors;
  return std::all_of(before.begin(), before.end(), [&](LayerIndex p) { return job.finished[p] != 0; });
}

inline std::string ScheduleChecker::idleness(const Network& network, const CheckedJob& job) const {
  for (LayerIndex l = 0; l < network.layers.size(); ++l) {
    if (!is_ready(network, job, l)) continue;
    for (AcceleratorIndex a = 0; a < machines_.size(); ++a) {
      const TypeIndex type = scenario_.platform.accelerators[a].type;
      if (machines_[a].busy || network.latency_of(network.layers[l].first_option, type) == kCannotRun) continue;
      return "accelerator '" + scenario_.platform.accelerators[a].name + "' idles though layer '" +
             network.layers[l].name + "' is ready";
    }
  }
  return {};
}

inline void ScheduleChecker::check_work_conservation(Time time) {
  for (auto& [id, job] : jobs_) {
    if (job.idled.empty()) job.idled = idleness(scenario_.network_of(id.first), job);
    // A job with running layers may have been dropped and wait for them; only its end tells.
    if (job.idled.empty() || job.running > 0) continue;
    fail(time, id.first, id.second, std::exchange(job.idled, {}));
    return;
  }
}

} // namespace terastal
