#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "terastal/gate/baseline.hpp"
#include "terastal/gate/check.hpp"
#include "terastal/gate/measure.hpp"
#include "terastal/sched/default_policies.hpp"

namespace terastal::testing {

/// A cell of scenario `s` under `edf` with one metric.
inline GateCell gate_cell(const char* metric, const std::vector<double>& values, std::uint64_t first_digest = 1) {
  GateCell cell;
  cell.scenario = "s";
  cell.policy = "edf";
  cell.series.push_back({&find_metric(metric), {}});
  for (const double value : values) {
    cell.series.back().values.emplace_back(value);
    cell.digests.push_back(first_digest++);
  }
  return cell;
}

/// A baseline of that cell alone, with the metric's default limits.
inline Baseline gate_baseline(const char* metric, const std::vector<double>& values) {
  Baseline baseline;
  baseline.path = "b.json";
  baseline.version = "0.1.0";
  baseline.plan.scenarios = {"s"};
  baseline.plan.policies = {default_policies().parse("edf")};
  baseline.plan.replications = values.size();
  baseline.plan.rules = {{&find_metric(metric), Judge::noninferior, default_limits(find_metric(metric))}};
  baseline.cells = {gate_cell(metric, values)};
  return baseline;
}

/// What is measured when the event streams are not the baseline's.
inline Measurement gate_measurement(const char* metric, const std::vector<double>& values,
                                    std::uint64_t first_digest = 1000) {
  Measurement now;
  now.cells = {gate_cell(metric, values, first_digest)};
  now.replications = values.size();
  return now;
}

/// Values that differ from `from` by the differences.
inline std::vector<double> moved(std::vector<double> from, const std::vector<double>& by) {
  for (std::size_t i = 0; i < by.size(); ++i) from[i] += by[i];
  return from;
}

} // namespace terastal::testing
