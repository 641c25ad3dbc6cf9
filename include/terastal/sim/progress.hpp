#pragma once

#include <cstdint>

#include "terastal/model/network.hpp"

namespace terastal {

/// How far a layer is that was stopped.
struct Progress {
  std::uint32_t done = 0;  ///< of `tiles`
  std::uint32_t tiles = 1; ///< parts of a layer where it ran
  OptionIndex option = 0;  ///< the implementation it began in and must go on in

  [[nodiscard]] bool begun() const { return done > 0; }
  /// Parts done in tiles of another size, rounded down.
  [[nodiscard]] std::uint32_t in_tiles_of(std::uint32_t other) const {
    return static_cast<std::uint32_t>(std::uint64_t{done} * other / tiles);
  }
};

} // namespace terastal
