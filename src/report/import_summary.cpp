#include "report/import_summary.hpp"

#include <algorithm> // find_if

namespace terastal {
namespace {

bool multiplies(const Layer& layer, const std::optional<LayerShape>& shape) {
  if (shape) return shape->kind != OperatorKind::pool && shape->kind != OperatorKind::elementwise;
  return layer.macs > 0;
}

void count_operator(NetworkSummary& summary, const std::string& op) {
  auto entry = std::find_if(summary.operators.begin(), summary.operators.end(),
                            [&](const auto& known) { return known.first == op; });
  if (entry == summary.operators.end()) entry = summary.operators.insert(summary.operators.end(), {op, 0});
  ++entry->second;
}

void add_layer(NetworkSummary& summary, const Layer& layer, const std::optional<LayerShape>& shape) {
  if (!layer.op.empty()) count_operator(summary, layer.op);
  if (multiplies(layer, shape)) summary.macs += layer.macs;
  if (!shape) {
    ++summary.without_shape;
    return;
  }
  summary.weights += shape->weight_elements();
  if (layer.predecessors.empty()) summary.inputs.push_back({layer.name, {shape->n, shape->c, shape->y, shape->x}});
  if (layer.successors.empty()) {
    summary.outputs.push_back({layer.name, {shape->n, shape->output_channels(), shape->out_y, shape->out_x}});
  }
}

} // namespace

NetworkSummary summarise(const Network& network) {
  NetworkSummary summary;
  summary.layers = network.layers.size();
  for (const Layer& layer : network.layers) add_layer(summary, layer, network.options[layer.first_option].shape);
  summary.latency_ms.assign(network.type_count, 0.0);
  summary.runnable.assign(network.type_count, 0);
  for (const Layer& layer : network.layers) {
    for (TypeIndex type = 0; type < network.type_count; ++type) {
      const Duration latency = network.latency_of(layer.first_option, type);
      if (latency == kCannotRun) continue;
      summary.latency_ms[type] += static_cast<double>(latency.count()); // picoseconds: whole numbers add exactly
      ++summary.runnable[type];
    }
  }
  for (double& sum : summary.latency_ms) sum /= 1e9;
  return summary;
}

} // namespace terastal
