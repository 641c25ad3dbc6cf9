#include "report/numbers.hpp"

#include <cmath> // llround

#include <fmt/format.h>

#include "terastal/core/units.hpp"

namespace terastal {

std::string percent_number(double ratio) { return fmt::format("{:.2f}", ratio * 100.0); }

std::string percent(double ratio) { return percent_number(ratio) + " %"; }

std::string signed_percent(double ratio) { return fmt::format("{:+.1f} %", ratio * 100.0); }

std::string short_time_s(double seconds) {
  return format_duration_short(Duration{static_cast<Duration::rep>(std::llround(seconds * 1e12))});
}

std::string short_number(double value) { return fmt::format("{:.4g}", value); }

std::string short_energy_mj(double millijoules) {
  if (millijoules >= 1000.0) return short_number(millijoules / 1000.0) + " J";
  if (millijoules >= 1.0 || millijoules == 0.0) return short_number(millijoules) + " mJ";
  return short_number(millijoules * 1000.0) + " uJ";
}

std::string hex(std::uint64_t value) { return fmt::format("0x{:016x}", value); }

} // namespace terastal
