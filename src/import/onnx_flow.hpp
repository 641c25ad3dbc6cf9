#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "import/onnx_graph.hpp"
#include "terastal/import/onnx.hpp"
#include "terastal/model/network.hpp"

namespace terastal::from_onnx {

/// An operator that becomes a layer, or a part of one.
struct Step {
  std::size_t node = 0; ///< index in the graph
  LayerShape shape;
  std::vector<LayerIndex> predecessors; ///< steps, ascending; through what only passes data on
  bool takes = false;                   ///< has weights or multiplies matrices: others may join it
  bool joins = false;          ///< works element by element on what its predecessors make, so it may become part of one
  bool read_elsewhere = false; ///< its output is one of the network's, or an operator that is not known reads it
};

/// How data flow through the network.
struct Flow {
  std::vector<Step> steps; ///< in topological order
  std::vector<UnknownOperator> unknown;
  std::map<std::string, std::size_t> passed_on; ///< operators that only pass data on, with their numbers
  std::size_t constant = 0;                     ///< operators that work on constants
};

/// Turns the operators of a graph whose sizes are known into steps. Reports shapes that no layer can have.
[[nodiscard]] Flow make_flow(const Graph& graph, const OnnxOptions& options, Problems& problems);

/// Steps that read each step's output, ascending.
using Readers = std::vector<std::vector<LayerIndex>>;

/// For each step, the step whose layer it is part of: itself, or an earlier one.
///
/// A normalisation of several operators is one layer. A step joins a layer with weights when all it reads comes from
/// that layer; together they have one output that others read. Gives normalisations the shape of their result.
[[nodiscard]] std::vector<LayerIndex> fuse(const Graph& graph, std::vector<Step>& steps);

/// The part of `fuse` that finds normalisations.
void join_normalisations(const Graph& graph, std::vector<Step>& steps, const Readers& readers,
                         std::vector<LayerIndex>& layer_of);

/// Each step on its own.
[[nodiscard]] std::vector<LayerIndex> unfused(const std::vector<Step>& steps);

} // namespace terastal::from_onnx
