#pragma once

#include <optional>
#include <string>
#include <vector>

#include "terastal/experiment/analysis.hpp"
#include "terastal/offline/analysis/layer_fixed_priority.hpp"
#include "terastal/offline/analysis/sequential_task.hpp"

namespace terastal {

/// A task with its layers on sites. With a reason only `sites` is known.
struct MappedTask {
  TaskIndex task = 0;
  std::string reason; ///< why tests do not apply; empty when they do
  Duration period{0};
  Duration jitter{0};
  Duration deadline{0};
  std::vector<LayerOnResource> layers;
  bool chain = true;
  Duration last{0}; ///< shortest layer that may end a job
  std::vector<std::size_t> sites;

  [[nodiscard]] Duration wcet() const;
  [[nodiscard]] SequentialTask sequential() const;
  [[nodiscard]] LayerTask layered() const;
};

/// A scenario as tests see it.
struct MappedScenario {
  std::vector<Site> sites;
  std::vector<MappedTask> tasks;
  bool exact_times = true; ///< times are those of the tables: no set-up costs, no noise, no jobs that skip layers
};

/// Puts every layer on a site.
[[nodiscard]] MappedScenario map_layers(const Scenario& scenario, const AnalysisOptions& options);

/// A site for each task such that the largest sum of shares on a site is least; `shares` by task and site, infinite
/// where the task cannot run. Exact up to 10⁶ nodes of the search, then the best one found; all on the first site when
/// there is none.
[[nodiscard]] std::vector<std::size_t> least_loaded_partition(const std::vector<std::vector<double>>& shares,
                                                              std::size_t sites);

/// Tasks that share a site, directly or through others, with these sites; each task is in one island.
struct Island {
  std::vector<std::size_t> tasks; ///< positions in MappedScenario::tasks
  std::vector<std::size_t> sites;
};
[[nodiscard]] std::vector<Island> islands_of(const MappedScenario& mapped);

/// Applies the tests for tasks that share accelerators; adds to the findings of the scenario and of its tasks.
void test_island(const Scenario& scenario, const MappedScenario& mapped, const Island& island,
                 ScenarioAnalysis& result);

/// The least load over all mappings of originals, or of any options. See LoadBound.
[[nodiscard]] LoadBound least_load(const Scenario& scenario, bool with_variants);

} // namespace terastal
