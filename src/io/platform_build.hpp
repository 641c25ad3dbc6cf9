#pragma once

#include "io/diagnostics.hpp"
#include "io/value.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/model/platform.hpp"

namespace terastal::io {

/// The platform of a checked document: types that have an accelerator, in the order of their definition. Reports
/// duplicate names, unknown types, and cost models whose settings do not go together.
[[nodiscard]] Platform build_platform(const Value& document, const CostModelRegistry& cost_models,
                                      Diagnostics& diagnostics);

} // namespace terastal::io
