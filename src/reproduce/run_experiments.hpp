#pragma once

#include <optional>

#include "terastal/reproduce/reproduce.hpp"

namespace terastal {

/// Runs an experiment. Nothing when it was stopped. \throws as `reproduce`.
[[nodiscard]] std::optional<ExperimentTable>
run_experiment(const Experiment& experiment, const ReproduceOptions& options, ExperimentConditions& conditions);

} // namespace terastal
