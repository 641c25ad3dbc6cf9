#pragma once

#include <algorithm> // min
#include <cstddef>
#include <cstdint>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"

namespace terastal {

/// Latency of an option on a group of accelerators of a type, 1 included; kCannotRun where it cannot run. Precondition:
/// the type has groups of that size.
[[nodiscard]] inline Duration latency_on(const Network& network, const Platform& platform, OptionIndex option,
                                         TypeIndex type, std::uint32_t size) {
  if (size == 1) return network.latency_of(option, type);
  return network.group_latency[option * platform.group_columns() + platform.group_column(type, size)];
}

/// The sizes of groups a type has accelerators for, ascending, 1 included.
[[nodiscard]] inline std::vector<std::uint32_t> usable_sizes(const Platform& platform, TypeIndex type) {
  std::uint32_t count = 0;
  for (const Accelerator& a : platform.accelerators) count += a.type == type ? 1U : 0U;
  std::vector<std::uint32_t> sizes{1};
  for (const std::uint32_t size : platform.types[type].group_sizes) {
    if (size <= count) sizes.push_back(size);
  }
  return sizes;
}

/// What VELTAIR knows of a task beforehand: shares of the deadline and needs of cores, by its unchanged layers. A job
/// runs its layers one after another, in the order of the file.
class VeltairTables {
 public:
  VeltairTables(const Network& network, const Platform& platform, Duration deadline) {
    const auto types = static_cast<TypeIndex>(network.type_count);
    for (TypeIndex t = 0; t < types; ++t) sizes_.push_back(usable_sizes(platform, t));
    isolated_.push_back(0.0);
    for (const Layer& layer : network.layers) {
      isolated_.push_back(isolated_.back() + to_seconds(fastest(network, platform, layer)));
    }
    for (TypeIndex t = 0; t < types; ++t) add_needs(network, platform, t, deadline);
  }

  [[nodiscard]] LayerIndex layers() const { return static_cast<LayerIndex>(isolated_.size() - 1); }
  /// Time of layers [0, end) alone, in seconds, each on its fastest group.
  [[nodiscard]] double isolated_s(LayerIndex end) const { return isolated_[end]; }
  /// The part of a deadline that layers [0, end) may use up: in proportion to their isolated time.
  [[nodiscard]] Duration due(LayerIndex end, Duration deadline) const {
    if (end == layers()) return deadline;
    return detail::scaled(deadline, isolated_[end] / isolated_.back());
  }
  /// Accelerators of a type that bring a layer to its share of the task's deadline; those that run it fastest if none
  /// do; 0 if the type cannot run it.
  [[nodiscard]] std::uint32_t need(TypeIndex type, LayerIndex layer) const { return needs_[type][layer]; }
  /// Mean need over the layers that the type can run; 0 if it can run none.
  [[nodiscard]] double average_need(TypeIndex type) const { return average_[type]; }
  [[nodiscard]] const std::vector<std::uint32_t>& sizes(TypeIndex type) const { return sizes_[type]; }

 private:
  [[nodiscard]] Duration fastest(const Network& network, const Platform& platform, const Layer& layer) const {
    Duration best = kCannotRun;
    for (TypeIndex t = 0; t < sizes_.size(); ++t) {
      for (const std::uint32_t size : sizes_[t]) {
        best = std::min(best, latency_on(network, platform, layer.first_option, t, size));
      }
    }
    return best;
  }

  void add_needs(const Network& network, const Platform& platform, TypeIndex type, Duration deadline) {
    auto& needs = needs_.emplace_back();
    double sum = 0.0;
    double count = 0.0;
    for (LayerIndex l = 0; l < network.layers.size(); ++l) {
      const OptionIndex original = network.layers[l].first_option;
      const Duration share = due(l + 1, deadline) - due(l, deadline);
      std::uint32_t need = 0;
      Duration best = kCannotRun;
      for (const std::uint32_t size : sizes_[type]) {
        if (network.latency_of(original, type) == kCannotRun) break; // no group without its leader
        const Duration d = latency_on(network, platform, original, type, size);
        if (d >= best) continue;
        need = size;
        best = d;
        if (d <= share) break;
      }
      needs.push_back(need);
      sum += need;
      count += need > 0 ? 1.0 : 0.0;
    }
    average_.push_back(count > 0.0 ? sum / count : 0.0);
  }

  std::vector<std::vector<std::uint32_t>> sizes_; ///< per type
  std::vector<double> isolated_;                  ///< sums over the layers before
  std::vector<std::vector<std::uint32_t>> needs_; ///< per type and layer
  std::vector<double> average_;                   ///< per type
};

} // namespace terastal
