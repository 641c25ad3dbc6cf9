#include "terastal/experiment/compare.hpp"

#include <iostream>

#include <fmt/format.h>

#include "command.hpp"
#include "common_options.hpp"
#include "interrupt.hpp"
#include "logger.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/report/compare_report.hpp"

namespace terastal::cli {
namespace {

constexpr const char* kDefaultPolicies = "fcfs,edf,dream,terastal";
constexpr std::uint64_t kDefaultReplications = 10;

CompareOptions read_options(const Arguments& arguments) {
  CompareOptions options;
  options.replications = get_unsigned(arguments, "replications", 1, 1'000'000).value_or(kDefaultReplications);
  options.threads = read_threads(arguments);
  options.check_invariants = arguments.has("check-invariants");
  options.metrics.exact_percentiles = arguments.has("exact-percentiles");
  try {
    if (const auto list = arguments.get("metrics")) options.chosen = parse_metrics(*list);
  } catch (const InputError& e) {
    throw_usage("--metrics", e);
  }
  options.keep_going = [] { return !interrupted(); };
  return options;
}

} // namespace

CommandLine compare_line() {
  CommandLine line;
  line.usage = "compare SCENARIO... [options]";
  line.intro = "Runs every scenario under every policy with the same seeds (seed, seed + 1, ...) and compares the\n"
               "policies with the first one. Intervals are 95 % Student t over replications; differences are paired\n"
               "by seed, since every policy meets the same arrivals. Results do not depend on --jobs.";
  line.examples = "terastal compare multi_camera_heavy_6k\n"
                  "terastal compare a.yaml b.yaml --policies edf,terastal,terastal:variants=false --replications 30\n"
                  "terastal compare a.yaml --policies fcfs,dream:alpha=0:beta=0 --jobs 4 --format csv -o table.csv\n"
                  "terastal compare a.yaml --metrics uxcost,antt,stp,fairness\n"
                  "terastal compare a.yaml --format jsonl -o runs.jsonl";
  line.value("policies,p", "LIST", "policies with settings, separated by commas; default: fcfs,edf,dream,terastal");
  const std::string metrics = "metrics to compare instead of miss rates, separated by commas:\n" + metric_help();
  line.value("metrics,m", "LIST", metrics.c_str());
  line.value("replications,n", "N", "seeds per scenario and policy; default: 10");
  line.value("jobs,j", "N", "threads; default 0: one per core");
  add_scenario_options(line);
  line.flag("check-invariants", "let an independent checker watch every schedule; exit code 4 if it finds an error");
  line.flag("exact-percentiles", "keep every response time instead of a histogram");
  add_output_options(line);
  return line;
}

int compare_command(const Arguments& arguments) {
  if (arguments.positional().empty()) throw UsageError("compare needs at least one scenario, a file or a name");
  const OutputOptions output_options = read_output_options(arguments);
  const Changes changes = read_changes(arguments);
  refuse_policy_changes(changes, "compare");
  const std::vector<Policy> policies = read_policies(arguments, kDefaultPolicies);
  CompareOptions options = read_options(arguments);
  catch_interrupts();

  const auto loaded = load_scenarios(arguments.positional(), changes.scenario, DataFiles(arguments));
  std::vector<const Scenario*> scenarios;
  for (const LoadedScenario& l : loaded) scenarios.push_back(&l.scenario);
  Output output(output_options.path);

  Progress progress(output_options.progress());
  options.progress = [&progress](std::size_t done, std::size_t total) {
    const double rate = static_cast<double>(done) / std::max(1e-3, progress.elapsed());
    progress.update(static_cast<double>(done) / static_cast<double>(total),
                    fmt::format("{} of {} runs, {:.1f} runs a second", done, total, rate));
  };
  const Comparison comparison = compare(scenarios, policies, options);
  const double seconds = progress.elapsed();
  progress.clear();
  make_logger(output_options)
      ->info("{} scenarios, {} policies, {} replications in {:.3g} s on {} threads", scenarios.size(), policies.size(),
             options.replications, seconds, options.threads);

  CompareReport report;
  report.scenarios = &loaded;
  report.policies = &policies;
  report.comparison = &comparison;
  report.environment = {options.threads, seconds};
  write(output.stream(), report, output_options.format, output_options.table_color());
  output.commit();
  if (!comparison.complete) std::cerr << "terastal: interrupted; the results are partial\n";
  return comparison.complete ? kFine : interrupt_exit_code();
}

} // namespace terastal::cli
