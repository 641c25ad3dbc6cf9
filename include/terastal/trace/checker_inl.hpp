#pragma once

// Bodies of ScheduleChecker, in the order of a job's life.

#include "terastal/trace/checker.hpp"

namespace terastal {

inline void ScheduleChecker::on_release(const ReleaseEvent& e) {
  advance(e.time, e.task, e.job);
  const Task& task = scenario_.tasks[e.task];
  CheckedJob job;
  job.release = e.time;
  job.deadline = e.deadline;
  reset(job, scenario_.network_of(e.task));
  require(jobs_.emplace(JobId{e.task, e.job}, std::move(job)).second, e.time, e.task, e.job, "released twice");
  if (!std::holds_alternative<NoArrivals>(task.arrivals)) {
    require(e.time < Time{scenario_.horizon}, e.time, e.task, e.job, "is released at or after the horizon");
  }
  require(e.root_release <= e.time, e.time, e.task, e.job, "released before its cascade began");
  const bool fixed_deadline =
      !std::holds_alternative<TraceArrivals>(task.arrivals) && !std::holds_alternative<NoArrivals>(task.arrivals);
  if (fixed_deadline && e.root_release < Time{scenario_.horizon}) {
    require(e.deadline == e.time + task.deadline, e.time, e.task, e.job,
            "the deadline is not release + relative deadline");
  }
  if (task.parent) {
    const Time from = task.parent->deadline_from_root ? e.root_release : e.time;
    require(e.deadline == from + task.deadline, e.time, e.task, e.job, "the deadline is not the cascade's");
  }
}

inline void ScheduleChecker::reset(CheckedJob& job, const Network& network) const {
  job.started.assign(network.layers.size(), 0);
  job.finished.assign(network.layers.size(), 0);
  job.ran_on.assign(network.layers.size(), std::nullopt);
  job.progress.assign(network.layers.size(), Progress{});
  job.done = 0;
}

/// A job may take another network of its task with its first layer, or at a switch point.
inline void ScheduleChecker::change_network(const StartEvent& e, CheckedJob& job) {
  const Task& task = scenario_.tasks[e.task];
  if (e.alternative > task.alternatives.size()) return fail(e.time, e.task, e.job, "no such alternative network");
  require(job.running == 0 && job.variants == 0, e.time, e.task, e.job, "changes its network while it may not");
  const auto fits = [&](const std::vector<LayerIndex>& point) {
    const LayerIndex before = point[job.alternative];
    return point[e.alternative] == e.layer && job.done == before;
  };
  const bool at_start = job.done == 0 && e.layer == 0;
  require(at_start || std::any_of(task.switch_points.begin(), task.switch_points.end(), fits), e.time, e.task, e.job,
          "changes its network elsewhere than at its first layer or a switch point");
  job.alternative = e.alternative;
  reset(job, network_of(e.task, job));
  for (LayerIndex l = 0; l < e.layer; ++l) {
    job.started[l] = job.finished[l] = 1;
    ++job.done;
  }
}

inline void ScheduleChecker::on_start(const StartEvent& e) {
  advance(e.time, e.task, e.job);
  ++checked_;
  const auto found = jobs_.find({e.task, e.job});
  if (found == jobs_.end()) return fail(e.time, e.task, e.job, "a layer starts outside the job's life");
  CheckedJob& job = found->second;
  if (e.alternative != job.alternative) change_network(e, job);
  const Network& network = network_of(e.task, job);
  if (e.layer >= network.layers.size()) return fail(e.time, e.task, e.job, "no such layer");
  const Layer& layer = network.layers[e.layer];
  if (e.option >= network.options.size()) return fail(e.time, e.task, e.job, "no such option");
  require(e.option >= layer.first_option && e.option < layer.first_option + layer.option_count, e.time, e.task, e.job,
          "layer '" + layer.name + "' runs an option of another layer");
  require(job.started[e.layer] == 0, e.time, e.task, e.job, "layer '" + layer.name + "' runs twice");
  for (const LayerIndex p : layer.predecessors) {
    require(job.finished[p] != 0, e.time, e.task, e.job,
            "layer '" + layer.name + "' starts before its predecessor '" + network.layers[p].name + "' has finished");
  }
  Machine& machine = machines_.at(e.accelerator);
  require(e.fused == Fused::second ? machine.first_of_pair.has_value() : !machine.busy, e.time, e.task, e.job,
          "accelerator '" + scenario_.platform.accelerators[e.accelerator].name + "' is given a second layer");
  check_progress(e, job);
  check_duration(e, job);
  const VariantSet added = network.options[e.option].variants;
  job.variants |= added;
  if (added != 0) {
    require(network.accuracy.valid(job.variants, scenario_.tasks[e.task].theta), e.time, e.task, e.job,
            "variant set {" + network.set_name(job.variants) + "} is not valid");
  }
  job.energy_nj += charge(e, job, machine);
  const std::optional<AcceleratorIndex> came_from = job.last_accelerator;
  job.started[e.layer] = 1;
  job.ran_on[e.layer] = job.last_accelerator = e.accelerator;
  ++job.running;
  if (e.fused == Fused::second) return join_pair(e, machine);
  occupy(e, network);
  machine.came_from = came_from;
  if (e.fused == Fused::first) machine.first_of_pair = e;
}

/// The second layer of a fused pair: the accelerator is left as if it had followed the first.
inline void ScheduleChecker::join_pair(const StartEvent& e, Machine& machine) {
  const std::optional<StartEvent> first = std::exchange(machine.first_of_pair, std::nullopt);
  if (!first) return; // reported
  require(first->time == e.time && first->finish == e.finish, e.time, e.task, e.job,
          "the layers of a fused pair do not run together");
  require(first->task != e.task || first->job != e.job, e.time, e.task, e.job,
          "the layers of a fused pair belong to one job");
  require(first->tiles_done == 0 && e.tiles_done == 0 && first->group == 1 && e.group == 1, e.time, e.task, e.job,
          "a layer that was stopped, or runs on a group, is fused");
  const Duration due = pair_time(*first, e);
  const Duration actual = e.finish - e.time - first->setup - e.setup;
  const bool as_estimated = scenario_.tasks[e.task].execution.kind == ExecutionTimes::Kind::equal &&
                            scenario_.tasks[first->task].execution.kind == ExecutionTimes::Kind::equal;
  require(due != kCannotRun && actual > Duration::zero() && (!as_estimated || actual == due), e.time, e.task, e.job,
          "a fused pair takes " + format_duration(actual) + ", which is not its time");
  machine.partner = {{e.task, e.job}, e.layer};
  machine.last_task = e.task;
  machine.last_job = JobId{e.task, e.job};
  machine.last_output_bytes = network_of(e).layers[e.layer].output_bytes;
}

/// kCannotRun where the type does not fuse or the parts are not known.
inline Duration ScheduleChecker::pair_time(const StartEvent& first, const StartEvent& second) const {
  const TypeIndex type = scenario_.platform.accelerators[second.accelerator].type;
  const auto& fusion = scenario_.platform.types[type].fusion;
  Duration compute{0};
  Duration memory{0};
  Duration fixed{0};
  for (const StartEvent* e : {&first, &second}) {
    const FusionParts parts = network_of(*e).fusion_parts_of(e->option, type);
    if (!fusion || parts == FusionParts{}) return kCannotRun;
    compute += parts.compute;
    memory += parts.memory;
    fixed += network_of(*e).latency_of(e->option, type) - std::max(parts.compute, parts.memory);
  }
  return std::max(compute, memory) + fixed + fusion->overhead;
}

/// A layer that was stopped goes on where it was, in the implementation it began in.
inline void ScheduleChecker::check_progress(const StartEvent& e, const CheckedJob& job) {
  const Progress& progress = job.progress[e.layer];
  require(e.tiles_done == progress.in_tiles_of(tiles_of(e.accelerator)), e.time, e.task, e.job,
          "a layer that was stopped does not go on where it was");
  require(!progress.begun() || progress.option == e.option, e.time, e.task, e.job,
          "a layer that was stopped goes on in another implementation");
}

inline double ScheduleChecker::charge(const StartEvent& e, const CheckedJob& job, Machine& machine) const {
  const Network& network = network_of(e.task, job);
  const TypeIndex type = scenario_.platform.accelerators[e.accelerator].type;
  const auto tiles = static_cast<double>(tiles_of(e.accelerator));
  machine.energy_nj = network.energy_of(e.option, type) * (tiles - e.tiles_done) / tiles;
  const double per_byte = scenario_.platform.types[type].context_energy_pj;
  if (per_byte == 0.0 || !machine.last_job || *machine.last_job == JobId{e.task, e.job}) return machine.energy_nj;
  double bytes = static_cast<double>(machine.last_output_bytes);
  for (const LayerIndex p : network.layers[e.layer].predecessors) {
    bytes += static_cast<double>(network.layers[p].output_bytes);
  }
  return machine.energy_nj + bytes * per_byte * 1e-3;
}

/// Marks the accelerators of the layer busy: the one named, and for a group the idle ones of its type in order.
inline void ScheduleChecker::occupy(const StartEvent& e, const Network& network) {
  const auto& accelerators = scenario_.platform.accelerators;
  const auto take = [&](AcceleratorIndex a) {
    Machine& m = machines_[a];
    const double energy_nj = m.energy_nj;
    m = {true,
         {e.task, e.job},
         e.layer,
         e.time,
         e.setup,
         e.finish,
         e.accelerator,
         e.option,
         e.tiles_done,
         energy_nj,
         e.task,
         JobId{e.task, e.job},
         network.layers[e.layer].output_bytes};
  };
  take(e.accelerator);
  std::uint32_t members = 1;
  for (AcceleratorIndex a = 0; a < machines_.size() && members < e.group; ++a) {
    if (machines_[a].busy || accelerators[a].type != accelerators[e.accelerator].type) continue;
    take(a);
    ++members;
  }
  require(members == e.group, e.time, e.task, e.job, "a group lacks idle accelerators");
}

inline void ScheduleChecker::release_group(AcceleratorIndex leader) {
  for (Machine& m : machines_) {
    if (m.busy && m.leader == leader) m.busy = false;
  }
}

inline void ScheduleChecker::check_duration(const StartEvent& e, const CheckedJob& job) {
  const Duration setup = expected_setup(e, job) + expected_restore(e, job);
  require(e.setup == setup, e.time, e.task, e.job,
          "setup takes " + format_duration(e.setup) + " where the platform says " + format_duration(setup));
  if (e.fused != Fused::no) return; // judged with the pair
  const Duration actual = e.finish - e.time - e.setup;
  require(plausible(e, job, actual), e.time, e.task, e.job,
          "layer '" + network_of(e.task, job).layers[e.layer].name + "' takes " + format_duration(actual) +
              ", which is not its time");
}

inline Duration ScheduleChecker::expected_restore(const StartEvent& e, const CheckedJob& job) const {
  if (e.tiles_done == 0) return Duration::zero();
  const TypeIndex type = scenario_.platform.accelerators[e.accelerator].type;
  const Transfer& context = scenario_.platform.types[type].preemption.value_or(Preemption{}).context;
  return context.time(network_of(e.task, job).layers[e.layer].output_bytes);
}

inline Duration ScheduleChecker::expected_setup(const StartEvent& e, const CheckedJob& job) const {
  const Network& network = network_of(e.task, job);
  const Platform& platform = scenario_.platform;
  const TypeIndex to = platform.accelerators[e.accelerator].type;
  const auto& last = machines_[e.accelerator].last_task;
  Duration setup{0};
  if (last && *last != e.task) setup += platform.types[to].model_switch;
  for (const LayerIndex p : network.layers[e.layer].predecessors) {
    // A chain's input is where the job ran last, though the layer before was skipped; a DAG's skipped input costs
    // nothing.
    // A layer that was stopped has its input where it was stopped.
    const LayerIndex at = job.progress[e.layer].begun() ? e.layer : p;
    const std::optional<AcceleratorIndex> from = network.chain ? job.last_accelerator : job.ran_on[at];
    if (!from || *from == e.accelerator) continue;
    setup += platform.transfer(platform.accelerators[*from].type, to).time(network.layers[p].output_bytes);
  }
  return setup;
}

inline bool ScheduleChecker::plausible(const StartEvent& e, const CheckedJob& job, Duration actual) const {
  const Network& network = network_of(e.task, job);
  const TypeIndex type = scenario_.platform.accelerators[e.accelerator].type;
  const Duration estimate = network.latency_of(e.option, type);
  if (estimate == kCannotRun || actual <= Duration::zero()) return false;
  if (e.group != 1 || e.tiles_done != 0) return plausible_part(e, network, actual);
  const ExecutionTimes& model = scenario_.tasks[e.task].execution;
  switch (model.kind) {
  case ExecutionTimes::Kind::equal:
    return actual == estimate;
  case ExecutionTimes::Kind::uniform: {
    const double factor = to_seconds(actual) / to_seconds(estimate);
    const double rounding = 1.0 / static_cast<double>(estimate.count());
    return factor >= model.low - rounding && factor <= model.high + rounding;
  }
  case ExecutionTimes::Kind::lognormal:
  case ExecutionTimes::Kind::exponential:
    return true;
  case ExecutionTimes::Kind::measured:
    return actual == estimate || network.percentiles_of(e.option, type).measured();
  case ExecutionTimes::Kind::samples:
    break;
  }
  if (e.option != network.layers[e.layer].first_option) return actual == estimate;
  const SampleTable& samples = network.samples;
  for (std::size_t s = 0; s < samples.ids.size(); ++s) {
    if (samples.latency[(s * network.layers.size() + e.layer) * network.type_count + type] == actual) return true;
  }
  return false;
}

/// A layer on a group, or the rest of a layer. Its time is only known to be in proportion where the model of actual
/// times has no noise.
inline bool ScheduleChecker::plausible_part(const StartEvent& e, const Network& network, Duration actual) const {
  const Platform& platform = scenario_.platform;
  const TypeIndex type = platform.accelerators[e.accelerator].type;
  const auto& sizes = platform.types[type].group_sizes;
  Duration whole = network.latency_of(e.option, type);
  if (e.group != 1) {
    if (std::find(sizes.begin(), sizes.end(), e.group) == sizes.end()) return false;
    whole = network.group_latency[e.option * platform.group_columns() + platform.group_column(type, e.group)];
    if (whole == kCannotRun) return false;
  }
  if (scenario_.tasks[e.task].execution.kind != ExecutionTimes::Kind::equal) return true;
  const std::int64_t tiles = tiles_of(e.accelerator);
  const int128 left = static_cast<int128>(whole.count()) * (tiles - e.tiles_done);
  const int128 times_tiles = static_cast<int128>(actual.count()) * tiles;
  return times_tiles >= left && times_tiles - left < tiles; // rounded up to 1 ps
}

inline void ScheduleChecker::on_finish(const FinishEvent& e) {
  advance(e.time, e.task, e.job);
  Machine& machine = machines_.at(e.accelerator);
  const bool same = machine.busy && machine.job == JobId{e.task, e.job} && machine.layer == e.layer;
  require(same && machine.leader == e.accelerator, e.time, e.task, e.job,
          "a layer finishes that was not running there");
  const bool shared = scenario_.platform.memory_bytes_per_second > 0.0;
  require(shared ? machine.finish <= e.time : machine.finish == e.time, e.time, e.task, e.job,
          "a layer does not finish when it was to");
  require(!machine.first_of_pair, e.time, e.task, e.job, "a layer of a fused pair runs alone");
  if (machine.partner) {
    // The other layer ends at the same instant.
    std::tie(machine.job, machine.layer) = *std::exchange(machine.partner, std::nullopt);
  } else {
    release_group(e.accelerator);
  }
  const auto found = jobs_.find({e.task, e.job});
  if (found == jobs_.end()) return fail(e.time, e.task, e.job, "a layer finishes outside the job's life");
  require(found->second.finished[e.layer] == 0, e.time, e.task, e.job, "a layer finishes twice");
  found->second.finished[e.layer] = 1;
  --found->second.running;
  ++found->second.done;
}

inline void ScheduleChecker::on_stop(const StopEvent& e) {
  advance(e.time, e.task, e.job);
  const Machine machine = machines_.at(e.accelerator);
  const bool same = machine.busy && machine.job == JobId{e.task, e.job} && machine.layer == e.layer;
  if (!same || machine.leader != e.accelerator) return fail(e.time, e.task, e.job, "stops where it was not running");
  require(!machine.partner, e.time, e.task, e.job, "a layer of a fused pair is stopped");
  const TypeIndex type = scenario_.platform.accelerators[e.accelerator].type;
  const auto& preemption = scenario_.platform.types[type].preemption;
  if (!preemption) return fail(e.time, e.task, e.job, "is stopped on a type without preemption");
  const auto found = jobs_.find({e.task, e.job});
  if (found == jobs_.end()) return fail(e.time, e.task, e.job, "a layer stops outside the job's life");
  CheckedJob& job = found->second;
  const std::int64_t left = preemption->tiles - machine.tiles_before;
  const std::int64_t run = std::int64_t{e.tiles_done} - machine.tiles_before;
  const Time begun = machine.start + machine.setup;
  const Duration save = preemption->context.time(network_of(e.task, job).layers[e.layer].output_bytes);
  double spent = static_cast<double>(run) / static_cast<double>(left);
  if (e.killed) {
    require(e.time <= machine.finish + save, e.time, e.task, e.job, "a layer is killed after it should have ended");
    require(run == 0, e.time, e.task, e.job, "a killed layer keeps what it has done");
    spent = std::min(1.0, to_seconds(e.time - machine.start) / to_seconds(machine.finish - machine.start));
  } else {
    require(run >= 1 && run < left, e.time, e.task, e.job, "a layer is saved at no end of a tile inside it");
    const int128 ran = static_cast<int128>((e.time - save - begun).count()) * left;
    const int128 due = static_cast<int128>((machine.finish - begun).count()) * run;
    // The end of a tile is rounded to 1 ps.
    require(ran <= due + left && due <= ran + left, e.time, e.task, e.job,
            "a layer stops elsewhere than at a tile's end");
  }
  job.energy_nj -= machine.energy_nj * (1.0 - spent);
  job.progress[e.layer] = {e.tiles_done, preemption->tiles, machine.option};
  if (e.tiles_done == 0) {
    job.variants &= ~network_of(e.task, job).options[machine.option].variants;
    job.last_accelerator = machine.came_from;
  }
  job.started[e.layer] = 0;
  --job.running;
  release_group(e.accelerator);
}

inline void ScheduleChecker::on_skip(const SkipEvent& e) {
  advance(e.time, e.task, e.job);
  const auto found = jobs_.find({e.task, e.job});
  if (found == jobs_.end()) return fail(e.time, e.task, e.job, "a layer is skipped outside the job's life");
  CheckedJob& job = found->second;
  const Network& network = network_of(e.task, job);
  const Layer& layer = network.layers[e.layer];
  if (e.exit) {
    require(layer.exit_probability > 0.0 && job.finished[e.layer] != 0 && job.running == 0, e.time, e.task, e.job,
            "ends early where it may not");
    job.exited = true;
    return;
  }
  require(layer.skip_probability > 0.0, e.time, e.task, e.job, "a layer is skipped that may not be");
  require(is_ready(network, job, e.layer), e.time, e.task, e.job, "a layer is skipped before its turn");
  job.started[e.layer] = job.finished[e.layer] = 1;
  ++job.done;
}

inline void ScheduleChecker::on_job_end(const JobEndEvent& e) {
  advance(e.time, e.task, e.job);
  const auto found = jobs_.find({e.task, e.job});
  if (found == jobs_.end()) return fail(e.time, e.task, e.job, "ends twice, or was never released");
  const CheckedJob& job = found->second;
  require(job.running == 0, e.time, e.task, e.job, "ends while a layer of it runs");
  const bool all_done = job.exited || job.done == job.finished.size();
  require(e.dropped || job.idled.empty(), e.time, e.task, e.job, job.idled);
  require(all_done != e.dropped, e.time, e.task, e.job,
          e.dropped ? "is dropped though all its layers have finished" : "completes with layers unfinished");
  // A job that is dropped may have changed its network and not gone on.
  require(e.dropped || job.alternative == e.alternative, e.time, e.task, e.job,
          "it ends in another network than it ran");
  require(job.variants == e.variants, e.time, e.task, e.job, "its variant set is not that of its layers");
  require(std::abs(job.energy_nj - e.energy_nj) <= 1e-9 * std::max(1.0, job.energy_nj), e.time, e.task, e.job,
          "its energy is not that of its layers");
  require(job.release == e.release && job.deadline == e.deadline, e.time, e.task, e.job,
          "its release or deadline changed");
  if (e.dropped && !options_.may_drop) {
    const LateJobs rule = scenario_.tasks[e.task].late_jobs;
    require(rule != LateJobs::run_on, e.time, e.task, e.job, "is dropped though late jobs run on");
    require(rule != LateJobs::drop_at_deadline || e.time >= e.deadline, e.time, e.task, e.job,
            "is dropped before its deadline");
  }
  jobs_.erase(found);
}

inline void ScheduleChecker::on_instant(const InstantEvent& e) {
  if (options_.work_conserving) check_work_conservation(e.time);
}

inline bool ScheduleChecker::is_ready(const Network& network, const CheckedJob& job, LayerIndex layer) const {
  if (job.started[layer] != 0) return false;
  const auto& before = network.layers[layer].predecessors;
  return std::all_of(before.begin(), before.end(), [&](LayerIndex p) { return job.finished[p] != 0; });
}

inline std::string ScheduleChecker::idleness(const Network& network, const CheckedJob& job) const {
  for (LayerIndex l = 0; l < network.layers.size(); ++l) {
    if (!is_ready(network, job, l)) continue;
    for (AcceleratorIndex a = 0; a < machines_.size(); ++a) {
      const TypeIndex type = scenario_.platform.accelerators[a].type;
      if (machines_[a].busy || network.latency_of(network.layers[l].first_option, type) == kCannotRun) continue;
      return "accelerator '" + scenario_.platform.accelerators[a].name + "' idles though layer '" +
             network.layers[l].name + "' is ready";
    }
  }
  return {};
}

inline void ScheduleChecker::check_work_conservation(Time time) {
  for (auto& [id, job] : jobs_) {
    if (job.idled.empty()) job.idled = idleness(network_of(id.first, job), job);
    // A job with running layers may have been dropped and wait for them; only its end tells.
    if (job.idled.empty() || job.running > 0) continue;
    fail(time, id.first, id.second, std::exchange(job.idled, {}));
    return;
  }
}

} // namespace terastal
