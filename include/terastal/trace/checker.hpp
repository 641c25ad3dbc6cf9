#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "terastal/sim/observer.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// An independent judge of a schedule: reads the stream of events and the scenario, knows nothing of the engine.
///
/// Proves for every run it watches: time never goes back; no accelerator runs two layers at once; layers start after
/// their job's release and after all their predecessors, run once, without interruption, for exactly their time (when
/// actual times follow from the table or a sample; within the noise model's bounds otherwise); variant sets stay valid; energy and variant
/// set of a finished job are those of its layers; jobs complete exactly when all layers did; nothing of a dropped job starts;
/// releases stay inside the horizon, deadlines are the task's; and, if promised, work conservation.
class ScheduleChecker : public Observer {
 public:
  struct Options {
    bool work_conserving = false;      ///< the policy's promise
    std::size_t max_errors = 20;       ///< stop recording after so many
  };

  ScheduleChecker(const Scenario& scenario, Options options);

  [[nodiscard]] unsigned interests() const override { return everything; }
  void on_release(const ReleaseEvent& e) override;
  void on_start(const StartEvent& e) override;
  void on_finish(const FinishEvent& e) override;
  void on_job_end(const JobEndEvent& e) override;
  void on_instant(const InstantEvent& e) override;

  /// Call after the run: nothing may be left in flight.
  void finish();

  /// What was violated, with time, task and job; empty if the schedule is legal.
  [[nodiscard]] const std::vector<std::string>& errors() const { return errors_; }

 private:
  std::vector<std::string> errors_;
};

}  // namespace terastal
