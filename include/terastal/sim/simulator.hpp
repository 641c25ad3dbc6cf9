#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "terastal/core/digest.hpp"
#include "terastal/core/error.hpp"
#include "terastal/sim/event.hpp"
#include "terastal/sim/execution.hpp"
#include "terastal/sim/memory_sharing.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/sim/scheduler.hpp"
#include "terastal/sim/state.hpp"
#include "terastal/sim/view.hpp"

namespace terastal {

/// A request given to `Simulator::submit`.
struct Submission {
  TaskIndex task = 0;
  Time release{};                              ///< not in the past
  std::optional<Duration> deadline;            ///< relative; the task's when absent
  std::optional<int> priority;                 ///< the task's when absent
  std::optional<std::int64_t> sample;          ///< id in the network's sample table
  std::optional<double> weight = std::nullopt; ///< above 0; the task's when absent
};

/// Counters of a run so far.
struct SimulationCounters {
  std::uint64_t events = 0;    ///< completions, releases and timers applied
  std::uint64_t decisions = 0; ///< layers started
  std::uint64_t asked = 0;     ///< calls of Scheduler::dispatch
};

/// Runs one scenario under one policy, event by event.
///
/// Events at one instant are applied in the order completions, releases, timers, each by (task, job); then late jobs
/// are dropped where asked for, and the scheduler is asked. The whole is deterministic. A simulator is not thread-safe;
/// any number may run side by side on one scenario. Limits (checked, SimulationError): 8191 tasks, 2^29 jobs per task,
/// 2^20 jobs in flight, 16384 accelerators, 106 days.
class Simulator {
 public:
  /// Uses `scenario.seed`. The scenario and the scheduler must outlive the simulator; the scenario must be valid.
  Simulator(const Scenario& scenario, Scheduler& scheduler) : Simulator(scenario, scheduler, scenario.seed) {}
  Simulator(const Scenario& scenario, Scheduler& scheduler, std::uint64_t seed);
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  /// Observers are told in the order they were added; they must outlive the run.
  void add_observer(Observer& observer);

  /// Applies everything that happens at the next instant, and the decisions that follow. False when nothing is left.
  bool step();
  /// Applies all instants up to and including `time`; the clock stands at `time` afterwards.
  void run_until(Time time);
  /// Runs to the end: releases stop at the horizon, what was released drains.
  /// `keep_going` is asked every few thousand instants; when it says no, the run stops. \returns true if it ended.
  bool run(const std::function<bool()>& keep_going = {});

  /// The next instant at which something happens; nothing when the run has ended.
  [[nodiscard]] std::optional<Time> next_event_time() const;

  /// Adds a request to those of the arrivals, horizon or not. \throws SimulationError if `release` is in the past.
  void submit(const Submission& submission);

  [[nodiscard]] Time now() const { return state_.now; }
  [[nodiscard]] const SystemView& view() const { return view_; }
  [[nodiscard]] const SystemState& state() const { return state_; }
  [[nodiscard]] const SimulationCounters& counters() const { return counters_; }
  /// Fingerprint of the event stream so far: every release, start, finish and drop with its time.
  [[nodiscard]] std::uint64_t digest() const { return digest_.value(); }
  [[nodiscard]] const Scenario& scenario() const { return *scenario_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }

 private:
  /// A task as it runs.
  struct TaskRun {
    ArrivalStream arrivals;
    const TraceEntry* next_entry = nullptr; ///< trace entry of the release that is in the event queue
    JobIndex jobs = 0;                      ///< released so far
    JobIndex last_submission = 0;           ///< rank of the last one submitted: they keep their order
    std::vector<TaskIndex> children;        ///< tasks released by its completions
  };

  /// What a job of a cascade takes over from the job that released it.
  struct CascadeParent {
    Time root_release;
    JobIndex draw;
  };

  /// A release that does not come from an arrival stream: a cascade's or a submitted one.
  struct PendingRelease {
    std::optional<CascadeParent> parent; ///< of the cascade
    Submission request;
  };

  /// What a layer, or the rest of it, takes on the accelerators it starts on, by estimates.
  struct StretchTimes {
    Duration restore; ///< of its context
    Duration latency;
  };

  /// An uninterrupted run of a layer, or of a part of it.
  struct Stretch {
    Duration setup;
    Time expected;    ///< end by estimates
    Time finish;      ///< actual end
    double energy_nj; ///< of the whole layer
  };

  /// One layer of a pair that is to be fused.
  struct FusedHalf {
    Decision decision;
    JobSlot slot;
    LayerIndex layer;
    const OptionCost* cost;
  };

  static constexpr std::uint32_t kFromArrivals = Event::kMaxPayload;
  static constexpr TaskIndex kSchedulerTimer = Event::kMaxTask;

  void schedule_next_arrival(TaskIndex task);
  void schedule_pending(const PendingRelease& pending, JobIndex order);
  void apply(const Event& event);
  void release_arrival(TaskIndex task);
  void release_pending(TaskIndex task, std::uint32_t slot);
  void check_job_limit(TaskIndex task) const;
  void create_job(TaskIndex task, const TraceEntry* entry, const CascadeParent* parent);
  void complete_layer(AcceleratorIndex accelerator);
  void complete_extended(AcceleratorIndex accelerator);
  void end_layer(AcceleratorIndex accelerator, const Running& done);
  void advance(JobSlot job, LayerIndex layer);
  [[nodiscard]] bool skips(JobSlot job, LayerIndex layer);
  void skip_layers(JobSlot job, LayerIndex layer);
  [[nodiscard]] bool exits_after(JobSlot job, LayerIndex layer);
  void release_successors(JobSlot slot, LayerIndex finished);
  void end_job(JobSlot slot, bool dropped);
  void release_children(const Job& job);
  void at_deadline(TaskIndex task, JobIndex index, JobSlot slot);
  void drop_job(JobSlot slot);
  void drop_waiting(JobSlot slot);
  void drop_hopeless();
  [[nodiscard]] Duration fastest_alternative(ReadyId id) const;
  void ask_scheduler();
  void set_wake(Time wake);
  void wake_up() { wake_ = kNever; }
  [[nodiscard]] bool may_ask() const { return preemptive_ || (state_.idle.count() > 0 && !state_.ready.empty()); }
  void start(const Decision& decision);
  const OptionCost& check_start(const Decision& decision) const;
  [[nodiscard]] Duration actual_latency(const Decision& decision, const Job& job, LayerIndex layer) const;
  void mark_started(const Decision& decision, Job& job, LayerIndex layer);
  void occupy(const Decision& decision, AcceleratorState& accelerator, const Running& running, const Job& job,
              Time expected, Time finish);
  static void switch_to(AcceleratorState& accelerator, TaskIndex task);
  void announce_start(const Decision& decision, LayerIndex layer, const Job& job, const Event& completion,
                      Duration setup, Fused fused);
  bool apply_before_starts(const Decisions& decisions);
  bool apply_after_starts(const Decisions& decisions);
  void use_network(const NetworkDecision& decision);
  void drop_by_decision(ReadyId id);
  void check_variant(const Decision& d, const TaskTables& tables, LayerIndex layer, const Job& job) const;
  [[noreturn]] [[gnu::cold]] void reject(const Decision& decision, const char* rule) const;

  // Extensions: preemption, groups, fusion, context energy, shared memory (simulator_extensions_inl.hpp).
  void discard_superseded();
  [[nodiscard]] Progress& progress_of(Job& job, LayerIndex layer);
  [[nodiscard]] StretchTimes stretch_times(const Decision& decision, Duration latency) const;
  void begin_stretch(const Decision& decision, JobSlot slot, LayerIndex layer, const Stretch& stretch);
  void occupy_group(const Decision& decision, const Stretch& stretch);
  void free_group(AcceleratorIndex leader);
  void fuse(const FuseDecision& decision);
  [[nodiscard]] FusedHalf half(const Decision& decision) const;
  [[nodiscard]] Duration actual_of_pair(const FusedHalf& first, const FusedHalf& second, Duration estimate) const;
  bool stop(const StopDecision& decision);
  void checkpoint(AcceleratorIndex leader);
  [[nodiscard]] const Preemption& preemption_of(AcceleratorIndex accelerator) const;
  void stop_stretch(AcceleratorIndex leader, std::uint32_t tiles_done, bool killed);
  void reschedule(AcceleratorIndex leader, Time finish, Time expected);
  void limit_memory(const LimitDecision& decision);
  void share_memory();
  [[noreturn]] [[gnu::cold]] void reject_for(AcceleratorIndex accelerator, const char* rule) const;

  JobSlot allocate_job();
  std::uint32_t allocate_dag(const Network& network);
  void make_ready(JobSlot slot, LayerIndex layer);
  void grow_ready_pool();
  void remove_ready(ReadyId id);

  const Scenario* scenario_;
  Scheduler* scheduler_;
  std::uint64_t seed_;
  std::vector<TaskTables> tables_;
  std::vector<TaskRun> tasks_;
  SystemState state_;
  SystemView view_;
  EventQueue events_;
  std::vector<PendingRelease> pending_;
  std::vector<std::uint32_t> free_pending_;
  Decisions decisions_;
  Time wake_ = kNever; ///< the earliest pending wake-up of the scheduler
  std::vector<Observer*> on_release_, on_start_, on_finish_, on_job_end_, on_instant_, on_stop_, on_skip_;
  SimulationCounters counters_;
  Digest digest_;
  bool any_hopeless_rule_ = false;
  bool preemptive_ = false;     ///< the scheduler is always asked
  bool extended_ = false;       ///< the platform has extensions
  bool memory_changed_ = false; ///< who uses the shared memory, or how much, has changed
  std::vector<MemoryShare> shares_;
  std::uint64_t superseded_ = 0; ///< completions in the queue that will not happen at their time
};

} // namespace terastal

// clang-format off: in the order of a run
#include "terastal/sim/simulator_decisions_inl.hpp"
#include "terastal/sim/simulator_extensions_inl.hpp"
#include "terastal/sim/simulator_inl.hpp"
// clang-format on
