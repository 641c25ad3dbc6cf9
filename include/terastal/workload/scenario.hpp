#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/workload/arrivals.hpp"

namespace terastal {

using TaskIndex = std::uint32_t;

/// What happens to a job that is late or cannot be in time. Running layers are never aborted.
enum class LateJobs : std::uint8_t {
  run_on,           ///< nothing
  drop_at_deadline, ///< dropped at its deadline (when its running layer ends, if one runs)
  drop_hopeless,    ///< dropped before a dispatch round in which even its fastest remaining chain would be late
};

/// Actual execution times against the estimates that schedulers see.
struct ExecutionTimes {
  enum class Kind : std::uint8_t { equal, uniform, lognormal, exponential, samples, measured };
  Kind kind = Kind::equal;
  double low = 1.0;  ///< uniform: smallest factor
  double high = 1.0; ///< uniform: largest factor
  double cv = 0.0;   ///< lognormal: coefficient of variation; the mean factor is 1
};

/// Cascade: a job is released when a job of `task` completes, with `probability`.
struct Parent {
  TaskIndex task = 0;
  double probability = 1.0;
  bool deadline_from_root = true; ///< deadline counts from the release of the cascade's first job, else from this one's
};

/// (m, k)-firm requirement: at least m of any k consecutive jobs meet their deadline. 1 ≤ m ≤ k ≤ 64.
struct FirmRequirement {
  int m = 1;
  int k = 1;
};

/// A network that is requested again and again, with a relative deadline.
struct Task {
  std::string name;
  std::uint32_t network = 0; ///< index into Scenario::networks
  Arrivals arrivals;
  Duration deadline{0}; ///< relative, > 0
  int priority = 0;     ///< smaller is more urgent
  double weight = 1.0;  ///< larger is more important
  double theta = 0.9;   ///< a variant set is valid if accuracy ≥ theta · baseline
  LateJobs late_jobs = LateJobs::run_on;
  ExecutionTimes execution;
  std::optional<Parent> parent;
  std::optional<FirmRequirement> firm;
  std::vector<std::uint32_t> alternatives; ///< supernet: further networks of the same function, indices into
                                           ///< Scenario::networks; a policy may choose one at a job's first dispatch
  std::vector<std::vector<LayerIndex>> switch_points; ///< where running jobs may change networks: each row names one
                                                      ///< layer per network (its own, then the alternatives) that reads
                                                      ///< the same tensor
};

/// Everything a run needs but the policy: immutable once built, shared by any number of simulations.
struct Scenario {
  std::string name;
  std::string description;
  std::string source;
  Platform platform;
  std::vector<Network> networks; ///< merged to the task's granularity, bound to the platform
  std::vector<Task> tasks;
  Duration horizon{0}; ///< releases stop here
  Duration warm_up{0}; ///< jobs released before are not counted
  std::uint64_t seed = 1;

  [[nodiscard]] const Network& network_of(TaskIndex task) const { return networks[tasks[task].network]; }
  /// The network of one alternative of a task; 0 is its own.
  [[nodiscard]] const Network& network_of(TaskIndex task, std::uint32_t alternative) const {
    return networks[alternative == 0 ? tasks[task].network : tasks[task].alternatives[alternative - 1]];
  }
};

/// The mean distance of a task's releases: period, 1/rate, or for bursts and traces the long-run mean; for a cascade
/// the parent's divided by its probability. Zero when unknown (no arrivals, an empty trace).
[[nodiscard]] Duration mean_period(const Scenario& scenario, TaskIndex task);

/// The name of a late-job rule as files write it.
[[nodiscard]] constexpr const char* to_string(LateJobs rule) {
  switch (rule) {
  case LateJobs::run_on:
    return "run_on";
  case LateJobs::drop_at_deadline:
    return "drop_at_deadline";
  case LateJobs::drop_hopeless:
    return "drop_hopeless";
  }
  return "";
}

namespace detail {

struct MeanPeriod {
  Duration horizon;

  Duration operator()(const NoArrivals&) const { return Duration{0}; }
  Duration operator()(const PeriodicArrivals& a) const { return a.period; }
  Duration operator()(const SporadicArrivals& a) const { return checked_add(a.period, a.extra); }
  Duration operator()(const PoissonArrivals& a) const { return a.mean_gap; }
  Duration operator()(const BurstArrivals& a) const {
    const double on_share = to_seconds(a.mean_on) / (to_seconds(a.mean_on) + to_seconds(a.mean_off));
    return scaled(a.mean_gap, 1.0 / on_share);
  }
  Duration operator()(const TraceArrivals& a) const {
    return a.entries.empty() ? Duration{0} : horizon / static_cast<Duration::rep>(a.entries.size());
  }
};

} // namespace detail

inline Duration mean_period(const Scenario& scenario, TaskIndex task) {
  const Task& t = scenario.tasks[task];
  if (!t.parent) return std::visit(detail::MeanPeriod{scenario.horizon}, t.arrivals);
  const Duration parent = mean_period(scenario, t.parent->task);
  return t.parent->probability > 0.0 ? detail::scaled(parent, 1.0 / t.parent->probability) : Duration{0};
}

} // namespace terastal
