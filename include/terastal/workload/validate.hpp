#pragma once

#include <algorithm>
#include <cstddef>
#include <functional> // greater_equal
#include <set>
#include <string>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// Checks a scenario built in code: indices, ranges, topological order, acyclic cascades, tables that fit the platform.
/// Scenarios read from files have passed it. \throws InputError listing every problem.
void validate(const Scenario& scenario);

namespace detail {

/// Collects the problems of one scenario.
class ScenarioChecker {
 public:
  explicit ScenarioChecker(const Scenario& scenario) : scenario_(scenario) {}

  std::vector<Diagnostic> check() {
    check_limits();
    check_platform();
    for (const auto& network : scenario_.networks) check_network(network);
    for (TaskIndex t = 0; t < scenario_.tasks.size(); ++t) check_task(t);
    return std::move(problems_);
  }

 private:
  void require(bool holds, const std::string& where, const std::string& rule) {
    if (!holds) problems_.push_back({"scenario '" + scenario_.name + "'", 0, 0, where + ": " + rule});
  }

  void check_limits() {
    require(!scenario_.tasks.empty(), "tasks", "at least one is needed");
    require(scenario_.tasks.size() <= 8191, "tasks", "at most 8191");
    require(scenario_.horizon > Duration::zero(), "horizon", "must be above 0 s");
    require(scenario_.warm_up >= Duration::zero() && scenario_.warm_up < scenario_.horizon, "warm_up",
            "must be at least 0 s and less than the horizon");
  }

  void check_platform() {
    const Platform& p = scenario_.platform;
    require(!p.accelerators.empty(), "platform", "at least one accelerator is needed");
    require(p.accelerators.size() <= 16384, "platform", "at most 16384 accelerators");
    require(p.transfers.empty() || p.transfers.size() == p.types.size() * p.types.size(), "platform",
            "transfers must hold types × types entries");
    for (const auto& a : p.accelerators) {
      require(a.type < p.types.size(), "accelerator '" + a.name + "'", "type index out of range");
    }
    for (const auto& t : p.types) check_extensions(p, t);
    if (problems_.empty()) check_types_are_used(p);
  }

  void check_extensions(const Platform& p, const AcceleratorType& t) {
    const std::string where = "accelerator type '" + t.name + "'";
    const auto& sizes = t.group_sizes;
    const bool ascending = std::adjacent_find(sizes.begin(), sizes.end(), std::greater_equal<>()) == sizes.end();
    require(ascending && (sizes.empty() || sizes.front() > 1), where, "group sizes must ascend and be above 1");
    const auto index = static_cast<TypeIndex>(&t - p.types.data());
    const auto count = std::count_if(p.accelerators.begin(), p.accelerators.end(),
                                     [&](const Accelerator& a) { return a.type == index; });
    require(sizes.empty() || static_cast<std::ptrdiff_t>(sizes.back()) <= count, where,
            "a group cannot be larger than the number of its accelerators");
    require(!t.preemption || (t.preemption->tiles >= 1 && t.preemption->tiles <= kMostTiles), where,
            "tiles must be in [1, 65536]");
    require(!t.fusion || t.fusion->overhead >= Duration::zero(), where, "the overhead of fusion must be at least 0 s");
    require(t.context_energy_pj >= 0.0, where, "the context energy must be at least 0");
    if (p.memory_bytes_per_second == 0.0) return;
    require(p.memory_bytes_per_second > 0.0, "platform", "the memory bandwidth must be above 0");
    // A layer that runs at changing speed has no tiles of equal time, a group no traffic of its own, and the parts of a
    // fused pair assume the accelerator's own path to memory.
    require(!t.preemption && sizes.empty() && !t.fusion, where,
            "preemption, groups and fusion cannot be combined with a shared memory (platform: memory)");
  }

  void check_types_are_used(const Platform& p) {
    for (TypeIndex t = 0; t < p.types.size(); ++t) {
      const bool used =
          std::any_of(p.accelerators.begin(), p.accelerators.end(), [&](const auto& a) { return a.type == t; });
      require(used, "accelerator type '" + p.types[t].name + "'", "has no accelerator");
    }
  }

  void check_network(const Network& n) {
    const std::string where = "network '" + n.name + "'";
    require(!n.layers.empty(), where, "at least one layer is needed");
    require(n.type_count == scenario_.platform.types.size(), where, "its table must have the platform's types");
    require(n.latency.size() == n.options.size() * n.type_count, where, "latency must hold options × types entries");
    require(n.energy_nj.size() == n.latency.size(), where, "energy must hold options × types entries");
    require(n.group_latency.size() == n.options.size() * scenario_.platform.group_columns(), where,
            "group latency must hold options × group columns entries");
    require(n.traffic_bytes.empty() || n.traffic_bytes.size() == n.latency.size(), where,
            "traffic must hold options × types entries, or none");
    require(n.fusion_parts.empty() || n.fusion_parts.size() == n.latency.size(), where,
            "fusion parts must hold options × types entries, or none");
    if (n.fusion_parts.size() == n.latency.size()) check_fusion_parts(n, where);
    require(n.samples.sparsity.empty() || n.samples.sparsity.size() == n.samples.ids.size() * n.layers.size(), where,
            "sparsity must hold samples × layers entries, or none");
    require(n.percentiles.empty() || n.percentiles.size() == n.latency.size(), where,
            "percentiles must hold options × types entries, or none");
    for (const TimePercentiles& p : n.percentiles) {
      const bool ascending = Duration::zero() < p.p50 && p.p50 <= p.p95 && p.p95 <= p.p99;
      require(ascending || p == TimePercentiles{}, where, "percentiles must ascend from above 0 s");
    }
    require(n.samples.latency.size() == n.samples.ids.size() * n.layers.size() * n.type_count, where,
            "sample latencies must hold samples × layers × types entries");
    require(n.variant_names.size() <= 64, where, "at most 64 variants");
    if (n.latency.size() != n.options.size() * n.type_count) return;
    for (LayerIndex l = 0; l < n.layers.size(); ++l) check_layer(n, l, where + ", layer '" + n.layers[l].name + "'");
  }

  void check_fusion_parts(const Network& n, const std::string& where) {
    for (std::size_t cell = 0; cell < n.fusion_parts.size(); ++cell) {
      const FusionParts& parts = n.fusion_parts[cell];
      require(parts.compute >= Duration::zero() && parts.memory >= Duration::zero(), where,
              "fusion parts must be at least 0 s");
      require(n.latency[cell] == kCannotRun || parts.alone() <= n.latency[cell], where,
              "fusion parts must not be above the latency");
    }
  }

  void check_layer(const Network& n, LayerIndex l, const std::string& where) {
    const Layer& layer = n.layers[l];
    for (const LayerIndex p : layer.predecessors) require(p < l, where, "predecessors must come before it");
    const auto probability = [](double p) { return p >= 0.0 && p <= 1.0; };
    require(probability(layer.skip_probability) && probability(layer.exit_probability), where,
            "probabilities must be in [0, 1]");
    require(layer.exit_probability == 0.0 || n.chain, where, "early exit needs a network that is a chain");
    const bool in_range = layer.option_count >= 1 && layer.first_option + layer.option_count <= n.options.size();
    require(in_range, where, "options out of range");
    if (!in_range) return;
    require(n.options[layer.first_option].variants == 0, where, "its first option must be the original");
    require(n.fastest(layer.first_option) != kCannotRun, where, "no accelerator can run it");
    const VariantSet known =
        n.variant_names.size() >= 64 ? ~VariantSet{0} : (VariantSet{1} << n.variant_names.size()) - 1;
    for (OptionIndex o = layer.first_option; o < layer.first_option + layer.option_count; ++o) {
      require((n.options[o].variants & ~known) == 0, where, "its options must use the network's variants");
      for (TypeIndex t = 0; t < n.type_count; ++t) {
        require(n.latency_of(o, t) > Duration::zero(), where, "latencies must be above 0");
      }
    }
  }

  void check_task(TaskIndex index) {
    const Task& t = scenario_.tasks[index];
    const std::string where = "task '" + t.name + "'";
    require(t.network < scenario_.networks.size(), where, "network index out of range");
    require(t.deadline > Duration::zero(), where, "the deadline must be above 0 s");
    require(t.weight > 0.0, where, "the weight must be above 0");
    require(t.theta >= 0.0 && t.theta <= 1.0, where, "the accuracy threshold must be in [0, 1]");
    if (t.firm) require(1 <= t.firm->m && t.firm->m <= t.firm->k && t.firm->k <= 64, where, "mk needs 1 ≤ m ≤ k ≤ 64");
    if (t.execution.kind == ExecutionTimes::Kind::samples && t.network < scenario_.networks.size()) {
      require(!scenario_.network_of(index).samples.empty(), where, "execution 'samples' needs a network with samples");
    }
    require(t.switch_points.empty() || !t.alternatives.empty(), where, "switch points need alternatives");
    if (!t.alternatives.empty()) check_alternatives(index, where);
    check_execution(t, where);
    check_arrivals(t, where);
    check_cascade(index, where);
  }

  void check_alternatives(TaskIndex index, const std::string& where) {
    const Task& t = scenario_.tasks[index];
    const auto known = [&](std::uint32_t n) { return n < scenario_.networks.size(); };
    if (!known(t.network) || !std::all_of(t.alternatives.begin(), t.alternatives.end(), known)) {
      return require(false, where, "the network index of an alternative is out of range");
    }
    for (std::uint32_t a = 0; a <= t.alternatives.size(); ++a) {
      const Network& n = scenario_.network_of(index, a);
      require(n.chain, where, "the networks of a supernet must be chains; '" + n.name + "' is not");
      require(n.layers.front().skip_probability == 0.0, where, "the first layer of a supernet cannot be skipped");
    }
    require(t.execution.kind != ExecutionTimes::Kind::samples, where,
            "execution 'samples' and alternatives cannot be combined");
    for (const auto& point : t.switch_points) {
      const bool complete = point.size() == t.alternatives.size() + 1;
      require(complete, where, "a switch point names one layer of each network");
      for (std::uint32_t a = 0; complete && a < point.size(); ++a) {
        require(point[a] > 0 && point[a] < scenario_.network_of(index, a).layers.size(), where,
                "a switch point names a layer after the first");
        require(point[a] >= scenario_.network_of(index, a).layers.size() ||
                    scenario_.network_of(index, a).layers[point[a]].skip_probability == 0.0,
                where, "a layer of a switch point cannot be skipped");
      }
    }
  }

  void check_execution(const Task& t, const std::string& where) {
    const ExecutionTimes& e = t.execution;
    if (e.kind == ExecutionTimes::Kind::uniform) {
      require(0.0 < e.low && e.low <= e.high, where, "execution 'uniform' needs 0 < low ≤ high");
    }
    if (e.kind == ExecutionTimes::Kind::lognormal) require(e.cv >= 0.0, where, "the cv must be at least 0");
  }

  void check_trace(const Task& t, const TraceArrivals& trace, const std::string& where) {
    Time last{};
    for (const auto& entry : trace.entries) {
      require(entry.release >= last, where, "the releases of a trace must ascend from 0");
      require(!entry.deadline || *entry.deadline > Duration::zero(), where,
              "the deadlines of a trace must be above 0 s");
      require(!entry.weight || *entry.weight > 0.0, where, "the weights of a trace must be above 0");
      if (entry.sample && t.execution.kind == ExecutionTimes::Kind::samples && t.network < scenario_.networks.size()) {
        require(scenario_.networks[t.network].samples.find(*entry.sample).has_value(), where,
                "the trace names sample " + std::to_string(*entry.sample) + ", which the network does not have");
      }
      last = entry.release;
    }
  }

  void check_arrivals(const Task& t, const std::string& where) {
    const auto positive = [&](Duration d, const char* what) {
      require(d > Duration::zero(), where, std::string(what) + " must be above 0 s");
    };
    if (const auto* a = std::get_if<PeriodicArrivals>(&t.arrivals)) {
      positive(a->period, "the period");
      require(a->jitter >= Duration::zero(), where, "the jitter must be at least 0 s");
      require(!a->phase || *a->phase >= Duration::zero(), where, "the phase must be at least 0 s");
    } else if (const auto* s = std::get_if<SporadicArrivals>(&t.arrivals)) {
      positive(s->period, "the period");
      require(s->extra >= Duration::zero(), where, "the extra distance must be at least 0 s");
      require(!s->phase || *s->phase >= Duration::zero(), where, "the phase must be at least 0 s");
    } else if (const auto* p = std::get_if<PoissonArrivals>(&t.arrivals)) {
      positive(p->mean_gap, "the mean distance of releases");
    } else if (const auto* b = std::get_if<BurstArrivals>(&t.arrivals)) {
      positive(b->mean_gap, "the mean distance of releases");
      positive(b->mean_on, "the mean on period");
      positive(b->mean_off, "the mean off period");
    } else if (const auto* trace = std::get_if<TraceArrivals>(&t.arrivals)) {
      check_trace(t, *trace, where);
    }
  }

  void check_cascade(TaskIndex index, const std::string& where) {
    const Task& t = scenario_.tasks[index];
    if (!t.parent) return;
    require(t.parent->probability >= 0.0 && t.parent->probability <= 1.0, where, "the probability must be in [0, 1]");
    require(std::holds_alternative<NoArrivals>(t.arrivals), where, "a cascade has no arrivals of its own");
    std::set<TaskIndex> seen{index};
    for (const Task* at = &t; at->parent; at = &scenario_.tasks[at->parent->task]) {
      if (at->parent->task >= scenario_.tasks.size()) return require(false, where, "parent index out of range");
      if (!seen.insert(at->parent->task).second) return require(false, where, "the cascade is a cycle");
    }
  }

  static constexpr std::uint32_t kMostTiles = 65536;

  const Scenario& scenario_;
  std::vector<Diagnostic> problems_;
};

} // namespace detail

inline void validate(const Scenario& scenario) {
  auto problems = detail::ScenarioChecker(scenario).check();
  if (!problems.empty()) throw InputError(std::move(problems));
}

} // namespace terastal
