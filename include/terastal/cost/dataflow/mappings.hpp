#pragma once

#include <algorithm> // min
#include <cstdint>

#include "terastal/cost/dataflow/mapping.hpp"

namespace terastal::dataflow {

/// What stays in the processing elements.
enum class Stationary : std::uint8_t { weight, output, row };

/// The mappings of XRBench (XRBench-MLSys2023, dataflows WS, OS and RS).
///
/// They state output positions, which the fork turns into input windows with the number of directives of the level in
/// place of the kernel's extent: a window of one position is 4 elements wide at the levels of four directives, whatever
/// the kernel. That is why a 1×1 layer is charged 16 positions a step; the figures below are those windows.
[[nodiscard]] inline StatedMapping xrbench_mapping(Stationary stationary) {
  using enum Dim;
  switch (stationary) {
  case Stationary::weight:
    return {{{{temporal(c, 16, 16), temporal(k, 16, 16), temporal(y, 4, 1), spatial(x, 4, 1)},
              {spatial(k, 1, 1), temporal(c, 64, 64), temporal(y, 4, 1), temporal(x, 4, 1)},
              {spatial(c, 1, 1)}}},
            3,
            {16, 16}};
  case Stationary::output:
    return {{{{temporal(k, 1, 1), spatial(y, 4, 1), temporal(x, 7, 4), temporal(c, 16, 16)},
              {spatial(x, 1, 1)},
              {spatial(c, 1, 1)}}},
            3,
            {4, 16}};
  case Stationary::row:
    break;
  }
  return {{{{temporal(y, 4, 1), temporal(x, 19, 16), temporal(c, 4, 4), spatial(k, 1, 1)},
            {temporal(y, 4, 1), spatial(x, 4, 1), temporal(c, 4, 4), temporal(k, 1, 1)},
            {spatial(y, 1, 1), spatial(r, 1, 1)}}},
          3,
          {16, 4}};
}

/// The mappings that upstream MAESTRO ships for NVDLA (weight), ShiDianNao (output) and Eyeriss (row), for a layer of
/// the given extents. A window wider than the image is cut to it, since the tool returns no cycles for one.
[[nodiscard]] inline StatedMapping maestro_mapping(Stationary stationary, const Extents& extents) {
  using enum Dim;
  const std::int64_t rows = extents[index(r)];
  const std::int64_t columns = extents[index(s)];
  switch (stationary) {
  case Stationary::weight:
    return {{{{spatial(k, 1, 1), temporal(c, 64, 64), temporal(r, rows, rows), temporal(s, columns, columns),
               temporal(y, rows, 1), temporal(x, columns, 1)},
              {spatial(c, 1, 1), temporal(y, rows, 1), temporal(x, columns, 1), temporal(r, rows, rows),
               temporal(s, columns, columns)},
              {}}},
            2,
            {64, 1}};
  case Stationary::output: {
    const std::int64_t window = std::min(8 + columns - 1, extents[index(x)]);
    return {{{{temporal(k, 1, 1), temporal(c, 1, 1), spatial(y, rows, 1), temporal(x, window, 8),
               temporal(r, rows, rows), temporal(s, columns, columns)},
              {spatial(x, columns, 1)},
              {}}},
            2,
            {8, 1}};
  }
  case Stationary::row:
    break;
  }
  return {{{{spatial(y, rows, 1), temporal(x, columns, 1), temporal(c, 1, 1), temporal(k, 16, 16),
             temporal(r, rows, rows), temporal(s, columns, columns)},
            {spatial(y, 1, 1), spatial(r, 1, 1), temporal(s, columns, columns)},
            {}}},
          2,
          {rows, 1}};
}

} // namespace terastal::dataflow
