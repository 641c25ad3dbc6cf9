#pragma once

#include <optional>
#include <vector>

#include "terastal/sim/view.hpp"

namespace terastal {

/// One decision: run this ready layer, in this implementation, on this accelerator, from now on.
struct Decision {
  ReadyId ready = kNone;
  OptionIndex option = 0;  ///< index into the network's options; `view.original(ready)` for the unchanged layer
  AcceleratorIndex accelerator = kNone;
};

/// What a scheduler answers when it is asked.
class Decisions {
 public:
  /// Start a layer now. Decisions take effect in the order given, after `dispatch` returns.
  void start(ReadyId ready, OptionIndex option, AcceleratorIndex accelerator) {
    starts_.push_back({ready, option, accelerator});
  }

  /// Ask to be asked again at `time` (in the future) even if nothing else happens then.
  void wake_at(Time time) { wake_ = wake_ && *wake_ < time ? *wake_ : time; }

  [[nodiscard]] const std::vector<Decision>& starts() const { return starts_; }
  [[nodiscard]] std::optional<Time> wake() const { return wake_; }
  void clear() {
    starts_.clear();
    wake_.reset();
  }

 private:
  std::vector<Decision> starts_;
  std::optional<Time> wake_;
};

/// A scheduling policy. It sees the system and answers with decisions; it owns no clock and no state of the system.
///
/// When it is asked: after all events of an instant were applied, if an accelerator is idle and a layer is ready; again
/// after its decisions were applied, until it makes no further one. A decision is legal if the accelerator is idle and
/// can run the option, the layer is ready, and the job's variant set stays valid; an illegal one ends the run with a
/// PolicyError.
class Scheduler {
 public:
  virtual ~Scheduler() = default;

  /// Called once before the first event; offline work goes here. The scenario outlives the scheduler.
  virtual void prepare(const Scenario& /*scenario*/) {}

  /// Adds decisions to `out`, which is empty.
  virtual void dispatch(const SystemView& view, Decisions& out) = 0;

  /// True if it may choose variants; then `drop_hopeless` counts what valid variants could still save.
  [[nodiscard]] virtual bool uses_variants() const { return false; }

  /// True if it promises never to leave an accelerator idle that could run a ready layer. The checker holds it to it.
  [[nodiscard]] virtual bool work_conserving() const { return false; }
};

}  // namespace terastal
