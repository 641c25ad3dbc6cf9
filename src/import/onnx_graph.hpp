#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "import/onnx_model.hpp"
#include "import/onnx_problems.hpp"
#include "import/onnx_value.hpp"

namespace terastal::from_onnx {

using ValueId = std::uint32_t;

/// An optional input or output that is left out.
inline constexpr ValueId kOmitted = std::numeric_limits<ValueId>::max();

/// An operator in the graph.
struct Node {
  const proto::NodeProto* proto = nullptr; ///< its attributes
  std::string name;                        ///< unique, and a name as this library allows them
  std::string op;                          ///< `Conv`; `com.microsoft::Attention` when of another domain than ONNX's
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::vector<ValueId> captured; ///< values that its inner graphs use
};

/// The main graph of a model. Points into the model, which must outlive it.
struct Graph {
  std::vector<Node> nodes; ///< each after those it depends on; in the file's order where that allows it
  std::vector<Value> values;
  std::vector<ValueId> inputs; ///< without those that are constants
  std::vector<ValueId> outputs;
};

/// Links the graph's nodes by their values. Reports values that several nodes make or none, and cycles.
[[nodiscard]] Graph build_graph(const proto::GraphProto& graph, Problems& problems);

/// `node 'conv1' (Conv)`, for messages.
[[nodiscard]] std::string shown(const Node& node);

} // namespace terastal::from_onnx
