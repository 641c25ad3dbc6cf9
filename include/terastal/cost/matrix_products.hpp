#pragma once

#include <cstdint>

#include "terastal/model/shape.hpp"

namespace terastal {

/// Whether every output channel of a group is computed from the same inputs, so that a layer is a product of large
/// matrices: convolutions, transposed convolutions and matrix products.
[[nodiscard]] constexpr bool multiplies_matrices(OperatorKind kind) {
  return kind == OperatorKind::conv || kind == OperatorKind::transposed_conv || kind == OperatorKind::matmul;
}

/// A layer as equal products (rows × depth)·(depth × columns) that share no data, as accelerators compute it.
///
/// A convolution becomes one product for each group, a row for each output position of the whole batch and a column for
/// each filter (im2col). A depthwise layer has one product for each channel. A transposed convolution has a row for
/// each input position and a column for each filter and window element, whose overlapping results are added. A layer of
/// kind matmul has products of its own for each image of a batch.
struct MatrixProducts {
  std::uint64_t count = 1;   ///< products
  std::uint64_t rows = 1;    ///< positions
  std::uint64_t columns = 1; ///< results for each position
  std::uint64_t depth = 1;   ///< multiply-accumulates for each result
  std::uint64_t line = 1;    ///< positions in one row of the image; divides `rows`

  // Elements of one product as they lie in memory, without the copies that lowering makes.
  std::uint64_t input = 1;
  std::uint64_t weights = 1; ///< of a matmul: the second operand
  std::uint64_t output = 1;
};

/// The products of a layer; count · rows · columns · depth is its number of MACs. Precondition: the kind multiplies
/// matrices or is depthwise, and `shape_problem(shape)` is empty.
[[nodiscard]] MatrixProducts matrix_products(const LayerShape& shape);

// -- implementation

inline MatrixProducts matrix_products(const LayerShape& s) {
  const std::uint64_t window = s.r * s.s;
  const std::uint64_t positions = s.out_y * s.out_x;
  MatrixProducts p{s.groups, s.n * positions, s.k / s.groups, s.c / s.groups * window, s.out_x};
  switch (s.kind) {
  case OperatorKind::depthwise:
    p.count = s.c;
    p.columns = s.k;
    p.depth = window;
    break;
  case OperatorKind::matmul:
    p.count = s.n * s.groups;
    p.rows = positions;
    break;
  case OperatorKind::transposed_conv:
    p.rows = s.n * s.y * s.x;
    p.columns = s.k / s.groups * window;
    p.depth = s.c / s.groups;
    p.line = s.x;
    break;
  case OperatorKind::conv:
  case OperatorKind::pool:
  case OperatorKind::elementwise:
    break;
  }
  const bool two_activations = s.kind == OperatorKind::matmul;
  const std::uint64_t second = two_activations ? s.n * (s.c / s.groups * s.k) : s.weight_elements();
  p.input = (s.input_elements() - (two_activations ? second : 0)) / p.count;
  p.weights = second / p.count;
  p.output = s.output_elements() / p.count;
  return p;
}

} // namespace terastal
