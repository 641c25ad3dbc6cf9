#pragma once

#include "terastal/cost/cost_model.hpp"

namespace terastal {

/// The cost models that come with the library. A copy: add your own to it.
[[nodiscard]] inline CostModelRegistry builtin_cost_models() {
  CostModelRegistry registry;
  return registry;
}

} // namespace terastal
