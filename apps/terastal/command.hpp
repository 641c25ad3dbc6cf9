#pragma once

#include <stdexcept>

#include "arguments.hpp"

namespace terastal::cli {

/// What the process returns.
enum ExitCode : int {
  kFine = 0,
  kCheckFailed = 1,
  kUsage = 2,
  kBadInput = 3,
  kFailed = 4,       ///< simulation error, or output that cannot be written
  kInconclusive = 5, ///< a check needs more replications
  kInterrupted = 130,
};

/// The command line is wrong; exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A subcommand: its options and help, and what it does. \returns an exit code.
struct Command {
  const char* name;
  const char* summary;
  CommandLine (*line)();
  int (*run)(const Arguments& arguments);
};

CommandLine run_line();
int run_command(const Arguments& arguments);
CommandLine compare_line();
int compare_command(const Arguments& arguments);
CommandLine check_line();
int check_command(const Arguments& arguments);
CommandLine throughput_line();
int throughput_command(const Arguments& arguments);
CommandLine tune_line();
int tune_command(const Arguments& arguments);
CommandLine sweep_line();
int sweep_command(const Arguments& arguments);
CommandLine plan_line();
int plan_command(const Arguments& arguments);
CommandLine schedulability_line();
int schedulability_command(const Arguments& arguments);
CommandLine analyze_line();
int analyze_command(const Arguments& arguments);
CommandLine cost_line();
int cost_command(const Arguments& arguments);
CommandLine design_line();
int design_command(const Arguments& arguments);
CommandLine query_line();
int query_command(const Arguments& arguments);
CommandLine merge_line();
int merge_command(const Arguments& arguments);
CommandLine reproduce_line();
int reproduce_command(const Arguments& arguments);
CommandLine export_line();
int export_command(const Arguments& arguments);
CommandLine validate_line();
int validate_command(const Arguments& arguments);
CommandLine import_line();
int import_command(const Arguments& arguments);
CommandLine list_line();
int list_command(const Arguments& arguments);
CommandLine schema_line();
int schema_command(const Arguments& arguments);
CommandLine version_line();
int version_command(const Arguments& arguments);

} // namespace terastal::cli
