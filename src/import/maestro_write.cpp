#include <algorithm> // max
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility> // pair
#include <vector>

#include <fmt/format.h>

#include "terastal/import/maestro.hpp"

namespace terastal {
namespace {

using Sizes = std::vector<std::pair<std::string_view, std::uint64_t>>;

/// A name as MAESTRO's parser takes it: it cuts words at blanks and at `,->():;`, and needs blanks around braces.
std::string plain(const std::string& name) {
  std::string result = name.empty() ? "unnamed" : name;
  for (char& c : result) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '_' && c != '.') c = '_';
  }
  return result;
}

/// The input size of a valid convolution with this output: the true one where it fits, else with its padding.
std::uint64_t padded(std::uint64_t input, std::uint64_t kernel, std::uint64_t stride, std::uint64_t output) {
  const std::uint64_t valid = input >= kernel ? (input - kernel) / stride + 1 : 1;
  return valid == output ? input : (output - 1) * stride + kernel;
}

struct Written {
  std::string_view type;
  Sizes dimensions;
};

Written product(const LayerShape& a) {
  const std::uint64_t rows = a.n * a.y * a.x;
  const std::uint64_t c = a.c / a.groups;
  const std::uint64_t k = a.k / a.groups;
  return {"BMM", {{"B", a.groups}, {"M", rows}, {"N", k}, {"K", c}}};
}

Written convolution(const LayerShape& a) {
  const bool transposed = a.kind == OperatorKind::transposed_conv;
  const std::uint64_t y = transposed ? a.y : padded(a.y, a.r, a.stride_y, a.out_y);
  const std::uint64_t x = transposed ? a.x : padded(a.x, a.s, a.stride_x, a.out_x);
  Written result{transposed ? "TRCONV" : "CONV", {{"N", a.n}}};
  if (a.kind == OperatorKind::depthwise) result.type = "DSCONV";
  if (a.kind == OperatorKind::pool) result.type = "POOL";
  if (a.kind == OperatorKind::conv && a.groups > 1) {
    result.type = "NGCONV";
    result.dimensions.emplace_back("G", a.groups);
  }
  const Sizes rest = {{"K", a.k / a.groups}, {"C", a.c}, {"R", a.r}, {"S", a.s}, {"Y", y}, {"X", x}};
  result.dimensions.insert(result.dimensions.end(), rest.begin(), rest.end());
  return result;
}

/// Nothing for what MAESTRO's letters cannot say.
std::optional<Written> written(const std::optional<LayerShape>& shape) {
  if (!shape || shape->kind == OperatorKind::elementwise) return std::nullopt;
  if (shape->kind == OperatorKind::transposed_conv && shape->groups > 1) return std::nullopt;
  return shape->kind == OperatorKind::matmul ? product(*shape) : convolution(*shape);
}

} // namespace

std::vector<std::string> write_maestro(const Network& network, std::ostream& out) {
  std::vector<std::string> left_out;
  out << "Network " << plain(network.name) << " {\n";
  for (const Layer& layer : network.layers) {
    const auto& shape = network.options[layer.first_option].shape;
    const auto layer_text = written(shape);
    if (!layer_text) {
      left_out.push_back(layer.name);
      out << fmt::format("  // {}: {} cannot be expressed\n", plain(layer.name),
                         layer.op.empty() ? "it" : plain(layer.op));
      continue;
    }
    out << fmt::format("  Layer {} {{\n    Type: {}\n", plain(layer.name), layer_text->type);
    if (layer_text->type != "BMM")
      out << fmt::format("    Stride {{ X: {}, Y: {} }}\n", shape->stride_x, shape->stride_y);
    std::string sizes;
    for (const auto& [letter, size] : layer_text->dimensions) {
      sizes += fmt::format("{}{}: {}", sizes.empty() ? "" : ", ", letter, size);
    }
    out << "    Dimensions { " << sizes << " }\n  }\n";
  }
  out << "}\n";
  return left_out;
}

} // namespace terastal
