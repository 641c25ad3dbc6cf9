#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility> // move
#include <vector>

#include "import/onnx_op.hpp"
#include "terastal/model/shape.hpp"

// What the operators of the table (onnx_operators.cpp) make of their inputs. Rules follow the ONNX operator
// specification; they throw NodeProblem where the file contradicts it.

namespace terastal::from_onnx {

/// Sizes of the outputs, from the first on; nothing when those of an input are not known.
using Outputs = std::optional<std::vector<Dims>>;

/// A single output.
[[nodiscard]] inline Outputs one(Dims dims) { return std::vector<Dims>{std::move(dims)}; }

/// The layer of an operator whose sizes are known; or why there is none.
struct Described {
  std::optional<LayerShape> shape;
  std::string reason;
};

/// For a layer that needs sizes that are not known.
[[nodiscard]] inline Described not_known() { return {std::nullopt, "a shape that is not known"}; }

/// Elements of an output in row-major order; nothing when they are not known.
using Elements = std::optional<std::vector<double>>;

using InferRule = Outputs (*)(const Op& op);
using DescribeRule = Described (*)(const Op& op); ///< called after the sizes of all values were looked for
using FoldRule = Elements (*)(const Op& op, std::size_t output); ///< called when the output's sizes are known

// -- convolutions and pools: onnx_rules_window.cpp. The number is that of the input that holds the weights.
template <std::size_t Weights>
Outputs infer_conv(const Op& op);
template <std::size_t Weights>
Described describe_conv(const Op& op);
Outputs infer_transposed_conv(const Op& op);
Described describe_transposed_conv(const Op& op);
Outputs infer_pool(const Op& op);
Described describe_pool(const Op& op);
Outputs infer_global_pool(const Op& op);
Described describe_global_pool(const Op& op);

// -- matrix products: onnx_rules_matmul.cpp. The number is that of the input that holds the second operand.
template <std::size_t Second>
Outputs infer_matmul(const Op& op);
template <std::size_t Second>
Described describe_matmul(const Op& op);
template <std::size_t Second>
Outputs infer_gemm(const Op& op);
Outputs infer_packed_matmul(const Op& op);
Described describe_packed_matmul(const Op& op);
Outputs infer_einsum(const Op& op); ///< onnx_rules_einsum.cpp
Described describe_einsum(const Op& op);

/// A product of M×C and C×K matrices, one for each element of `batch`.
struct Product {
  Dims batch;   ///< of the result: leading dimensions of both operands, broadcast
  Dims batch_a; ///< leading dimensions of the operands
  Dims batch_b;
  std::int64_t m = 1;
  std::int64_t c = 1;
  std::int64_t k = 1;
};
/// The layer of a product whose first or second operand holds weights, or neither.
[[nodiscard]] Described describe_product(const Product& product, bool weights_a, bool weights_b);

// -- element by element: onnx_rules_elementwise.cpp
Outputs infer_same(const Op& op);          ///< sizes of input 0
Outputs infer_broadcast(const Op& op);     ///< sizes of all inputs, broadcast
Outputs infer_broadcast_0_3(const Op& op); ///< of inputs 0 and 3
Outputs infer_dynamic_quantize(const Op& op);
Outputs infer_reduce(const Op& op);     ///< axes as attribute or input 1
Outputs infer_arg_reduce(const Op& op); ///< one axis
Described describe_elementwise(const Op& op);
Described describe_reduce(const Op& op);
Described describe_move(const Op& op); ///< what moves data without computing

// -- moving data: onnx_rules_view.cpp, onnx_rules_move.cpp
Outputs infer_reshape(const Op& op);
Outputs infer_flatten(const Op& op);
Outputs infer_squeeze(const Op& op);
Outputs infer_unsqueeze(const Op& op);
Outputs infer_transpose(const Op& op);
Outputs infer_depth_to_space(const Op& op);
Outputs infer_space_to_depth(const Op& op);
Outputs infer_concat(const Op& op);
Outputs infer_quantised_concat(const Op& op); ///< data, scale and zero point of each part after those of the result
Outputs infer_split(const Op& op);
Outputs infer_slice(const Op& op);
Outputs infer_gather(const Op& op);
Outputs infer_gather_elements(const Op& op);
Outputs infer_gather_nd(const Op& op);
Outputs infer_pad(const Op& op);
Outputs infer_tile(const Op& op);
Outputs infer_expand(const Op& op);
Outputs infer_resize(const Op& op);

/// One axis of a Slice: elements `start`, `start + step`, … as many as `count`.
struct SliceAxis {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};
/// Every axis of the data; nothing when the bounds are not known.
[[nodiscard]] std::optional<std::vector<SliceAxis>> slice_axes(const Op& op);
/// The dimensions' order of a Transpose.
[[nodiscard]] std::vector<std::size_t> permutation(const Op& op, std::size_t rank);

// -- sizes of what is listed, not modelled: onnx_rules_listed.cpp
Outputs infer_attention(const Op& op);
Outputs infer_recurrent(const Op& op);
Outputs infer_top_k(const Op& op);
Outputs infer_one_hot(const Op& op);
Outputs infer_roi_align(const Op& op);
Outputs infer_grid_sample(const Op& op);

// -- constants: onnx_fold.cpp
/// The tensor of a Constant; the attributes are different forms of it.
[[nodiscard]] Value constant(const Op& op);
Outputs infer_constant(const Op& op);
Outputs infer_constant_of_shape(const Op& op);
Outputs infer_range(const Op& op);
Outputs infer_shape(const Op& op);
Outputs infer_size(const Op& op);
Elements fold_constant(const Op& op, std::size_t output);
Elements fold_constant_of_shape(const Op& op, std::size_t output);
Elements fold_range(const Op& op, std::size_t output);
Elements fold_shape(const Op& op, std::size_t output);
Elements fold_size(const Op& op, std::size_t output);
Elements fold_same(const Op& op, std::size_t output); ///< the elements of input 0
Elements fold_cast(const Op& op, std::size_t output);
Elements fold_unary(const Op& op, std::size_t output);
Elements fold_binary(const Op& op, std::size_t output);
Elements fold_where(const Op& op, std::size_t output);
Elements fold_reduce(const Op& op, std::size_t output);
Elements fold_concat(const Op& op, std::size_t output);
Elements fold_split(const Op& op, std::size_t output);
Elements fold_slice(const Op& op, std::size_t output);
Elements fold_gather(const Op& op, std::size_t output);
Elements fold_transpose(const Op& op, std::size_t output);
Elements fold_expand(const Op& op, std::size_t output);

} // namespace terastal::from_onnx
