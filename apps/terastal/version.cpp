
#include "command.hpp"
#include "common_options.hpp"
#include "output.hpp"
#include "terastal/report/list_report.hpp"

namespace terastal::cli {
CommandLine version_line() {
  CommandLine line;
  line.usage = "version [options]";
  line.intro = "Prints version, commit, compiler and build type.";
  line.examples = "terastal version\nterastal version --format json";
  line.value("format,f", "F", "table (default), json or jsonl");
  line.flag("help,h", "this text");
  return line;
}

int version_command(const Arguments& arguments) {
  if (!arguments.positional().empty()) throw UsageError("version takes no arguments");
  const OutputOptions options = read_output_options(arguments);
  if (options.format == Format::csv) throw UsageError("--format: version is written as table, json or jsonl");
  Output output(std::nullopt);
  write_version(output.stream(), options.format);
  output.commit();
  return kFine;
}

} // namespace terastal::cli
