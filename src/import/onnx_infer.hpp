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

/// Finds sizes of all values, in the order of the nodes: by the operators' rules, else as declared. Computes small
/// constants. Reports contradictions.
///
/// ONNX's own shape inference is not asked: in version 1.12 (Debian 12) it ends the process on attributes and data that
/// a damaged file may hold, such as strides of 0 (division by zero) or tensors with too little data (reads beyond
/// them).
void infer_shapes(Graph& graph, const DeclaredDims& declared, Problems& problems);

} // namespace terastal::from_onnx
