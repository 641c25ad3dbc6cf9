#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"

namespace terastal {

/// A platform with types of these names at a clock, and one accelerator of each: what tables of latencies are bound to.
[[nodiscard]] Platform platform_of(const std::vector<std::string>& types, std::uint64_t clock_hz);

/// Makes room in a network for the latencies and energies of its options on some types: none can run, no energy.
void bind_to_types(Network& network, std::size_t types);

} // namespace terastal
