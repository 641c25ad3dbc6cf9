#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "terastal/core/random.hpp"
#include "terastal/core/time.hpp"
#include "terastal/model/network.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// The row of the sample table that a job runs with: drawn uniformly from (seed, task, job).
inline std::uint32_t draw_sample(const Network& network, std::uint64_t seed, TaskIndex task, JobIndex job) {
  return static_cast<std::uint32_t>(RandomStream(seed, task, Purpose::sample, job).below(network.samples.ids.size()));
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
