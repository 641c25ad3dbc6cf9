#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "terastal/sched/cd_msa_rules.hpp"
#include "terastal/sched/tile_boundary.hpp"
#include "terastal/sim/view.hpp"

namespace terastal {

/// One job as it is simulated forward.
struct MsaForwardJob {
  const TaskTables* tables = nullptr;
  TaskIndex task = 0;
  JobIndex index = 0;
  Time release;
  Time deadline;
  bool demoted = false; ///< best effort: it need not be in time
  LayerIndex layer = 0; ///< that waits or runs; number of layers: it is complete
  Progress progress;    ///< of it
  AcceleratorIndex last = kNone;
  // of a stretch that runs
  AcceleratorIndex on = kNone;
  std::uint32_t group = 1;
  Time begun; ///< after set-up
  Time end;
  std::uint32_t tiles_before = 0;
  std::uint32_t tiles = 1;
  std::uint32_t stop_at = 0; ///< tiles done at `end`; 0: the layer ends then
  bool fused = false;        ///< it shares the array with another until `end`
};

/// CD-MSA's admission test: plays the jobs in the system forward under CD-MSA's rules, without further arrivals,
/// cooperation and fusion, and tells whether each is in time.
///
/// On arrays of one or several types, exact for chains whose layers take their estimated times, as long as nothing else
/// arrives and no further layers are fused. Transfers and model switches are not counted; of a network that is no chain
/// the longest path is played; a layer that runs on a group stays on it until it is stopped or ends. Our reading of the
/// published "efficient schedulability test", of which no text was available. O(layers of the jobs · cost of a
/// decision).
class MsaForward {
 public:
  /// Takes the arrays as they are, and no jobs.
  void reset(const SystemView& view) {
    platform_ = &view.platform();
    now_ = view.now();
    jobs_.clear();
    picture_.type_count = platform_->types.size();
    picture_.types.clear();
    for (const auto& a : platform_->accelerators) picture_.types.push_back(a.type);
    runs_.assign(picture_.types.size(), kNone);
  }

  /// Adds the job of a waiting layer.
  void add_waiting(const SystemView& view, ReadyId id, bool demoted) {
    MsaForwardJob job = from(view.job(id), view.layer(id).layer, demoted);
    job.progress = view.progress(id);
    jobs_.push_back(job);
  }

  /// Adds the job whose layer runs on an array; for a group, on its leader.
  void add_running(const SystemView& view, AcceleratorIndex leader, bool demoted) {
    MsaForwardJob job = from(view.running_job(leader), view.running(leader).layer, demoted);
    job.on = leader;
    job.end = view.free_at(leader);
    job.begun = view.now();
    if (view.platform().has_extensions()) {
      const Occupation& o = view.occupation(leader);
      job.begun = o.start + o.setup;
      job.tiles = o.tiles;
      job.tiles_before = o.tiles_before;
      job.stop_at = o.stop_at;
    }
    job.group = 0;
    for (AcceleratorIndex a = 0; a < runs_.size(); ++a) {
      if (view.is_idle(a) || view.leader(a) != leader) continue;
      runs_[a] = static_cast<std::uint32_t>(jobs_.size());
      ++job.group;
    }
    job.fused = view.partner(leader) != nullptr;
    jobs_.push_back(job);
  }

  /// Adds the job that shares an array with the one given to `add_running`.
  void add_partner(const SystemView& view, AcceleratorIndex array, bool demoted) {
    const Running& partner = *view.partner(array);
    MsaForwardJob job = from(view.job_of(partner), partner.layer, demoted);
    job.on = array;
    job.begun = view.now();
    job.end = view.free_at(array);
    job.fused = true;
    jobs_.push_back(job);
  }

  /// Plays on to the end. \returns whether every job that was not demoted is in time.
  [[nodiscard]] bool in_time() {
    for (;;) {
      const Time wake = decide();
      Time next = wake;
      for (const MsaForwardJob& job : jobs_) {
        if (job.on != kNone) next = std::min(next, job.end);
      }
      if (next == kNever) return true;
      now_ = next;
      for (std::uint32_t j = 0; j < jobs_.size(); ++j) {
        if (jobs_[j].on != kNone && jobs_[j].end == now_ && !finish(j)) return false;
      }
    }
  }

 private:
  [[nodiscard]] static MsaForwardJob from(const Job& job, LayerIndex layer, bool demoted) {
    MsaForwardJob f;
    f.tables = job.tables;
    f.task = job.task;
    f.index = job.index;
    f.release = job.release;
    f.deadline = job.deadline;
    f.demoted = demoted;
    f.layer = layer;
    f.last = job.last_accelerator;
    return f;
  }

  /// Ends a stretch. \returns false if a job is late that must not be.
  bool finish(std::uint32_t j) {
    MsaForwardJob& job = jobs_[j];
    for (auto& runs : runs_) {
      if (runs == j) runs = kNone;
    }
    job.on = kNone;
    job.fused = false;
    if (job.stop_at > 0) {
      job.progress = {job.stop_at, job.tiles, job.tables->layers[job.layer].original};
      job.stop_at = 0;
      return true;
    }
    job.progress = Progress{};
    const Network& network = *job.tables->network;
    const auto& after = network.layers[job.layer].successors;
    const auto& tails = job.tables->estimates.fastest_tail;
    LayerIndex next = static_cast<LayerIndex>(network.layers.size());
    for (const LayerIndex s : after) {
      if (next == network.layers.size() || tails[s] > tails[next]) next = s;
    }
    job.layer = next;
    return next < network.layers.size() || job.demoted || now_ <= job.deadline;
  }

  /// Applies the rules until they have nothing more to say at this instant. \returns when to ask again.
  Time decide() {
    for (;;) {
      fill();
      rules_.decide(picture_, plan_);
      for (const AcceleratorIndex a : plan_.stops) stop(jobs_[runs_[a]]);
      for (const auto& [layer, array] : plan_.starts) start(shown_[layer], array);
      if (plan_.starts.empty()) return plan_.wake;
    }
  }

  void fill() {
    picture_.now = now_;
    picture_.layers.clear();
    picture_.times.clear();
    picture_.idle.clear();
    shown_.clear();
    for (const auto runs : runs_) picture_.idle.push_back(runs == kNone ? 1 : 0);
    for (std::uint32_t j = 0; j < jobs_.size(); ++j) {
      if (jobs_[j].layer == jobs_[j].tables->network->layers.size()) continue;
      shown_.push_back(j);
      show(jobs_[j]);
    }
  }

  void show(const MsaForwardJob& job) {
    MsaLayer l;
    l.deadline = job.deadline;
    l.release = job.release;
    l.task = job.task;
    l.job = job.index;
    l.layer = job.layer;
    l.last = job.last;
    Duration left = kCannotRun;
    for (TypeIndex t = 0; t < picture_.type_count; ++t) {
      picture_.times.push_back(job.on == kNone ? time_left(job, t) : kCannotRun);
      left = std::min(left, picture_.times.back());
      if (job.on == kNone) l.hold = std::max(l.hold, hold(job, t));
    }
    if (job.on != kNone) {
      left = job.end - now_;
      l.on = job.on;
      l.type = picture_.types[job.on];
      l.group = job.group;
      l.stopping = job.stop_at > 0;
      const TileBoundary boundary = next_boundary(job);
      l.boundary = boundary.at;
      if (boundary.at != kNever) l.hold = boundary.tile + context(job, l.type);
    }
    const auto& estimates = job.tables->estimates;
    const Duration after = estimates.fastest_tail[job.layer] - estimates.fastest[job.layer];
    l.laxity = job.deadline - now_ - left - after;
    l.late = job.demoted || l.laxity < Duration::zero();
    picture_.layers.push_back(l);
  }

  [[nodiscard]] TileBoundary next_boundary(const MsaForwardJob& job) const {
    if (!platform_->types[picture_.types[job.on]].preemption || job.stop_at > 0 || job.fused) return {};
    return tile_boundary(job.begun, job.end, job.tiles - job.tiles_before, now_);
  }

  [[nodiscard]] Duration context(const MsaForwardJob& job, TypeIndex type) const {
    const auto& preemption = platform_->types[type].preemption;
    const std::uint64_t bytes = job.tables->network->layers[job.layer].output_bytes;
    return preemption ? preemption->context.time(bytes) : Duration::zero();
  }

  [[nodiscard]] Duration whole(const MsaForwardJob& job, TypeIndex type) const {
    return job.tables->network->latency_of(job.tables->layers[job.layer].original, type);
  }

  /// Of the layer, its context restored.
  [[nodiscard]] Duration time_left(const MsaForwardJob& job, TypeIndex type) const {
    const auto& preemption = platform_->types[type].preemption;
    const Duration latency = whole(job, type);
    if (latency == kCannotRun || !preemption) return latency;
    const std::uint32_t done = job.progress.in_tiles_of(preemption->tiles);
    if (done == 0) return latency;
    return checked_add(context(job, type), share_of_tiles(latency, done, preemption->tiles));
  }

  [[nodiscard]] Duration hold(const MsaForwardJob& job, TypeIndex type) const {
    const auto& preemption = platform_->types[type].preemption;
    const Duration latency = whole(job, type);
    if (!preemption || preemption->tiles <= 1 || latency == kCannotRun) return Duration::zero();
    return latency / preemption->tiles + context(job, type);
  }

  void start(std::uint32_t j, AcceleratorIndex array) {
    MsaForwardJob& job = jobs_[j];
    const TypeIndex type = picture_.types[array];
    const auto& preemption = platform_->types[type].preemption;
    job.on = array;
    job.last = array;
    job.group = 1;
    job.tiles = preemption ? preemption->tiles : 1;
    job.tiles_before = job.progress.in_tiles_of(job.tiles);
    job.end = checked_add(now_, time_left(job, type));
    job.begun = now_ + (job.tiles_before > 0 ? context(job, type) : Duration::zero());
    runs_[array] = j;
  }

  void stop(MsaForwardJob& job) {
    const TileBoundary boundary = next_boundary(job);
    job.stop_at = job.tiles_before + boundary.done;
    job.end = checked_add(boundary.at, context(job, picture_.types[job.on]));
  }

  const Platform* platform_ = nullptr;
  Time now_;
  std::vector<MsaForwardJob> jobs_;
  std::vector<std::uint32_t> runs_;  ///< by array: the job that runs there; kNone: idle
  std::vector<std::uint32_t> shown_; ///< by layer of the picture: its job
  MsaPicture picture_;
  MsaPlan plan_;
  MsaRules rules_;
};

} // namespace terastal
