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
#include "terastal/workload/scenario.hpp"

namespace terastal {

using JobSlot = std::uint32_t;  ///< position of a job in flight in the job pool; reused after the job ends
using ReadyId = std::uint32_t;  ///< names a ready layer until it is dispatched or dropped; reused afterwards

inline constexpr std::uint32_t kNone = 0xFFFFFFFFU;

struct TaskTables;

/// A job in flight. Aligned, so that an index turns into an address by a shift.
struct alignas(128) Job {
  Time release;
  Time deadline;      ///< absolute
  Time root_release;  ///< release of the cascade's first job
  Time last_served;   ///< when it last finished a layer, or was released
  VariantSet variants = 0;
  double energy_nj = 0.0;
  const TaskTables* tables = nullptr;  ///< of its task
  TaskIndex task = 0;
  JobIndex index = 0;
  std::uint32_t layers_left = 0;  ///< not yet finished
  std::uint32_t running = 0;      ///< layers in flight
  int priority = 0;
  std::uint32_t sample = kNone;              ///< row of the network's sample table
  AcceleratorIndex last_accelerator = kNone;  ///< where its last layer ran
  std::uint32_t dag = kNone;                  ///< its block of per-layer state; kNone for chains
  bool doomed = false;                        ///< to be dropped when its running layers end
};

/// A layer that may be dispatched now.
struct alignas(32) ReadyLayer {
  JobSlot job = kNone;
  LayerIndex layer = 0;
  std::uint32_t position = 0;  ///< in the list of ready layers; of a free entry, the next free one
  Time since;                  ///< when it became ready
};

/// An accelerator at work.
struct Running {
  JobSlot job = kNone;
  LayerIndex layer = 0;
  OptionIndex option = 0;
};

struct alignas(64) AcceleratorState {
  Running running;
  Time expected_free;  ///< by estimates; meaningful while busy
  Duration busy{0};
  std::uint64_t layers = 0;
  std::uint64_t switches = 0;
  TaskIndex last_task = kNone;
  TypeIndex type = 0;
};

/// Per-layer state of a job whose network is not a chain.
struct DagState {
  std::vector<std::uint32_t> missing;       ///< unfinished predecessors of each layer
  std::vector<AcceleratorIndex> ran_on;     ///< where each layer ran; kNone before
};

/// Idle accelerators of each type as bit sets, lowest index first. Finding the first idle one of a type is O(1) for up
/// to 64 accelerators of that type.
class IdleSet {
 public:
  IdleSet() = default;
  explicit IdleSet(const Platform& platform);

  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] bool contains(AcceleratorIndex a) const { return (word_of(a) >> places_[a].bit & 1U) != 0; }

  /// The idle accelerator of a type with the smallest index; kNone if there is none.
  [[nodiscard]] AcceleratorIndex first(TypeIndex type) const {
    for (std::uint32_t w = first_word_[type]; w < first_word_[type + 1]; ++w) {
      if (words_[w] != 0) {
        return members_[w * 64U + static_cast<std::uint32_t>(std::countr_zero(words_[w]))];
      }
    }
    return kNone;
  }

  void insert(AcceleratorIndex a) {
    words_[places_[a].word] |= 1ULL << places_[a].bit;
    ++count_;
  }
  void erase(AcceleratorIndex a) {
    words_[places_[a].word] &= ~(1ULL << places_[a].bit);
    --count_;
  }

 private:
  struct Place {
    std::uint32_t word = 0;
    std::uint32_t bit = 0;
  };
  [[nodiscard]] std::uint64_t word_of(AcceleratorIndex a) const { return words_[places_[a].word]; }

  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> first_word_;  ///< per type, and one past the last
  std::vector<AcceleratorIndex> members_;  ///< accelerator of each bit
  std::vector<Place> places_;              ///< of each accelerator
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
  std::vector<Job> jobs;                 ///< pool; see free_jobs
  std::vector<JobSlot> free_jobs;
  std::vector<ReadyLayer> ready_pool;    ///< by ReadyId
  ReadyId free_ready = kNone;            ///< head of the list of free entries of ready_pool
  ReadyList ready;                       ///< the ready layers, in no particular (but deterministic) order
  ReadyList newly_ready;                 ///< became ready since the scheduler was last asked
  std::vector<AcceleratorState> accelerators;
  IdleSet idle;
  std::vector<DagState> dags;            ///< pool of per-layer state
  std::vector<std::uint32_t> free_dags;
  std::uint64_t drops = 0;               ///< jobs dropped so far
};

inline IdleSet::IdleSet(const Platform& platform) : places_(platform.accelerators.size()) {
  for (TypeIndex t = 0; t < platform.types.size(); ++t) {
    first_word_.push_back(static_cast<std::uint32_t>(words_.size()));
    std::uint32_t in_word = 64;
    for (AcceleratorIndex a = 0; a < platform.accelerators.size(); ++a) {
      if (platform.accelerators[a].type != t) continue;
      if (in_word == 64) {
        words_.push_back(0);
        members_.resize(words_.size() * 64, kNone);
        in_word = 0;
      }
      places_[a] = {static_cast<std::uint32_t>(words_.size() - 1), in_word};
      members_[(words_.size() - 1) * 64 + in_word++] = a;
    }
  }
  first_word_.push_back(static_cast<std::uint32_t>(words_.size()));
  for (AcceleratorIndex a = 0; a < platform.accelerators.size(); ++a) insert(a);
}

}  // namespace terastal
