#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "terastal/offline/lalarand/plan.hpp"
#include "terastal/sched/lalarand_migration.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

struct LalarandOptions {
  enum class Order : std::uint8_t { rate_monotonic, priority, laxity };

  AllocationOptions allocation;
  bool migration = true;
  Order order = Order::rate_monotonic; ///< of the queues
};

/// LaLaRAND (Kang, Lee, Lee, Shin, Chwa, RTSS 2021): each layer on the CPU or the GPU as decided offline, fixed
/// priorities, one queue for each resource, layers not preempted; idle resources take over waiting layers.
///
/// The dispatcher and the migration rules are those of the authors' public code and prototype; the offline allocation
/// is our stand-in (see `search_allocation`). A layer that runs on another type than the original's does so in the
/// fastest implementation there that keeps the accuracy budget: on the CPU the quantised one.
///
/// Queues are in order of rank, the earlier ready first among equals, then release, task, job, layer. Accelerators
/// decide in index order: an idle one takes the head of its type's queue; if that is empty, migration looks at the
/// queues of the other types. Our reading, for platforms that LaLaRAND does not know: accelerators of one type share a
/// queue. O(ready log ready) a call; with a migration check, O(ready · (ready + tasks)).
class LalarandScheduler : public Scheduler {
 public:
  explicit LalarandScheduler(LalarandOptions options) : options_(options) {
    options_.allocation.ranks =
        options.order == LalarandOptions::Order::priority ? RankRule::priority : RankRule::rate_monotonic;
  }

  [[nodiscard]] std::string_view name() const override { return "lalarand"; }
  [[nodiscard]] bool uses_variants() const override { return options_.allocation.variants; }
  [[nodiscard]] const LalarandOptions& options() const { return options_; }

  /// What was decided offline; after `prepare`.
  [[nodiscard]] const AllocationPlan& plan() const { return plan_; }
  /// Uses a plan that was made before, for the same scenario and the same allocation options, in the next `prepare`.
  void reuse(AllocationPlan plan) {
    plan_ = std::move(plan);
    planned_ = true;
  }

  void prepare(const Scenario& scenario) override {
    if (!planned_) plan_ = plan_allocation(scenario, options_.allocation);
    planned_ = false;
    const std::size_t types = scenario.platform.types.size();
    networks_.clear();
    for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
      networks_.emplace_back(scenario.network_of(t), plan_.allocation[t], types);
    }
    last_deadline_.assign(scenario.tasks.size(), Time::min());
    running_.assign(scenario.platform.accelerators.size(), {});
  }

  void dispatch(const SystemView& view, Decisions& out) override {
    collect(view);
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (!view.is_idle(a)) continue;
      const TypeIndex type = view.type_of(a);
      Waiting* head = nullptr;
      for (Waiting& w : waiting_) {
        if (!w.taken && w.type == type) {
          head = &w;
          break;
        }
      }
      if (head != nullptr) {
        start(view, *head, head->option, a, out);
      } else if (options_.migration) {
        migrate_to(view, a, out);
      }
    }
  }

 private:
  using Options = LalarandOptions;

  /// A ready layer in the queue of a type.
  struct Waiting {
    Duration::rep key = 0; ///< rank, or laxity
    Time since;
    Time release;
    TaskIndex task = 0;
    JobIndex job = 0;
    LayerIndex layer = 0;
    ReadyId id = kNone;
    TypeIndex type = 0;
    OptionIndex option = 0;
    bool taken = false;
  };

  /// What an accelerator runs, as this scheduler started it; meaningful while it is busy.
  struct Started {
    Duration::rep key = 0;
    TaskIndex task = kNone;
    LayerIndex layer = 0;
  };

  void collect(const SystemView& view) {
    waiting_.clear();
    for (const ReadyId id : view.ready()) {
      const Job& job = view.job(id);
      const ReadyLayer& ready = view.layer(id);
      Waiting w;
      w.since = ready.since;
      w.release = job.release;
      w.task = job.task;
      w.job = job.index;
      w.layer = ready.layer;
      w.id = id;
      choose_queue(view, w);
      w.key = options_.order == Options::Order::laxity
                  ? (job.deadline - networks_[w.task].remaining[w.layer]).time_since_epoch().count()
                  : plan_.rank[w.task];
      waiting_.push_back(w);
      last_deadline_[w.task] = std::max(last_deadline_[w.task], job.deadline);
    }
    std::sort(waiting_.begin(), waiting_.end(), [](const Waiting& a, const Waiting& b) {
      return std::tie(a.key, a.since, a.release, a.task, a.job, a.layer) <
             std::tie(b.key, b.since, b.release, b.task, b.job, b.layer);
    });
    free_at_.clear();
    busy_.clear();
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      free_at_.push_back(view.free_at(a));
      busy_.push_back(view.is_idle(a) ? 0 : 1);
    }
  }

  /// The allocated place; if variants used by migrations forbid its implementation, the fastest that is allowed.
  void choose_queue(const SystemView& view, Waiting& w) const {
    const LayerPlace& place = networks_[w.task].place[w.layer];
    w.type = place.type;
    w.option = place.option;
    if (view.allowed(w.id, place.option)) return;
    w.option = allowed_option(view, w.id, place.type);
    if (w.option != kNoOption) return;
    w.type = view.job(w.id).tables->estimates.preferred[w.layer];
    w.option = view.original(w.id);
  }

  [[nodiscard]] OptionIndex allowed_option(const SystemView& view, ReadyId id, TypeIndex type) const {
    const LayerOptions options = view.options(id);
    OptionIndex best = kNoOption;
    Duration least = kCannotRun;
    for (OptionIndex o = options.original; o < (uses_variants() ? options.end : options.original + 1); ++o) {
      if (view.latency(id, o, type) >= least || !view.allowed(id, o)) continue;
      best = o;
      least = view.latency(id, o, type);
    }
    return best;
  }

  void start(const SystemView& view, Waiting& w, OptionIndex option, AcceleratorIndex a, Decisions& out) {
    out.start(w.id, option, a);
    w.taken = true;
    busy_[a] = 1;
    free_at_[a] = checked_add(view.now(), view.cost(w.id, option, a));
    running_[a] = {w.key, w.task, w.layer};
  }

  // -- migration

  void migrate_to(const SystemView& view, AcceleratorIndex to, Decisions& out) {
    Waiting* best = nullptr;
    OptionIndex best_option = 0;
    Duration best_slack = Duration::max();
    for (Waiting& w : waiting_) {
      if (w.taken) continue;
      const OptionIndex option = option_elsewhere(view, w, view.type_of(to));
      if (option == kNoOption) continue;
      const MigrationTerms terms = terms_of(view, w, option, to);
      const bool goes = options_.order == Options::Order::laxity ? laxity_migration(terms) : guarded_migration(terms);
      if (!goes || terms.slack > best_slack) continue;
      best = &w;
      best_option = option;
      best_slack = terms.slack;
    }
    if (best != nullptr) start(view, *best, best_option, to, out);
  }

  /// The fastest implementation on a type that, together with all variants the job has used and is to use, stays within
  /// the accuracy budget.
  [[nodiscard]] OptionIndex option_elsewhere(const SystemView& view, const Waiting& w, TypeIndex type) const {
    const Network& network = view.network(w.id);
    const Job& job = view.job(w.id);
    const double theta = std::max(job.tables->task->theta, 1.0 - options_.allocation.accuracy_budget);
    const OptionIndex option = fastest_option(network, w.layer, type, job.variants | networks_[w.task].variants, theta,
                                              options_.allocation.variants);
    if (option != kNoOption && view.allowed(w.id, option)) return option;
    const OptionIndex original = view.original(w.id);
    return view.latency(w.id, original, type) == kCannotRun ? kNoOption : original;
  }

  [[nodiscard]] MigrationTerms terms_of(const SystemView& view, const Waiting& w, OptionIndex option,
                                        AcceleratorIndex to) const {
    const AllocatedNetwork& network = networks_[w.task];
    const Time deadline = view.job(w.id).deadline;
    MigrationTerms terms;
    terms.slack = deadline - view.now() - network.remaining[w.layer];
    terms.preferred = view.latency(w.id, w.option, w.type);
    terms.other = view.latency(w.id, option, view.type_of(to));
    predict_wait(view, w, terms);
    terms.blocking = longest_block(w, deadline);
    terms.transfer = view.setup(w.id, to);
    if (const std::uint64_t bytes = network.largest_output[w.layer]; bytes > 0) {
      terms.transfer = checked_add(terms.transfer, view.platform().transfer(view.type_of(to), w.type).time(bytes));
    }
    return terms;
  }

  /// Waiting time in the queue, and for how much of it the type is certainly busy: until a more urgent job would leave.
  void predict_wait(const SystemView& view, const Waiting& w, MigrationTerms& terms) const {
    AcceleratorIndex first = kNone;
    for (AcceleratorIndex a = 0; a < free_at_.size(); ++a) {
      if (view.type_of(a) == w.type && (first == kNone || free_at_[a] < free_at_[first])) first = a;
    }
    terms.wait = free_at_[first] - view.now();
    terms.busy = terms.wait;
    bool certain = true;
    const auto add = [&](TaskIndex task, std::size_t layer) {
      const Duration stay = networks_[task].stay_on(w.type, layer);
      terms.wait = checked_add(terms.wait, stay);
      if (certain) terms.busy = checked_add(terms.busy, stay);
      if (networks_[task].leaves_after(w.type, layer)) certain = false;
    };
    if (const Started& s = running_[first]; busy_[first] != 0 && s.task != kNone && s.key < w.key) {
      add(s.task, s.layer + std::size_t{1});
    }
    for (const Waiting& other : waiting_) {
      if (other.key >= w.key) break;
      if (!other.taken && other.type == w.type) add(other.task, other.layer);
    }
  }

  /// The longest layer of another task that may occupy the type when the job comes back: any layer of a task whose last
  /// deadline lies before the job's, as it will be released again, else what is left of its jobs in flight.
  [[nodiscard]] Duration longest_block(const Waiting& w, Time deadline) const {
    Duration longest{0};
    const auto consider = [&](TaskIndex task, LayerIndex layer) {
      if (task != w.task) longest = std::max(longest, networks_[task].longest_from[w.type][layer]);
    };
    for (TaskIndex t = 0; t < networks_.size(); ++t) {
      if (last_deadline_[t] < deadline) consider(t, 0);
    }
    for (const Waiting& other : waiting_) consider(other.task, other.layer);
    for (AcceleratorIndex a = 0; a < running_.size(); ++a) {
      if (busy_[a] != 0 && running_[a].task != kNone) consider(running_[a].task, running_[a].layer);
    }
    return longest;
  }

  Options options_;
  AllocationPlan plan_;
  bool planned_ = false;
  std::vector<AllocatedNetwork> networks_; ///< by task
  std::vector<Time> last_deadline_;        ///< by task: of its latest job seen
  std::vector<Started> running_;           ///< by accelerator
  std::vector<Waiting> waiting_;           ///< ready layers in queue order
  std::vector<Time> free_at_;
  std::vector<char> busy_;
};

/// The policy `lalarand` and its settings.
[[nodiscard]] inline PolicyInfo lalarand_policy() {
  PolicyInfo info;
  info.id = "lalarand";
  info.summary = "LaLaRAND: each layer on CPU or GPU as allocated offline, fixed priorities, guarded migration";
  info.source = "Kang et al., RTSS 2021; text not available to us: dispatcher, migration and baselines from the "
                "authors' code, the allocation is ours";
  info.our_reading = true;
  info.settings = {
      Setting::choice("allocation", "search", allocation_rule_names(),
                      "places of layers: search: greedy against response-time bounds; the others are baselines"),
      Setting::flag("migration", true, "idle accelerators take over layers that wait for others"),
      Setting::number("accuracy_budget", 0.004, 0.0, 1.0,
                      "largest accuracy loss, relative, of search, preferred and migration; on top of the task's"),
      Setting::flag("variants", true, "use layer variants (quantised layers)"),
      Setting::choice("order", "rm", {"rm", "priority", "laxity"},
                      "queues by period, by `priority`, or by laxity with the migration rule that belongs to it"),
      Setting::integer("search_limit", 20000, 1, 1'000'000'000, "evaluations after which the search gives up"),
  };
  info.make = [](const Settings& s) {
    LalarandOptions options;
    const auto& names = allocation_rule_names();
    const auto rule = std::find(names.begin(), names.end(), s.choice("allocation")) - names.begin();
    options.allocation.rule = static_cast<AllocationRule>(rule);
    options.allocation.accuracy_budget = s.number("accuracy_budget");
    options.allocation.variants = s.flag("variants");
    options.allocation.most_evaluations = static_cast<std::uint64_t>(s.integer("search_limit"));
    options.migration = s.flag("migration");
    const std::string& order = s.choice("order");
    options.order = order == "laxity"     ? LalarandOptions::Order::laxity
                    : order == "priority" ? LalarandOptions::Order::priority
                                          : LalarandOptions::Order::rate_monotonic;
    return std::make_unique<LalarandScheduler>(options);
  };
  return info;
}

} // namespace terastal
