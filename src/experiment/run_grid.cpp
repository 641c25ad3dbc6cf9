#include "experiment/run_grid.hpp"

#include <algorithm> // all_of, any_of, max
#include <mutex>

#include "experiment/parallel.hpp"
#include "terastal/experiment/run.hpp"

namespace terastal {
namespace {

bool needs_service(const CompareOptions& options) {
  return std::any_of(options.chosen.begin(), options.chosen.end(), [](const MetricInfo* m) { return m->service; });
}

RunResult one_run(const Scenario& scenario, const Policy& policy, std::size_t replication,
                  const CompareOptions& options) {
  RunOptions run_options;
  run_options.seed = options.seed.value_or(scenario.seed) + replication;
  run_options.metrics = options.metrics;
  if (!needs_service(options)) run_options.service.reset();
  run_options.check_invariants = options.check_invariants;
  if (options.keep_going) run_options.keep_going = [&options](Time) { return options.keep_going(); };
  return run(scenario, policy, run_options);
}

} // namespace

std::size_t RunGrid::finished_replications(std::size_t scenario) const {
  for (std::size_t r = 0; r < shape.replications; ++r) {
    for (std::size_t p = 0; p < shape.policies; ++p) {
      if (!at({scenario, p, r})) return r;
    }
  }
  return shape.replications;
}

bool RunGrid::complete() const {
  return std::all_of(results.begin(), results.end(), [](const auto& result) { return result != nullptr; });
}

void extend_grid(RunGrid& grid, const std::vector<const Scenario*>& scenarios, const std::vector<Policy>& policies,
                 const CompareOptions& options, std::size_t replications, std::size_t expected) {
  const std::size_t before = grid.results.size();
  grid.shape = {scenarios.size(), policies.size(), replications};
  grid.results.resize(grid.shape.size());
  const std::size_t total = std::max(expected, grid.results.size());
  std::size_t done = before;
  std::mutex mutex;
  for_each_index(grid.results.size() - before, options.threads, options.keep_going, [&](std::size_t i) {
    const RunIndex index = grid.shape.index(before + i);
    auto result = std::make_unique<RunResult>(
        one_run(*scenarios[index.scenario], policies[index.policy], index.replication, options));
    if (!result->complete) return false;
    grid.results[before + i] = std::move(result);
    const std::scoped_lock lock(mutex);
    ++done;
    if (options.progress) options.progress(done, total);
    return true;
  });
}

RunGrid run_grid(const std::vector<const Scenario*>& scenarios, const std::vector<Policy>& policies,
                 const CompareOptions& options) {
  RunGrid grid;
  extend_grid(grid, scenarios, policies, options, options.replications);
  return grid;
}

} // namespace terastal
