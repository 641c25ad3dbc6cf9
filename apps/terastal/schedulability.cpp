#include "terastal/experiment/schedulability.hpp"

#include <algorithm> // adjacent_find, max
#include <iostream>

#include <fmt/format.h>

#include "command.hpp"
#include "common_options.hpp"
#include "interrupt.hpp"
#include "logger.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/report/schedulability_report.hpp"
#include "terastal/sched/default_policies.hpp"

namespace terastal::cli {
namespace {

constexpr const char* kDefaultUtilisations = "0.6,0.7,0.8,0.9,1.0,1.1,1.2";
constexpr std::uint64_t kDefaultSets = 100;

std::vector<double> read_utilisations(const Arguments& arguments) {
  std::vector<double> result;
  for (const std::string& text : split(arguments.get("utilisations").value_or(kDefaultUtilisations), ',')) {
    const auto value = parse_ratio(trim(text));
    if (!value || !(*value > 0.0) || *value > 1000.0) {
      throw UsageError("--utilisations: '" + text + "' is not a number above 0; expected a list such as 0.8,1.0,1.2");
    }
    result.push_back(*value);
  }
  if (std::adjacent_find(result.begin(), result.end(), [](double a, double b) { return a >= b; }) != result.end()) {
    throw UsageError("--utilisations: the list must ascend");
  }
  return result;
}

/// The two ends of `A-B`, or twice the same of `A`.
std::pair<std::string, std::string> read_range(const std::string& option, const std::string& text) {
  const auto parts = split(text, '-');
  if (parts.size() > 2) throw UsageError("--" + option + ": expected one value or a range A-B, got '" + text + "'");
  return {std::string(trim(parts.front())), std::string(trim(parts.back()))};
}

void read_tasks(const Arguments& arguments, TaskSetOptions& sets) {
  const auto text = arguments.get("tasks");
  if (!text) return;
  const auto [fewest, most] = read_range("tasks", *text);
  const auto low = parse_unsigned(fewest);
  const auto high = parse_unsigned(most);
  if (!low || !high || *low < 1 || *high < *low || *high > 1000) {
    throw UsageError("--tasks: expected a number from 1 to 1000 or an ascending range such as 10-12, got '" + *text +
                     "'");
  }
  sets.fewest_tasks = *low;
  sets.most_tasks = *high;
}

Duration read_time(const std::string& option, const std::string& text) {
  const auto time = parse_duration(text);
  if (!time || *time <= Duration::zero()) {
    throw UsageError("--" + option + ": '" + text + "' is not a time above zero with its unit, e.g. 300ms");
  }
  return *time;
}

TaskSetOptions read_task_sets(const Arguments& arguments) {
  TaskSetOptions sets;
  read_tasks(arguments, sets);
  if (const auto text = arguments.get("periods")) {
    const auto [shortest, longest] = read_range("periods", *text);
    sets.shortest_period = read_time("periods", shortest);
    sets.longest_period = read_time("periods", longest);
  }
  if (const auto text = arguments.get("grid")) sets.grid = read_time("grid", *text);
  if (const auto text = arguments.get("longest-run")) sets.longest_run = read_time("longest-run", *text);
  return sets;
}

std::vector<std::string> names_of(const std::vector<SchedulabilityMethod>& methods) {
  std::vector<std::string> names;
  for (const SchedulabilityMethod& m : methods) names.push_back(m.name);
  return names;
}

SchedulabilityMethod read_method(const std::string& text, const std::vector<SchedulabilityMethod>& known) {
  for (const SchedulabilityMethod& m : known) {
    if (m.name == text && text != "lalarand") return m;
  }
  try {
    const Policy policy = default_policies().parse(text);
    return {policy.label, policy};
  } catch (const InputError& e) {
    std::string reason = e.what();
    if (text.find(':') == std::string::npos) {
      reason = "unknown method '" + text + "'" + did_you_mean(text, names_of(known)) +
               "; known: " + join(names_of(known), ", ") + ", and every policy";
    }
    throw UsageError("--methods: " + reason);
  }
}

std::vector<SchedulabilityMethod> read_methods(const Arguments& arguments) {
  const std::vector<SchedulabilityMethod> known = lalarand_methods();
  const auto text = arguments.get("methods");
  if (!text) return known;
  std::vector<SchedulabilityMethod> methods;
  for (const std::string& name : split(*text, ',')) {
    methods.push_back(read_method(std::string(trim(name)), known));
    for (std::size_t i = 0; i + 1 < methods.size(); ++i) {
      if (methods[i].name == methods.back().name) {
        throw UsageError("--methods: '" + methods.back().name + "' is given twice");
      }
    }
  }
  return methods;
}

SchedulabilityOptions read_options(const Arguments& arguments) {
  SchedulabilityOptions options;
  options.utilisations = read_utilisations(arguments);
  options.sets = get_unsigned(arguments, "sets", 1, 1'000'000).value_or(kDefaultSets);
  options.task_sets = read_task_sets(arguments);
  options.threads = read_threads(arguments);
  options.keep_going = [] { return !interrupted(); };
  return options;
}

Changes read_scenario_changes(const Arguments& arguments) {
  Changes changes = read_changes(arguments);
  if (!changes.policy.empty()) {
    throw UsageError("--set policy." + changes.policy.front().path +
                     ": here settings stand with their method, e.g. --methods all_gpu,lalarand:accuracy_budget=0.01");
  }
  if (arguments.has("horizon")) throw UsageError("--horizon: runs last one hyperperiod; see --longest-run");
  return changes;
}

} // namespace

CommandLine schedulability_line() {
  CommandLine line;
  line.usage = "schedulability SCENARIO [options]";
  line.intro =
      "Draws random task sets over the networks of a scenario's tasks and shows, for each utilisation and method,\n"
      "the share of sets that are schedulable: by response-time bounds where there are any, and by simulating one\n"
      "hyperperiod from a common start. Methods are LaLaRAND, the baselines of its authors, and every policy. All\n"
      "methods meet the same sets. Results do not depend on --jobs.";
  line.examples =
      "terastal schedulability lalarand_networks_single_core\n"
      "terastal schedulability lalarand_networks_single_core --utilisations 0.8,0.9,1.0 --sets 20\n"
      "terastal schedulability lalarand_networks --utilisations 0.2,0.3,0.4 --methods all_gpu,lalarand,edf\n"
      "terastal schedulability scenario.yaml --tasks 4-6 --periods 20ms-100ms --grid 5ms --format csv -o shares.csv";
  line.value("utilisations,u", "LIST",
             "of the GPU with every layer on it, ascending; default: 0.6,0.7,0.8,0.9,1.0,1.1,1.2");
  line.value("sets,n", "N", "task sets for each utilisation; default: 100");
  line.value("tasks", "A-B", "tasks of a set, a number or a range; default: 10-12");
  line.value("periods", "A-B", "shortest and longest period; default: 300ms-500ms");
  line.value("grid", "T", "periods are multiples of it; default: 50ms");
  line.value("longest-run", "T", "simulate one hyperperiod, but not longer than this; default: 42s");
  line.value("methods,m", "LIST",
             "separated by commas: all_gpu, preferred, static, dart_gc, dart_cg, lalarand_static (without migration), "
             "lalarand, or any policy with settings; default: these seven");
  line.value("jobs,j", "N", "threads; default 0: one per core");
  add_scenario_options(line);
  add_output_options(line);
  return line;
}

int schedulability_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("schedulability needs one scenario, a file or a name");
  const OutputOptions output_options = read_output_options(arguments);
  const Changes changes = read_scenario_changes(arguments);
  const std::vector<SchedulabilityMethod> methods = read_methods(arguments);
  SchedulabilityOptions options = read_options(arguments);
  catch_interrupts();

  const auto loaded = load_scenarios(arguments.positional(), changes.scenario, DataFiles(arguments));
  options.seed = loaded.front().scenario.seed;
  Output output(output_options.path);

  Progress progress(output_options.progress());
  options.progress = [&progress](std::size_t done, std::size_t total) {
    const double rate = static_cast<double>(done) / std::max(1e-3, progress.elapsed());
    progress.update(static_cast<double>(done) / static_cast<double>(total),
                    fmt::format("{} of {} task sets, {:.1f} a second", done, total, rate));
  };
  const Schedulability result = schedulability(loaded.front().scenario, methods, options);
  const double seconds = progress.elapsed();
  progress.clear();
  make_logger(output_options)
      ->info("{} task sets, {} methods in {:.3g} s on {} threads", result.total.sets, methods.size(), seconds,
             options.threads);

  SchedulabilityReport report;
  report.pool = &loaded.front();
  report.methods = &methods;
  report.options = &options;
  report.result = &result;
  report.environment = {options.threads, seconds};
  write(output.stream(), report, output_options.format, output_options.table_color());
  output.commit();
  if (!result.complete) std::cerr << "terastal: interrupted; the results are partial\n";
  return result.complete ? kFine : interrupt_exit_code();
}

} // namespace terastal::cli
