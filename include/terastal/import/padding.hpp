#pragma once

#include <cstdint>

#include "terastal/model/shape.hpp"

namespace terastal {

/// What the rows and columns of a layer's input count, in files that do not give the output's.
enum class Padding : std::uint8_t {
  valid, ///< padding included: out = ⌊(in − kernel) / stride⌋ + 1, and 1 where the kernel is larger than the input
  same,  ///< without padding, of which there is as much as keeps the size: out = ⌈in / stride⌉
};

/// Output size of a layer along one side. A transposed convolution turns it round: (in − 1) · stride + kernel, or
/// in · stride. Sizes are 1 to kLargestDimension; the result may be larger.
[[nodiscard]] inline std::uint64_t output_size(OperatorKind kind, Padding padding, std::uint64_t input,
                                               std::uint64_t kernel, std::uint64_t stride) {
  const bool valid = padding == Padding::valid;
  if (kind == OperatorKind::transposed_conv) return valid ? (input - 1) * stride + kernel : input * stride;
  if (!valid) return (input + stride - 1) / stride;
  return input >= kernel ? (input - kernel) / stride + 1 : 1;
}

} // namespace terastal
