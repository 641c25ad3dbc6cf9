#include "terastal/experiment/plan.hpp"

#include "command.hpp"
#include "common_options.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/report/plan_report.hpp"

namespace terastal::cli {
namespace {

BudgetRule read_rule(const Arguments& arguments, const Changes& changes) {
  std::string name = "level";
  for (const Override& change : changes.policy) {
    if (change.path != "budget_rule") {
      throw UsageError("--set policy." + change.path + ": a plan depends on policy.budget_rule only");
    }
    name = change.value;
  }
  name = arguments.get("budget-rule").value_or(name);
  const auto& names = budget_rule_names();
  for (const std::string& known : names) {
    if (name == known) return budget_rule(name);
  }
  throw UsageError("--budget-rule: unknown rule '" + name + "'" + did_you_mean(name, names) +
                   "; allowed: " + join(names, ", "));
}

std::optional<TaskIndex> find_task(const Arguments& arguments, const Scenario& scenario) {
  const auto name = arguments.get("task");
  if (!name) return std::nullopt;
  std::vector<std::string> known;
  for (TaskIndex t = 0; t < scenario.tasks.size(); ++t) {
    if (scenario.tasks[t].name == *name) return t;
    known.push_back(scenario.tasks[t].name);
  }
  throw UsageError("--task: scenario '" + scenario.name + "' has no task '" + *name + "'" + did_you_mean(*name, known) +
                   "; tasks: " + join(known, ", "));
}

} // namespace

CommandLine plan_line() {
  CommandLine line;
  line.usage = "plan SCENARIO [options]";
  line.intro = "Shows what is decided before a run: how each deadline is split into budgets of layers, whether the\n"
               "deadline can be met at all, virtual deadlines, and which sets of variants keep enough accuracy.";
  line.examples = "terastal plan multi_camera_heavy_6k\n"
                  "terastal plan multi_camera_heavy_6k --task vgg11\n"
                  "terastal plan scenario.yaml --budget-rule greedy --layers\n"
                  "terastal plan scenario.yaml --format csv -o budgets.csv";
  line.value("budget-rule,b", "RULE",
             "level (default; the paper's), greedy, min, mean or equal. Also --set policy.budget_rule=RULE");
  line.value("task,t", "NAME", "show this task only, with its layers and variant sets");
  line.flag("layers,l", "show the layers and variant sets of every task");
  add_scenario_options(line);
  add_output_options(line);
  return line;
}

int plan_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("plan needs one scenario, a file or a name");
  const OutputOptions output_options = read_output_options(arguments);
  const Changes changes = read_changes(arguments);
  const BudgetRule rule = read_rule(arguments, changes);

  const auto loaded = load_scenarios(arguments.positional(), changes.scenario, DataFiles(arguments));
  PlanReport report;
  report.scenario = &loaded.front();
  report.task = find_task(arguments, loaded.front().scenario);
  report.layers = arguments.has("layers");
  Output output(output_options.path);
  const ScenarioPlan planned = plan(loaded.front().scenario, rule);
  report.plan = &planned;
  write(output.stream(), report, output_options.format, output_options.table_color());
  output.commit();
  return kFine;
}

} // namespace terastal::cli
