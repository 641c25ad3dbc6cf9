#pragma once

#include <algorithm> // min, max
#include <cstdint>
#include <string>

#include "terastal/model/shape.hpp"

namespace terastal {

/// What a depth-to-space form asks of channels that γ² does not divide.
enum class ChannelPadding : std::uint8_t {
  none,         ///< the layer has no such form
  next_multiple ///< both channel counts grow to the next multiple of γ² (and groups); zeros are computed and stored
};

/// The depth-to-space / space-to-depth form of a convolution (Terastal; the artifact's D2SConvS2D): each γ × γ patch of
/// the input takes the place of γ² channels, the convolution keeps its kernel and stride and works on C/γ² → K/γ²
/// channels over a (γ·Y) × (γ·X) map, and its γ·out_y × γ·out_x outputs are folded back to K channels. MACs fall by γ²,
/// weights by γ⁴. A linear layer is a 1×1 convolution on a 1×1 map.
///
/// The output is the part that is used. The artifact pads γ times as much as the original and crops the border that
/// this gives, so its published tables list a little more (30 rows instead of 28); cost models that go by the literal
/// shape do not look at it.
///
/// Why `shape` has no form with this γ, for a message; empty when it has one.
[[nodiscard]] std::string gamma_problem(const LayerShape& shape, std::uint64_t gamma,
                                        ChannelPadding padding = ChannelPadding::none);

/// The form itself. Precondition: `gamma_problem` is empty for these arguments.
[[nodiscard]] LayerShape gamma_shape(const LayerShape& shape, std::uint64_t gamma);

/// The largest γ worth a try: a larger one finds too few channels to divide or, with padding, one channel everywhere
/// and nothing left to save. Below 2 when there is none.
[[nodiscard]] std::uint64_t largest_gamma(const LayerShape& shape, ChannelPadding padding = ChannelPadding::none);

// -- implementation

namespace detail {

[[nodiscard]] constexpr std::uint64_t next_multiple(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

/// What both channel counts must be multiples of: each group keeps at least one channel.
[[nodiscard]] inline std::uint64_t channel_unit(const LayerShape& shape, std::uint64_t gamma) {
  return gamma * gamma * shape.groups;
}

} // namespace detail

inline std::string gamma_problem(const LayerShape& shape, std::uint64_t gamma, ChannelPadding padding) {
  if (shape.kind != OperatorKind::conv) {
    return "not a convolution or linear layer (" + std::string(to_string(shape.kind)) + ")";
  }
  if (gamma < 2) return "γ must be at least 2";
  constexpr std::uint64_t largest = 65536; // its square finds no more than 2^32 channels, and nothing overflows
  if (gamma > largest) return "γ must be at most " + std::to_string(largest);
  const std::uint64_t unit = detail::channel_unit(shape, gamma);
  if (padding == ChannelPadding::none && (shape.c % unit != 0 || shape.k % unit != 0)) {
    const std::string grouped = shape.groups > 1 ? " in " + std::to_string(shape.groups) + " groups" : "";
    return "γ² = " + std::to_string(gamma * gamma) + " does not divide C = " + std::to_string(shape.c) +
           " and K = " + std::to_string(shape.k) + grouped;
  }
  return shape_problem(gamma_shape(shape, gamma));
}

inline LayerShape gamma_shape(const LayerShape& shape, std::uint64_t gamma) {
  const std::uint64_t unit = detail::channel_unit(shape, gamma);
  LayerShape form = shape;
  form.c = detail::next_multiple(shape.c, unit) / (gamma * gamma);
  form.k = detail::next_multiple(shape.k, unit) / (gamma * gamma);
  form.y *= gamma;
  form.x *= gamma;
  form.out_y *= gamma;
  form.out_x *= gamma;
  return form;
}

inline std::uint64_t largest_gamma(const LayerShape& shape, ChannelPadding padding) {
  if (shape.kind != OperatorKind::conv) return 0;
  const bool padded = padding == ChannelPadding::next_multiple;
  const std::uint64_t channels = (padded ? std::max(shape.c, shape.k) : std::min(shape.c, shape.k)) / shape.groups;
  std::uint64_t gamma = 1;
  while ((gamma + 1) * (gamma + 1) <= channels) ++gamma;
  return padded && gamma * gamma < channels ? gamma + 1 : gamma;
}

} // namespace terastal
