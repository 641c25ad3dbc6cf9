#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

/// A platform with one accelerator of type `channels` and one of type `map`.
inline Platform two_arrays() {
  Platform p;
  p.name = "two_arrays";
  for (const char* name : {"channels", "map"}) {
    AcceleratorType type;
    type.name = name;
    type.clock_hz = 1'000'000'000;
    p.accelerators.push_back({name, static_cast<TypeIndex>(p.types.size())});
    p.types.push_back(type);
  }
  return p;
}

/// The models of these types.
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

} // namespace terastal::testing
