#pragma once

#include <algorithm> // max
#include <optional>
#include <span>
#include <vector>

#include "terastal/model/estimates.hpp"
#include "terastal/sim/execution.hpp"
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
      : task(&t), network(&n), type_count(n.type_count), probabilistic(n.probabilistic()),
        runs_as_estimated(t.execution.kind == ExecutionTimes::Kind::equal), estimates(estimate(n, platform)),
        valid(n, t.theta) {
    for (const auto& layer : n.layers) layers.push_back({layer.first_option, layer.first_option + layer.option_count});
    for (const auto& option : n.options) variants.push_back(option.variants);
    for (std::size_t i = 0; i < n.latency.size(); ++i) costs.push_back({n.latency[i], n.energy_nj[i]});
  }

  const Task* task;
  const Network* network;
  std::size_t type_count;
  bool probabilistic;     ///< layers may be skipped or end the job
  bool runs_as_estimated; ///< actual times are the table's
  std::vector<LayerOptions> layers;
  std::vector<VariantSet> variants; ///< what each option adds
  std::vector<OptionCost> costs;    ///< `options × types`
  NetworkEstimates estimates;
  ValidSets valid;
  BestCase best_case;                   ///< with variants only if the policy uses them
  std::vector<TaskTables> alternatives; ///< of a supernet's further networks
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
  /// Of one network of a task: 0 its own, else 1 + index into Task::alternatives.
  [[nodiscard]] const TaskTables& tables(TaskIndex task, std::uint32_t alternative) const {
    const TaskTables& own = (*tables_)[task];
    return alternative == 0 ? own : own.alternatives[alternative - 1];
  }
  /// How far the layer is; nothing done unless it was stopped before.
  [[nodiscard]] Progress progress(ReadyId id) const;
  /// Whether the job of a ready layer may run another network of its task now; see `Decisions::use_network`.
  [[nodiscard]] bool may_use_network(ReadyId id, std::uint32_t alternative) const {
    return layer_in(id, alternative) != kNone;
  }
  /// The layer that takes the place of the ready one in another network of the task; kNone if it may not run that now.
  [[nodiscard]] LayerIndex layer_in(ReadyId id, std::uint32_t alternative) const;
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

  /// What runs on a busy accelerator.
  [[nodiscard]] const Running& running(AcceleratorIndex a) const { return state_->accelerators[a].running; }
  /// The job whose layer runs on a busy accelerator.
  [[nodiscard]] const Job& running_job(AcceleratorIndex a) const { return job_of(running(a)); }
  /// The job of a running layer.
  [[nodiscard]] const Job& job_of(const Running& running) const { return state_->jobs[running.job]; }
  /// The accelerator that leads the group a busy one works in; itself outside groups.
  [[nodiscard]] AcceleratorIndex leader(AcceleratorIndex a) const {
    return state_->occupations.empty() ? a : state_->occupations[a].leader;
  }
  /// The other layer of a fused pair that runs on a busy accelerator; null when one layer runs there.
  [[nodiscard]] const Running* partner(AcceleratorIndex a) const {
    if (state_->occupations.empty() || state_->occupations[a].partner.job == kNone) return nullptr;
    return &state_->occupations[a].partner;
  }
  /// Whether what runs there was told to stop.
  [[nodiscard]] bool stopping(AcceleratorIndex a) const {
    return !state_->occupations.empty() && state_->occupations[leader(a)].stop_at > 0;
  }
  /// Estimated time to the end of the layer that runs on a busy accelerator, the rest of its set-up included.
  [[nodiscard]] Duration left(AcceleratorIndex a) const { return free_at(a) - now(); }
  /// Preemption, groups, memory; only where the platform has extensions.
  [[nodiscard]] const Occupation& occupation(AcceleratorIndex a) const { return state_->occupations[a]; }
  /// Number of idle accelerators of a type.
  [[nodiscard]] std::uint32_t idle_count(TypeIndex type) const { return state_->idle.count(type); }

  // -- estimates -----------------------------------------------------------------------------------------------------

  /// Latency from the table; kCannotRun if the type cannot run the option. Without transfer and switch costs.
  [[nodiscard]] Duration latency(ReadyId id, OptionIndex option, TypeIndex type) const {
    const ReadyLayer& ready = layer(id);
    return ready.costs[(option - ready.original) * type_count_ + type].latency;
  }
  /// Latency on a group of accelerators of a type, 1 included; kCannotRun if it has no groups of that size.
  [[nodiscard]] Duration latency(ReadyId id, OptionIndex option, TypeIndex type, std::uint32_t group) const;
  /// Time of two layers that run as a fused pair on one accelerator of a type, without transfers and switch costs;
  /// kCannotRun where the type does not fuse, or the times of their parts are not known. With compute and memory times
  /// c and m of each, max(c₁ + c₂, m₁ + m₂) + overhead, and what each layer takes beyond max(c, m) as it stands: fixed
  /// costs do not overlap (our reading).
  [[nodiscard]] Duration fused_latency(ReadyId first, OptionIndex first_option, ReadyId second,
                                       OptionIndex second_option, TypeIndex type) const;
  /// What is left of the layer, its context restored, without transfers and switch costs: `latency` for a layer that
  /// was not stopped before. kCannotRun if it cannot run there.
  [[nodiscard]] Duration latency_left(ReadyId id, OptionIndex option, TypeIndex type, std::uint32_t group = 1) const;
  /// Energy of moving contexts if the layer started on `a` now; 0 unless the platform gives it. In nanojoules.
  [[nodiscard]] double context_energy_nj(ReadyId id, AcceleratorIndex a) const {
    return state_->occupations.empty() ? 0.0 : context_energy(layer(id).job, layer(id).layer, a);
  }
  /// Energy of the option from the table, without contexts. In nanojoules.
  [[nodiscard]] double energy_nj(ReadyId id, OptionIndex option, TypeIndex type) const {
    const ReadyLayer& ready = layer(id);
    return ready.costs[(option - ready.original) * type_count_ + type].energy_nj;
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
  /// See `context_energy_nj`; for any layer of a job in flight, where the platform has extensions.
  [[nodiscard]] double context_energy(JobSlot job, LayerIndex layer, AcceleratorIndex a) const;
  /// See `progress`; for any waiting layer of a job in flight.
  [[nodiscard]] const Progress& progress_of(const Job& job, LayerIndex layer) const {
    return job.dag == kNone ? job.progress : state_->dags[job.dag].progress[layer];
  }

 private:
  const Scenario* scenario_;
  const std::vector<TaskTables>* tables_;
  const SystemState* state_;
  std::size_t type_count_;
  bool has_setup_costs_;
};

inline Progress SystemView::progress(ReadyId id) const {
  return state_->occupations.empty() ? Progress{} : progress_of(job(id), layer(id).layer);
}

inline LayerIndex SystemView::layer_in(ReadyId id, std::uint32_t alternative) const {
  const Job& j = job(id);
  const Task& task = *j.tables->task;
  if (alternative > task.alternatives.size() || j.variants != 0 || progress(id).begun()) return kNone;
  const LayerIndex here = layer(id).layer;
  if (alternative == j.alternative) return here;
  if (here == 0) return 0;
  for (const auto& point : task.switch_points) {
    if (point[j.alternative] == here) return point[alternative];
  }
  return kNone;
}

inline Duration SystemView::latency(ReadyId id, OptionIndex option, TypeIndex type, std::uint32_t group) const {
  if (group == 1) return latency(id, option, type);
  const auto& sizes = platform().types[type].group_sizes;
  if (!std::binary_search(sizes.begin(), sizes.end(), group)) return kCannotRun;
  return network(id).group_latency[option * platform().group_columns() + platform().group_column(type, group)];
}

inline Duration SystemView::latency_left(ReadyId id, OptionIndex option, TypeIndex type, std::uint32_t group) const {
  const Duration whole = latency(id, option, type, group);
  const auto& preemption = platform().types[type].preemption;
  if (whole == kCannotRun || !preemption) return whole;
  const Progress p = progress(id);
  if (p.in_tiles_of(preemption->tiles) == 0) return whole;
  const Duration restore = preemption->context.time(network(id).layers[layer(id).layer].output_bytes);
  return checked_add(restore, share_of_tiles(whole, p.in_tiles_of(preemption->tiles), preemption->tiles));
}

inline Duration SystemView::fused_latency(ReadyId first, OptionIndex first_option, ReadyId second,
                                          OptionIndex second_option, TypeIndex type) const {
  const auto& fusion = platform().types[type].fusion;
  if (!fusion) return kCannotRun;
  const FusionParts a = network(first).fusion_parts_of(first_option, type);
  const FusionParts b = network(second).fusion_parts_of(second_option, type);
  if (!a.known() || !b.known()) return kCannotRun;
  const Duration alone = checked_add(latency(first, first_option, type), latency(second, second_option, type));
  const Duration together = std::max(a.compute + b.compute, a.memory + b.memory);
  return checked_add(alone - (a.alone() + b.alone()) + together, fusion->overhead);
}

inline double SystemView::context_energy(JobSlot slot, LayerIndex layer, AcceleratorIndex a) const {
  const Job& j = state_->jobs[slot];
  const Occupation& o = state_->occupations[a];
  const double per_byte = platform().types[state_->accelerators[a].type].context_energy_pj;
  if (per_byte == 0.0 || o.last_task == kNone || (o.last_task == j.task && o.last_job == j.index)) return 0.0;
  std::uint64_t bytes = o.last_output_bytes;
  for (const LayerIndex p : j.tables->network->layers[layer].predecessors) {
    bytes += j.tables->network->layers[p].output_bytes;
  }
  return static_cast<double>(bytes) * per_byte * 1e-3;
}

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
  // A layer that was stopped has its input where it was stopped.
  const bool begun = !state_->occupations.empty() && progress_of(j, layer).begun();
  for (const LayerIndex p : n.layers[layer].predecessors) {
    const AcceleratorIndex from = j.dag == kNone ? j.last_accelerator : state_->dags[j.dag].ran_on[begun ? layer : p];
    if (from == a || from == kNone) continue; // there already, or skipped
    const Transfer transfer = platform().transfer(state_->accelerators[from].type, target.type);
    cost = checked_add(cost, transfer.time(n.layers[p].output_bytes));
  }
  return cost;
}

} // namespace terastal
