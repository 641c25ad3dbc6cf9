#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "terastal/offline/lalarand/task_sets.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// A policy under the name a report gives it.
struct SchedulabilityMethod {
  std::string name;
  Policy policy;
};

/// LaLaRAND and the baselines of its authors: `all_gpu`, `preferred`, `static`, `dart_gc`, `dart_cg`, `lalarand_static`
/// (without migration), `lalarand`.
[[nodiscard]] std::vector<SchedulabilityMethod> lalarand_methods();

struct SchedulabilityOptions {
  std::vector<double> utilisations; ///< of task sets, GPU only; ascending
  std::size_t sets = 100;           ///< for each utilisation
  TaskSetOptions task_sets;
  std::uint64_t seed = 1;
  std::size_t threads = 0;          ///< 0: all cores. Results do not depend on it
  std::function<bool()> keep_going; ///< false: stop soon and keep what is finished. Called from all threads
  std::function<void(std::size_t done, std::size_t total)> progress; ///< after each set; calls do not overlap
};

/// What one method did with the task sets of one utilisation, or of all.
struct MethodCount {
  std::size_t simulated = 0;           ///< sets without a miss in one simulated hyperperiod
  std::optional<std::size_t> analysed; ///< sets whose response-time bounds all hold; nothing without an analysis
  double accuracy_loss = 0.0;          ///< mean over the jobs of sets without a miss
  double largest_loss = 0.0;           ///< of a job
};

struct UtilisationPoint {
  double target = 0.0;
  double mean = 0.0;                ///< of the sets, after rounding of periods
  std::size_t sets = 0;             ///< finished ones
  std::vector<MethodCount> methods; ///< in the order of the methods
};

struct Schedulability {
  std::vector<UtilisationPoint> points; ///< in the order of the utilisations
  UtilisationPoint total;               ///< of all; its target means nothing
  bool complete = true;                 ///< false when `keep_going` ended it early
};

/// Draws task sets over the networks of a scenario's tasks, and asks for every method which it schedules: by
/// response-time bounds where there is an analysis (`lalarand` without migration in a fixed order), and by simulating
/// one hyperperiod from a common start. All methods meet the same sets. Deterministic for any number of threads.
/// \throws InputError if sets cannot be drawn; SimulationError if a run fails or misses a deadline that a bound
/// promised.
[[nodiscard]] Schedulability schedulability(const Scenario& pool, const std::vector<SchedulabilityMethod>& methods,
                                            const SchedulabilityOptions& options);

} // namespace terastal
