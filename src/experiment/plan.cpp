#include "terastal/experiment/plan.hpp"

#include <bit> // popcount

#include "terastal/model/estimates.hpp"

namespace terastal {
namespace {

constexpr std::size_t kMostEnumerated = 16;

void add_set(const Network& network, double theta, VariantSet set, TaskPlan& plan) {
  const auto accuracy = network.accuracy.accuracy(set);
  if (set == 0 || !accuracy) return;
  ++plan.known_sets;
  if (!network.accuracy.valid(set, theta)) return;
  plan.valid_sets.push_back({network.set_name(set), static_cast<std::size_t>(std::popcount(set)), *accuracy,
                             network.accuracy.loss(set).value_or(0.0)});
}

void add_sets(const Network& network, double theta, TaskPlan& plan) {
  const std::size_t variants = network.variant_names.size();
  if (network.accuracy.is_measured()) {
    for (const auto& [set, accuracy] : network.accuracy.sets()) add_set(network, theta, set, plan);
  } else if (variants <= kMostEnumerated) {
    for (VariantSet set = 1; set < VariantSet{1} << variants; ++set) add_set(network, theta, set, plan);
  } else {
    plan.enumerated = false;
  }
}

TaskPlan plan_task(const Scenario& scenario, TaskIndex index, BudgetRule rule) {
  const Task& task = scenario.tasks[index];
  const Network& network = scenario.network_of(index);
  TaskPlan result;
  result.task = index;
  result.period = mean_period(scenario, index);
  for (const Duration d : estimate(network, scenario.platform).fastest) {
    result.fastest_sum = checked_add(result.fastest_sum, d);
  }
  if (result.period > Duration::zero()) result.load = to_seconds(result.fastest_sum) / to_seconds(result.period);
  result.budgets = plan_budgets(network, scenario.platform, task.deadline, rule);
  add_sets(network, task.theta, result);
  return result;
}

} // namespace

ScenarioPlan plan(const Scenario& scenario, BudgetRule rule) {
  ScenarioPlan result;
  result.rule = rule;
  for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
    result.tasks.push_back(plan_task(scenario, t, rule));
    result.load += result.tasks.back().load;
  }
  return result;
}

} // namespace terastal
