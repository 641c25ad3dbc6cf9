#pragma once

#include <cstddef>
#include <vector>

namespace terastal::io {

/// For each node, the nodes that must come before it.
using Predecessors = std::vector<std::vector<std::size_t>>;

/// The nodes in an order that respects the predecessors, the smallest index first among those that are free. Shorter
/// than the graph when it has a cycle.
[[nodiscard]] std::vector<std::size_t> topological_order(const Predecessors& graph);

/// The nodes of one cycle in the direction of the arrows, starting with its smallest index; empty when there is none.
[[nodiscard]] std::vector<std::size_t> find_cycle(const Predecessors& graph);

} // namespace terastal::io
