#pragma once

// Bodies of Simulator: asking the scheduler, carrying out what it decides, and the pools that jobs live in.

#include "terastal/sim/simulator.hpp"

namespace terastal {

// -- decisions

inline void Simulator::ask_scheduler() {
  while (may_ask()) {
    decisions_.clear();
    ++counters_.asked;
    scheduler_->dispatch(view_, decisions_);
    state_.newly_ready.clear();
    if (decisions_.wake() != kNever) set_wake(decisions_.wake());
    if (decisions_.empty()) return;
    bool changed = !decisions_.starts().empty() || !decisions_.fusions().empty();
    if (!decisions_.only_starts()) changed = apply_rare(decisions_) || changed;
    for (const Decision& decision : decisions_.starts()) start(decision);
    for (const FuseDecision& decision : decisions_.fusions()) fuse(decision);
    // Last: what they make ready was not there to be decided on, and may take the id of what was dropped.
    for (const StopDecision& decision : decisions_.stops()) changed = stop(decision) || changed;
    for (const LimitDecision& decision : decisions_.limits()) limit_memory(decision);
    if (!changed) return; // limits, and stops that change nothing, are no reason to ask again
  }
}

/// Drops and changes of network. \returns whether anything changed that the scheduler may act on.
[[gnu::noinline]] inline bool Simulator::apply_rare(const Decisions& decisions) {
  bool changed = !decisions.drops().empty() || !decisions.networks().empty();
  for (const ReadyId id : decisions.drops()) drop_by_decision(id);
  for (const NetworkDecision& decision : decisions.networks()) use_network(decision);
  return changed;
}

inline void Simulator::use_network(const NetworkDecision& d) {
  const Decision named{d.ready, 0, kNone};
  if (d.ready >= state_.ready_pool.size() || state_.ready_pool[d.ready].job == kNone) {
    reject(named, "the layer whose job is to change its network is not ready");
  }
  const LayerIndex layer = view_.layer_in(d.ready, d.alternative);
  if (layer == kNone) reject(named, "the job may not run that network now");
  ReadyLayer& ready = state_.ready_pool[d.ready];
  Job& job = state_.jobs[ready.job];
  job.alternative = d.alternative;
  job.tables = &view_.tables(job.task, d.alternative);
  job.layers_left = static_cast<std::uint32_t>(job.tables->network->layers.size()) - layer;
  ready.layer = layer;
  ready.original = job.tables->layers[layer].original;
  ready.costs = job.tables->costs.data() + ready.original * job.tables->type_count;
}

inline void Simulator::set_wake(Time wake) {
  if (wake <= state_.now || wake >= wake_) return;
  wake_ = wake;
  events_.push(Event(wake, EventKind::timer, kSchedulerTimer, 0, 0));
}

inline void Simulator::drop_by_decision(ReadyId id) {
  if (id >= state_.ready_pool.size()) reject({id, 0, kNone}, "the layer to drop is not ready");
  // Another layer of the job may have been named before.
  if (state_.ready_pool[id].job != kNone) drop_job(state_.ready_pool[id].job);
}

inline void Simulator::start(const Decision& decision) {
  const OptionCost& cost = check_start(decision);
  // Field by field: a copy of the struct as a whole would wait for the stores that have just filled it.
  const JobSlot slot = state_.ready_pool[decision.ready].job;
  const LayerIndex layer = state_.ready_pool[decision.ready].layer;
  if (decision.group != 1 && !extended_) reject(decision, "the platform has no groups of accelerators");

  Stretch stretch{Duration::zero(), {}, {}, cost.energy_nj};
  if (view_.has_setup_costs()) stretch.setup = view_.setup_cost(slot, layer, decision.accelerator);
  Duration estimate = cost.latency;
  if (extended_) {
    const StretchTimes times = stretch_times(decision, cost.latency);
    stretch.setup = checked_add(stretch.setup, times.restore);
    estimate = times.latency;
  }
  stretch.expected = stretch.finish = checked_add(state_.now, checked_add(estimate, stretch.setup));
  if (!state_.jobs[slot].tables->runs_as_estimated) {
    Duration actual = actual_latency(decision, slot, layer);
    if (estimate != cost.latency) actual = in_proportion(actual, estimate, cost.latency);
    stretch.finish = checked_add(state_.now, checked_add(actual, stretch.setup));
  }

  if (extended_) {
    begin_stretch(decision, slot, layer, stretch);
  } else {
    state_.jobs[slot].energy_nj += cost.energy_nj;
  }
  mark_started(decision, slot, layer);
  occupy(decision, slot, layer, stretch);
  announce_start(decision, layer, state_.jobs[slot], stretch, Fused::no);
}

/// \returns what the layer costs where it is to start.
inline const OptionCost& Simulator::check_start(const Decision& decision) const {
  if (decision.ready >= state_.ready_pool.size() || state_.ready_pool[decision.ready].job == kNone) {
    reject(decision, "the layer is not ready");
  }
  const ReadyLayer& ready = state_.ready_pool[decision.ready];
  const Job& job = state_.jobs[ready.job];
  const OptionIndex added_options = decision.option - ready.original;
  if (added_options != 0) check_variant(decision, *job.tables, ready.layer, job);
  if (decision.accelerator >= state_.accelerators.size()) reject(decision, "there is no such accelerator");
  if (!state_.idle.contains(decision.accelerator)) reject(decision, "the accelerator is busy");
  const TypeIndex type = state_.accelerators[decision.accelerator].type;
  const OptionCost& cost = ready.costs[added_options * job.tables->type_count + type];
  if (cost.latency == kCannotRun) reject(decision, "the accelerator cannot run the layer");
  return cost;
}

inline Duration Simulator::actual_latency(const Decision& decision, JobSlot slot, LayerIndex layer) const {
  const Job& job = state_.jobs[slot];
  const TaskTables& tables = *job.tables;
  return actual_time(*tables.task, *tables.network, job.task, job.draw, job.sample, layer, decision.option,
                     state_.accelerators[decision.accelerator].type, seed_);
}

/// What a start changes in the job.
inline void Simulator::mark_started(const Decision& decision, JobSlot slot, LayerIndex layer) {
  Job& job = state_.jobs[slot];
  ++job.running;
  if (decision.option != state_.ready_pool[decision.ready].original) {
    job.variants |= job.tables->variants[decision.option];
  }
  job.last_accelerator = decision.accelerator;
  if (job.dag != kNone) state_.dags[job.dag].ran_on[layer] = decision.accelerator;
  remove_ready(decision.ready);
}

/// What a start changes in the accelerator.
inline void Simulator::occupy(const Decision& decision, JobSlot slot, LayerIndex layer, const Stretch& stretch) {
  const Job& job = state_.jobs[slot];
  AcceleratorState& accelerator = state_.accelerators[decision.accelerator];
  switch_to(accelerator, slot);
  accelerator.running.job = slot;
  accelerator.running.layer = layer;
  accelerator.running.option = decision.option;
  accelerator.expected_free = stretch.expected;
  accelerator.finish = stretch.finish;
  accelerator.busy += stretch.finish - state_.now; // never more than `finish`
  ++accelerator.layers;
  state_.idle.erase(decision.accelerator);
  events_.push_completion(Event(stretch.finish, EventKind::completion, job.task, job.index, decision.accelerator));
}

inline void Simulator::switch_to(AcceleratorState& accelerator, JobSlot slot) {
  const TaskIndex task = state_.jobs[slot].task;
  if (accelerator.last_task != task && accelerator.last_task != kNone) ++accelerator.switches;
  accelerator.last_task = task;
}

inline void Simulator::announce_start(const Decision& decision, LayerIndex layer, const Job& job,
                                      const Stretch& stretch, Fused fused) {
  // One word for task, job, accelerator, layer and option.
  const Event completion(stretch.finish, EventKind::completion, job.task, job.index, decision.accelerator);
  digest_.add(completion.low() + (std::uint64_t{layer} << 32 | decision.option) * 0x9E3779B97F4A7C15ULL);
  if (decision.group != 1 || job.alternative != 0) {
    digest_.add(std::uint64_t{decision.group} << 32 | job.alternative);
  }
  ++counters_.decisions;
  for (Observer* o : on_start_) {
    o->on_start({state_.now, stretch.finish, stretch.setup, job.task, job.index, layer, decision.option,
                 decision.accelerator, decision.group,
                 extended_ ? state_.occupations[decision.accelerator].tiles_before : 0, job.alternative, fused});
  }
}

inline void Simulator::check_variant(const Decision& d, const TaskTables& tables, LayerIndex layer,
                                     const Job& job) const {
  const LayerOptions options = tables.layers[layer];
  if (d.option < options.original || d.option >= options.end) reject(d, "the option does not belong to the layer");
  if (!tables.valid.valid(job.variants | tables.variants[d.option])) {
    reject(d, "the job's variant set would become invalid");
  }
}

[[gnu::noinline]] inline void Simulator::reject(const Decision& d, const char* rule) const {
  std::string message = "policy '" + std::string(scheduler_->name()) + "' made an illegal decision at " +
                        std::to_string(to_ps(state_.now)) + " ps: " + rule;
  if (d.ready < state_.ready_pool.size() && state_.ready_pool[d.ready].job != kNone) {
    const Job& job = view_.job(d.ready);
    message += "; task '" + scenario_->tasks[job.task].name + "', job " + std::to_string(job.index) + ", layer '" +
               view_.network(d.ready).layers[view_.layer(d.ready).layer].name + "'";
  }
  if (d.accelerator < state_.accelerators.size()) {
    message += ", accelerator '" + scenario_->platform.accelerators[d.accelerator].name + "'";
  }
  throw PolicyError(message);
}

// -- pools

inline JobSlot Simulator::allocate_job() {
  if (!state_.free_jobs.empty()) {
    const JobSlot slot = state_.free_jobs.back();
    state_.free_jobs.pop_back();
    return slot;
  }
  if (state_.jobs.size() > Event::kMaxPayload) {
    throw SimulationError(
        "more than 2^20 jobs in flight: the system is overloaded; shorten the horizon or drop late jobs "
        "(late_jobs: drop_at_deadline or drop_hopeless)");
  }
  state_.jobs.emplace_back();
  return static_cast<JobSlot>(state_.jobs.size() - 1);
}

inline std::uint32_t Simulator::allocate_dag(const Network& network) {
  std::uint32_t block = 0;
  if (state_.free_dags.empty()) {
    block = static_cast<std::uint32_t>(state_.dags.size());
    state_.dags.emplace_back();
  } else {
    block = state_.free_dags.back();
    state_.free_dags.pop_back();
  }
  DagState& dag = state_.dags[block];
  dag.missing.clear();
  for (const auto& layer : network.layers) dag.missing.push_back(static_cast<std::uint32_t>(layer.predecessors.size()));
  dag.ran_on.assign(network.layers.size(), kNone);
  if (extended_) dag.progress.assign(network.layers.size(), Progress{});
  return block;
}

inline void Simulator::make_ready(JobSlot slot, LayerIndex layer) {
  if (state_.free_ready == kNone) grow_ready_pool();
  const ReadyId id = state_.free_ready;
  state_.free_ready = state_.ready_pool[id].position;
  const TaskTables& tables = *state_.jobs[slot].tables;
  const OptionIndex original = tables.layers[layer].original;
  ReadyLayer& ready = state_.ready_pool[id];
  ready.job = slot;
  ready.layer = layer;
  ready.position = static_cast<std::uint32_t>(state_.ready.size());
  ready.original = original;
  ready.since = state_.now;
  ready.costs = tables.costs.data() + original * tables.type_count;
  state_.ready.add(id);
  state_.newly_ready.add(id);
}

[[gnu::noinline]] inline void Simulator::grow_ready_pool() {
  if (state_.ready_pool.size() > Event::kMaxPayload) {
    throw SimulationError("more than 2^20 ready layers: the system is overloaded");
  }
  state_.free_ready = static_cast<ReadyId>(state_.ready_pool.size());
  state_.ready_pool.emplace_back().position = kNone;
  state_.ready.make_room(state_.ready_pool.size());
  state_.newly_ready.make_room(state_.ready_pool.size());
}

inline void Simulator::remove_ready(ReadyId id) {
  ReadyLayer& gone = state_.ready_pool[id];
  const ReadyId moved = state_.ready.replace_by_last(gone.position);
  state_.ready_pool[moved].position = gone.position;
  gone.job = kNone;
  gone.position = state_.free_ready;
  state_.free_ready = id;
}

} // namespace terastal
