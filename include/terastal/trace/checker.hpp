#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple> // tie
#include <utility>
#include <vector>

#include "terastal/core/int128.hpp"
#include "terastal/core/units.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/sim/progress.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// An independent judge of a schedule: reads the stream of events and the scenario, knows nothing of the engine.
///
/// Proves for every run it watches: time never goes back; no accelerator runs two layers at once and none is cut short
/// or stretched; layers start after their job's release and after all their predecessors, once each, for exactly their
/// time (table plus transfers and model switches it computes itself; with samples, some sample's time; with noise, the
/// model's bounds; where the memory is shared, at least that time); layers are stopped only where the type declares
/// preemption, at the end of a tile, and go on where they were, with their context restored; groups hold the idle
/// accelerators with the smallest indices; two layers share an accelerator only as a fused pair of different jobs, for
/// the time that follows from their parts; layers are skipped, jobs end early and networks change only where the
/// scenario says they may; variant sets stay valid; the variant set and energy of a job that ends are those of its
/// layers; a job completes when and only when all its layers did, nothing of a dropped job starts afterwards, and jobs
/// are dropped only where the scenario or the policy allows it; tasks with arrivals release inside the horizon, with
/// the task's deadline; and, if promised, no accelerator idles while a ready layer could run on it. Jobs that a program
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
  void on_stop(const StopEvent& e) override;
  void on_skip(const SkipEvent& e) override;
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
    std::vector<std::optional<AcceleratorIndex>> ran_on; ///< nothing: not run, or skipped
    std::optional<AcceleratorIndex> last_accelerator;
    std::vector<Progress> progress; ///< of layers that were stopped
    std::uint32_t alternative = 0;
    VariantSet variants = 0;
    double energy_nj = 0.0;
    std::size_t running = 0;
    std::size_t done = 0;
    bool exited = false;
    std::string idled; ///< a breach of work conservation while layers of it ran; none if it ends dropped
  };

  struct Machine {
    bool busy = false;
    JobId job;
    LayerIndex layer = 0;
    Time start;
    Duration setup{0};
    Time finish;
    AcceleratorIndex leader = 0; ///< of its group; itself outside groups
    OptionIndex option = 0;
    std::uint32_t tiles_before = 0;
    double energy_nj = 0.0; ///< of the stretch that runs
    std::optional<TaskIndex> last_task;
    std::optional<JobId> last_job;
    std::uint64_t last_output_bytes = 0;
    std::optional<AcceleratorIndex> came_from{};           ///< where the job ran before, for chains
    std::optional<StartEvent> first_of_pair{};             ///< of a fused pair, until its second layer starts
    std::optional<std::pair<JobId, LayerIndex>> partner{}; ///< of a fused pair: the layer that ends after this one
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

  [[nodiscard]] const Network& network_of(TaskIndex task, const CheckedJob& job) const {
    return scenario_.network_of(task, job.alternative);
  }
  void reset(CheckedJob& job, const Network& network) const;
  void change_network(const StartEvent& e, CheckedJob& job);
  void check_progress(const StartEvent& e, const CheckedJob& job);
  void check_duration(const StartEvent& e, const CheckedJob& job);
  void occupy(const StartEvent& e, const Network& network);
  void release_group(AcceleratorIndex leader);
  void join_pair(const StartEvent& e, Machine& machine);
  [[nodiscard]] Duration pair_time(const StartEvent& first, const StartEvent& second) const;
  [[nodiscard]] const Network& network_of(const StartEvent& e) const {
    return scenario_.network_of(e.task, e.alternative);
  }
  [[nodiscard]] Duration expected_restore(const StartEvent& e, const CheckedJob& job) const;
  [[nodiscard]] double charge(const StartEvent& e, const CheckedJob& job, Machine& machine) const;
  [[nodiscard]] std::uint32_t tiles_of(AcceleratorIndex a) const {
    const auto& preemption = scenario_.platform.types[scenario_.platform.accelerators[a].type].preemption;
    return preemption ? preemption->tiles : 1;
  }
  [[nodiscard]] Duration expected_setup(const StartEvent& e, const CheckedJob& job) const;
  [[nodiscard]] bool plausible(const StartEvent& e, const CheckedJob& job, Duration actual) const;
  [[nodiscard]] bool is_ready(const Network& network, const CheckedJob& job, LayerIndex layer) const;
  /// Which idle accelerator could run which ready layer of the job; empty if none could.
  [[nodiscard]] std::string idleness(const Network& network, const CheckedJob& job) const;
  [[nodiscard]] bool plausible_part(const StartEvent& e, const Network& network, Duration actual) const;
  void check_work_conservation(Time time);

  const Scenario& scenario_;
  Options options_;
  std::map<JobId, CheckedJob> jobs_;
  std::vector<Machine> machines_;
  std::vector<std::string> errors_;
  Time now_{};
  std::uint64_t checked_ = 0;
};

} // namespace terastal

#include "terastal/trace/checker_inl.hpp"
