#pragma once

#include <optional>
#include <string>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/shape.hpp"

namespace terastal {

/// A variant that a user gives for a layer of a network, outside the network's own files.
struct AddedVariant {
  LayerIndex layer = 0;
  std::string name;
  double gamma = 0.0;                  ///< space-to-depth factor; 0: not a γ variant
  std::optional<LayerShape> shape;     ///< nothing where not given
  std::vector<Duration> latency;       ///< one for each type of the network; kCannotRun where it cannot run
  std::vector<double> energy_nj;       ///< likewise; 0 where not given
  std::optional<double> accuracy_cost; ///< loss relative to the baseline, 0 to 1
};

} // namespace terastal
