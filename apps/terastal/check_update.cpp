#include "check_update.hpp"

#include <algorithm> // min
#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "check_plan.hpp"
#include "command.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/gate/baseline_file.hpp"
#include "terastal/report/version.hpp"
#include "terastal/sched/default_policies.hpp"

namespace terastal::cli {
namespace {

/// What the file holds now; nothing when there is none. \throws InputError if it is something else: it is not replaced.
std::optional<Baseline> existing(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  return read_baseline(path, default_policies());
}

void refuse_repetitions(const std::vector<std::string>& scenarios) {
  for (std::size_t i = 1; i < scenarios.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (scenarios[i] == scenarios[k]) throw UsageError("scenario '" + scenarios[i] + "' is given twice");
    }
  }
}

Baseline wanted(const Arguments& arguments, const std::string& path, const std::optional<Baseline>& old) {
  Baseline baseline;
  baseline.path = path;
  baseline.version = version_info().version;
  if (!arguments.positional().empty()) {
    refuse_repetitions(arguments.positional());
    baseline.plan = default_plan(arguments);
    baseline.plan.scenarios = arguments.positional();
  } else if (old) {
    baseline.plan = old->plan;
  } else {
    throw UsageError("there is no file '" + path + "' yet: name the scenarios to measure");
  }
  apply_options(arguments, baseline.plan);
  return baseline;
}

/// Old beside new, where there is an old one; else all is new.
std::vector<CheckedBaseline> compared(const std::optional<Baseline>& old, const Baseline& baseline,
                                      const Measurement& now) {
  Baseline before = baseline;
  if (old) {
    before.cells = old->cells;
    before.inputs = old->inputs;
    before.version = old->version;
  } else {
    before.inputs = now.inputs;
  }
  CheckResult result = old ? compare_update(*old, baseline.plan, now) : check_against(before, now);
  std::vector<CheckedBaseline> checked;
  checked.push_back({std::move(before), std::move(result)});
  return checked;
}

/// A baseline that judges nothing would let everything pass. \throws InputError.
void refuse_nothing(const Baseline& baseline, const Measurement& now) {
  if (judges_anything(baseline.plan, now)) return;
  std::vector<std::string> metrics;
  for (const MetricRule& rule : baseline.plan.rules) metrics.emplace_back(rule.metric->id);
  const std::string message = fmt::format(
      "nothing would be judged: no run has a value of {}; choose other metrics or a longer horizon, or compare event "
      "streams with --judge exact",
      join(metrics, ", "));
  throw InputError({Diagnostic{baseline.path, 0, 0, message}});
}

void refuse_options_of_checks(const Arguments& arguments) {
  for (const char* name : {"junit", "github", "inconclusive"}) {
    if (arguments.has(name)) throw UsageError(fmt::format("--{} is for a check, not for --update", name));
  }
}

} // namespace

int update_baseline(const Arguments& arguments, GateSession& session) {
  refuse_options_of_checks(arguments);
  const std::string path = *arguments.get("update");
  const OutputOptions& options = session.output();
  if (options.path) refuse_same_files({{"the baseline", path}, {"--output", *options.path}});
  const std::optional<Baseline> old = existing(path);
  Baseline baseline = wanted(arguments, path, old);
  std::vector<LoadedScenario> scenarios = session.load(baseline);
  const bool same_scenarios = old && arguments.positional().empty() && !arguments.has("seed");
  if (same_scenarios && same_overrides(old->plan, baseline.plan)) pin_seeds(scenarios, *old);
  Output output(options.path);
  Output file(path);

  Measurement now = session.measure(baseline, scenarios);
  if (!now.complete) return interrupted_end("the baseline is as it was");
  refuse_nothing(baseline, now);
  const std::vector<CheckedBaseline> checked = compared(old, baseline, now);
  GateReport report = session.report(checked);
  report.updated = true;
  write(output.stream(), report, options.format, options.table_color());
  output.commit();
  baseline.cells = std::move(now.cells);
  baseline.inputs = std::move(now.inputs);
  if (old && same_content(*old, baseline)) {
    if (!options.quiet) std::cerr << "terastal: nothing changed; " << path << " is left as it is\n";
    return kFine;
  }
  write_baseline(file.stream(), baseline);
  file.commit();
  if (!options.quiet) std::cerr << "terastal: wrote " << path << '\n';
  return kFine;
}

} // namespace terastal::cli
