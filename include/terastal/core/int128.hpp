#pragma once

namespace terastal {

/// 128-bit integers, where a product of two 64-bit numbers must be exact. `__extension__` keeps -Wpedantic quiet.
__extension__ typedef unsigned __int128 Uint128;

}  // namespace terastal
