#include <algorithm> // count_if, min
#include <limits>

#include "experiment/analysis_model.hpp"

namespace terastal {
namespace {

/// The mean time of an option on a type, or less; nothing when it is not known.
std::optional<double> mean_time(const Task& task, const Network& network, LayerIndex layer, OptionIndex option,
                                TypeIndex type) {
  const Duration table = network.latency_of(option, type);
  if (table == kCannotRun) return std::numeric_limits<double>::infinity();
  switch (task.execution.kind) {
  case ExecutionTimes::Kind::uniform:
    return to_seconds(table) * (task.execution.low + task.execution.high) / 2.0;
  case ExecutionTimes::Kind::samples: {
    if (option != network.layers[layer].first_option) return to_seconds(table);
    Duration shortest = kCannotRun;
    for (std::size_t s = 0; s < network.samples.ids.size(); ++s) {
      shortest =
          std::min(shortest, network.samples.latency[(s * network.layers.size() + layer) * network.type_count + type]);
    }
    return shortest == kCannotRun ? std::numeric_limits<double>::infinity() : to_seconds(shortest);
  }
  case ExecutionTimes::Kind::measured:
    if (network.percentiles_of(option, type).measured()) return std::nullopt;
    break;
  case ExecutionTimes::Kind::equal:
  case ExecutionTimes::Kind::lognormal:
  case ExecutionTimes::Kind::exponential:
    break;
  }
  return to_seconds(table);
}

} // namespace

LoadBound least_load(const Scenario& scenario, bool with_variants) {
  const Platform& platform = scenario.platform;
  if (platform.memory_bytes_per_second > 0.0) return {std::nullopt, "times depend on the shared memory"};
  std::vector<double> capacity;
  for (TypeIndex k = 0; k < platform.types.size(); ++k) {
    const auto count = std::count_if(platform.accelerators.begin(), platform.accelerators.end(),
                                     [&](const Accelerator& a) { return a.type == k; });
    capacity.push_back(static_cast<double>(count));
  }
  std::vector<std::vector<double>> demand;
  for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
    const Task& task = scenario.tasks[t];
    const Network& network = scenario.network_of(t);
    const double period = to_seconds(mean_period(scenario, t));
    if (period == 0.0) continue;
    if (network.probabilistic()) return {std::nullopt, task.name + ": jobs skip layers"};
    for (LayerIndex l = 0; l < network.layers.size(); ++l) {
      const Layer& layer = network.layers[l];
      std::vector<double> piece(capacity.size(), std::numeric_limits<double>::infinity());
      for (OptionIndex o = 0; o < (with_variants ? layer.option_count : 1); ++o) {
        for (TypeIndex k = 0; k < capacity.size(); ++k) {
          const auto time = mean_time(task, network, l, layer.first_option + o, k);
          if (!time) return {std::nullopt, task.name + ": the mean of measured percentiles is not known"};
          piece[k] = std::min(piece[k], *time / period);
        }
      }
      demand.push_back(std::move(piece));
    }
  }
  if (demand.empty()) return {std::nullopt, "no task has a rate"};
  return {mapping_bound(demand, capacity), {}};
}

} // namespace terastal
