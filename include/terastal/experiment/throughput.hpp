#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "terastal/sched/registry.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Which share of jobs must be in time.
enum class ThroughputCriterion : std::uint8_t {
  jobs,       ///< of all jobs together
  worst_task, ///< of the task with the smallest share
};

/// How to look for the latency-bounded throughput.
struct ThroughputOptions {
  double qos = 0.99; ///< share of jobs that must meet their deadline, in (0, 1]
  ThroughputCriterion criterion = ThroughputCriterion::jobs;
  double min_scale = 0.01;  ///< smallest and
  double max_scale = 100.0; ///< largest factor on the scenario's rates that is tried; 0 < min ≤ max
  double tolerance = 0.01;  ///< the bound is found when a failing factor lies within this share above it; in [1e-6, 1]
  std::size_t checks = 4;   ///< further factors to try around the bound, in steps of 15 % below and above it
  std::optional<std::uint64_t> seed; ///< of the first replication; the scenario's when absent
  std::size_t replications = 5;      ///< ≥ 1; the same seeds at every factor
  std::size_t threads = 0;           ///< 0: all cores. Results do not depend on it
  std::function<bool()> keep_going;  ///< false: stop soon. Called from all threads
  std::function<void(std::size_t probe, double scale)> progress; ///< before each probe, which counts from 1
};

/// What happened at one factor, all replications together.
struct ThroughputProbe {
  double scale = 1.0;      ///< factor on the scenario's rates
  std::uint64_t jobs = 0;  ///< counted jobs; with none, everything counts as in time
  double in_time = 1.0;    ///< share that met the deadline, by the criterion
  double jobs_per_s = 0.0; ///< counted jobs per second of [warm-up, horizon), cascades included, mean of a replication
  bool enough = false;     ///< in_time ≥ qos
};

/// How the search ended.
enum class ThroughputEnd : std::uint8_t {
  bounded,   ///< the bound is known to the tolerance
  below_min, ///< even the smallest factor is too much: there is no bound
  above_max, ///< even the largest factor is served: the bound lies at or above it
  stopped,   ///< `keep_going` ended it early; the bound is the best so far
};

struct ThroughputResult {
  std::string policy;
  ThroughputEnd end = ThroughputEnd::bounded;
  std::optional<ThroughputProbe> bound;    ///< the largest factor that was served below one that was not
  std::optional<ThroughputProbe> too_much; ///< the smallest factor above it that was not served
  std::vector<ThroughputProbe> probes;     ///< in the order in which they were made
  /// A factor that was not served though a larger one was: the share in time is not monotone, and the bound only one of
  /// several. Pairs of positions in `probes`: (not served, larger and served).
  std::vector<std::pair<std::size_t, std::size_t>> reversals;
};

/// The largest factor on all arrival rates of a scenario at which at least `qos` of the jobs meet their deadline under
/// a policy: latency-bounded throughput, as MLPerf's server rule asks for it (there with Poisson arrivals, 99 %).
///
/// From factor 1 the range is doubled or halved until it holds the bound, then divided geometrically. Every factor
/// meets the same random draws. The search assumes that more load never serves better; no such thing is guaranteed
/// (scheduling anomalies), so a few factors around the bound are tried as well, and reversals told. Deterministic for
/// any number of threads. \throws InputError for a trace, or options out of range; what `run` throws.
[[nodiscard]] ThroughputResult latency_bounded_throughput(const Scenario& scenario, const Policy& policy,
                                                          const ThroughputOptions& options = {});

/// `bounded`, `below_min`, `above_max`, `stopped`.
[[nodiscard]] const char* to_string(ThroughputEnd end);
/// `jobs`, `worst_task`.
[[nodiscard]] const char* to_string(ThroughputCriterion criterion);

} // namespace terastal
