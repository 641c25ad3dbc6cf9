#include <algorithm> // all_of
#include <optional>
#include <string_view>

#include "import/onnx_flow.hpp"

namespace terastal::from_onnx {
namespace {

/// Finds LayerNormalization as exporters write it before opset 17: with d = x − mean(x),
/// d / sqrt(mean(d²) + ε) · weight + bias.
class NormalisationMatcher {
 public:
  NormalisationMatcher(const Graph& graph, const std::vector<Step>& steps, const Readers& readers)
      : graph_(graph), steps_(steps), readers_(readers) {}

  /// The steps of a normalisation that begins with `mean`, from that on; empty when none does.
  [[nodiscard]] std::vector<LayerIndex> match(LayerIndex mean) const {
    if (op(mean) != "ReduceMean") return {};
    std::vector<LayerIndex> x_and_mean =
        steps_[mean].predecessors; // x may be an input of the network, or several layers'
    x_and_mean.push_back(mean);
    const auto d = reader(mean, "Sub", x_and_mean);
    if (!d || first_input(*d) != first_input(mean)) return {};
    const auto square = square_of(*d);
    const auto variance = square ? reader(*square, "ReduceMean", {*square}) : std::nullopt;
    const auto sum = variance ? reader(*variance, "Add", {*variance}) : std::nullopt;
    const auto root = sum ? reader(*sum, "Sqrt", {*sum}) : std::nullopt;
    const auto quotient = root ? reader(*root, "Div", {*d, *root}) : std::nullopt;
    if (!quotient) return {};
    const std::vector<LayerIndex> inner = {mean, *d, *square, *variance, *sum, *root};
    const std::size_t reads = 7; // each once, and d twice
    if (!only_read_inside(inner, reads)) return {};
    return with_scale({mean, *d, *square, *variance, *sum, *root, *quotient});
  }

 private:
  [[nodiscard]] std::string_view op(LayerIndex step) const { return graph_.nodes[steps_[step].node].op; }

  [[nodiscard]] ValueId first_input(LayerIndex step) const {
    const auto& inputs = graph_.nodes[steps_[step].node].inputs;
    return inputs.empty() ? kOmitted : inputs.front();
  }

  /// A step that reads `step` and nothing but `predecessors` (ascending).
  [[nodiscard]] std::optional<LayerIndex> reader(LayerIndex step, std::string_view name,
                                                 const std::vector<LayerIndex>& predecessors) const {
    for (const LayerIndex r : readers_[step]) {
      if (op(r) == name && steps_[r].predecessors == predecessors) return r;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::optional<LayerIndex> square_of(LayerIndex d) const {
    const auto power = reader(d, "Pow", {d});
    return power ? power : reader(d, "Mul", {d});
  }

  [[nodiscard]] bool only_read_inside(const std::vector<LayerIndex>& inner, std::size_t reads) const {
    std::size_t count = 0;
    for (const LayerIndex step : inner) {
      if (steps_[step].read_elsewhere) return false;
      count += readers_[step].size();
    }
    return count == reads;
  }

  /// Adds weight and bias, where they follow.
  [[nodiscard]] std::vector<LayerIndex> with_scale(std::vector<LayerIndex> found) const {
    for (const std::string_view name : {"Mul", "Add"}) {
      const LayerIndex last = found.back();
      const auto next = reader(last, name, {last});
      if (!next || !steps_[*next].joins || !only_read_inside({last}, 1)) break;
      found.push_back(*next);
    }
    return found;
  }

  const Graph& graph_;
  const std::vector<Step>& steps_;
  const Readers& readers_;
};

} // namespace

void join_normalisations(const Graph& graph, std::vector<Step>& steps, const Readers& readers,
                         std::vector<LayerIndex>& layer_of) {
  for (LayerIndex s = 0; s < steps.size(); ++s) {
    const std::vector<LayerIndex> found = NormalisationMatcher(graph, steps, readers).match(s);
    for (const LayerIndex step : found) layer_of[step] = s;
    // The layer's work is that on elements of the result, not that of the first mean.
    if (!found.empty()) steps[s].shape = steps[found.back()].shape;
  }
}

} // namespace terastal::from_onnx
