#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/workload/arrivals.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Arrivals that run `factor` times as fast: periods, phases, jitter, mean gaps and bursts divided by it, rounded to
/// the nearest picosecond and at least 1 ps where they were above 0. Random gaps come from the same draws, so with one
/// seed they are the same sequence in another unit of time. Precondition: not a trace, factor > 0 and finite.
[[nodiscard]] Arrivals scale_rates(const Arrivals& arrivals, double factor);

/// A scenario in which every task is asked for `factor` times as often; deadlines, horizon and the rest stay. Cascades
/// follow their parents. \throws InputError naming every task whose releases are a trace: a recording has no rate to
/// change; and for a factor that is not a finite number above 0.
[[nodiscard]] Scenario scale_rates(const Scenario& scenario, double factor);

namespace detail {

struct RateScale {
  double factor;

  [[nodiscard]] Duration operator()(Duration d) const {
    return d == Duration::zero() ? d : std::max(Duration{1}, scaled(d, 1.0 / factor));
  }

  Arrivals operator()(const NoArrivals& a) const { return a; }
  Arrivals operator()(const TraceArrivals& a) const { return a; }
  Arrivals operator()(PeriodicArrivals a) const {
    a.period = (*this)(a.period);
    if (a.phase) a.phase = (*this)(*a.phase);
    a.jitter = (*this)(a.jitter);
    return a;
  }
  Arrivals operator()(SporadicArrivals a) const {
    a.period = (*this)(a.period);
    if (a.phase) a.phase = (*this)(*a.phase);
    a.extra = (*this)(a.extra);
    return a;
  }
  Arrivals operator()(PoissonArrivals a) const {
    a.mean_gap = (*this)(a.mean_gap);
    return a;
  }
  Arrivals operator()(BurstArrivals a) const {
    a.mean_gap = (*this)(a.mean_gap);
    a.mean_on = (*this)(a.mean_on);
    a.mean_off = (*this)(a.mean_off);
    return a;
  }
};

} // namespace detail

inline Arrivals scale_rates(const Arrivals& arrivals, double factor) {
  return std::visit(detail::RateScale{factor}, arrivals);
}

inline Scenario scale_rates(const Scenario& scenario, double factor) {
  if (!(factor > 0.0) || !std::isfinite(factor)) throw InputError("rates can be scaled by a number above 0 only");
  std::vector<Diagnostic> problems;
  for (const Task& task : scenario.tasks) {
    if (!std::holds_alternative<TraceArrivals>(task.arrivals)) continue;
    problems.push_back({{}, 0, 0, "task '" + task.name + "': the releases of a trace have no rate that can be scaled"});
  }
  if (!problems.empty()) throw InputError(std::move(problems));
  Scenario result = scenario;
  for (Task& task : result.tasks) task.arrivals = scale_rates(task.arrivals, factor);
  return result;
}

} // namespace terastal
