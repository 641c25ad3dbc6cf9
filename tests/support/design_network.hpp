#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/builders.hpp"
#include "terastal/cost/bind.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"

namespace terastal::testing {

/// 16 × 16 channels at a time, one output after the other. One cycle is a nanosecond.
class ChannelArray final : public CostModel {
 public:
  [[nodiscard]] CostEstimate estimate(const LayerShape& s) const override {
    CostEstimate e;
    e.cycles = static_cast<double>((s.c + 15) / 16 * ((s.k + 15) / 16) * s.r * s.s * s.out_y * s.out_x);
    e.energy_nj = 2.0 * e.cycles;
    return e;
  }
  [[nodiscard]] double clock_hz() const override { return 1e9; }
};

/// 16 × 16 outputs of a map at a time, one pair of channels after the other; `speed` times as fast as 1 GHz.
class MapArray final : public CostModel {
 public:
  explicit MapArray(double speed = 1.0) : speed_(speed) {}
  [[nodiscard]] CostEstimate estimate(const LayerShape& s) const override {
    CostEstimate e;
    e.cycles = static_cast<double>(s.c * s.k * s.r * s.s * ((s.out_y + 15) / 16) * ((s.out_x + 15) / 16));
    e.energy_nj = e.cycles;
    return e;
  }
  [[nodiscard]] double clock_hz() const override { return speed_ * 1e9; }

 private:
  double speed_;
};

/// Models of two types: a `ChannelArray` and a `MapArray`.
inline CostModels two_array_models() {
  CostModels models;
  models.push_back(std::make_unique<ChannelArray>());
  models.push_back(std::make_unique<MapArray>());
  return models;
}

/// A convolution of a square map that keeps its size.
inline LayerShape conv_of(std::uint64_t c, std::uint64_t k, std::uint64_t kernel, std::uint64_t size) {
  LayerShape s;
  s.c = c;
  s.k = k;
  s.r = s.s = kernel;
  s.y = s.x = s.out_y = s.out_x = size;
  return s;
}

/// A chain of layers with shapes, costed by models.
inline Network network_of(const std::vector<std::pair<std::string, LayerShape>>& layers, const CostModels& models) {
  Network n;
  n.name = "net";
  n.type_count = models.size();
  for (const auto& [name, shape] : layers) {
    Layer layer;
    layer.name = name;
    layer.first_option = static_cast<OptionIndex>(n.options.size());
    if (!n.layers.empty()) layer.predecessors = {static_cast<LayerIndex>(n.layers.size() - 1)};
    n.layers.push_back(layer);
    Option original;
    original.shape = shape;
    n.options.push_back(original);
    n.latency.resize(n.options.size() * n.type_count, kCannotRun);
    n.energy_nj.resize(n.latency.size(), 0.0);
  }
  apply_cost_models(n, models);
  finish_network(n);
  return n;
}

inline constexpr TypeIndex kChannels = 0;
inline constexpr TypeIndex kMap = 1;

inline Duration ns(std::int64_t count) { return Duration{std::chrono::nanoseconds(count)}; }

/// Three layers that are slower on the map array. By hand, in cycles:
/// wide: 64 → 64, 1×1 on 8×8:   channels 4·4·64 = 1024,  map 64·64 = 4096
/// linear: 256 → 256 on 1×1:    channels 16·16 = 256,    map 256·256 = 65536
/// first: 3 → 64, 3×3 on 4×4:   channels 1·4·9·16 = 576, map 3·64·9 = 1728
inline Network three_layers(const CostModels& models) {
  return network_of(
      {{"wide", conv_of(64, 64, 1, 8)}, {"linear", conv_of(256, 256, 1, 1)}, {"first", conv_of(3, 64, 3, 4)}}, models);
}

/// `three_layers` with a variant of `linear`, whose table says other things than the model, and its measured accuracy.
inline Scenario with_own_variant(double gamma) {
  Scenario s = platform({{"channels", 1}, {"map", 1}});
  s.networks.push_back(three_layers(two_array_models()));
  add_variant(s, 0, 1, "own", {100ns, 200ns});
  s.networks[0].options[2].gamma = gamma;
  s.networks[0].accuracy = AccuracyModel::measured("top-1", 80.0, {{0, 80.0}, {1, 76.0}});
  return s;
}

} // namespace terastal::testing
