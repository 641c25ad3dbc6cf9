#include <algorithm> // swap

#include <fmt/format.h>

#include "import/onnx_rules.hpp"

namespace terastal::from_onnx {
namespace {

/// An operand's leading dimensions, rows and columns; a vector is a single row, or column.
struct Matrix {
  Dims batch;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
};

Matrix matrix(const Dims& dims, bool vector_is_column, bool transposed) {
  if (dims.empty()) fail("a scalar in a matrix product");
  if (dims.size() == 1) return vector_is_column ? Matrix{{}, dims[0], 1} : Matrix{{}, 1, dims[0]};
  Matrix result{{dims.begin(), dims.end() - 2}, dims[dims.size() - 2], dims.back()};
  if (transposed) std::swap(result.rows, result.columns);
  return result;
}

/// A product, and whether an operand is a vector: then its dimension is not in the result.
struct Operands {
  Product product;
  bool vector_a = false;
  bool vector_b = false;
};

Operands operands(const Op& op, const Dims& a, const Dims& b, const char* transpose_a, const char* transpose_b) {
  const Matrix left = matrix(a, false, op.integer(transpose_a, 0) != 0);
  const Matrix right = matrix(b, true, op.integer(transpose_b, 0) != 0);
  if (left.columns != right.rows) fail(fmt::format("a matrix product of {} and {}", shown(a), shown(b)));
  return {{broadcast(left.batch, right.batch), left.batch, right.batch, left.rows, left.columns, right.columns},
          a.size() == 1,
          b.size() == 1};
}

/// Nothing when sizes are not known.
std::optional<Operands> operands_of(const Op& op, std::size_t second) {
  const Dims* a = op.dims(0);
  const Dims* b = op.dims(second);
  if (a == nullptr || b == nullptr) return std::nullopt;
  // The attributes are those of Gemm and of com.microsoft's FusedMatMul; MatMul has none.
  return operands(op, *a, *b, "transA", "transB");
}

Dims result_of(const Operands& operands) {
  Dims result = operands.product.batch;
  if (!operands.vector_a) result.push_back(operands.product.m);
  if (!operands.vector_b) result.push_back(operands.product.k);
  return result;
}

/// A product in which `stored` matrices (C×`outputs`) are weights and `rows` vectors of C meet them in all.
LayerShape linear(std::int64_t stored, std::int64_t rows, std::int64_t c, std::int64_t outputs) {
  LayerShape shape;
  shape.kind = OperatorKind::conv;
  shape.groups = static_cast<std::uint64_t>(stored);
  shape.k = static_cast<std::uint64_t>(outputs) * shape.groups;
  shape.c = static_cast<std::uint64_t>(c) * shape.groups;
  shape.y = static_cast<std::uint64_t>(rows / stored);
  shape.out_y = shape.y;
  return shape;
}

LayerShape shape_of(const Product& p, bool weights_a, bool weights_b) {
  const std::int64_t products = element_count(p.batch);
  if (weights_b) return linear(element_count(p.batch_b), products * p.m, p.c, p.k);
  // Weights in front: the transposed product.
  if (weights_a) return linear(element_count(p.batch_a), products * p.k, p.c, p.m);
  LayerShape shape = linear(products, products * p.m, p.c, p.k);
  shape.kind = OperatorKind::matmul;
  return shape;
}

bool is_empty(const Product& p) {
  return element_count(p.batch) == 0 || element_count(p.batch_a) == 0 || element_count(p.batch_b) == 0;
}

} // namespace

Described describe_product(const Product& product, bool weights_a, bool weights_b) {
  if (is_empty(product)) return {std::nullopt, "a product without elements"};
  return {shape_of(product, weights_a, weights_b), {}};
}

template <std::size_t Second>
Outputs infer_matmul(const Op& op) {
  const auto operands = operands_of(op, Second);
  return operands ? one(result_of(*operands)) : std::nullopt;
}

template <std::size_t Second>
Described describe_matmul(const Op& op) {
  const auto operands = operands_of(op, Second);
  if (!operands) return not_known();
  return describe_product(operands->product, op.needed(0).constant, op.needed(Second).constant);
}

template <std::size_t Second>
Outputs infer_gemm(const Op& op) {
  const Dims* a = op.dims(0);
  const Dims* b = op.dims(Second);
  if (a == nullptr || b == nullptr) return std::nullopt;
  if (a->size() != 2 || b->size() != 2) fail(fmt::format("matrices of {} and {}", shown(*a), shown(*b)));
  return infer_matmul<Second>(op);
}

/// com.microsoft's MatMulNBits: weights packed to a few bits; their true size stands in the attributes.
Outputs infer_packed_matmul(const Op& op) {
  const Dims* a = op.dims(0);
  if (a == nullptr) return std::nullopt;
  const Dims weights = {op.integer("K", 0), op.integer("N", 0)};
  check_dims(weights);
  return one(result_of(operands(op, *a, weights, "", "")));
}

Described describe_packed_matmul(const Op& op) {
  const Dims* a = op.dims(0);
  if (a == nullptr) return not_known();
  const Dims weights = {op.integer("K", 0), op.integer("N", 0)};
  return describe_product(operands(op, *a, weights, "", "").product, false, true);
}

template Outputs infer_matmul<1>(const Op&);
template Outputs infer_matmul<3>(const Op&);
template Described describe_matmul<1>(const Op&);
template Described describe_matmul<3>(const Op&);
template Outputs infer_gemm<1>(const Op&);
template Outputs infer_gemm<3>(const Op&);

} // namespace terastal::from_onnx
