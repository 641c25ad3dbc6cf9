#pragma once

#include <algorithm> // max, min
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace terastal::dataflow {

/// Loop dimensions of a convolution. In alphabetical order: a level that does not map a dimension walks it inside those
/// that it maps, in this order.
enum class Dim : std::uint8_t { c, k, r, s, x, y };

inline constexpr std::size_t kDims = 6;

/// Size of each dimension; `x` and `y` count input elements, so that a level with kernel extent r holds y − r + 1 rows
/// of output.
using Extents = std::array<std::int64_t, kDims>;

[[nodiscard]] constexpr std::size_t index(Dim dim) { return static_cast<std::size_t>(dim); }

/// How one level of the array walks one dimension: tiles of `size`, `offset` apart, one after the other (temporal) or
/// one on each sub-cluster (spatial). MAESTRO's TemporalMap and SpatialMap (Kwon et al., MICRO 2019, §3).
struct Directive {
  Dim dim = Dim::c;
  bool spatial = false;
  std::int64_t size = 1;
  std::int64_t offset = 1;
};

[[nodiscard]] constexpr Directive temporal(Dim dim, std::int64_t size, std::int64_t offset) {
  return {dim, false, size, offset};
}
[[nodiscard]] constexpr Directive spatial(Dim dim, std::int64_t size, std::int64_t offset) {
  return {dim, true, size, offset};
}

/// The directives that a mapping states for one level, outermost loop first.
class StatedLevel {
 public:
  constexpr StatedLevel() = default;
  constexpr StatedLevel(std::initializer_list<Directive> stated) {
    for (const Directive& directive : stated) directives_[count_++] = directive;
  }
  [[nodiscard]] constexpr const Directive* begin() const { return directives_.data(); }
  [[nodiscard]] constexpr const Directive* end() const { return directives_.data() + count_; }

 private:
  std::array<Directive, kDims> directives_{};
  std::size_t count_ = 0;
};

/// A mapping as its description states it: levels from the outermost to the innermost, and into how many sub-clusters
/// each cluster below the first level is divided. The first level has as many sub-clusters as the PEs allow.
struct StatedMapping {
  std::array<StatedLevel, 3> levels;
  std::size_t level_count = 0;
  std::array<std::int64_t, 2> cluster_sizes{1, 1};

  /// PEs in one cluster of the first level.
  [[nodiscard]] constexpr std::int64_t pes_per_cluster() const { return cluster_sizes[0] * cluster_sizes[1]; }
};

/// One level with a directive for every dimension, bound to the extents of its tile.
struct Level {
  std::array<Directive, kDims> loops; ///< outermost first
  Extents extents{};                  ///< of the tile that the level works on
  std::int64_t clusters = 1;          ///< sub-clusters that work at once
};

struct Mapping {
  std::array<Level, 3> levels;
  std::size_t level_count = 0;
};

namespace detail {

/// The loops of a level: those stated; in front of them those of the level above that it does not restate; inside of
/// them the dimensions that nobody mapped, as one tile.
inline std::array<Directive, kDims> complete(const StatedLevel& stated, const Level* above, const Extents& extents) {
  std::array<Directive, kDims> loops{};
  std::size_t count = 0;
  std::array<bool, kDims> mapped{};
  for (const Directive& directive : stated) mapped[index(directive.dim)] = true;
  if (above != nullptr) {
    // Each one goes to the very front, so they end up in reverse order.
    for (std::size_t i = kDims; i-- > 0;) {
      const Directive& upper = above->loops[i];
      if (!mapped[index(upper.dim)]) loops[count++] = temporal(upper.dim, upper.size, upper.offset);
    }
    mapped.fill(true);
  }
  for (const Directive& directive : stated) loops[count++] = directive;
  for (std::size_t d = 0; d < kDims; ++d) {
    if (!mapped[d]) loops[count++] = temporal(static_cast<Dim>(d), extents[d], extents[d]);
  }
  return loops;
}

} // namespace detail

/// Binds a mapping to a layer and a number of PEs; those that make no whole cluster are idle. The tile of a level is
/// that of the level above it.
[[nodiscard]] inline Mapping bind_mapping(const StatedMapping& stated, Extents extents, std::int64_t pes) {
  Mapping mapping;
  mapping.level_count = stated.level_count;
  for (std::size_t l = 0; l < stated.level_count; ++l) {
    Level& level = mapping.levels[l];
    level.loops = detail::complete(stated.levels[l], l == 0 ? nullptr : &mapping.levels[l - 1], extents);
    level.extents = extents;
    level.clusters = l == 0 ? std::max<std::int64_t>(1, pes / stated.pes_per_cluster()) : stated.cluster_sizes[l - 1];
    for (const Directive& loop : level.loops) {
      extents[index(loop.dim)] = std::min(loop.size, extents[index(loop.dim)]);
    }
  }
  return mapping;
}

} // namespace terastal::dataflow
