#include <algorithm> // find

#include "command.hpp"
#include "common_options.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/experiment/analysis.hpp"
#include "terastal/report/analysis_report.hpp"

namespace terastal::cli {
namespace {

std::vector<std::string> read_policies(const Arguments& arguments) {
  std::vector<std::string> policies;
  for (const std::string& list : arguments.all("policy")) {
    for (const std::string& name : split(list, ',')) {
      const auto& known = analysed_policies();
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        throw UsageError("--policy: no analysis of '" + name + "'" + did_you_mean(name, known) +
                         "; there are: " + join(known, ", "));
      }
      if (std::find(policies.begin(), policies.end(), name) == policies.end()) policies.push_back(name);
    }
  }
  return policies;
}

void read_mapping(const Arguments& arguments, const Platform& platform, AnalysisOptions& options) {
  const std::string name = arguments.get("mapping").value_or("fastest");
  if (name == "fastest") return;
  options.mapping = LayerMapping::pinned;
  if (name == "pinned") return;
  options.mapping = LayerMapping::partitioned;
  if (name == "partitioned") return;
  std::vector<std::string> known = {"fastest", "pinned", "partitioned"};
  options.mapping = LayerMapping::single;
  for (AcceleratorIndex a = 0; a < platform.accelerators.size(); ++a) {
    options.accelerator = a;
    if (platform.accelerators[a].name == name) return;
    known.push_back(platform.accelerators[a].name);
  }
  throw UsageError("--mapping: '" + name + "' is neither a rule nor an accelerator" + did_you_mean(name, known) +
                   "; allowed: " + join(known, ", "));
}

bool read_requirement(const Arguments& arguments) {
  const auto text = arguments.get("require");
  if (text && *text != "schedulable") {
    throw UsageError("--require: unknown requirement '" + *text + "'; allowed: schedulable");
  }
  return text.has_value();
}

} // namespace

CommandLine analyze_line() {
  CommandLine line;
  line.usage = "analyze SCENARIO [options]";
  line.intro = "Schedulability without simulation: bounds on response times, the load of every accelerator, and what\n"
               "tests of the literature say, each with its strength and assumptions. Where a scenario breaks the\n"
               "assumptions of a test, the test says so. Times are those of the tables, with transfers and switches;\n"
               "with uniform noise or samples the longest ones.";
  line.examples = "terastal analyze multi_camera_heavy_6k\n"
                  "terastal analyze multi_camera_heavy_6k --mapping partitioned --policy edf,rm\n"
                  "terastal analyze scenario.yaml --mapping gpu0 --preemptive\n"
                  "terastal analyze scenario.yaml --policy rm --require schedulable --format json -o analysis.json";
  line.value("policy,p", "LIST", "edf, rm, dm, fp (the scenario's priorities); default: all");
  line.value("mapping,m", "WHERE",
             "fastest (default): each layer on the type that runs it fastest; pinned: the same, with one accelerator "
             "of each type for a task; partitioned: each task on one accelerator, the largest utilisation being least; "
             "or the name of an accelerator that runs everything");
  line.flag("preemptive", "tables: also tests for layers that can be preempted anywhere");
  line.value("require", "WHAT", "schedulable: exit 1 unless one of the policies is shown to meet every deadline");
  line.repeatable = {"policy"};
  add_scenario_options(line);
  add_output_options(line);
  return line;
}

int analyze_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("analyze needs one scenario, a file or a name");
  const OutputOptions output_options = read_output_options(arguments);
  const Changes changes = read_changes(arguments);
  if (!changes.policy.empty()) {
    throw UsageError("--set policy." + changes.policy.front().path + ": an analysis takes no settings of policies");
  }
  AnalysisOptions options;
  options.policies = read_policies(arguments);
  const bool required = read_requirement(arguments);

  const auto loaded = load_scenarios(arguments.positional(), changes.scenario, DataFiles(arguments));
  read_mapping(arguments, loaded.front().scenario.platform, options);
  Output output(output_options.path);
  const ScenarioAnalysis analysis = analyse(loaded.front().scenario, options);
  AnalysisReport report;
  report.scenario = &loaded.front();
  report.analysis = &analysis;
  report.ideal = arguments.has("preemptive");
  write(output.stream(), report, output_options.format, output_options.table_color());
  output.commit();
  return required && !analysis.schedulable() ? kCheckFailed : kFine;
}

} // namespace terastal::cli
