#include "terastal/experiment/tune.hpp"

#include <algorithm> // clamp
#include <variant>

#include <fmt/format.h>

#include "experiment/run_grid.hpp"
#include "terastal/offline/pattern_search.hpp"

namespace terastal {
namespace {

void check(const Policy& policy, const std::vector<TunedSetting>& settings) {
  if (settings.empty()) throw InputError("nothing to tune: name settings with their ranges");
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const TunedSetting& s = settings[i];
    if (!policy.settings.declares(s.name) || !std::holds_alternative<double>(policy.settings.value(s.name))) {
      std::vector<std::string> numbers;
      for (const Setting& declared : policy.info.settings) {
        if (std::holds_alternative<double>(declared.default_value)) numbers.push_back(declared.name);
      }
      throw InputError(fmt::format("policy '{}' has no setting '{}' that is a number; it has: {}", policy.info.id,
                                   s.name, numbers.empty() ? "none" : join(numbers, ", ")));
    }
    if (!(s.low < s.high)) throw InputError(fmt::format("setting '{}': the range must ascend", s.name));
    for (std::size_t j = 0; j < i; ++j) {
      if (settings[j].name == s.name) throw InputError(fmt::format("setting '{}' is given twice", s.name));
    }
  }
}

/// The policy with these values. \throws InputError for a value outside the setting's range.
Policy with_values(Policy policy, const std::vector<TunedSetting>& settings, const std::vector<double>& values) {
  for (std::size_t i = 0; i < settings.size(); ++i) policy.set(settings[i].name, format_number(values[i]));
  return policy;
}

PatternSearchOptions search_options(const Policy& policy, const std::vector<TunedSetting>& settings,
                                    const TuneOptions& options) {
  PatternSearchOptions search;
  for (const TunedSetting& s : settings) {
    search.start.push_back(std::clamp(std::get<double>(policy.settings.value(s.name)), s.low, s.high));
    search.low.push_back(s.low);
    search.high.push_back(s.high);
  }
  search.radius = options.radius;
  search.smallest_radius = options.smallest_radius;
  search.most_moves = options.most_moves;
  return search;
}

/// Mean over the replications; nothing when the search was stopped meanwhile.
std::optional<double> mean_metric(const Scenario& scenario, const Policy& policy, const TuneOptions& options) {
  CompareOptions compare;
  compare.seed = options.seed;
  compare.replications = options.replications;
  compare.threads = options.threads;
  compare.keep_going = options.keep_going;
  compare.chosen = {options.metric};
  const RunGrid grid = run_grid({&scenario}, {policy}, compare);
  double sum = 0.0;
  for (const auto& result : grid.results) {
    if (result == nullptr) return std::nullopt;
    const auto value = options.metric->of_run(*result);
    if (!value) {
      throw InputError(fmt::format("metric '{}' has no value in scenario '{}' (no jobs, or no energies in the tables)",
                                   options.metric->id, scenario.name));
    }
    sum += *value;
  }
  return sum / static_cast<double>(options.replications);
}

} // namespace

TuneResult tune(const Scenario& scenario, const Policy& policy, const std::vector<TunedSetting>& settings,
                const TuneOptions& options) {
  check(policy, settings);
  PatternSearch search(search_options(policy, settings, options));
  const double sign = options.metric->higher_is_better ? -1.0 : 1.0;
  TuneResult result;
  while (!search.done()) {
    const Policy candidate = with_values(policy, settings, search.point());
    if (options.progress) options.progress(result.probes.size() + 1, candidate.label);
    const auto value = mean_metric(scenario, candidate, options);
    if (!value) {
      result.complete = false;
      break;
    }
    result.probes.push_back({search.point(), *value});
    if (sign * *value < sign * result.probes[result.best].metric) result.best = result.probes.size() - 1;
    search.tell(sign * *value);
  }
  result.moves = search.moves();
  if (!result.probes.empty()) result.policy = with_values(policy, settings, result.probes[result.best].values).label;
  return result;
}

} // namespace terastal
