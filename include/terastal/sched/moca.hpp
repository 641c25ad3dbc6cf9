#pragma once

#include <algorithm> // any_of
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "terastal/sched/moca_estimates.hpp"
#include "terastal/sched/moca_grant.hpp"
#include "terastal/sched/ready_choice.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// MoCA's placement and its open points, as settings.
struct MocaOptions {
  MocaGrantOptions grant;
  bool whole_jobs = true;  ///< a job stays on one accelerator, where one can run all of it; else layers are placed
  bool throttle = true;    ///< bound the memory traffic of layers
  bool pairing = true;     ///< what needs much memory is followed by what does not
  double intensive = 0.5;  ///< share of the bandwidth above which a job needs much memory
  double safety = 1.15;    ///< predicted finishes count this times the estimates
  std::uint32_t depth = 6; ///< jobs (or layers) given to one accelerator and not finished
};

/// MoCA: jobs queue at accelerators, and a layer that starts is granted a share of the memory.
///
/// Source: the authors' artifact of MoCA (Kim et al., HPCA 2023); one accelerator here is a group of tiles there. Our
/// reading: jobs are given to queues when the scheduler is asked; what needs much memory, and which job is paired with
/// it; weights as priorities; layers of fewer than four tiles are throttled like others. Where the memory is not shared
/// nothing is throttled and nothing needs much memory. Ties: the score, then earlier release, task, job and layer;
/// predicted finishes, then the lower accelerator. O(ready² · accelerators) when all ready jobs are placed at once.
class MocaScheduler : public Scheduler {
 public:
  explicit MocaScheduler(MocaOptions options) : options_(options) {}

  [[nodiscard]] std::string_view name() const override { return "moca"; }

  void prepare(const Scenario& scenario) override {
    estimates_.clear();
    const double memory = scenario.platform.memory_bytes_per_second;
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) estimates_.emplace_back(scenario.network_of(t), memory);
    queues_.assign(scenario.platform.accelerators.size(), {});
    uses_.assign(queues_.size(), {});
    jobs_.clear();
    layers_.clear();
    placed_ = 0;
    round_ = 0;
  }

  void dispatch(const SystemView& view, Decisions& out) override {
    survey(view);
    place_all(view);
    for (AcceleratorIndex a = 0; a < queues_.size(); ++a) {
      if (view.is_idle(a) && queues_[a].head != kNone) start(view, queues_[a].head, a, out);
    }
  }

 private:
  /// What was given to an accelerator: a whole job, or one layer of it.
  struct Place {
    TaskIndex task = kNone;
    JobIndex job = 0;
    LayerIndex layer = 0; ///< of a single layer
    AcceleratorIndex accelerator = kNone;
    std::uint64_t order = 0;   ///< when it was given
    std::uint64_t counted = 0; ///< the last round that saw it
  };

  /// An accelerator's queue as of this round.
  struct Queue {
    std::uint32_t length = 0; ///< what runs included
    Duration running{0};      ///< until the present layer ends
    Duration later{0};        ///< estimates of all that follows
    ReadyId head = kNone;     ///< the ready layer that is next
  };

  /// What runs on an accelerator uses of the memory, as it was granted.
  struct Use {
    double percent = 0.0;
    double score = 0.0;
  };

  [[nodiscard]] bool whole(TaskIndex task) const { return options_.whole_jobs && estimates_[task].some_type_runs_all; }

  /// The place of a ready layer; `accelerator` is kNone if it has none yet.
  Place& place_of(const SystemView& view, ReadyId id) {
    const Job& job = view.job(id);
    const bool all = whole(job.task);
    auto& places = all ? jobs_ : layers_;
    const std::size_t i = all ? view.layer(id).job : id;
    if (i >= places.size()) places.resize(2 * i + 16);
    const LayerIndex layer = all ? 0 : view.layer(id).layer;
    Place& place = places[i];
    if (place.task != job.task || place.job != job.index || place.layer != layer) {
      place = {job.task, job.index, layer, kNone, 0, 0};
    }
    return place;
  }

  /// What a ready layer's unit (its job from it on, or the layer alone) takes on a type; kCannotRun if it cannot.
  [[nodiscard]] Duration unit_time(const SystemView& view, ReadyId id, TypeIndex type) const {
    const Job& job = view.job(id);
    if (!whole(job.task)) return view.latency(id, view.original(id), type);
    const auto& rest = estimates_[job.task].rest[type];
    return rest.front() == kCannotRun ? kCannotRun : rest[view.layer(id).layer];
  }

  /// Finds each accelerator's queue: what runs, and what was given to it and waits.
  void survey(const SystemView& view) {
    ++round_;
    for (AcceleratorIndex a = 0; a < queues_.size(); ++a) {
      queues_[a] = {};
      if (view.is_idle(a)) {
        uses_[a] = {};
        continue;
      }
      const Job& job = view.running_job(a);
      queues_[a].length = 1;
      queues_[a].running = view.left(a);
      if (whole(job.task)) queues_[a].later = estimates_[job.task].rest[view.type_of(a)][view.running(a).layer + 1];
    }
    waiting_.clear();
    for (const ReadyId id : view.ready()) {
      Place& place = place_of(view, id);
      if (place.accelerator == kNone) {
        if (place.counted != round_) waiting_.push_back(id); // one layer of a job stands for it
        place.counted = round_;
      } else {
        enqueue(view, id, place);
      }
    }
  }

  /// Counts a unit that was given to an accelerator, and remembers the layer that is next there.
  void enqueue(const SystemView& view, ReadyId id, Place& place) {
    Queue& queue = queues_[place.accelerator];
    // A job that runs there is counted already.
    const bool runs = !view.is_idle(place.accelerator) && whole(place.task) &&
                      view.running(place.accelerator).job == view.layer(id).job;
    if (place.counted != round_ && !runs) {
      ++queue.length;
      queue.later = checked_add(queue.later, unit_time(view, id, view.type_of(place.accelerator)));
    }
    place.counted = round_;
    if (queue.head == kNone || goes_before(view, id, queue.head)) queue.head = id;
  }

  /// In the order in which units were given; of one job the lowest layer.
  bool goes_before(const SystemView& view, ReadyId a, ReadyId b) {
    const std::uint64_t x = place_of(view, a).order;
    const std::uint64_t y = place_of(view, b).order;
    return x != y ? x < y : view.layer(a).layer < view.layer(b).layer;
  }

  // -- placement

  /// priority + waited / isolated time.
  [[nodiscard]] double score(const SystemView& view, ReadyId id) const {
    const Job& job = view.job(id);
    return moca_priority(job.weight) + to_seconds(view.now() - job.release) / estimates_[job.task].fastest_s;
  }

  /// Gives waiting units to accelerators, the largest score first; after one that needs much memory the largest score
  /// of those that do not.
  void place_all(const SystemView& view) {
    bool calm = false;
    while (!waiting_.empty()) {
      std::size_t best = choose(view, calm);
      if (best == waiting_.size()) best = choose(view, false);
      const ReadyId id = waiting_[best];
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(best));
      const AcceleratorIndex a = earliest(view, id);
      if (a == kNone) continue; // its queues are full
      Place& place = place_of(view, id);
      place.accelerator = a;
      place.order = ++placed_;
      place.counted = 0;
      calm = options_.pairing && needs_much(place.task);
      for (const ReadyId other : view.ready()) {
        if (other == id || (whole(place.task) && view.layer(other).job == view.layer(id).job)) {
          enqueue(view, other, place);
        }
      }
    }
  }

  /// Position among the waiting of the largest score; the end if there is none.
  [[nodiscard]] std::size_t choose(const SystemView& view, bool calm) const {
    std::size_t best = waiting_.size();
    double largest = 0.0;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      if (calm && needs_much(view.job(waiting_[i]).task)) continue;
      const double s = score(view, waiting_[i]);
      if (best < waiting_.size() && (s < largest || (s == largest && goes_first(view, waiting_[best], waiting_[i])))) {
        continue;
      }
      best = i;
      largest = s;
    }
    return best;
  }

  /// The accelerator with room that would finish a unit first, by predictions; kNone if there is none.
  [[nodiscard]] AcceleratorIndex earliest(const SystemView& view, ReadyId id) const {
    AcceleratorIndex best = kNone;
    double first = 0.0;
    for (AcceleratorIndex a = 0; a < queues_.size(); ++a) {
      const Duration time = unit_time(view, id, view.type_of(a));
      if (time == kCannotRun || queues_[a].length >= options_.depth) continue;
      const double finish =
          to_seconds(queues_[a].running) + options_.safety * to_seconds(checked_add(queues_[a].later, time));
      if (best != kNone && finish >= first) continue;
      best = a;
      first = finish;
    }
    return best;
  }

  /// On some type.
  [[nodiscard]] bool needs_much(TaskIndex task) const {
    const auto& shares = estimates_[task].bandwidth;
    return std::any_of(shares.begin(), shares.end(), [&](double share) { return share > options_.intensive; });
  }

  // -- grants

  void start(const SystemView& view, ReadyId id, AcceleratorIndex a, Decisions& out) {
    const OptionIndex original = view.original(id);
    out.start(id, original, a);
    const double capacity = view.platform().memory_bytes_per_second;
    if (capacity == 0.0 || !options_.throttle) return;
    const Job& job = view.job(id);
    const TypeIndex type = view.type_of(a);
    const double traffic = view.network(id).traffic_of(original, type);
    const double need = 100.0 * traffic / to_seconds(view.latency(id, original, type)) / capacity;
    const double own = moca_dynamic_score(moca_priority(job.weight), to_go(view, id, type), job.deadline - view.now());
    MocaUse others;
    for (AcceleratorIndex o = 0; o < uses_.size(); ++o) {
      if (o != a) others.add(uses_[o].percent, uses_[o].score);
    }
    const double grant = moca_grant(need, own, others, options_.grant);
    uses_[a] = {grant, own};
    if (grant < need) out.limit_memory(a, grant / 100.0 * capacity);
  }

  /// Remaining time of the job on the type; where it cannot run all of it, on the fastest types.
  [[nodiscard]] Duration to_go(const SystemView& view, ReadyId id, TypeIndex type) const {
    const Duration here = estimates_[view.job(id).task].rest[type][view.layer(id).layer];
    return here == kCannotRun ? view.remaining(id) : here;
  }

  MocaOptions options_;
  std::vector<MocaEstimates> estimates_; ///< per task
  std::vector<Queue> queues_;            ///< per accelerator
  std::vector<Use> uses_;                ///< per accelerator
  std::vector<Place> jobs_;              ///< per job slot
  std::vector<Place> layers_;            ///< per ready id
  std::vector<ReadyId> waiting_;         ///< given to no accelerator yet
  std::uint64_t placed_ = 0;
  std::uint64_t round_ = 0;
};

/// The policy `moca` and its settings.
[[nodiscard]] inline PolicyInfo moca_policy() {
  PolicyInfo info;
  info.id = "moca";
  info.summary = "MoCA: queues by priority and waiting; each layer is granted a share of the memory as it starts";
  info.source = "Kim et al., HPCA 2023, authors' artifact; queues, pairing and weights as priorities are our reading";
  info.our_reading = true;
  info.settings = {
      Setting::choice("placement", "job", {"job", "layer"}, "what is given to an accelerator as one piece"),
      Setting::integer("depth", 6, 1, 1'000'000, "jobs (or layers) given to one accelerator and not finished"),
      Setting::flag("throttle", true, "bound the memory traffic of layers"),
      Setting::choice("scores", "own", {"own", "artifact"},
                      "what others use counts with their own scores; artifact: with that of the layer that starts"),
      Setting::number("capacity", 150.0, 0.0, 1e6, "nothing is throttled up to this sum of needs, % of the bandwidth"),
      Setting::number("floor", 25.0, 1e-3, 100.0, "smallest grant, % of the bandwidth"),
      Setting::flag("pairing", true, "a job that needs much memory is followed by one that does not"),
      Setting::number("intensive", 0.5, 0.0, 1e6, "share of the bandwidth above which a job needs much memory"),
      Setting::number("safety", 1.15, 1.0, 1e3, "predicted finishes count this times the estimates"),
  };
  info.make = [](const Settings& s) {
    MocaOptions options;
    options.whole_jobs = s.choice("placement") == "job";
    options.depth = static_cast<std::uint32_t>(s.integer("depth"));
    options.throttle = s.flag("throttle");
    options.grant.scores = s.choice("scores") == "artifact" ? MocaScores::artifact : MocaScores::own;
    options.grant.capacity = s.number("capacity");
    options.grant.floor = s.number("floor");
    options.pairing = s.flag("pairing");
    options.intensive = s.number("intensive");
    options.safety = s.number("safety");
    return std::make_unique<MocaScheduler>(options);
  };
  return info;
}

} // namespace terastal
