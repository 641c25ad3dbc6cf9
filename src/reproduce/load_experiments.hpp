#pragma once

#include <vector>

#include "io/diagnostics.hpp"
#include "io/value.hpp"
#include "terastal/io/load_sweep.hpp"
#include "terastal/reproduce/reproduction.hpp"

namespace terastal {

/// The experiments of a checked document. Reports all problems.
[[nodiscard]] std::vector<Experiment> load_experiments(const io::Value& document, bool quick,
                                                       const SweepContext& context, io::Diagnostics& diagnostics);

} // namespace terastal
