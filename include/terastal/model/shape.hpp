#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility> // pair

#include "terastal/core/int128.hpp"

namespace terastal {

/// What a layer computes, as far as cost models tell operators apart.
enum class OperatorKind : std::uint8_t {
  conv,            ///< convolution, grouped ones too; a linear layer is a 1×1 convolution over its rows
  depthwise,       ///< one filter for each channel: `c` channels in, `c · k` out (k: channel multiplier, mostly 1)
  transposed_conv, ///< each input element is spread over an R×S window of the output
  matmul,          ///< product of two activations (attention): as a 1×1 convolution, but no weights are stored
  pool,            ///< R×S window over each channel, no weights; counted as one operation per window element
  elementwise,     ///< one operation per output element and operand; activations, additions, normalisation
};

/// The dimensions of one layer, in MAESTRO's letters. All are at least 1; elements, not bytes.
///
/// A linear layer or matrix product (M×C)·(C×K) is a 1×1 layer with `y = M`, `x = 1`. A batch of independent products
/// (heads of attention) is a grouped one: `c` and `k` count all groups together.
struct LayerShape {
  OperatorKind kind = OperatorKind::conv;
  std::uint64_t n = 1; ///< batch
  std::uint64_t k = 1; ///< output channels; for depthwise: outputs for each input channel
  std::uint64_t c = 1; ///< input channels
  std::uint64_t r = 1; ///< kernel rows
  std::uint64_t s = 1; ///< kernel columns
  std::uint64_t y = 1; ///< input rows, without padding
  std::uint64_t x = 1; ///< input columns, without padding
  std::uint64_t stride_y = 1;
  std::uint64_t stride_x = 1;
  std::uint64_t out_y = 1;    ///< true output rows, with padding, stride and dilation
  std::uint64_t out_x = 1;    ///< true output columns
  std::uint64_t groups = 1;   ///< divides c and k
  std::uint64_t operands = 1; ///< elementwise: number of inputs of the output's size

  [[nodiscard]] std::uint64_t output_channels() const { return kind == OperatorKind::depthwise ? c * k : k; }
  /// Multiply-accumulates of the true layer; for pool and elementwise the operations.
  [[nodiscard]] std::uint64_t macs() const;
  [[nodiscard]] std::uint64_t input_elements() const;
  /// Stored parameters; 0 for matmul, pool and elementwise. Biases are not counted.
  [[nodiscard]] std::uint64_t weight_elements() const;
  [[nodiscard]] std::uint64_t output_elements() const { return n * output_channels() * out_y * out_x; }

  bool operator==(const LayerShape&) const = default;
};

/// Largest value of one dimension. Products of the dimensions are checked apart, by `check_shape`.
inline constexpr std::uint64_t kLargestDimension = std::uint64_t{1} << 31;

/// Names of the kinds as files write them (column `op`).
inline constexpr std::array<std::string_view, 6> kOperatorNames = {"conv",   "depthwise", "transposed_conv",
                                                                   "matmul", "pool",      "elementwise"};

[[nodiscard]] constexpr std::string_view to_string(OperatorKind kind) {
  return kOperatorNames[static_cast<std::size_t>(kind)];
}

/// The kind an `op` text names, in any case: the names above, MAESTRO's `CONV`, `DSCONV`, `TRCONV`, `GEMM`, and
/// `linear`, `dwconv`.
[[nodiscard]] std::optional<OperatorKind> operator_kind(std::string_view text);

/// What is wrong with a shape, for a message: a dimension of 0 or above the limit, groups that do not divide c and k,
/// element counts or MACs beyond 2^53 (so that they are exact as doubles). Empty when nothing is. The member functions
/// of a shape do not overflow when this is empty.
[[nodiscard]] std::string shape_problem(const LayerShape& shape);

// -- implementation

inline std::uint64_t LayerShape::macs() const {
  const std::uint64_t window = r * s;
  switch (kind) {
  case OperatorKind::conv:
  case OperatorKind::matmul:
    return n * k * (c / groups) * window * out_y * out_x;
  case OperatorKind::depthwise:
    return n * c * k * window * out_y * out_x;
  case OperatorKind::transposed_conv:
    return n * k * (c / groups) * window * y * x;
  case OperatorKind::pool:
    return n * k * window * out_y * out_x;
  case OperatorKind::elementwise:
    break;
  }
  return operands * output_elements();
}

inline std::uint64_t LayerShape::input_elements() const {
  switch (kind) {
  case OperatorKind::matmul: // both operands; the second is (c / groups) × k
    return n * (c * y * x + c / groups * k);
  case OperatorKind::elementwise:
    return operands * output_elements();
  default:
    return n * c * y * x;
  }
}

inline std::uint64_t LayerShape::weight_elements() const {
  switch (kind) {
  case OperatorKind::conv:
  case OperatorKind::transposed_conv:
    return k * (c / groups) * r * s;
  case OperatorKind::depthwise:
    return c * k * r * s;
  case OperatorKind::matmul:
  case OperatorKind::pool:
  case OperatorKind::elementwise:
    break;
  }
  return 0;
}

inline std::optional<OperatorKind> operator_kind(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  for (std::size_t i = 0; i < kOperatorNames.size(); ++i) {
    if (lower == kOperatorNames[i]) return static_cast<OperatorKind>(i);
  }
  if (lower == "linear" || lower == "gemm") return OperatorKind::conv;
  if (lower == "dsconv" || lower == "dwconv") return OperatorKind::depthwise;
  if (lower == "trconv") return OperatorKind::transposed_conv;
  return std::nullopt;
}

namespace detail {

/// Whether a product stays within 2^53.
inline bool product_fits(std::initializer_list<std::uint64_t> factors) {
  constexpr uint128 limit = uint128{1} << 53;
  uint128 product = 1;
  for (const std::uint64_t factor : factors) {
    product *= factor; // below 2^53 · 2^31 before the check
    if (product > limit) return false;
  }
  return true;
}

} // namespace detail

inline std::string shape_problem(const LayerShape& a) {
  const std::initializer_list<std::pair<std::string_view, std::uint64_t>> dimensions = {{"N", a.n},
                                                                                        {"K", a.k},
                                                                                        {"C", a.c},
                                                                                        {"R", a.r},
                                                                                        {"S", a.s},
                                                                                        {"Y", a.y},
                                                                                        {"X", a.x},
                                                                                        {"stride_y", a.stride_y},
                                                                                        {"stride_x", a.stride_x},
                                                                                        {"out_y", a.out_y},
                                                                                        {"out_x", a.out_x},
                                                                                        {"groups", a.groups},
                                                                                        {"operands", a.operands}};
  for (const auto& [name, value] : dimensions) {
    if (value < 1 || value > kLargestDimension) {
      return std::string(name) + " must be 1 to " + std::to_string(kLargestDimension) + ", got " +
             std::to_string(value);
    }
  }
  if (a.c % a.groups != 0 || a.k % a.groups != 0) {
    return "groups (" + std::to_string(a.groups) + ") must divide C (" + std::to_string(a.c) + ") and K (" +
           std::to_string(a.k) + ")";
  }
  const bool fits = detail::product_fits({a.n, a.k, a.c, a.r, a.s, a.out_y, a.out_x, a.operands}) &&
                    detail::product_fits({a.n, a.k, a.c, a.r, a.s, a.y, a.x});
  return fits ? std::string{} : "the layer is too large: N·K·C·R·S·Y·X goes beyond 2^53";
}

} // namespace terastal
