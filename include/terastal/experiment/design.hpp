#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "terastal/cost/cost_model.hpp"
#include "terastal/io/load.hpp"
#include "terastal/io/write.hpp"
#include "terastal/offline/accuracy_fit.hpp"
#include "terastal/offline/budgets.hpp"
#include "terastal/offline/designed_network.hpp"
#include "terastal/offline/variant_design.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// How variants are designed, for all networks of a design; see DesignRules.
struct DesignOptions {
  std::optional<std::string> slow; ///< name of the only type to design for
  bool meet_budgets = false;       ///< target: virtual budgets; else the latency on the preferred type
  BudgetRule budget_rule = BudgetRule::level;
  std::optional<std::size_t> variants = 4; ///< most for each network; nothing: as many as it has of its own
  std::optional<double> storage;           ///< most extra storage, as a share of the network's weights
  bool gammas = true;
  std::uint64_t max_gamma = 0; ///< 0: no limit
  bool pad_channels = false;
  std::vector<std::string> quantised; ///< `TYPE:setting=value[:setting=value]…`
  double accuracy_cost = 0.01;        ///< assumed loss; about the median of the 26 published single variants
  LossModel loss_model = LossModel::multiplicative;
};

/// A network to design variants for.
struct DesignSubject {
  const Network* network = nullptr;
  std::vector<Duration> deadlines; ///< of the tasks that run it; needed for budgets, of which the smallest counts
  double theta = 0.9;              ///< threshold of valid sets; the largest of its tasks
  std::vector<AddedVariant> added;
};

/// What was designed for one network.
struct DesignResult {
  const Network* network = nullptr;
  double theta = 0.9;
  NetworkDesign design;
  std::optional<DesignedAccuracy> accuracy; ///< nothing: measured sets, and too many variants to list theirs
};

/// The networks of a scenario, with the deadlines and thresholds of its tasks.
[[nodiscard]] std::vector<DesignSubject> design_subjects(const Scenario& scenario);

/// Designs variants for networks that are bound to `platform`. \throws InputError for unknown types, settings of
/// quantised formats that are not allowed, networks of merged layers, and more added variants than a network can have.
[[nodiscard]] std::vector<DesignResult> design(const Platform& platform, const std::vector<DesignSubject>& subjects,
                                               const DesignOptions& options, const CostModelRegistry& cost_models);

/// The designed network, with a description and source that say what was designed and what was assumed.
/// \throws InputError when the accuracy of its sets cannot be listed.
[[nodiscard]] Network described_network(const DesignResult& result, const Platform& platform,
                                        const DesignOptions& options);

/// Writes `DIR/networks/NAME.yaml` with its tables for each network and, for a scenario, `DIR/SCENARIO_designed.yaml`
/// that uses them. \returns the paths; the scenario's is the last. \throws Error for a file that exists and must be
/// kept, InputError as `described_network`.
std::vector<std::string> write_design(const std::vector<DesignResult>& results, const Platform& platform,
                                      const DesignOptions& options, const LoadedScenario* scenario,
                                      const std::string& directory, Existing existing);

} // namespace terastal
