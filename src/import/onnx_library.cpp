#include <exception>
#include <unordered_map>

#include <onnx/defs/schema.h>
#include <onnx/shape_inference/implementation.h>

#include "import/onnx_infer.hpp"

namespace terastal::from_onnx {
namespace {

using TypeByName = std::unordered_map<std::string, proto::TypeProto*>;
using DataByName = std::unordered_map<std::string, const proto::TensorProto*>;
using SparseByName = std::unordered_map<std::string, const proto::SparseTensorProto*>;

/// Nodes that the library is not asked about: those with inner graphs (they may nest, and name values outside).
bool has_inner_graph(const proto::NodeProto& node) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.has_g() || attribute.graphs_size() > 0) return true;
  }
  return false;
}

proto::TypeProto type_of(const Value& value) {
  proto::TypeProto type;
  auto* tensor = type.mutable_tensor_type();
  tensor->set_elem_type(value.type == 0 ? static_cast<int>(proto::TensorProto::FLOAT) : value.type);
  if (!value.dims) return type;
  auto* shape = tensor->mutable_shape();
  for (const std::int64_t size : *value.dims) shape->add_dim()->set_dim_value(size);
  return type;
}

/// A small constant in the form that the library reads without checking its length.
proto::TensorProto tensor_of(const Value& value) {
  proto::TensorProto tensor;
  for (const std::int64_t size : *value.dims) tensor.add_dims(size);
  tensor.set_data_type(value.type);
  for (const double number : *value.data) {
    if (value.type == proto::TensorProto::INT64) {
      tensor.add_int64_data(whole(number).value_or(0));
    } else {
      tensor.add_float_data(static_cast<float>(number));
    }
  }
  return tensor;
}

bool is_readable(const Value& value) {
  const bool type = value.type == proto::TensorProto::INT64 || value.type == proto::TensorProto::FLOAT;
  return type && value.dims && value.data;
}

/// What the library is told about a node: its inputs under names of our own.
class Question {
 public:
  Question(const Node& node, const std::vector<Value>& values) : node_(*node.proto) {
    types_.reserve(node.inputs.size());
    tensors_.reserve(node.inputs.size());
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] == kOmitted) continue;
      const Value& value = values[node.inputs[i]];
      const std::string name = std::to_string(i);
      node_.set_input(static_cast<int>(i), name);
      types_.push_back(type_of(value));
      type_by_name_[name] = &types_.back();
      if (!is_readable(value)) continue;
      tensors_.push_back(tensor_of(value));
      data_by_name_[name] = &tensors_.back();
    }
  }

  std::vector<std::optional<Dims>> ask(const ::onnx::OpSchema& schema) {
    ::onnx::shape_inference::InferenceContextImpl context(node_, type_by_name_, data_by_name_, SparseByName{});
    schema.GetTypeAndShapeInferenceFunction()(context);
    std::vector<std::optional<Dims>> result;
    for (const proto::TypeProto& type : context.allOutputTypes_) result.push_back(known_dims(type));
    return result;
  }

 private:
  static std::optional<Dims> known_dims(const proto::TypeProto& type) {
    if (!type.tensor_type().has_shape()) return std::nullopt;
    Dims dims;
    for (const auto& dimension : type.tensor_type().shape().dim()) {
      if (!dimension.has_dim_value()) return std::nullopt;
      dims.push_back(dimension.dim_value());
    }
    check_dims(dims);
    return dims;
  }

  proto::NodeProto node_;
  std::vector<proto::TypeProto> types_;
  std::vector<proto::TensorProto> tensors_;
  TypeByName type_by_name_;
  DataByName data_by_name_;
};

} // namespace

int library_opset() {
  const auto& versions = ::onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  const auto found = versions.find("");
  return found == versions.end() ? 0 : found->second.second;
}

std::vector<std::optional<Dims>> infer_by_library(const Node& node, const std::vector<Value>& values, int opset) {
  const bool standard = node.op.find("::") == std::string::npos;
  if (!standard || opset > library_opset() || has_inner_graph(*node.proto)) return {};
  const auto* schema = ::onnx::OpSchemaRegistry::Schema(node.proto->op_type(), opset, "");
  if (schema == nullptr || !schema->has_type_and_shape_inference_function()) return {};
  try {
    return Question(node, values).ask(*schema);
  } catch (const std::exception&) {
    return {}; // the library has nothing to say; whether the file is right is not its business here
  }
}

} // namespace terastal::from_onnx
