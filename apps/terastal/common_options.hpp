#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "data_files.hpp"
#include "terastal/io/load.hpp"
#include "terastal/report/format.hpp"
#include "terastal/sched/registry.hpp"
#include "terminal.hpp"

namespace terastal::cli {

/// Options that most subcommands share.
struct OutputOptions {
  Format format = Format::table;
  std::optional<std::string> path; ///< nothing: standard output
  ColorMode color = ColorMode::automatic;
  bool quiet = false;
  int verbosity = 0;

  /// Whether a table is written with colours.
  [[nodiscard]] bool table_color() const { return use_color(color, path ? -1 : 1); }
  /// Whether progress is shown.
  [[nodiscard]] bool progress() const;
};

/// --format, --output, --color, --quiet, --verbose, --help. `verbose` says what more there is to say; null: nothing,
/// and no such option.
void add_output_options(CommandLine& line,
                        const char* verbose = "say more on standard error; -vv: every job, -vvv: every layer");
/// \throws UsageError.
[[nodiscard]] OutputOptions read_output_options(const Arguments& arguments);

/// --set, --seed, --horizon, --data-dir.
void add_scenario_options(CommandLine& line);

/// Changes to scenarios and to the policy, from --set, --seed and --horizon.
struct Changes {
  std::vector<Override> scenario;
  std::vector<Override> policy; ///< without the leading `policy.`
};
/// \throws UsageError.
[[nodiscard]] Changes read_changes(const Arguments& arguments);

/// Reads the scenarios, given by path or bare name. \throws InputError with the problems of all of them.
[[nodiscard]] std::vector<LoadedScenario> load_scenarios(const std::vector<std::string>& names,
                                                         const std::vector<Override>& overrides, const DataFiles& data);

/// The policies of --policies with their settings, or of `otherwise`. \throws UsageError for a bad one, or one given
/// twice.
[[nodiscard]] std::vector<Policy> read_policies(const Arguments& arguments, const char* otherwise);

/// Where each policy of a list has settings of its own, --set cannot change "the" policy. \throws UsageError.
void refuse_policy_changes(const Changes& changes, const std::string& command);

/// The number of threads from --jobs; all cores for 0 or none. \throws UsageError.
[[nodiscard]] std::size_t read_threads(const Arguments& arguments);

/// Turns an InputError about an option's value into a UsageError. \throws UsageError.
[[noreturn]] void throw_usage(const std::string& option, const InputError& error);

} // namespace terastal::cli
