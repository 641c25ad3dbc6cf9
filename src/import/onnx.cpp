#include "terastal/import/onnx.hpp"

#include <algorithm> // sort, unique
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "import/onnx_flow.hpp"
#include "import/onnx_infer.hpp"
#include "terastal/core/text.hpp"

namespace terastal {
namespace from_onnx {
namespace {

/// `Reshape 4, Transpose 2`
std::string counted(const std::map<std::string, std::size_t>& counts) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) parts.push_back(fmt::format("{} {}", name, count));
  return join(parts, ", ");
}

/// The version of ONNX's own operators that a model uses.
std::int64_t opset_of(const proto::ModelProto& model) {
  for (const auto& import : model.opset_import()) {
    if (import.domain().empty() || import.domain() == "ai.onnx") return import.version();
  }
  return 1; // files of the first version do not say
}

void note_file(const proto::ModelProto& model, std::vector<std::string>& notes) {
  constexpr std::int64_t newest = 23; // that the rules of the operators were written for
  if (const std::int64_t opset = opset_of(model); opset > newest) {
    notes.push_back(fmt::format("opset {} is newer than {}, up to which operators are known", opset, newest));
  }
  for (const auto& tensor : model.graph().initializer()) {
    if (tensor.data_location() != proto::TensorProto::EXTERNAL) continue;
    notes.emplace_back("weights in other files are not read");
    break;
  }
}

/// The number of each operator that became part of another's layer.
std::map<std::string, std::size_t> joined(const Graph& graph, const Flow& flow,
                                          const std::vector<LayerIndex>& layer_of) {
  std::map<std::string, std::size_t> result;
  for (LayerIndex s = 0; s < flow.steps.size(); ++s) {
    if (layer_of[s] != s) ++result[graph.nodes[flow.steps[s].node].op];
  }
  return result;
}

void note_flow(const Graph& graph, const Flow& flow, const std::vector<LayerIndex>& layer_of,
               std::vector<std::string>& notes) {
  const auto parts = joined(graph, flow, layer_of);
  if (!parts.empty()) notes.push_back(fmt::format("part of the layer before them: {}", counted(parts)));
  const auto& passed = flow.passed_on;
  if (!passed.empty()) notes.push_back(fmt::format("no layers, data pass through: {}", counted(passed)));
  if (flow.constant > 0) notes.push_back(fmt::format("{} operators work on constants and are left out", flow.constant));
}

/// One layer for each step that is not part of another's.
void add_layers(const Graph& graph, const Flow& flow, const std::vector<LayerIndex>& layer_of, Network& network) {
  std::vector<LayerIndex> index_of(flow.steps.size(), 0); // of a step's layer in the network
  for (LayerIndex s = 0; s < flow.steps.size(); ++s) {
    const Step& step = flow.steps[s];
    if (layer_of[s] != s) continue;
    index_of[s] = static_cast<LayerIndex>(network.layers.size());
    Layer& layer = network.layers.emplace_back();
    layer.name = graph.nodes[step.node].name;
    layer.op = to_string(step.shape.kind);
    layer.macs = step.shape.macs();
    layer.output_bytes = step.shape.output_elements();
    layer.first_option = static_cast<OptionIndex>(network.options.size());
    for (const LayerIndex p : step.predecessors) layer.predecessors.push_back(index_of[layer_of[p]]);
    std::sort(layer.predecessors.begin(), layer.predecessors.end());
    layer.predecessors.erase(std::unique(layer.predecessors.begin(), layer.predecessors.end()),
                             layer.predecessors.end());
    network.options.push_back({{}, 0, 0.0, step.shape});
  }
}

std::string network_name(const std::string& path, const OnnxOptions& options) {
  const std::string name = clean(options.name.empty() ? std::filesystem::path(path).stem().string() : options.name);
  return name.empty() ? "onnx" : name;
}

std::string description(const proto::ModelProto& model) {
  const std::string producer = clean(model.producer_name() + ' ' + model.producer_version());
  const auto written = trim(producer);
  return fmt::format("opset {}{}{}", opset_of(model), written.empty() ? "" : ", written by ", written);
}

void check_strict(const std::vector<UnknownOperator>& unknown, Problems& problems) {
  for (const UnknownOperator& op : unknown) {
    const std::string others = op.nodes.size() > 1 ? fmt::format(" and {} more", op.nodes.size() - 1) : std::string{};
    problems.add(fmt::format("operator {} of node {}{} is not understood{}{}", op.op, shown(op.nodes.front()), others,
                             op.reason.empty() ? "" : ": ", op.reason));
  }
}

Import import_model(const proto::ModelProto& model, const std::string& path, const OnnxOptions& options) {
  Problems problems(path);
  Import result;
  Graph graph = build_graph(model.graph(), problems);
  problems.throw_if_any();
  const DeclaredDims declared = bind_inputs(model.graph(), graph, options, result.notes, problems);
  problems.throw_if_any();
  infer_shapes(graph, declared, problems);
  problems.throw_if_any();
  Flow flow = make_flow(graph, options, problems);
  if (options.strict) check_strict(flow.unknown, problems);
  problems.throw_if_any();
  const std::vector<LayerIndex> layer_of = options.fuse ? fuse(graph, flow.steps) : unfused(flow.steps);
  add_layers(graph, flow, layer_of, result.network);
  if (result.network.layers.empty()) problems.add("no operator of the graph became a layer");
  problems.throw_if_any();
  note_file(model, result.notes);
  note_flow(graph, flow, layer_of, result.notes);
  result.unknown = std::move(flow.unknown);
  result.network.name = network_name(path, options);
  result.network.description = description(model);
  result.network.source = "ONNX model " + clean(std::filesystem::path(path).filename().string());
  finish_network(result.network);
  return result;
}

} // namespace
} // namespace from_onnx

bool onnx_supported() { return true; }

Import import_onnx(const std::string& path, const OnnxOptions& options) {
  return from_onnx::import_model(from_onnx::read_model_file(path, options.largest_file), path, options);
}

Import parse_onnx(std::string_view bytes, const std::string& name, const OnnxOptions& options) {
  return from_onnx::import_model(from_onnx::read_model_bytes(bytes, name, options.largest_file), name, options);
}

} // namespace terastal
