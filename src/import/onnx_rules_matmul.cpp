#include <algorithm> // swap

#include <fmt/format.h>

#include "import/onnx_rules.hpp"

namespace terastal::from_onnx {
namespace {

/// A product of M×C and C×K matrices, one for each element of `batch`.
struct Product {
  Dims batch;   ///< of the result: leading dimensions of both operands, broadcast
  Dims batch_a; ///< leading dimensions of the operands
  Dims batch_b;
  std::int64_t m = 1;
  std::int64_t c = 1;
  std::int64_t k = 1;
  bool vector_a = false; ///< the operand is a vector: its dimension is not in the result
  bool vector_b = false;
};

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

Product product(const Op& op, const Dims& a, const Dims& b, const char* transpose_a, const char* transpose_b) {
  const Matrix left = matrix(a, false, op.integer(transpose_a, 0) != 0);
  const Matrix right = matrix(b, true, op.integer(transpose_b, 0) != 0);
  if (left.columns != right.rows) fail(fmt::format("a matrix product of {} and {}", shown(a), shown(b)));
  return {broadcast(left.batch, right.batch),
          left.batch,
          right.batch,
          left.rows,
          left.columns,
          right.columns,
          a.size() == 1,
          b.size() == 1};
}

/// Nothing when sizes are not known.
std::optional<Product> product_of(const Op& op, std::size_t second) {
  const Dims* a = op.dims(0);
  const Dims* b = op.dims(second);
  if (a == nullptr || b == nullptr) return std::nullopt;
  // The attributes are those of com.microsoft's FusedMatMul; MatMul has none.
  return product(op, *a, *b, "transA", "transB");
}

Dims result_of(const Product& product) {
  Dims result = product.batch;
  if (!product.vector_a) result.push_back(product.m);
  if (!product.vector_b) result.push_back(product.k);
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

Described described(const Op& op, const Product& product, std::size_t second) {
  if (is_empty(product)) return {std::nullopt, "a product without elements"};
  return {shape_of(product, op.needed(0).constant, op.needed(second).constant), {}};
}

} // namespace

template <std::size_t Second>
Outputs infer_matmul(const Op& op) {
  const auto product = product_of(op, Second);
  if (!product) return std::nullopt;
  return one(result_of(*product));
}

template <std::size_t Second>
Described describe_matmul(const Op& op) {
  const auto product = product_of(op, Second);
  return product ? described(op, *product, Second) : not_known();
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
  return one(result_of(product(op, *a, weights, "", "")));
}

Described describe_packed_matmul(const Op& op) {
  const Dims* a = op.dims(0);
  if (a == nullptr) return not_known();
  const Product p = product(op, *a, {op.integer("K", 0), op.integer("N", 0)}, "", "");
  if (is_empty(p)) return {std::nullopt, "a product without elements"};
  return {shape_of(p, false, true), {}};
}

/// com.microsoft's Attention: a product with weights for query, key and value beside each other, then the attention.
Outputs infer_attention(const Op& op) {
  const Dims* input = op.dims(0);
  const Dims* weights = op.dims(1);
  if (input == nullptr || weights == nullptr) return std::nullopt;
  if (input->empty() || weights->size() != 2)
    fail(fmt::format("weights of {} for an input of {}", shown(*weights), shown(*input)));
  constexpr std::size_t parts = 3;
  const auto sizes = op.integers("qkv_hidden_sizes");
  Dims result = *input;
  result.back() = sizes && sizes->size() == parts ? sizes->back() : weights->back() / static_cast<std::int64_t>(parts);
  return one(result);
}

template Outputs infer_matmul<1>(const Op&);
template Outputs infer_matmul<3>(const Op&);
template Described describe_matmul<1>(const Op&);
template Described describe_matmul<3>(const Op&);
template Outputs infer_gemm<1>(const Op&);
template Outputs infer_gemm<3>(const Op&);

} // namespace terastal::from_onnx
