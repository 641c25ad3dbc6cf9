#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility> // pair
#include <vector>

#include "terastal/model/network.hpp"

namespace terastal {

/// The tensor at an end of a network.
struct EndTensor {
  std::string layer;
  std::array<std::uint64_t, 4> sizes{}; ///< N, C, Y, X
};

/// What a network holds, in sums.
struct NetworkSummary {
  std::size_t layers = 0;
  std::size_t without_shape = 0;
  std::uint64_t macs = 0;    ///< of the layers that multiply: neither pool nor elementwise
  std::uint64_t weights = 0; ///< elements
  std::vector<std::pair<std::string, std::size_t>> operators; ///< layers of each, in order of first appearance
  std::vector<EndTensor> inputs;                              ///< of layers without predecessor that have a shape
  std::vector<EndTensor> outputs;                             ///< of layers without successor that have a shape
  std::vector<double>
      latency_ms; ///< for each type, of all layers one after the other; layers it cannot run are left out
  std::vector<std::size_t> runnable; ///< for each type, the layers that it runs
};

[[nodiscard]] NetworkSummary summarise(const Network& network);

} // namespace terastal
