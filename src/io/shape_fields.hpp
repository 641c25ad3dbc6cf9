#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "terastal/model/shape.hpp"

namespace terastal::io {

/// One dimension of a shape as files write it: a column of a table, or a key of an inline shape.
struct ShapeField {
  std::string_view name;
  std::uint64_t LayerShape::*member;
  bool needed;
  const char* default_text; ///< empty when it depends on others
  const char* help;
};

inline constexpr std::array<ShapeField, 13> kShapeFields{
    {{"N", &LayerShape::n, false, "1", "Batch."},
     {"K", &LayerShape::k, true, "", "Output channels; of a depthwise layer: outputs for each input channel."},
     {"C", &LayerShape::c, true, "", "Input channels."},
     {"R", &LayerShape::r, false, "1", "Kernel rows."},
     {"S", &LayerShape::s, false, "1", "Kernel columns."},
     {"Y", &LayerShape::y, true, "", "Input rows, without padding."},
     {"X", &LayerShape::x, true, "", "Input columns, without padding."},
     {"stride_y", &LayerShape::stride_y, false, "1", "Vertical stride."},
     {"stride_x", &LayerShape::stride_x, false, "1", "Horizontal stride."},
     {"out_y", &LayerShape::out_y, false, "",
      "True output rows. Default: Y / stride_y, rounded up (transposed: times)."},
     {"out_x", &LayerShape::out_x, false, "", "True output columns. Default: as for out_y."},
     {"groups", &LayerShape::groups, false, "1", "Groups of channels; divides C and K."},
     {"operands", &LayerShape::operands, false, "1", "Elementwise layers: inputs of the output's size."}}};

/// Output size where a file leaves it out: padding keeps the size, so that the stride alone matters; a transposed layer
/// enlarges.
[[nodiscard]] constexpr std::uint64_t default_output(std::uint64_t input, std::uint64_t stride, OperatorKind kind) {
  return kind == OperatorKind::transposed_conv ? input * stride : (input + stride - 1) / stride;
}

} // namespace terastal::io
