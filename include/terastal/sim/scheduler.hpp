#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "terastal/sim/view.hpp"

namespace terastal {

/// One decision: run this ready layer, in this implementation, on this accelerator, from now on.
struct Decision {
  ReadyId ready = kNone;
  OptionIndex option = 0; ///< index into the network's options; `view.original(ready)` for the unchanged layer
  AcceleratorIndex accelerator = kNone;
};

/// What a scheduler answers when it is asked.
class Decisions {
 public:
  /// Start a layer now. Decisions take effect in the order given, after `dispatch` returns.
  void start(ReadyId ready, OptionIndex option, AcceleratorIndex accelerator) {
    if (count_ == starts_.size()) grow();
    starts_[count_++] = {ready, option, accelerator};
  }

  /// Drop the job of a ready layer: it counts as missed. Layers of it that run are not aborted. Applied
  /// before starts; naming several layers of one job drops it once.
  void drop(ReadyId ready) { drops_.push_back(ready); }

  /// Ask to be asked again at `time` (in the future) even if nothing else happens then.
  void wake_at(Time time) { wake_ = std::min(wake_, time); }

  [[nodiscard]] std::span<const Decision> starts() const { return {starts_.data(), count_}; }
  [[nodiscard]] std::span<const ReadyId> drops() const { return drops_; }
  [[nodiscard]] bool empty() const { return count_ == 0 && drops_.empty(); }
  /// The earliest wake-up asked for; kNever if none was.
  [[nodiscard]] Time wake() const { return wake_; }
  void clear() {
    count_ = 0;
    drops_.clear();
    wake_ = kNever;
  }

 private:
  [[gnu::noinline]] void grow() { starts_.resize(2 * starts_.size() + 4); }

  std::vector<Decision> starts_; ///< the first count_ are valid; kept between calls
  std::size_t count_ = 0;
  std::vector<ReadyId> drops_;
  Time wake_ = kNever;
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

  /// Names the policy in error messages.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// Called once before the first event; offline work goes here. The scenario outlives the scheduler.
  virtual void prepare(const Scenario& /*scenario*/) {}

  /// Adds decisions to `out`, which is empty.
  virtual void dispatch(const SystemView& view, Decisions& out) = 0;

  /// True if it may choose variants; then `drop_hopeless` counts what valid variants could still save.
  [[nodiscard]] virtual bool uses_variants() const { return false; }

  /// True if it may drop jobs of its own accord. The checker objects to drops that nobody announced.
  [[nodiscard]] virtual bool may_drop() const { return false; }

  /// True if it promises never to leave an accelerator idle that could run a ready layer. The checker holds it to it.
  [[nodiscard]] virtual bool work_conserving() const { return false; }
};

} // namespace terastal
