#pragma once

#include <string>

#include "terastal/core/time.hpp"

namespace terastal {

/// Milliseconds, correctly rounded, for result files.
[[nodiscard]] inline double to_ms(Duration d) { return static_cast<double>(d.count()) / 1e9; }
/// Seconds, correctly rounded, for result files.
[[nodiscard]] inline double to_s(Duration d) { return static_cast<double>(d.count()) / 1e12; }

/// `12.34 %` for people.
[[nodiscard]] std::string percent(double ratio);
/// `12.34`, percent without the sign.
[[nodiscard]] std::string percent_number(double ratio);
/// `−41.2 %`: with a sign.
[[nodiscard]] std::string signed_percent(double ratio);
/// Four significant digits with a unit, for people.
[[nodiscard]] std::string short_time_s(double seconds);
/// `1.234 mJ`, `5.6 J`, for people.
[[nodiscard]] std::string short_energy_mj(double millijoules);
/// Four significant digits.
[[nodiscard]] std::string short_number(double value);
/// A fingerprint: `0x` and 16 hexadecimal digits.
[[nodiscard]] std::string hex(std::uint64_t value);

} // namespace terastal
