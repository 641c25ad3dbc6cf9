#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "terastal/core/int128.hpp"
#include "terastal/core/random.hpp"
#include "terastal/core/time.hpp"
#include "terastal/model/network.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// The row of the sample table that a job runs with: drawn uniformly from (seed, task, job).
inline std::uint32_t draw_sample(const Network& network, std::uint64_t seed, TaskIndex task, JobIndex job) {
  return static_cast<std::uint32_t>(RandomStream(seed, task, Purpose::sample, job).below(network.samples.ids.size()));
}

/// What is left of a layer of `tiles` equal parts when `done` are: latency · (tiles − done) / tiles, rounded up.
inline Duration share_of_tiles(Duration latency, std::uint32_t done, std::uint32_t tiles) {
  const auto left = static_cast<int128>(latency.count()) * (tiles - done);
  return Duration{static_cast<Duration::rep>((left + tiles - 1) / tiles)};
}

/// actual · part / whole, rounded to the nearest picosecond, at least 1 ps: the actual time of a part whose estimate is
/// `part` where the whole was estimated at `whole` and takes `actual`.
inline Duration in_proportion(Duration actual, Duration part, Duration whole) {
  const int128 product = static_cast<int128>(actual.count()) * part.count();
  const int128 rounded = (2 * product + whole.count()) / (2 * static_cast<int128>(whole.count()));
  if (rounded > Duration::max().count()) throw_time_overflow();
  return Duration{std::max<Duration::rep>(1, static_cast<Duration::rep>(rounded))};
}

/// Whether a job passes a layer by, from (seed, task, job, layer) only: the same under every policy.
inline bool draws_skip(const Layer& layer, std::uint64_t seed, TaskIndex task, JobIndex job, LayerIndex index) {
  if (layer.skip_probability <= 0.0) return false;
  return RandomStream(seed, task, Purpose::skip, std::uint64_t{job} << 32 | index).uniform() < layer.skip_probability;
}

/// Whether a job is complete after a layer; drawn likewise.
inline bool draws_exit(const Layer& layer, std::uint64_t seed, TaskIndex task, JobIndex job, LayerIndex index) {
  if (layer.exit_probability <= 0.0) return false;
  return RandomStream(seed, task, Purpose::exit, std::uint64_t{job} << 32 | index).uniform() < layer.exit_probability;
}

/// The factor between actual and estimated time of one layer of one job. It depends on (seed, task, job, layer) only,
/// so every policy meets the same one.
inline double execution_factor(const ExecutionTimes& model, std::uint64_t seed, TaskIndex task, JobIndex job,
                               LayerIndex layer) {
  RandomStream random(seed, task, Purpose::execution, std::uint64_t{job} << 32 | layer);
  switch (model.kind) {
  case ExecutionTimes::Kind::uniform:
    return model.low + (model.high - model.low) * random.uniform();
  case ExecutionTimes::Kind::exponential:
    return random.exponential();
  case ExecutionTimes::Kind::lognormal: {
    const double variance = std::log1p(model.cv * model.cv);
    return std::exp(std::sqrt(variance) * random.normal() - variance / 2.0);
  }
  case ExecutionTimes::Kind::equal:
  case ExecutionTimes::Kind::samples:
  case ExecutionTimes::Kind::measured:
    break;
  }
  return 1.0;
}

/// The time at a quantile of the standard normal distribution, at least 1 ps: the logarithm of the time is linear in
/// the quantile between p50, p95 and p99, goes on with the slope of p50–p95 below and with that of p95–p99 above (our
/// reading; percentiles do not say more). Precondition: `p.measured()`. \throws SimulationError beyond the clock's
/// limit.
inline Duration time_at_quantile(const TimePercentiles& p, double z) {
  constexpr double z95 = TimePercentiles::z95;
  constexpr double z99 = TimePercentiles::z99;
  const auto log_ratio = [](Duration a, Duration b) {
    return std::log(static_cast<double>(a.count()) / static_cast<double>(b.count()));
  };
  const double body = log_ratio(p.p95, p.p50) / z95;
  const double beyond = z > z95 ? log_ratio(p.p99, p.p95) / (z99 - z95) * (z - z95) : 0.0;
  return std::max(Duration{1}, detail::scaled(p.p50, std::exp(body * std::min(z, z95) + beyond)));
}

/// How long a layer really takes, at least 1 ps. With samples, the original takes its sample's time; a variant, for
/// which no sample exists, takes its table time (our reading). What has no percentiles takes its table time, too.
inline Duration actual_time(const Task& task, const Network& network, TaskIndex index, JobIndex job,
                            std::uint32_t sample, LayerIndex layer, OptionIndex option, TypeIndex type,
                            std::uint64_t seed) {
  const Duration estimate = network.latency_of(option, type);
  if (task.execution.kind == ExecutionTimes::Kind::equal) return estimate;
  if (task.execution.kind == ExecutionTimes::Kind::samples) {
    if (option != network.layers[layer].first_option) return estimate;
    return network.samples.latency[(sample * network.layers.size() + layer) * network.type_count + type];
  }
  if (task.execution.kind == ExecutionTimes::Kind::measured) {
    const TimePercentiles percentiles = network.percentiles_of(option, type);
    if (!percentiles.measured()) return estimate;
    RandomStream random(seed, index, Purpose::execution, std::uint64_t{job} << 32 | layer);
    return time_at_quantile(percentiles, random.normal());
  }
  const double factor = execution_factor(task.execution, seed, index, job, layer);
  return std::max(Duration{1}, detail::scaled(estimate, factor));
}

} // namespace terastal
