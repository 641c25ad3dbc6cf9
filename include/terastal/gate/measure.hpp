#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "terastal/gate/baseline.hpp"
#include "terastal/io/load.hpp"

namespace terastal {

/// How to run what a plan says.
struct MeasureOptions {
  std::size_t threads = 0;          ///< 0: all cores. Results do not depend on it
  std::function<bool()> keep_going; ///< false: stop soon and keep what is finished. Called from all threads
  std::function<void(std::size_t done, std::size_t total)> progress; ///< after each run; calls do not overlap
};

/// What a plan gives now.
struct Measurement {
  std::vector<GateCell> cells; ///< in the order of a baseline's; each with the replications that all of them finished
  std::vector<InputFile> inputs;
  std::size_t replications = 0; ///< finished by every cell
  bool complete = true;         ///< false when `keep_going` ended it early
};

/// Lets every scenario start from the seed that the baseline recorded for it, so that differences can be paired.
/// Precondition: as many scenarios as the baseline's plan has.
void pin_seeds(std::vector<LoadedScenario>& scenarios, const Baseline& baseline);

/// Runs a plan: scenario `i` is that of `plan.scenarios[i]`, loaded with the plan's overrides. The scenarios' seeds are
/// the first ones. Deterministic for any number of threads. \throws what `run` throws, of the first run that failed.
[[nodiscard]] Measurement measure(const GatePlan& plan, const std::vector<LoadedScenario>& scenarios,
                                  const MeasureOptions& options = {});

} // namespace terastal
