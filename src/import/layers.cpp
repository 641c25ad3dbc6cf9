#include "import/layers.hpp"

#include <algorithm> // find_if
#include <utility>

namespace terastal {

void append_layer(Network& network, std::string name, std::string op, const std::optional<LayerShape>& shape) {
  Layer layer;
  layer.name = std::move(name);
  layer.op = shape ? std::string(to_string(shape->kind)) : std::move(op);
  layer.macs = shape ? shape->macs() : 0;
  layer.output_bytes = shape ? shape->output_elements() : 0;
  const auto index = static_cast<LayerIndex>(network.layers.size());
  if (index > 0) layer.predecessors = {index - 1};
  layer.first_option = static_cast<OptionIndex>(network.options.size());
  network.layers.push_back(std::move(layer));
  Option original;
  original.shape = shape;
  network.options.push_back(std::move(original));
}

void add_unknown(std::vector<UnknownOperator>& unknown, const std::string& op, const std::string& layer) {
  auto entry = std::find_if(unknown.begin(), unknown.end(), [&](const UnknownOperator& u) { return u.op == op; });
  if (entry == unknown.end()) entry = unknown.insert(unknown.end(), {op, {}});
  entry->nodes.push_back(layer);
}

std::string UniqueNames::next(const std::string& name, Notes& notes) {
  std::size_t& uses = uses_[name];
  if (++uses == 1) return name;
  std::string candidate = name + '_' + std::to_string(uses);
  while (all_.count(candidate) > 0) candidate = name + '_' + std::to_string(++uses);
  all_.insert(candidate);
  notes.add("repeated layer names got a suffix", candidate);
  return candidate;
}

} // namespace terastal
