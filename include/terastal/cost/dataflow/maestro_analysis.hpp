#pragma once

#include <algorithm> // max, min
#include <array>
#include <cstddef>
#include <cstdint>

#include "terastal/cost/dataflow/array_cost.hpp"
#include "terastal/cost/dataflow/cases.hpp"
#include "terastal/cost/dataflow/mapping.hpp"

namespace terastal::dataflow {

/// The analysis of upstream MAESTRO (Kwon et al., MICRO 2019; tool of 2022), written from its definition: for every
/// kind of step of a level the level below is analysed anew, for the tile that this kind of step gives it; the first
/// step of a level does not overlap loading with arithmetic.
class MaestroArray {
 public:
  MaestroArray(const Mapping& mapping, const ArraySettings& settings) : mapping_(mapping), settings_(settings) {
    for (std::size_t l = 0; l < mapping.level_count; ++l) tiles_[l] = describe(mapping.levels[l], settings.depthwise);
  }

  [[nodiscard]] ArrayCost analyse() { return analyse(0, mapping_.levels[0].extents); }

 private:
  /// Elements of one loop's step: of the input dimension, or of the outputs it stands for.
  struct Elements {
    std::int64_t mapped = 1;
    std::int64_t fresh = 1; ///< those that the step before did not hold
    std::int64_t ragged = 1;
    std::int64_t ragged_fresh = 1;
  };

  /// What does not depend on the tile that a level works on.
  struct LevelTiles {
    std::array<Elements, kDims> in;  ///< by loop
    std::array<Elements, kDims> out; ///< by loop; the same as `in` but for image dimensions
    LoopSets sets;
    std::size_t spatial = 0; ///< outermost spatial loop
    std::int64_t ragged_clusters = 1;
  };

  /// Costs of the tiles that a level was last asked for.
  struct Memo {
    static constexpr std::size_t kSize = 4;
    std::size_t used = 0;
    std::array<Extents, kSize> tiles;
    std::array<ArrayCost, kSize> costs;
  };

  /// How the loops of a level walk the tile it was given.
  struct Walk {
    std::array<LoopSteps, kDims> steps{};
    LoopSet unrolled = 0;       ///< loops whose first step covers the extent
    LoopSet short_first = 0;    ///< loops whose first step is larger than the extent; they have no other
    LoopSet ragged_cluster = 0; ///< spatial loops whose ragged step leaves the last sub-cluster less than a whole tile
  };

  /// A sub-cluster's place in its row: the first one loads all, others share with it; the last may be ragged.
  enum class Place : std::uint8_t { first, middle, ragged, first_ragged };
  [[nodiscard]] static constexpr bool is_first(Place p) { return p == Place::first || p == Place::first_ragged; }
  [[nodiscard]] static constexpr bool is_ragged(Place p) { return p == Place::ragged || p == Place::first_ragged; }

  /// Which sub-clusters hold parts of a tensor in a step.
  struct Placement {
    bool spread = false;         ///< the sub-clusters hold different parts of the tensor
    bool edge = false;           ///< not all sub-clusters have work
    bool ragged_cluster = false; ///< the last one has less than a whole tile
    std::int64_t clusters = 1;
    std::int64_t ragged_clusters = 1;

    [[nodiscard]] Place first_place() const {
      return edge && ragged_cluster && ragged_clusters == 1 ? Place::first_ragged : Place::first;
    }
  };

  /// One kind of step of one level.
  struct Step {
    const Level& level;
    const LevelTiles& tiles;
    const Walk& walk;
    const StepCase& kind;

    [[nodiscard]] bool at_last(std::size_t i) const { return contains(kind.edges, i); }
    /// Loops that stand at a tile which their extent does not fill.
    [[nodiscard]] LoopSet at_edge() const { return kind.edges | walk.short_first; }
    [[nodiscard]] bool has_ragged_cluster(std::size_t i) const {
      return contains(at_last(i) ? walk.ragged_cluster : walk.short_first, i);
    }
    /// Loops inside of the changing one.
    [[nodiscard]] LoopSet inside() const { return ~((LoopSet{2} << kind.changing) - 1); }
    /// Elements that a temporal loop stands at.
    [[nodiscard]] std::int64_t at(const std::array<Elements, kDims>& elements, std::size_t i) const {
      return contains(at_edge(), i) ? elements[i].ragged : elements[i].mapped;
    }
  };

  static LevelTiles describe(const Level& level, bool depthwise) {
    LevelTiles tiles;
    tiles.sets = LoopSets(level, depthwise);
    std::array<std::size_t, kDims> position{};
    for (std::size_t i = 0; i < kDims; ++i) {
      position[index(level.loops[i].dim)] = i;
      tiles.in[i] = tiles.out[i] = elements(level, level.loops[i]);
    }
    for (std::size_t i = 0; i < kDims; ++i) {
      const Directive& map = level.loops[i];
      if (!is_image(map.dim)) continue;
      const Elements& kernel = tiles.in[position[index(kernel_of(map.dim))]];
      Elements& out = tiles.out[i];
      out.mapped = tiles.in[i].mapped - kernel.mapped + 1;
      out.fresh = std::min(map.offset, map.size);
      out.ragged = tiles.in[i].ragged - kernel.ragged + 1;
      out.ragged_fresh = std::min(map.offset, out.ragged);
    }
    tiles.spatial = static_cast<std::size_t>(std::countr_zero(tiles.sets.spatial));
    tiles.ragged_clusters = ragged_clusters(level, level.loops[tiles.spatial]);
    return tiles;
  }

  static Elements elements(const Level& level, const Directive& map) {
    const std::int64_t extent = level.extents[index(map.dim)];
    const std::int64_t steady = std::max<std::int64_t>(0, quotient(extent - map.size, map.offset));
    const bool ragged = steady * map.offset + map.size != extent;
    std::int64_t rest = extent - (steady + 1) * map.offset;
    if (rest < 0) rest = extent;
    Elements result;
    result.mapped = map.size;
    result.fresh = !map.spatial && extent <= map.size ? 0 : std::min(map.size, map.offset);
    result.ragged = ragged ? rest : map.size;
    result.ragged_fresh = std::max<std::int64_t>(0, map.offset - (map.size - rest));
    return result;
  }

  /// Sub-clusters that have work in the last spatial step, or in the only one.
  static std::int64_t ragged_clusters(const Level& level, const Directive& map) {
    const std::int64_t extent = level.extents[index(map.dim)];
    if (extent <= map.size) return 1;
    const std::int64_t covered = map.offset * (level.clusters - 1) + map.size;
    if (extent <= covered) return (extent - map.size + map.offset - 1) / map.offset + 1;
    const std::int64_t whole_steps = quotient(quotient(extent - map.size, map.offset) + 1, level.clusters);
    const std::int64_t rest = extent - whole_steps * map.offset * level.clusters;
    return rest < map.size ? 1 : (rest - map.size) / map.offset + 1;
  }

  static Walk walk(const Level& level, const Extents& extents) {
    Walk result;
    for (std::size_t i = 0; i < kDims; ++i) {
      const Directive& map = level.loops[i];
      const std::int64_t extent = extents[index(map.dim)];
      const std::int64_t covered = map.spatial ? map.size + map.offset * (level.clusters - 1) : map.size;
      if (extent <= covered) result.unrolled |= LoopSet{1} << i;
      if (extent < covered) result.short_first |= LoopSet{1} << i;
      if (extent <= covered) continue;
      if (map.spatial) {
        walk_spatial(result, i, map, extent, level.clusters);
      } else {
        const std::int64_t steady = quotient(extent - map.size, map.offset);
        result.steps[i] = {steady, steady * map.offset + map.size < extent};
      }
    }
    return result;
  }

  static void walk_spatial(Walk& result, std::size_t i, const Directive& map, std::int64_t extent,
                           std::int64_t clusters) {
    const std::int64_t covered = map.size + map.offset * (clusters - 1);
    const std::int64_t stride = map.offset * clusters;
    const std::int64_t steady = quotient(quotient(extent - map.size, map.offset) + 1, clusters) - 1;
    const bool edge = (steady + 1) * stride + covered > extent && steady * stride + covered != extent;
    result.steps[i] = {steady, edge};
    const std::int64_t rest = extent - (steady + 1) * stride;
    const std::int64_t whole = rest < map.size ? 1 : quotient(rest - map.size, map.offset) + 1;
    if ((whole - 1) * map.offset + map.size < rest) result.ragged_cluster |= LoopSet{1} << i;
  }

  [[nodiscard]] ArrayCost analyse(std::size_t l, const Extents& extents) {
    const Level& level = mapping_.levels[l];
    const Walk walked = walk(level, extents);
    ArrayCost total;
    for_each_case(walked.steps, [&](const StepCase& kind) { add(l, {level, tiles_[l], walked, kind}, total); });
    total.lower_accesses += total.input_reads + total.weight_reads;
    return total;
  }

  void add(std::size_t l, const Step& step, ArrayCost& total) {
    const std::int64_t n = step.kind.occurrences;
    const Placement outputs = placement(step, Tensor::output);
    const std::int64_t critical_sums = results(step, true, outputs.first_place());
    const std::int64_t written = over_clusters(outputs, [&](Place p) { return results(step, false, p); });
    // Of the levels below the first only the time is asked for.
    if (l == 0) count_outputs(step, outputs, critical_sums, written, total);
    if (critical_sums <= 0) return;
    const std::int64_t input = ingress(step, Tensor::input);
    const std::int64_t weight = ingress(step, Tensor::weight);
    total.input_reads += n * input;
    total.weight_reads += n * weight;
    const ArrayCost inner = below(l, step, critical_sums);
    const std::int64_t bandwidth = settings_.noc_elements_per_cycle;
    const std::int64_t loading = transfer_cycles(input + weight, bandwidth);
    if (step.kind.changing < 0) {
      total.cycles += inner.cycles + loading;
      total.compute_cycles += inner.compute_cycles;
      total.noc_cycles += inner.noc_cycles + loading;
    } else {
      add_overlapped(total, n, inner, loading, transfer_cycles(written, bandwidth));
    }
  }

  static void count_outputs(const Step& step, const Placement& outputs, std::int64_t critical_sums,
                            std::int64_t written, ArrayCost& total) {
    const std::int64_t n = step.kind.occurrences;
    const std::int64_t sums = partial_sums(step, outputs, critical_sums);
    total.output_writes += n * written;
    total.lower_accesses += n * 2 * sums; // sums written and read again
    if (critical_sums <= 0) return;
    total.lower_accesses += n * 2 * sums; // operands read; what was written of them is added at the end
    total.macs += n * sums;
  }

  /// Time of the slowest sub-cluster.
  [[nodiscard]] ArrayCost below(std::size_t l, const Step& step, std::int64_t critical_sums) {
    if (l + 1 == mapping_.level_count) {
      ArrayCost cost;
      cost.cycles = cost.compute_cycles = critical_sums;
      return cost;
    }
    const std::size_t spatial = step.tiles.spatial;
    const bool ragged = contains(step.at_edge(), spatial) && step.has_ragged_cluster(spatial);
    if (!ragged) return remembered(l + 1, tile_below(step, false));
    ArrayCost cost = remembered(l + 1, tile_below(step, true));
    if (step.tiles.ragged_clusters > 1) {
      const ArrayCost whole = remembered(l + 1, tile_below(step, false));
      cost.cycles = std::max(cost.cycles, whole.cycles);
      cost.compute_cycles = std::max(cost.compute_cycles, whole.compute_cycles);
      cost.noc_cycles = std::max(cost.noc_cycles, whole.noc_cycles);
    }
    return cost;
  }

  /// Kinds of steps that differ in other respects give the level below few different tiles.
  ArrayCost remembered(std::size_t l, const Extents& tile) {
    Memo& memo = memos_[l];
    for (std::size_t i = 0; i < std::min(memo.used, Memo::kSize); ++i) {
      if (memo.tiles[i] == tile) return memo.costs[i];
    }
    const std::size_t slot = memo.used++ % Memo::kSize;
    memo.tiles[slot] = tile;
    return memo.costs[slot] = analyse(l, tile);
  }

  static Extents tile_below(const Step& step, bool ragged_cluster) {
    const LoopSet whole = step.tiles.ragged_clusters > 1 && !ragged_cluster ? step.tiles.sets.spatial : 0;
    const LoopSet ragged = step.at_edge() & ~whole;
    Extents extents{};
    for (std::size_t i = 0; i < kDims; ++i) {
      const Elements& e = step.tiles.in[i];
      extents[index(step.level.loops[i].dim)] = contains(ragged, i) ? e.ragged : e.mapped;
    }
    return extents;
  }

  // -- which sub-clusters there are

  [[nodiscard]] static Placement placement(const Step& step, Tensor tensor) {
    Placement result{false, false, false, step.level.clusters, step.tiles.ragged_clusters};
    for_each_loop(step.tiles.sets.spread(tensor), [&](std::size_t i) { include(result, step, i); });
    return result;
  }

  static void include(Placement& placement, const Step& step, std::size_t spatial) {
    placement.spread = true;
    placement.edge = placement.edge || contains(step.at_edge(), spatial);
    placement.ragged_cluster = step.has_ragged_cluster(spatial);
  }

  /// Sum over the sub-clusters that hold different parts: the first, those in the middle, a ragged last one.
  template <typename Volume>
  static std::int64_t over_clusters(const Placement& placement, Volume volume) {
    const std::int64_t first = volume(placement.first_place());
    if (!placement.spread) return first;
    if (!placement.edge)
      return placement.clusters == 1 ? first : first + (placement.clusters - 1) * volume(Place::middle);
    if (placement.ragged_clusters <= 1) return first;
    const std::int64_t ragged = placement.ragged_cluster ? 1 : 0;
    const std::int64_t whole = std::max<std::int64_t>(0, placement.ragged_clusters - ragged - 1);
    return first + (whole == 0 ? 0 : whole * volume(Place::middle)) + (ragged == 0 ? 0 : volume(Place::ragged));
  }

  /// Partial sums that all sub-clusters compute in a step. `critical`: those of the first one, with the outputs'
  /// placement.
  [[nodiscard]] static std::int64_t partial_sums(const Step& step, Placement p, std::int64_t critical) {
    const Place before = p.first_place();
    for_each_loop(step.tiles.sets.spatial, [&](std::size_t i) { include(p, step, i); });
    const std::int64_t first = p.first_place() == before ? critical : results(step, true, p.first_place());
    if (!p.edge) return p.clusters * first;
    if (p.ragged_clusters <= 1) return first;
    const std::int64_t ragged = p.ragged_cluster ? 1 : 0;
    const std::int64_t whole = std::max<std::int64_t>(0, p.ragged_clusters - ragged - 1);
    return first + whole * results(step, true, Place::first) +
           (ragged == 0 ? 0 : results(step, true, Place::ragged, Shared::counted));
  }

  // -- what one sub-cluster moves

  [[nodiscard]] static std::int64_t ingress(const Step& step, Tensor tensor) {
    return over_clusters(placement(step, tensor), [&](Place p) { return loaded(step, tensor, p); });
  }

  /// Elements of an input tensor that one sub-cluster loads in a step.
  [[nodiscard]] static std::int64_t loaded(const Step& step, Tensor tensor, Place place) {
    if (step.kind.changing < 0) return held(step, tensor, place);
    const auto changing = static_cast<std::size_t>(step.kind.changing);
    const LoopSet loops = step.tiles.sets.of(tensor);
    if (!contains(loops, changing)) return 0;
    // When a loop inside the changing one goes back to its first tile, nothing of the step before is kept.
    const bool anew = (loops & step.inside() & ~step.walk.unrolled) != 0;
    const LoopSet moving = LoopSet{1} << changing;
    const LoopSet sharing = is_first(place) ? 0 : step.inside() | (anew ? 0 : moving);
    std::int64_t product = 1;
    for_each_loop(loops & step.tiles.sets.spatial, [&](std::size_t i) {
      const Elements& e = step.tiles.in[i];
      const bool shares = contains(sharing, i);
      product *= is_ragged(place) ? (shares ? e.ragged_fresh : e.ragged) : (shares ? e.fresh : e.mapped);
    });
    for_each_loop(loops & ~step.tiles.sets.spatial, [&](std::size_t i) {
      const Elements& e = step.tiles.in[i];
      const bool kept = i == changing && !anew;
      product *= kept ? std::max<std::int64_t>(1, e.fresh) : contains(step.walk.short_first, i) ? e.ragged : e.mapped;
    });
    return product;
  }

  /// Elements of a tensor that one sub-cluster holds in the first step.
  [[nodiscard]] static std::int64_t held(const Step& step, Tensor tensor, Place place) {
    const LoopSet loops = step.tiles.sets.of(tensor);
    std::int64_t product = 1;
    for_each_loop(loops & ~step.tiles.sets.spatial, [&](std::size_t i) { product *= step.at(step.tiles.in, i); });
    for_each_loop(loops & step.tiles.sets.spatial, [&](std::size_t i) {
      const Elements& e = step.tiles.in[i];
      const bool alone = step.tiles.ragged_clusters == 1;
      if (!contains(step.at_edge(), i) || (!alone && !is_ragged(place))) {
        product *= e.mapped;
      } else if (!alone || place != Place::middle) {
        product *= e.ragged;
      }
    });
    return product;
  }

  /// Whether outputs that a ragged sub-cluster shares with its neighbour count for both.
  enum class Shared : std::uint8_t { once, counted };

  /// Outputs of one sub-cluster in a step or, with `sums`, all partial sums that go into them.
  [[nodiscard]] static std::int64_t results(const Step& step, bool sums, Place place, Shared shared = Shared::once) {
    const LoopSets& sets = step.tiles.sets;
    const LoopSet outputs = sets.of(Tensor::output);
    std::int64_t product = 1;
    for_each_loop(outputs & ~sets.spatial, [&](std::size_t i) { product *= step.at(step.tiles.out, i); });
    if (sums) {
      const LoopSet summed = kAllLoops & ~outputs & ~sets.spatial;
      for_each_loop(summed, [&](std::size_t i) { product *= step.at(step.tiles.in, i); });
    }
    for_each_loop(sums ? sets.spatial : outputs & sets.spatial,
                  [&](std::size_t i) { product *= spatial_results(step, i, contains(outputs, i), place, shared); });
    return product;
  }

  static std::int64_t spatial_results(const Step& step, std::size_t i, bool output, Place place, Shared shared) {
    const Elements& e = output ? step.tiles.out[i] : step.tiles.in[i];
    const bool alone = step.tiles.ragged_clusters == 1;
    if (step.at_last(i)) {
      if (alone) return place == Place::middle ? 1 : step.tiles.in[i].ragged;
      if (is_ragged(place)) return e.ragged_fresh;
    } else if (contains(step.at_edge(), i) && is_ragged(place)) {
      return output && !alone && shared == Shared::once ? e.ragged_fresh : e.ragged;
    }
    if (is_first(place)) return e.mapped;
    return e.fresh == 0 ? 1 : e.fresh;
  }

  const Mapping& mapping_;
  ArraySettings settings_;
  std::array<LevelTiles, 3> tiles_{};
  std::array<Memo, 3> memos_{};
};

/// Cost of a layer on a mapped array, as upstream MAESTRO computes it with an unlimited off-chip link.
[[nodiscard]] inline ArrayCost analyse_maestro(const Mapping& mapping, const ArraySettings& settings) {
  return MaestroArray(mapping, settings).analyse();
}

} // namespace terastal::dataflow
