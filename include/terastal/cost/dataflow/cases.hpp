#pragma once

#include <array>
#include <bit> // countr_zero
#include <cstddef>
#include <cstdint>

#include "terastal/cost/dataflow/mapping.hpp"

namespace terastal::dataflow {

/// How often the steps of one loop occur besides the first one.
struct LoopSteps {
  std::int64_t steady = 0; ///< whole tiles after the first; the XRBench fork's count can be −1
  bool edge = false;       ///< whether a ragged last tile follows
};

/// A set of loops, one bit each.
using LoopSet = std::uint32_t;
inline constexpr LoopSet kAllLoops = (LoopSet{1} << kDims) - 1;

[[nodiscard]] constexpr bool contains(LoopSet set, std::size_t loop) { return (set >> loop & 1U) != 0; }

/// Calls `visit(loop)` for each loop of a set, outermost first.
template <typename Visit>
constexpr void for_each_loop(LoopSet set, Visit visit) {
  for (; set != 0; set &= set - 1) visit(static_cast<std::size_t>(std::countr_zero(set)));
}

/// Steps of a loop nest that cost the same.
struct StepCase {
  int changing = -1;            ///< innermost loop that moved on; −1 for the very first step
  LoopSet edges = 0;            ///< loops that are at their ragged tile
  std::int64_t occurrences = 1; ///< how many steps are like this
};

/// Calls `visit(StepCase)` for all kinds of steps of a loop nest.
///
/// What a step loads depends on the innermost loop that moved on, since the loops inside of it start anew; of the loops
/// around it, on whether they are at a ragged tile. First and steady tiles of those cost the same, so they are counted
/// together: a nest of d loops has at most 2^(d+1) cases instead of 3^d.
template <typename Visit>
void for_each_case(const std::array<LoopSteps, kDims>& loops, Visit visit) {
  visit(StepCase{});
  LoopSet ragged = 0; // loops around the changing one that have a ragged tile
  for (std::size_t changing = 0; changing < kDims; ++changing) {
    const LoopSteps& loop = loops[changing];
    if (loop.steady != 0 || loop.edge) {
      LoopSet edges = ragged;
      while (true) {
        std::int64_t outer = 1;
        for (std::size_t i = 0; i < changing; ++i) {
          if (!contains(edges, i)) outer *= 1 + loops[i].steady;
        }
        if (outer != 0) {
          if (loop.steady != 0) visit(StepCase{static_cast<int>(changing), edges, outer * loop.steady});
          if (loop.edge) visit(StepCase{static_cast<int>(changing), edges | LoopSet{1} << changing, outer});
        }
        if (edges == 0) break;
        edges = (edges - 1) & ragged;
      }
    }
    if (loop.edge) ragged |= LoopSet{1} << changing;
  }
}

} // namespace terastal::dataflow
