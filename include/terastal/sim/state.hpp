#pragma once

#include <bit>
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

/// A job in flight.
struct Job {
  Time release;
  Time deadline;      ///< absolute
  Time root_release;  ///< release of the cascade's first job
  Time last_served;   ///< when it last finished a layer, or was released
  VariantSet variants = 0;
  double energy_nj = 0.0;
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
struct ReadyLayer {
  JobSlot job = kNone;
  LayerIndex layer = 0;
  std::uint32_t position = 0;  ///< in the list of ready layers
  Time since;                  ///< when it became ready
};

/// An accelerator at work.
struct Running {
  JobSlot job = kNone;
  LayerIndex layer = 0;
  OptionIndex option = 0;
};

struct AcceleratorState {
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

/// All that changes during a run and that schedulers may see: flat arrays, so a copy is a snapshot.
struct SystemState {
  Time now{};
  std::vector<Job> jobs;                 ///< pool; see free_jobs
  std::vector<JobSlot> free_jobs;
  std::vector<ReadyLayer> ready_pool;    ///< by ReadyId
  std::vector<ReadyId> free_ready;
  std::vector<ReadyId> ready;            ///< the ready layers, in no particular (but deterministic) order
  std::vector<ReadyId> newly_ready;      ///< became ready since the scheduler was last asked
  std::vector<AcceleratorState> accelerators;
  IdleSet idle;
  std::vector<DagState> dags;            ///< pool of per-layer state
  std::vector<std::uint32_t> free_dags;
};

}  // namespace terastal
