#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "terastal/sim/view.hpp"

namespace terastal {

/// A layer that waits or runs, as CD-MSA's rules see it.
struct MsaLayer {
  // keys
  Time deadline;
  Time release;
  TaskIndex task = 0;
  JobIndex job = 0;
  LayerIndex layer = 0;
  Duration laxity{0}; ///< deadline − now − remaining time on one array
  bool late = false;  ///< demoted, or late even if arrays cooperate: best effort
  // where
  AcceleratorIndex on = kNone;   ///< the array it runs on (of a group, the leader); kNone while it waits
  AcceleratorIndex last = kNone; ///< while it waits: the array its job ran on last
  // of one that runs
  TypeIndex type = 0;
  std::uint32_t group = 1;
  bool stopping = false;  ///< its arrays become idle soon
  Time boundary = kNever; ///< where it could be stopped next
  // of both
  Duration hold{0}; ///< how long it keeps an array from others between two boundaries: a tile, and saving its state
};

/// The arrays and all layers that wait or run, at one instant.
struct MsaPicture {
  Time now;
  std::vector<TypeIndex> types; ///< of each array
  std::vector<char> idle;       ///< of each array
  std::vector<MsaLayer> layers; ///< a group counts once
  std::vector<Duration> times;  ///< `layers × types of arrays`: time that is left of a waiting layer on one array
  std::size_t type_count = 1;

  [[nodiscard]] Duration time(std::size_t layer, TypeIndex type) const { return times[layer * type_count + type]; }
};

/// What CD-MSA's rules answer.
struct MsaPlan {
  struct Start {
    std::size_t layer; ///< index into MsaPicture::layers
    AcceleratorIndex array;
  };
  std::vector<Start> starts;
  std::vector<AcceleratorIndex> stops; ///< at tile boundaries that are now
  Time wake = kNever;

  void clear() {
    starts.clear();
    stops.clear();
    wake = kNever;
  }
};

/// The rules of CD-MSA, apart from the engine and from cooperation: who owns the arrays, who is stopped, and when to
/// ask again. Our reading; see `CdMsaScheduler`. Keep one: it allocates once.
class MsaRules {
 public:
  /// O(layers · (log layers + layers + arrays)).
  void decide(const MsaPicture& picture, MsaPlan& plan) {
    plan.clear();
    look(picture);
    fill_idle(picture, plan);
    replace(picture, plan);
    wake_for_urgency(picture, plan);
  }

  /// Position in the order of a layer of the picture last given to `decide`: smaller goes first.
  [[nodiscard]] bool goes_first(const MsaPicture& picture, std::size_t a, std::size_t b) const {
    if (ranks_[a] != ranks_[b]) return ranks_[a] < ranks_[b];
    const MsaLayer& x = picture.layers[a];
    const MsaLayer& y = picture.layers[b];
    return std::tuple(key(x, ranks_[a]), x.release, x.task, x.job, x.layer) <
           std::tuple(key(y, ranks_[b]), y.release, y.task, y.job, y.layer);
  }

 private:
  enum Rank : std::uint8_t { urgent_running, urgent, by_deadline, best_effort };

  /// Urgent layers go by laxity, the others by deadline.
  [[nodiscard]] static Duration key(const MsaLayer& l, Rank rank) {
    return rank <= urgent ? l.laxity : l.deadline.time_since_epoch();
  }

  void look(const MsaPicture& picture) {
    longest_ = second_ = Duration::zero();
    holder_ = picture.layers.size();
    for (std::size_t i = 0; i < picture.layers.size(); ++i) {
      const Duration hold = picture.layers[i].hold;
      second_ = std::max(second_, std::min(hold, longest_));
      if (hold <= longest_) continue;
      longest_ = hold;
      holder_ = i;
    }
    ranks_.clear();
    waiting_.clear();
    for (std::size_t i = 0; i < picture.layers.size(); ++i) {
      const MsaLayer& l = picture.layers[i];
      const bool running = l.on != kNone;
      ranks_.push_back(l.late ? best_effort : !is_urgent(picture, i) ? by_deadline : running ? urgent_running : urgent);
      if (!running) waiting_.push_back(i);
    }
    std::sort(waiting_.begin(), waiting_.end(),
              [&](std::size_t a, std::size_t b) { return goes_first(picture, a, b); });
  }

  /// A layer that lets a boundary pass may have to wait so long for the next array.
  [[nodiscard]] Duration threshold(std::size_t layer) const { return layer == holder_ ? second_ : longest_; }

  [[nodiscard]] bool is_urgent(const MsaPicture& picture, std::size_t layer) const {
    const Duration laxity = picture.layers[layer].laxity;
    return laxity < threshold(layer) || laxity <= Duration::zero();
  }

  /// Gives idle arrays to waiting layers in order; keeps those that found none in `waiting_`.
  void fill_idle(const MsaPicture& picture, MsaPlan& plan) {
    idle_ = picture.idle;
    std::size_t kept = 0;
    for (const std::size_t i : waiting_) {
      const AcceleratorIndex array = fastest_idle(picture, i);
      if (array == kNone) {
        waiting_[kept++] = i;
        continue;
      }
      idle_[array] = 0;
      plan.starts.push_back({i, array});
    }
    waiting_.resize(kept);
  }

  /// Ties: where its job ran last, then the lowest index.
  [[nodiscard]] AcceleratorIndex fastest_idle(const MsaPicture& picture, std::size_t layer) const {
    AcceleratorIndex best = kNone;
    for (AcceleratorIndex a = 0; a < idle_.size(); ++a) {
      const Duration time = picture.time(layer, picture.types[a]);
      if (idle_[a] == 0 || time == kCannotRun) continue;
      if (best != kNone) {
        const Duration other = picture.time(layer, picture.types[best]);
        if (time > other || (time == other && a != picture.layers[layer].last)) continue;
      }
      best = a;
    }
    return best;
  }

  /// Waiting layers that found no array: they get those that become idle soon, then those of a group, which shrinks,
  /// then that of the last layer in order, if it comes after them.
  void replace(const MsaPicture& picture, MsaPlan& plan) {
    coming_.assign(picture.type_count, 0);
    claimed_.assign(picture.layers.size(), 0);
    for (const MsaLayer& l : picture.layers) {
      if (l.stopping) coming_[l.type] += l.group;
    }
    for (const std::size_t w : waiting_) {
      if (take_coming(picture, w)) continue;
      const std::size_t victim = find_victim(picture, w);
      if (victim == picture.layers.size()) continue;
      const MsaLayer& v = picture.layers[victim];
      claimed_[victim] = 1;
      coming_[v.type] += v.group - 1;     // one array is for the waiting layer …
      if (v.group > 1) --coming_[v.type]; // … and the rest but one for others that wait
      if (v.boundary == picture.now) {
        plan.stops.push_back(v.on);
      } else {
        plan.wake = std::min(plan.wake, v.boundary);
      }
    }
  }

  bool take_coming(const MsaPicture& picture, std::size_t layer) {
    for (TypeIndex t = 0; t < coming_.size(); ++t) {
      if (coming_[t] == 0 || picture.time(layer, t) == kCannotRun) continue;
      --coming_[t];
      return true;
    }
    return false;
  }

  [[nodiscard]] std::size_t find_victim(const MsaPicture& picture, std::size_t waiting) const {
    std::size_t best = picture.layers.size();
    for (std::size_t v = 0; v < picture.layers.size(); ++v) {
      const MsaLayer& l = picture.layers[v];
      if (l.on == kNone || l.stopping || claimed_[v] != 0 || l.boundary == kNever) continue;
      if (picture.time(waiting, l.type) == kCannotRun || !yields(picture, v, waiting)) continue;
      if (best == picture.layers.size()) {
        best = v;
        continue;
      }
      const bool shrinks = l.group > 1;
      const bool best_shrinks = picture.layers[best].group > 1;
      if (shrinks != best_shrinks ? shrinks : goes_first(picture, best, v)) best = v;
    }
    return best;
  }

  /// Whether a running layer gives way. Nobody is stopped because of a tie. A group gives arrays to any job that may be
  /// in time; one that needs its speed, only to another that cannot wait.
  [[nodiscard]] bool yields(const MsaPicture& picture, std::size_t running, std::size_t waiting) const {
    const bool spares = picture.layers[running].group > 1 && ranks_[running] != urgent_running;
    if (picture.layers[running].group > 1 &&
        (ranks_[waiting] == urgent || (spares && ranks_[waiting] == by_deadline))) {
      return true;
    }
    if (ranks_[running] != ranks_[waiting]) return ranks_[running] > ranks_[waiting];
    return ranks_[waiting] == by_deadline && picture.layers[waiting].deadline < picture.layers[running].deadline;
  }

  /// The instant from which a layer that still waits will be urgent.
  void wake_for_urgency(const MsaPicture& picture, MsaPlan& plan) const {
    for (const std::size_t w : waiting_) {
      const Duration limit = threshold(w);
      if (ranks_[w] != by_deadline || limit == Duration::zero()) continue;
      plan.wake = std::min(plan.wake, picture.now + (picture.layers[w].laxity - limit) + Duration{1});
    }
  }

  Duration longest_{0}; ///< largest `hold`
  Duration second_{0};  ///< largest of the others
  std::size_t holder_ = 0;
  std::vector<Rank> ranks_;          ///< by layer
  std::vector<std::size_t> waiting_; ///< in order
  std::vector<char> idle_;
  std::vector<std::uint32_t> coming_; ///< by type: arrays that become idle soon and are not promised
  std::vector<char> claimed_;
};

} // namespace terastal
