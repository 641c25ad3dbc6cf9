#include "terastal/experiment/run.hpp"

#include <memory>
#include <optional>
#include <string>

#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/sim/simulator.hpp"
#include "terastal/trace/checker.hpp"

namespace terastal {
namespace {

void throw_if_violated(const ScheduleChecker& checker, const std::string& policy, std::uint64_t seed) {
  if (checker.errors().empty()) return;
  throw SimulationError("policy " + policy + ", seed " + std::to_string(seed) +
                        ": the schedule breaks the rules of execution:\n  " + join(checker.errors(), "\n  "));
}

} // namespace

RunResult run(const Scenario& scenario, const Policy& policy, const RunOptions& options) {
  const std::uint64_t seed = options.seed.value_or(scenario.seed);
  const std::unique_ptr<Scheduler> scheduler = policy.make();
  Simulator simulator(scenario, *scheduler, seed);

  Metrics metrics(scenario, options.metrics);
  simulator.add_observer(metrics);
  std::optional<ServiceMetrics> service;
  if (options.service) simulator.add_observer(service.emplace(scenario, *options.service));
  for (Observer* observer : options.observers) simulator.add_observer(*observer);

  ScheduleChecker::Options promises;
  promises.work_conserving = scheduler->work_conserving();
  promises.may_drop = scheduler->may_drop();
  ScheduleChecker checker(scenario, promises);
  if (options.check_invariants) simulator.add_observer(checker);

  std::function<bool()> keep_going;
  if (options.keep_going) keep_going = [&] { return options.keep_going(simulator.now()); };
  const bool complete = simulator.run(keep_going);

  if (options.check_invariants) {
    if (complete) checker.finish();
    throw_if_violated(checker, policy.label, seed);
  }
  RunResult result = metrics.result(simulator);
  if (service) result.service = service->result();
  result.policy = policy.label;
  result.complete = complete;
  return result;
}

} // namespace terastal
