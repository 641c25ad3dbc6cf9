#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
  std::uint32_t group =
      1; ///< accelerators it runs on: this one and the idle ones of its type with the smallest indices
};

/// Run two ready layers of different jobs on one accelerator from now on; they end together.
struct FuseDecision {
  ReadyId first = kNone;
  OptionIndex first_option = 0;
  ReadyId second = kNone;
  OptionIndex second_option = 0;
  AcceleratorIndex accelerator = kNone;
};

/// How a running layer is stopped.
enum class StopMode : std::uint8_t {
  checkpoint, ///< at the end of its present tile; its state is saved. Nothing happens when that is its last tile
  kill,       ///< at once; what it has done since it last started is lost
};

/// Stop what runs on an accelerator (any one of its group).
struct StopDecision {
  AcceleratorIndex accelerator = kNone;
  StopMode mode = StopMode::checkpoint;
};

/// Let the job of a ready layer run another network of its task.
struct NetworkDecision {
  ReadyId ready = kNone;
  std::uint32_t alternative = 0;
};

/// Bound the share of the memory that an accelerator may take.
struct LimitDecision {
  AcceleratorIndex accelerator = kNone;
  double bytes_per_second = 0.0;
};

/// What a scheduler answers when it is asked.
class Decisions {
 public:
  /// Start a layer now. Decisions take effect in the order given, after `dispatch` returns.
  void start(ReadyId ready, OptionIndex option, AcceleratorIndex accelerator, std::uint32_t group = 1) {
    if (count_ == starts_.size()) grow();
    starts_[count_++] = {ready, option, accelerator, group};
  }

  /// Start two layers of different jobs on one accelerator; see SystemView::fused_latency for their time. Legal where
  /// the accelerator's type declares fusion and the times of both layers' parts are known, for layers that were not
  /// stopped before. What a pair moves, switches and spends on contexts is as if the second layer followed the first.
  /// Applied after starts.
  void fuse(ReadyId first, OptionIndex first_option, ReadyId second, OptionIndex second_option,
            AcceleratorIndex accelerator) {
    fusions_.push_back({first, first_option, second, second_option, accelerator});
  }

  /// Stop a running layer; it becomes ready again. Legal where the accelerator's type declares preemption. Applied
  /// after starts; a layer that is stopping already, or ends with its present tile, goes on as it was. A fused pair
  /// cannot be stopped.
  void stop(AcceleratorIndex accelerator, StopMode mode = StopMode::checkpoint) {
    stops_.push_back({accelerator, mode});
  }

  /// Let the job of a ready layer run another network of its task (a supernet's): 0 the task's own, else 1 + index into
  /// Task::alternatives. Legal before the job's first layer has started, and at the task's switch points; not once the
  /// job has used a variant. The ready layer keeps its id and becomes the other network's. Applied before starts, whose
  /// options are then those of the new network.
  void use_network(ReadyId ready, std::uint32_t alternative) { networks_.push_back({ready, alternative}); }

  /// Bound the memory traffic of what runs on an accelerator, until its layer ends; 0 lifts the bound. Legal where the
  /// platform's memory is shared. Applied after starts.
  void limit_memory(AcceleratorIndex accelerator, double bytes_per_second) {
    limits_.push_back({accelerator, bytes_per_second});
  }

  /// Drop the job of a ready layer: it counts as missed. Layers of it that run are not aborted. Applied
  /// before starts; naming several layers of one job drops it once.
  void drop(ReadyId ready) { drops_.push_back(ready); }

  /// Ask to be asked again at `time` (in the future) even if nothing else happens then.
  void wake_at(Time time) { wake_ = std::min(wake_, time); }

  [[nodiscard]] std::span<const Decision> starts() const { return {starts_.data(), count_}; }
  [[nodiscard]] std::span<const ReadyId> drops() const { return drops_; }
  [[nodiscard]] std::span<const FuseDecision> fusions() const { return fusions_; }
  [[nodiscard]] std::span<const StopDecision> stops() const { return stops_; }
  [[nodiscard]] std::span<const NetworkDecision> networks() const { return networks_; }
  [[nodiscard]] std::span<const LimitDecision> limits() const { return limits_; }
  /// Nothing but starts and a wake-up was decided.
  [[nodiscard]] bool only_starts() const {
    return drops_.empty() && fusions_.empty() && stops_.empty() && networks_.empty() && limits_.empty();
  }
  [[nodiscard]] bool empty() const { return count_ == 0 && only_starts(); }
  /// The earliest wake-up asked for; kNever if none was.
  [[nodiscard]] Time wake() const { return wake_; }
  void clear() {
    count_ = 0;
    drops_.clear();
    fusions_.clear();
    stops_.clear();
    networks_.clear();
    limits_.clear();
    wake_ = kNever;
  }

 private:
  [[gnu::noinline]] void grow() { starts_.resize(2 * starts_.size() + 4); }

  std::vector<Decision> starts_; ///< the first count_ are valid; kept between calls
  std::size_t count_ = 0;
  std::vector<ReadyId> drops_;
  std::vector<FuseDecision> fusions_;
  std::vector<StopDecision> stops_;
  std::vector<NetworkDecision> networks_;
  std::vector<LimitDecision> limits_;
  Time wake_ = kNever;
};

/// A scheduling policy. It sees the system and answers with decisions; it owns no clock and no state of the system.
///
/// When it is asked: after all events of an instant were applied, if an accelerator is idle and a layer is ready (or
/// always, see `preemptive`); again after its decisions were applied, until it makes no further one. A decision is
/// legal if the accelerator is idle and can run the option, the layer is ready, and the job's variant set stays valid;
/// an illegal one ends the run with a PolicyError.
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

  /// What it wants to hear of what happens, as a running system would tell it; null for nothing. Asked once, after
  /// `prepare`. It is told before the run's other observers.
  [[nodiscard]] virtual Observer* feedback() { return nullptr; }

  /// True if it wants to be asked at every instant at which something happens, even when no accelerator is idle or no
  /// layer is ready: it may stop running layers.
  [[nodiscard]] virtual bool preemptive() const { return false; }

  /// True if it may drop jobs of its own accord. The checker objects to drops that nobody announced.
  [[nodiscard]] virtual bool may_drop() const { return false; }

  /// True if it promises never to leave an accelerator idle that could run a ready layer. The checker holds it to it.
  [[nodiscard]] virtual bool work_conserving() const { return false; }
};

} // namespace terastal
