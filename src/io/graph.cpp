#include "io/graph.hpp"

#include <algorithm>
#include <functional>
#include <queue>

namespace terastal::io {

std::vector<std::size_t> topological_order(const Predecessors& graph) {
  std::vector<std::vector<std::size_t>> successors(graph.size());
  std::vector<std::size_t> waiting(graph.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> free_nodes;
  for (std::size_t node = 0; node < graph.size(); ++node) {
    for (const std::size_t before : graph[node]) successors[before].push_back(node);
    waiting[node] = graph[node].size();
    if (waiting[node] == 0) free_nodes.push(node);
  }
  std::vector<std::size_t> order;
  while (!free_nodes.empty()) {
    const std::size_t node = free_nodes.top();
    free_nodes.pop();
    order.push_back(node);
    for (const std::size_t after : successors[node]) {
      if (--waiting[after] == 0) free_nodes.push(after);
    }
  }
  return order;
}

std::vector<std::size_t> find_cycle(const Predecessors& graph) {
  std::vector<bool> left(graph.size(), true);
  for (const std::size_t node : topological_order(graph)) left[node] = false;
  const auto start = std::find(left.begin(), left.end(), true);
  if (start == left.end()) return {};
  // What is left has a predecessor that is left too, so walking backwards must come round.
  const auto is_left = [&](std::size_t node) { return left[node]; };
  std::vector<std::size_t> walk{static_cast<std::size_t>(start - left.begin())};
  while (true) {
    const auto& before = graph[walk.back()];
    const std::size_t next = *std::find_if(before.begin(), before.end(), is_left);
    const auto met = std::find(walk.begin(), walk.end(), next);
    if (met == walk.end()) {
      walk.push_back(next);
      continue;
    }
    std::vector<std::size_t> cycle(met, walk.end());
    std::reverse(cycle.begin(), cycle.end());
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    return cycle;
  }
}

} // namespace terastal::io
