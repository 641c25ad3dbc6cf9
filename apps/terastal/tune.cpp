#include "terastal/experiment/tune.hpp"

#include <iostream>

#include <fmt/format.h>

#include "command.hpp"
#include "common_options.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/report/tune_report.hpp"
#include "terastal/sched/default_policies.hpp"

namespace terastal::cli {
namespace {

/// `alpha=0..2`.
TunedSetting read_range(const std::string& text) {
  const auto equals = text.find('=');
  const auto dots = text.find("..");
  if (equals == std::string::npos || dots == std::string::npos || dots < equals) {
    throw UsageError("--over: '" + text + "' is not SETTING=LOW..HIGH, for example alpha=0..2");
  }
  const auto low = parse_number(text.substr(equals + 1, dots - equals - 1));
  const auto high = parse_number(text.substr(dots + 2));
  if (!low || !high || !(*low < *high)) {
    throw UsageError("--over: '" + text + "': the range needs two ascending numbers, for example alpha=0..2");
  }
  return {text.substr(0, equals), *low, *high};
}

std::vector<TunedSetting> read_ranges(const Arguments& arguments) {
  std::vector<TunedSetting> settings;
  for (const std::string& part : split(arguments.get("over").value_or("alpha=0..2,beta=0..2"), ',')) {
    settings.push_back(read_range(std::string(trim(part))));
  }
  return settings;
}

TuneOptions read_options(const Arguments& arguments) {
  TuneOptions options;
  try {
    options.metric = &find_metric(arguments.get("metric").value_or("uxcost"));
  } catch (const InputError& e) {
    throw_usage("--metric", e);
  }
  options.replications = get_unsigned(arguments, "replications", 1, 1'000'000).value_or(options.replications);
  options.most_moves = static_cast<int>(get_unsigned(arguments, "moves", 1, 10'000).value_or(5));
  options.threads = read_threads(arguments);
  options.keep_going = [] { return !interrupted(); };
  return options;
}

} // namespace

CommandLine tune_line() {
  CommandLine line;
  line.usage = "tune SCENARIO [options]";
  line.intro =
      "Looks for the values of a policy's settings that make a metric best on one scenario: a pattern search, in\n"
      "which every probe meets the same random draws. The result is a local optimum for these seeds.";
  line.examples = "terastal tune dream_vr_gaming_4k\n"
                  "terastal tune scenario.yaml --policy dream:smart_drop=true --metric miss_rate --replications 10\n"
                  "terastal tune scenario.yaml --policy dysta --over beta=0..1 --metric antt --format json";
  line.value("policy,p", "POLICY", "policy with settings; the search starts from its values; default: dream");
  line.value("over", "LIST", "settings with their ranges, separated by commas; default: alpha=0..2,beta=0..2");
  line.value("metric", "NAME", "what to improve, one of compare's metrics; default: uxcost");
  line.value("moves", "N", "the search ends after so many moves; default: 5");
  line.value("replications,n", "N", "seeds for every probe; default: 3");
  line.value("jobs,j", "N", "threads; default 0: one per core");
  add_scenario_options(line);
  add_output_options(line);
  return line;
}

int tune_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("tune needs one scenario, a file or a name");
  const OutputOptions output_options = read_output_options(arguments);
  const Changes changes = read_changes(arguments);
  const std::vector<TunedSetting> settings = read_ranges(arguments);
  TuneOptions options = read_options(arguments);
  Policy policy;
  try {
    policy = default_policies().parse(arguments.get("policy").value_or("dream"));
    for (const auto& change : changes.policy) policy.set(change.path, change.value);
  } catch (const InputError& e) {
    throw_usage("--policy", e);
  }
  catch_interrupts();

  const auto loaded = load_scenarios(arguments.positional(), changes.scenario, DataFiles(arguments));
  Output output(output_options.path);
  Progress progress(output_options.progress());
  options.progress = [&](std::size_t probe, const std::string& label) {
    // How many probes a search needs is not known before; about twenty are usual.
    progress.update(1.0 - 1.0 / (1.0 + static_cast<double>(probe) / 10.0), fmt::format("probe {}: {}", probe, label));
  };
  const TuneResult result = tune(loaded.front().scenario, policy, settings, options);
  const double seconds = progress.elapsed();
  progress.clear();

  const TuneReport report{&loaded.front(), &policy, &settings, &options, &result, {options.threads, seconds}};
  write(output.stream(), report, output_options.format, output_options.table_color());
  output.commit();
  if (!interrupted()) return kFine;
  std::cerr << "terastal: interrupted; the results are partial\n";
  return interrupt_exit_code();
}

} // namespace terastal::cli
