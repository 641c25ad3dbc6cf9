#include "experiment/watched_intervals.hpp"

#include <algorithm> // max
#include <cmath>     // abs

#include "experiment/summarise.hpp"

namespace terastal {
namespace {

SparseValues values_of(const RunGrid& grid, std::size_t scenario, std::size_t policy, const MetricInfo& metric) {
  SparseValues values;
  for (std::size_t r = 0; r < grid.shape.replications; ++r) {
    values.push_back(metric.of_run(*grid.at({scenario, policy, r})));
  }
  return values;
}

void add_metric(std::vector<NamedInterval>& watched, const RunGrid& grid, std::size_t scenario,
                const MetricInfo& metric, IntervalMethod method) {
  const SparseValues first = values_of(grid, scenario, 0, metric);
  double first_mean = 0.0;
  for (std::size_t p = 0; p < grid.shape.policies; ++p) {
    const Statistic s = statistic_of(values_of(grid, scenario, p, metric), first, p == 0, method);
    const double mean = std::abs(s.value.mean);
    if (p == 0) first_mean = mean;
    if (s.value.n > 0) watched.push_back({scenario, p, &metric, false, {s.value, mean}});
    if (!s.against_first || s.against_first->difference.n == 0) continue;
    watched.push_back({scenario, p, &metric, true, {s.against_first->difference, std::max(mean, first_mean)}});
  }
}

} // namespace

std::vector<NamedInterval> watched_intervals(const RunGrid& grid, const CompareOptions& options) {
  std::vector<const MetricInfo*> metrics = options.chosen;
  if (metrics.empty()) metrics = {&find_metric("miss_rate")};
  std::vector<NamedInterval> watched;
  for (std::size_t s = 0; s < grid.shape.scenarios; ++s) {
    for (const MetricInfo* metric : metrics) add_metric(watched, grid, s, *metric, options.intervals);
  }
  return watched;
}

SequentialOutcome judge_precision(const std::vector<NamedInterval>& watched, const StoppingRule& rule,
                                  std::size_t replications) {
  SequentialOutcome outcome;
  outcome.rule = rule;
  outcome.replications = replications;
  outcome.reached = true;
  double largest = -1.0;
  for (const NamedInterval& w : watched) {
    outcome.reached = outcome.reached && narrow_enough(w.interval, rule.precision);
    const double share = width_share(w.interval, rule.precision);
    if (share <= largest) continue;
    largest = share;
    outcome.widest = w;
    outcome.needed = replications_needed(w.interval, rule.precision);
  }
  return outcome;
}

} // namespace terastal
