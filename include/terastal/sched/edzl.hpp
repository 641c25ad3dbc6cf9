#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "terastal/sched/ready_choice.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// What becomes of a job whose laxity is negative: it will be late whatever is done (by the estimates).
enum class Hopeless : std::uint8_t {
  urgent,   ///< as at zero laxity
  deadline, ///< keeps its place by deadline
  last,     ///< after all others
};

/// EDZL: earliest deadline first until zero laxity. Jobs without laxity go before all others; each group by deadline.
///
/// Laxity = deadline − now − longest path of fastest latencies to the end. It is looked at when an accelerator is free;
/// layers are not preempted, so a job whose laxity runs out meanwhile could not start earlier anyway and no timer is
/// needed. With layers of one unit on identical accelerators this is the textbook policy. The layer goes to the idle
/// accelerator that finishes it first (our reading on accelerators that differ). Work-conserving. O(ready · types) a
/// decision.
class EdzlScheduler : public Scheduler {
 public:
  explicit EdzlScheduler(Hopeless hopeless) : hopeless_(hopeless) {}

  [[nodiscard]] std::string_view name() const override { return "edzl"; }
  [[nodiscard]] bool work_conserving() const override { return true; }

  void dispatch(const SystemView& view, Decisions& out) override {
    places_.look(view);
    ReadyId best = kNone;
    int best_group = 0;
    for (const ReadyId id : view.ready()) {
      if (!places_.can_start(view, id)) continue;
      const int mine = group(view, id);
      if (best != kNone && (mine > best_group || (mine == best_group && !earlier(view, id, best)))) continue;
      best = id;
      best_group = mine;
    }
    if (best != kNone) out.start(best, view.original(best), places_.fastest(view, best));
  }

 private:
  /// 0: no laxity left; 1: by deadline; 2: given up.
  [[nodiscard]] int group(const SystemView& view, ReadyId id) const {
    const Duration laxity = view.job(id).deadline - view.now() - view.remaining(id);
    if (laxity > Duration::zero()) return 1;
    if (laxity == Duration::zero() || hopeless_ == Hopeless::urgent) return 0;
    return hopeless_ == Hopeless::last ? 2 : 1;
  }

  [[nodiscard]] static bool earlier(const SystemView& view, ReadyId a, ReadyId b) {
    const Time x = view.job(a).deadline;
    const Time y = view.job(b).deadline;
    return x != y ? x < y : goes_first(view, a, b);
  }

  Hopeless hopeless_;
  IdlePlaces places_;
};

/// The policy `edzl` and its settings.
[[nodiscard]] inline PolicyInfo edzl_policy() {
  PolicyInfo info;
  info.id = "edzl";
  info.summary = "earliest deadline first until zero laxity";
  info.source = "Lee 1994; layers are not preempted; extended to accelerators that differ";
  info.our_reading = true;
  info.settings = {
      Setting::choice("hopeless", "urgent", {"urgent", "deadline", "last"},
                      "negative laxity: urgent: as zero laxity; deadline: by deadline; last: after all others"),
  };
  info.make = [](const Settings& s) {
    const std::string& hopeless = s.choice("hopeless");
    return std::make_unique<EdzlScheduler>(hopeless == "urgent"     ? Hopeless::urgent
                                           : hopeless == "deadline" ? Hopeless::deadline
                                                                    : Hopeless::last);
  };
  return info;
}

} // namespace terastal
