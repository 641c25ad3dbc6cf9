#pragma once

#include <utility> // move

#include "terastal/sched/cd_msa.hpp"
#include "terastal/sched/dream.hpp"
#include "terastal/sched/dysta.hpp"
#include "terastal/sched/edzl.hpp"
#include "terastal/sched/heft.hpp"
#include "terastal/sched/lalarand.hpp"
#include "terastal/sched/list_policies.hpp"
#include "terastal/sched/moca.hpp"
#include "terastal/sched/planaria.hpp"
#include "terastal/sched/prema.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/sched/sdrm3.hpp"
#include "terastal/sched/terastal.hpp"
#include "terastal/sched/veltair.hpp"

namespace terastal {

/// The policies of this library, in the order they are listed.
[[nodiscard]] inline PolicyRegistry builtin_policies() {
  PolicyRegistry registry;
  registry.add(fcfs_policy());
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
  registry.add(edzl_policy());
  registry.add(heft_policy());
  registry.add(cd_msa_policy());
  registry.add(prema_policy());
  registry.add(planaria_policy());
  registry.add(sdrm3_policy());
  registry.add(dysta_policy());
  registry.add(lalarand_policy());
  registry.add(dream_policy());
  for (PolicyInfo& preset : dream_presets()) registry.add(std::move(preset));
  registry.add(moca_policy());
  registry.add(veltair_policy());
  registry.add(terastal_policy());
  return registry;
}

} // namespace terastal
