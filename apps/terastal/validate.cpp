#include <filesystem>
#include <iostream>

#include "arguments.hpp"
#include "command.hpp"
#include "data_files.hpp"
#include "output.hpp"
#include "terastal/core/error.hpp"
#include "terastal/io/load_sweep.hpp"
#include "terastal/reproduce/reproduction.hpp"

namespace terastal::cli {
namespace {

/// The path of a file given by name, of any kind; the text itself if it is a path, or no file has this name.
std::string path_of(const std::string& text, const DataFiles& data) {
  std::error_code ignored;
  if (std::filesystem::exists(text, ignored) || text.find('/') != std::string::npos) return text;
  for (const auto kind : {DocumentKind::scenario, DocumentKind::platform, DocumentKind::network, DocumentKind::sweep,
                          DocumentKind::reproduction}) {
    for (const DataFile& file : data.list(kind)) {
      if (file.name == text) return file.path;
    }
  }
  return text;
}

/// Checks what a file of some kinds names, beyond its own structure. \throws InputError.
void check_names(const std::string& path, DocumentKind kind, const DataFiles& data) {
  if (kind == DocumentKind::sweep) (void)load_sweep(path, {}, data.sweep_context());
  if (kind == DocumentKind::reproduction) (void)load_reproduction(path, false, data.sweep_context());
}

/// Checks one file. \returns whether it is fine.
bool check(const std::string& path, const DataFiles& data, std::ostream& out, bool quiet) {
  try {
    const DocumentKind kind = validate_file(path);
    check_names(path, kind, data);
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
  line.intro =
      "Checks platforms, networks, scenarios, sweeps and reproductions, with everything they refer to, and reports\n"
      "every error as file:line:column: error: message. Files without errors are listed on standard output.\n"
      "A FILE may also be a name that 'terastal list' shows.";
  line.examples = "terastal validate scenario.yaml\n"
                  "terastal validate configs/platforms/*.yaml workloads/networks/*.yaml";
  line.value("data-dir", "DIR",
             "look for names here first; may be repeated. Then $TERASTAL_DATA_DIR, then the shipped ones");
  line.repeatable = {"data-dir"};
  line.flag("quiet,q", "do not list the files that are fine");
  line.flag("help,h", "this text");
  return line;
}

int validate_command(const Arguments& arguments) {
  if (arguments.positional().empty()) throw UsageError("validate needs at least one file");
  Output output(std::nullopt);
  const DataFiles data(arguments);
  bool fine = true;
  for (const std::string& text : arguments.positional()) {
    fine = check(path_of(text, data), data, output.stream(), arguments.has("quiet")) && fine;
  }
  output.commit();
  return fine ? kFine : kBadInput;
}

} // namespace terastal::cli
