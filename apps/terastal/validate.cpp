#include <iostream>

#include "arguments.hpp"
#include "command.hpp"
#include "data_files.hpp"
#include "output.hpp"
#include "terastal/core/error.hpp"

namespace terastal::cli {
namespace {

/// Checks one file. \returns whether it is fine.
bool check(const std::string& path, std::ostream& out, bool quiet) {
  try {
    const DocumentKind kind = validate_file(path);
    if (!quiet) out << path << ": ok (" << to_string(kind) << ")\n";
    return true;
  } catch (const InputError& e) {
    for (const Diagnostic& d : e.diagnostics()) {
      std::cerr << (d.source.empty() ? path + ": " : "") << d.to_string() << '\n';
    }
    return false;
  }
}

} // namespace

CommandLine validate_line() {
  CommandLine line;
  line.usage = "validate FILE... [options]";
  line.intro = "Checks platforms, networks and scenarios, with everything they refer to, and reports every error\n"
               "as file:line:column: error: message. Files without errors are listed on standard output.";
  line.examples = "terastal validate scenario.yaml\n"
                  "terastal validate configs/platforms/*.yaml workloads/networks/*.yaml";
  line.flag("quiet,q", "do not list the files that are fine");
  line.flag("help,h", "this text");
  return line;
}

int validate_command(const Arguments& arguments) {
  if (arguments.positional().empty()) throw UsageError("validate needs at least one file");
  Output output(std::nullopt);
  bool fine = true;
  for (const std::string& path : arguments.positional()) {
    fine = check(path, output.stream(), arguments.has("quiet")) && fine;
  }
  output.commit();
  return fine ? kFine : kBadInput;
}

} // namespace terastal::cli
