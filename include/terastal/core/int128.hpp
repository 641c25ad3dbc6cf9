#pragma once

namespace terastal {

/// 128-bit integers of g++ and clang, for exact products and packed keys. `__extension__` keeps -Wpedantic quiet.
__extension__ using int128 = __int128;
__extension__ using uint128 = unsigned __int128;

} // namespace terastal
