#include "import/onnx_infer.hpp"

#include <algorithm> // all_of, min

#include <fmt/format.h>

#include "import/onnx_operators.hpp"

namespace terastal::from_onnx {
namespace {

using Type = proto::TensorProto;

bool is_size_only(std::string_view op) { return op == "Shape" || op == "Size"; }

/// The element type of the outputs, as far as computing constants needs it.
std::int32_t type_of(const Op& op) {
  const std::string& name = op.node().op;
  if (name == "Cast") return static_cast<std::int32_t>(op.integer("to", 0));
  if (is_size_only(name) || name == "ArgMax" || name == "ArgMin") return Type::INT64;
  if (name == "Constant") return constant(op).type;
  if (name == "ConstantOfShape") {
    const auto* value = op.attribute("value");
    return value == nullptr ? static_cast<std::int32_t>(Type::FLOAT) : value->t().data_type();
  }
  if (name == "DequantizeLinear") return Type::FLOAT;
  if (name == "Equal" || name.starts_with("Greater") || name.starts_with("Less")) return Type::BOOL;
  const Value* source = op.input(name == "Where" ? 1 : 0);
  return source == nullptr ? 0 : source->type;
}

/// Whether the outputs depend on no input of the model. Of what has no inputs, only a Constant is known to.
bool is_constant(const Op& op) {
  if (op.node().op == "Constant") return true;
  if (is_size_only(op.node().op)) return op.output_dims(0) != nullptr;
  std::size_t given = 0;
  for (std::size_t i = 0; i < op.input_count(); ++i) {
    const Value* input = op.input(i);
    if (input == nullptr) continue;
    if (!input->constant) return false;
    ++given;
  }
  return given > 0;
}

class Inference {
 public:
  Inference(Graph& graph, const DeclaredDims& declared) : graph_(graph), declared_(declared) {}

  /// \throws NodeProblem
  void infer(const Node& node) {
    const Op op(node, graph_.values);
    const Operator* known = find_operator(node.op);
    const Outputs outputs = known == nullptr ? std::nullopt : known->infer(op);
    if (outputs) set(node, *outputs);
    take_declared(node);
    if (known != nullptr) set_constants(op, *known);
  }

  /// Outputs of a node that contradicts itself, so that what follows is not judged by wrong sizes.
  void forget(const Node& node) {
    for (const ValueId id : node.outputs) {
      if (id != kOmitted) graph_.values[id].dims.reset();
    }
  }

 private:
  void set(const Node& node, const std::vector<Dims>& outputs) {
    for (std::size_t i = 0; i < std::min(outputs.size(), node.outputs.size()); ++i) {
      check_dims(outputs[i]);
      if (node.outputs[i] != kOmitted) graph_.values[node.outputs[i]].dims = outputs[i];
    }
  }

  void take_declared(const Node& node) {
    for (const ValueId id : node.outputs) {
      if (id == kOmitted || graph_.values[id].dims) continue;
      const auto found = declared_.find(graph_.values[id].name);
      if (found != declared_.end()) graph_.values[id].dims = found->second;
    }
  }

  void set_constants(const Op& op, const Operator& known) {
    const std::int32_t type = type_of(op);
    const bool is_fixed = is_constant(op);
    for (std::size_t i = 0; i < op.node().outputs.size(); ++i) {
      const ValueId id = op.node().outputs[i];
      if (id == kOmitted) continue;
      Value& value = graph_.values[id];
      value.type = type;
      value.constant = is_fixed;
      if (is_fixed && known.fold != nullptr && value.dims && kept_ < kMostKept) value.data = known.fold(op, i);
      if (value.data) kept_ += value.data->size() + 1;
    }
  }

  static constexpr std::size_t kMostKept = std::size_t{8} << 20U; ///< elements of constants, so that memory is bounded

  Graph& graph_;
  const DeclaredDims& declared_;
  std::size_t kept_ = 0;
};

} // namespace

void infer_shapes(Graph& graph, const DeclaredDims& declared, Problems& problems) {
  Inference inference(graph, declared);
  for (const Node& node : graph.nodes) {
    try {
      inference.infer(node);
    } catch (const NodeProblem& problem) {
      inference.forget(node);
      problems.add(fmt::format("{}: {}", shown(node), problem.what()));
    }
  }
}

} // namespace terastal::from_onnx
