#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "terastal/metrics/metrics.hpp"
#include "terastal/metrics/result.hpp"
#include "terastal/metrics/service.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// How to run one scenario under one policy.
struct RunOptions {
  std::optional<std::uint64_t> seed; ///< the scenario's when absent
  MetricsOptions metrics;
  std::optional<ServiceOptions> service = ServiceOptions{}; ///< nothing: RunResult::service is not gathered
  std::vector<Observer*> observers; ///< told after the metrics, in this order; must outlive the run; never null
  bool check_invariants = false;    ///< let a ScheduleChecker watch; about doubles the time
  /// Asked every few thousand instants with the simulated time; false stops the run, whose result is then marked
  /// incomplete. Empty: never asked.
  std::function<bool(Time now)> keep_going;
};

/// Runs a scenario under a policy from start to end and sums it up. Deterministic: equal arguments give equal results.
/// Any number of runs may go on at once on one scenario.
/// \throws SimulationError when the run cannot go on, PolicyError for an illegal decision, SimulationError listing what
/// the checker found if `check_invariants` is set.
[[nodiscard]] RunResult run(const Scenario& scenario, const Policy& policy, const RunOptions& options = {});

} // namespace terastal
