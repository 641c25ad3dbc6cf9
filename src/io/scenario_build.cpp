#include "io/scenario_build.hpp"

#include <algorithm> // find_if
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "io/arrivals_build.hpp"
#include "io/check.hpp"
#include "io/graph.hpp"
#include "io/names.hpp"
#include "io/network_pool.hpp"
#include "io/platform_build.hpp"
#include "terastal/core/text.hpp"

namespace terastal::io {
namespace {

/// Turns one scenario document into a scenario.
class ScenarioBuilder {
 public:
  ScenarioBuilder(const Value& document, DocumentReader& documents, Files& files, Diagnostics& diagnostics)
      : document_(document), documents_(documents), files_(files), diagnostics_(diagnostics) {}

  Scenario build() {
    scenario_.name = document_["scenario"].text().value_or("");
    scenario_.description = document_["description"].text().value_or("");
    scenario_.source = document_["source"].text().value_or("");
    scenario_.seed = document_["seed"].natural().value_or(1);
    read_limits();
    read_platform();
    execution_ = build_execution(document_["execution"], diagnostics_);
    const auto tasks = document_["tasks"].entries();
    if (!document_["tasks"].usable()) task_names_.set_incomplete();
    for (const Value& task : tasks) register_name(task);
    for (const Value& task : tasks) scenario_.tasks.push_back(read_task(task));
    finish_cascades(tasks);
    for (std::size_t t = 0; t < tasks.size(); ++t) settle_deadline(t, tasks[t]);
    scenario_.networks = networks_.take();
    return std::move(scenario_);
  }

 private:
  void read_limits() {
    const Value warm_up = document_["warm_up"];
    scenario_.horizon = document_["horizon"].duration().value_or(Duration{1});
    scenario_.warm_up = warm_up.duration().value_or(Duration::zero());
    if (warm_up.given() && document_["horizon"].usable() && scenario_.warm_up >= scenario_.horizon) {
      diagnostics_.error(warm_up.position(), "'warm_up' must be less than 'horizon': no job would be counted");
    }
  }

  void read_platform() {
    const std::size_t errors = diagnostics_.count();
    const Value platform = document_["platform"];
    bool sound = true;
    if (platform.is_map()) {
      build_platform_of(platform.node());
      sound = fits(platform.node(), documents_.declarations().platform());
    } else if (const auto path = platform.text()) {
      const Node* node =
          documents_.read(resolve(*platform.position().source, *path), platform.position(), DocumentKind::platform);
      if (node != nullptr) build_platform_of(*node);
    }
    binding_.complete = sound && diagnostics_.count() == errors && !scenario_.platform.types.empty();
    if (binding_.complete) {
      binding_.cost_models = make_cost_models(scenario_.platform, documents_.declarations().cost_models());
      binding_.group_models = make_group_cost_models(scenario_.platform, documents_.declarations().cost_models());
    }
  }

  void build_platform_of(const Node& node) {
    const Declarations& declarations = documents_.declarations();
    scenario_.platform = build_platform(Value(node, declarations.platform()), declarations.cost_models(), diagnostics_);
  }

  void register_name(const Value& task) {
    const auto name = task["name"].text();
    task_names_.add(name.value_or(""), registered_++, task["name"].position());
    if (!name) task_names_.set_incomplete();
  }

  Task read_task(const Value& value) {
    Task task;
    task.name = value["name"].text().value_or("");
    task.priority = static_cast<int>(value["priority"].integer().value_or(0));
    task.weight = value["weight"].number().value_or(1.0);
    task.theta = own_or_shared(value, "accuracy_threshold").number().value_or(0.0);
    task.late_jobs = own_or_shared(value, "late_jobs").choice_as<LateJobs>().value_or(LateJobs::run_on);
    const NetworkPool::Entry* network = networks_.open(value["network"]);
    read_network(task, value, network);
    read_alternatives(task, value);
    read_execution(task, value, network);
    read_releases(task, value, network);
    read_firm_requirement(task, value["mk"]);
    return task;
  }

  /// A task's key, or the scenario's when the task does not have it.
  Value own_or_shared(const Value& task, std::string_view key) const {
    return task[key].given() ? task[key] : document_[key];
  }

  void read_network(Task& task, const Value& value, const NetworkPool::Entry* network) {
    const Value granularity = own_or_shared(value, "granularity");
    const auto wanted = granularity.choice_as<Granularity>();
    if (network == nullptr || !wanted) return;
    task.network = networks_.at(*network, *wanted, task.theta, granularity.position()).value_or(0);
  }

  void read_alternatives(Task& task, const Value& value) {
    const std::size_t errors = diagnostics_.count();
    for (const Value& alternative : value["alternatives"].entries()) {
      const NetworkPool::Entry* network = networks_.open(alternative);
      const Value granularity = own_or_shared(value, "granularity");
      const auto wanted = granularity.choice_as<Granularity>();
      const auto index = network != nullptr && wanted
                             ? networks_.at(*network, *wanted, task.theta, granularity.position())
                             : std::nullopt;
      if (index) task.alternatives.push_back(*index);
    }
    if (diagnostics_.count() != errors) return;
    if (task.alternatives.empty()) {
      if (value["switch_points"].given()) {
        diagnostics_.error(value["switch_points"].position(), "'switch_points' need 'alternatives' to switch between");
      }
      return;
    }
    for (std::uint32_t a = 0; a <= task.alternatives.size(); ++a) {
      const Network& n = networks_.at(a == 0 ? task.network : task.alternatives[a - 1]);
      const bool skipped = !n.layers.empty() && n.layers.front().skip_probability > 0.0;
      if (n.chain && !skipped) continue;
      diagnostics_.error(value["alternatives"].position(),
                         fmt::format("task {}: {}; {} is not", in_quotes(task.name),
                                     n.chain
                                         ? "the first layer of a supernet's networks must be one that is never skipped"
                                         : "the networks of a supernet must be chains",
                                     n.chain ? "that of " + in_quotes(n.name) : in_quotes(n.name)));
    }
    for (const Value& point : value["switch_points"].entries()) read_switch_point(task, point);
  }

  /// One layer of each network, its own first.
  void read_switch_point(Task& task, const Value& point) {
    const auto names = point.entries();
    if (!point.usable()) return;
    if (names.size() != task.alternatives.size() + 1) {
      diagnostics_.error(point.position(),
                         fmt::format("a switch point names one layer of each network: {} names expected, got {}",
                                     task.alternatives.size() + 1, names.size()));
      return;
    }
    std::vector<LayerIndex> layers;
    for (std::uint32_t a = 0; a < names.size(); ++a) {
      const Network& n = networks_.at(a == 0 ? task.network : task.alternatives[a - 1]);
      const std::string name = names[a].text().value_or("");
      const auto found = std::find_if(n.layers.begin(), n.layers.end(), [&](const Layer& l) { return l.name == name; });
      if (found == n.layers.end() || found == n.layers.begin()) {
        diagnostics_.error(names[a].position(),
                           found == n.layers.end()
                               ? fmt::format("network {} has no layer {}", in_quotes(n.name), in_quotes(name))
                               : std::string("a switch point cannot be a network's first layer"));
        continue;
      }
      if (found->skip_probability > 0.0) {
        diagnostics_.error(names[a].position(),
                           fmt::format("layer {} may be skipped, so it cannot be a switch point", in_quotes(name)));
      }
      layers.push_back(static_cast<LayerIndex>(found - n.layers.begin()));
    }
    if (layers.size() == names.size()) task.switch_points.push_back(std::move(layers));
  }

  void read_execution(Task& task, const Value& value, const NetworkPool::Entry* network) {
    const auto own = build_execution(value["execution"], diagnostics_);
    task.execution = own ? *own : execution_.value_or(ExecutionTimes{});
    const bool unsampled = network != nullptr && network->sound && network->network.samples.empty();
    if (task.execution.kind == ExecutionTimes::Kind::samples && unsampled) {
      diagnostics_.error(own_or_shared(value, "execution").position(),
                         fmt::format("task {}: execution 'samples' needs a network with the key 'samples', which '{}' "
                                     "lacks",
                                     in_quotes(task.name), network->network.name));
    }
  }

  void read_releases(Task& task, const Value& value, const NetworkPool::Entry* network) {
    const Value after = value["after"];
    std::optional<Duration> derived = Duration{1}; // when nothing says better, an error was reported
    if (value["arrivals"].given()) {
      const std::size_t errors = diagnostics_.count();
      auto [arrivals, deadline] = build_arrivals(value["arrivals"], network, files_, diagnostics_);
      task.arrivals = std::move(arrivals);
      if (diagnostics_.count() == errors) derived = deadline;
    }
    if (after.is_map()) {
      const auto parent = after["task"].text();
      const auto index =
          parent ? task_names_.find({*parent, after["task"].position()}, "task " + in_quotes(task.name)) : std::nullopt;
      const bool from_root = after["deadline_from"].choice().value_or(0) == 0;
      if (index) {
        task.parent = {static_cast<TaskIndex>(*index), after["probability"].number().value_or(1.0), from_root};
        derived.reset();
      }
    }
    task.deadline = value["deadline"].duration().value_or(derived.value_or(Duration::zero()));
    if (value["deadline"].given() && !value["deadline"].usable()) task.deadline = Duration{1};
  }

  void read_firm_requirement(Task& task, const Value& mk) {
    if (!mk.is_map()) return;
    const auto m = mk["m"].natural();
    const auto k = mk["k"].natural();
    if (!m || !k) return;
    task.firm = {static_cast<int>(*m), static_cast<int>(*k)};
    if (*m > *k) diagnostics_.error(mk["m"].position(), fmt::format("'m' ({}) must not exceed 'k' ({})", *m, *k));
  }

  void finish_cascades(const std::vector<Value>& values) {
    Predecessors parents(scenario_.tasks.size());
    for (std::size_t t = 0; t < parents.size(); ++t) {
      if (scenario_.tasks[t].parent) parents[t].push_back(scenario_.tasks[t].parent->task);
    }
    const auto cycle = find_cycle(parents);
    if (!cycle.empty()) {
      std::vector<std::string> path;
      for (const std::size_t t : cycle) path.push_back(scenario_.tasks[t].name);
      path.push_back(path.front());
      diagnostics_.error(values[cycle.front()]["after"].position(), "the cascades form a cycle: " + join(path, " -> "));
    }
    for (const std::size_t t : topological_order(parents)) {
      Task& task = scenario_.tasks[t];
      if (task.parent && task.deadline == Duration::zero()) task.deadline = scenario_.tasks[task.parent->task].deadline;
    }
  }

  void settle_deadline(std::size_t t, const Value& value) {
    const Task& task = scenario_.tasks[t];
    if (task.deadline != Duration::zero() || task.parent) return;
    diagnostics_.error(value.position(), fmt::format("task {}: missing key 'deadline': its trace does not give one for "
                                                     "every release",
                                                     in_quotes(task.name)));
  }

  const Value& document_;
  DocumentReader& documents_;
  Files& files_;
  Diagnostics& diagnostics_;
  Scenario scenario_;
  Binding binding_{scenario_.platform};
  NetworkPool networks_{binding_, documents_, files_, diagnostics_};
  Names task_names_{"task", diagnostics_};
  std::size_t registered_ = 0;
  std::optional<ExecutionTimes> execution_;
};

} // namespace

Scenario build_scenario(const Value& document, DocumentReader& documents, Files& files, Diagnostics& diagnostics) {
  return ScenarioBuilder(document, documents, files, diagnostics).build();
}

} // namespace terastal::io
