#pragma once

#include <map>
#include <string>
#include <vector>

#include "import/onnx_graph.hpp"
#include "terastal/import/onnx.hpp"

namespace terastal::from_onnx {

/// Sizes that the file itself gives, of values by name, with symbols replaced.
using DeclaredDims = std::map<std::string, Dims>;

/// Gives the graph's inputs their sizes, and replaces symbolic dimensions by the options' numbers. Adds a note for each
/// dimension that is taken as the batch. Reports dimensions that stay open and options that no dimension has.
[[nodiscard]] DeclaredDims bind_inputs(const proto::GraphProto& from, Graph& graph, const OnnxOptions& options,
                                       std::vector<std::string>& notes, Problems& problems);

/// Finds sizes of all values, in the order of the nodes: by the operators' rules; for operators without a rule by the
/// ONNX library; else as declared. Computes small constants. Reports contradictions.
void infer_shapes(Graph& graph, const proto::ModelProto& model, const DeclaredDims& declared, Problems& problems);

/// Sizes of a node's outputs by the ONNX library; nothing for outputs that it does not know. `opset`: the version of
/// ONNX's own operators.
[[nodiscard]] std::vector<std::optional<Dims>> infer_by_library(const Node& node, const std::vector<Value>& values,
                                                                int opset);

/// The newest version of ONNX's own operators that the library knows.
[[nodiscard]] int library_opset();
/// The version of ONNX's own operators that a model uses.
[[nodiscard]] int opset_of(const proto::ModelProto& model);

} // namespace terastal::from_onnx
