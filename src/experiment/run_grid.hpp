#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "terastal/experiment/compare.hpp"

namespace terastal {

/// One run of a comparison.
struct RunIndex {
  std::size_t scenario = 0;
  std::size_t policy = 0;
  std::size_t replication = 0;
};

/// Runs are numbered with the replication as the slowest index, so an interrupted comparison has whole replications of
/// every scenario and policy, and a grid grows at its end.
struct GridShape {
  std::size_t scenarios = 0;
  std::size_t policies = 0;
  std::size_t replications = 0;

  [[nodiscard]] std::size_t size() const { return scenarios * policies * replications; }
  [[nodiscard]] std::size_t flat(RunIndex i) const {
    return (i.replication * scenarios + i.scenario) * policies + i.policy;
  }
  [[nodiscard]] RunIndex index(std::size_t flat) const {
    return {flat / policies % scenarios, flat % policies, flat / policies / scenarios};
  }
};

/// The results of all runs; null where a run was not finished.
struct RunGrid {
  GridShape shape;
  std::vector<std::unique_ptr<RunResult>> results;

  [[nodiscard]] std::unique_ptr<RunResult>& at(RunIndex i) { return results[shape.flat(i)]; }
  [[nodiscard]] const std::unique_ptr<RunResult>& at(RunIndex i) const { return results[shape.flat(i)]; }
  /// Replications of a scenario, from the first on without a gap, that every policy finished.
  [[nodiscard]] std::size_t finished_replications(std::size_t scenario) const;
  /// Whether no run is missing.
  [[nodiscard]] bool complete() const;
};

/// Does all runs on `options.threads` threads. \throws what the first failing run throws, after the others stopped.
[[nodiscard]] RunGrid run_grid(const std::vector<const Scenario*>& scenarios, const std::vector<Policy>& policies,
                               const CompareOptions& options);

/// Adds the runs that make it `replications` of each scenario and policy; an empty grid takes its shape from the lists.
/// `expected` runs in all are told to `options.progress` (at least those of this call).
void extend_grid(RunGrid& grid, const std::vector<const Scenario*>& scenarios, const std::vector<Policy>& policies,
                 const CompareOptions& options, std::size_t replications, std::size_t expected = 0);

} // namespace terastal
