#include "common_options.hpp"

#include <algorithm> // max
#include <limits>
#include <thread>

#include <unistd.h> // isatty

#include "command.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/sched/default_policies.hpp"

namespace terastal::cli {
namespace {

constexpr std::string_view kPolicyPrefix = "policy.";

Override split_assignment(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw UsageError("--set: expected path=value, got '" + text + "'");
  }
  return {std::string(trim(text.substr(0, equals))), text.substr(equals + 1)};
}

void add_horizon(const Arguments& arguments, Changes& changes) {
  const auto text = arguments.get("horizon");
  if (!text) return;
  const auto horizon = parse_duration(*text);
  if (!horizon || *horizon <= Duration::zero()) {
    throw UsageError("--horizon: '" + *text + "' is not a time above zero with its unit, e.g. '10 s' or 500ms");
  }
  changes.scenario.push_back({"horizon", *text});
}

} // namespace

bool OutputOptions::progress() const { return !quiet && verbosity < 2 && is_capable_terminal(STDERR_FILENO); }

void add_output_options(CommandLine& line, const char* verbose) {
  line.value("format,f", "F", "table (default), json, csv or jsonl");
  line.value("output,o", "FILE", "write there instead of to standard output; replaced as a whole when all went well");
  line.value("color", "WHEN", "auto (default), always or never; auto minds NO_COLOR and TERM=dumb");
  line.flag("quiet,q", "no progress, no warnings");
  if (verbose != nullptr) line.flag("verbose,v", verbose);
  line.flag("help,h", "this text");
  line.repeatable.push_back("verbose");
}

OutputOptions read_output_options(const Arguments& arguments) {
  OutputOptions options;
  try {
    if (const auto format = arguments.get("format")) options.format = parse_format(*format);
  } catch (const InputError& e) {
    throw_usage("--format", e);
  }
  options.path = arguments.get("output");
  if (options.path == "-") options.path.reset();
  if (const auto color = arguments.get("color")) options.color = parse_color(*color);
  options.quiet = arguments.has("quiet");
  options.verbosity = static_cast<int>(arguments.count("verbose"));
  if (options.quiet && options.verbosity > 0) throw UsageError("--quiet and --verbose exclude each other");
  return options;
}

void add_scenario_options(CommandLine& line) {
  line.value(
      "set", "PATH=VALUE",
      "change the scenario before it is read, e.g. late_jobs=drop_hopeless or 'tasks.vgg11.arrivals.rate=30 fps';"
      " may be repeated");
  line.value("seed", "N", "seed of the random streams; default: the scenario's");
  line.value("horizon", "TIME", "releases stop there, e.g. '10 s'; short for --set horizon=TIME");
  line.value(
      "data-dir", "DIR",
      "look for scenarios given by name here first; may be repeated. Then $TERASTAL_DATA_DIR, then the shipped ones");
  line.repeatable.insert(line.repeatable.end(), {"set", "data-dir"});
}

Changes read_changes(const Arguments& arguments) {
  Changes changes;
  for (const std::string& text : arguments.all("set")) {
    Override change = split_assignment(text);
    if (change.path.rfind(kPolicyPrefix, 0) == 0) {
      changes.policy.push_back({change.path.substr(kPolicyPrefix.size()), change.value});
    } else {
      changes.scenario.push_back(std::move(change));
    }
  }
  add_horizon(arguments, changes);
  const auto seed = get_unsigned(arguments, "seed", 0, std::numeric_limits<std::uint64_t>::max());
  if (seed) changes.scenario.push_back({"seed", std::to_string(*seed)});
  return changes;
}

std::vector<LoadedScenario> load_scenarios(const std::vector<std::string>& names,
                                           const std::vector<Override>& overrides, const DataFiles& data) {
  std::vector<LoadedScenario> loaded;
  std::vector<Diagnostic> problems;
  for (const std::string& name : names) {
    try {
      loaded.push_back(load_scenario(data.resolve(DocumentKind::scenario, name), overrides));
    } catch (const InputError& e) {
      problems.insert(problems.end(), e.diagnostics().begin(), e.diagnostics().end());
    }
  }
  if (!problems.empty()) throw InputError(std::move(problems));
  return loaded;
}

std::vector<Policy> read_policies(const Arguments& arguments, const char* otherwise) {
  const PolicyRegistry registry = default_policies();
  std::vector<Policy> policies;
  for (const std::string& text : split(arguments.get("policies").value_or(otherwise), ',')) {
    try {
      policies.push_back(registry.parse(trim(text)));
    } catch (const InputError& e) {
      throw_usage("--policies", e);
    }
    for (std::size_t i = 0; i + 1 < policies.size(); ++i) {
      if (policies[i].label == policies.back().label) {
        throw UsageError("--policies: '" + policies.back().label + "' is given twice");
      }
    }
  }
  return policies;
}

void refuse_policy_changes(const Changes& changes, const std::string& command) {
  if (changes.policy.empty()) return;
  throw UsageError("--set policy." + changes.policy.front().path + ": in " + command +
                   ", settings stand with their policy, e.g. --policies edf,terastal:variants=false");
}

std::size_t read_threads(const Arguments& arguments) {
  const std::size_t asked = get_unsigned(arguments, "jobs", 0, 4096).value_or(0);
  return asked > 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
}

void throw_usage(const std::string& option, const InputError& error) {
  std::vector<std::string> messages;
  for (const Diagnostic& d : error.diagnostics()) messages.push_back(d.message);
  throw UsageError(option + ": " + join(messages, "; "));
}

} // namespace terastal::cli
