#pragma once

#include <algorithm> // max
#include <chrono>
#include <cstddef>

namespace terastal {

/// Between two looks for messages. MPI's own waiting would keep a core busy.
inline constexpr std::chrono::milliseconds kPause{2};

/// A rank that was told to end waits so long for rank 0. mpirun gives ranks a second between asking and killing.
inline constexpr std::chrono::milliseconds kPatienceOfMember{500};

/// How often a rank sends results: 100 times a second, less often when there are many ranks, for rank 0 can take some
/// thousand messages a second.
inline std::chrono::steady_clock::duration result_interval(std::size_t ranks) {
  return std::max<std::chrono::steady_clock::duration>(std::chrono::milliseconds(10),
                                                       std::chrono::microseconds(500) * ranks);
}

/// Work that rank 0 gives a thread of another rank at a time, in seconds: so much that it is not out of work before
/// its results have arrived and the next cells have come.
inline double batch_seconds(std::size_t ranks) {
  return 2.5 * std::chrono::duration<double>(result_interval(ranks)).count();
}

} // namespace terastal
