#pragma once

#include <algorithm> // max
#include <memory>
#include <string_view>
#include <vector>

#include "terastal/sched/isolated_times.hpp"
#include "terastal/sched/ready_choice.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/sched/sparsity_monitor.hpp"

namespace terastal {

/// Dysta's key, the smallest first: remaining + beta · (max(0, slack − remaining) + (waited / isolated) / waiting
/// layers). Seconds are added to a ratio, as in the source.
[[nodiscard]] inline double dysta_key(double remaining_s, double slack_s, double slowdown, double waiting,
                                      double beta) {
  return remaining_s + beta * (std::max(0.0, slack_s - remaining_s) + slowdown / waiting);
}

/// Dysta: shortest remaining time first, with small terms for slack and against preemption. The remaining time is the
/// estimate times what the job's measured sparsity says of it.
///
/// Source: Dysta (Fan et al., MICRO 2023), the formula of its harness, reproduced exactly on one accelerator. Our
/// reading: on several, remaining and isolated time are longest paths of fastest latencies, and the chosen layer goes
/// to the idle accelerator that finishes it first. Work-conserving. O(ready · types) a decision.
class DystaScheduler : public Scheduler {
 public:
  /// `sparsity` false: the estimate is taken as it is (`dysta_naive` of the harness).
  DystaScheduler(bool sparsity, double beta) : sparsity_(sparsity), beta_(beta) {}

  [[nodiscard]] std::string_view name() const override { return "dysta"; }
  [[nodiscard]] bool work_conserving() const override { return true; }

  void prepare(const Scenario& scenario) override {
    isolated_s_ = isolated_times_s(scenario);
    if (sparsity_) monitor_.reset(scenario);
  }

  void dispatch(const SystemView& view, Decisions& out) override {
    if (sparsity_) {
      for (const ReadyId id : view.newly_ready()) monitor_.add(view, id);
    }
    places_.look(view);
    ReadyId best = kNone;
    double smallest = 0.0;
    for (const ReadyId id : view.ready()) {
      if (!places_.can_start(view, id)) continue;
      const double mine = key(view, id);
      if (best != kNone && (mine > smallest || (mine == smallest && !goes_first(view, id, best)))) continue;
      best = id;
      smallest = mine;
    }
    if (best != kNone) out.start(best, view.original(best), places_.fastest(view, best));
  }

 private:
  [[nodiscard]] double key(const SystemView& view, ReadyId id) const {
    const Job& job = view.job(id);
    const double estimate = to_seconds(view.remaining(id));
    const double remaining = sparsity_ ? monitor_.factor(id) * estimate : estimate;
    const double slowdown = to_seconds(view.now() - job.last_served) / isolated_s_[job.task];
    return dysta_key(remaining, to_seconds(job.deadline - view.now()), slowdown,
                     static_cast<double>(view.ready().size()), beta_);
  }

  bool sparsity_;
  double beta_;
  std::vector<double> isolated_s_; ///< per task
  SparsityMonitor monitor_;
  IdlePlaces places_;
};

/// The policy `dysta` and its settings.
[[nodiscard]] inline PolicyInfo dysta_policy() {
  PolicyInfo info;
  info.id = "dysta";
  info.summary = "Dysta: shortest remaining time by measured sparsity, with terms for slack and waiting";
  info.source = "harness of Fan et al., MICRO 2023, extended to several accelerators";
  info.our_reading = true;
  info.settings = {
      Setting::flag("sparsity", true, "correct estimates by the sparsity measured in finished layers of the job"),
      Setting::number("beta", 0.01, 0.0, 1e6, "weight of slack and waiting against remaining time"),
  };
  info.make = [](const Settings& s) { return std::make_unique<DystaScheduler>(s.flag("sparsity"), s.number("beta")); };
  return info;
}

} // namespace terastal
