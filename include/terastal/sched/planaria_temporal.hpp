#pragma once

#include <limits>
#include <string_view>

#include "terastal/sched/best_score.hpp"
#include "terastal/sim/scheduler.hpp"

namespace terastal {

/// weight / slack; negative for a late job, infinite at the deadline.
[[nodiscard]] inline double planaria_score(double weight, double slack_s) {
  return slack_s == 0.0 ? std::numeric_limits<double>::infinity() : weight / slack_s;
}

/// Planaria's score on whole accelerators: the ready layer with the largest weight / slack runs, slack = deadline −
/// now.
///
/// Source: the temporal form of Dysta's harness (MICRO 2023), reproduced exactly on one accelerator. Our reading: on
/// several, the chosen layer goes to the idle accelerator that finishes it first; a slack of 0 is most urgent (the
/// harness divides by it). Work-conserving. O(ready · types) a decision.
class TemporalPlanariaScheduler : public Scheduler {
 public:
  explicit TemporalPlanariaScheduler(AllLate all_late) : all_late_(all_late) {}

  [[nodiscard]] std::string_view name() const override { return "planaria"; }
  [[nodiscard]] bool work_conserving() const override { return true; }

  void dispatch(const SystemView& view, Decisions& out) override {
    places_.look(view);
    BestScore best(all_late_);
    for (const ReadyId id : view.ready()) {
      if (!places_.can_start(view, id)) continue;
      const Job& job = view.job(id);
      best.offer(view, id, planaria_score(job.weight, to_seconds(job.deadline - view.now())));
    }
    const ReadyId id = best.best();
    if (id != kNone) out.start(id, view.original(id), places_.fastest(view, id));
  }

 private:
  AllLate all_late_;
  IdlePlaces places_;
};

} // namespace terastal
