#pragma once

#include <vector>

#include "terastal/experiment/compare.hpp"

namespace terastal {

/// Statistics of every policy of a scenario from its runs.
[[nodiscard]] std::vector<PolicyStatistics> summarise(const ScenarioComparison& scenario,
                                                      const std::vector<Policy>& policies,
                                                      const std::vector<const MetricInfo*>& chosen);

/// The same for the means over scenarios, over the replications that all scenarios have.
[[nodiscard]] std::vector<PolicyStatistics> summarise_overall(const std::vector<ScenarioComparison>& scenarios,
                                                              const std::vector<Policy>& policies,
                                                              const std::vector<const MetricInfo*>& chosen);

} // namespace terastal
