#pragma once

#include <cstddef>
#include <functional>

namespace terastal {

/// Does `work(i)` for i from 0 to count − 1 on threads (0: all cores), handing out ascending numbers. A thread stops
/// when `work` returns false; no thread takes new work when `going` (may be empty) returns false.
/// \throws what the smallest failing i throws, after the others stopped: smaller numbers are under way or done by then,
/// so it is the same for any number of threads.
void for_each_index(std::size_t count, std::size_t threads, const std::function<bool()>& going,
                    const std::function<bool(std::size_t)>& work);

} // namespace terastal
