#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "terastal/core/int128.hpp"
#include "terastal/core/packed_heap.hpp"
#include "terastal/sched/ready_choice.hpp"
#include "terastal/sim/scheduler.hpp"

namespace terastal {

/// What a list scheduler orders ready layers by; the smallest value first, ties by task and job.
///
/// None of them changes its order while layers wait (laxities fall at the same rate), so a heap keyed once is enough.
enum class PriorityRule : std::uint8_t {
  release,           ///< FCFS: release of the job
  ready,             ///< FCFS: when the layer became ready
  deadline,          ///< EDF: absolute deadline
  laxity,            ///< LLF: deadline − now − remaining
  remaining,         ///< SJF: longest path of fastest latencies to the end of the network
  period,            ///< RM: mean period of the task
  relative_deadline, ///< DM: relative deadline of the task
  priority,          ///< fixed priority of the job, smaller first
};

/// Where the next layer in order goes.
enum class Placement : std::uint8_t {
  fastest_idle,    ///< the idle accelerator that would finish it first; never waits
  earliest_finish, ///< the accelerator that would finish it first, busy ones included; then it waits for that one
  preferred_only,  ///< an accelerator of the type that runs it fastest; waits while all of those are busy
};

/// The value a layer is ordered by, in picoseconds or priority units.
class PriorityKey {
 public:
  PriorityKey() = default;
  explicit PriorityKey(PriorityRule rule) : rule_(rule) {}

  void prepare(const Scenario& scenario) {
    periods_.clear();
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) periods_.push_back(mean_period(scenario, t).count());
  }

  [[nodiscard]] std::int64_t operator()(const SystemView& view, ReadyId id) const {
    const Job& job = view.job(id);
    switch (rule_) {
    case PriorityRule::release:
      return to_ps(job.release);
    case PriorityRule::ready:
      return to_ps(view.layer(id).since);
    case PriorityRule::deadline:
      return to_ps(job.deadline);
    case PriorityRule::laxity:
      return to_ps(job.deadline) - view.remaining(id).count();
    case PriorityRule::remaining:
      return view.remaining(id).count();
    case PriorityRule::period:
      return periods_[job.task];
    case PriorityRule::relative_deadline:
      return view.scenario().tasks[job.task].deadline.count();
    case PriorityRule::priority:
      return job.priority;
    }
    return 0;
  }

 private:
  PriorityRule rule_ = PriorityRule::release;
  std::vector<std::int64_t> periods_;
};

/// A ready layer in order of priority: 64 bits value, 13 task, 29 job, 20 ready id; one comparison orders two.
class ReadyKey {
 public:
  ReadyKey() = default;
  ReadyKey(std::int64_t value, const Job& job, ReadyId id)
      : key_(static_cast<uint128>(static_cast<std::uint64_t>(value) ^ 1ULL << 63) << 64 |
             (static_cast<std::uint64_t>(job.task) << 49 | static_cast<std::uint64_t>(job.index) << 20 | id)) {}

  /// After every key.
  static ReadyKey largest() {
    ReadyKey key;
    key.key_ = ~uint128{0};
    return key;
  }

  [[nodiscard]] TaskIndex task() const { return static_cast<TaskIndex>(low() >> 49); }
  [[nodiscard]] JobIndex job() const { return static_cast<JobIndex>(low() >> 20 & ((1U << 29) - 1)); }
  [[nodiscard]] ReadyId id() const { return static_cast<ReadyId>(low() & ((1U << 20) - 1)); }

  /// Whether two keys tie but for the ready id: layers of one job, which then go by layer.
  [[nodiscard]] bool ties_with(const ReadyKey& other) const { return (key_ ^ other.key_) >> 20 == 0; }

  friend bool operator<(const ReadyKey& a, const ReadyKey& b) { return a.key_ < b.key_; }
  friend bool operator<=(const ReadyKey& a, const ReadyKey& b) { return a.key_ <= b.key_; }

 private:
  [[nodiscard]] std::uint64_t low() const { return static_cast<std::uint64_t>(key_); }

  uint128 key_ = 0;
};

/// Serves ready layers in a fixed order, each on an idle accelerator that it may use now. O(log n) a dispatch when the
/// first in order can be placed; a layer that cannot be placed is passed over.
class ListScheduler : public Scheduler {
 public:
  /// `placement` is fastest_idle or preferred_only.
  ListScheduler(std::string name, PriorityRule rule, Placement placement)
      : name_(std::move(name)), key_(rule), placement_(placement) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] bool work_conserving() const override { return placement_ == Placement::fastest_idle; }

  void prepare(const Scenario& scenario) override {
    key_.prepare(scenario);
    queue_.clear();
    has_dags_ =
        std::any_of(scenario.networks.begin(), scenario.networks.end(), [](const Network& n) { return !n.chain; });
  }

  void dispatch(const SystemView& view, Decisions& out) override {
    if (view.newly_ready().size() == 1 && start_newcomer(view, view.newly_ready().front(), out)) return;
    for (const ReadyId id : view.newly_ready()) queue_.push(key_of(view, id));
    while (!queue_.empty()) {
      const ReadyKey first = take_first(view);
      if (!view.is(first.id(), first.task(), first.job())) continue; // dropped while it waited
      const AcceleratorIndex accelerator = place(view, first.id());
      if (accelerator != kNone) {
        out.start(first.id(), view.original(first.id()), accelerator);
        break; // one decision a call: the engine asks again while an accelerator is idle
      }
      passed_over_.push_back(first);
    }
    if (passed_over_.empty()) return;
    for (const ReadyKey& key : passed_over_) queue_.push(key);
    passed_over_.clear();
  }

 private:
  [[nodiscard]] ReadyKey key_of(const SystemView& view, ReadyId id) const {
    return ReadyKey(key_(view, id), view.job(id), id);
  }

  ReadyKey take_first(const SystemView& view) {
    ReadyKey first = queue_.top();
    queue_.pop();
    if (has_dags_) break_ties(view, first);
    return first;
  }

  /// Of several layers of one job that tie, the one with the smallest index goes first; chains have no such ties.
  void break_ties(const SystemView& view, ReadyKey& first) {
    while (!queue_.empty() && queue_.top().ties_with(first)) {
      const ReadyKey other = queue_.top();
      queue_.pop();
      const bool earlier = view.layer(other.id()).layer < view.layer(first.id()).layer;
      tied_.push_back(earlier ? first : other);
      if (earlier) first = other;
    }
    for (const ReadyKey& key : tied_) queue_.push(key);
    tied_.clear();
  }

  /// The next layer of a job that has just run often comes first again: then it need not pass through the queue.
  bool start_newcomer(const SystemView& view, ReadyId id, Decisions& out) const {
    const ReadyKey key = key_of(view, id);
    if (!queue_.empty() && (queue_.top() < key || (has_dags_ && queue_.top().ties_with(key)))) return false;
    const AcceleratorIndex accelerator = place(view, id);
    if (accelerator == kNone) return false;
    out.start(id, view.original(id), accelerator);
    return true;
  }

  [[nodiscard]] AcceleratorIndex place(const SystemView& view, ReadyId id) const {
    if (placement_ == Placement::preferred_only) return place_preferred(view, id);
    if (view.has_setup_costs()) return fastest_idle_by_cost(view, id);
    return fastest_idle_by_type(view, id, [&](TypeIndex t) { return view.idle().first(t); });
  }

  [[nodiscard]] static AcceleratorIndex place_preferred(const SystemView& view, ReadyId id) {
    return view.idle().first(view.job(id).tables->estimates.preferred[view.layer(id).layer]);
  }

  std::string name_;
  PriorityKey key_;
  Placement placement_;
  PackedHeap<ReadyKey> queue_;
  std::vector<ReadyKey> passed_over_;
  std::vector<ReadyKey> tied_;
  bool has_dags_ = false;
};

/// Serves ready layers in a fixed order, each on the accelerator that would finish it first, counting the work that
/// busy ones still have and the work of layers before it that wait for them. A layer whose accelerator is busy waits.
/// The plan is made anew at every call: O(ready · (log ready + accelerators)), by definition of the placement.
class EarliestFinishScheduler : public Scheduler {
 public:
  EarliestFinishScheduler(std::string name, PriorityRule rule) : name_(std::move(name)), key_(rule) {}

  [[nodiscard]] std::string_view name() const override { return name_; }

  void prepare(const Scenario& scenario) override { key_.prepare(scenario); }

  void dispatch(const SystemView& view, Decisions& out) override {
    order_.clear();
    for (const ReadyId id : view.ready()) order_.emplace_back(key_(view, id), view.job(id), id);
    std::sort(order_.begin(), order_.end(), [&](const ReadyKey& a, const ReadyKey& b) {
      return a.ties_with(b) ? view.layer(a.id()).layer < view.layer(b.id()).layer : a < b;
    });
    available_.clear();
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) available_.push_back(view.free_at(a));
    claimed_.assign(view.accelerator_count(), false);
    for (const ReadyKey& key : order_) place(view, key.id(), out);
  }

 private:
  void place(const SystemView& view, ReadyId id, Decisions& out) {
    AcceleratorIndex best = kNone;
    Time best_finish = kNever;
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      const Duration cost = view.cost(id, view.original(id), a);
      if (cost == kCannotRun) continue;
      const Time finish = checked_add(available_[a], cost);
      if (finish >= best_finish) continue;
      best = a;
      best_finish = finish;
    }
    if (best == kNone) return;
    if (view.is_idle(best) && !claimed_[best]) out.start(id, view.original(id), best);
    claimed_[best] = true;
    available_[best] = best_finish;
  }

  std::string name_;
  PriorityKey key_;
  std::vector<ReadyKey> order_;
  std::vector<Time> available_;
  std::vector<bool> claimed_;
};

} // namespace terastal
