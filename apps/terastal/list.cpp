
#include <fmt/format.h>

#include "command.hpp"
#include "common_options.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/cost/models.hpp"
#include "terastal/io/load_sweep.hpp"
#include "terastal/report/list_report.hpp"
#include "terastal/reproduce/reproduction.hpp"
#include "terastal/sched/default_policies.hpp"
#include "terastal/sweep/cells.hpp"

namespace terastal::cli {
namespace {

const std::vector<std::string> kKinds = {"policies",  "cost-models", "platforms",    "networks",
                                         "scenarios", "sweeps",      "reproductions"};

std::string plural(std::size_t n, const std::string& what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string describe(const Platform& p) {
  return plural(p.accelerators.size(), "accelerator") + " of " + plural(p.types.size(), "type");
}

std::string describe(const Network& n) {
  std::string text = plural(n.layers.size(), "layer");
  if (!n.variant_names.empty()) text += ", " + plural(n.variant_names.size(), "variant");
  return n.chain ? text : text + ", DAG";
}

std::string describe(const Scenario& s) {
  return fmt::format("{} on {}, {}", plural(s.tasks.size(), "task"), s.platform.name, format_duration(s.horizon));
}

std::string describe(const Sweep& s) {
  return fmt::format("{} of {} cells, {}", SweepCells(s).size(), SweepCells(s).total(),
                     plural(s.metrics.size(), "metric"));
}

std::string describe(const Reproduction& r) {
  return fmt::format("{}, {}, {}", plural(r.experiments.size(), "experiment"), plural(r.figures.size(), "figure"),
                     plural(r.claims.size(), "claim"));
}

std::string summary_of(const DataFile& file, const DataFiles& data) {
  try {
    switch (file.kind) {
    case DocumentKind::platform:
      return describe(load_platform(file.path));
    case DocumentKind::network:
      return describe(load_network(file.path));
    case DocumentKind::scenario:
      return describe(load_scenario(file.path).scenario);
    case DocumentKind::sweep:
      return describe(load_sweep(file.path, {}, data.sweep_context()));
    case DocumentKind::reproduction:
      return describe(load_reproduction(file.path, false, data.sweep_context()));
    }
  } catch (const InputError&) {
    return "HAS ERRORS: see terastal validate";
  }
  return "";
}

std::vector<ListedFile> files_of(const DataFiles& data, DocumentKind kind) {
  std::vector<ListedFile> result;
  for (const DataFile& file : data.list(kind)) {
    result.push_back({file.name, file.description, summary_of(file, data), file.path});
  }
  return result;
}

DocumentKind kind_of(const std::string& what) {
  for (const DocumentKind kind : kDocumentKinds) {
    if (what == to_string(kind) + "s") return kind;
  }
  throw UsageError("cannot list '" + what + "'" + did_you_mean(what, kKinds) + "; allowed: " + join(kKinds, ", "));
}

} // namespace

CommandLine list_line() {
  CommandLine line;
  line.usage = "list policies|cost-models|platforms|networks|scenarios|sweeps|reproductions [options]";
  line.intro = "Lists the policies or cost models with their settings, or the files in the data directories. What is\n"
               "listed can be given by name: terastal run NAME.";
  line.examples = "terastal list policies\n"
                  "terastal list cost-models\n"
                  "terastal list scenarios --data-dir ~/my-scenarios\n"
                  "terastal list networks --format csv";
  line.value("data-dir", "DIR", "search here first; may be repeated. Then $TERASTAL_DATA_DIR, then the shipped files");
  line.repeatable = {"data-dir"};
  add_output_options(line);
  return line;
}

int list_command(const Arguments& arguments) {
  if (arguments.positional().size() != 1) throw UsageError("list needs one of: " + join(kKinds, ", "));
  const OutputOptions options = read_output_options(arguments);
  const std::string& what = arguments.positional().front();
  Output output(options.path);
  if (what == "policies") {
    write_policies(output.stream(), default_policies(), options.format, options.table_color());
  } else if (what == "cost-models") {
    write_cost_models(output.stream(), builtin_cost_models(), options.format, options.table_color());
  } else {
    const DocumentKind kind = kind_of(what);
    write_files(output.stream(), to_string(kind), files_of(DataFiles(arguments), kind), options.format,
                options.table_color());
  }
  output.commit();
  return kFine;
}

} // namespace terastal::cli
