#pragma once

#include <algorithm> // max, max_element, min
#include <cmath>     // ceil
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility> // move
#include <vector>

#include "terastal/core/settings.hpp"
#include "terastal/cost/cost_model.hpp"

namespace terastal {

/// Energy of one event of each kind, in pJ. The energy of a layer is the sum of events times their energy; leakage and
/// idle power are not counted.
struct EnergyCosts {
  double mac = 0.0;  ///< one multiply-accumulate, or one operation of a pooling or elementwise layer
  double l1 = 0.0;   ///< one element read or written next to the arithmetic: registers, first-level cache
  double l2 = 0.0;   ///< one element read or written in the large memory on the chip
  double dram = 0.0; ///< one byte read or written off the chip

  /// The four settings `mac_energy`, `l1_energy`, `l2_energy`, `dram_energy`, with these values as defaults.
  [[nodiscard]] std::vector<Setting> settings() const;
  [[nodiscard]] static EnergyCosts from(const Settings& settings);

  /// Energy of `operations` and of the accesses that an estimate counts.
  [[nodiscard]] double nanojoules(double operations, const CostEstimate& estimate) const {
    const double picojoules =
        operations * mac + estimate.l1_accesses * l1 + estimate.l2_accesses * l2 + estimate.dram_bytes * dram;
    return picojoules / 1000.0;
  }
};

/// Settings `clock` and `dram_bandwidth`, which every model with a link to DRAM declares.
[[nodiscard]] std::vector<Setting> clock_and_dram_settings(double clock_hz, double bytes_per_second);

/// Integer setting `element_bytes`: size of one element of inputs, weights and outputs.
[[nodiscard]] Setting element_bytes_setting();

/// Bytes of one element at a precision `int8`, `fp16` or `fp32`.
[[nodiscard]] inline double bytes_of_precision(std::string_view precision) {
  if (precision == "int8") return 1.0;
  return precision == "fp16" ? 2.0 : 4.0;
}

/// Several lists of settings, one after the other.
[[nodiscard]] std::vector<Setting> join_settings(std::initializer_list<std::vector<Setting>> lists);

/// Largest size of a memory on the chip that settings accept: 1 TiB.
inline constexpr double kLargestMemory = 1099511627776.0;

/// Register accesses of one multiply-accumulate: two operands and the partial sum are read, the sum is written.
inline constexpr double kRegisterAccesses = 4.0;

/// Quotient rounded up. `divisor` > 0.
[[nodiscard]] constexpr std::uint64_t ceil_div(std::uint64_t dividend, std::uint64_t divisor) {
  return (dividend + divisor - 1) / divisor;
}

/// The largest of an estimate's terms; of equal ones the first in the order of CostTerm.
[[nodiscard]] inline CostTerm largest_term(const CostEstimate& estimate) {
  const auto& terms = estimate.terms;
  return static_cast<CostTerm>(std::max_element(terms.begin(), terms.end()) - terms.begin());
}

/// The cycles of one term.
[[nodiscard]] inline double& term_of(CostEstimate& estimate, CostTerm which) {
  return estimate.terms[static_cast<std::size_t>(which)];
}

/// Elements read to combine two operands of a product through a memory that holds `capacity` elements: the smaller
/// operand is read once, in pieces that fit, and the larger one is read again for each piece. Never less than each
/// operand once, and never more for a larger memory. Our reading of what a blocked loop does.
[[nodiscard]] inline double reads_through(double capacity, double first, double second) {
  const double smaller = std::min(first, second);
  return smaller + std::max(first, second) * std::max(1.0, std::ceil(smaller / capacity));
}

// -- implementation

inline std::vector<Setting> EnergyCosts::settings() const {
  constexpr double most = 1e9; // a millijoule
  const auto energy = [](std::string name, double value, std::string help) {
    return Setting::quantity(std::move(name), Dimension::energy, value, 0.0, most, std::move(help));
  };
  return {energy("mac_energy", mac, "one multiply-accumulate, or one operation of a pooling or elementwise layer"),
          energy("l1_energy", l1, "one element read or written in registers or the first-level memory"),
          energy("l2_energy", l2, "one element read or written in the large on-chip memory"),
          energy("dram_energy", dram, "one byte read or written off the chip")};
}

inline EnergyCosts EnergyCosts::from(const Settings& settings) {
  return {settings.number("mac_energy"), settings.number("l1_energy"), settings.number("l2_energy"),
          settings.number("dram_energy")};
}

inline std::vector<Setting> clock_and_dram_settings(double clock_hz, double bytes_per_second) {
  return {Setting::quantity("clock", Dimension::frequency, clock_hz, 1e3, 100e9, "clock of the arithmetic"),
          Setting::quantity("dram_bandwidth", Dimension::bandwidth, bytes_per_second, 1e3, 1e18,
                            "off-chip memory, reads and writes together")};
}

inline Setting element_bytes_setting() {
  return Setting::integer("element_bytes", 1, 1, 16, "bytes of one element of inputs, weights and outputs");
}

inline std::vector<Setting> join_settings(std::initializer_list<std::vector<Setting>> lists) {
  std::vector<Setting> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

} // namespace terastal
