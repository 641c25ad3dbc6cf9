#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/model/estimates.hpp"
#include "terastal/sim/observer.hpp"
#include "terastal/sim/progress.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

using JobSlot = std::uint32_t; ///< position of a job in flight in the job pool; reused after the job ends
using ReadyId = std::uint32_t; ///< names a ready layer until it is dispatched or dropped; reused afterwards

inline constexpr std::uint32_t kNone = 0xFFFFFFFFU;

struct TaskTables;

/// What an option costs on an accelerator type.
struct OptionCost {
  Duration latency;
  double energy_nj;
};

/// A job in flight. Aligned, so that an index turns into an address by a shift.
struct alignas(128) Job {
  Time release;
  Time deadline;       ///< absolute
  Time root_release;   ///< release of the cascade's first job
  Time last_served;    ///< when it last finished or was made to stop a layer, or was released
  double weight = 1.0; ///< larger is more important
  VariantSet variants = 0;
  double energy_nj = 0.0;
  const TaskTables* tables = nullptr; ///< of its task
  TaskIndex task = 0;
  JobIndex index = 0;
  JobIndex draw = 0; ///< numbers its random draws: its index, or in a cascade that of the first job, so that draws do
                     ///< not depend on the order in which parents complete
  std::uint32_t layers_left = 0; ///< not yet finished
  std::uint32_t running = 0;     ///< layers in flight
  int priority = 0;
  std::uint32_t sample = kNoSample;          ///< row of the network's sample table
  AcceleratorIndex last_accelerator = kNone; ///< where its last layer ran
  std::uint32_t alternative = 0; ///< network it runs: 0 the task's own, else 1 + index into Task::alternatives
  std::uint32_t dag = kNone;     ///< its block of per-layer state; kNone for chains
  Progress progress;             ///< chains: of the layer that was stopped
  bool doomed = false;           ///< to be dropped when its running layers end
};

static_assert(sizeof(Job) == 128 && sizeof(Progress) == 12);

/// A layer that may be dispatched now.
struct alignas(32) ReadyLayer {
  JobSlot job = kNone;
  LayerIndex layer = 0;
  std::uint32_t position = 0;        ///< in the list of ready layers; of a free entry, the next free one
  OptionIndex original = 0;          ///< the option that runs it unchanged
  Time since;                        ///< when it became ready
  const OptionCost* costs = nullptr; ///< of the original, one per accelerator type; later options follow
};

/// An accelerator at work.
struct Running {
  JobSlot job = kNone;
  LayerIndex layer = 0;
  OptionIndex option = 0;
};

struct alignas(64) AcceleratorState {
  Running running;
  Time expected_free; ///< by estimates; meaningful while busy
  Time finish;        ///< actual; meaningful while busy
  Duration busy{0};
  std::uint64_t layers = 0;
  std::uint64_t switches = 0;
  TaskIndex last_task = kNone;
  TypeIndex type = 0;
};

/// What preemption, groups, fusion, context energy and shared memory need to know of an accelerator, beside
/// AcceleratorState. Kept only where the platform has one of them.
struct Occupation {
  // of the stretch that runs now
  Time start;                             ///< when it began
  Duration setup{0};                      ///< its first part: transfers, switch, restored context
  AcceleratorIndex came_from = kNone;     ///< where the job ran before, for chains
  Time natural_end;                       ///< when it would end if it were not stopped
  std::uint32_t tiles = 1;                ///< parts of a layer on this type
  std::uint32_t tiles_before = 0;         ///< done before it began
  std::uint32_t stop_at = 0;              ///< it will stop when so many are done; 0: it runs to the layer's end
  double energy_nj = 0.0;                 ///< charged for it
  AcceleratorIndex next_in_group = kNone; ///< a list through the group, from the accelerator that leads it
  AcceleratorIndex leader = kNone;        ///< itself outside groups
  Running partner;                        ///< the other layer of a fused pair; its job is kNone outside pairs
  // of the shared memory
  double demand = 0.0;           ///< bytes per second at full speed
  double limit = 0.0;            ///< most it may take, set by the policy; 0: no limit
  double speed = 1.0;            ///< share of full speed
  double left_ps = 0.0;          ///< occupation left at full speed, as of `since`
  double expected_left_ps = 0.0; ///< the same by estimates
  Time since;
  // of the layer that ran last
  TaskIndex last_task = kNone;
  JobIndex last_job = 0;
  std::uint64_t last_output_bytes = 0;
};

/// Per-layer state of a job whose network is not a chain.
struct DagState {
  std::vector<std::uint32_t> missing;   ///< unfinished predecessors of each layer
  std::vector<AcceleratorIndex> ran_on; ///< where each layer ran; kNone before
  std::vector<Progress> progress;       ///< of layers that were stopped; empty unless the platform has preemption
};

/// The idle accelerators as a bit set, and the accelerators of each type as masks over it. Finding the first idle one
/// of a type is one word operation per 64 accelerators of the platform.
class IdleSet {
 public:
  IdleSet() = default;
  explicit IdleSet(const Platform& platform)
      : idle_((platform.accelerators.size() + 63) / 64), masks_(idle_.size() * platform.types.size()) {
    for (AcceleratorIndex a = 0; a < platform.accelerators.size(); ++a) {
      masks_[platform.accelerators[a].type * idle_.size() + a / 64] |= 1ULL << (a % 64);
      insert(a);
    }
  }

  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] bool contains(AcceleratorIndex a) const { return (idle_[a / 64] >> (a % 64) & 1U) != 0; }

  /// How many of a type are idle.
  [[nodiscard]] std::uint32_t count(TypeIndex type) const {
    std::uint32_t found = 0;
    const std::uint64_t* mask = masks_.data() + type * idle_.size();
    for (std::size_t w = 0; w < idle_.size(); ++w)
      found += static_cast<std::uint32_t>(std::popcount(idle_[w] & mask[w]));
    return found;
  }

  /// The idle accelerator of a type with the smallest index; kNone if there is none.
  [[nodiscard]] AcceleratorIndex first(TypeIndex type) const {
    const std::size_t words = idle_.size();
    const std::uint64_t* mask = masks_.data() + type * words;
    for (std::size_t w = 0; w < words; ++w) {
      if (const std::uint64_t found = idle_[w] & mask[w]; found != 0) {
        return static_cast<AcceleratorIndex>(w * 64) + static_cast<AcceleratorIndex>(std::countr_zero(found));
      }
    }
    return kNone;
  }

  /// Precondition: not idle.
  void insert(AcceleratorIndex a) {
    idle_[a / 64] |= 1ULL << (a % 64);
    ++count_;
  }
  /// Precondition: idle.
  void erase(AcceleratorIndex a) {
    idle_[a / 64] &= ~(1ULL << (a % 64));
    --count_;
  }

 private:
  std::vector<std::uint64_t> idle_;
  std::vector<std::uint64_t> masks_; ///< `types × words`
  std::uint32_t count_ = 0;
};

/// A list of ready ids with room for all of them, so that adding one is a store.
class ReadyList {
 public:
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] ReadyId operator[](std::size_t i) const { return ids_[i]; }
  [[nodiscard]] std::span<const ReadyId> ids() const { return {ids_.data(), count_}; }

  /// Precondition: room was made for it.
  void add(ReadyId id) { ids_[count_++] = id; }
  /// Puts the last id in place of the one at `position`, and returns it.
  ReadyId replace_by_last(std::size_t position) {
    const ReadyId last = ids_[--count_];
    ids_[position] = last;
    return last;
  }
  /// Removes an id if it is there; the others keep their order. O(n).
  void erase(ReadyId id) {
    const auto end = ids_.begin() + static_cast<std::ptrdiff_t>(count_);
    count_ = static_cast<std::size_t>(std::remove(ids_.begin(), end, id) - ids_.begin());
  }
  void clear() { count_ = 0; }
  void make_room(std::size_t ids) { ids_.resize(ids); }

 private:
  std::vector<ReadyId> ids_;
  std::size_t count_ = 0;
};

/// All that changes during a run and that schedulers may see: flat arrays, so a copy is a snapshot.
struct SystemState {
  Time now{};
  std::vector<Job> jobs; ///< pool; see free_jobs
  std::vector<JobSlot> free_jobs;
  std::vector<ReadyLayer> ready_pool; ///< by ReadyId
  ReadyId free_ready = kNone;         ///< head of the list of free entries of ready_pool
  ReadyList ready;                    ///< the ready layers, in no particular (but deterministic) order
  ReadyList newly_ready;              ///< became ready since the scheduler was last asked
  std::vector<AcceleratorState> accelerators;
  std::vector<Occupation> occupations; ///< per accelerator; empty unless the platform has extensions
  IdleSet idle;
  std::vector<DagState> dags; ///< pool of per-layer state
  std::vector<std::uint32_t> free_dags;
  std::uint64_t drops = 0; ///< jobs dropped so far
};

} // namespace terastal
