#include "terastal/experiment/throughput.hpp"

#include <iostream>

#include <fmt/format.h>

#include "command.hpp"
#include "common_options.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/report/throughput_report.hpp"

namespace terastal::cli {
namespace {

constexpr const char* kDefaultPolicies = "fcfs,edf,terastal";

/// A number of an option, or its default. \throws UsageError unless it lies in [min, max].
double get_number(const Arguments& arguments, const std::string& name, double otherwise, double min, double max) {
  const auto text = arguments.get(name);
  if (!text) return otherwise;
  const auto value = parse_number(*text);
  if (!value || !(*value >= min && *value <= max)) {
    throw UsageError(fmt::format("--{}: '{}' is not a number from {} to {}", name, *text, min, max));
  }
  return *value;
}

ThroughputCriterion read_criterion(const Arguments& arguments) {
  const std::string name = arguments.get("criterion").value_or("jobs");
  if (name == "jobs") return ThroughputCriterion::jobs;
  if (name == "worst_task") return ThroughputCriterion::worst_task;
  throw UsageError("--criterion: '" + name + "' is not one of jobs, worst_task" +
                   did_you_mean(name, {"jobs", "worst_task"}));
}

ThroughputOptions read_options(const Arguments& arguments) {
  ThroughputOptions options;
  options.qos = get_number(arguments, "qos", options.qos, 1e-6, 1.0);
  options.criterion = read_criterion(arguments);
  options.min_scale = get_number(arguments, "min-scale", options.min_scale, 1e-9, 1e9);
  options.max_scale = get_number(arguments, "max-scale", options.max_scale, 1e-9, 1e9);
  if (options.min_scale > options.max_scale) throw UsageError("--min-scale is larger than --max-scale");
  options.tolerance = get_number(arguments, "tolerance", options.tolerance, 1e-6, 1.0);
  options.checks = get_unsigned(arguments, "checks", 0, 1000).value_or(options.checks);
  options.replications = get_unsigned(arguments, "replications", 1, 1'000'000).value_or(options.replications);
  options.threads = read_threads(arguments);
  options.keep_going = [] { return !interrupted(); };
  return options;
}

std::vector<ThroughputResult> search(const Scenario& scenario, const std::vector<Policy>& policies,
                                     ThroughputOptions options, Progress& progress) {
  std::vector<ThroughputResult> results;
  for (const Policy& policy : policies) {
    // How many probes a search needs is not known before; about a dozen is usual.
    options.progress = [&](std::size_t probe, double scale) {
      const double share = 1.0 - 1.0 / (1.0 + static_cast<double>(probe) / 6.0);
      progress.update((static_cast<double>(results.size()) + share) / static_cast<double>(policies.size()),
                      fmt::format("{}: probe {}, factor {:.4g}", policy.label, probe, scale));
    };
    results.push_back(latency_bounded_throughput(scenario, policy, options));
    if (results.back().end == ThroughputEnd::stopped) break;
  }
  return results;
}

} // namespace

CommandLine throughput_line() {
  CommandLine line;
  line.usage = "throughput SCENARIO [options]";
  line.intro =
      "Finds the largest factor on all arrival rates at which enough jobs still meet their deadlines, and the\n"
      "jobs per second there: latency-bounded throughput. Deadlines stay as they are; every factor meets the\n"
      "same random draws. Traces have no rate and are refused.";
  line.examples = "terastal throughput multi_camera_heavy_6k\n"
                  "terastal throughput scenario.yaml --policies edf,terastal --qos 0.95 --replications 10\n"
                  "terastal throughput scenario.yaml --criterion worst_task --tolerance 0.001 --format json";
  line.value("policies,p", "LIST", "policies with settings, separated by commas; default: fcfs,edf,terastal");
  line.value("qos", "SHARE", "share of jobs that must be in time; default: 0.99");
  line.value("criterion", "WHAT", "jobs (default): of all jobs together; worst_task: of every task's");
  line.value("min-scale", "X", "smallest factor to try; default: 0.01");
  line.value("max-scale", "X", "largest factor to try; default: 100");
  line.value("tolerance", "X", "the bound is known to this share; default: 0.01");
  line.value("checks", "N",
             "further factors to try below and above the bound, to see whether more load serves worse; default: 4");
  line.value("replications,n", "N", "seeds at every factor; default: 5");
  line.value("jobs,j", "N", "threads; default 0: one per core");
  add_scenario_options(line);
  add_output_options(line);
  return line;
}

int throughput_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("throughput needs one scenario, a file or a name");
  const OutputOptions output_options = read_output_options(arguments);
  const Changes changes = read_changes(arguments);
  refuse_policy_changes(changes, "throughput");
  const std::vector<Policy> policies = read_policies(arguments, kDefaultPolicies);
  const ThroughputOptions options = read_options(arguments);
  catch_interrupts();

  const auto loaded = load_scenarios(arguments.positional(), changes.scenario, DataFiles(arguments));
  Output output(output_options.path);
  Progress progress(output_options.progress());
  const std::vector<ThroughputResult> results = search(loaded.front().scenario, policies, options, progress);
  const double seconds = progress.elapsed();
  progress.clear();

  ThroughputReport report;
  report.scenario = &loaded.front();
  report.policies = &policies;
  report.options = &options;
  report.results = &results;
  report.environment = {options.threads, seconds};
  write(output.stream(), report, output_options.format, output_options.table_color());
  output.commit();
  if (!interrupted()) return kFine;
  std::cerr << "terastal: interrupted; the results are partial\n";
  return interrupt_exit_code();
}

} // namespace terastal::cli
