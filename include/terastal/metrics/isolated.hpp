#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/model/estimates.hpp"
#include "terastal/model/network.hpp"

namespace terastal {

/// What an inference takes alone on the platform: the longest path of the originals' latencies, each layer on its
/// fastest accelerator type or group of accelerators. No transfers, no switches (our reading: the papers have one
/// accelerator, where there are none). It bounds the response time of a job that runs originals at their estimated
/// times. O(layers + edges).
[[nodiscard]] Duration isolated_time(const Network& network);

/// The same with the times of each row of the sample table. O(samples · layers · types).
[[nodiscard]] std::vector<Duration> isolated_times_of_samples(const Network& network);

inline Duration isolated_time(const Network& network) {
  std::vector<Duration> fastest;
  for (const Layer& layer : network.layers) fastest.push_back(detail::fastest_with_groups(network, layer.first_option));
  return longest_path(network, fastest);
}

inline std::vector<Duration> isolated_times_of_samples(const Network& network) {
  std::vector<Duration> times;
  const std::size_t layers = network.layers.size();
  for (std::size_t s = 0; s < network.samples.ids.size(); ++s) {
    std::vector<Duration> fastest(layers, kCannotRun);
    for (std::size_t l = 0; l < layers; ++l) {
      for (TypeIndex t = 0; t < network.type_count; ++t) {
        if (network.latency_of(network.layers[l].first_option, t) == kCannotRun) continue;
        fastest[l] = std::min(fastest[l], network.samples.latency[(s * layers + l) * network.type_count + t]);
      }
    }
    times.push_back(longest_path(network, fastest));
  }
  return times;
}

} // namespace terastal
