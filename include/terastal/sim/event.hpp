#pragma once

#include <algorithm>
#include <cstdint>

#include "terastal/core/int128.hpp"
#include "terastal/core/packed_heap.hpp"
#include "terastal/core/time.hpp"
#include "terastal/sim/observer.hpp"

namespace terastal {

/// What happens, in the order in which it is applied at one instant.
enum class EventKind : std::uint8_t { completion = 0, release = 1, timer = 2 };

/// An event packed into one unsigned integer whose order is the order of events: time, kind, task, job, payload.
///
/// A single comparison orders two events, and no pool of event objects is needed. Fields from the top: 64 bits time in
/// ps (never negative), 2 kind, 13 task, 29 job, 20 payload (accelerator of a completion, pending release, job slot).
class Event {
 public:
  static constexpr std::uint32_t kMaxTask = (1U << 13) - 1; ///< itself reserved for timers of the scheduler
  static constexpr std::uint32_t kMaxJob = (1U << 29) - 1;
  static constexpr std::uint32_t kMaxPayload = (1U << 20) - 1;

  Event() = default;
  Event(Time time, EventKind kind, TaskIndex task, JobIndex job, std::uint32_t payload)
      : key_(static_cast<uint128>(static_cast<std::uint64_t>(to_ps(time))) << 64 |
             (static_cast<std::uint64_t>(kind) << 62 | static_cast<std::uint64_t>(task) << 49 |
              static_cast<std::uint64_t>(job) << 20 | payload)) {}

  /// Later than every event.
  static Event largest() {
    Event e;
    e.key_ = ~uint128{0};
    return e;
  }

  [[nodiscard]] Time time() const { return Time{Duration{static_cast<Duration::rep>(key_ >> 64)}}; }
  [[nodiscard]] EventKind kind() const { return static_cast<EventKind>(low() >> 62); }
  [[nodiscard]] TaskIndex task() const { return static_cast<TaskIndex>(low() >> 49 & kMaxTask); }
  [[nodiscard]] JobIndex job() const { return static_cast<JobIndex>(low() >> 20 & kMaxJob); }
  [[nodiscard]] std::uint32_t payload() const { return static_cast<std::uint32_t>(low() & kMaxPayload); }
  /// All but the time.
  [[nodiscard]] std::uint64_t low() const { return static_cast<std::uint64_t>(key_); }

  friend bool operator<(const Event& a, const Event& b) { return a.key_ < b.key_; }
  friend bool operator<=(const Event& a, const Event& b) { return a.key_ <= b.key_; }

 private:
  uint128 key_ = 0;
};

/// The pending events. Completions are kept apart from the rest: most events are completions, and their heap is no
/// larger than the number of accelerators.
class EventQueue {
 public:
  [[nodiscard]] bool empty() const { return completions_.empty() && others_.empty(); }
  /// The next event; `Event::largest()` when empty.
  [[nodiscard]] const Event& top() const { return std::min(completions_.top(), others_.top()); }
  /// Removes and returns the next event. Precondition: not empty.
  Event take() {
    const Event completion = completions_.top();
    const Event other = others_.top();
    if (completion < other) {
      completions_.pop();
      return completion;
    }
    others_.pop();
    return other;
  }

  void push_completion(const Event& event) { completions_.push(event); }
  void push(const Event& event) { others_.push(event); }

 private:
  PackedHeap<Event> completions_;
  PackedHeap<Event> others_;
};

} // namespace terastal
