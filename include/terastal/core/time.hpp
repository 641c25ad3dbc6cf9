#pragma once

#include <chrono> // duration, time_point
#include <cstdint>

#include "terastal/core/error.hpp"

namespace terastal {

/// The simulated clock: integer picoseconds from the start of a run.
///
/// A strong type keeps instants and durations apart and prevents mixing with wall-clock time. The range is 106 days
/// (2^63 ps); arithmetic that could leave it goes through `checked_add`.
struct SimClock {
  using rep = std::int64_t;
  using period = std::pico;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<SimClock>;
  static constexpr bool is_steady = true;
};

/// A span of simulated time in picoseconds. Literals of `std::chrono` convert exactly: `Duration d = 3ms;`.
using Duration = SimClock::duration;

/// An instant of simulated time; the run starts at `Time{}`.
using Time = SimClock::time_point;

/// Latency of a layer on an accelerator type that cannot run it. Larger than every real latency.
inline constexpr Duration kCannotRun = Duration::max();

/// Sentinel for "no such instant"; later than every real instant.
inline constexpr Time kNever = Time::max();

/// Throws SimulationError: the 106-day range of the clock is exhausted.
[[noreturn]] inline void throw_time_overflow() {
  throw SimulationError("the simulated clock overflows: a time lies beyond 106 days (2^63 ps)");
}

/// `a + b`. \throws SimulationError when the sum leaves the range of the clock.
inline Duration checked_add(Duration a, Duration b) {
  Duration::rep sum = 0;
  if (__builtin_add_overflow(a.count(), b.count(), &sum)) throw_time_overflow();
  return Duration{sum};
}

/// `t + d`. \throws SimulationError when the sum leaves the range of the clock.
inline Time checked_add(Time t, Duration d) { return Time{checked_add(t.time_since_epoch(), d)}; }

/// Seconds as a floating-point number, for statistics and reports; exact to 53 bits.
constexpr double to_seconds(Duration d) { return static_cast<double>(d.count()) * 1e-12; }

/// Picoseconds since the start of the run.
constexpr std::int64_t to_ps(Time t) { return t.time_since_epoch().count(); }

} // namespace terastal
