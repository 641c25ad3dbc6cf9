#pragma once

#include <algorithm> // max, min
#include <array>
#include <cstddef>
#include <cstdint>

#include "terastal/cost/dataflow/array_cost.hpp"
#include "terastal/cost/dataflow/cases.hpp"
#include "terastal/cost/dataflow/mapping.hpp"

namespace terastal::dataflow {

/// The analysis of XRBench's fork of MAESTRO (XRBench-MLSys2023), written from its definition: each level is analysed
/// once, for a whole tile, from the innermost to the outermost; a level's arithmetic takes as long as the whole level
/// below it. What the fork does to a ragged tile and to a window that is larger than its kernel is kept, since the
/// papers' tables hold it; docs/cost_models.md lists these quirks.
class XrbenchLevel {
 public:
  XrbenchLevel(const Level& level, const ArraySettings& settings) : level_(level), settings_(settings) {
    for (std::size_t i = 0; i < kDims; ++i) {
      position_[index(level_.loops[i].dim)] = i;
      loops_[i] = describe(level_.loops[i]);
    }
    while (!level_.loops[spatial_].spatial) ++spatial_;
    count_ragged_clusters();
  }

  /// `below`: the cost of the level below; of no cycles at the innermost level.
  [[nodiscard]] ArrayCost analyse(const ArrayCost& below) const {
    std::array<LoopSteps, kDims> steps{};
    for (std::size_t i = 0; i < kDims; ++i) steps[i] = loops_[i].steps;
    ArrayCost total;
    total.output_writes = outputs_of_tile();
    for_each_case(steps, [&](const StepCase& step) { add(step, below, total); });
    return total;
  }

 private:
  /// One loop with what the analysis asks of it.
  struct Loop {
    LoopSteps steps;
    std::int64_t extent = 1;
    std::int64_t tile = 1;        ///< elements of a step that is not ragged
    std::int64_t ragged_tile = 1; ///< elements of the last step, if ragged
    std::int64_t first_load = 1;  ///< elements of a first step
    std::int64_t fresh = 1;       ///< elements that a step adds to those of the step before it
    bool unrolled = false;        ///< one step covers the extent
    bool short_first = false;     ///< the first step is larger than the extent
  };

  [[nodiscard]] const Loop& loop(Dim dim) const { return loops_[position_[index(dim)]]; }
  [[nodiscard]] const Directive& directive(Dim dim) const { return level_.loops[position_[index(dim)]]; }
  [[nodiscard]] std::int64_t extent(Dim dim) const { return level_.extents[index(dim)]; }

  /// Positions of a window over an image dimension; the extent of others.
  [[nodiscard]] std::int64_t positions(Dim dim) const {
    return is_image(dim) ? extent(dim) - extent(kernel_of(dim)) + 1 : extent(dim);
  }

  [[nodiscard]] Loop describe(const Directive& map) const {
    Loop result;
    result.extent = extent(map.dim);
    const std::int64_t covered = map.spatial ? (level_.clusters - 1) * map.offset + map.size : map.size;
    const std::int64_t stride = map.spatial ? map.offset * level_.clusters : map.offset;
    const std::int64_t walked = positions(map.dim);
    result.unrolled = covered >= result.extent;
    result.short_first = map.spatial ? stride > result.extent : map.size > result.extent;
    const bool ragged = walked % stride != 0;
    const bool exact = map.spatial ? stride == result.extent : map.size == result.extent;
    if (!result.unrolled) result.steps.steady = walked / stride - 1;
    result.steps.edge = ragged && !result.short_first && !exact;
    result.tile = result.short_first && !map.spatial ? result.extent : map.size;
    result.ragged_tile = map.spatial ? std::min(map.size, result.extent) : result.extent % map.offset;
    result.first_load = result.short_first && !map.spatial ? result.extent % map.offset : map.size;
    result.fresh = std::min(map.size, map.offset);
    return result;
  }

  void count_ragged_clusters() {
    const Directive& map = level_.loops[spatial_];
    const std::int64_t walked = positions(map.dim);
    ragged_clusters_ = walked <= map.size ? 1 : walked % (map.offset * level_.clusters) / map.offset;
  }

  void add(const StepCase& step, const ArrayCost& below, ArrayCost& total) const {
    const std::int64_t partial_sums = partial_sums_of(step);
    if (partial_sums == 0) return;
    const bool ragged =
        contains(step.edges, spatial_) || (step.changing != static_cast<int>(spatial_) && loops_[spatial_].short_first);
    const std::int64_t active = ragged ? ragged_clusters_ : level_.clusters;
    const std::int64_t input_first = load(Tensor::input, step, true);
    const std::int64_t weight_first = load(Tensor::weight, step, true);
    const std::int64_t input = input_first + shared_load(Tensor::input, step, active);
    const std::int64_t weight = weight_first + shared_load(Tensor::weight, step, active);
    const std::int64_t n = step.occurrences;
    total.macs += n * active * partial_sums;
    total.input_reads += n * input;
    total.weight_reads += n * weight;
    total.lower_accesses += n * active * (input_first + weight_first) + // what the sub-clusters receive
                            n * 2 * active * partial_sums +             // operands read
                            n * (2 * partial_sums - 1);                 // sums written and read again
    ArrayCost inner = below;
    if (below.cycles == 0) inner.cycles = inner.compute_cycles = partial_sums;
    const std::int64_t bandwidth = settings_.noc_elements_per_cycle;
    add_overlapped(total, n, inner, transfer_cycles(input + weight, bandwidth),
                   transfer_cycles(outputs_of_step(step), bandwidth));
  }

  /// Elements of one step along a loop. The first step of all has its spatial tile cut to the extent, later ones do
  /// not.
  [[nodiscard]] std::int64_t tile_of(std::size_t i, const StepCase& step) const {
    const Loop& l = loops_[i];
    const bool cut = level_.loops[i].spatial && step.changing < 0 && l.short_first;
    return contains(step.edges, i) || cut ? l.ragged_tile : l.tile;
  }

  [[nodiscard]] std::int64_t partial_sums_of(const StepCase& step) const {
    std::int64_t product = 1;
    for (std::size_t i = 0; i < kDims; ++i) {
      const Dim dim = level_.loops[i].dim;
      if (is_kernel(dim)) {
        product *= level_.loops[i].size;
      } else if (is_image(dim)) {
        product *= std::max<std::int64_t>(1, tile_of(i, step) - directive(kernel_of(dim)).size + 1);
      } else {
        product *= tile_of(i, step);
      }
    }
    return product;
  }

  /// Finished outputs that one sub-cluster sends up.
  [[nodiscard]] std::int64_t outputs_of_step(const StepCase& step) const {
    std::int64_t product = 1;
    for (std::size_t i = 0; i < kDims; ++i) {
      const Directive& map = level_.loops[i];
      if (!couples(Tensor::output, map.dim, settings_.depthwise)) continue;
      const std::int64_t kernel = is_image(map.dim) ? directive(kernel_of(map.dim)).size : 1;
      product *= is_image(map.dim) && map.size >= kernel ? map.size - kernel + 1 : tile_of(i, step);
    }
    return product;
  }

  [[nodiscard]] std::int64_t outputs_of_tile() const {
    std::int64_t product = 1;
    for (std::size_t d = 0; d < kDims; ++d) {
      const Dim dim = static_cast<Dim>(d);
      if (couples(Tensor::output, dim, settings_.depthwise)) product *= positions(dim);
    }
    return product;
  }

  [[nodiscard]] bool is_spread(Tensor tensor) const {
    for (const Directive& map : level_.loops) {
      if (map.spatial && couples(tensor, map.dim, settings_.depthwise)) return true;
    }
    return false;
  }

  /// What the sub-clusters after the first load of a tensor; those that need the same elements share them.
  [[nodiscard]] std::int64_t shared_load(Tensor tensor, const StepCase& step, std::int64_t active) const {
    return active > 1 && is_spread(tensor) ? (active - 1) * load(tensor, step, false) : 0;
  }

  /// Elements of a tensor that one sub-cluster loads in a step: the first one, or one after it.
  [[nodiscard]] std::int64_t load(Tensor tensor, const StepCase& step, bool first) const {
    if (step.changing < 0) return whole_load(tensor, first);
    int moved = -1; // innermost loop of the tensor that moved on or starts anew
    bool resident = true;
    for (std::size_t i = 0; i < kDims; ++i) {
      if (!couples(tensor, level_.loops[i].dim, settings_.depthwise)) continue;
      const int at = static_cast<int>(i);
      if (loops_[i].unrolled && at != step.changing && !contains(step.edges, i)) continue;
      resident = false;
      if (at <= step.changing) moved = at;
    }
    if (resident) return 0;
    if (moved < 0) return whole_load(tensor, first);
    return moved == step.changing ? partial_load(tensor, step.changing, first) : 0;
  }

  [[nodiscard]] std::int64_t whole_load(Tensor tensor, bool first) const {
    std::int64_t product = 1;
    for (std::size_t i = 0; i < kDims; ++i) {
      const Directive& map = level_.loops[i];
      if (!couples(tensor, map.dim, settings_.depthwise)) continue;
      product *= map.spatial && !first ? loops_[i].fresh : loops_[i].first_load;
    }
    return product;
  }

  [[nodiscard]] std::int64_t partial_load(Tensor tensor, int changing, bool first) const {
    std::int64_t product = 1;
    for (std::size_t i = 0; i < kDims; ++i) {
      const Directive& map = level_.loops[i];
      if (!couples(tensor, map.dim, settings_.depthwise)) continue;
      if (map.spatial) {
        product *= first ? map.size : loops_[i].fresh;
      } else if (static_cast<int>(i) == changing) {
        product *= loops_[i].fresh;
      } else {
        product *= loops_[i].unrolled ? loops_[i].extent : map.size;
      }
    }
    return product;
  }

  const Level& level_;
  ArraySettings settings_;
  std::array<Loop, kDims> loops_{};
  std::array<std::size_t, kDims> position_{}; ///< loop that walks a dimension
  std::size_t spatial_ = 0;                   ///< outermost spatial loop
  std::int64_t ragged_clusters_ = 1;          ///< sub-clusters at work in a ragged spatial step
};

/// Cost of a layer on a mapped array, as the fork computes it.
[[nodiscard]] inline ArrayCost analyse_xrbench(const Mapping& mapping, const ArraySettings& settings) {
  ArrayCost cost;
  for (std::size_t l = mapping.level_count; l-- > 0;) cost = XrbenchLevel(mapping.levels[l], settings).analyse(cost);
  return cost;
}

} // namespace terastal::dataflow
