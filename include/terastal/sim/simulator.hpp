#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "terastal/core/digest.hpp"
#include "terastal/core/packed_heap.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/sim/scheduler.hpp"
#include "terastal/sim/state.hpp"
#include "terastal/sim/view.hpp"

namespace terastal {

/// A request given to `Simulator::submit`.
struct Submission {
  TaskIndex task = 0;
  Time release{};                       ///< not in the past
  std::optional<Duration> deadline;     ///< relative; the task's when absent
  std::optional<int> priority;          ///< the task's when absent
  std::optional<std::int64_t> sample;   ///< id in the network's sample table
};

/// Counters of a run so far.
struct SimulationCounters {
  std::uint64_t events = 0;     ///< completions, releases and timers applied
  std::uint64_t decisions = 0;  ///< layers started
  std::uint64_t asked = 0;      ///< calls of Scheduler::dispatch
};

/// Runs one scenario under one policy, event by event.
///
/// Events at one instant are applied in the order completions, releases, timers, each by (task, job); then late jobs are
/// dropped where asked for, and the scheduler is asked. The whole is deterministic. A simulator is not thread-safe;
/// any number may run side by side on one scenario. Limits (checked, SimulationError): 8192 tasks, 2^31 jobs per task,
/// 2^20 jobs in flight, 16384 accelerators, 106 days.
class Simulator {
 public:
  /// Uses `scenario.seed`. The scenario and the scheduler must outlive the simulator; the scenario must be valid.
  Simulator(const Scenario& scenario, Scheduler& scheduler) : Simulator(scenario, scheduler, scenario.seed) {}
  Simulator(const Scenario& scenario, Scheduler& scheduler, std::uint64_t seed);

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
  [[nodiscard]] std::optional<Time> next_event_time();

  /// Adds a request to those of the arrivals, horizon or not. \throws SimulationError if `release` is in the past.
  void submit(const Submission& submission);

  [[nodiscard]] Time now() const { return state_.now; }
  [[nodiscard]] const SystemView& view() const { return view_; }
  [[nodiscard]] const SystemState& state() const { return state_; }
  [[nodiscard]] const SimulationCounters& counters() const { return counters_; }
  /// Fingerprint of the event stream so far: every release, start, finish and drop with its time.
  [[nodiscard]] std::uint64_t digest() const { return digest_.value(); }
};

}  // namespace terastal
