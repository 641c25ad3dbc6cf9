#pragma once

#include <algorithm> // any_of
#include <cstddef>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/model/network.hpp"

namespace terastal {

/// MoCA's estimates of one task, per accelerator type.
struct MocaEstimates {
  MocaEstimates(const Network& network, double memory_bytes_per_second) {
    const auto types = static_cast<TypeIndex>(network.type_count);
    for (TypeIndex t = 0; t < types; ++t) add_type(network, t, memory_bytes_per_second);
    fastest_s = to_seconds(estimate_fastest(network));
    some_type_runs_all = std::any_of(rest.begin(), rest.end(), [](const auto& r) { return r.front() != kCannotRun; });
  }

  std::vector<std::vector<Duration>> rest; ///< per type: time from a layer to the end, one layer after another
  std::vector<double> bandwidth;           ///< per type: mean demand of the whole job / the memory's bandwidth
  double fastest_s = 0.0;                  ///< each layer on its fastest type, one after another
  bool some_type_runs_all = false;

 private:
  void add_type(const Network& network, TypeIndex t, double memory_bytes_per_second) {
    const std::size_t layers = network.layers.size();
    auto& tail = rest.emplace_back(layers + 1, Duration::zero());
    double bytes = 0.0;
    for (std::size_t l = layers; l-- > 0;) {
      const OptionIndex original = network.layers[l].first_option;
      const Duration here = network.latency_of(original, t);
      tail[l] = here == kCannotRun || tail[l + 1] == kCannotRun ? kCannotRun : checked_add(here, tail[l + 1]);
      bytes += network.traffic_of(original, t);
    }
    const bool known = memory_bytes_per_second > 0.0 && tail[0] != kCannotRun;
    bandwidth.push_back(known ? bytes / to_seconds(tail[0]) / memory_bytes_per_second : 0.0);
  }

  [[nodiscard]] static Duration estimate_fastest(const Network& network) {
    Duration sum{0};
    for (const Layer& layer : network.layers) sum = checked_add(sum, network.fastest(layer.first_option));
    return sum;
  }
};

} // namespace terastal
