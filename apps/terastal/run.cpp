#include "terastal/experiment/run.hpp"

#include <algorithm> // min
#include <iostream>
#include <memory>

#include <fmt/format.h>

#include "command.hpp"
#include "common_options.hpp"
#include "interrupt.hpp"
#include "logger.hpp"
#include "output.hpp"
#include "terastal/core/units.hpp"
#include "terastal/report/run_report.hpp"
#include "terastal/sched/default_policies.hpp"
#include "terastal/trace/job_records.hpp"

namespace terastal::cli {
namespace {

constexpr const char* kDefaultPolicy = "terastal";

Policy read_policy(const Arguments& arguments, const std::vector<Override>& changes) {
  std::string option = "--policy";
  try {
    Policy policy = default_policies().parse(arguments.get("policy").value_or(kDefaultPolicy));
    for (const Override& change : changes) {
      option = "--set policy." + change.path;
      policy.set(change.path, change.value);
    }
    return policy;
  } catch (const InputError& e) {
    throw_usage(option, e);
  }
}

/// Progress of a run by simulated time; says no after an interrupt.
std::function<bool(Time)> watch(Progress& progress, Duration horizon, const StreamedFile* records) {
  return [&progress, horizon, records](Time now) {
    const double done = to_seconds(now.time_since_epoch());
    const double all = to_seconds(horizon);
    progress.update(std::min(1.0, done / all), fmt::format("{:.1f} of {:.1f} s simulated, {:.1f} s a second", done, all,
                                                           done / std::max(1e-3, progress.elapsed())));
    return !interrupted() && (records == nullptr || records->good());
  };
}

struct Outcome {
  RunResult result;
  double seconds = 0.0;
};

Outcome simulate(const Scenario& scenario, const Policy& policy, RunOptions options, const Arguments& arguments,
                 const OutputOptions& output) {
  std::unique_ptr<StreamedFile> records;
  std::unique_ptr<JobRecordWriter> writer;
  if (const auto path = arguments.get("job-records")) {
    records = std::make_unique<StreamedFile>(*path);
    writer = std::make_unique<JobRecordWriter>(records->stream(), scenario);
    options.observers.push_back(writer.get());
  }
  const auto logger = make_logger(output);
  const auto log = make_event_log(scenario, logger);
  if (log) options.observers.push_back(log.get());

  Progress progress(output.progress());
  options.keep_going = watch(progress, scenario.horizon, records.get());
  Outcome outcome{run(scenario, policy, options), 0.0};
  outcome.seconds = progress.elapsed();
  progress.clear();
  if (records) records->close();
  logger->info("{} events in {:.3g} s, {:.3g} million a second", outcome.result.events, outcome.seconds,
               static_cast<double>(outcome.result.events) / std::max(1e-9, outcome.seconds) / 1e6);
  return outcome;
}

} // namespace

CommandLine run_line() {
  CommandLine line;
  line.usage = "run SCENARIO [options]";
  line.intro = "Simulates one scenario under one policy and reports deadlines, response times, accuracy,\n"
               "energy and accelerators. SCENARIO is a file, or a name that 'terastal list scenarios' shows.";
  line.examples = "terastal run multi_camera_heavy_6k\n"
                  "terastal run scenario.yaml --policy edf --horizon '20 s' --seed 7\n"
                  "terastal run scenario.yaml --policy terastal:variants=false --format json -o result.json\n"
                  "terastal run scenario.yaml --set late_jobs=drop_hopeless --set policy.stage2=earliest_finish\n"
                  "terastal run scenario.yaml --job-records jobs.csv --check-invariants";
  line.value("policy,p", "P",
             "policy with settings, e.g. edf or dream:alpha=0:beta=0; default: terastal."
             " 'terastal list policies' shows all");
  add_scenario_options(line);
  line.value("job-records", "FILE", "write a CSV row for every job to this file while the run goes on");
  line.flag("check-invariants", "let an independent checker watch the schedule; exit code 4 if it finds an error");
  line.flag("exact-percentiles", "keep every response time instead of a histogram; memory grows with the horizon");
  add_output_options(line);
  return line;
}

int run_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("run needs one scenario, a file or a name");
  const OutputOptions output_options = read_output_options(arguments);
  if (output_options.path && output_options.path == arguments.get("job-records")) {
    throw UsageError("--output and --job-records name the same file");
  }
  const Changes changes = read_changes(arguments);
  const Policy policy = read_policy(arguments, changes.policy);
  catch_interrupts();

  const auto loaded = load_scenarios(arguments.positional(), changes.scenario, DataFiles(arguments));
  Output output(output_options.path);
  RunOptions options;
  options.check_invariants = arguments.has("check-invariants");
  options.metrics.exact_percentiles = arguments.has("exact-percentiles");
  const Outcome outcome = simulate(loaded.front().scenario, policy, options, arguments, output_options);

  RunReport report;
  report.scenario = &loaded.front();
  report.policy = &policy;
  report.result = &outcome.result;
  report.exact_percentiles = options.metrics.exact_percentiles;
  report.check_invariants = options.check_invariants;
  report.environment = {1, outcome.seconds};
  write(output.stream(), report, output_options.format, output_options.table_color());
  output.commit();
  if (!outcome.result.complete) std::cerr << "terastal: interrupted; the results are partial\n";
  return outcome.result.complete ? kFine : interrupt_exit_code();
}

} // namespace terastal::cli
