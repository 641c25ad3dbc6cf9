#pragma once

#include <algorithm> // max
#include <cstdint>

#include "terastal/cost/dataflow/cases.hpp"
#include "terastal/cost/dataflow/mapping.hpp"

namespace terastal::dataflow {

/// The three tensors of a convolution.
enum class Tensor : std::uint8_t { input, weight, output };

/// Whether a dimension is one of a tensor's. Of a depthwise layer each output channel belongs to one input channel, and
/// k is 1.
[[nodiscard]] constexpr bool couples(Tensor tensor, Dim dim, bool depthwise) {
  switch (tensor) {
  case Tensor::input:
    return dim == Dim::c || dim == Dim::y || dim == Dim::x;
  case Tensor::weight:
    return dim == Dim::k || dim == Dim::c || dim == Dim::r || dim == Dim::s;
  case Tensor::output:
    break;
  }
  return dim == Dim::y || dim == Dim::x || dim == (depthwise ? Dim::c : Dim::k);
}

/// The kernel dimension that slides over an input dimension.
[[nodiscard]] constexpr Dim kernel_of(Dim image) { return image == Dim::y ? Dim::r : Dim::s; }
[[nodiscard]] constexpr bool is_image(Dim dim) { return dim == Dim::y || dim == Dim::x; }
[[nodiscard]] constexpr bool is_kernel(Dim dim) { return dim == Dim::r || dim == Dim::s; }

/// The loops of a level that matter to each tensor, and those that are spread over sub-clusters.
struct LoopSets {
  std::array<LoopSet, 3> of_tensor{};
  LoopSet spatial = 0;

  LoopSets() = default;
  LoopSets(const Level& level, bool depthwise) {
    for (std::size_t i = 0; i < kDims; ++i) {
      const Directive& map = level.loops[i];
      for (const Tensor tensor : {Tensor::input, Tensor::weight, Tensor::output}) {
        if (couples(tensor, map.dim, depthwise)) of_tensor[static_cast<std::size_t>(tensor)] |= LoopSet{1} << i;
      }
      if (map.spatial) spatial |= LoopSet{1} << i;
    }
  }
  [[nodiscard]] LoopSet of(Tensor tensor) const { return of_tensor[static_cast<std::size_t>(tensor)]; }
  [[nodiscard]] LoopSet spread(Tensor tensor) const { return of(tensor) & spatial; }
};

/// What a level of the array, with all below it, costs for one tile.
struct ArrayCost {
  std::int64_t cycles = 0;
  std::int64_t compute_cycles = 0; ///< with a network on chip that is never waited for
  std::int64_t noc_cycles = 0;     ///< with arithmetic that is never waited for
  std::int64_t macs = 0;           ///< multiply-accumulates, those of idle lanes of a tile included
  std::int64_t input_reads = 0;    ///< elements read from the buffer above (L2 at the first level)
  std::int64_t weight_reads = 0;
  std::int64_t output_writes = 0;
  std::int64_t lower_accesses = 0; ///< elements read and written in the buffers below (L1)
};

/// What the array is besides its mapping.
struct ArraySettings {
  std::int64_t noc_elements_per_cycle = 1; ///< at every level
  bool depthwise = false;
};

/// a / b, quick for the offset of 1 that most loops have.
[[nodiscard]] constexpr std::int64_t quotient(std::int64_t a, std::int64_t b) { return b == 1 ? a : a / b; }

/// Cycles until the last of `elements` has passed a network: one hop, then `bandwidth` elements a cycle.
[[nodiscard]] constexpr std::int64_t transfer_cycles(std::int64_t elements, std::int64_t bandwidth) {
  return (elements + bandwidth - 1) / bandwidth;
}

/// Adds `times` steps that each compute and move data at once (double buffering).
inline void add_overlapped(ArrayCost& total, std::int64_t times, const ArrayCost& below, std::int64_t ingress,
                           std::int64_t egress) {
  const std::int64_t moved = std::max(ingress, egress);
  total.cycles += times * std::max(below.cycles, moved);
  total.compute_cycles += times * below.compute_cycles;
  total.noc_cycles += times * std::max(below.noc_cycles, moved);
}

} // namespace terastal::dataflow
