#include "terastal/reproduce/reproduce.hpp"

#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "command.hpp"
#include "common_options.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/report/reproduction_report.hpp"

namespace terastal::cli {
namespace {

namespace fs = std::filesystem;

/// How far each experiment is: a line on a terminal, else a line at the end of each.
class Teller {
 public:
  explicit Teller(const OutputOptions& options) : quiet_(options.quiet), line_(options.progress()) {}

  void operator()(const std::string& experiment, std::uint64_t done, std::uint64_t total) {
    if (total == 0) return;
    line_.update(static_cast<double>(done) / static_cast<double>(total),
                 fmt::format("{}: {} of {}", experiment, done, total));
    if (done < total || quiet_) return;
    line_.clear();
    std::cerr << fmt::format("terastal: {}: {} done\n", experiment, total);
  }

  void clear() { line_.clear(); }

 private:
  bool quiet_;
  Progress line_;
};

} // namespace

CommandLine reproduce_line() {
  CommandLine line;
  line.usage = "reproduce PAPER [options]";
  line.intro =
      "Runs the experiments of a paper and writes into a folder: each sweep's results, a CSV table and an SVG chart "
      "for\n"
      "each figure, and claims.md and claims.json with each claim beside our figure. PAPER is terastal, dream,\n"
      "lalarand, cd-msa, xrbench, or a claims file. Run again, sweeps go on where they were stopped. Results do not\n"
      "depend on --jobs.";
  line.examples = "terastal reproduce terastal --quick\n"
                  "terastal reproduce terastal -o reproduction/terastal\n"
                  "terastal reproduce xrbench --format json\n"
                  "terastal reproduce workloads/papers/dream/claims.yaml -o dream";
  line.value("output,o", "DIR",
             "folder for all files, made when missing; default: reproduce-PAPER, or reproduce-PAPER-quick");
  line.flag("quick", "few seeds and short runs: to see that it works, not for results");
  line.value("jobs,j", "N", "threads; default 0: one per core");
  line.value("format,f", "FORMAT", "of what is printed: table (default), json, csv or jsonl");
  line.value("color", "WHEN", "auto, always, never; default: auto");
  line.value(
      "data-dir", "DIR",
      "look for papers and scenarios here first; may be repeated. Then $TERASTAL_DATA_DIR, then the shipped ones");
  line.repeatable = {"data-dir"};
  line.flag("quiet,q", "no progress");
  line.flag("help,h", "this text");
  return line;
}

int reproduce_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("reproduce needs one paper, a name or a claims file");
  OutputOptions output_options = read_output_options(arguments);
  output_options.path.reset(); // it names the folder here
  const bool quick = arguments.has("quick");
  const DataFiles data(arguments);
  ReproduceOptions options;
  options.threads = read_threads(arguments);
  options.keep_going = [] { return !interrupted(); };
  const Reproduction paper = load_reproduction(data.resolve(DocumentKind::reproduction, arguments.positional().front()),
                                               quick, data.sweep_context());
  options.directory = arguments.get("output").value_or("reproduce-" + paper.name + (quick ? "-quick" : ""));
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error) throw OutputError("cannot make the folder " + options.directory + ": " + error.message());

  catch_interrupts();
  Teller teller(output_options);
  options.progress = [&teller](const std::string& name, std::uint64_t done, std::uint64_t total) {
    teller(name, done, total);
  };
  const ReproductionResult result = reproduce(paper, options);
  teller.clear();
  if (!result.complete) {
    std::cerr << "terastal: interrupted; finished cells are kept, and the same command goes on from there\n";
    return interrupt_exit_code();
  }
  const ReproductionReport report{&paper, &result, quick};
  write_files(options.directory, report);
  Output output(std::nullopt);
  write(output.stream(), report, output_options.format, output_options.table_color());
  output.commit();
  if (!output_options.quiet) std::cerr << "terastal: figures and claims are in " << options.directory << '\n';
  return kFine;
}

} // namespace terastal::cli
