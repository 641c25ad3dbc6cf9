#include <fmt/format.h>

#include "check_github.hpp"
#include "check_plan.hpp"
#include "check_session.hpp"
#include "check_update.hpp"
#include "command.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/gate/baseline_file.hpp"
#include "terastal/sched/default_policies.hpp"

namespace terastal::cli {
namespace {

OpenCounts read_open(const Arguments& arguments) {
  const auto text = arguments.get("inconclusive");
  if (!text) return OpenCounts::separately;
  if (*text == "pass") return OpenCounts::as_pass;
  if (*text == "fail") return OpenCounts::as_failure;
  throw UsageError("--inconclusive: '" + *text + "' is not one of pass, fail" + did_you_mean(*text, {"pass", "fail"}));
}

int exit_code(CheckEnd end) {
  switch (end) {
  case CheckEnd::passed:
    return kFine;
  case CheckEnd::failed:
    return kCheckFailed;
  case CheckEnd::inconclusive:
    return kInconclusive;
  case CheckEnd::interrupted:
    break;
  }
  return interrupted_end("what was not finished is not judged");
}

/// All baselines, or the problems of all of them.
std::vector<Baseline> read_baselines(const std::vector<std::string>& paths) {
  const PolicyRegistry policies = default_policies();
  std::vector<Baseline> baselines;
  std::vector<Diagnostic> problems;
  for (const std::string& path : paths) {
    try {
      baselines.push_back(read_baseline(path, policies));
    } catch (const InputError& e) {
      problems.insert(problems.end(), e.diagnostics().begin(), e.diagnostics().end());
    }
  }
  if (!problems.empty()) throw InputError(std::move(problems));
  return baselines;
}

/// Fewer replications are a quicker look; more than the baseline has cannot be compared.
void limit_replications(const Arguments& arguments, Baseline& baseline) {
  const auto n = get_unsigned(arguments, "replications", 1, 1'000'000);
  if (!n) return;
  if (*n > baseline.plan.replications) {
    throw UsageError(fmt::format("--replications: {} holds {}; for more, measure it again on the version it describes: "
                                 "terastal check --update {} --replications {}",
                                 baseline.path, baseline.plan.replications, baseline.path, *n));
  }
  baseline.plan.replications = *n;
}

/// No output may overwrite a baseline or another output.
void check_paths(const Arguments& arguments, const OutputOptions& options) {
  std::vector<NamedFile> files;
  for (const std::string& path : arguments.positional()) files.emplace_back("the baseline", path);
  if (const auto path = arguments.get("junit")) files.emplace_back("--junit", *path);
  if (options.path) files.emplace_back("--output", *options.path);
  refuse_same_files(files);
}

/// What an interrupt left out.
CheckResult not_run() {
  CheckResult result;
  result.complete = false;
  return result;
}

int check(const Arguments& arguments, GateSession& session) {
  refuse_plan_options(arguments);
  const OpenCounts open = read_open(arguments);
  const OutputOptions& options = session.output();
  check_paths(arguments, options);
  std::vector<Baseline> baselines = read_baselines(arguments.positional());
  std::vector<std::vector<LoadedScenario>> scenarios;
  for (Baseline& baseline : baselines) {
    limit_replications(arguments, baseline);
    scenarios.push_back(session.load(baseline));
    pin_seeds(scenarios.back(), baseline);
  }
  Output output(options.path);
  std::optional<Output> junit;
  if (const auto path = arguments.get("junit")) junit.emplace(*path);

  std::vector<CheckedBaseline> checked;
  for (std::size_t b = 0; b < baselines.size(); ++b) {
    CheckResult result =
        interrupted() ? not_run() : check_against(baselines[b], session.measure(baselines[b], scenarios[b]));
    checked.push_back({std::move(baselines[b]), std::move(result)});
  }
  GateReport report = session.report(checked);
  report.open = open;
  write(output.stream(), report, options.format, options.table_color());
  output.commit();
  if (junit) {
    write_junit(junit->stream(), report);
    junit->commit();
  }
  tell_github(arguments, report);
  return exit_code(report.end());
}

} // namespace

CommandLine check_line() {
  CommandLine line;
  line.usage = "check BASELINE... [options]\n       terastal check --update BASELINE [SCENARIO...] [options]";
  line.intro =
      "Runs again what a baseline describes and says whether anything got worse: a gate for CI.\n"
      "Equal event streams pass at once. Otherwise each metric may be worse by at most its limit: the interval of\n"
      "the differences, paired by seed, decides; when it holds the limit, the check is inconclusive (exit code 5).\n"
      "--update measures and writes a baseline, after showing what changed; without scenarios it measures again\n"
      "what the file describes, with what the options change.";
  line.examples = "terastal check --update ci/baseline.json scenario.yaml --policies edf,terastal --replications 30\n"
                  "terastal check ci/baseline.json\n"
                  "terastal check ci/baseline.json --junit check.xml --format json -o check.json\n"
                  "terastal check --update ci/baseline.json\n"
                  "terastal check --update ci/exact.json scenario.yaml --judge exact\n"
                  "terastal check --update ci/baseline.json --limit miss_rate=0.002 --limit energy=2%";
  line.value("update", "BASELINE", "measure, show old beside new, and write the file");
  line.value("policies,p", "LIST", "with --update: policies with settings; default: fcfs,edf,dream,terastal");
  const std::string metrics =
      "with --update: metrics to judge; default: miss_rate,job_miss_rate,accuracy_loss,energy\n" + metric_help();
  line.value("metrics,m", "LIST", metrics.c_str());
  line.value("judge", "HOW",
             "with --update: noninferior (default): worse by at most the limit, by intervals; tolerance: means within "
             "the limit, up or down; exact: the same event streams and numbers");
  line.value("limit", "METRIC=X",
             "with --update: 0.005 in the metric's own unit, 2% of the baseline, or how to judge it: noninferior, "
             "tolerance, exact; may be repeated. Default: 0.005 for metrics in percent, 1% for the others");
  line.value("confidence", "X", "with --update: of the intervals; default: 0.95");
  line.flag("tasks", "with --update: judge every task as well");
  line.flag("no-tasks", "with --update: judge tasks only together again");
  line.value("replications,n", "N",
             "with --update: seeds per scenario and policy, default 20; else: compare only the first N");
  line.value("inconclusive", "AS", "pass or fail; default: exit code 5");
  line.value("junit", "FILE", "write JUnit's XML, a test case for each scenario, policy and metric");
  line.flag("github",
            "write GitHub's annotations to standard error and, to $GITHUB_STEP_SUMMARY, a summary; so by itself "
            "when GITHUB_ACTIONS=true");
  line.value("jobs,j", "N", "threads; default 0: one per core");
  add_scenario_options(line);
  line.repeatable.push_back("limit");
  add_output_options(line, nullptr);
  return line;
}

int check_command(const Arguments& arguments) {
  const bool updates = arguments.has("update");
  if (!updates && arguments.positional().empty()) throw UsageError("check needs a baseline; --update makes one");
  GateSession session(arguments);
  catch_interrupts();
  return updates ? update_baseline(arguments, session) : check(arguments, session);
}

} // namespace terastal::cli
