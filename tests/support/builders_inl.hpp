#pragma once

#include "terastal/sched/policies.hpp"

namespace terastal::testing {

[[gnu::used]] inline const PolicyRegistry& known_policies() {
  static const PolicyRegistry registry = builtin_policies();
  return registry;
}

[[gnu::used]] inline Outcome run(const Scenario& s, Scheduler& scheduler) {
  validate(s);
  Outcome out;
  Simulator simulator(s, scheduler);
  Metrics metrics(s);
  ScheduleChecker checker(s, {scheduler.work_conserving(), 20, scheduler.may_drop()});
  simulator.add_observer(metrics);
  simulator.add_observer(checker);
  simulator.add_observer(out.events);
  simulator.run();
  checker.finish();
  for (const auto& error : checker.errors()) ADD_FAILURE() << error;
  out.result = metrics.result(simulator);
  return out;
}

[[gnu::used]] inline Outcome run(const Scenario& s, const std::string& policy) {
  const auto scheduler = known_policies().parse(policy).make();
  return run(s, *scheduler);
}

} // namespace terastal::testing
