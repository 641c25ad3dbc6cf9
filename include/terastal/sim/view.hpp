#pragma once

#include <algorithm> // max
#include <optional>
#include <span>
#include <vector>

#include "terastal/model/estimates.hpp"
#include "terastal/sim/state.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// The options of a layer: [original, end) of the network's options, the original first.
struct LayerOptions {
  OptionIndex original = 0;
  OptionIndex end = 1;
};

/// What follows from the scenario alone and is looked up during the run, laid out for that.
struct TaskTables {
  TaskTables(const Task& t, const Network& n, const Platform& platform)
      : task(&t), network(&n), type_count(n.type_count),
        runs_as_estimated(t.execution.kind == ExecutionTimes::Kind::equal), estimates(estimate(n, platform)),
        valid(n, t.theta) {
    for (const auto& layer : n.layers) layers.push_back({layer.first_option, layer.first_option + layer.option_count});
    for (const auto& option : n.options) variants.push_back(option.variants);
    for (std::size_t i = 0; i < n.latency.size(); ++i) costs.push_back({n.latency[i], n.energy_nj[i]});
  }

  const Task* task;
  const Network* network;
  std::size_t type_count;
  bool runs_as_estimated; ///< actual times are the table's
  std::vector<LayerOptions> layers;
  std::vector<VariantSet> variants; ///< what each option adds
  std::vector<OptionCost> costs;    ///< `options × types`
  NetworkEstimates estimates;
  ValidSets valid;
  BestCase best_case; ///< with variants only if the policy uses them
};

/// What a scheduler may see: the state of the system, estimated times, never actual ones. Read-only; valid during the
/// call it is passed to.
class SystemView {
 public:
  SystemView(const Scenario& scenario, const std::vector<TaskTables>& tables, const SystemState& state,
             bool has_setup_costs)
      : scenario_(&scenario), tables_(&tables), state_(&state), type_count_(scenario.platform.types.size()),
        has_setup_costs_(has_setup_costs) {}

  [[nodiscard]] Time now() const { return state_->now; }
  [[nodiscard]] const Scenario& scenario() const { return *scenario_; }
  [[nodiscard]] const Platform& platform() const { return scenario_->platform; }

  // -- ready layers and their jobs ------------------------------------------------------------------------------

  /// The ready layers, in no particular order (the same in every run).
  [[nodiscard]] std::span<const ReadyId> ready() const { return state_->ready.ids(); }
  /// Those that became ready since the scheduler was last asked, in order of becoming ready; for policies that keep an
  /// index. A layer in it may have been dropped since: see `is`.
  [[nodiscard]] std::span<const ReadyId> newly_ready() const { return state_->newly_ready.ids(); }
  [[nodiscard]] const ReadyLayer& layer(ReadyId id) const { return state_->ready_pool[id]; }
  [[nodiscard]] const Job& job(ReadyId id) const { return state_->jobs[state_->ready_pool[id].job]; }
  /// Whether `id` is ready and belongs to the given job. For policies that keep an index of ready ids: ids are reused
  /// after a drop.
  [[nodiscard]] bool is(ReadyId id, TaskIndex task, JobIndex index) const {
    if (state_->drops == 0) return true;
    const JobSlot slot = state_->ready_pool[id].job;
    return slot != kNone && state_->jobs[slot].task == task && state_->jobs[slot].index == index;
  }

  [[nodiscard]] const TaskTables& tables(TaskIndex task) const { return (*tables_)[task]; }
  [[nodiscard]] const Network& network(ReadyId id) const { return *job(id).tables->network; }

  /// The layer's options, the original first.
  [[nodiscard]] LayerOptions options(ReadyId id) const { return job(id).tables->layers[layer(id).layer]; }
  /// The option that runs the layer unchanged.
  [[nodiscard]] OptionIndex original(ReadyId id) const { return layer(id).original; }
  /// Whether the job's variant set stays valid with this option of the layer.
  [[nodiscard]] bool allowed(ReadyId id, OptionIndex option) const {
    const Job& j = job(id);
    const TaskTables& t = *j.tables;
    const VariantSet added = t.variants[option];
    return added == 0 || t.valid.valid(j.variants | added);
  }

  // -- accelerators ------------------------------------------------------------------------------------------------

  [[nodiscard]] std::uint32_t accelerator_count() const {
    return static_cast<std::uint32_t>(state_->accelerators.size());
  }
  [[nodiscard]] const IdleSet& idle() const { return state_->idle; }
  [[nodiscard]] bool is_idle(AcceleratorIndex a) const { return state_->idle.contains(a); }
  [[nodiscard]] TypeIndex type_of(AcceleratorIndex a) const { return state_->accelerators[a].type; }
  /// When the accelerator is expected to be free: now if idle; a busy one that overran its estimate counts as now.
  [[nodiscard]] Time free_at(AcceleratorIndex a) const {
    return is_idle(a) ? now() : std::max(now(), state_->accelerators[a].expected_free);
  }
  /// The task whose layer ran last on the accelerator; kNone before the first.
  [[nodiscard]] TaskIndex last_task(AcceleratorIndex a) const { return state_->accelerators[a].last_task; }

  // -- estimates -----------------------------------------------------------------------------------------------------

  /// Latency from the table; kCannotRun if the type cannot run the option. Without transfer and switch costs.
  [[nodiscard]] Duration latency(ReadyId id, OptionIndex option, TypeIndex type) const {
    const ReadyLayer& ready = layer(id);
    return ready.costs[(option - ready.original) * type_count_ + type].latency;
  }
  /// Transfers of the layer's inputs and the model switch, if it started on `a` now.
  [[nodiscard]] Duration setup(ReadyId id, AcceleratorIndex a) const {
    return has_setup_costs_ ? setup_cost(state_->ready_pool[id].job, state_->ready_pool[id].layer, a)
                            : Duration::zero();
  }
  /// latency + setup on an accelerator; kCannotRun if it cannot run the option.
  [[nodiscard]] Duration cost(ReadyId id, OptionIndex option, AcceleratorIndex a) const {
    const Duration l = latency(id, option, type_of(a));
    return has_setup_costs_ && l != kCannotRun ? checked_add(l, setup(id, a)) : l;
  }
  /// Longest path of fastest latencies from the layer to the end of its network, the layer included.
  [[nodiscard]] Duration remaining(ReadyId id) const { return job(id).tables->estimates.fastest_tail[layer(id).layer]; }

  /// Sparsity measured in a layer that the job has finished; nothing when its sample has none. Only layers before
  /// the ready one may be asked for: what has not run is not known.
  [[nodiscard]] std::optional<double> measured_sparsity(ReadyId id, LayerIndex finished) const;

  [[nodiscard]] bool has_setup_costs() const { return has_setup_costs_; }
  /// Transfers and switch for any layer of a job in flight; see `setup`.
  [[nodiscard]] Duration setup_cost(JobSlot job, LayerIndex layer, AcceleratorIndex a) const;

 private:
  const Scenario* scenario_;
  const std::vector<TaskTables>* tables_;
  const SystemState* state_;
  std::size_t type_count_;
  bool has_setup_costs_;
};

inline std::optional<double> SystemView::measured_sparsity(ReadyId id, LayerIndex finished) const {
  const Job& j = job(id);
  const SampleTable& samples = j.tables->network->samples;
  if (j.sample == kNoSample || samples.sparsity.empty()) return std::nullopt;
  return samples.sparsity[j.sample * j.tables->network->layers.size() + finished];
}

inline Duration SystemView::setup_cost(JobSlot slot, LayerIndex layer, AcceleratorIndex a) const {
  const Job& j = state_->jobs[slot];
  const Network& n = *j.tables->network;
  const AcceleratorState& target = state_->accelerators[a];
  Duration cost{0};
  if (target.last_task != kNone && target.last_task != j.task) cost = platform().types[target.type].model_switch;
  for (const LayerIndex p : n.layers[layer].predecessors) {
    const AcceleratorIndex from = j.dag == kNone ? j.last_accelerator : state_->dags[j.dag].ran_on[p];
    if (from == a) continue;
    const Transfer transfer = platform().transfer(state_->accelerators[from].type, target.type);
    cost = checked_add(cost, transfer.time(n.layers[p].output_bytes));
  }
  return cost;
}

} // namespace terastal
