#pragma once

#include <memory>
#include <vector>

#include "terastal/core/histogram.hpp"
#include "terastal/metrics/result.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/sim/simulator.hpp"

namespace terastal {

struct MetricsOptions {
  bool exact_percentiles = false;  ///< keep every value; memory then grows with the horizon
};

}  // namespace terastal
