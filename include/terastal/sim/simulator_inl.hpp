#pragma once

// Bodies of Simulator, in the order in which things happen: releases, completions, late jobs.

#include "terastal/sim/simulator.hpp"

namespace terastal {

// -- construction

inline Simulator::Simulator(const Scenario& scenario, Scheduler& scheduler, std::uint64_t seed)
    : scenario_(&scenario), scheduler_(&scheduler), seed_(seed),
      view_(scenario, tables_, state_, scenario.platform.has_setup_costs()) {
  if (scenario.tasks.size() > Event::kMaxTask) throw SimulationError("more than 8191 tasks");
  scheduler.prepare(scenario);
  for (const auto& accelerator : scenario.platform.accelerators) {
    state_.accelerators.emplace_back().type = accelerator.type;
  }
  state_.idle = IdleSet(scenario.platform);
  preemptive_ = scheduler.preemptive();
  if (Observer* feedback = scheduler.feedback()) add_observer(*feedback);
  extended_ = scenario.platform.has_extensions();
  if (extended_) state_.occupations.resize(scenario.platform.accelerators.size());
  for (AcceleratorIndex a = 0; a < state_.occupations.size(); ++a) state_.occupations[a].leader = a;
  tasks_.resize(scenario.tasks.size());
  for (TaskIndex t = 0; t < tasks_.size(); ++t) {
    const Task& task = scenario.tasks[t];
    const Network& network = scenario.network_of(t);
    TaskTables& tables = tables_.emplace_back(task, network, scenario.platform);
    if (task.late_jobs == LateJobs::drop_hopeless) {
      tables.best_case = BestCase(network, tables.valid, scheduler.uses_variants());
      any_hopeless_rule_ = true;
    }
    for (const std::uint32_t n : task.alternatives) {
      TaskTables& other = tables.alternatives.emplace_back(task, scenario.networks[n], scenario.platform);
      if (task.late_jobs == LateJobs::drop_hopeless)
        other.best_case = BestCase(*other.network, other.valid, scheduler.uses_variants());
    }
    if (task.parent) tasks_[task.parent->task].children.push_back(t);
    tasks_[t].arrivals = ArrivalStream(task.arrivals, seed, t);
    schedule_next_arrival(t);
  }
}

inline void Simulator::add_observer(Observer& observer) {
  const unsigned wanted = observer.interests();
  if ((wanted & Observer::releases) != 0) on_release_.push_back(&observer);
  if ((wanted & Observer::starts) != 0) on_start_.push_back(&observer);
  if ((wanted & Observer::finishes) != 0) on_finish_.push_back(&observer);
  if ((wanted & Observer::job_ends) != 0) on_job_end_.push_back(&observer);
  if ((wanted & Observer::instants) != 0) on_instant_.push_back(&observer);
  if ((wanted & Observer::stops) != 0) on_stop_.push_back(&observer);
  if ((wanted & Observer::skips) != 0) on_skip_.push_back(&observer);
}

// -- the clock

inline std::optional<Time> Simulator::next_event_time() const {
  if (events_.empty()) return std::nullopt;
  return events_.top().time();
}

inline bool Simulator::step() {
  if (events_.empty()) return false;
  Event event = events_.take();
  const Time instant = event.time();
  state_.now = instant;
  for (;;) {
    apply(event);
    if (superseded_ > 0) discard_superseded();
    if (events_.top().time() != instant) break;
    event = events_.take();
  }
  if (any_hopeless_rule_) drop_hopeless();
  ask_scheduler();
  if (memory_changed_) share_memory();
  if (superseded_ > 0) discard_superseded();
  for (Observer* o : on_instant_) {
    o->on_instant({instant, state_.idle.count(), static_cast<std::uint32_t>(state_.ready.size())});
  }
  return true;
}

inline void Simulator::run_until(Time time) {
  while (!events_.empty() && events_.top().time() <= time) step();
  state_.now = std::max(state_.now, time);
}

inline bool Simulator::run(const std::function<bool()>& keep_going) {
  constexpr int kInstantsBetweenQuestions = 4096;
  for (;;) {
    for (int i = 0; i < kInstantsBetweenQuestions; ++i) {
      if (step()) continue;
      if (state_.ready.empty()) return true;
      throw SimulationError("policy '" + std::string(scheduler_->name()) + "' left " +
                            std::to_string(state_.ready.size()) +
                            " ready layers waiting for ever, the first of task '" +
                            scenario_->tasks[view_.job(state_.ready[0]).task].name + "'");
    }
    if (keep_going && !keep_going()) return false;
  }
}

inline void Simulator::apply(const Event& event) {
  ++counters_.events;
  digest_.add(static_cast<std::uint64_t>(to_ps(event.time())));
  digest_.add(event.low());
  switch (event.kind()) {
  case EventKind::completion:
    return complete_layer(event.payload());
  case EventKind::release:
    if (event.payload() == kFromArrivals) return release_arrival(event.task());
    return release_pending(event.task(), event.payload());
  case EventKind::timer:
    if (event.task() == kSchedulerTimer) return wake_up();
    return at_deadline(event.task(), event.job(), event.payload());
  }
}

// -- releases

inline void Simulator::schedule_next_arrival(TaskIndex task) {
  TaskRun& run = tasks_[task];
  const auto next = run.arrivals.next();
  if (!next || next->time >= Time{scenario_->horizon}) return;
  check_job_limit(task);
  run.next_entry = next->entry;
  events_.push(Event(next->time, EventKind::release, task, run.jobs, kFromArrivals));
}

inline void Simulator::schedule_pending(const PendingRelease& pending, JobIndex order) {
  std::uint32_t slot = 0;
  if (free_pending_.empty()) {
    slot = static_cast<std::uint32_t>(pending_.size());
    if (slot >= kFromArrivals) throw SimulationError("more than 2^20 pending releases");
    pending_.push_back(pending);
  } else {
    slot = free_pending_.back();
    free_pending_.pop_back();
    pending_[slot] = pending;
  }
  events_.push(Event(pending.request.release, EventKind::release, pending.request.task, order, slot));
}

inline void Simulator::submit(const Submission& submission) {
  if (submission.task >= tasks_.size()) throw SimulationError("submit: no such task");
  if (submission.release < state_.now) throw SimulationError("submit: the release is in the past");
  if (submission.deadline && *submission.deadline <= Duration::zero()) {
    throw SimulationError("submit: the deadline must be above 0 s");
  }
  if (submission.sample && !tables_[submission.task].network->samples.find(*submission.sample)) {
    throw SimulationError("submit: no such sample");
  }
  if (submission.weight && !(*submission.weight > 0.0)) throw SimulationError("submit: the weight must be above 0");
  TaskRun& run = tasks_[submission.task];
  run.last_submission = std::max(run.last_submission + 1, run.jobs);
  schedule_pending({std::nullopt, submission}, run.last_submission);
}

inline void Simulator::release_arrival(TaskIndex task) {
  const TraceEntry* entry = tasks_[task].next_entry;
  create_job(task, entry, nullptr);
  schedule_next_arrival(task);
}

inline void Simulator::release_pending(TaskIndex task, std::uint32_t slot) {
  const PendingRelease pending = pending_[slot];
  free_pending_.push_back(slot);
  const TraceEntry entry{pending.request.release, pending.request.deadline, pending.request.priority,
                         pending.request.sample, pending.request.weight};
  create_job(task, &entry, pending.parent ? &*pending.parent : nullptr);
}

inline void Simulator::check_job_limit(TaskIndex task) const {
  if (tasks_[task].jobs <= Event::kMaxJob) return;
  throw SimulationError("task '" + scenario_->tasks[task].name + "': more than 2^29 jobs");
}

inline void Simulator::create_job(TaskIndex task, const TraceEntry* entry, const CascadeParent* parent) {
  const Task& t = scenario_->tasks[task];
  const Network& network = *tables_[task].network;
  TaskRun& run = tasks_[task];
  check_job_limit(task);
  const JobSlot slot = allocate_job();
  Job& job = state_.jobs[slot];
  job = Job{};
  job.task = task;
  job.tables = &tables_[task];
  job.index = run.jobs++;
  job.release = state_.now;
  job.draw = parent != nullptr ? parent->draw : job.index;
  job.root_release = parent != nullptr ? parent->root_release : state_.now;
  const Duration relative = entry != nullptr && entry->deadline ? *entry->deadline : t.deadline;
  const bool from_root = t.parent && t.parent->deadline_from_root;
  job.deadline = checked_add(from_root ? job.root_release : job.release, relative);
  job.last_served = state_.now;
  job.priority = entry != nullptr && entry->priority ? *entry->priority : t.priority;
  job.weight = entry != nullptr && entry->weight ? *entry->weight : t.weight;
  job.layers_left = static_cast<std::uint32_t>(network.layers.size());
  if (t.execution.kind == ExecutionTimes::Kind::samples) {
    const auto row = entry != nullptr && entry->sample ? network.samples.find(*entry->sample) : std::nullopt;
    job.sample = row ? *row : draw_sample(network, seed_, task, job.draw);
  }
  for (Observer* o : on_release_) o->on_release({state_.now, task, job.index, job.deadline, job.root_release});
  if (t.late_jobs == LateJobs::drop_at_deadline) {
    events_.push(Event(std::max(job.deadline, state_.now), EventKind::timer, task, job.index, slot));
  }
  if (network.chain) return advance(slot, 0);
  job.dag = allocate_dag(network);
  for (LayerIndex l = 0; l < network.layers.size(); ++l) {
    if (network.layers[l].predecessors.empty()) advance(slot, l);
  }
}

// -- completions

inline void Simulator::complete_layer(AcceleratorIndex accelerator) {
  if (extended_) return complete_extended(accelerator);
  state_.idle.insert(accelerator);
  end_layer(accelerator, state_.accelerators[accelerator].running);
}

[[gnu::noinline]] inline void Simulator::complete_extended(AcceleratorIndex accelerator) {
  const Running& running = state_.accelerators[accelerator].running;
  Occupation& occupation = state_.occupations[accelerator];
  if (occupation.stop_at > 0) return stop_stretch(accelerator, occupation.stop_at, false);
  free_group(accelerator);
  progress_of(state_.jobs[running.job], running.layer) = Progress{};
  const Running partner = std::exchange(occupation.partner, Running{});
  state_.idle.insert(accelerator);
  end_layer(accelerator, running);
  if (partner.job != kNone) end_layer(accelerator, partner);
}

[[gnu::always_inline]] inline void Simulator::end_layer(AcceleratorIndex accelerator, const Running& done) {
  Job& job = state_.jobs[done.job];
  job.last_served = state_.now;
  --job.running;
  --job.layers_left;
  for (Observer* o : on_finish_) o->on_finish({state_.now, job.task, job.index, done.layer, accelerator});
  if (job.layers_left == 0) return end_job(done.job, false);
  if (job.tables->probabilistic && exits_after(done.job, done.layer)) return;
  if (job.doomed) {
    if (job.running == 0) end_job(done.job, true);
    return;
  }
  if (job.dag == kNone) return advance(done.job, done.layer + 1);
  release_successors(done.job, done.layer);
}

/// All predecessors of a layer have finished or were passed by: it is ready, or passed by itself.
inline void Simulator::advance(JobSlot slot, LayerIndex layer) {
  if (state_.jobs[slot].tables->probabilistic) return skip_layers(slot, layer);
  make_ready(slot, layer);
}

[[gnu::noinline]] inline void Simulator::skip_layers(JobSlot slot, LayerIndex layer) {
  for (; skips(slot, layer); ++layer) {
    Job& job = state_.jobs[slot];
    for (Observer* o : on_skip_) o->on_skip({state_.now, job.task, job.index, layer, false});
    if (--job.layers_left == 0) return end_job(slot, false);
    if (job.dag != kNone) return release_successors(slot, layer);
  }
  make_ready(slot, layer);
}

inline bool Simulator::skips(JobSlot slot, LayerIndex layer) {
  const Job& job = state_.jobs[slot];
  return draws_skip(job.tables->network->layers[layer], seed_, job.task, job.draw, layer);
}

/// Ends the job when it exits early.
[[gnu::noinline]] inline bool Simulator::exits_after(JobSlot slot, LayerIndex layer) {
  Job& job = state_.jobs[slot];
  if (!draws_exit(job.tables->network->layers[layer], seed_, job.task, job.draw, layer)) return false;
  for (Observer* o : on_skip_) o->on_skip({state_.now, job.task, job.index, layer, true});
  job.layers_left = 0;
  end_job(slot, false);
  return true;
}

inline void Simulator::release_successors(JobSlot slot, LayerIndex finished) {
  const Job& job = state_.jobs[slot];
  const std::uint32_t dag = job.dag;
  for (const LayerIndex s : job.tables->network->layers[finished].successors) {
    if (--state_.dags[dag].missing[s] == 0) advance(slot, s);
  }
}

inline void Simulator::end_job(JobSlot slot, bool dropped) {
  const Job& job = state_.jobs[slot];
  if (dropped) digest_.add(std::uint64_t{job.task} << 32 | job.index);
  for (Observer* o : on_job_end_) {
    o->on_job_end({state_.now, job.task, job.index, job.release, job.deadline, job.root_release, job.variants,
                   job.energy_nj, dropped, job.sample, job.alternative});
  }
  if (!dropped && !tasks_[job.task].children.empty()) release_children(job);
  if (job.dag != kNone) state_.free_dags.push_back(job.dag);
  state_.jobs[slot].layers_left = 0; // a deadline timer may still name the slot
  state_.free_jobs.push_back(slot);
}

inline void Simulator::release_children(const Job& job) {
  for (const TaskIndex child : tasks_[job.task].children) {
    const double probability = scenario_->tasks[child].parent->probability;
    if (RandomStream(seed_, child, Purpose::cascade, job.draw).uniform() >= probability) continue;
    PendingRelease pending;
    pending.parent = CascadeParent{job.root_release, job.draw};
    pending.request.task = child;
    pending.request.release = state_.now;
    schedule_pending(pending, job.index);
  }
}

// -- late jobs

// The job may have ended and its slot may serve another one: (task, index) tells.
inline void Simulator::at_deadline(TaskIndex task, JobIndex index, JobSlot slot) {
  const Job& job = state_.jobs[slot];
  if (job.task != task || job.index != index || job.layers_left == 0 || job.doomed) return;
  drop_job(slot);
}

/// Drops a job now, or when its running layers end.
inline void Simulator::drop_job(JobSlot slot) {
  ++state_.drops;
  drop_waiting(slot);
  if (state_.jobs[slot].running == 0) return end_job(slot, true);
  state_.jobs[slot].doomed = true;
}

/// Takes all ready layers of a job out of the system.
inline void Simulator::drop_waiting(JobSlot slot) {
  for (std::size_t i = state_.ready.size(); i-- > 0;) {
    const ReadyId id = state_.ready[i];
    if (state_.ready_pool[id].job != slot) continue;
    remove_ready(id);
    state_.newly_ready.erase(id);
  }
}

inline void Simulator::drop_hopeless() {
  for (std::size_t i = state_.ready.size(); i-- > 0;) {
    if (i >= state_.ready.size()) continue; // a drop took several layers of one job
    const ReadyLayer& ready = state_.ready_pool[state_.ready[i]];
    const JobSlot slot = ready.job;
    const Job& job = state_.jobs[slot];
    if (scenario_->tasks[job.task].late_jobs != LateJobs::drop_hopeless) continue;
    Duration needed = job.tables->best_case.remaining(ready.layer, job.variants);
    // A layer that was stopped may be almost done; without it the bound stays a bound.
    if (extended_ && progress_of(state_.jobs[slot], ready.layer).begun()) {
      needed = std::max(Duration::zero(), needed - job.tables->estimates.fastest[ready.layer]);
    }
    if (!job.tables->task->alternatives.empty()) needed = std::min(needed, fastest_alternative(state_.ready[i]));
    if (job.deadline - state_.now >= needed) continue;
    drop_job(slot);
  }
}

/// The smallest remaining time over the networks that the job of a ready layer may still run. Switch points further on
/// may lead to any of them, so each counts as if it could be entered behind this layer.
[[gnu::noinline]] inline Duration Simulator::fastest_alternative(ReadyId id) const {
  const Job& job = view_.job(id);
  Duration best = kCannotRun;
  for (std::uint32_t a = 0; a <= job.tables->task->alternatives.size(); ++a) {
    const BestCase& bound = view_.tables(job.task, a).best_case;
    const LayerIndex here = view_.layer_in(id, a);
    if (here != kNone) best = std::min(best, bound.remaining(here, job.variants));
    for (const auto& point : job.tables->task->switch_points) {
      if (point[job.alternative] > view_.layer(id).layer) best = std::min(best, bound.remaining(point[a], 0));
    }
  }
  return best;
}

} // namespace terastal
