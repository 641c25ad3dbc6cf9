#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Where MSER cuts a series.
struct MserCut {
  std::size_t length = 0;  ///< values of the series
  std::size_t deleted = 0; ///< values from the start to leave out; a multiple of the batch size
  double statistic = 0.0;  ///< the smallest value of the criterion: the squared standard error of what is kept, as if
                           ///< its batch means were independent
  /// False when more than half would be deleted, or the series has fewer than ten batches: it is too short to tell.
  bool accepted = false;
};

/// MSER-5 (White 1997; Spratt 1998): of the means Y of batches of five it deletes the first d that minimise
/// Σ_{i>d} (Y_i − mean)² / (n − d)². Looked for among all d that keep five batches or more; the smallest of equals.
/// Values after the last whole batch are left out. O(length).
[[nodiscard]] MserCut mser(std::span<const double> series, std::size_t batch = 5);

/// How to look for a warm-up.
struct WarmUpOptions {
  std::uint64_t first_seed = 1;     ///< of the pilot runs; should not be seeds of the measurement
  std::size_t replications = 5;     ///< pilot runs per policy, ≥ 1
  std::size_t threads = 0;          ///< 0: all cores. Results do not depend on it
  std::function<bool()> keep_going; ///< false: stop soon. Called from all threads
};

/// What the pilot runs of one policy say.
struct PolicyWarmUp {
  std::string policy;
  MserCut cut;
  Duration warm_up{0}; ///< latest release of the first job kept, over the pilot runs, rounded up to microseconds;
  ///< 0 when nothing is deleted
};

/// The warm-up that a scenario needs under several policies.
struct WarmUpEstimate {
  std::uint64_t first_seed = 0;
  std::size_t replications = 0;
  std::vector<PolicyWarmUp> policies; ///< empty when it was interrupted
  /// The longest of the policies; nothing when a policy's cut was not accepted: the horizon is too short for it, or it
  /// has no steady state (more load than it can serve).
  std::optional<Duration> warm_up;
};

/// Looks for the warm-up by pilot runs. Our reading of MSER-5 for jobs: a policy's series is the response time divided
/// by the task's relative deadline (dropped jobs: the time until they were dropped) of all jobs in order of release,
/// then task; the k-th values of the pilot runs are averaged, up to the end of the shortest run. Deterministic for any
/// number of threads. \throws what `run` throws.
[[nodiscard]] WarmUpEstimate estimate_warm_up(const Scenario& scenario, const std::vector<Policy>& policies,
                                              const WarmUpOptions& options);

} // namespace terastal
