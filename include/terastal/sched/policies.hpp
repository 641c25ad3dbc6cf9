#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "terastal/sched/dream.hpp"
#include "terastal/sched/list_scheduler.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/sched/terastal.hpp"

namespace terastal {

namespace detail {

inline Setting placement_setting() {
  return Setting::choice("placement", "fastest_idle", {"fastest_idle", "earliest_finish", "preferred_only"},
                         "where the next layer in order goes; earliest_finish and preferred_only may wait");
}

inline std::unique_ptr<Scheduler> make_list_scheduler(const std::string& id, PriorityRule rule,
                                                      const Settings& settings) {
  const std::string& placement = settings.choice("placement");
  if (placement == "earliest_finish") return std::make_unique<EarliestFinishScheduler>(id, rule);
  return std::make_unique<ListScheduler>(
      id, rule, placement == "preferred_only" ? Placement::preferred_only : Placement::fastest_idle);
}

/// A policy that is an order and a placement.
inline PolicyInfo list_policy(std::string id, PriorityRule rule, std::string summary, std::string source) {
  PolicyInfo info;
  info.id = id;
  info.summary = std::move(summary);
  info.source = std::move(source);
  info.settings = {placement_setting()};
  info.make = [id, rule](const Settings& s) { return make_list_scheduler(id, rule, s); };
  return info;
}

inline PolicyInfo fcfs_policy() {
  PolicyInfo info = list_policy("fcfs", PriorityRule::release, "first come, first served",
                                "textbook; placement on the fastest idle accelerator is our reading");
  info.settings.push_back(Setting::choice("order", "release", {"release", "ready"},
                                          "release: of the job; ready: when the layer became ready"));
  info.make = [](const Settings& s) {
    const bool by_ready = s.choice("order") == "ready";
    return make_list_scheduler("fcfs", by_ready ? PriorityRule::ready : PriorityRule::release, s);
  };
  return info;
}

inline PolicyInfo dream_policy() {
  PolicyInfo info;
  info.id = "dream";
  info.summary = "DREAM's MapScore: urgency, latency preference, starvation and energy in one score";
  info.source = "Kim et al., ASPLOS 2023; text not available to us: formula from Dysta's harness and recollection";
  info.our_reading = true;
  info.settings = {
      Setting::number("alpha", 1.0, 0.0, 1e6, "weight of starvation"),
      Setting::number("beta", 1.0, 0.0, 1e6, "weight of the energy preference"),
      Setting::choice("combine", "product", {"product", "sum"}, "how urgency and latency preference combine"),
      Setting::choice("togo", "mean", {"mean", "min"}, "remaining time: mean or smallest over accelerators"),
      Setting::choice(
          "guard", "clamp", {"raw", "clamp", "drop"},
          "slack at or below zero: raw: negative urgency; clamp: slack at least 1 ps; drop: the job is dropped"),
      Setting::number("urgency_cap", 1.0, 0.0, 1e12, "largest urgency"),
  };
  info.make = [](const Settings& s) {
    using Options = MapScoreOptions;
    Options options;
    options.alpha = s.number("alpha");
    options.beta = s.number("beta");
    options.combine = s.choice("combine") == "sum" ? Options::Combine::sum : Options::Combine::product;
    options.to_go = s.choice("togo") == "min" ? Options::ToGo::min : Options::ToGo::mean;
    const std::string& guard = s.choice("guard");
    options.guard = guard == "raw"    ? Options::LateGuard::raw
                    : guard == "drop" ? Options::LateGuard::drop
                                      : Options::LateGuard::clamp;
    options.urgency_cap = s.number("urgency_cap");
    return std::make_unique<DreamScheduler>(options);
  };
  return info;
}

inline PolicyInfo terastal_policy() {
  PolicyInfo info;
  info.id = "terastal";
  info.summary = "Terastal: virtual deadlines per layer, accelerator and layer variant chosen together";
  info.source =
      "Wu, Song, Bozorgzadeh, RTCSA 2026, arXiv 2606.06818; from a digest: ties and the stage-2 gain are ours";
  info.our_reading = true;
  info.settings = {
      Setting::flag("variants", true, "use layer variants (false: the paper's ablation)"),
      Setting::flag(
          "budgets", true,
          "virtual budgets by budget_rule (false, an ablation: virtual deadlines in proportion to mean latency)"),
      Setting::choice("budget_rule", "level", budget_rule_names(),
                      "how a deadline is split over layers; level is the paper's"),
      Setting::choice(
          "stage2", "gain", {"gain", "earliest_finish"},
          "idle accelerators after stage 1: gain may leave one idle to wait for a faster; earliest_finish never"),
  };
  info.make = [](const Settings& s) {
    TerastalOptions options;
    options.variants = s.flag("variants");
    options.budgets = s.flag("budgets") ? budget_rule(s.choice("budget_rule")) : BudgetRule::mean;
    options.stage2 =
        s.choice("stage2") == "gain" ? TerastalOptions::Stage2::gain : TerastalOptions::Stage2::earliest_finish;
    return std::make_unique<TerastalScheduler>(options);
  };
  return info;
}

} // namespace detail

/// The policies of this library, in the order they are listed.
[[nodiscard]] inline PolicyRegistry builtin_policies() {
  using detail::list_policy;
  PolicyRegistry registry;
  registry.add(detail::fcfs_policy());
  registry.add(list_policy("edf", PriorityRule::deadline, "earliest deadline first",
                           "Liu and Layland 1973; layers are not preempted"));
  registry.add(list_policy("llf", PriorityRule::laxity, "least laxity first: deadline − now − fastest remaining chain",
                           "Mok 1983; layers are not preempted"));
  registry.add(list_policy("sjf", PriorityRule::remaining,
                           "shortest remaining job first, by the fastest remaining chain", "textbook"));
  registry.add(
      list_policy("rm", PriorityRule::period, "rate monotonic: shortest mean period first", "Liu and Layland 1973"));
  registry.add(list_policy("dm", PriorityRule::relative_deadline,
                           "deadline monotonic: shortest relative deadline first", "Leung and Whitehead 1982"));
  registry.add(list_policy("fp", PriorityRule::priority, "fixed priority: smallest `priority` first", "textbook"));
  registry.add(detail::dream_policy());
  registry.add(detail::terastal_policy());
  return registry;
}

} // namespace terastal
