#include "import/onnx_flow.hpp"

#include <algorithm> // count_if, sort, unique
#include <utility>

#include <fmt/format.h>

#include "import/onnx_operators.hpp"

namespace terastal::from_onnx {
namespace {

/// The graph needs more memory than its size allows.
class TooManyDependencies : public NodeProblem {
 public:
  using NodeProblem::NodeProblem;
};

/// Steps that a value comes from.
struct Origin {
  std::vector<LayerIndex> steps; ///< ascending; none: an input of the network or a constant
  bool plain = true;             ///< no operator that is not known lies between
};

/// Origins of all values; equal ones are shared.
class Origins {
 public:
  using Id = std::uint32_t;
  static constexpr Id kNone = 0;

  Origins() { add({}); }

  Id add(Origin origin) {
    charge(origin.steps.size() + 1);
    origins_.push_back(std::move(origin));
    return static_cast<Id>(origins_.size() - 1);
  }

  /// Bounds memory and time: a graph can be made whose dependencies are the square of its size.
  void charge(std::size_t entries) {
    entries_ += entries;
    if (entries_ > kMostEntries) throw TooManyDependencies("the graph has too many dependencies");
  }

  [[nodiscard]] const Origin& operator[](Id id) const { return origins_[id]; }

  /// The origin of what is made of several values.
  Id join(std::vector<Id> ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (!ids.empty() && ids.front() == kNone) ids.erase(ids.begin());
    if (ids.empty()) return kNone;
    if (ids.size() == 1) return ids.front(); // shared
    Origin result;
    for (const Id id : ids) {
      const auto& steps = origins_[id].steps;
      charge(steps.size());
      result.steps.insert(result.steps.end(), steps.begin(), steps.end());
      result.plain = result.plain && origins_[id].plain;
    }
    std::sort(result.steps.begin(), result.steps.end());
    result.steps.erase(std::unique(result.steps.begin(), result.steps.end()), result.steps.end());
    return add(std::move(result));
  }

 private:
  static constexpr std::size_t kMostEntries = std::size_t{8} << 20U;
  std::vector<Origin> origins_;
  std::size_t entries_ = 0;
};

/// A constant that is the same for all elements, or for all of one channel.
bool is_per_channel(const Value& value) {
  if (!value.dims) return false;
  return std::count_if(value.dims->begin(), value.dims->end(), [](std::int64_t size) { return size != 1; }) <= 1;
}

bool is_empty(const LayerShape& shape) {
  return shape.n == 0 || shape.k == 0 || shape.c == 0 || shape.y == 0 || shape.x == 0 || shape.out_y == 0 ||
         shape.out_x == 0;
}

bool has_weights(OperatorKind kind) { return kind != OperatorKind::pool && kind != OperatorKind::elementwise; }

class FlowMaker {
 public:
  FlowMaker(const Graph& graph, const OnnxOptions& options) : graph_(graph), options_(options) {
    origins_of_.resize(graph.values.size(), Origins::kNone);
  }

  /// \throws NodeProblem
  void add(std::size_t index) {
    const Node& node = graph_.nodes[index];
    if (is_constant(node)) {
      ++flow_.constant;
      return;
    }
    const Op op(node, graph_.values);
    const Operator* known = find_operator(node.op);
    if (known == nullptr || known->role == Role::listed) return pass_unknown(node, {});
    if (!becomes_layer(known->role)) return pass(node);
    const Described described = known->describe(op);
    if (!described.shape) return pass_unknown(node, described.reason);
    if (is_empty(*described.shape)) return pass_unknown(node, "a tensor without elements");
    add_step(index, *described.shape, *known);
  }

  Flow finish() {
    for (const ValueId output : graph_.outputs) mark_read(origins_of_[output]);
    return std::move(flow_);
  }

 private:
  [[nodiscard]] bool is_constant(const Node& node) const {
    std::size_t made = 0;
    for (const ValueId output : node.outputs) {
      if (output == kOmitted) continue;
      if (!graph_.values[output].constant) return false;
      ++made;
    }
    return made > 0;
  }

  [[nodiscard]] bool becomes_layer(Role role) const {
    switch (role) {
    case Role::layer:
    case Role::pointwise:
      return true;
    case Role::format:
      return !options_.fuse;
    case Role::move:
      return options_.keep_data_movement;
    case Role::view:
    case Role::listed:
      break;
    }
    return false;
  }

  Origins::Id origin_of(const Node& node) {
    std::vector<Origins::Id> ids;
    for (const auto* values : {&node.inputs, &node.captured}) {
      for (const ValueId value : *values) {
        if (value != kOmitted) ids.push_back(origins_of_[value]);
      }
    }
    return origins_.join(std::move(ids));
  }

  void set_origin(const Node& node, Origins::Id origin) {
    for (const ValueId output : node.outputs) {
      if (output != kOmitted) origins_of_[output] = origin;
    }
  }

  void mark_read(Origins::Id origin) {
    for (const LayerIndex step : origins_[origin].steps) flow_.steps[step].read_elsewhere = true;
  }

  void pass(const Node& node) {
    ++flow_.passed_on[node.op];
    set_origin(node, origin_of(node));
  }

  void pass_unknown(const Node& node, const std::string& reason) {
    const auto [entry, is_new] = unknown_at_.try_emplace({node.op, reason}, flow_.unknown.size());
    if (is_new) flow_.unknown.push_back({node.op, {}, reason});
    flow_.unknown[entry->second].nodes.push_back(node.name);
    const Origins::Id origin = origin_of(node);
    mark_read(origin);
    set_origin(node, origin == Origins::kNone ? origin : origins_.add({origins_[origin].steps, false}));
  }

  void add_step(std::size_t index, const LayerShape& shape, const Operator& known) {
    const std::string problem = shape_problem(shape);
    if (!problem.empty()) fail(problem);
    const Node& node = graph_.nodes[index];
    const auto step = static_cast<LayerIndex>(flow_.steps.size());
    const Origins::Id before = origin_of(node);
    origins_.charge(origins_[before].steps.size());
    const bool joins = known.role == Role::pointwise && reads_layers_only(node);
    flow_.steps.push_back({index, shape, origins_[before].steps, has_weights(shape.kind), joins, false});
    set_origin(node, origins_.add({{step}, true}));
  }

  /// Whether an operator combines what layers make, of the size that it makes, with nothing but constants for elements
  /// or channels.
  [[nodiscard]] bool reads_layers_only(const Node& node) const {
    const auto& result = graph_.values[node.outputs.front()].dims;
    bool same_size = false;
    for (const ValueId id : node.inputs) {
      if (id == kOmitted) continue;
      const Value& value = graph_.values[id];
      const Origin& origin = origins_[origins_of_[id]];
      if (value.constant ? !is_per_channel(value) : origin.steps.empty() || !origin.plain) return false;
      same_size = same_size || (!value.constant && value.dims && element_count(*value.dims) == element_count(*result));
    }
    return same_size;
  }

  const Graph& graph_;
  const OnnxOptions& options_;
  Flow flow_;
  Origins origins_;
  std::vector<Origins::Id> origins_of_;                                   ///< of each value
  std::map<std::pair<std::string, std::string>, std::size_t> unknown_at_; ///< operator and reason
};

} // namespace

Flow make_flow(const Graph& graph, const OnnxOptions& options, Problems& problems) {
  FlowMaker maker(graph, options);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    try {
      maker.add(n);
    } catch (const TooManyDependencies& problem) {
      problems.add(problem.what());
      break;
    } catch (const NodeProblem& problem) {
      problems.add(fmt::format("{}: {}", shown(graph.nodes[n]), problem.what()));
    }
  }
  return maker.finish();
}

} // namespace terastal::from_onnx
