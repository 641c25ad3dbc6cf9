#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "terastal/sim/scheduler.hpp"

namespace terastal {

/// DREAM's smart frame drop: at most one frame at an instant is given up, if that can help another.
///
/// A waiting job is a candidate if even its best case is late (the sum of the remaining layers' fastest latencies
/// exceeds its slack), no task is released by its completions, and its task has lost fewer than `most` of its last
/// `window` released frames. It is dropped only while another waiting job is late by the same measure; of several
/// candidates the one with the largest (to-go − slack) / to-go goes, ties by task and job.
///
/// Our reading: that frames are dropped when that helps, within a limit for each model, is recollection; cap, window
/// and measure are ours.
class SmartFrameDrop {
 public:
  /// With `supernet` a job's best case is that of the fastest network it may still choose.
  SmartFrameDrop(std::uint32_t most, std::uint32_t window, bool supernet)
      : most_(most), window_(window), supernet_(supernet) {}

  void prepare(const Scenario& scenario) {
    histories_.assign(scenario.tasks.size(), {});
    has_children_.assign(scenario.tasks.size(), false);
    for (const Task& task : scenario.tasks) {
      if (task.parent) has_children_[task.parent->task] = true;
    }
    asked_at_ = Time{Duration{-1}};
  }

  /// The layer whose job is to be dropped now; kNone if none is. Asked again at the same instant it has no more to say.
  [[nodiscard]] ReadyId choose(const SystemView& view) {
    if (view.now() == asked_at_) return kNone;
    asked_at_ = view.now();
    for (const ReadyId id : view.newly_ready()) see(view.job(id));
    ReadyId best = kNone;
    double best_excess = 0.0;
    const Job* late = nullptr;
    bool others_late = false;
    for (const ReadyId id : view.ready()) {
      const Job& job = view.job(id);
      const double excess = excess_of(view, id);
      if (excess <= 0.0) continue;
      others_late = others_late || (late != nullptr && late != &job);
      late = &job;
      if (!may_drop(job)) continue;
      const bool first = best == kNone || excess > best_excess;
      const bool tie = best != kNone && excess == best_excess && before(job, view.job(best));
      if (!first && !tie) continue;
      best = id;
      best_excess = excess;
    }
    if (best == kNone || !others_late) return kNone;
    remember(view.job(best));
    return best;
  }

 private:
  /// The dropped frames among the last ones of a task.
  struct History {
    JobIndex newest = 0;
    std::vector<JobIndex> dropped; ///< ascending, at most `most`
  };

  /// (to-go − slack) / to-go; above 0 when even the best case is late.
  [[nodiscard]] double excess_of(const SystemView& view, ReadyId id) const {
    const double to_go = to_seconds(supernet_ ? fastest_network(view, id) : view.remaining(id));
    return (to_go - to_seconds(view.job(id).deadline - view.now())) / to_go;
  }

  [[nodiscard]] static Duration fastest_network(const SystemView& view, ReadyId id) {
    Duration best = view.job(id).tables->estimates.fastest_tail[view.layer(id).layer];
    const auto& others = view.job(id).tables->task->alternatives;
    for (std::uint32_t n = 0; n <= others.size(); ++n) {
      const LayerIndex layer = others.empty() ? kNone : view.layer_in(id, n);
      if (layer == kNone) continue;
      best = std::min(best, view.tables(view.job(id).task, n).estimates.fastest_tail[layer]);
    }
    return best;
  }

  [[nodiscard]] static bool before(const Job& a, const Job& b) {
    return a.task != b.task ? a.task < b.task : a.index < b.index;
  }

  void see(const Job& job) { histories_[job.task].newest = std::max(histories_[job.task].newest, job.index); }

  [[nodiscard]] bool may_drop(const Job& job) const {
    if (has_children_[job.task]) return false;
    const History& h = histories_[job.task];
    const auto recent = std::count_if(h.dropped.begin(), h.dropped.end(),
                                      [&](JobIndex d) { return std::uint64_t{d} + window_ > h.newest; });
    return static_cast<std::uint32_t>(recent) < most_;
  }

  void remember(const Job& job) {
    auto& dropped = histories_[job.task].dropped;
    if (dropped.size() >= most_ && !dropped.empty()) dropped.erase(dropped.begin());
    dropped.insert(std::upper_bound(dropped.begin(), dropped.end(), job.index), job.index);
  }

  std::uint32_t most_;
  std::uint32_t window_;
  bool supernet_;
  std::vector<History> histories_;
  std::vector<bool> has_children_;
  Time asked_at_{};
};

} // namespace terastal
