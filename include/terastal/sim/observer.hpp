#pragma once

#include <cstdint>

#include "terastal/core/time.hpp"
#include "terastal/model/network.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

using JobIndex = std::uint32_t; ///< position among its task's jobs, by release

inline constexpr std::uint32_t kNoSample = 0xFFFFFFFFU; ///< a job whose times come from the table, not from a sample

/// A job enters the system.
struct ReleaseEvent {
  Time time;
  TaskIndex task;
  JobIndex job;
  Time deadline;     ///< absolute
  Time root_release; ///< release of the cascade's first job; `time` outside cascades
};

/// Whether a layer shares its accelerator with another one.
enum class Fused : std::uint8_t {
  no,
  first, ///< of a pair that runs and ends together
  second ///< the event follows that of the first, at the same time and with the same end
};

/// A layer starts, or goes on after it was stopped. It occupies the accelerator until `finish`, unless it is stopped
/// before (StopEvent) or the platform's memory is shared, when it may take longer.
struct StartEvent {
  Time time;
  Time finish;    ///< actual, not estimated
  Duration setup; ///< part of the occupation spent on transfers and model switches
  TaskIndex task;
  JobIndex job;
  LayerIndex layer;
  OptionIndex option;
  AcceleratorIndex accelerator;
  std::uint32_t group = 1;       ///< accelerators it occupies: this one and the idle ones of its type with the smallest
                                 ///< indices
  std::uint32_t tiles_done = 0;  ///< parts of the layer that were done before, in tiles of the accelerator's type
  std::uint32_t alternative = 0; ///< network the job runs: 0 the task's own, else 1 + index into Task::alternatives
  Fused fused = Fused::no;
};

/// A running layer is stopped and waits again. Sent when its accelerator becomes idle.
struct StopEvent {
  Time time;
  TaskIndex task;
  JobIndex job;
  LayerIndex layer;
  AcceleratorIndex accelerator;
  std::uint32_t tiles_done; ///< parts of the layer that are done now, in tiles of the accelerator's type
  bool killed;              ///< at once, with what this stretch has done lost; else at the end of a tile, and saved
};

/// A layer of a job that will not run: the job passes it by, or has ended before it.
struct SkipEvent {
  Time time;
  TaskIndex task;
  JobIndex job;
  LayerIndex layer; ///< the layer; for an exit the last one that ran
  bool exit;        ///< the job ends here, complete
};

/// A layer ends.
struct FinishEvent {
  Time time;
  TaskIndex task;
  JobIndex job;
  LayerIndex layer;
  AcceleratorIndex accelerator;
};

/// A job leaves the system: completed, or dropped.
struct JobEndEvent {
  Time time;
  TaskIndex task;
  JobIndex job;
  Time release;
  Time deadline;
  Time root_release;
  VariantSet variants;
  double energy_nj;
  bool dropped;
  std::uint32_t sample = kNoSample; ///< row of the network's sample table the job ran with
  std::uint32_t alternative = 0;    ///< network the job ran: 0 the task's own, else 1 + index into Task::alternatives

  [[nodiscard]] bool late() const { return !dropped && time > deadline; }
  [[nodiscard]] bool missed() const { return dropped || time > deadline; }
};

/// The scheduler has no further decision for this instant.
struct InstantEvent {
  Time time;
  std::uint32_t idle_accelerators;
  std::uint32_t ready_layers;
};

/// Receives what happens, in order, while it happens. Observers do not influence the run; an exception ends it.
///
/// Only the events named in `interests()` are delivered, so an observer costs nothing for the rest.
class Observer {
 public:
  enum Interest : unsigned {
    releases = 1,
    starts = 2,
    finishes = 4,
    job_ends = 8,
    instants = 16,
    stops = 32,
    skips = 64,
    everything = 127
  };

  virtual ~Observer() = default;
  [[nodiscard]] virtual unsigned interests() const = 0;

  virtual void on_release(const ReleaseEvent&) {}
  virtual void on_start(const StartEvent&) {}
  virtual void on_finish(const FinishEvent&) {}
  virtual void on_stop(const StopEvent&) {}
  virtual void on_skip(const SkipEvent&) {}
  virtual void on_job_end(const JobEndEvent&) {}
  virtual void on_instant(const InstantEvent&) {}
};

} // namespace terastal
