#pragma once

// Bodies of Simulator for platforms with extensions: preemption inside layers, groups of accelerators on one layer,
// pairs of layers on one accelerator, energy of context switches, and a shared memory. Nothing here is called for other
// platforms.

#include <algorithm>
#include <cmath>

#include "terastal/sim/memory_sharing.hpp"
#include "terastal/sim/simulator.hpp"

namespace terastal {

/// Completions that were superseded by a stop or by a change of speed leave the queue before their time comes.
inline void Simulator::discard_superseded() {
  while (superseded_ > 0 && !events_.empty()) {
    const Event& next = events_.top();
    if (next.kind() != EventKind::completion) return;
    const AcceleratorIndex a = next.payload();
    const AcceleratorState& accelerator = state_.accelerators[a];
    const bool valid = !state_.idle.contains(a) && accelerator.finish == next.time() &&
                       state_.occupations[a].leader == a && state_.jobs[accelerator.running.job].task == next.task() &&
                       state_.jobs[accelerator.running.job].index == next.job();
    if (valid) return;
    events_.take();
    --superseded_;
  }
}

inline Progress& Simulator::progress_of(Job& job, LayerIndex layer) {
  return job.dag == kNone ? job.progress : state_.dags[job.dag].progress[layer];
}

// -- starting

inline Simulator::StretchTimes Simulator::stretch_times(const Decision& d, Duration latency) const {
  const TypeIndex type = state_.accelerators[d.accelerator].type;
  if (d.group != 1) {
    latency = view_.latency(d.ready, d.option, type, d.group);
    if (latency == kCannotRun) reject(d, "its type has no groups of that size, or they cannot run the layer");
    if (view_.idle_count(type) < d.group) reject(d, "fewer accelerators of the type are idle than the group needs");
  }
  const Progress progress = view_.progress(d.ready);
  if (!progress.begun()) return {Duration::zero(), latency};
  if (d.option != progress.option) reject(d, "a layer that was stopped goes on in the implementation it began in");
  const auto& preemption = scenario_->platform.types[type].preemption;
  const std::uint32_t done = preemption ? progress.in_tiles_of(preemption->tiles) : 0;
  if (done == 0) return {Duration::zero(), latency};
  const Job& job = view_.job(d.ready);
  const Duration restore =
      preemption->context.time(job.tables->network->layers[view_.layer(d.ready).layer].output_bytes);
  return {restore, share_of_tiles(latency, done, preemption->tiles)};
}

inline void Simulator::begin_stretch(const Decision& d, JobSlot slot, LayerIndex layer, const Stretch& stretch) {
  Job& job = state_.jobs[slot];
  const AcceleratorState& accelerator = state_.accelerators[d.accelerator];
  const auto& preemption = scenario_->platform.types[accelerator.type].preemption;
  Occupation& o = state_.occupations[d.accelerator];
  const double context_nj = view_.context_energy(slot, layer, d.accelerator);
  o.start = state_.now;
  o.came_from = job.last_accelerator;
  o.setup = stretch.setup;
  o.natural_end = stretch.finish;
  o.tiles = preemption ? preemption->tiles : 1;
  o.tiles_before = progress_of(job, layer).in_tiles_of(o.tiles);
  o.stop_at = 0;
  o.energy_nj = stretch.energy_nj * (o.tiles - o.tiles_before) / o.tiles;
  job.energy_nj += o.energy_nj + context_nj;
  o.last_task = job.task;
  o.last_job = job.index;
  o.last_output_bytes = job.tables->network->layers[layer].output_bytes;
  o.leader = d.accelerator;
  o.next_in_group = kNone;
  if (d.group > 1) occupy_group(d, stretch);
  if (scenario_->platform.memory_bytes_per_second == 0.0) return;
  o.left_ps = static_cast<double>((stretch.finish - state_.now).count());
  o.expected_left_ps = static_cast<double>((stretch.expected - state_.now).count());
  o.demand = job.tables->network->traffic_of(d.option, accelerator.type) / (o.left_ps * 1e-12);
  o.speed = 1.0;
  o.limit = 0.0;
  o.since = state_.now;
  memory_changed_ = true;
}

/// Takes the further members of a group. They show the leader's layer as theirs.
inline void Simulator::occupy_group(const Decision& d, const Stretch& stretch) {
  const TypeIndex type = state_.accelerators[d.accelerator].type;
  state_.idle.erase(d.accelerator);
  AcceleratorIndex last = d.accelerator;
  for (std::uint32_t i = 1; i < d.group; ++i) {
    const AcceleratorIndex member = state_.idle.first(type);
    AcceleratorState& accelerator = state_.accelerators[member];
    Occupation& o = state_.occupations[member];
    const Occupation& leader = state_.occupations[d.accelerator];
    const ReadyLayer& ready = state_.ready_pool[d.ready];
    accelerator.running = {ready.job, ready.layer, d.option};
    accelerator.expected_free = stretch.expected;
    accelerator.finish = stretch.finish;
    accelerator.busy += stretch.finish - state_.now;
    switch_to(accelerator, leader.last_task);
    o.last_task = leader.last_task;
    o.last_job = leader.last_job;
    o.last_output_bytes = leader.last_output_bytes;
    o.leader = d.accelerator;
    o.next_in_group = kNone;
    state_.occupations[last].next_in_group = member;
    last = member;
    state_.idle.erase(member);
  }
  state_.idle.insert(d.accelerator); // `start` takes it
}

/// Frees all of a group but its leader.
inline void Simulator::free_group(AcceleratorIndex leader) {
  if (scenario_->platform.memory_bytes_per_second > 0.0) memory_changed_ = true;
  for (AcceleratorIndex a = state_.occupations[leader].next_in_group; a != kNone;) {
    const AcceleratorIndex next = state_.occupations[a].next_in_group;
    state_.occupations[a].next_in_group = kNone;
    state_.occupations[a].leader = a;
    state_.idle.insert(a);
    a = next;
  }
  state_.occupations[leader].next_in_group = kNone;
}

// -- fusion

/// Starts two layers on one accelerator. The first is what runs there for everybody, the second its partner.
inline void Simulator::fuse(const FuseDecision& d) {
  const FusedHalf first = half({d.first, d.first_option, d.accelerator});
  const FusedHalf second = half({d.second, d.second_option, d.accelerator});
  if (first.slot == second.slot) reject(second.decision, "the layers of a fused pair belong to one job");
  AcceleratorState& accelerator = state_.accelerators[d.accelerator];
  const Duration estimate = view_.fused_latency(d.first, d.first_option, d.second, d.second_option, accelerator.type);
  if (estimate == kCannotRun) {
    reject(first.decision,
           "the accelerator's type declares no fusion, or the times of the layers' parts are not known");
  }
  Job& a = state_.jobs[first.slot];
  Job& b = state_.jobs[second.slot];
  // As if the second layer followed the first.
  const Duration own = view_.setup_cost(first.slot, first.layer, d.accelerator);
  switch_to(accelerator, a.task);
  const Duration others = view_.setup_cost(second.slot, second.layer, d.accelerator);
  const auto end = [&](Duration time) { return checked_add(state_.now, checked_add(time, checked_add(own, others))); };
  const Time expected = end(estimate);
  const Time finish = end(actual_of_pair(first, second, estimate));
  begin_stretch(first.decision, first.slot, first.layer, {own, expected, finish, first.cost->energy_nj});
  begin_stretch(second.decision, second.slot, second.layer, {others, expected, finish, second.cost->energy_nj});
  mark_started(first.decision, a, first.layer);
  mark_started(second.decision, b, second.layer);
  occupy(first.decision, accelerator, {first.slot, first.layer, d.first_option}, a, expected, finish);
  switch_to(accelerator, b.task);
  ++accelerator.layers;
  state_.occupations[d.accelerator].partner = {second.slot, second.layer, d.second_option};
  remove_ready(d.first);
  remove_ready(d.second);
  const Event completion(finish, EventKind::completion, a.task, a.index, d.accelerator);
  const Event partner(finish, EventKind::completion, b.task, b.index, d.accelerator);
  events_.push_completion(completion);
  announce_start(first.decision, first.layer, a, completion, own, Fused::first);
  announce_start(second.decision, second.layer, b, partner, others, Fused::second);
}

inline Simulator::FusedHalf Simulator::half(const Decision& d) const {
  const OptionCost& cost = check_start(d);
  if (view_.progress(d.ready).begun()) reject(d, "a layer that was stopped cannot be fused");
  return {d, state_.ready_pool[d.ready].job, state_.ready_pool[d.ready].layer, &cost};
}

/// A pair is late or early by the share by which its layers would be, one after the other.
inline Duration Simulator::actual_of_pair(const FusedHalf& first, const FusedHalf& second, Duration estimate) const {
  if (state_.jobs[first.slot].tables->runs_as_estimated && state_.jobs[second.slot].tables->runs_as_estimated) {
    return estimate;
  }
  const Duration actual = checked_add(actual_latency(first.decision, state_.jobs[first.slot], first.layer),
                                      actual_latency(second.decision, state_.jobs[second.slot], second.layer));
  return in_proportion(actual, estimate, checked_add(first.cost->latency, second.cost->latency));
}

// -- stopping

/// \returns whether a layer became ready at once.
inline bool Simulator::stop(const StopDecision& d) {
  if (d.accelerator >= state_.accelerators.size()) reject_for(d.accelerator, "there is no such accelerator");
  if (!extended_ || !scenario_->platform.types[state_.accelerators[d.accelerator].type].preemption) {
    reject_for(d.accelerator, "the accelerator's type declares no preemption");
  }
  if (state_.idle.contains(d.accelerator)) reject_for(d.accelerator, "nothing runs on the accelerator to be stopped");
  const AcceleratorIndex leader = state_.occupations[d.accelerator].leader;
  if (state_.occupations[leader].partner.job != kNone) reject_for(d.accelerator, "a fused pair cannot be stopped");
  if (d.mode == StopMode::kill) {
    stop_stretch(leader, state_.occupations[leader].tiles_before, true);
    return true;
  }
  checkpoint(leader);
  return false;
}

/// Lets the present tile end, and the state be saved after it. What runs its last tile goes on.
inline void Simulator::checkpoint(AcceleratorIndex leader) {
  Occupation& o = state_.occupations[leader];
  const AcceleratorState& accelerator = state_.accelerators[leader];
  if (o.stop_at > 0) return;
  const std::uint32_t left = o.tiles - o.tiles_before;
  const Time begun = o.start + o.setup;
  const Duration work = accelerator.finish - begun;
  const Duration done = std::max(Duration::zero(), state_.now - begun);
  // The end of the first tile that is not over yet: ceil(done · left / work), at least one.
  const int128 tiles = (static_cast<int128>(done.count()) * left + work.count() - 1) / work.count();
  const auto run = static_cast<std::uint32_t>(std::max<int128>(1, tiles));
  if (run >= left) return;
  const Duration until = work - share_of_tiles(work, run, left);
  const Duration save = preemption_of(leader).context.time(o.last_output_bytes);
  o.stop_at = o.tiles_before + run;
  // Schedulers go on seeing estimates.
  const Duration planned = accelerator.expected_free - begun;
  const Time expected = checked_add(begun + (planned - share_of_tiles(planned, run, left)), save);
  reschedule(leader, checked_add(begun + until, save), expected);
}

inline const Preemption& Simulator::preemption_of(AcceleratorIndex a) const {
  return *scenario_->platform.types[state_.accelerators[a].type].preemption;
}

/// Frees the accelerators and makes the layer ready again, with so many tiles done.
inline void Simulator::stop_stretch(AcceleratorIndex leader, std::uint32_t tiles_done, bool killed) {
  Occupation& o = state_.occupations[leader];
  AcceleratorState& accelerator = state_.accelerators[leader];
  const Running stopped = accelerator.running;
  Job& job = state_.jobs[stopped.job];
  const std::uint32_t left = o.tiles - o.tiles_before;
  double spent = static_cast<double>(tiles_done - o.tiles_before) / left;
  if (killed) {
    // Its completion is still to come.
    ++superseded_;
    spent = std::min(1.0, to_seconds(state_.now - o.start) / to_seconds(o.natural_end - o.start));
    for (AcceleratorIndex a = leader; a != kNone; a = state_.occupations[a].next_in_group) {
      state_.accelerators[a].busy -= accelerator.finish - state_.now;
    }
  }
  job.energy_nj -= o.energy_nj * (1.0 - spent);
  o.stop_at = 0;
  accelerator.finish = state_.now;
  free_group(leader);
  state_.idle.insert(leader);
  job.last_served = state_.now;
  --job.running;
  digest_.add(std::uint64_t{tiles_done} << 32 | leader);
  progress_of(job, stopped.layer) = {tiles_done, o.tiles, stopped.option};
  if (tiles_done == 0) {
    // As if it had never started: its input is where it was, and its variants are not used.
    job.variants &= ~job.tables->variants[stopped.option];
    job.last_accelerator = o.came_from;
  }
  for (Observer* obs : on_stop_) {
    obs->on_stop({state_.now, job.task, job.index, stopped.layer, leader, tiles_done, killed});
  }
  if (!job.doomed) return make_ready(stopped.job, stopped.layer);
  if (job.running == 0) end_job(stopped.job, true);
}

/// Moves the end of what runs.
inline void Simulator::reschedule(AcceleratorIndex leader, Time finish, Time expected) {
  const Running& running = state_.accelerators[leader].running;
  const Job& job = state_.jobs[running.job];
  const Duration later = finish - state_.accelerators[leader].finish;
  if (later == Duration::zero()) {
    state_.accelerators[leader].expected_free = expected;
    return;
  }
  for (AcceleratorIndex a = leader; a != kNone; a = state_.occupations[a].next_in_group) {
    state_.accelerators[a].finish = finish;
    state_.accelerators[a].expected_free = expected;
    state_.accelerators[a].busy += later;
  }
  ++superseded_;
  events_.push_completion(Event(finish, EventKind::completion, job.task, job.index, leader));
}

// -- shared memory

inline void Simulator::limit_memory(const LimitDecision& d) {
  if (d.accelerator >= state_.accelerators.size()) reject_for(d.accelerator, "there is no such accelerator");
  if (scenario_->platform.memory_bytes_per_second == 0.0) {
    reject_for(d.accelerator, "the platform's memory is not shared");
  }
  if (!(d.bytes_per_second >= 0.0)) reject_for(d.accelerator, "a limit of memory traffic is at least 0");
  if (state_.idle.contains(d.accelerator)) return;
  state_.occupations[state_.occupations[d.accelerator].leader].limit = d.bytes_per_second;
  memory_changed_ = true;
}

/// Divides the memory among what runs, and moves the ends of what runs at another speed from now on.
inline void Simulator::share_memory() {
  memory_changed_ = false;
  shares_.clear();
  for (AcceleratorIndex a = 0; a < state_.accelerators.size(); ++a) {
    if (state_.idle.contains(a) || state_.occupations[a].leader != a) continue;
    const Occupation& o = state_.occupations[a];
    if (o.demand > 0.0) shares_.push_back({a, o.limit > 0.0 ? std::min(o.limit, o.demand) : o.demand, 0.0});
  }
  share_max_min(shares_, scenario_->platform.memory_bytes_per_second);
  for (const MemoryShare& share : shares_) {
    Occupation& o = state_.occupations[share.accelerator];
    const double speed = std::min(1.0, share.granted / o.demand);
    if (speed == o.speed) continue;
    const double run = static_cast<double>((state_.now - o.since).count()) * o.speed;
    o.left_ps = std::max(0.0, o.left_ps - run);
    o.expected_left_ps = std::max(0.0, o.expected_left_ps - run);
    o.speed = speed;
    o.since = state_.now;
    const auto after = [&](double left) {
      const double ps = std::ceil(left / speed);
      if (!(ps < 9.2e18)) throw_time_overflow();
      return checked_add(state_.now, Duration{std::max<Duration::rep>(1, static_cast<Duration::rep>(ps))});
    };
    reschedule(share.accelerator, after(o.left_ps), after(o.expected_left_ps));
  }
}

[[gnu::noinline]] inline void Simulator::reject_for(AcceleratorIndex a, const char* rule) const {
  reject({kNone, 0, a}, rule);
}

} // namespace terastal
