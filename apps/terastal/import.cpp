#include <algorithm> // find
#include <array>
#include <filesystem>

#include "command.hpp"
#include "common_options.hpp"
#include "import_target.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/import/csv.hpp"
#include "terastal/import/maestro.hpp"
#include "terastal/import/maestro_csv.hpp"
#include "terastal/import/onnx.hpp"
#include "terastal/import/xrbench.hpp"
#include "terastal/report/import_report.hpp"

namespace terastal::cli {
namespace {

/// What one call of the command works on.
struct Job {
  const Arguments& arguments;
  std::string kind;
  std::vector<std::string> files;
  ImportTarget target;
  ImportReport report;
};

// -- options

/// The kinds of files that an option is for; options that are not listed are for all.
struct Applies {
  const char* option;
  std::vector<std::string> kinds;
};

const std::vector<Applies> kApplies = {{"padding", {"maestro", "maestro-csv", "csv", "xrbench"}},
                                       {"network", {"maestro", "maestro-csv"}},
                                       {"type", {"maestro-csv", "csv"}},
                                       {"clock", {"maestro-csv", "csv"}},
                                       {"shapes", {"maestro-csv"}},
                                       {"column", {"csv"}},
                                       {"unit", {"csv"}},
                                       {"networks", {"xrbench"}},
                                       {"platform", {"xrbench"}},
                                       {"dataflow", {"xrbench"}},
                                       {"batch", {"onnx"}},
                                       {"dim", {"onnx"}},
                                       {"no-fuse", {"onnx"}},
                                       {"keep-data-movement", {"onnx"}}};

void check_options(const Job& job) {
  for (const Applies& applies : kApplies) {
    const bool fits = std::find(applies.kinds.begin(), applies.kinds.end(), job.kind) != applies.kinds.end();
    if (!job.arguments.has(applies.option) || fits) continue;
    throw UsageError(std::string("--") + applies.option + " is for " + join(applies.kinds, ", ") + ", not for " +
                     job.kind);
  }
  if (job.arguments.has("name") && job.kind != "maestro-csv" && job.kind != "xrbench" && job.files.size() > 1) {
    throw UsageError("--name names one network, but several files are given");
  }
}

Format read_format(const Arguments& arguments) {
  const std::string text = arguments.get("format").value_or("table");
  if (text == "table") return Format::table;
  if (text == "json") return Format::json;
  throw UsageError("--format: unknown format '" + text + "'; allowed: table, json");
}

Padding read_padding(const Arguments& arguments, Padding fallback) {
  const auto text = arguments.get("padding");
  if (!text) return fallback;
  if (*text == "valid") return Padding::valid;
  if (*text == "same") return Padding::same;
  throw UsageError("--padding: expected valid or same, got '" + *text + "'");
}

std::uint64_t read_clock(const Arguments& arguments) {
  const auto clock = parse_frequency(arguments.get("clock").value_or("1 GHz"));
  if (clock && *clock > 0) return *clock;
  throw UsageError("--clock: '" + *arguments.get("clock") + "' is not a frequency with its unit, e.g. '700 MHz'");
}

std::pair<std::string, std::string> split_pair(const std::string& option, const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw UsageError("--" + option + ": expected NAME=VALUE, got '" + text + "'");
  }
  return {std::string(trim(text.substr(0, equals))), std::string(trim(text.substr(equals + 1)))};
}

// -- kinds

/// Runs an import for every file and gathers what is wrong with any of them.
template <typename Import>
void for_each_file(const std::vector<std::string>& files, Import&& import) {
  std::vector<Diagnostic> problems;
  for (const std::string& file : files) {
    try {
      import(file);
    } catch (const InputError& e) {
      problems.insert(problems.end(), e.diagnostics().begin(), e.diagnostics().end());
    }
  }
  if (!problems.empty()) throw InputError(std::move(problems));
}

void add_network(Job& job, Import import, const Platform& platform = {}, std::vector<ColumnUse> columns = {}) {
  if (const auto name = job.arguments.get("name")) {
    if (!job.report.networks.empty()) throw UsageError("--name names one network, but there are several");
    import.network.name = *name;
  }
  if (job.target.given()) {
    job.target.add(import.network, platform, job.target.path_for(import.network.name));
  }
  std::vector<std::string> types;
  for (const AcceleratorType& type : platform.types) types.push_back(type.name);
  job.report.networks.push_back({std::move(import), std::move(types), std::move(columns)});
}

void import_maestro_files(Job& job) {
  MaestroOptions options;
  options.padding = read_padding(job.arguments, Padding::valid);
  options.strict = job.arguments.has("strict");
  options.network = job.arguments.get("network").value_or("");
  for_each_file(job.files, [&](const std::string& file) {
    for (Import& import : import_maestro(file, options)) add_network(job, std::move(import));
  });
}

void import_result_files(Job& job) {
  const std::vector<std::string> types = job.arguments.all("type");
  if (types.size() != job.files.size()) {
    throw UsageError("maestro-csv needs a --type for each file: " + std::to_string(job.files.size()) + " files, " +
                     std::to_string(types.size()) + " types");
  }
  std::vector<MaestroResult> results;
  for (std::size_t f = 0; f < types.size(); ++f) results.push_back({job.files[f], types[f]});
  MaestroCsvOptions options;
  options.network = job.arguments.get("network").value_or("");
  options.shapes = job.arguments.get("shapes").value_or("");
  options.clock_hz = read_clock(job.arguments);
  options.padding = read_padding(job.arguments, Padding::valid);
  options.strict = job.arguments.has("strict");
  TableImport table = import_maestro_csv(results, options);
  add_network(job, std::move(table.result), table.platform);
}

void import_csv_files(Job& job) {
  CsvOptions options;
  for (const std::string& text : job.arguments.all("column")) options.columns.push_back(split_pair("column", text));
  options.unit = job.arguments.get("unit").value_or("");
  if (job.arguments.count("type") > 1) throw UsageError("--type is given twice: the columns name the other types");
  options.type = job.arguments.get("type").value_or("");
  options.clock_hz = read_clock(job.arguments);
  options.padding = read_padding(job.arguments, Padding::same);
  options.strict = job.arguments.has("strict");
  for_each_file(job.files, [&](const std::string& file) {
    TableImport table = import_csv(file, options);
    add_network(job, std::move(table.result), table.platform, std::move(table.columns));
  });
}

void import_onnx_files(Job& job) {
  OnnxOptions options;
  options.batch = get_unsigned(job.arguments, "batch", 1, kLargestDimension);
  for (const std::string& text : job.arguments.all("dim")) {
    const auto [name, value] = split_pair("dim", text);
    const auto size = parse_unsigned(value);
    if (!size || *size < 1 || *size > kLargestDimension) {
      throw UsageError("--dim: '" + value + "' is not a whole number from 1 to " + std::to_string(kLargestDimension));
    }
    options.dims[name] = *size;
  }
  options.fuse = !job.arguments.has("no-fuse");
  options.keep_data_movement = job.arguments.has("keep-data-movement");
  options.strict = job.arguments.has("strict");
  for_each_file(job.files, [&](const std::string& file) { add_network(job, import_onnx(file, options)); });
}

// -- XRBench: scenarios and hardware configurations together

void read_xrbench_platforms(Job& job, const std::vector<std::string>& files) {
  std::vector<std::string> dataflows = {"ws"};
  try {
    if (const auto text = job.arguments.get("dataflow")) dataflows = parse_dataflows(*text);
  } catch (const InputError& e) {
    throw_usage("--dataflow", e);
  }
  for_each_file(files, [&](const std::string& file) {
    XrbenchPlatform platform = import_xrbench_platform(file, dataflows);
    if (!job.arguments.has("dataflow")) platform.notes.emplace_back("no --dataflow is given: weight-stationary (ws)");
    job.report.platforms.push_back(std::move(platform));
  });
}

void read_xrbench_scenarios(Job& job, const std::vector<std::string>& files) {
  XrbenchImportOptions options;
  options.name = job.arguments.get("name").value_or("");
  if (!options.name.empty() && files.size() > 1) throw UsageError("--name names one scenario, but there are several");
  options.networks = job.arguments.get("networks").value_or("");
  options.padding = read_padding(job.arguments, Padding::valid);
  options.strict = job.arguments.has("strict");
  for_each_file(
      files, [&](const std::string& file) { job.report.scenarios.push_back(import_xrbench_scenario(file, options)); });
}

/// The platform file that the scenarios name: the user's, or the one that is imported with them.
std::string xrbench_platform_path(Job& job, bool primary) {
  std::string path;
  for (const XrbenchPlatform& platform : job.report.platforms) {
    const std::string& name = platform.platform.name;
    path = primary ? job.target.path_for(name) : job.target.path_beside(name);
    job.target.add({path, platform_text(platform)});
  }
  const auto given = job.arguments.get("platform");
  if (given && !path.empty()) throw UsageError("--platform and a hardware configuration exclude each other");
  if (given) return DataFiles(job.arguments).resolve(DocumentKind::platform, *given);
  if (!primary && path.empty()) {
    throw UsageError("a scenario needs a platform to be written: --platform FILE, or a hardware configuration of "
                     "XRBench beside the scenario");
  }
  return path;
}

void write_xrbench(Job& job) {
  const std::string platform = xrbench_platform_path(job, job.report.scenarios.empty());
  for (const XrbenchScenario& scenario : job.report.scenarios) {
    const std::string path = job.target.path_for(scenario.name);
    const auto networks = job.arguments.get("networks");
    for (const Import& import : scenario.networks) {
      job.target.add(import.network, {}, job.target.path_beside(import.network.name));
    }
    const std::string folder = networks ? relative_to(*networks, path) : std::string{};
    job.target.add({path, scenario_text(scenario, relative_to(platform, path), folder)});
  }
}

void import_xrbench_files(Job& job) {
  std::vector<std::string> scenarios;
  std::vector<std::string> platforms;
  for_each_file(job.files, [&](const std::string& file) {
    (xrbench_kind(file) == XrbenchKind::scenario ? scenarios : platforms).push_back(file);
  });
  if (platforms.size() > 1 && !scenarios.empty()) {
    throw UsageError("several hardware configurations: which one the scenarios run on is open");
  }
  if (platforms.empty() && job.arguments.has("dataflow")) {
    throw UsageError("--dataflow is for hardware configurations, and none is given");
  }
  read_xrbench_platforms(job, platforms);
  read_xrbench_scenarios(job, scenarios);
  if (job.target.given()) write_xrbench(job);
  for (const XrbenchScenario& scenario : job.report.scenarios) {
    for (const Import& import : scenario.networks) job.report.networks.push_back({import, {}, {}});
  }
}

struct Kind {
  const char* name;
  void (*run)(Job& job);
};

constexpr std::array<Kind, 5> kKinds = {{{"onnx", import_onnx_files},
                                         {"maestro", import_maestro_files},
                                         {"maestro-csv", import_result_files},
                                         {"csv", import_csv_files},
                                         {"xrbench", import_xrbench_files}}};

const Kind& find_kind(const std::string& name) {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) {
    if (name == kind.name) return kind;
    names.emplace_back(kind.name);
  }
  throw UsageError("cannot import '" + name + "'" + did_you_mean(name, names) + "; allowed: " + join(names, ", "));
}

} // namespace

CommandLine import_line() {
  CommandLine line;
  line.usage = "import onnx|maestro|maestro-csv|csv|xrbench FILE... [options]";
  line.intro =
      "Reads networks, results, scenarios and platforms of other tools, says what they hold and what of them was not\n"
      "understood, and with --output writes them as files of this one:\n"
      "  onnx         ONNX models\n"
      "  maestro      networks of MAESTRO and of XRBench (.m)\n"
      "  maestro-csv  result files of MAESTRO: latency and energy of one accelerator type each\n"
      "  csv          tables with one row per layer\n"
      "  xrbench      usage scenarios and hardware configurations of XRBench (.m), also together";
  line.examples =
      "terastal import onnx resnet50.onnx --batch 1 --output networks\n"
      "terastal import maestro vgg16_model.m --output vgg16.yaml\n"
      "terastal import maestro-csv dla.csv shi.csv --type dla --type shi --shapes vgg16_model.m --output networks\n"
      "terastal import csv profile.csv --column layer=node --column 'gpu_ms=latency (ms)' --output networks\n"
      "terastal import csv profile.csv --type gpu --unit us --format json\n"
      "terastal import xrbench AR_gaming.m --networks workloads/networks --platform xrbench_dual_4k -o ar_gaming.yaml\n"
      "terastal import xrbench AR_gaming.m Dual_4K.m --dataflow ws,os --output imported";
  line.value("output,o", "PATH", "write there: a folder, or for one thing a file that ends in .yaml");
  line.value("name", "NAME", "name of the network or scenario; default: as the file has it, or the file's name");
  line.flag("force", "replace files that exist");
  line.flag("strict", "what is not understood is an error");
  line.value("padding", "P",
             "valid: input sizes include the padding (default for maestro and xrbench); same: they do not (default for "
             "csv)");
  line.value("network", "NAME", "maestro, maestro-csv: of several networks in a file this one");
  line.value("type", "NAME",
             "maestro-csv: accelerator type of a file, one for each in their order; csv: of columns that name none");
  line.value("clock", "F", "maestro-csv, csv: what turns cycles into time; default: '1 GHz'");
  line.value("shapes", "FILE", "maestro-csv: MAESTRO description with the layers' shapes");
  line.value("column", "OURS=THEIRS", "csv: what a column means, e.g. K=filters or gpu_ms=latency; may be repeated");
  line.value("unit", "U", "csv: unit of latency columns that have none: cycles, ps, ns, us, ms or s");
  line.value("networks", "DIR", "xrbench: use the network files there instead of the scenario's layers");
  line.value("platform", "NAME", "xrbench: platform of the scenario, a file or a name");
  line.value("dataflow", "LIST",
             "xrbench: ws, os or rs for each accelerator of a hardware configuration, or one for all");
  line.value("batch", "N", "onnx: the inputs' first dimension where it is open; default: 1");
  line.value("dim", "NAME=N", "onnx: value of a symbolic dimension; may be repeated");
  line.flag("no-fuse", "onnx: keep normalisation and activations as layers of their own");
  line.flag("keep-data-movement", "onnx: keep what only moves data as layers");
  line.value("format,f", "F", "of the summary: table (default) or json");
  line.value("color", "WHEN", "auto (default), always or never; auto minds NO_COLOR and TERM=dumb");
  line.value("data-dir", "DIR", "look for platforms given by name here first; may be repeated");
  line.flag("help,h", "this text");
  line.repeatable = {"type", "column", "dim", "data-dir"};
  return line;
}

int import_command(const Arguments& arguments) {
  const auto& positional = arguments.positional();
  if (positional.empty()) throw UsageError("import needs a kind of file: onnx, maestro, maestro-csv, csv, xrbench");
  const Kind& kind = find_kind(positional.front());
  Job job{arguments, kind.name, {positional.begin() + 1, positional.end()}, ImportTarget(arguments.get("output")), {}};
  if (job.files.empty()) throw UsageError("import needs at least one file");
  check_options(job);
  const Format format = read_format(arguments);
  const ColorMode color = parse_color(arguments.get("color").value_or("auto"));
  job.report.kind = kind.name;
  job.report.inputs = job.files;
  kind.run(job);
  if (job.target.given()) {
    job.target.refuse_inputs(job.files);
    job.report.written = job.target.write(arguments.has("force") ? Existing::replace : Existing::keep);
  }
  Output output(std::nullopt);
  write(output.stream(), job.report, format, use_color(color, 1));
  output.commit();
  return kFine;
}

} // namespace terastal::cli
