#pragma once

#include <string>
#include <vector>

#include "terastal/cost/cost_model.hpp"
#include "terastal/io/load.hpp"
#include "terastal/model/added_variant.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"

namespace terastal {

/// Reads a variant table on its own (the format of a network's `variants` file): variants of layers of `network`, which
/// is bound to `platform`. Types without a column get latency and energy from their cost model, for rows with a shape.
/// \throws InputError with every problem found: unknown layers, names given twice, a variant that cannot run on any
/// type.
[[nodiscard]] std::vector<AddedVariant> load_variants(const std::string& path, const Network& network,
                                                      const Platform& platform,
                                                      const CostModelRegistry& cost_models = default_cost_models());

} // namespace terastal
