#pragma once

#include <algorithm> // max_element
#include <vector>

#include "terastal/model/estimates.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Isolated time of every task in seconds: the longest path of fastest latencies through its network, which for a chain
/// is their sum.
[[nodiscard]] inline std::vector<double> isolated_times_s(const Scenario& scenario) {
  std::vector<double> times;
  for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
    const auto tails = estimate(scenario.network_of(t), scenario.platform).fastest_tail;
    times.push_back(to_seconds(*std::max_element(tails.begin(), tails.end())));
  }
  return times;
}

} // namespace terastal
