#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "terastal/sched/cd_msa_admission.hpp"
#include "terastal/sched/cd_msa_rules.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/sched/tile_boundary.hpp"

namespace terastal {

/// Settings of `CdMsaScheduler`.
struct CdMsaOptions {
  enum class Admission : std::uint8_t { off, drop, demote };
  bool cooperation = true;
  bool fusion = true;
  Admission admission = Admission::off; ///< what becomes of a job that fails the test when it is released
};

/// CD-MSA: cooperative deadline- and laxity-aware scheduling on several arrays whose layers are cut into tiles.
///
/// Source: the abstract of Wang, Bai and Sun, IEEE TPDS 2023; its text was not available to us. All that follows is our
/// reading. Jobs go by deadline until waiting for a further tile boundary would make one late; then it goes first
/// (EDZL). Laxity = deadline − now − remaining time, each layer on its fastest array. A job that cannot be in time is
/// best effort: it runs on arrays that nobody else wants; while arrays are spare, groups count for that. A job that
/// runs keeps its array unless one that goes before it waits; then it is stopped at the end of a tile, its state saved,
/// and goes on later. No job is stopped because of a tie, and none without laxity for another. `cooperation`: while
/// arrays are spare, the layer that starts for the job with the smallest laxity runs on a group of them, the size with
/// the smallest time; such a group shrinks at a tile boundary when its arrays are wanted. `admission`: a job is tested
/// when it is released, see `MsaForward`.
///
/// `fusion`: where layers wait that found no array, a layer that starts takes one of them along if the pair takes less
/// time than the two one after the other and both jobs stay in time, each further layer on its fastest array; the pairs
/// with the largest savings first.
///
/// Where types declare no tiles, groups or fusion it is EDZL between layers. O(layers² + layers · arrays · log layers)
/// a decision.
class CdMsaScheduler : public Scheduler {
 public:
  explicit CdMsaScheduler(CdMsaOptions options) : options_(options) {}

  [[nodiscard]] std::string_view name() const override { return "cd-msa"; }
  [[nodiscard]] bool preemptive() const override { return true; }
  [[nodiscard]] bool may_drop() const override { return options_.admission == CdMsaOptions::Admission::drop; }

  void prepare(const Scenario& scenario) override {
    best_.clear();
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t)
      best_.emplace_back(scenario.network_of(t), ValidSets(), false);
    records_.clear();
    picture_.types.clear();
    for (const auto& a : scenario.platform.accelerators) picture_.types.push_back(a.type);
    picture_.type_count = scenario.platform.types.size();
  }

  void dispatch(const SystemView& view, Decisions& out) override {
    if (options_.admission != CdMsaOptions::Admission::off && test_arrivals(view, out)) return;
    show(view);
    rules_.decide(picture_, plan_);
    if (options_.fusion && start_with_partners(view, out)) return; // asked again: who still waits, and who gives way
    for (const AcceleratorIndex a : plan_.stops) out.stop(a);
    if (plan_.wake != kNever) out.wake_at(plan_.wake);
    start(view, out);
  }

 private:
  /// What is remembered of a job in flight.
  struct Record {
    TaskIndex task = kNone;
    JobIndex job = 0;
    bool demoted = false;
    bool dropped = false;
  };

  [[nodiscard]] Record& record(JobSlot slot) {
    if (slot >= records_.size()) records_.resize(std::size_t{2} * slot + 16);
    return records_[slot];
  }
  [[nodiscard]] bool known(JobSlot slot, const Job& job) {
    const Record& r = record(slot);
    return r.task == job.task && r.job == job.index;
  }
  [[nodiscard]] bool demoted(JobSlot slot, const Job& job) { return known(slot, job) && record(slot).demoted; }

  // -- admission

  /// \returns whether jobs are dropped.
  bool test_arrivals(const SystemView& view, Decisions& out) {
    bool any_dropped = false;
    for (const ReadyId id : view.newly_ready()) {
      const JobSlot slot = view.layer(id).job;
      const Job& job = view.job(id);
      if (known(slot, job)) continue;
      record(slot) = {job.task, job.index, false, false};
      if (passes(view)) continue;
      record(slot).demoted = true;
      if (options_.admission != CdMsaOptions::Admission::drop) continue;
      record(slot).dropped = true;
      any_dropped = true;
      out.drop(id);
    }
    return any_dropped;
  }

  /// Whether the jobs that are known are all in time.
  bool passes(const SystemView& view) {
    forward_.reset(view);
    for (const ReadyId id : view.ready()) {
      const JobSlot slot = view.layer(id).job;
      if (!known(slot, view.job(id)) || record(slot).dropped) continue;
      forward_.add_waiting(view, id, record(slot).demoted);
    }
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (view.is_idle(a) || view.leader(a) != a) continue;
      forward_.add_running(view, a, demoted(view.running(a).job, view.running_job(a)));
      if (const Running* partner = view.partner(a)) {
        forward_.add_partner(view, a, demoted(partner->job, view.job_of(*partner)));
      }
    }
    return forward_.in_time();
  }

  // -- what the rules see

  void show(const SystemView& view) {
    picture_.now = view.now();
    picture_.layers.clear();
    picture_.times.clear();
    picture_.idle.clear();
    ids_.clear();
    std::size_t layers = view.ready().size();
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      picture_.idle.push_back(view.is_idle(a) ? 1 : 0);
      if (!view.is_idle(a) && view.leader(a) == a) ++layers;
    }
    arrays_spare_ = options_.cooperation && layers < view.accelerator_count();
    for (const ReadyId id : view.ready()) show_waiting(view, id);
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (view.is_idle(a) || view.leader(a) != a) continue;
      show_running(view, a, view.running(a));
      if (const Running* partner = view.partner(a)) show_running(view, a, *partner);
    }
  }

  void show_waiting(const SystemView& view, ReadyId id) {
    const Job& job = view.job(id);
    MsaLayer l = keys(job, view.layer(id).layer);
    l.last = job.last_accelerator;
    Duration left = kCannotRun;
    Duration best = kCannotRun;
    for (TypeIndex t = 0; t < picture_.type_count; ++t) {
      const Duration alone = view.latency_left(id, view.original(id), t);
      picture_.times.push_back(alone);
      left = std::min(left, alone);
      best = std::min({best, alone, fastest_group(view, id, t)});
      l.hold = std::max(l.hold, hold(view, id, t));
    }
    judge(view, view.layer(id).job, job, left, best, l);
    picture_.layers.push_back(l);
    ids_.push_back(id);
  }

  [[nodiscard]] Duration fastest_group(const SystemView& view, ReadyId id, TypeIndex type) const {
    Duration best = kCannotRun;
    if (!options_.cooperation) return best;
    for (const std::uint32_t size : view.platform().types[type].group_sizes) {
      best = std::min(best, view.latency_left(id, view.original(id), type, size));
    }
    return best;
  }

  [[nodiscard]] static Duration hold(const SystemView& view, ReadyId id, TypeIndex type) {
    const auto& preemption = view.platform().types[type].preemption;
    const Duration latency = view.latency(id, view.original(id), type);
    if (!preemption || preemption->tiles <= 1 || latency == kCannotRun) return Duration::zero();
    const std::uint64_t bytes = view.network(id).layers[view.layer(id).layer].output_bytes;
    return latency / preemption->tiles + preemption->context.time(bytes);
  }

  void show_running(const SystemView& view, AcceleratorIndex a, const Running& running) {
    const Job& job = view.job_of(running);
    MsaLayer l = keys(job, running.layer);
    l.on = a;
    l.type = view.type_of(a);
    l.group = 0;
    for (AcceleratorIndex b = 0; b < view.accelerator_count(); ++b) {
      if (!view.is_idle(b) && view.leader(b) == a) ++l.group;
    }
    l.stopping = view.stopping(a);
    const TileBoundary boundary = tile_boundary(view, a);
    l.boundary = boundary.at;
    if (boundary.at != kNever) l.hold = boundary.tile + save_time(view, a);
    judge(view, running.job, job, view.left(a), view.left(a), l);
    picture_.times.insert(picture_.times.end(), picture_.type_count, kCannotRun);
    picture_.layers.push_back(l);
    ids_.push_back(kNone);
  }

  [[nodiscard]] static MsaLayer keys(const Job& job, LayerIndex layer) {
    MsaLayer l;
    l.deadline = job.deadline;
    l.release = job.release;
    l.task = job.task;
    l.job = job.index;
    l.layer = layer;
    return l;
  }

  /// Fills in laxity and whether it is best effort. `left`: time left of the layer on one array; `best`: on any group.
  void judge(const SystemView& view, JobSlot slot, const Job& job, Duration left, Duration best, MsaLayer& l) {
    const auto& estimates = job.tables->estimates;
    const Duration slack = job.deadline - view.now();
    l.laxity = slack - left - (estimates.fastest_tail[l.layer] - estimates.fastest[l.layer]);
    const Duration least = arrays_spare_ ? slack - best - best_after(job, l.layer) : l.laxity;
    l.late = least < Duration::zero() || demoted(slot, job);
  }

  /// Shortest time of what follows a layer, on groups of any size.
  [[nodiscard]] Duration best_after(const Job& job, LayerIndex layer) const {
    Duration longest{0};
    for (const LayerIndex s : job.tables->network->layers[layer].successors) {
      longest = std::max(longest, best_[job.task].remaining(s, 0));
    }
    return longest;
  }

  // -- fusion

  /// A layer that starts, and one that waits and could share its array.
  struct Pair {
    std::size_t start;   ///< index into MsaPlan::starts
    std::size_t waiting; ///< index into MsaPicture::layers
    Duration saving;     ///< against one after the other
  };

  /// Starts what the plan starts, some of it with a partner. \returns false, with nothing decided, if no pair saves
  /// time.
  bool start_with_partners(const SystemView& view, Decisions& out) {
    find_pairs(view);
    if (pairs_.empty()) return false;
    std::sort(pairs_.begin(), pairs_.end(), [&](const Pair& a, const Pair& b) {
      if (a.saving != b.saving) return a.saving > b.saving;
      if (a.start != b.start) return a.start < b.start;
      return rules_.goes_first(picture_, a.waiting, b.waiting);
    });
    for (const Pair& pair : pairs_) {
      char& taken = starting_[pair.waiting];
      auto& start = plan_.starts[pair.start];
      if (taken != 0 || start.array == kNone) continue;
      const ReadyId first = ids_[start.layer];
      const ReadyId second = ids_[pair.waiting];
      out.fuse(first, view.original(first), second, view.original(second), start.array);
      taken = 1;
      start.array = kNone;
    }
    for (const auto& s : plan_.starts) {
      if (s.array != kNone) out.start(ids_[s.layer], view.original(ids_[s.layer]), s.array);
    }
    return true;
  }

  void find_pairs(const SystemView& view) {
    pairs_.clear();
    starting_.assign(picture_.layers.size(), 0);
    for (const auto& s : plan_.starts) starting_[s.layer] = 1;
    for (std::size_t s = 0; s < plan_.starts.size(); ++s) {
      const TypeIndex type = picture_.types[plan_.starts[s].array];
      if (!view.platform().types[type].fusion) continue;
      for (std::size_t w = 0; w < picture_.layers.size(); ++w) {
        if (ids_[w] == kNone || starting_[w] != 0) continue;
        if (const auto saving = saving_of(view, plan_.starts[s].layer, w, type)) pairs_.push_back({s, w, *saving});
      }
    }
  }

  /// Nothing if the pair is not possible, saves nothing, or makes a job late.
  [[nodiscard]] std::optional<Duration> saving_of(const SystemView& view, std::size_t first, std::size_t second,
                                                  TypeIndex type) const {
    const MsaLayer& a = picture_.layers[first];
    const MsaLayer& b = picture_.layers[second];
    const ReadyId x = ids_[first];
    const ReadyId y = ids_[second];
    if (a.late || b.late || view.layer(x).job == view.layer(y).job) return std::nullopt;
    if (view.progress(x).begun() || view.progress(y).begun()) return std::nullopt;
    const Duration together = view.fused_latency(x, view.original(x), y, view.original(y), type);
    if (together == kCannotRun || together > a.laxity + left(first) || together > b.laxity + left(second)) {
      return std::nullopt;
    }
    const Duration saving = picture_.time(first, type) + picture_.time(second, type) - together;
    return saving > Duration::zero() ? std::optional(saving) : std::nullopt;
  }

  /// Of a waiting layer on its fastest array, as its laxity counts it.
  [[nodiscard]] Duration left(std::size_t layer) const {
    Duration least = kCannotRun;
    for (TypeIndex t = 0; t < picture_.type_count; ++t) least = std::min(least, picture_.time(layer, t));
    return least;
  }

  // -- decisions

  void start(const SystemView& view, Decisions& out) {
    const std::size_t helped = options_.cooperation ? neediest() : picture_.layers.size();
    const MsaPlan::Start* last = nullptr;
    for (const auto& s : plan_.starts) {
      picture_.idle[s.array] = 0;
      if (s.layer == helped) {
        last = &s; // it takes what the others leave
      } else {
        out.start(ids_[s.layer], view.original(ids_[s.layer]), s.array);
      }
    }
    if (last == nullptr) return;
    const ReadyId id = ids_[last->layer];
    out.start(id, view.original(id), last->array, best_group(view, id, view.type_of(last->array)));
  }

  /// The layer with the smallest laxity of those that may be in time, else of all.
  [[nodiscard]] std::size_t neediest() const {
    std::size_t best = picture_.layers.size();
    const auto order = [&](std::size_t i) {
      const MsaLayer& l = picture_.layers[i];
      return std::tuple(l.late, l.laxity, l.release, l.task, l.job, l.layer);
    };
    for (std::size_t i = 0; i < picture_.layers.size(); ++i) {
      if (best == picture_.layers.size() || order(i) < order(best)) best = i;
    }
    return best;
  }

  /// The size with the smallest time among those that the spare arrays of the type allow; the smallest on ties.
  [[nodiscard]] std::uint32_t best_group(const SystemView& view, ReadyId id, TypeIndex type) const {
    std::uint32_t available = 1;
    for (AcceleratorIndex a = 0; a < picture_.idle.size(); ++a) {
      if (picture_.idle[a] != 0 && picture_.types[a] == type) ++available;
    }
    std::uint32_t best = 1;
    Duration least = view.latency_left(id, view.original(id), type);
    for (const std::uint32_t size : view.platform().types[type].group_sizes) {
      const Duration time = view.latency_left(id, view.original(id), type, size);
      if (size > available || time >= least) continue;
      least = time;
      best = size;
    }
    return best;
  }

  CdMsaOptions options_;
  std::vector<BestCase> best_;  ///< per task
  std::vector<Record> records_; ///< by job slot
  bool arrays_spare_ = false;   ///< fewer layers wait or run than there are arrays, and they may cooperate
  MsaRules rules_;
  MsaPicture picture_;
  MsaPlan plan_;
  std::vector<ReadyId> ids_;   ///< by layer of the picture; kNone for those that run
  std::vector<char> starting_; ///< by layer of the picture: the plan starts it
  std::vector<Pair> pairs_;
  MsaForward forward_;
};

/// The policy `cd-msa` and its settings.
[[nodiscard]] inline PolicyInfo cd_msa_policy() {
  PolicyInfo info;
  info.id = "cd-msa";
  info.summary = "CD-MSA: deadline, then laxity; preemption at tiles, cooperation of arrays, fusion, admission test";
  info.source = "Wang, Bai and Sun, IEEE TPDS 2023; known from its abstract: the rules are ours";
  info.our_reading = true;
  info.settings = {
      Setting::flag("cooperation", true, "spare arrays join the layer of the job with the smallest laxity"),
      Setting::flag("fusion", true, "a layer that starts takes one that waits along where that saves time"),
      Setting::choice("admission", "off", {"off", "drop", "demote"},
                      "a job that would make an admitted one late, or is late itself, is dropped or made best effort"),
  };
  info.make = [](const Settings& s) {
    CdMsaOptions options;
    options.cooperation = s.flag("cooperation");
    options.fusion = s.flag("fusion");
    const std::string& admission = s.choice("admission");
    if (admission == "drop") options.admission = CdMsaOptions::Admission::drop;
    if (admission == "demote") options.admission = CdMsaOptions::Admission::demote;
    return std::make_unique<CdMsaScheduler>(options);
  };
  return info;
}

} // namespace terastal
