#include "report/csv.hpp"
#include "report/json_common.hpp"
#include "report/numbers.hpp"
#include "report/plan_formats.hpp"

namespace terastal {
namespace {

Json json_layers(const Network& network, const BudgetPlan& b) {
  Json layers = Json::array();
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    layers.push_back({{"layer", network.layers[l].name},
                      {"level", b.layer_level[l]},
                      {"chosen_ms", to_ms(b.chosen[l])},
                      {"budget_ms", to_ms(b.budget[l])},
                      {"virtual_deadline_ms", to_ms(b.virtual_deadline[l])}});
  }
  return layers;
}

Json json_task(const Scenario& scenario, const TaskPlan& t) {
  const Task& task = scenario.tasks[t.task];
  const Network& network = scenario.network_of(t.task);
  const BudgetPlan& b = t.budgets;
  Json result = {{"task", task.name},
                 {"network", network.name},
                 {"deadline_ms", to_ms(task.deadline)},
                 {"period_ms", t.period == Duration::zero() ? Json() : Json(to_ms(t.period))},
                 {"fastest_sum_ms", to_ms(t.fastest_sum)},
                 {"load", t.load},
                 {"feasible", b.feasible},
                 {"level", b.level},
                 {"levels", b.levels},
                 {"chosen_sum_ms", to_ms(b.chosen_sum)},
                 {"layers", json_layers(network, b)},
                 {"variants", network.variant_names},
                 {"accuracy_threshold", task.theta},
                 {"accuracy_baseline", network.accuracy.baseline()},
                 {"variant_sets_known", t.enumerated ? Json(t.known_sets) : Json()}};
  Json& sets = result["valid_variant_sets"] = t.enumerated ? Json::array() : Json();
  for (const ValidSet& set : t.valid_sets) {
    sets.push_back({{"variants", set.variants}, {"accuracy", set.accuracy}, {"loss", set.loss}});
  }
  return result;
}

} // namespace

void write_plan_json(std::ostream& out, const PlanReport& report) {
  const Scenario& scenario = report.scenario->scenario;
  Json document = json_head("plan");
  document["inputs"] = json_inputs({report.scenario});
  document["config"] = json_config(*report.scenario);
  document["config_digest"] = config_digest(*report.scenario);
  document["budget_rule"] = to_string(report.plan->rule);
  document["load"] = report.plan->load;
  document["accelerators"] = scenario.platform.accelerators.size();
  Json& tasks = document["tasks"] = Json::array();
  for (const TaskPlan* t : shown_tasks(report)) tasks.push_back(json_task(scenario, *t));
  write_json(out, document);
}

void write_plan_jsonl(std::ostream& out, const PlanReport& report) {
  for (const TaskPlan* t : shown_tasks(report)) {
    Json line = {{"schema_version", kSchemaVersion},
                 {"kind", "plan"},
                 {"scenario", report.scenario->scenario.name},
                 {"budget_rule", to_string(report.plan->rule)}};
    line.update(json_task(report.scenario->scenario, *t));
    write_json_line(out, line);
  }
}

void write_plan_csv(std::ostream& out, const PlanReport& report) {
  const Scenario& scenario = report.scenario->scenario;
  out << "scenario,task,network,budget_rule,feasible,layer,level,levels,chosen_ms,budget_ms,virtual_deadline_ms,"
         "deadline_ms\n";
  for (const TaskPlan* t : shown_tasks(report)) {
    const Network& network = scenario.network_of(t->task);
    const BudgetPlan& b = t->budgets;
    for (std::size_t l = 0; l < network.layers.size(); ++l) {
      CsvRow row;
      row.add(scenario.name).add(scenario.tasks[t->task].name).add(network.name).add(to_string(report.plan->rule));
      row.add(b.feasible).add(network.layers[l].name).add(b.layer_level[l]).add(b.levels).add(to_ms(b.chosen[l]));
      row.add(to_ms(b.budget[l])).add(to_ms(b.virtual_deadline[l])).add(to_ms(scenario.tasks[t->task].deadline));
      out << row;
    }
  }
}

} // namespace terastal
