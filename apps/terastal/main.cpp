#include <array>
#include <csignal>
#include <exception>
#include <iostream>
#include <new> // bad_alloc
#include <string>
#include <vector>

#include "arguments.hpp"
#include "command.hpp"
#include "output.hpp"
#include "ranks.hpp"
#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"

namespace {

using namespace terastal;
using namespace terastal::cli;

constexpr std::array kCommands = {
    Command{"run", "simulate one scenario under one policy", run_line, run_command},
    Command{"compare", "compare policies over scenarios and seeds, with confidence intervals", compare_line,
            compare_command},
    Command{"check", "hold scenarios against a baseline and fail when something got worse: a gate for CI", check_line,
            check_command},
    Command{"throughput", "find the load at which enough jobs still meet their deadlines", throughput_line,
            throughput_command},
    Command{"tune", "look for the values of a policy's settings that make a metric best", tune_line, tune_command},
    Command{"sweep", "run a grid of scenarios, policies, settings and seeds into one file of results", sweep_line,
            sweep_command},
    Command{"query", "show what a sweep's results store holds: tables, means with intervals, exports", query_line,
            query_command},
    Command{"merge", "join the results stores of a sweep's shards", merge_line, merge_command},
    Command{"reproduce", "run a paper's experiments: its figures as charts, its claims beside ours", reproduce_line,
            reproduce_command},
    Command{"plan", "show what is decided offline: budgets, virtual deadlines, valid variant sets", plan_line,
            plan_command},
    Command{"schedulability", "share of random task sets that LaLaRAND, its baselines and other policies schedule",
            schedulability_line, schedulability_command},
    Command{"analyze", "bound response times and loads without simulation: schedulability tests", analyze_line,
            analyze_command},
    Command{"cost", "estimate latency and energy of layers from their shapes", cost_line, cost_command},
    Command{"design", "design layer variants: which layers, which γ, what they cost and save", design_line,
            design_command},
    Command{"export", "write a network's layers as one table", export_line, export_command},
    Command{"validate", "check files and report every error", validate_line, validate_command},
    Command{"import", "read networks, results and scenarios of other tools", import_line, import_command},
    Command{"list", "list policies, cost models, platforms, networks or scenarios", list_line, list_command},
    Command{"schema", "print the JSON Schema of a kind of file", schema_line, schema_command},
    Command{"version", "print version, commit and compiler", version_line, version_command},
};

std::string overview() {
  std::string text = "Usage: terastal COMMAND [arguments]\n\n"
                     "Simulates real-time multi-DNN workloads on heterogeneous accelerators.\n\nCommands:\n";
  for (const Command& command : kCommands) {
    text += "  " + std::string(command.name) + std::string(16 - std::string(command.name).size(), ' ') +
            command.summary + '\n';
  }
  return text +
         "\n'terastal help COMMAND' or 'terastal COMMAND --help' shows its options and examples.\n"
         "Options come after the command.\n\n"
         "Examples:\n"
         "  terastal list scenarios\n"
         "  terastal run multi_camera_heavy_6k --policy edf\n"
         "  terastal compare multi_camera_heavy_6k --policies fcfs,edf,dream,terastal --replications 20\n\n" +
         exit_code_help();
}

const Command& find_command(const std::string& name) {
  std::vector<std::string> names = {"help"};
  for (const Command& command : kCommands) {
    if (name == command.name) return command;
    names.emplace_back(command.name);
  }
  if (!name.empty() && name.front() == '-') {
    throw UsageError("expected a command, got '" + name + "'; options come after the command");
  }
  throw UsageError("unknown command '" + name + "'" + did_you_mean(name, names) + "; commands: " + join(names, ", "));
}

int show(const std::string& text) {
  Output output(std::nullopt);
  output.stream() << text;
  output.commit();
  return kFine;
}

int help(const std::vector<std::string>& arguments) {
  if (arguments.size() > 1) throw UsageError("help takes one command");
  if (arguments.empty() || arguments.front() == "help") return show(overview());
  return show(help_text(find_command(arguments.front()).line()));
}

int run(const Command& command, const std::vector<std::string>& arguments) {
  const CommandLine line = command.line();
  return wants_help(arguments) ? show(help_text(line)) : command.run(parse(line, arguments));
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    std::cerr << overview();
    return kUsage;
  }
  const std::string& name = arguments.front();
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (name == "--help" || name == "-h") return help({});
  if (name == "help") return help(rest);
  return run(find_command(name == "--version" ? "version" : name), rest);
}

void print(const InputError& error) {
  for (const Diagnostic& d : error.diagnostics()) {
    std::cerr << (d.source.empty() ? "terastal: " : "") << d.to_string() << '\n';
  }
}

/// ` run` when the command was understood, else nothing.
std::string help_topic(const std::vector<std::string>& arguments) {
  for (const Command& command : kCommands) {
    if (!arguments.empty() && arguments.front() == command.name) return std::string(" ") + command.name;
  }
  return "";
}

/// Runs the command and turns exceptions into messages and exit codes.
int guarded(const std::vector<std::string>& arguments) {
  try {
    return dispatch(arguments);
  } catch (const UsageError& e) {
    if (is_follower(arguments)) return kFine; // rank 0 says it
    std::cerr << "terastal: error: " << e.what() << '\n';
    std::cerr << "See 'terastal help" << help_topic(arguments) << "'.\n";
    return kUsage;
  } catch (const InputError& e) {
    print(e);
    return kBadInput;
  } catch (const std::bad_alloc&) {
    std::cerr << "terastal: error: out of memory\n";
    return kFailed;
  } catch (const std::exception& e) {
    std::cerr << "terastal: error: " << e.what() << '\n';
    return kFailed;
  }
}

} // namespace

int main(int argc, char** argv) {
  // A closed pipe is reported like any other output that cannot be written.
  std::signal(SIGPIPE, SIG_IGN);
  return guarded(std::vector<std::string>(argv + 1, argv + argc));
}
