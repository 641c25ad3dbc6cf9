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

/// A layer starts. It occupies the accelerator until `finish`.
struct StartEvent {
  Time time;
  Time finish;    ///< actual, not estimated
  Duration setup; ///< part of the occupation spent on transfers and model switches
  TaskIndex task;
  JobIndex job;
  LayerIndex layer;
  OptionIndex option;
  AcceleratorIndex accelerator;
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
  enum Interest : unsigned { releases = 1, starts = 2, finishes = 4, job_ends = 8, instants = 16, everything = 31 };

  virtual ~Observer() = default;
  [[nodiscard]] virtual unsigned interests() const = 0;

  virtual void on_release(const ReleaseEvent&) {}
  virtual void on_start(const StartEvent&) {}
  virtual void on_finish(const FinishEvent&) {}
  virtual void on_job_end(const JobEndEvent&) {}
  virtual void on_instant(const InstantEvent&) {}
};

} // namespace terastal
