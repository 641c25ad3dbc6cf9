#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "terastal/experiment/metric_table.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// A number among a policy's settings, and where to look for its best value.
struct TunedSetting {
  std::string name;
  double low = 0.0;
  double high = 1.0; ///< above low
};

/// How to look for settings.
struct TuneOptions {
  const MetricInfo* metric = nullptr; ///< what to improve; never null
  std::optional<std::uint64_t> seed;  ///< of the first replication; the scenario's when absent
  std::size_t replications = 3;       ///< ≥ 1; the same seeds for every probe
  std::size_t threads = 0;            ///< 0: all cores. Results do not depend on it
  double radius = 0.25;               ///< first step, as a share of each setting's range
  double smallest_radius = 0.025;     ///< the search ends below this step
  int most_moves = 5;                 ///< or after so many moves
  std::function<bool()> keep_going;   ///< false: stop soon. Called from all threads
  std::function<void(std::size_t probe, const std::string& policy)> progress; ///< before each probe, counted from 1
};

/// One choice of values, and the metric's mean over the replications.
struct TuneProbe {
  std::vector<double> values; ///< in the order of the settings
  double metric = 0.0;
};

struct TuneResult {
  std::string policy; ///< label with the best values, as `--policy` takes it
  std::vector<TuneProbe> probes;
  std::size_t best = 0; ///< position in `probes`
  int moves = 0;
  bool complete = true; ///< false when `keep_going` ended the search early; the best so far stands
};

/// Looks for the values of a policy's settings that make a metric best on one scenario, by a pattern search (see
/// PatternSearch) from the values the policy has; every probe meets the same random draws. A local optimum, for these
/// seeds: check it with others. Deterministic for any number of threads.
/// \throws InputError for settings that are not numbers of the policy, values outside the setting's range, or a metric
/// without a value; what `run` throws.
[[nodiscard]] TuneResult tune(const Scenario& scenario, const Policy& policy, const std::vector<TunedSetting>& settings,
                              const TuneOptions& options);

} // namespace terastal
