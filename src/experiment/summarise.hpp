#pragma once

#include <optional>
#include <vector>

#include "terastal/experiment/compare.hpp"

namespace terastal {

/// Values that some replications may lack.
using SparseValues = std::vector<std::optional<double>>;

/// The statistic of a policy's values against the first policy's, over the replications that have them.
[[nodiscard]] Statistic statistic_of(const SparseValues& values, const SparseValues& first, bool is_first,
                                     IntervalMethod method);

/// Statistics of every policy of a scenario from its runs.
[[nodiscard]] std::vector<PolicyStatistics>
summarise(const ScenarioComparison& scenario, const std::vector<Policy>& policies, const CompareOptions& options);

/// The same for the means over scenarios, over the replications that all scenarios have.
[[nodiscard]] std::vector<PolicyStatistics> summarise_overall(const std::vector<ScenarioComparison>& scenarios,
                                                              const std::vector<Policy>& policies,
                                                              const CompareOptions& options);

} // namespace terastal
