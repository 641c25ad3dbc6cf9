#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "terastal/core/random.hpp"
#include "terastal/core/time.hpp"

namespace terastal {

/// Releases every `period`, first at `phase` (uniform in [0, period) per seed when nothing is given), each delayed by
/// a uniform time in [0, jitter]. Releases keep their order.
struct PeriodicArrivals {
  Duration period{0};
  std::optional<Duration> phase = Duration::zero();
  Duration jitter{0};
};

/// At least `period` apart: each distance is `period` plus an exponential time with mean `extra`.
struct SporadicArrivals {
  Duration period{0};
  std::optional<Duration> phase = Duration::zero();
  Duration extra{0};
};

/// Poisson releases with mean distance `mean_gap`.
struct PoissonArrivals {
  Duration mean_gap{0};
};

/// On/off bursts: exponential on and off periods (starting on); Poisson releases with mean distance `mean_gap` while
/// on.
struct BurstArrivals {
  Duration mean_gap{0};
  Duration mean_on{0};
  Duration mean_off{0};
};

/// One release of a trace.
struct TraceEntry {
  Time release{};
  std::optional<Duration> deadline;            ///< relative; the task's when absent
  std::optional<int> priority;                 ///< the task's when absent
  std::optional<std::int64_t> sample;          ///< id in the network's sample table
  std::optional<double> weight = std::nullopt; ///< the task's when absent
};

/// Releases given one by one, ascending in time.
struct TraceArrivals {
  std::vector<TraceEntry> entries;
};

/// Released by another task's completions (see Task::parent) or by Simulator::submit only.
struct NoArrivals {};

using Arrivals =
    std::variant<NoArrivals, PeriodicArrivals, SporadicArrivals, PoissonArrivals, BurstArrivals, TraceArrivals>;

/// The releases of one task, in order, from one (seed, task). Copyable, so a simulation state can be copied.
class ArrivalStream {
 public:
  ArrivalStream() = default;
  ArrivalStream(const Arrivals& arrivals, std::uint64_t seed, std::uint32_t task);

  /// The next release; nothing when the stream ends (it may go on beyond the horizon; the engine stops there).
  /// Release times never decrease. The pointer to the trace entry is null unless the arrivals are a trace.
  struct Release {
    Time time{};
    const TraceEntry* entry = nullptr;
  };
  std::optional<Release> next();

 private:
  std::optional<Time> next_time();
  Time next_in_burst(const BurstArrivals& bursts);

  const Arrivals* arrivals_ = nullptr;
  RandomStream random_{0, 0, Purpose::arrivals};
  RandomStream jitter_{0, 0, Purpose::jitter};
  Time nominal_{};
  Time last_{};
  Time burst_end_{};
  std::uint64_t index_ = 0;
};

namespace detail {

/// A random duration: `mean` times a non-negative factor, rounded to the nearest picosecond.
inline Duration scaled(Duration mean, double factor) {
  const double ps = std::round(static_cast<double>(mean.count()) * factor);
  if (!(ps < 9.2e18)) throw_time_overflow();
  return Duration{static_cast<Duration::rep>(ps)};
}

} // namespace detail

inline ArrivalStream::ArrivalStream(const Arrivals& arrivals, std::uint64_t seed, std::uint32_t task)
    : arrivals_(&arrivals), random_(seed, task, Purpose::arrivals), jitter_(seed, task, Purpose::jitter) {
  const auto start_at = [&](const std::optional<Duration>& phase, Duration period) {
    RandomStream random(seed, task, Purpose::phase);
    const auto span = static_cast<std::uint64_t>(period.count());
    nominal_ = Time{phase ? *phase : Duration{static_cast<Duration::rep>(random.below(span))}};
  };
  if (const auto* periodic = std::get_if<PeriodicArrivals>(&arrivals)) start_at(periodic->phase, periodic->period);
  if (const auto* sporadic = std::get_if<SporadicArrivals>(&arrivals)) start_at(sporadic->phase, sporadic->period);
  if (const auto* bursts = std::get_if<BurstArrivals>(&arrivals)) {
    burst_end_ = Time{detail::scaled(bursts->mean_on, random_.exponential())};
  }
}

inline std::optional<ArrivalStream::Release> ArrivalStream::next() {
  if (arrivals_ == nullptr) return std::nullopt;
  if (const auto* trace = std::get_if<TraceArrivals>(arrivals_)) {
    if (index_ == trace->entries.size()) return std::nullopt;
    const TraceEntry& entry = trace->entries[index_++];
    return Release{entry.release, &entry};
  }
  const auto time = next_time();
  if (!time) return std::nullopt;
  ++index_;
  return Release{*time, nullptr};
}

inline std::optional<Time> ArrivalStream::next_time() {
  if (const auto* periodic = std::get_if<PeriodicArrivals>(arrivals_)) {
    if (index_ > 0) nominal_ = checked_add(nominal_, periodic->period);
    Time release = nominal_;
    if (periodic->jitter > Duration::zero()) {
      const auto span = static_cast<std::uint64_t>(periodic->jitter.count()) + 1;
      release = checked_add(release, Duration{static_cast<Duration::rep>(jitter_.below(span))});
    }
    last_ = std::max(last_, release);
    return last_;
  }
  if (const auto* sporadic = std::get_if<SporadicArrivals>(arrivals_)) {
    if (index_ > 0) {
      nominal_ = checked_add(nominal_, sporadic->period);
      if (sporadic->extra > Duration::zero()) {
        nominal_ = checked_add(nominal_, detail::scaled(sporadic->extra, random_.exponential()));
      }
    }
    return nominal_;
  }
  if (const auto* poisson = std::get_if<PoissonArrivals>(arrivals_)) {
    nominal_ = checked_add(nominal_, detail::scaled(poisson->mean_gap, random_.exponential()));
    return nominal_;
  }
  if (const auto* bursts = std::get_if<BurstArrivals>(arrivals_)) return next_in_burst(*bursts);
  return std::nullopt;
}

// Poisson time is memoryless, so the part of a gap that reaches beyond the on period is drawn anew after the off
// period.
inline Time ArrivalStream::next_in_burst(const BurstArrivals& bursts) {
  for (;;) {
    const Time candidate = checked_add(nominal_, detail::scaled(bursts.mean_gap, random_.exponential()));
    if (candidate <= burst_end_) {
      nominal_ = candidate;
      return nominal_;
    }
    nominal_ = checked_add(burst_end_, detail::scaled(bursts.mean_off, random_.exponential()));
    burst_end_ = checked_add(nominal_, detail::scaled(bursts.mean_on, random_.exponential()));
  }
}

} // namespace terastal
