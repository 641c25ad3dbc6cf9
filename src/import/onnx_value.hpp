#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "import/onnx_model.hpp"

namespace terastal::from_onnx {

/// Sizes of a tensor; empty for a scalar.
using Dims = std::vector<std::int64_t>;

/// A tensor of the graph and what is known about it.
struct Value {
  std::string name;
  std::optional<Dims> dims; ///< nothing: not known
  std::int32_t type = 0;    ///< element type as ONNX numbers them; 0: not known
  bool constant = false;    ///< does not depend on the model's inputs
  /// Elements of a small constant in row-major order, for computing shapes. Whole numbers up to 2^53 are exact.
  std::optional<std::vector<double>> data;
};

/// The number of elements. Precondition: `check_dims` passed.
[[nodiscard]] std::int64_t element_count(const Dims& dims);

/// \throws NodeProblem when a size is negative or beyond the limits: 2^31 for one, 2^53 for the product, 32 of them.
void check_dims(const Dims& dims);

/// `2×3×4`, for messages.
[[nodiscard]] std::string shown(const Dims& dims);

/// A number that is used as a size, an axis or an index. What is beyond ±2^62 (an open end) is cut to that. Nothing for
/// what is no whole number.
[[nodiscard]] std::optional<std::int64_t> whole(double number);

/// A value with what a stored tensor says. The data are left out where they were not kept, or are many.
/// \throws NodeProblem for sizes beyond the limits, and for data that do not fit them.
[[nodiscard]] Value value_of(const proto::TensorProto& tensor);
[[nodiscard]] Value value_of(const proto::SparseTensorProto& tensor);

[[nodiscard]] bool is_integer_type(std::int32_t type);

/// Largest number of elements that are kept of a constant.
inline constexpr std::int64_t kMostElements = 1024;

} // namespace terastal::from_onnx
