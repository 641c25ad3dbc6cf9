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
    bool changed = !decisions_.starts().empty();
    const bool more = !decisions_.only_starts();
    if (more) changed = apply_before_starts(decisions_) || changed;
    for (const Decision& decision : decisions_.starts()) start(decision);
    if (more) changed = apply_after_starts(decisions_) || changed;
    if (!changed) return; // limits, and stops that change nothing, are no reason to ask again
  }
}

/// Drops and changes of network. \returns whether anything changed that the scheduler may act on.
[[gnu::noinline]] inline bool Simulator::apply_before_starts(const Decisions& decisions) {
  for (const ReadyId id : decisions.drops()) drop_by_decision(id);
  for (const NetworkDecision& decision : decisions.networks()) use_network(decision);
  return !decisions.drops().empty() || !decisions.networks().empty();
}

/// Pairs, stops and limits. Stops come after all starts: what they make ready was not there to be decided on, and may
/// take the id of what was dropped. \returns whether anything changed that the scheduler may act on.
[[gnu::noinline]] inline bool Simulator::apply_after_starts(const Decisions& decisions) {
  bool changed = !decisions.fusions().empty();
  for (const FuseDecision& decision : decisions.fusions()) fuse(decision);
  for (const StopDecision& decision : decisions.stops()) changed = stop(decision) || changed;
  for (const LimitDecision& decision : decisions.limits()) limit_memory(decision);
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
  Job& job = state_.jobs[slot];
  AcceleratorState& accelerator = state_.accelerators[decision.accelerator];
  if (decision.group != 1 && !extended_) reject(decision, "the platform has no groups of accelerators");

  Duration setup = view_.has_setup_costs() ? view_.setup_cost(slot, layer, decision.accelerator) : Duration::zero();
  Duration estimate = cost.latency;
  if (extended_) {
    const StretchTimes times = stretch_times(decision, cost.latency);
    setup = checked_add(setup, times.restore);
    estimate = times.latency;
  }
  const Time expected = checked_add(state_.now, checked_add(estimate, setup));
  Time finish = expected;
  if (!job.tables->runs_as_estimated) {
    Duration actual = actual_latency(decision, job, layer);
    if (estimate != cost.latency) actual = in_proportion(actual, estimate, cost.latency);
    finish = checked_add(state_.now, checked_add(actual, setup));
  }

  if (extended_) {
    begin_stretch(decision, slot, layer, {setup, expected, finish, cost.energy_nj});
  } else {
    job.energy_nj += cost.energy_nj;
  }
  mark_started(decision, job, layer);
  occupy(decision, accelerator, {slot, layer, decision.option}, job, expected, finish);
  remove_ready(decision.ready);
  const Event completion(finish, EventKind::completion, job.task, job.index, decision.accelerator);
  events_.push_completion(completion);
  announce_start(decision, layer, job, completion, setup, Fused::no);
}

/// \returns what the layer costs where it is to start.
[[gnu::always_inline]] inline const OptionCost& Simulator::check_start(const Decision& decision) const {
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

inline Duration Simulator::actual_latency(const Decision& decision, const Job& job, LayerIndex layer) const {
  const TaskTables& tables = *job.tables;
  return actual_time(*tables.task, *tables.network, job.task, job.draw, job.sample, layer, decision.option,
                     state_.accelerators[decision.accelerator].type, seed_);
}

/// What a start changes in the job.
[[gnu::always_inline]] inline void Simulator::mark_started(const Decision& decision, Job& job, LayerIndex layer) {
  ++job.running;
  if (decision.option != state_.ready_pool[decision.ready].original) {
    job.variants |= job.tables->variants[decision.option];
  }
  job.last_accelerator = decision.accelerator;
  if (job.dag != kNone) state_.dags[job.dag].ran_on[layer] = decision.accelerator;
}

/// What a start changes in the accelerator.
[[gnu::always_inline]] inline void Simulator::occupy(const Decision& decision, AcceleratorState& accelerator,
                                                     const Running& running, const Job& job, Time expected,
                                                     Time finish) {
  switch_to(accelerator, job.task);
  accelerator.running.job = running.job;
  accelerator.running.layer = running.layer;
  accelerator.running.option = running.option;
  accelerator.expected_free = expected;
  accelerator.finish = finish;
  accelerator.busy += finish - state_.now; // never more than `finish`
  ++accelerator.layers;
  state_.idle.erase(decision.accelerator);
}

inline void Simulator::switch_to(AcceleratorState& accelerator, TaskIndex task) {
  if (accelerator.last_task != task && accelerator.last_task != kNone) ++accelerator.switches;
  accelerator.last_task = task;
}

/// `completion`: the event that ends the layer.
[[gnu::always_inline]] inline void Simulator::announce_start(const Decision& decision, LayerIndex layer, const Job& job,
                                                             const Event& completion, Duration setup, Fused fused) {
  // One word for task, job, accelerator, layer and option.
  digest_.add(completion.low() + (std::uint64_t{layer} << 32 | decision.option) * 0x9E3779B97F4A7C15ULL);
  if (decision.group != 1 || job.alternative != 0) {
    digest_.add(std::uint64_t{decision.group} << 32 | job.alternative);
  }
  ++counters_.decisions;
  for (Observer* o : on_start_) {
    o->on_start({state_.now, completion.time(), setup, job.task, job.index, layer, decision.option,
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
