#include "terastal/experiment/compare.hpp"

#include <algorithm> // all_of, min
#include <utility>

#include "experiment/judge_together.hpp"
#include "experiment/run_grid.hpp"
#include "experiment/summarise.hpp"
#include "experiment/watched_intervals.hpp"

namespace terastal {
namespace {

using Scenarios = std::vector<const Scenario*>;

bool all_alike(const std::vector<std::vector<RunResult>>& runs) {
  return std::all_of(runs.begin(), runs.end(), [](const std::vector<RunResult>& of_policy) {
    return of_policy.size() > 1 && std::all_of(of_policy.begin(), of_policy.end(), [&](const RunResult& r) {
             return r.digest == of_policy.front().digest;
           });
  });
}

ScenarioComparison collect(RunGrid& grid, std::size_t index, const Scenario& scenario, const CompareOptions& options) {
  ScenarioComparison result;
  result.scenario = scenario.name;
  result.first_seed = options.seed.value_or(scenario.seed);
  result.replications = grid.finished_replications(index);
  result.runs.resize(grid.shape.policies);
  for (std::size_t p = 0; p < grid.shape.policies; ++p) {
    for (std::size_t r = 0; r < result.replications; ++r) {
      result.runs[p].push_back(std::move(*grid.at({index, p, r})));
    }
  }
  result.alike = all_alike(result.runs);
  return result;
}

/// Adds replications until the rule is content, its cap is reached, or the comparison is interrupted.
RunGrid run_until(const Scenarios& scenarios, const std::vector<Policy>& policies, const CompareOptions& options,
                  SequentialOutcome& outcome) {
  const StoppingRule& rule = *options.until;
  RunGrid grid;
  std::size_t expected = 0;
  for (std::size_t n = next_decision(rule, 0);; n = next_decision(rule, n)) {
    extend_grid(grid, scenarios, policies, options, n, expected * scenarios.size() * policies.size());
    if (!grid.complete()) return grid;
    outcome = judge_precision(watched_intervals(grid, options), rule, n);
    if (outcome.reached || n == rule.cap) return grid;
    expected = std::min(rule.cap, outcome.needed);
  }
}

/// The scenarios with the warm-up that was found for them, where one was.
class WarmedUp {
 public:
  WarmedUp(const Scenarios& scenarios, const std::vector<Policy>& policies, const CompareOptions& options)
      : scenarios_(scenarios), changed_(scenarios.size()), found_(scenarios.size()) {
    for (std::size_t s = 0; s < scenarios.size() && options.warm_up_pilots > 0; ++s) {
      WarmUpOptions pilot;
      pilot.first_seed = options.seed.value_or(scenarios[s]->seed) + kMaxReplications;
      pilot.replications = options.warm_up_pilots;
      pilot.threads = options.threads;
      pilot.keep_going = options.keep_going;
      found_[s] = estimate_warm_up(*scenarios[s], policies, pilot);
      if (!found_[s]->warm_up) continue;
      changed_[s] = *scenarios[s];
      changed_[s]->warm_up = *found_[s]->warm_up;
      scenarios_[s] = &*changed_[s];
    }
  }

  [[nodiscard]] const Scenarios& scenarios() const { return scenarios_; }
  [[nodiscard]] const std::optional<WarmUpEstimate>& found(std::size_t scenario) const { return found_[scenario]; }

 private:
  Scenarios scenarios_;
  std::vector<std::optional<Scenario>> changed_;
  std::vector<std::optional<WarmUpEstimate>> found_;
};

} // namespace

Comparison compare(const std::vector<const Scenario*>& given, const std::vector<Policy>& policies,
                   const CompareOptions& options) {
  const WarmedUp warmed_up(given, policies, options);
  const Scenarios& scenarios = warmed_up.scenarios();
  Comparison result;
  result.intervals = options.intervals;
  if (options.until) result.until = SequentialOutcome{*options.until, false, 0, std::nullopt, 0};
  RunGrid grid =
      options.until ? run_until(scenarios, policies, options, *result.until) : run_grid(scenarios, policies, options);

  result.requested_replications = grid.shape.replications;
  for (std::size_t s = 0; s < scenarios.size(); ++s) {
    result.scenarios.push_back(collect(grid, s, *scenarios[s], options));
    result.scenarios.back().warm_up = warmed_up.found(s);
    result.complete = result.complete && result.scenarios.back().replications == grid.shape.replications;
  }
  for (auto& scenario : result.scenarios) scenario.policies = summarise(scenario, policies, options);
  if (scenarios.size() > 1) result.overall = summarise_overall(result.scenarios, policies, options);
  if (options.holm) result.judged = judge_together(result);
  return result;
}

} // namespace terastal
