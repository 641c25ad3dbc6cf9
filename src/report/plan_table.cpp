#include <algorithm> // min

#include <fmt/format.h>

#include "report/conditions.hpp"
#include "report/numbers.hpp"
#include "report/plan_formats.hpp"
#include "report/text_table.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

std::string sets_text(const TaskPlan& t) {
  if (!t.enumerated) return "too many to list";
  return t.known_sets == 0 ? "" : fmt::format("{} of {}", t.valid_sets.size(), t.known_sets);
}

std::string largest_loss(const TaskPlan& t) {
  double loss = 0.0;
  for (const ValidSet& s : t.valid_sets) loss = std::max(loss, s.loss);
  return t.valid_sets.empty() ? "" : percent(loss);
}

void write_summary(std::ostream& out, const PlanReport& report, bool color) {
  const Scenario& scenario = report.scenario->scenario;
  TextTable table({{"task"},
                   {"period"},
                   {"deadline"},
                   {"fastest"},
                   {"load"},
                   {"level"},
                   {"chosen sum"},
                   {"fits", true},
                   {"layers"},
                   {"variants"},
                   {"valid sets"},
                   {"largest loss"}});
  for (const TaskPlan* t : shown_tasks(report)) {
    const BudgetPlan& b = t->budgets;
    const Network& network = scenario.network_of(t->task);
    table.add({{scenario.tasks[t->task].name, Ink::bold},
               {t->period == Duration::zero() ? "-" : format_duration_short(t->period)},
               {format_duration_short(scenario.tasks[t->task].deadline)},
               {format_duration_short(t->fastest_sum)},
               {fmt::format("{:.3f}", t->load)},
               {fmt::format("{} of {}", b.level, b.levels)},
               {format_duration_short(b.chosen_sum)},
               b.feasible ? Cell{"yes", Ink::good} : Cell{"NO", Ink::bad},
               {std::to_string(network.layers.size())},
               {network.variant_names.empty() ? "" : std::to_string(network.variant_names.size())},
               {sets_text(*t)},
               {largest_loss(*t)}});
  }
  write_heading(out, "Tasks", color);
  table.write(out, color);
}

void write_layers(std::ostream& out, const Scenario& scenario, const TaskPlan& t, bool color) {
  const Network& network = scenario.network_of(t.task);
  const BudgetPlan& b = t.budgets;
  TextTable table({{"layer"}, {"level"}, {"chosen latency"}, {"budget"}, {"virtual deadline"}, {"variants", true}});
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const Layer& layer = network.layers[l];
    std::string variants;
    for (OptionIndex o = 1; o < layer.option_count; ++o) {
      variants += (variants.empty() ? "" : " ") + network.options[layer.first_option + o].name;
    }
    table.add({{layer.name},
               {std::to_string(b.layer_level[l])},
               {format_duration_short(b.chosen[l])},
               {format_duration_short(b.budget[l])},
               {format_duration_short(b.virtual_deadline[l])},
               {variants}});
  }
  write_heading(out, scenario.tasks[t.task].name + ": budgets of layers", color);
  table.write(out, color);
}

void write_sets(std::ostream& out, const Scenario& scenario, const TaskPlan& t, bool color) {
  if (t.valid_sets.empty()) return;
  const AccuracyModel& accuracy = scenario.network_of(t.task).accuracy;
  TextTable table({{"variants"}, {"accuracy"}, {"loss"}});
  for (const ValidSet& s : t.valid_sets) table.add({{s.variants}, {short_number(s.accuracy)}, {percent(s.loss)}});
  write_heading(out,
                fmt::format("{}: valid variant sets ({}, baseline {}, at least {:.4g})", scenario.tasks[t.task].name,
                            accuracy.metric(), accuracy.baseline(), scenario.tasks[t.task].theta * accuracy.baseline()),
                color);
  table.write(out, color);
}

} // namespace

void write_plan_table(std::ostream& out, const PlanReport& report, bool color) {
  const Scenario& scenario = report.scenario->scenario;
  Conditions conditions = conditions_of(scenario);
  conditions.insert(conditions.begin(), {"budgets", to_string(report.plan->rule)});
  const std::size_t accelerators = scenario.platform.accelerators.size();
  conditions.emplace_back("load", fmt::format("{:.3f} of {} accelerator{} when every layer runs where it is fastest{}",
                                              report.plan->load, accelerators, accelerators == 1 ? "" : "s",
                                              report.plan->load > static_cast<double>(accelerators)
                                                  ? ": more than there are, so originals alone cannot keep up"
                                                  : ""));
  write_conditions(out, scenario.name, scenario.description, conditions, color);
  write_summary(out, report, color);
  if (!report.layers && !report.task) {
    out << "\nEvery layer and variant set: --layers, or --task NAME.\n";
    return;
  }
  for (const TaskPlan* t : shown_tasks(report)) {
    write_layers(out, scenario, *t, color);
    write_sets(out, scenario, *t, color);
  }
}

} // namespace terastal
