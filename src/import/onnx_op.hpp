#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "import/onnx_graph.hpp"

namespace terastal::from_onnx {

/// A node with what is known about its inputs, as the rules of the operators see it.
class Op {
 public:
  Op(const Node& node, const std::vector<Value>& values) : node_(&node), values_(&values) {}

  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] std::size_t input_count() const { return node_->inputs.size(); }
  [[nodiscard]] std::size_t output_count() const { return node_->outputs.size(); }

  /// An input; null when it is left out.
  [[nodiscard]] const Value* input(std::size_t index) const;
  /// \throws NodeProblem when it is left out.
  [[nodiscard]] const Value& needed(std::size_t index) const;
  /// Sizes of an input that the operator needs; null when they are not known.
  [[nodiscard]] const Dims* dims(std::size_t index) const;
  /// Sizes of an output; null when they are not known.
  [[nodiscard]] const Dims* output_dims(std::size_t index) const;
  /// Elements of a small constant input; null when it is left out or not known.
  [[nodiscard]] const std::vector<double>* data(std::size_t index) const;
  /// The same as whole numbers. \throws NodeProblem when they are not.
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integer_data(std::size_t index) const;

  /// Attributes; integers are cut to ±2^62. \throws NodeProblem when the file gives them another type.
  [[nodiscard]] const proto::AttributeProto* attribute(const char* name) const;
  [[nodiscard]] std::optional<std::int64_t> integer(const char* name) const;
  [[nodiscard]] std::int64_t integer(const char* name, std::int64_t value_if_absent) const;
  [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(const char* name) const;
  [[nodiscard]] std::optional<std::vector<double>> numbers(const char* name) const;
  [[nodiscard]] std::string text(const char* name, const char* value_if_absent) const;

  /// Integers that older opsets give as an attribute and newer ones as an input.
  struct Given {
    bool given = false;                              ///< in one of the two ways
    std::optional<std::vector<std::int64_t>> values; ///< nothing although given: they are not known
  };
  [[nodiscard]] Given given(const char* name, std::size_t input_index) const;

 private:
  [[nodiscard]] const proto::AttributeProto* typed(const char* name, int type, const char* type_name) const;

  const Node* node_;
  const std::vector<Value>* values_;
};

/// \throws NodeProblem with the message.
[[noreturn]] void fail(const std::string& message);

/// An axis counted from the front. \throws NodeProblem when the tensor does not have it.
[[nodiscard]] std::size_t axis_of(std::int64_t axis, std::size_t rank);

/// Sizes after ONNX's multidirectional broadcasting. \throws NodeProblem when they do not fit.
[[nodiscard]] Dims broadcast(const Dims& a, const Dims& b);

} // namespace terastal::from_onnx
