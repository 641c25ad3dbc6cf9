#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace terastal {

/// The field of a layer table that a heading names, and how far down in the list of its spellings that one stands; our
/// own names come first. Case, blanks and signs do not count.
[[nodiscard]] std::optional<std::pair<std::string, std::size_t>> field_of(std::string_view heading);

/// All fields: what a heading can mean, apart from times and energies.
[[nodiscard]] std::vector<std::string> field_names();

/// A time or an energy as a heading names it. `gpu_ms`, `gpu latency (ms)`, `Runtime (Cycles)`.
struct SpelledMeasure {
  std::string type; ///< empty when the heading names none
  std::string unit; ///< lower case; empty when the heading has none
  bool energy = false;
  int percentile = 0; ///< 50, 95 or 99; 0 when the heading names none
};

/// Nothing when the heading has neither a unit nor a word such as `latency`.
[[nodiscard]] std::optional<SpelledMeasure> measure_of(std::string_view heading);

/// Power of ten of a unit to picoseconds or, for energies, nanojoules; nothing for other texts. Cycles: 0.
[[nodiscard]] std::optional<int> unit_power(std::string_view unit, bool energy);

} // namespace terastal
