#include <algorithm> // all_of
#include <numeric>   // iota
#include <queue>
#include <set>

#include "import/onnx_flow.hpp"

namespace terastal::from_onnx {
namespace {

/// Grows the layer of one step by those that join it.
class Group {
 public:
  Group(LayerIndex start, const std::vector<Step>& steps, const Readers& readers) : steps_(steps), readers_(readers) {
    add(start);
  }

  /// The members that others see one output of; the start is one of them.
  std::vector<LayerIndex> members() {
    constexpr std::size_t most = 32; // longer runs of element-wise operators are not what one layer does
    std::size_t best = 1;
    while (!next_.empty() && members_.size() < most) {
      const LayerIndex step = next_.top();
      next_.pop();
      if (inside_.count(step) > 0 || !can_join(step)) continue;
      add(step);
      if (outputs() <= 1) best = members_.size();
    }
    members_.resize(best);
    return members_;
  }

 private:
  void add(LayerIndex step) {
    members_.push_back(step);
    inside_.insert(step);
    for (const LayerIndex reader : readers_[step]) {
      if (steps_[reader].joins) next_.push(reader);
    }
  }

  [[nodiscard]] bool can_join(LayerIndex step) const {
    const auto& before = steps_[step].predecessors;
    return std::all_of(before.begin(), before.end(), [&](LayerIndex p) { return inside_.count(p) > 0; });
  }

  /// Members whose output is read outside, or by nobody: that is an end, too.
  [[nodiscard]] std::size_t outputs() const {
    std::size_t count = 0;
    for (const LayerIndex member : members_) {
      const auto& readers = readers_[member];
      const bool inside =
          std::all_of(readers.begin(), readers.end(), [&](LayerIndex r) { return inside_.count(r) > 0; });
      count += !inside || readers.empty() || steps_[member].read_elsewhere ? 1 : 0;
    }
    return count;
  }

  const std::vector<Step>& steps_;
  const Readers& readers_;
  std::vector<LayerIndex> members_; ///< in the order in which they joined
  std::set<LayerIndex> inside_;
  std::priority_queue<LayerIndex, std::vector<LayerIndex>, std::greater<>> next_; ///< ascending: each after its inputs
};

} // namespace

std::vector<LayerIndex> unfused(const std::vector<Step>& steps) {
  std::vector<LayerIndex> layer_of(steps.size());
  std::iota(layer_of.begin(), layer_of.end(), LayerIndex{0});
  return layer_of;
}

std::vector<LayerIndex> fuse(const Graph& graph, std::vector<Step>& steps) {
  std::vector<LayerIndex> layer_of = unfused(steps);
  Readers readers(steps.size());
  for (LayerIndex s = 0; s < steps.size(); ++s) {
    for (const LayerIndex p : steps[s].predecessors) readers[p].push_back(s);
  }
  join_normalisations(graph, steps, readers, layer_of);
  for (LayerIndex s = 0; s < steps.size(); ++s) {
    if (!steps[s].takes) continue;
    for (const LayerIndex member : Group(s, steps, readers).members()) layer_of[member] = s;
  }
  return layer_of;
}

} // namespace terastal::from_onnx
