#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "terastal/cost/models.hpp"

namespace terastal::testing {

using SettingTexts = std::vector<std::pair<std::string, std::string>>;

/// A built-in cost model with settings as a user writes them.
inline std::unique_ptr<CostModel> cost_model(const std::string& id, const SettingTexts& settings = {}) {
  static const CostModelRegistry registry = builtin_cost_models();
  const CostModelInfo& info = registry.find(id);
  Settings values(info.settings);
  for (const auto& [name, value] : settings) values.set(name, value);
  return info.make(values);
}

/// A matrix product (rows × depth)·(depth × columns) as a linear layer.
inline LayerShape linear(std::uint64_t rows, std::uint64_t depth, std::uint64_t columns) {
  LayerShape shape;
  shape.k = columns;
  shape.c = depth;
  shape.y = shape.out_y = rows;
  return shape;
}

/// A convolution of a square image with a square kernel and padding that keeps ceil(size / stride) outputs.
inline LayerShape square_conv(std::uint64_t channels, std::uint64_t filters, std::uint64_t kernel, std::uint64_t size,
                              std::uint64_t stride = 1) {
  LayerShape shape;
  shape.c = channels;
  shape.k = filters;
  shape.r = shape.s = kernel;
  shape.y = shape.x = size;
  shape.stride_y = shape.stride_x = stride;
  shape.out_y = shape.out_x = (size + stride - 1) / stride;
  return shape;
}

/// The cycles of one term of an estimate.
inline double cycles_of(const CostEstimate& estimate, CostTerm term) {
  return estimate.terms[static_cast<std::size_t>(term)];
}

} // namespace terastal::testing
