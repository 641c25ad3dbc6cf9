#pragma once

#include <optional>

#include "io/diagnostics.hpp"
#include "io/files.hpp"
#include "io/network_pool.hpp"
#include "io/value.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal::io {

/// A task's arrivals, and the deadline that follows from them when the task gives none.
struct ArrivalsWithDeadline {
  Arrivals arrivals;
  std::optional<Duration> deadline;
};

/// Reads the key `arrivals` of a task. `network` is the task's, null when it has errors; traces refer to its samples.
[[nodiscard]] ArrivalsWithDeadline build_arrivals(const Value& arrivals, const NetworkPool::Entry* network,
                                                  Files& files, Diagnostics& diagnostics);

/// Reads the key `execution` of a task or scenario; nothing when absent.
[[nodiscard]] std::optional<ExecutionTimes> build_execution(const Value& execution, Diagnostics& diagnostics);

} // namespace terastal::io
