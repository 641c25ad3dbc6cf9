#include "io/arrivals_build.hpp"

#include <string>

#include <fmt/format.h>

#include "io/csv.hpp"
#include "io/trace_table.hpp"
#include "terastal/core/units.hpp"

namespace terastal::io {
namespace {

/// `period`, or the period of `rate`; 1 ps after an error.
Duration period_of(const Value& arrivals) {
  const auto period = arrivals["period"].duration();
  return period ? *period : arrivals["rate"].period().value_or(Duration{1});
}

/// Nothing stands for a random phase.
std::optional<Duration> phase_of(const Value& arrivals) {
  const Value phase = arrivals["phase"];
  if (phase.given() && phase.choice()) return std::nullopt;
  return phase.duration().value_or(Duration::zero());
}

TraceArrivals read_trace(const Value& path, const NetworkPool::Entry* network, Files& files, Diagnostics& diagnostics) {
  const auto text = path.text();
  const File* file = text ? files.open(resolve(*path.position().source, *text), path.position()) : nullptr;
  const auto table = file == nullptr ? std::nullopt : parse_csv(*file, diagnostics);
  if (!table) return {};
  const bool samples_known = network != nullptr && network->sound;
  return read_trace_table(*table, samples_known ? network->network.samples : SampleTable{}, samples_known, diagnostics);
}

} // namespace

ArrivalsWithDeadline build_arrivals(const Value& arrivals, const NetworkPool::Entry* network, Files& files,
                                    Diagnostics& diagnostics) {
  const std::string kind = arrivals.kind().value_or("");
  const auto time = [&](std::string_view key) { return arrivals[key].duration().value_or(Duration{1}); };
  if (kind == "periodic") {
    const Duration period = period_of(arrivals);
    return {PeriodicArrivals{period, phase_of(arrivals), time("jitter")}, period};
  }
  if (kind == "sporadic") {
    const Duration period = period_of(arrivals);
    return {SporadicArrivals{period, phase_of(arrivals), time("extra")}, period};
  }
  if (kind == "poisson") {
    const Duration gap = arrivals["rate"].period().value_or(Duration{1});
    return {PoissonArrivals{gap}, gap};
  }
  if (kind == "bursts") {
    const Duration gap = arrivals["rate"].period().value_or(Duration{1});
    return {BurstArrivals{gap, time("on"), time("off")}, gap};
  }
  if (kind == "trace") {
    TraceArrivals trace = read_trace(arrivals["file"], network, files, diagnostics);
    const auto deadline = smallest_deadline(trace);
    return {std::move(trace), deadline};
  }
  return {NoArrivals{}, Duration{1}}; // reported: no kind, or an unknown one
}

std::optional<ExecutionTimes> build_execution(const Value& execution, Diagnostics& diagnostics) {
  using Kind = ExecutionTimes::Kind;
  if (!execution.given()) return std::nullopt;
  const std::string kind = execution.kind().value_or("");
  ExecutionTimes times;
  if (kind == "uniform") {
    times.kind = Kind::uniform;
    times.low = execution["low"].number().value_or(1.0);
    times.high = execution["high"].number().value_or(times.low);
    if (execution["low"].usable() && times.low > times.high) {
      diagnostics.error(execution["low"].position(), fmt::format("'low' ({}) must not exceed 'high' ({})",
                                                                 format_number(times.low), format_number(times.high)));
    }
  } else if (kind == "lognormal") {
    times.kind = Kind::lognormal;
    times.cv = execution["cv"].number().value_or(0.0);
  } else if (kind == "exponential") {
    times.kind = Kind::exponential;
  } else if (kind == "samples") {
    times.kind = Kind::samples;
  } else if (kind == "measured") {
    times.kind = Kind::measured;
  }
  return times;
}

} // namespace terastal::io
