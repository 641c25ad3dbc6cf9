#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "terastal/import/onnx.hpp"

// Writes ONNX models byte by byte, without the libraries that the importer reads them with. Numbers of fields:
// onnx.proto.

namespace terastal::testing::onnx {

using Bytes = std::string;
/// A dimension: a size, or the name of one that is open; an empty name: open without one.
using Dimension = std::variant<std::int64_t, std::string>;

inline Bytes varint(std::uint64_t value) {
  Bytes bytes;
  for (; value >= 0x80; value >>= 7U) bytes += static_cast<char>(value | 0x80U);
  return bytes + static_cast<char>(value);
}

inline Bytes field(std::uint64_t number, std::int64_t value) {
  return varint(number << 3U) + varint(static_cast<std::uint64_t>(value));
}

inline Bytes field(std::uint64_t number, const Bytes& bytes) {
  return varint(number << 3U | 2U) + varint(bytes.size()) + bytes;
}

/// Little-endian bytes of integers.
inline Bytes raw(const std::vector<std::int64_t>& numbers) {
  Bytes bytes;
  for (const std::int64_t number : numbers) {
    for (unsigned shift = 0; shift < 64; shift += 8)
      bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> shift);
  }
  return bytes;
}

inline constexpr std::int64_t kFloat = 1;
inline constexpr std::int64_t kInt64 = 7;

/// A tensor without data.
inline Bytes tensor(const std::string& name, const std::vector<std::int64_t>& dims, std::int64_t type = kFloat) {
  Bytes bytes;
  for (const std::int64_t size : dims) bytes += field(1, size);
  return bytes + field(2, type) + field(8, name);
}

inline Bytes integers_tensor(const std::string& name, const std::vector<std::int64_t>& dims,
                             const std::vector<std::int64_t>& numbers) {
  return tensor(name, dims, kInt64) + field(9, raw(numbers));
}

// -- attributes

inline Bytes integer(const std::string& name, std::int64_t value) {
  return field(1, name) + field(20, 2) + field(3, value);
}

inline Bytes integers(const std::string& name, const std::vector<std::int64_t>& values) {
  Bytes bytes = field(1, name) + field(20, 7);
  for (const std::int64_t value : values) bytes += field(8, value);
  return bytes;
}

inline Bytes text(const std::string& name, const std::string& value) {
  return field(1, name) + field(20, 3) + field(4, value);
}

inline Bytes tensor_attribute(const std::string& name, const Bytes& tensor) {
  return field(1, name) + field(20, 4) + field(5, tensor);
}

inline Bytes graph_attribute(const std::string& name, const Bytes& graph) {
  return field(1, name) + field(20, 5) + field(6, graph);
}

// -- nodes and graphs

/// A node named like its first output.
inline Bytes node(const std::string& op, const std::vector<std::string>& inputs,
                  const std::vector<std::string>& outputs, const std::vector<Bytes>& attributes = {},
                  const std::string& domain = {}) {
  Bytes bytes;
  for (const std::string& input : inputs) bytes += field(1, input);
  for (const std::string& output : outputs) bytes += field(2, output);
  if (!outputs.empty()) bytes += field(3, outputs.front());
  bytes += field(4, op);
  for (const Bytes& attribute : attributes) bytes += field(5, attribute);
  return domain.empty() ? bytes : bytes + field(7, domain);
}

/// An input or output and its sizes.
inline Bytes value(const std::string& name, const std::vector<Dimension>& dims) {
  Bytes shape;
  for (const Dimension& dimension : dims) {
    const auto* size = std::get_if<std::int64_t>(&dimension);
    const auto* symbol = std::get_if<std::string>(&dimension);
    const bool open = symbol != nullptr && symbol->empty();
    shape += field(1, size != nullptr ? field(1, *size) : open ? Bytes{} : field(2, *symbol));
  }
  return field(1, name) + field(2, field(1, field(1, kFloat) + field(2, shape)));
}

/// A graph in the making.
class Model {
 public:
  explicit Model(std::int64_t opset = 17) : opset_(opset) {}

  Model& input(const std::string& name, const std::vector<Dimension>& dims) { return add(11, value(name, dims)); }
  Model& output(const std::string& name) { return add(12, field(1, name)); }
  Model& declare(const std::string& name, const std::vector<Dimension>& dims) { return add(13, value(name, dims)); }
  /// A constant without data.
  Model& weight(const std::string& name, const std::vector<std::int64_t>& dims) { return add(5, tensor(name, dims)); }
  /// A constant of whole numbers in one dimension.
  Model& integers(const std::string& name, const std::vector<std::int64_t>& numbers) {
    return add(5, integers_tensor(name, {static_cast<std::int64_t>(numbers.size())}, numbers));
  }
  Model& scalar(const std::string& name, std::int64_t number) { return add(5, integers_tensor(name, {}, {number})); }
  Model& tensor_bytes(const Bytes& tensor) { return add(5, tensor); }
  Model& node(const std::string& op, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs,
              const std::vector<Bytes>& attributes = {}, const std::string& domain = {}) {
    return add(1, onnx::node(op, inputs, outputs, attributes, domain));
  }
  Model& node_bytes(const Bytes& bytes) { return add(1, bytes); }

  /// The graph alone.
  [[nodiscard]] const Bytes& graph() const { return graph_; }
  [[nodiscard]] Bytes bytes() const {
    return field(1, 8) + field(8, field(1, Bytes{}) + field(2, opset_)) + field(7, graph_);
  }
  [[nodiscard]] Import import(const OnnxOptions& options = {}) const {
    return parse_onnx(bytes(), "model.onnx", options);
  }

 private:
  Model& add(std::uint64_t number, const Bytes& message) {
    graph_ += field(number, message);
    return *this;
  }

  std::int64_t opset_;
  Bytes graph_;
};

// -- what was read

inline LayerShape shape_of(const Import& import, std::size_t layer) {
  return *import.network.options[import.network.layers.at(layer).first_option].shape;
}

inline std::vector<std::string> names(const Import& import) {
  std::vector<std::string> result;
  for (const Layer& layer : import.network.layers) result.push_back(layer.name);
  return result;
}

/// Names of a layer's predecessors.
inline std::vector<std::string> before(const Import& import, const std::string& layer) {
  std::vector<std::string> result;
  for (const Layer& candidate : import.network.layers) {
    if (candidate.name != layer) continue;
    for (const LayerIndex p : candidate.predecessors) result.push_back(import.network.layers[p].name);
    return result;
  }
  return {"no layer '" + layer + "'"};
}

} // namespace terastal::testing::onnx
