#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "terastal/sweep/sweep.hpp"

namespace terastal {

/// What a cell says of one task, or of all together.
struct CellRow {
  std::string task; ///< empty: all tasks together
  std::uint64_t released = 0;
  std::uint64_t completed = 0;
  std::uint64_t late = 0; ///< of the completed ones
  std::uint64_t dropped = 0;
  std::vector<std::optional<double>> values; ///< in the order of Sweep::metrics; nothing where the metric has none

  bool operator==(const CellRow&) const = default;
};

/// What a cell gave: a function of the cell, its inputs and the program's version alone.
struct CellResult {
  CellIndex cell = 0;
  std::string error;         ///< why it failed; empty: it did not, and what follows holds
  std::uint64_t digest = 0;  ///< of the event stream
  std::vector<CellRow> rows; ///< all tasks together first, then each in the scenario's order

  [[nodiscard]] bool failed() const { return !error.empty(); }
  bool operator==(const CellResult&) const = default;
};

} // namespace terastal
