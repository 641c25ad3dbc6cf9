#pragma once

#include <algorithm> // make_heap, pop_heap
#include <cmath>     // llround
#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "terastal/offline/heft.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// HEFT's problem for one inference of a network alone on a platform: kinds are accelerator types, transfers those of
/// the platform for the layer's output. The platform must outlive the problem.
[[nodiscard]] inline HeftProblem heft_problem(const Network& network, const Platform& platform) {
  HeftProblem problem;
  for (const Accelerator& a : platform.accelerators) problem.kind_of.push_back(a.type);
  problem.kinds = static_cast<std::uint32_t>(platform.types.size());
  for (LayerIndex l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    for (TypeIndex t = 0; t < problem.kinds; ++t) {
      problem.cost.push_back(network.latency_of(layer.first_option, t));
    }
    for (const LayerIndex p : layer.predecessors) problem.edges.push_back({p, l, network.layers[p].output_bytes});
  }
  problem.transfer = [&platform](TypeIndex from, TypeIndex to, std::uint64_t bytes) {
    return platform.transfer(from, to).time(bytes);
  };
  return problem;
}

/// What `HeftScheduler` leaves open.
struct HeftOptions {
  enum class Order : std::uint8_t { deadline, release }; ///< of jobs; layers of one job go by upward rank
  enum class Where : std::uint8_t { eft, fixed }; ///< any accelerator, or one of the type of the offline schedule

  Order order = Order::deadline;
  Where placement = Where::eft;
};

/// HEFT for jobs that keep arriving (our reading; HEFT itself schedules one graph). Offline, every network alone:
/// upward ranks and a schedule. Online, jobs go by deadline or release, layers of one job by upward rank; each in turn
/// goes to the accelerator that would finish it first, counting what busy ones have left, layers placed before it, and
/// transfers. A layer whose accelerator is busy waits, so the policy is not work-conserving. The plan is made anew at
/// every call: O(ready · (log ready + accelerators)).
class HeftScheduler : public Scheduler {
 public:
  explicit HeftScheduler(HeftOptions options) : options_(options) {}

  [[nodiscard]] std::string_view name() const override { return "heft"; }

  void prepare(const Scenario& scenario) override {
    plans_.clear();
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
      plans_.push_back(plan_of(scenario.network_of(t), scenario.platform));
    }
  }

  void dispatch(const SystemView& view, Decisions& out) override {
    fill_queue(view);
    look_at_accelerators(view);
    // Later layers cannot start any more once every idle accelerator is promised.
    for (std::uint32_t open = view.idle().count(); open > 0 && !queue_.empty();) {
      std::pop_heap(queue_.begin(), queue_.end(), after);
      const ReadyId id = queue_.back().id;
      queue_.pop_back();
      const AcceleratorIndex a = promise(view, id);
      if (a == kNone || !view.is_idle(a) || taken_[a] != 0) continue;
      taken_[a] = 1;
      --open;
      out.start(id, view.original(id), a);
    }
  }

 private:
  /// Of one network: what stays fixed.
  struct Plan {
    std::vector<std::int64_t> rank; ///< per layer, in picoseconds
    std::vector<TypeIndex> type;    ///< per layer: in the offline schedule
  };

  struct Key {
    Time time{}; ///< deadline or release
    Time release{};
    TaskIndex task = 0;
    JobIndex job = 0;
    std::int64_t rank = 0;
    LayerIndex layer = 0;
    ReadyId id = kNone;
  };

  [[nodiscard]] static Plan plan_of(const Network& network, const Platform& platform) {
    const HeftSchedule schedule = heft(heft_problem(network, platform));
    Plan plan;
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
      plan.rank.push_back(std::llround(schedule.rank_u[l]));
      plan.type.push_back(platform.accelerators[schedule.places[l].processor].type);
    }
    return plan;
  }

  /// For heaps whose first element is the next in order.
  [[nodiscard]] static bool after(const Key& a, const Key& b) {
    return std::tuple(b.time, b.release, b.task, b.job, a.rank, b.layer) <
           std::tuple(a.time, a.release, a.task, a.job, b.rank, a.layer);
  }

  void fill_queue(const SystemView& view) {
    queue_.clear();
    for (const ReadyId id : view.ready()) {
      const Job& job = view.job(id);
      const LayerIndex layer = view.layer(id).layer;
      const Time time = options_.order == HeftOptions::Order::deadline ? job.deadline : job.release;
      queue_.push_back({time, job.release, job.task, job.index, plans_[job.task].rank[layer], layer, id});
    }
    std::make_heap(queue_.begin(), queue_.end(), after);
  }

  void look_at_accelerators(const SystemView& view) {
    available_.clear();
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) available_.push_back(view.free_at(a));
    taken_.assign(view.accelerator_count(), 0);
  }

  /// Adds the layer to the plan. \returns its accelerator; one that is idle and not taken may start it now.
  AcceleratorIndex promise(const SystemView& view, ReadyId id) {
    const TypeIndex fixed = plans_[view.job(id).task].type[view.layer(id).layer];
    AcceleratorIndex best = kNone;
    Time best_finish = kNever;
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (options_.placement == HeftOptions::Where::fixed && view.type_of(a) != fixed) continue;
      const Duration cost = view.cost(id, view.original(id), a);
      if (cost == kCannotRun) continue;
      const Time finish = checked_add(available_[a], cost);
      if (finish >= best_finish) continue;
      best = a;
      best_finish = finish;
    }
    if (best != kNone) available_[best] = best_finish;
    return best;
  }

  HeftOptions options_;
  std::vector<Plan> plans_; ///< per task
  std::vector<Key> queue_;
  std::vector<Time> available_;     ///< per accelerator: when the plan leaves it free
  std::vector<std::uint8_t> taken_; ///< per accelerator: started a layer in this call
};

/// The policy `heft` and its settings.
[[nodiscard]] inline PolicyInfo heft_policy() {
  PolicyInfo info;
  info.id = "heft";
  info.summary = "HEFT's upward ranks within a job, earliest finish for each layer";
  info.source = "Topcuoglu et al., 2002, for one graph; extended to jobs that keep arriving";
  info.our_reading = true;
  info.settings = {
      Setting::choice("order", "deadline", {"deadline", "release"}, "of jobs; layers of one job go by upward rank"),
      Setting::choice("placement", "eft", {"eft", "static"},
                      "eft: earliest finish over all accelerators; static: over those of the offline schedule's type"),
  };
  info.make = [](const Settings& s) {
    HeftOptions options;
    if (s.choice("order") == "release") options.order = HeftOptions::Order::release;
    if (s.choice("placement") == "static") options.placement = HeftOptions::Where::fixed;
    return std::make_unique<HeftScheduler>(options);
  };
  return info;
}

} // namespace terastal
