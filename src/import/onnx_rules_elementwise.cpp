#include <algorithm> // binary_search, max, sort, unique

#include <fmt/format.h>

#include "import/onnx_rules.hpp"

namespace terastal::from_onnx {
namespace {

Outputs broadcast_of(const Op& op, const std::vector<std::size_t>& inputs) {
  Dims result;
  for (const std::size_t i : inputs) {
    const Dims* dims = op.dims(i);
    if (dims == nullptr) return std::nullopt;
    result = broadcast(result, *dims);
    check_dims(result);
  }
  return one(result);
}

std::uint64_t as_size(std::int64_t size) { return static_cast<std::uint64_t>(size); }

/// Four and more dimensions are batch, channels, rows, columns. Fewer are those of matrix products: rows of channels.
LayerShape elementwise(const Dims& dims, std::int64_t operands) {
  constexpr std::size_t image = 4;
  LayerShape shape;
  shape.kind = OperatorKind::elementwise;
  shape.operands = as_size(operands);
  if (dims.size() >= image) {
    shape.n = as_size(dims[0]);
    shape.k = as_size(dims[1]);
    shape.y = as_size(dims[2]);
    shape.x = as_size(element_count({dims.begin() + 3, dims.end()}));
  } else if (!dims.empty()) {
    shape.k = as_size(dims.back());
    shape.y = as_size(element_count({dims.begin(), dims.end() - 1}));
  }
  shape.c = shape.k;
  shape.out_y = shape.y;
  shape.out_x = shape.x;
  return shape;
}

/// The axes of a reduction, ascending; nothing when they are not known.
std::optional<std::vector<std::size_t>> reduced_axes(const Op& op, std::size_t rank) {
  const auto axes = op.given("axes", 1);
  if (axes.given && !axes.values) return std::nullopt;
  std::vector<std::size_t> result;
  if (!axes.given || axes.values->empty()) {
    const bool none = op.integer("noop_with_empty_axes", 0) != 0;
    for (std::size_t i = 0; i < rank && !none; ++i) result.push_back(i);
    return result;
  }
  for (const std::int64_t axis : *axes.values) result.push_back(axis_of(axis, rank));
  std::sort(result.begin(), result.end());
  if (std::unique(result.begin(), result.end()) != result.end()) fail("an axis that is given twice");
  return result;
}

Dims reduce(const Dims& dims, const std::vector<std::size_t>& axes, bool keep) {
  Dims result;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const bool reduced = std::binary_search(axes.begin(), axes.end(), i);
    if (!reduced) {
      result.push_back(dims[i]);
    } else if (keep) {
      result.push_back(1);
    }
  }
  return result;
}

} // namespace

Outputs infer_same(const Op& op) {
  const Dims* dims = op.dims(0);
  if (dims == nullptr) return std::nullopt;
  return one(*dims);
}

Outputs infer_dynamic_quantize(const Op& op) {
  const Dims* dims = op.dims(0);
  if (dims == nullptr) return std::nullopt;
  return std::vector<Dims>{*dims, {}, {}}; // the data, their scale and zero point
}

Outputs infer_broadcast(const Op& op) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < op.input_count(); ++i) all.push_back(i);
  if (all.empty()) fail("it needs input 0");
  return broadcast_of(op, all);
}

Outputs infer_broadcast_0_3(const Op& op) { return broadcast_of(op, {0, 3}); }

Outputs infer_reduce(const Op& op) {
  const Dims* dims = op.dims(0);
  if (dims == nullptr) return std::nullopt;
  const auto axes = reduced_axes(op, dims->size());
  if (!axes) return std::nullopt;
  return one(reduce(*dims, *axes, op.integer("keepdims", 1) != 0));
}

Outputs infer_arg_reduce(const Op& op) {
  const Dims* dims = op.dims(0);
  if (dims == nullptr) return std::nullopt;
  const std::size_t axis = axis_of(op.integer("axis", 0), dims->size());
  return one(reduce(*dims, {axis}, op.integer("keepdims", 1) != 0));
}

Described describe_elementwise(const Op& op) {
  if (op.output_dims(0) == nullptr) return not_known();
  const Dims& result = *op.output_dims(0);
  std::int64_t operands = 0;
  for (std::size_t i = 0; i < op.input_count(); ++i) {
    const Value* input = op.input(i);
    const bool full = input != nullptr && input->dims && element_count(*input->dims) == element_count(result);
    operands += full ? 1 : 0;
  }
  return {elementwise(result, std::max<std::int64_t>(operands, 1)), {}};
}

Described describe_move(const Op& op) {
  const bool parts = op.output_count() > 1; // together they are the input
  const Dims* moved = parts ? op.dims(0) : op.output_dims(0);
  return moved == nullptr ? not_known() : Described{elementwise(*moved, 1), {}};
}

Described describe_reduce(const Op& op) {
  if (op.dims(0) == nullptr || op.output_dims(0) == nullptr) return not_known();
  const Dims& input = *op.dims(0);
  const Dims& result = *op.output_dims(0);
  const std::int64_t outputs = element_count(result);
  if (outputs == 0) return {std::nullopt, "a result without elements"};
  const std::int64_t combined = element_count(input) / outputs; // elements that make one of the result
  constexpr std::size_t image = 4;
  const bool over_image = input.size() == image && input[2] * input[3] == combined && combined > 1 &&
                          element_count(Dims{input[0], input[1]}) == outputs;
  if (!over_image) return {elementwise(result, combined), {}};
  LayerShape shape;
  shape.kind = OperatorKind::pool;
  shape.n = as_size(input[0]);
  shape.k = shape.c = as_size(input[1]);
  shape.r = shape.y = as_size(input[2]);
  shape.s = shape.x = as_size(input[3]);
  return {shape, {}};
}

} // namespace terastal::from_onnx
