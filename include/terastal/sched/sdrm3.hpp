#pragma once

#include <algorithm> // min
#include <limits>
#include <memory>
#include <string_view>

#include "terastal/sched/best_score.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// min(1, remaining / slack) + alpha · waited / estimate of the next layer, all in seconds. A late job has a negative
/// urgency; at the deadline it is 1.
[[nodiscard]] inline double sdrm3_score(double remaining_s, double slack_s, double waited_s, double next_s,
                                        double alpha) {
  const double urgency = slack_s == 0.0 ? 1.0 : std::min(1.0, remaining_s / slack_s);
  return urgency + alpha * (waited_s / next_s);
}

/// SDRM3 as Dysta's harness has it, an early DREAM without its latency and energy preferences: the ready layer with the
/// largest urgency + alpha · starvation runs.
///
/// Source: Dysta's harness (MICRO 2023), reproduced exactly on one accelerator. Our reading: on several, remaining and
/// next are the fastest latencies, and the chosen layer goes to the idle accelerator that finishes it first; a slack of
/// 0 counts as urgency 1 (the harness divides by it). `dream` places by preference instead. Work-conserving.
/// O(ready · types) a decision.
class Sdrm3Scheduler : public Scheduler {
 public:
  Sdrm3Scheduler(double alpha, AllLate all_late) : alpha_(alpha), all_late_(all_late) {}

  [[nodiscard]] std::string_view name() const override { return "sdrm3"; }
  [[nodiscard]] bool work_conserving() const override { return true; }

  void dispatch(const SystemView& view, Decisions& out) override {
    places_.look(view);
    BestScore best(all_late_);
    for (const ReadyId id : view.ready()) {
      if (places_.can_start(view, id)) best.offer(view, id, score(view, id));
    }
    const ReadyId id = best.best();
    if (id != kNone) out.start(id, view.original(id), places_.fastest(view, id));
  }

 private:
  [[nodiscard]] double score(const SystemView& view, ReadyId id) const {
    const Job& job = view.job(id);
    const Duration next = job.tables->estimates.fastest[view.layer(id).layer];
    return sdrm3_score(to_seconds(view.remaining(id)), to_seconds(job.deadline - view.now()),
                       to_seconds(view.now() - job.last_served), to_seconds(next), alpha_);
  }

  double alpha_;
  AllLate all_late_;
  IdlePlaces places_;
};

/// The policy `sdrm3` and its settings.
[[nodiscard]] inline PolicyInfo sdrm3_policy() {
  PolicyInfo info;
  info.id = "sdrm3";
  info.summary = "SDRM3 of Dysta's harness: urgency and starvation, without DREAM's preferences";
  info.source = "harness of Fan et al., MICRO 2023, extended to several accelerators";
  info.our_reading = true;
  info.settings = {
      Setting::number("alpha", 1.0, 0.0, 1e6, "weight of starvation"),
      detail::all_late_setting(),
  };
  info.make = [](const Settings& s) {
    return std::make_unique<Sdrm3Scheduler>(s.number("alpha"), detail::all_late_of(s));
  };
  return info;
}

} // namespace terastal
