#pragma once

#include <algorithm> // max
#include <cstdint>

#include "terastal/core/int128.hpp"
#include "terastal/sim/execution.hpp"
#include "terastal/sim/view.hpp"

namespace terastal {

/// When a stretch of a layer, cut into equal tiles, could be stopped next.
struct TileBoundary {
  Time at = kNever;       ///< end of the present tile, now if one has just ended; kNever inside the last tile
  Duration tile{0};       ///< length of a tile, rounded down
  std::uint32_t done = 0; ///< tiles of the stretch that are over then
};

/// The end of the present tile of `left` tiles that run from `begun` to `end`. The first tile is always run whole.
[[nodiscard]] inline TileBoundary tile_boundary(Time begun, Time end, std::uint32_t left, Time now) {
  const Duration work = end - begun;
  if (now >= end || left <= 1 || work <= Duration::zero()) return {};
  const Duration done = std::max(Duration::zero(), now - begun);
  const int128 over = (static_cast<int128>(done.count()) * left + work.count() - 1) / work.count();
  const auto run = static_cast<std::uint32_t>(std::max<int128>(1, over));
  if (run >= left) return {};
  return {std::max(now, begun + (work - share_of_tiles(work, run, left))), work / left, run};
}

/// The same for what runs on a busy accelerator, by estimates. kNever where its type declares no preemption, for a
/// layer that is stopping already, and for a fused pair.
[[nodiscard]] inline TileBoundary tile_boundary(const SystemView& view, AcceleratorIndex a) {
  if (!view.platform().types[view.type_of(a)].preemption || view.stopping(a) || view.partner(a)) return {};
  const Occupation& o = view.occupation(view.leader(a));
  return tile_boundary(o.start + o.setup, view.free_at(a), o.tiles - o.tiles_before, view.now());
}

/// Time to save the state of what runs on a busy accelerator when it is stopped.
[[nodiscard]] inline Duration save_time(const SystemView& view, AcceleratorIndex a) {
  const auto& preemption = view.platform().types[view.type_of(a)].preemption;
  return preemption ? preemption->context.time(view.occupation(view.leader(a)).last_output_bytes) : Duration::zero();
}

} // namespace terastal
