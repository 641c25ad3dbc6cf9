#include "terastal/experiment/compare.hpp"

#include <iostream>
#include <string_view>

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
constexpr std::uint64_t kDefaultCap = 1000;
constexpr std::size_t kPilotRuns = 5;

/// `ci=0.005`, `ci=5%`; the cap is the number of replications.
std::optional<StoppingRule> read_until(const Arguments& arguments, std::uint64_t cap) {
  const auto text = arguments.get("until");
  if (!text) return std::nullopt;
  constexpr std::string_view kKey = "ci=";
  if (text->rfind(kKey, 0) != 0) {
    throw UsageError("--until: '" + *text + "' is unknown; allowed: ci=HALF-WIDTH, e.g. ci=0.005 or ci=5%");
  }
  if (cap < 2) throw UsageError("--until needs at least two replications");
  StoppingRule rule;
  rule.cap = cap;
  try {
    rule.precision = parse_precision(std::string_view(*text).substr(kKey.size()));
  } catch (const InputError& e) {
    throw_usage("--until", e);
  }
  return rule;
}

IntervalMethod read_intervals(const Arguments& arguments) {
  const std::string text = arguments.get("intervals").value_or("t");
  if (text == "t") return IntervalMethod::student_t;
  if (text == "bca") return IntervalMethod::bca;
  throw UsageError("--intervals: '" + text + "' is unknown; allowed: t, bca");
}

std::size_t read_warm_up(const Arguments& arguments) {
  const auto text = arguments.get("warm-up");
  if (text && *text != "mser5") {
    throw UsageError("--warm-up: '" + *text + "' is unknown; allowed: mser5; a fixed time is --set warm_up=TIME");
  }
  return text ? kPilotRuns : 0;
}

CompareOptions read_options(const Arguments& arguments) {
  CompareOptions options;
  const std::uint64_t otherwise = arguments.has("until") ? kDefaultCap : kDefaultReplications;
  options.replications = get_unsigned(arguments, "replications", 1, kMaxReplications).value_or(otherwise);
  options.until = read_until(arguments, options.replications);
  options.intervals = read_intervals(arguments);
  options.holm = arguments.has("holm");
  options.warm_up_pilots = read_warm_up(arguments);
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

void warn_about_warm_up(const Comparison& comparison, spdlog::logger& logger) {
  for (const ScenarioComparison& s : comparison.scenarios) {
    if (!s.warm_up || s.warm_up->warm_up || s.warm_up->policies.empty()) continue;
    std::vector<std::string> names;
    for (const PolicyWarmUp& p : s.warm_up->policies) {
      if (!p.cut.accepted) names.push_back(p.policy);
    }
    logger.warn(
        "{}: no warm-up found, the scenario's own is used: under {} MSER-5 would delete more than half of the "
        "jobs, or there are fewer than 50; a longer horizon may help, unless the load is more than can be served",
        s.scenario, join(names, ", "));
  }
}

void warn_about_intervals(const Comparison& comparison, spdlog::logger& logger) {
  constexpr std::size_t least = 10; // docs/statistics.md
  if (comparison.intervals != IntervalMethod::bca) return;
  for (const ScenarioComparison& s : comparison.scenarios) {
    if (s.replications >= least) continue;
    logger.warn("{}: bootstrap intervals of {} replications are not to be relied on; use {} or more, or t-intervals",
                s.scenario, s.replications, least);
  }
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
                  "terastal compare a.yaml b.yaml --until ci=0.005 --holm\n"
                  "terastal compare a.yaml --metrics miss_rate --until ci=5% --intervals bca --warm-up mser5\n"
                  "terastal compare a.yaml --format jsonl -o runs.jsonl";
  line.value("policies,p", "LIST", "policies with settings, separated by commas; default: fcfs,edf,dream,terastal");
  const std::string metrics = "metrics to compare instead of miss rates, separated by commas:\n" + metric_help();
  line.value("metrics,m", "LIST", metrics.c_str());
  line.value("replications,n", "N",
             "seeds per scenario and policy; default: 10. With --until at most this many; default: 1000");
  line.value(
      "until", "ci=WIDTH",
      "add replications, ten at a time, until the 95 % half-widths of every policy's miss rate (or of the chosen "
      "metrics) and of every paired difference are at most WIDTH: 0.005 is half a percentage point, 5% a share "
      "of the value");
  line.value("intervals", "KIND", "t: Student's t (default); bca: bootstrap, lopsided where the values are");
  line.flag("holm", "give every difference a verdict, its p-value adjusted for all differences of the report");
  line.value("warm-up", "mser5",
             "look for the warm-up by five pilot runs per policy, on seeds the comparison does not use; the longest "
             "over the policies replaces the scenario's own");
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
  const auto logger = make_logger(output_options);
  logger->info("{} scenarios, {} policies, {} replications in {:.3g} s on {} threads", scenarios.size(),
               policies.size(), comparison.requested_replications, seconds, options.threads);
  warn_about_warm_up(comparison, *logger);
  warn_about_intervals(comparison, *logger);

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
