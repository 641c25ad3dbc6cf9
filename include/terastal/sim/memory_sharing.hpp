#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "terastal/model/platform.hpp"

namespace terastal {

/// What an accelerator asks of the shared memory, and gets.
struct MemoryShare {
  AcceleratorIndex accelerator = 0;
  double wanted = 0.0;  ///< bytes per second, above 0
  double granted = 0.0; ///< bytes per second
};

/// Max-min fairness: nobody gets more than it wants, and what is left of the capacity is divided equally among those
/// that want more (Bertsekas and Gallager, Data Networks, §6.5.2). O(n log n).
inline void share_max_min(std::vector<MemoryShare>& shares, double capacity) {
  std::sort(shares.begin(), shares.end(), [](const MemoryShare& a, const MemoryShare& b) {
    return a.wanted != b.wanted ? a.wanted < b.wanted : a.accelerator < b.accelerator;
  });
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double equal = capacity / static_cast<double>(shares.size() - i);
    shares[i].granted = std::min(shares[i].wanted, equal);
    capacity -= shares[i].granted;
  }
}

} // namespace terastal
