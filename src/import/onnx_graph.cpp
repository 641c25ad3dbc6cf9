#include "import/onnx_graph.hpp"

#include <algorithm> // find
#include <functional>
#include <queue>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace terastal::from_onnx {
namespace {

constexpr std::size_t kNoNode = std::numeric_limits<std::size_t>::max();

/// Gives each node a name that no other has.
class UniqueNames {
 public:
  std::string make(const proto::NodeProto& node, std::size_t index) {
    std::string name = clean(node.name());
    if (name.empty()) name = fmt::format("{}_{}", clean(node.op_type()), index);
    if (used_.insert(name).second) return name;
    std::size_t& suffix = suffixes_.try_emplace(name, 1).first->second;
    while (true) {
      std::string candidate = fmt::format("{}_{}", name, ++suffix);
      if (used_.insert(candidate).second) return candidate;
    }
  }

 private:
  std::set<std::string> used_;
  std::unordered_map<std::string, std::size_t> suffixes_;
};

std::string operator_name(const proto::NodeProto& node) {
  const bool standard = node.domain().empty() || node.domain() == "ai.onnx";
  return standard ? clean(node.op_type()) : clean(node.domain()) + "::" + clean(node.op_type());
}

class GraphBuilder {
 public:
  GraphBuilder(const proto::GraphProto& from, Problems& problems) : from_(from), problems_(problems) {}

  Graph build() {
    add_constants();
    add_inputs();
    add_nodes();
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) link(n);
    for (const auto& output : from_.output()) {
      const auto found = ids_.find(output.name());
      if (found == ids_.end()) {
        problems_.add(fmt::format("the graph's output {} is not made by any node", shown(output.name())));
      } else {
        graph_.outputs.push_back(found->second);
      }
    }
    sort();
    return std::move(graph_);
  }

 private:
  /// A new value; kOmitted after reporting that there is one of that name.
  ValueId add(const std::string& name, const std::string& maker, Value value) {
    const auto id = static_cast<ValueId>(graph_.values.size());
    if (!ids_.emplace(name, id).second) {
      problems_.add(fmt::format("{}: there is a value {} already", maker, shown(name)));
      return kOmitted;
    }
    value.name = clean(name);
    graph_.values.push_back(std::move(value));
    makers_.push_back(kNoNode);
    return id;
  }

  template <typename Tensor>
  void add_constant(const Tensor& tensor, const std::string& name) {
    const std::string maker = fmt::format("initializer {}", shown(name));
    try {
      add(name, maker, value_of(tensor));
    } catch (const NodeProblem& problem) {
      problems_.add(fmt::format("{}: {}", maker, problem.what()));
    }
  }

  void add_constants() {
    for (const auto& tensor : from_.initializer()) add_constant(tensor, tensor.name());
    for (const auto& tensor : from_.sparse_initializer()) add_constant(tensor, tensor.values().name());
  }

  /// Up to version 3 of the format, constants stand among the inputs, too.
  void add_inputs() {
    const std::size_t constants = graph_.values.size();
    for (const auto& input : from_.input()) {
      const auto known = ids_.find(input.name());
      if (known != ids_.end() && known->second < constants) continue;
      const ValueId id = add(input.name(), "graph", {});
      if (id != kOmitted) graph_.inputs.push_back(id);
    }
  }

  void add_nodes() {
    UniqueNames names;
    graph_.nodes.reserve(static_cast<std::size_t>(from_.node_size()));
    for (const auto& source : from_.node()) {
      const std::size_t index = graph_.nodes.size();
      Node& node = graph_.nodes.emplace_back();
      node.proto = &source;
      node.name = names.make(source, index);
      node.op = operator_name(source);
      for (const std::string& name : source.output()) {
        node.outputs.push_back(name.empty() ? kOmitted : add(name, shown(node), {}));
        if (node.outputs.back() != kOmitted) makers_[node.outputs.back()] = index;
      }
    }
  }

  void link(std::size_t index) {
    Node& node = graph_.nodes[index];
    for (const std::string& name : node.proto->input()) {
      const auto found = ids_.find(name);
      if (!name.empty() && found == ids_.end()) {
        problems_.add(fmt::format("{}: its input {} is not defined", shown(node), shown(name)));
      }
      node.inputs.push_back(found == ids_.end() ? kOmitted : found->second);
    }
    InnerNames inner;
    collect(*node.proto, inner);
    for (const std::string_view name : inner.used) {
      const auto found = ids_.find(name);
      if (found != ids_.end() && inner.defined.count(name) == 0) node.captured.push_back(found->second);
    }
  }

  /// Names in the inner graphs of a node.
  struct InnerNames {
    std::set<std::string_view> used;
    std::set<std::string_view> defined;
  };

  static void collect(const proto::NodeProto& node, InnerNames& names) {
    for (const auto& attribute : node.attribute()) {
      if (attribute.has_g()) collect(attribute.g(), names);
      for (const auto& inner : attribute.graphs()) collect(inner, names);
    }
  }

  static void collect(const proto::GraphProto& inner, InnerNames& names) {
    for (const auto& input : inner.input()) names.defined.insert(input.name());
    for (const auto& constant : inner.initializer()) names.defined.insert(constant.name());
    for (const auto& output : inner.output()) names.used.insert(output.name());
    for (const auto& node : inner.node()) {
      names.used.insert(node.input().begin(), node.input().end());
      names.defined.insert(node.output().begin(), node.output().end());
      collect(node, names);
    }
  }

  /// Calls `use` with each node that `node` depends on; once for each value.
  template <typename Use>
  void for_each_dependency(const Node& node, const Use& use) const {
    for (const auto* values : {&node.inputs, &node.captured}) {
      for (const ValueId value : *values) {
        if (value != kOmitted && makers_[value] != kNoNode) use(makers_[value]);
      }
    }
  }

  /// Puts the nodes into topological order; of those that may come next, the first in the file does.
  void sort() {
    std::vector<std::size_t> missing(graph_.nodes.size(), 0);
    std::vector<std::vector<std::size_t>> users(graph_.nodes.size());
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      for_each_dependency(graph_.nodes[n], [&](std::size_t maker) {
        users[maker].push_back(n);
        ++missing[n];
      });
    }
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t n = 0; n < missing.size(); ++n) {
      if (missing[n] == 0) ready.push(n);
    }
    std::vector<std::size_t> order;
    while (!ready.empty()) {
      const std::size_t n = ready.top();
      ready.pop();
      for (const std::size_t user : users[n]) {
        if (--missing[user] == 0) ready.push(user);
      }
      order.push_back(n);
    }
    if (order.size() < graph_.nodes.size()) return report_cycle(missing);
    std::vector<Node> sorted;
    sorted.reserve(order.size());
    for (const std::size_t n : order) sorted.push_back(std::move(graph_.nodes[n]));
    graph_.nodes = std::move(sorted);
  }

  /// From a node that waits, going to a node it waits for leads into a cycle.
  void report_cycle(const std::vector<std::size_t>& missing) {
    std::size_t at = 0;
    while (missing[at] == 0) ++at;
    std::vector<std::size_t> way;
    std::vector<bool> passed(missing.size(), false);
    while (!passed[at]) {
      passed[at] = true;
      way.push_back(at);
      for_each_dependency(graph_.nodes[at], [&](std::size_t maker) {
        if (missing[maker] > 0) at = maker;
      });
    }
    const auto first = std::find(way.begin(), way.end(), at);
    constexpr std::ptrdiff_t most_shown = 5;
    std::string text = shown(graph_.nodes[at].name);
    for (auto n = way.end(); n != first && way.end() - n < most_shown;) {
      --n;
      text += " → " + shown(graph_.nodes[*n].name);
    }
    if (way.end() - first > most_shown) text += " → …";
    problems_.add(fmt::format("{}: it depends on itself: {}", shown(graph_.nodes[at]), text));
  }

  const proto::GraphProto& from_;
  Problems& problems_;
  Graph graph_;
  std::unordered_map<std::string_view, ValueId> ids_; ///< views into the model
  std::vector<std::size_t> makers_;                   ///< of each value; kNoNode: an input or constant
};

} // namespace

Graph build_graph(const proto::GraphProto& graph, Problems& problems) { return GraphBuilder(graph, problems).build(); }

std::string shown(const Node& node) { return fmt::format("node {} ({})", shown(node.name), node.op); }

} // namespace terastal::from_onnx
