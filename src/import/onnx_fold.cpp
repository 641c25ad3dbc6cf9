#include <algorithm> // clamp
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "import/onnx_rules.hpp"

// Computes small constants, as exporters leave them in the graph for shapes: Shape → Gather → Concat → Reshape.

namespace terastal::from_onnx {
namespace {

using Numbers = std::vector<double>;

bool is_small(const Dims& dims) { return element_count(dims) <= kMostElements; }

/// Distance in memory between neighbours along each dimension.
Dims strides_of(const Dims& dims) {
  Dims result(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) result[i - 1] = result[i] * dims[i];
  return result;
}

/// The same, with 0 along dimensions that broadcasting repeats, for a result of `rank` dimensions.
Dims broadcast_strides(const Dims& dims, std::size_t rank) {
  const Dims own = strides_of(dims);
  Dims result(rank, 0);
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] != 1) result[rank - dims.size() + i] = own[i];
  }
  return result;
}

/// Elements `first + Σ coordinate · stride` for all coordinates of a result of sizes `dims`, in row-major order.
Elements pick(const Numbers& from, const Dims& dims, std::int64_t first, const Dims& strides) {
  if (!is_small(dims)) return std::nullopt;
  Numbers result;
  Dims coordinate(dims.size(), 0);
  for (std::int64_t n = element_count(dims); n > 0; --n) {
    std::int64_t offset = first;
    for (std::size_t i = 0; i < dims.size(); ++i) offset += coordinate[i] * strides[i];
    result.push_back(from.at(static_cast<std::size_t>(offset)));
    for (std::size_t i = dims.size(); i-- > 0;) {
      if (++coordinate[i] < dims[i]) break;
      coordinate[i] = 0;
    }
  }
  return result;
}

/// An input's elements as the result of broadcasting has them.
Elements spread(const Op& op, std::size_t index, const Dims& dims) {
  const Numbers* data = op.data(index);
  const Dims* own = data == nullptr ? nullptr : op.dims(index);
  if (own == nullptr || own->size() > dims.size()) return std::nullopt;
  return pick(*data, dims, 0, broadcast_strides(*own, dims.size()));
}

/// Truncates what is computed on integers.
double as_type(double value, bool integer) { return integer ? std::trunc(value) : value; }

std::optional<double> unary(std::string_view name, double a) {
  if (name == "Neg") return -a;
  if (name == "Abs") return std::abs(a);
  if (name == "Floor") return std::floor(a);
  if (name == "Ceil") return std::ceil(a);
  if (name == "Sqrt") return std::sqrt(a);
  if (name == "Not") return a == 0.0 ? 1.0 : 0.0;
  return std::nullopt;
}

std::optional<double> binary(std::string_view name, double a, double b, bool integer) {
  if (name == "Add") return a + b;
  if (name == "Sub") return a - b;
  if (name == "Mul") return a * b;
  if (name == "Min") return std::min(a, b);
  if (name == "Max") return std::max(a, b);
  if (name == "Pow") return std::pow(a, b);
  if (name == "Equal") return a == b ? 1.0 : 0.0;
  if (name == "Greater") return a > b ? 1.0 : 0.0;
  if (name == "GreaterOrEqual") return a >= b ? 1.0 : 0.0;
  if (name == "Less") return a < b ? 1.0 : 0.0;
  if (name == "LessOrEqual") return a <= b ? 1.0 : 0.0;
  if (name == "And") return a != 0.0 && b != 0.0 ? 1.0 : 0.0;
  if (name == "Or") return a != 0.0 || b != 0.0 ? 1.0 : 0.0;
  if (integer && b == 0.0) return std::nullopt;
  if (name == "Div") return as_type(a / b, integer);
  if (name == "Mod") return a - std::floor(a / b) * b; // the sign of the divisor
  return std::nullopt;
}

/// What a reduction makes of a first part and one more element.
double combined(std::string_view name, double so_far, double element) {
  if (name == "ReduceProd") return so_far * element;
  if (name == "ReduceMax") return std::max(so_far, element);
  if (name == "ReduceMin") return std::min(so_far, element);
  return so_far + element;
}

} // namespace

Value constant(const Op& op) {
  using Proto = proto::TensorProto;
  if (const auto* attribute = op.attribute("value"); attribute != nullptr && attribute->has_t()) {
    return value_of(attribute->t());
  }
  if (const auto* sparse = op.attribute("sparse_value"); sparse != nullptr) return value_of(sparse->sparse_tensor());
  if (const auto integer = op.integer("value_int"))
    return {{}, Dims{}, Proto::INT64, true, Numbers{static_cast<double>(*integer)}};
  if (const auto integers = op.integers("value_ints")) {
    const auto size = static_cast<std::int64_t>(integers->size());
    return {{}, Dims{size}, Proto::INT64, true, Numbers(integers->begin(), integers->end())};
  }
  if (const auto* number = op.attribute("value_float")) return {{}, Dims{}, Proto::FLOAT, true, Numbers{number->f()}};
  if (const auto numbers = op.numbers("value_floats")) {
    return {{}, Dims{static_cast<std::int64_t>(numbers->size())}, Proto::FLOAT, true, *numbers};
  }
  return {}; // a text
}

namespace {

/// Bounds of the attributes `start` and `end` of a Shape.
std::pair<std::int64_t, std::int64_t> shape_range(const Op& op, const Dims& dims) {
  const auto rank = static_cast<std::int64_t>(dims.size());
  std::int64_t start = op.integer("start", 0);
  std::int64_t end = op.integer("end", rank);
  if (start < 0) start += rank;
  if (end < 0) end += rank;
  start = std::clamp<std::int64_t>(start, 0, rank);
  return {start, std::clamp(end, start, rank)};
}

} // namespace

Outputs infer_constant(const Op& op) {
  const Value value = constant(op);
  if (!value.dims) return std::nullopt;
  return one(*value.dims);
}

Elements fold_constant(const Op& op, std::size_t /*output*/) { return constant(op).data; }

Outputs infer_constant_of_shape(const Op& op) {
  const auto sizes = op.integer_data(0);
  if (!sizes) return std::nullopt;
  return one(*sizes);
}

Elements fold_constant_of_shape(const Op& op, std::size_t output) {
  const Dims& dims = *op.output_dims(output);
  const auto* attribute = op.attribute("value");
  const Elements value = attribute == nullptr ? Numbers{0.0} : value_of(attribute->t()).data;
  if (!is_small(dims) || !value || value->size() != 1) return std::nullopt;
  return Numbers(static_cast<std::size_t>(element_count(dims)), value->front());
}

Outputs infer_range(const Op& op) {
  for (const std::size_t i : {0U, 1U, 2U}) {
    if (op.needed(i).data && op.needed(i).data->size() != 1) fail("a range between bounds that are no scalars");
    if (!op.needed(i).data) return std::nullopt;
  }
  const double delta = op.data(2)->front();
  if (delta == 0.0) fail("a range with steps of 0");
  const auto count = whole(std::ceil((op.data(1)->front() - op.data(0)->front()) / delta));
  if (!count) fail("a range without bounds");
  return one({std::max<std::int64_t>(*count, 0)});
}

Elements fold_range(const Op& op, std::size_t output) {
  const Dims& dims = *op.output_dims(output);
  if (!is_small(dims)) return std::nullopt;
  Numbers result;
  for (std::int64_t i = 0; i < dims[0]; ++i) {
    result.push_back(op.data(0)->front() + static_cast<double>(i) * op.data(2)->front());
  }
  return result;
}

Outputs infer_shape(const Op& op) {
  const Dims* dims = op.dims(0);
  if (dims == nullptr) return std::nullopt;
  const auto [start, end] = shape_range(op, *dims);
  return one({end - start});
}

Elements fold_shape(const Op& op, std::size_t /*output*/) {
  const Dims& dims = *op.dims(0);
  const auto [start, end] = shape_range(op, dims);
  return Numbers(dims.begin() + start, dims.begin() + end);
}

Outputs infer_size(const Op& op) {
  if (op.dims(0) == nullptr) return std::nullopt;
  return one({});
}

Elements fold_size(const Op& op, std::size_t /*output*/) {
  return Numbers{static_cast<double>(element_count(*op.dims(0)))};
}

Elements fold_same(const Op& op, std::size_t output) {
  const Numbers* data = op.data(0);
  return data == nullptr || output > 0 ? std::nullopt : Elements(*data);
}

Elements fold_cast(const Op& op, std::size_t output) {
  Elements result = fold_same(op, output);
  if (!result) return result;
  const auto type = static_cast<std::int32_t>(op.integer("to", 0));
  for (double& number : *result) number = as_type(number, is_integer_type(type));
  return result;
}

Elements fold_unary(const Op& op, std::size_t output) {
  Elements result = fold_same(op, output);
  if (!result) return result;
  for (double& number : *result) {
    const auto value = unary(op.node().op, number);
    if (!value) return std::nullopt;
    number = *value;
  }
  return result;
}

Elements fold_binary(const Op& op, std::size_t output) {
  const Dims& dims = *op.output_dims(output);
  Elements left = spread(op, 0, dims);
  const Elements right = left && op.input_count() == 2 ? spread(op, 1, dims) : std::nullopt;
  if (!right) return std::nullopt;
  const bool integer = is_integer_type(op.needed(0).type);
  for (std::size_t i = 0; i < left->size(); ++i) {
    const auto value = binary(op.node().op, (*left)[i], (*right)[i], integer);
    if (!value) return std::nullopt;
    (*left)[i] = *value;
  }
  return left;
}

Elements fold_where(const Op& op, std::size_t output) {
  const Dims& dims = *op.output_dims(output);
  const Elements condition = spread(op, 0, dims);
  Elements chosen = spread(op, 1, dims);
  const Elements other = spread(op, 2, dims);
  if (!condition || !chosen || !other) return std::nullopt;
  for (std::size_t i = 0; i < chosen->size(); ++i) {
    if ((*condition)[i] == 0.0) (*chosen)[i] = (*other)[i];
  }
  return chosen;
}

/// Reductions to one element.
Elements fold_reduce(const Op& op, std::size_t output) {
  const Numbers* data = op.data(0);
  if (data == nullptr || data->empty() || element_count(*op.output_dims(output)) != 1) return std::nullopt;
  double result = data->front();
  for (std::size_t i = 1; i < data->size(); ++i) result = combined(op.node().op, result, (*data)[i]);
  return Numbers{result};
}

/// Along the first dimension: elsewhere, data of shapes are not joined.
Elements fold_concat(const Op& op, std::size_t output) {
  const Dims& dims = *op.output_dims(output);
  if (axis_of(op.integer("axis", 1), dims.size()) != 0 || !is_small(dims)) return std::nullopt;
  Numbers result;
  for (std::size_t i = 0; i < op.input_count(); ++i) {
    const Numbers* data = op.data(i);
    if (data == nullptr) return std::nullopt;
    result.insert(result.end(), data->begin(), data->end());
  }
  return result;
}

Elements fold_split(const Op& op, std::size_t output) {
  const Numbers* data = op.data(0);
  const Dims* dims = op.dims(0);
  if (data == nullptr || dims == nullptr) return std::nullopt;
  const std::size_t axis = axis_of(op.integer("axis", 0), dims->size());
  const Dims strides = strides_of(*dims);
  std::int64_t first = 0;
  for (std::size_t i = 0; i < output; ++i) {
    if (op.output_dims(i) == nullptr) return std::nullopt;
    first += (*op.output_dims(i))[axis] * strides[axis];
  }
  return pick(*data, *op.output_dims(output), first, strides);
}

Elements fold_slice(const Op& op, std::size_t output) {
  const Numbers* data = op.data(0);
  const auto axes = data == nullptr ? std::nullopt : slice_axes(op);
  if (!axes) return std::nullopt;
  Dims strides = strides_of(*op.dims(0));
  std::int64_t first = 0;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    first += (*axes)[i].start * strides[i];
    strides[i] = (*axes)[i].count > 1 ? strides[i] * (*axes)[i].step : 0;
  }
  return pick(*data, *op.output_dims(output), first, strides);
}

/// From the first dimension.
Elements fold_gather(const Op& op, std::size_t output) {
  const Numbers* data = op.data(0);
  const auto indices = data == nullptr ? std::nullopt : op.integer_data(1);
  if (!indices || !is_small(*op.output_dims(output))) return std::nullopt;
  const Dims& dims = *op.dims(0);
  if (axis_of(op.integer("axis", 0), dims.size()) != 0) return std::nullopt;
  const std::int64_t row = strides_of(dims)[0];
  Numbers result;
  for (const std::int64_t index : *indices) {
    if (index < -dims[0] || index >= dims[0]) fail(fmt::format("index {} into {} elements", index, dims[0]));
    const auto start = data->begin() + (index < 0 ? index + dims[0] : index) * row;
    result.insert(result.end(), start, start + row);
  }
  return result;
}

Elements fold_transpose(const Op& op, std::size_t output) {
  const Numbers* data = op.data(0);
  if (data == nullptr) return std::nullopt;
  const Dims own = strides_of(*op.dims(0));
  Dims strides;
  for (const std::size_t axis : permutation(op, own.size())) strides.push_back(own[axis]);
  return pick(*data, *op.output_dims(output), 0, strides);
}

Elements fold_expand(const Op& op, std::size_t output) { return spread(op, 0, *op.output_dims(output)); }

} // namespace terastal::from_onnx
