#include <fmt/format.h>

#include "import/onnx_rules.hpp"

namespace terastal::from_onnx {
namespace {

constexpr std::size_t kChannelAxes = 2; ///< batch and channels come before the spatial dimensions

/// The window along one spatial dimension.
struct WindowAxis {
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t begin = 0; ///< padding before
  std::int64_t end = 0;   ///< padding after

  [[nodiscard]] std::int64_t extent() const { return (kernel - 1) * dilation + 1; }
};

enum class Padding : std::uint8_t { given, same, valid };

Padding padding_of(const Op& op) {
  const std::string text = op.text("auto_pad", "NOTSET");
  if (text == "NOTSET" || text.empty()) return Padding::given;
  if (text == "SAME_UPPER" || text == "SAME_LOWER") return Padding::same;
  if (text != "VALID") fail(fmt::format("auto_pad is {}; known: NOTSET, SAME_UPPER, SAME_LOWER, VALID", shown(text)));
  return Padding::valid;
}

/// Largest value of an attribute. Its products with dimensions stay far below 2^63.
constexpr std::int64_t kLargestStep = std::int64_t{1} << 30U;

/// An attribute with one integer for each of `count` places, each `least` to 2^30.
Dims list(const Op& op, const char* name, std::size_t count, std::int64_t least, std::int64_t value_if_absent) {
  const auto given = op.integers(name);
  if (!given) return Dims(count, value_if_absent);
  if (given->size() != count)
    fail(fmt::format("attribute '{}' has {} values, needed are {}", name, given->size(), count));
  for (const std::int64_t value : *given) {
    if (value < least || value > kLargestStep) {
      fail(fmt::format("attribute '{}' holds {}; allowed are {} to 2^30", name, value, least));
    }
  }
  return *given;
}

/// The window over every spatial dimension, from the attributes.
std::vector<WindowAxis> window(const Op& op, const Dims& kernel) {
  const std::size_t count = kernel.size();
  const Dims strides = list(op, "strides", count, 1, 1);
  const Dims dilations = list(op, "dilations", count, 1, 1);
  // Padding is given or follows from `auto_pad`.
  const Dims pads = padding_of(op) == Padding::given ? list(op, "pads", 2 * count, 0, 0) : Dims(2 * count, 0);
  std::vector<WindowAxis> result;
  for (std::size_t i = 0; i < count; ++i) {
    result.push_back({kernel[i], strides[i], dilations[i], pads[i], pads[count + i]});
  }
  return result;
}

/// Positions of the window over `size` elements.
std::int64_t positions(const WindowAxis& axis, std::int64_t size, Padding padding, bool round_up) {
  if (padding == Padding::same) return (size + axis.stride - 1) / axis.stride;
  const std::int64_t room = size + axis.begin + axis.end - axis.extent();
  if (room < 0) {
    fail(fmt::format("a window of {} over {} elements with padding {} and {}", axis.extent(), size, axis.begin,
                     axis.end));
  }
  const std::int64_t whole_steps = room / axis.stride + 1;
  // A last window that would begin in the padding behind the data does not count.
  const bool one_more = round_up && room % axis.stride != 0 && whole_steps * axis.stride < size + axis.begin;
  return whole_steps + (one_more ? 1 : 0);
}

/// Sizes of batch, channels, and the window's positions.
Dims slide(const Op& op, const Dims& input, std::int64_t channels, const Dims& kernel, bool round_up) {
  const Padding padding = padding_of(op);
  const std::vector<WindowAxis> axes = window(op, kernel);
  Dims result = {input[0], channels};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    result.push_back(positions(axes[i], input[kChannelAxes + i], padding, round_up));
  }
  return result;
}

Dims spatial(const Dims& dims) { return {dims.begin() + kChannelAxes, dims.end()}; }

void need_spatial(const Dims& input) {
  if (input.size() <= kChannelAxes) fail(fmt::format("input of {}; needed are batch, channels and more", shown(input)));
}

/// Checks input and weights of a convolution against each other. `channels`: the weights' dimension that counts input
/// channels, 1 for one group of them.
std::int64_t checked_groups(const Op& op, const Dims& input, const Dims& weights, std::size_t channels) {
  need_spatial(input);
  if (weights.size() != input.size())
    fail(fmt::format("weights of {} for an input of {}", shown(weights), shown(input)));
  for (const std::int64_t size : weights) {
    if (size < 1) fail(fmt::format("weights of {}", shown(weights)));
  }
  const std::int64_t groups = op.integer("group", 1);
  if (groups < 1) fail(fmt::format("attribute 'group' is {}; allowed are 1 and more", groups));
  const bool split_by_weights = channels == 1; // weights count the channels of one group
  const std::int64_t counted = weights[channels];
  const bool fits = split_by_weights ? input[1] % groups == 0 && input[1] / groups == counted : input[1] == counted;
  if (!fits || weights[0] % groups != 0) {
    fail(fmt::format("weights of {} in {} groups for an input of {}", shown(weights), groups, shown(input)));
  }
  const Dims kernel = list(op, "kernel_shape", input.size() - kChannelAxes, 1, 0);
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const bool given = op.attribute("kernel_shape") != nullptr;
    if (given && kernel[i] != weights[kChannelAxes + i]) {
      fail(fmt::format("attribute 'kernel_shape' is {}, weights are {}", shown(kernel), shown(weights)));
    }
  }
  return groups;
}

/// A spatial size in a dimension that may be missing: 1-D data lie along X.
std::uint64_t size_y(const Dims& sizes) { return sizes.size() == 2 ? static_cast<std::uint64_t>(sizes[0]) : 1; }
std::uint64_t size_x(const Dims& sizes) { return static_cast<std::uint64_t>(sizes.back()); }

/// Batch, sizes of input and output, kernel and strides.
LayerShape windowed(OperatorKind kind, const Dims& input, const Dims& output, const Dims& kernel, const Dims& strides) {
  LayerShape shape;
  shape.kind = kind;
  shape.n = static_cast<std::uint64_t>(input[0]);
  shape.k = static_cast<std::uint64_t>(output[1]);
  shape.c = static_cast<std::uint64_t>(input[1]);
  shape.r = size_y(kernel);
  shape.s = size_x(kernel);
  shape.y = size_y(spatial(input));
  shape.x = size_x(spatial(input));
  shape.stride_y = size_y(strides);
  shape.stride_x = size_x(strides);
  shape.out_y = size_y(spatial(output));
  shape.out_x = size_x(spatial(output));
  return shape;
}

/// A window of one or two dimensions; others have no shape in the letters of a layer.
Described windowed_layer(const Op& op, OperatorKind kind, const Dims& kernel, const Dims& strides) {
  const Dims& input = *op.dims(0);
  if (input.size() > kChannelAxes + 2) {
    return {std::nullopt, fmt::format("{} spatial dimensions; known are 1 and 2", input.size() - kChannelAxes)};
  }
  return {windowed(kind, input, *op.output_dims(0), kernel, strides), {}};
}

Described convolution(const Op& op, OperatorKind kind, const Dims* weights) {
  if (op.dims(0) == nullptr || weights == nullptr || op.output_dims(0) == nullptr) return not_known();
  const Dims kernel = spatial(*weights);
  return windowed_layer(op, kind, kernel, list(op, "strides", kernel.size(), 1, 1));
}

} // namespace

template <std::size_t Weights>
Outputs infer_conv(const Op& op) {
  const Dims* input = op.dims(0);
  const Dims* weights = op.dims(Weights);
  if (input == nullptr || weights == nullptr) return std::nullopt;
  checked_groups(op, *input, *weights, 1);
  return one(slide(op, *input, (*weights)[0], spatial(*weights), false));
}

template <std::size_t Weights>
Described describe_conv(const Op& op) {
  Described described = convolution(op, OperatorKind::conv, op.dims(Weights));
  if (!described.shape) return described;
  LayerShape& shape = *described.shape;
  shape.groups = static_cast<std::uint64_t>(op.integer("group", 1));
  if (shape.groups > 1 && shape.groups == shape.c) {
    shape.kind = OperatorKind::depthwise;
    shape.k /= shape.c;
    shape.groups = 1;
  }
  return described;
}

Outputs infer_transposed_conv(const Op& op) {
  const Dims* input = op.dims(0);
  const Dims* weights = op.dims(1);
  if (input == nullptr || weights == nullptr) return std::nullopt;
  const std::int64_t groups = checked_groups(op, *input, *weights, 0);
  const Dims kernel = spatial(*weights);
  const Dims sizes = list(op, "output_shape", kernel.size(), 1, 0);
  const Dims added = list(op, "output_padding", kernel.size(), 0, 0);
  const bool same = padding_of(op) == Padding::same;
  const std::vector<WindowAxis> axes = window(op, kernel);
  Dims result = {(*input)[0], (*weights)[1] * groups};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t size = (*input)[kChannelAxes + i];
    const std::int64_t padding = axes[i].begin + axes[i].end;
    const std::int64_t spread = axes[i].stride * (size - 1) + added[i] + axes[i].extent() - padding;
    result.push_back(sizes[i] > 0 ? sizes[i] : same ? size * axes[i].stride : spread);
  }
  return one(result);
}

Described describe_transposed_conv(const Op& op) {
  Described described = convolution(op, OperatorKind::transposed_conv, op.dims(1));
  if (described.shape) described.shape->groups = static_cast<std::uint64_t>(op.integer("group", 1));
  return described;
}

Outputs infer_pool(const Op& op) {
  const Dims* input = op.dims(0);
  if (input == nullptr) return std::nullopt;
  need_spatial(*input);
  if (op.attribute("kernel_shape") == nullptr) fail("attribute 'kernel_shape' is missing");
  const Dims kernel = list(op, "kernel_shape", input->size() - kChannelAxes, 1, 1);
  const Dims result = slide(op, *input, (*input)[1], kernel, op.integer("ceil_mode", 0) != 0);
  return std::vector<Dims>{result, result}; // the second: positions of the maxima
}

Described describe_pool(const Op& op) {
  const Dims* input = op.dims(0);
  if (input == nullptr || op.output_dims(0) == nullptr) return not_known();
  const std::size_t count = input->size() - kChannelAxes;
  return windowed_layer(op, OperatorKind::pool, list(op, "kernel_shape", count, 1, 1),
                        list(op, "strides", count, 1, 1));
}

Outputs infer_global_pool(const Op& op) {
  const Dims* input = op.dims(0);
  if (input == nullptr) return std::nullopt;
  need_spatial(*input);
  Dims result(input->size(), 1);
  result[0] = (*input)[0];
  result[1] = (*input)[1];
  return one(result);
}

Described describe_global_pool(const Op& op) {
  const Dims* input = op.dims(0);
  if (input == nullptr || op.output_dims(0) == nullptr) return not_known();
  return windowed_layer(op, OperatorKind::pool, spatial(*input), Dims(input->size() - kChannelAxes, 1));
}

template Outputs infer_conv<1>(const Op&);
template Outputs infer_conv<3>(const Op&);
template Described describe_conv<1>(const Op&);
template Described describe_conv<3>(const Op&);

} // namespace terastal::from_onnx
