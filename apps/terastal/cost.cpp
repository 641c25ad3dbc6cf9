#include "terastal/cost/costed_network.hpp"

#include <cctype> // isalnum
#include <cmath>  // floor
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <set>

#include "command.hpp"
#include "common_options.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/cost/models.hpp"
#include "terastal/io/write.hpp"
#include "terastal/report/cost_errors_report.hpp"
#include "terastal/report/cost_report.hpp"
#include "terastal/report/version.hpp"

namespace terastal::cli {
namespace {

/// What the networks are costed on: types of a platform, if one is given, and models alone.
struct Choice {
  std::optional<Platform> platform;
  std::vector<CostTarget> targets;
};

void add_types(Choice& choice, const Arguments& arguments, const CostModelRegistry& models) {
  const std::vector<std::string> wanted = arguments.all("type");
  std::vector<std::string> known;
  for (const AcceleratorType& type : choice.platform->types) known.push_back(type.name);
  for (const std::string& name : wanted) {
    if (!choice.platform->find_type(name)) {
      throw UsageError("--type: platform '" + choice.platform->name + "' has no type '" + name + "'" +
                       did_you_mean(name, known) + "; types: " + join(known, ", "));
    }
  }
  for (TypeIndex t = 0; t < known.size(); ++t) {
    const bool chosen = wanted.empty() || std::find(wanted.begin(), wanted.end(), known[t]) != wanted.end();
    if (chosen) choice.targets.push_back(cost_target(*choice.platform, t, models));
  }
}

/// `[NAME=]ID[:setting=value]…`.
CostTarget read_model(const std::string& text, const CostModelRegistry& models) {
  const std::size_t equals = text.find('=');
  const bool named = equals != std::string::npos && equals < text.find(':') && equals > 0;
  try {
    const Plugin<CostModel> plugin = models.parse(named ? text.substr(equals + 1) : text);
    return cost_target(named ? text.substr(0, equals) : plugin.label, plugin);
  } catch (const InputError& e) {
    throw_usage("--model", e);
  }
}

Choice read_choice(const Arguments& arguments, const DataFiles& data) {
  const CostModelRegistry models = builtin_cost_models();
  Choice choice;
  for (const std::string& text : arguments.all("model")) choice.targets.push_back(read_model(text, models));
  if (const auto platform = arguments.get("platform")) {
    std::vector<CostTarget> alone = std::move(choice.targets);
    choice.targets.clear();
    choice.platform = load_platform(data.resolve(DocumentKind::platform, *platform));
    add_types(choice, arguments, models);
    for (CostTarget& target : alone) choice.targets.push_back(std::move(target));
  } else if (arguments.has("type")) {
    throw UsageError("--type needs --platform");
  }
  if (choice.targets.empty()) throw UsageError("cost needs --platform or --model: what to cost the layers on");
  std::set<std::string> names;
  for (const CostTarget& target : choice.targets) {
    if (!names.insert(target.name).second) {
      throw UsageError("'" + target.name + "' is there twice; call it otherwise: --model NAME=MODEL");
    }
  }
  return choice;
}

/// The platform without its models: a network bound to it holds nothing but what its table says.
Platform without_models(Platform platform) {
  for (AcceleratorType& type : platform.types) type.cost = {};
  return platform;
}

CostedNetwork load_costed(const std::string& path, const Choice& choice) {
  Network network = choice.platform ? load_network(path, *choice.platform) : load_network(path);
  const bool shaped = std::any_of(network.options.begin(), network.options.end(),
                                  [](const Option& option) { return option.shape.has_value(); });
  if (!shaped && !choice.platform) {
    throw InputError({{path, 0, 0,
                       "no layer of network '" + network.name +
                           "' has a shape (op, K, C, Y, X, ...), which "
                           "cost models need"}});
  }
  return cost_network(network, choice.targets);
}

std::vector<CostedNetwork> load_all(const std::vector<std::string>& paths, const Choice& choice) {
  std::vector<CostedNetwork> result;
  std::vector<Diagnostic> problems;
  for (const std::string& path : paths) {
    try {
      result.push_back(load_costed(path, choice));
    } catch (const InputError& e) {
      problems.insert(problems.end(), e.diagnostics().begin(), e.diagnostics().end());
    }
  }
  if (!problems.empty()) throw InputError(std::move(problems));
  return result;
}

void check_layer(const std::string& name, const std::vector<CostedNetwork>& networks) {
  std::vector<std::string> known;
  for (const CostedNetwork& costed : networks) {
    for (const Layer& layer : costed.network.layers) {
      if (layer.name == name) return;
      known.push_back(layer.name);
    }
  }
  throw UsageError("--layer: no layer is called '" + name + "'" + did_you_mean(name, known));
}

/// A model's label as the name of a type in a table: letters, digits and `_`.
std::string column_name(const CostTarget& target) {
  if (target.type) return target.name;
  std::string name;
  for (const char c : target.name) {
    const bool kept = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    if (kept || (!name.empty() && name.back() != '_')) name += kept ? c : '_';
  }
  return name;
}

std::uint64_t whole_clock(const CostTarget& target) {
  const double clock = target.model ? target.model->clock_hz() : 0.0;
  return clock == std::floor(clock) && clock < 1e15 ? static_cast<std::uint64_t>(clock) : 0;
}

/// Says beside the network where its numbers come from.
std::string source_text(const CostedNetwork& costed) {
  std::string text = costed.network.source;
  for (const CostTarget& target : costed.targets) {
    if (!target.model) continue;
    text += (text.empty() ? "" : "; ") + column_name(target) + ": cost model " + target.label;
  }
  return text + "; written by terastal " + version_info().version;
}

std::vector<WrittenFile> files_of(CostedNetwork& costed, const std::string& path, const Choice& choice) {
  std::vector<WrittenType> types;
  for (const CostTarget& target : costed.targets) {
    const std::uint64_t clock = target.type ? choice.platform->types[*target.type].clock_hz : whole_clock(target);
    types.push_back({column_name(target), clock});
  }
  costed.network.source = source_text(costed);
  return network_files(costed.network, path, types);
}

/// Writes each network as a file of the same name to a folder.
void write_networks(const std::vector<std::string>& paths, std::vector<CostedNetwork>& networks, const Choice& choice,
                    const std::string& folder, const Arguments& arguments) {
  const std::string prefix = arguments.get("prefix").value_or("");
  std::vector<WrittenFile> files;
  std::set<std::string> names;
  for (std::size_t n = 0; n < networks.size(); ++n) {
    const std::string name = prefix + std::filesystem::path(paths[n]).stem().string() + ".yaml";
    networks[n].network.name = prefix + networks[n].network.name;
    if (!names.insert(name).second) throw UsageError("--write: two networks would be written to '" + name + "'");
    for (WrittenFile& file : files_of(networks[n], (std::filesystem::path(folder) / name).string(), choice)) {
      files.push_back(std::move(file));
    }
  }
  write_files(files, arguments.has("force") ? Existing::replace : Existing::keep);
  if (arguments.has("quiet")) return;
  for (const WrittenFile& file : files) std::cerr << "terastal: wrote " << file.path << '\n';
}

/// `--against-table`: the models beside what the tables say.
void write_errors(std::ostream& out, const std::vector<CostedNetwork>& networks, const OutputOptions& options,
                  std::size_t worst) {
  CostErrorsReport report{compare_with_tables(networks), worst};
  const bool compared = std::any_of(report.targets.begin(), report.targets.end(),
                                    [](const TargetErrors& target) { return !target.errors.empty(); });
  if (!compared) {
    throw InputError("nothing to compare: no type has both a cost model and a column in a table of layers with shapes");
  }
  write(out, report, options.format, options.table_color());
}

} // namespace

CommandLine cost_line() {
  CommandLine line;
  line.usage = "cost NETWORK... --platform P | --model M [options]";
  line.intro =
      "Estimates latency and energy of layers from their shapes: for each layer the cycles, what bounds it\n"
      "(compute, on-chip or off-chip traffic, overhead) and how busy the processing elements are; totals for\n"
      "each network. NETWORK and P are files, or names that 'terastal list' shows. Types of P whose cost model\n"
      "is not given keep the latencies of the network's table, and a table's column wins over a model.";
  line.examples = "terastal cost network.yaml --model systolic:rows=128:cols=128\n"
                  "terastal cost network.yaml --model small=roofline:pes=256 --model large=roofline:pes=4096 --top 5\n"
                  "terastal cost network.yaml --platform platform.yaml --type npu --layer conv1\n"
                  "terastal cost *.yaml --platform platform.yaml --write costed/\n"
                  "terastal cost network.yaml --platform platform.yaml --format csv -o costs.csv\n"
                  "terastal cost measured.yaml --platform platform.yaml --against-table";
  line.value("platform,p", "P", "cost on this platform's types");
  line.value("type,t", "T", "only on this type of the platform; may be repeated");
  line.value("model,m", "[NAME=]M",
             "cost on a model with settings, e.g. systolic:rows=128:cols=128; may be repeated. 'terastal list "
             "cost-models' shows all");
  line.value("layer,l", "NAME", "tables: every term of this layer and its variants");
  line.value("top", "N", "tables: the N slowest layers only; with --against-table the N worst (default 10)");
  line.flag("against-table", "how far the types' cost models are from the latencies and energies of the tables");
  line.value("write,w", "DIR",
             "also write each network to DIR, YAML and CSV, with a column of latencies and energies for each type and "
             "model; measured samples are left out");
  line.value("prefix", "TEXT", "with --write: put before the names of the networks and their files");
  line.flag("force", "let --write replace files");
  line.value("data-dir", "DIR", "search here first; may be repeated. Then $TERASTAL_DATA_DIR, then the shipped files");
  line.repeatable = {"type", "model", "data-dir"};
  add_output_options(line);
  return line;
}

int cost_command(const Arguments& arguments) {
  if (arguments.positional().empty()) throw UsageError("cost needs at least one network, a file or a name");
  for (const char* option : {"force", "prefix"}) {
    if (arguments.has(option) && !arguments.has("write"))
      throw UsageError("--" + std::string(option) + " needs --write");
  }
  const OutputOptions options = read_output_options(arguments);
  const DataFiles data(arguments);
  Choice choice = read_choice(arguments, data);
  std::vector<std::string> paths;
  for (const std::string& name : arguments.positional()) paths.push_back(data.resolve(DocumentKind::network, name));

  const std::size_t top = get_unsigned(arguments, "top", 1, 1'000'000).value_or(0);
  if (arguments.has("against-table")) {
    if (!choice.platform) throw UsageError("--against-table needs --platform: its types name the tables' columns");
    choice.platform = without_models(*std::move(choice.platform));
    Output output(options.path);
    write_errors(output.stream(), load_all(paths, choice), options, top == 0 ? 10 : top);
    output.commit();
    return kFine;
  }
  CostReport report;
  report.networks = load_all(paths, choice);
  report.layer = arguments.get("layer");
  report.top = top;
  if (report.layer) check_layer(*report.layer, report.networks);
  Output output(options.path);
  write(output.stream(), report, options.format, options.table_color());
  if (const auto folder = arguments.get("write")) write_networks(paths, report.networks, choice, *folder, arguments);
  output.commit();
  return kFine;
}

} // namespace terastal::cli
