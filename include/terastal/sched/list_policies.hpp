#pragma once

#include <memory>
#include <string>
#include <utility>

#include "terastal/sched/list_scheduler.hpp"
#include "terastal/sched/registry.hpp"

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

} // namespace detail

/// A policy that is an order and a placement.
[[nodiscard]] inline PolicyInfo list_policy(std::string id, PriorityRule rule, std::string summary,
                                            std::string source) {
  PolicyInfo info;
  info.id = id;
  info.summary = std::move(summary);
  info.source = std::move(source);
  info.settings = {detail::placement_setting()};
  info.make = [id, rule](const Settings& s) { return detail::make_list_scheduler(id, rule, s); };
  return info;
}

/// The policy `fcfs`, which has a choice of order.
[[nodiscard]] inline PolicyInfo fcfs_policy() {
  PolicyInfo info = list_policy("fcfs", PriorityRule::release, "first come, first served",
                                "textbook; placement on the fastest idle accelerator is our reading");
  info.settings.push_back(Setting::choice("order", "release", {"release", "ready"},
                                          "release: of the job; ready: when the layer became ready"));
  info.make = [](const Settings& s) {
    const bool by_ready = s.choice("order") == "ready";
    return detail::make_list_scheduler("fcfs", by_ready ? PriorityRule::ready : PriorityRule::release, s);
  };
  return info;
}

} // namespace terastal
