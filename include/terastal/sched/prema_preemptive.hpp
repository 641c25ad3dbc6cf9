#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "terastal/sched/isolated_times.hpp"
#include "terastal/sched/prema_tokens.hpp"
#include "terastal/sched/ready_choice.hpp"
#include "terastal/sim/scheduler.hpp"

namespace terastal {

/// How a job that runs gives way.
enum class PremaMechanism : std::uint8_t {
  drain,      ///< not at all: it runs to its end
  checkpoint, ///< at the end of a tile, its state saved
  kill,       ///< at once; the layer that runs starts anew
  dynamic,    ///< drain or checkpoint, by `prema_drains`
};

/// PREMA's dynamic choice: whether the running job is let run to its end, because waiting for the other would slow it
/// down more than the other is slowed down by waiting for it. `left`: remaining times; `isolated`: of the whole jobs.
[[nodiscard]] inline bool prema_drains(Duration running_left, double running_isolated_s, Duration other_left,
                                       double other_isolated_s) {
  return to_seconds(other_left) / running_isolated_s > to_seconds(running_left) / other_isolated_s;
}

/// PREMA with a mechanism of preemption: a job keeps its accelerator from layer to layer, and may lose it only at a
/// scheduling point: a job arrives or ends, or a quantum is over. There the tokens of waiting jobs grow; of all jobs
/// whose token reaches the threshold, those that run included, the one with the least remaining time is preferred.
///
/// Source: recollection of PREMA (Choi and Rhu, HPCA 2020); tokens as in Dysta's harness. Our reading: quanta count
/// from the start of the run; tokens of running jobs rest; on several accelerators, the job that is least preferred
/// gives way; where a type declares no preemption, or the layer is in its last tile, the accelerator changes hands when
/// the layer ends; `kill` loses the layer that runs, not those before it, and has no quanta. O(ready² + ready ·
/// accelerators) a decision.
class PreemptivePremaScheduler : public Scheduler {
 public:
  PreemptivePremaScheduler(TokenRule rule, PremaMechanism mechanism, Duration quantum)
      : tokens_(rule), mechanism_(mechanism),
        // At quanta two jobs with layers longer than that could kill each other for ever.
        quantum_(mechanism == PremaMechanism::kill ? Duration::zero() : quantum) {}

  [[nodiscard]] std::string_view name() const override { return "prema"; }
  [[nodiscard]] bool preemptive() const override { return true; }

  void prepare(const Scenario& scenario) override {
    isolated_s_ = isolated_times_s(scenario);
    tokens_.reset(isolated_s_);
    owners_.assign(scenario.platform.accelerators.size(), Owner{});
    last_point_ = kNever;
  }

  void dispatch(const SystemView& view, Decisions& out) override {
    collect(view);
    const bool point = is_point(view);
    const bool free = any_free(view);
    if (point || (free && !waiting_.empty())) advance_tokens(view);
    if (free) assign_free(view);
    if (point) preempt(view, out);
    for (AcceleratorIndex a = 0; a < owners_.size(); ++a) {
      const Owner& o = owners_[a];
      if (o.next != kNone && view.is_idle(a)) out.start(o.next, view.original(o.next), a);
    }
    if (!waiting_.empty() && quantum_ > Duration::zero()) out.wake_at(next_quantum(view.now()));
  }

 private:
  /// The job that an accelerator belongs to.
  struct Owner {
    TaskIndex task = kNone; ///< kNone: none
    JobIndex job = 0;
    double token = 0.0;   ///< when it last waited
    ReadyId next = kNone; ///< its layer that is to start here; kNone while one runs here
  };

  /// A layer that waits and belongs to no accelerator.
  struct Waiting {
    ReadyId id;
    double token = 0.0;
    Duration left{0}; ///< remaining time of its job
  };

  // -- what is where

  /// Brings owners up to date: a job that has left, or whose next layer cannot run here, owns nothing.
  void collect(const SystemView& view) {
    waiting_.clear();
    for (const ReadyId id : view.ready()) waiting_.push_back({id, 0.0, left_of(view, id)});
    std::sort(waiting_.begin(), waiting_.end(),
              [&](const Waiting& a, const Waiting& b) { return goes_first(view, a.id, b.id); });
    lost_owner_ = false;
    for (AcceleratorIndex a = 0; a < owners_.size(); ++a) {
      Owner& o = owners_[a];
      o.next = kNone;
      if (o.task == kNone || runs_here(view, a)) continue;
      const auto next = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& w) {
        const Job& job = view.job(w.id);
        return job.task == o.task && job.index == o.job && can_run(view, w.id, a);
      });
      if (next == waiting_.end()) {
        o = Owner{};
        lost_owner_ = true;
        continue;
      }
      o.next = next->id;
      waiting_.erase(next);
    }
  }

  /// Whether a layer of the owner runs on the accelerator and will go on.
  [[nodiscard]] bool runs_here(const SystemView& view, AcceleratorIndex a) const {
    if (view.is_idle(a)) return false;
    const Job& job = view.running_job(a);
    return job.task == owners_[a].task && job.index == owners_[a].job;
  }

  [[nodiscard]] static bool can_run(const SystemView& view, ReadyId id, AcceleratorIndex a) {
    return view.latency(id, view.original(id), view.type_of(a)) != kCannotRun;
  }

  [[nodiscard]] static Duration after(const Job& job, LayerIndex layer) {
    const NetworkEstimates& e = job.tables->estimates;
    return e.fastest_tail[layer] - e.fastest[layer];
  }

  /// Remaining time of the job of a waiting layer, if that runs on a type that can run it.
  [[nodiscard]] static Duration left_on(const SystemView& view, ReadyId id, TypeIndex type) {
    return checked_add(view.latency_left(id, view.original(id), type), after(view.job(id), view.layer(id).layer));
  }

  /// The same on the fastest type.
  [[nodiscard]] static Duration left_of(const SystemView& view, ReadyId id) {
    Duration least = kCannotRun;
    for (TypeIndex t = 0; t < view.platform().types.size(); ++t) {
      least = std::min(least, view.latency_left(id, view.original(id), t));
    }
    return checked_add(least, after(view.job(id), view.layer(id).layer));
  }

  /// Remaining time of the owner's job, from the layer that runs or is next here.
  [[nodiscard]] Duration left_here(const SystemView& view, AcceleratorIndex a) const {
    if (owners_[a].next != kNone) return left_on(view, owners_[a].next, view.type_of(a));
    return checked_add(view.left(a), after(view.running_job(a), view.running(a).layer));
  }

  // -- when

  /// At most once an instant.
  bool is_point(const SystemView& view) {
    if (view.now() == last_point_) return false;
    const bool quantum = quantum_ > Duration::zero() && view.now().time_since_epoch() % quantum_ == Duration::zero();
    const auto fresh = view.newly_ready();
    const bool arrival =
        std::any_of(fresh.begin(), fresh.end(), [&](ReadyId id) { return view.job(id).release == view.now(); });
    if (!quantum && !arrival && !lost_owner_) return false;
    last_point_ = view.now();
    return true;
  }

  [[nodiscard]] Time next_quantum(Time now) const {
    return checked_add(now, quantum_ - now.time_since_epoch() % quantum_);
  }

  // -- what

  void advance_tokens(const SystemView& view) {
    for (Waiting& w : waiting_) w.token = tokens_.advance(view.layer(w.id).job, view.job(w.id), view.now());
  }

  /// The largest token of the waiting layers in question that may raise the threshold.
  template <typename Filter>
  [[nodiscard]] double largest_token(const SystemView& view, Filter counts) const {
    double largest = 0.0;
    for (const Waiting& w : waiting_) {
      if (counts(w) && tokens_.counts(view.layer(w.id).job, view.now())) largest = std::max(largest, w.token);
    }
    return largest;
  }

  /// The waiting layer with the least remaining time among those in question that reach the threshold; ties as
  /// `waiting_` is ordered.
  template <typename Filter>
  [[nodiscard]] std::vector<Waiting>::iterator shortest(double threshold, Filter in_question) {
    auto best = waiting_.end();
    for (auto w = waiting_.begin(); w != waiting_.end(); ++w) {
      if (w->token < threshold || !in_question(*w)) continue;
      if (best == waiting_.end() || w->left < best->left) best = w;
    }
    return best;
  }

  /// Accelerators that belong to nobody, one after another to the preferred layer that can start on one of them.
  void assign_free(const SystemView& view) {
    for (;;) {
      const auto startable = [&](const Waiting& w) { return fastest_free(view, w.id) != kNone; };
      const double threshold = PremaTokens::threshold(largest_token(view, startable));
      const auto best = shortest(threshold, startable);
      if (best == waiting_.end()) return;
      take(view, fastest_free(view, best->id), best);
    }
  }

  [[nodiscard]] bool any_free(const SystemView& view) const {
    for (AcceleratorIndex a = 0; a < owners_.size(); ++a) {
      if (owners_[a].task == kNone && view.is_idle(a)) return true;
    }
    return false;
  }

  [[nodiscard]] AcceleratorIndex fastest_free(const SystemView& view, ReadyId id) const {
    AcceleratorIndex best = kNone;
    Duration least = kCannotRun;
    for (AcceleratorIndex a = 0; a < owners_.size(); ++a) {
      if (owners_[a].task != kNone || !view.is_idle(a) || !can_run(view, id, a)) continue;
      const Duration time = checked_add(view.latency_left(id, view.original(id), view.type_of(a)), view.setup(id, a));
      if (best != kNone && time >= least) continue;
      best = a;
      least = time;
    }
    return best;
  }

  void take(const SystemView& view, AcceleratorIndex a, std::vector<Waiting>::iterator w) {
    const Job& job = view.job(w->id);
    owners_[a] = {job.task, job.index, w->token, w->id};
    waiting_.erase(w);
  }

  /// Waiting layers that are preferred to what runs take over, the most preferred first.
  void preempt(const SystemView& view, Decisions& out) {
    if (mechanism_ == PremaMechanism::drain) return;
    double largest = largest_token(view, [](const Waiting&) { return true; });
    for (const Owner& o : owners_) largest = std::max(largest, o.token);
    const double threshold = PremaTokens::threshold(largest);
    settled_.assign(owners_.size(), 0);
    for (;;) {
      const auto best = shortest(threshold, [&](const Waiting& w) { return victim(view, w, threshold) != kNone; });
      if (best == waiting_.end()) return;
      const AcceleratorIndex a = victim(view, *best, threshold);
      settled_[a] = 1;
      if (mechanism_ == PremaMechanism::dynamic && drains(view, *best, a)) continue;
      const bool stop = !view.is_idle(a) && view.platform().types[view.type_of(a)].preemption.has_value();
      take(view, a, best);
      if (stop) out.stop(a, mechanism_ == PremaMechanism::kill ? StopMode::kill : StopMode::checkpoint);
    }
  }

  /// The least preferred of the jobs that a waiting one is preferred to: below the threshold, then with the most time
  /// left. Times are compared on the accelerator in question; otherwise two jobs that are faster elsewhere would kill
  /// each other for ever. kNone if there is none.
  [[nodiscard]] AcceleratorIndex victim(const SystemView& view, const Waiting& w, double threshold) const {
    AcceleratorIndex best = kNone;
    bool best_reaches = false;
    Duration most{0};
    const Job& job = view.job(w.id);
    for (AcceleratorIndex a = 0; a < owners_.size(); ++a) {
      const Owner& o = owners_[a];
      const bool promised = o.next != kNone && !view.is_idle(a);
      if (o.task == kNone || settled_[a] != 0 || promised || !can_run(view, w.id, a)) continue;
      if (o.task == job.task && o.job == job.index) continue;
      const bool reaches = o.token >= threshold;
      const Duration left = left_here(view, a);
      if (reaches && left <= left_on(view, w.id, view.type_of(a))) continue;
      if (best != kNone && (reaches != best_reaches ? reaches : left <= most)) continue;
      best = a;
      best_reaches = reaches;
      most = left;
    }
    return best;
  }

  [[nodiscard]] bool drains(const SystemView& view, const Waiting& w, AcceleratorIndex a) const {
    return prema_drains(left_here(view, a), isolated_s_[owners_[a].task], left_on(view, w.id, view.type_of(a)),
                        isolated_s_[view.job(w.id).task]);
  }

  PremaTokens tokens_;
  PremaMechanism mechanism_;
  Duration quantum_;
  std::vector<double> isolated_s_; ///< per task
  std::vector<Owner> owners_;      ///< by accelerator
  std::vector<Waiting> waiting_;   ///< by release, task, job, layer
  std::vector<char> settled_;      ///< by accelerator: decided at this scheduling point
  Time last_point_ = kNever;
  bool lost_owner_ = false;
};

} // namespace terastal
