#pragma once

#include <algorithm> // max
#include <cstddef>
#include <vector>

#include "terastal/core/time.hpp"

namespace terastal {

/// A task on one accelerator, as the tests for one accelerator see it. All durations but the jitter are above 0.
///
/// Its jobs are released at least `period` apart, each up to `jitter` later than that. A job is a sequence of parts
/// that run to their end; between them the accelerator may turn to another job.
struct SequentialTask {
  Duration wcet{0};     ///< all parts of a job
  Duration period{0};   ///< smallest distance of releases, before jitter
  Duration deadline{0}; ///< relative to the release; may exceed the period
  Duration jitter{0};
  Duration longest{1}; ///< longest part: 1 ps for a job that is preempted anywhere, `wcet` for one that never is
  Duration last{1};    ///< shortest part that may be a job's last
};

/// What a test says.
enum class TestVerdict {
  accepted, ///< every deadline is met, whatever the offsets of the tasks
  refused,  ///< by an exact test: some offsets miss a deadline; by a sufficient one: nothing is known
  gave_up,  ///< the test took too long
};

/// How long a job waits for a part of another one that should not be served before it: that part started at least 1 ps
/// before it had to wait, so 1 ps of it is over.
[[nodiscard]] inline Duration blocking_by(const SequentialTask& task) {
  return std::max(task.longest - Duration{1}, Duration::zero());
}

/// The same tasks, preempted anywhere.
[[nodiscard]] inline std::vector<SequentialTask> preempted_anywhere(std::vector<SequentialTask> tasks) {
  for (SequentialTask& task : tasks) task.longest = task.last = Duration{1};
  return tasks;
}

/// The same tasks, each job in one part.
[[nodiscard]] inline std::vector<SequentialTask> never_preempted(std::vector<SequentialTask> tasks) {
  for (SequentialTask& task : tasks) task.longest = task.last = task.wcet;
  return tasks;
}

} // namespace terastal
