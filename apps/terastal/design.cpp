#include "terastal/experiment/design.hpp"

#include <iostream>

#include "command.hpp"
#include "common_options.hpp"
#include "output.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/io/load_variants.hpp"
#include "terastal/offline/quantisation.hpp"
#include "terastal/report/design_report.hpp"

namespace terastal::cli {
namespace {

/// What variants are designed for: a scenario, or networks on a platform.
struct Subject {
  std::vector<LoadedScenario> scenario; ///< one or none
  Platform own_platform;                ///< without a scenario
  std::vector<Network> own_networks;
  std::vector<DesignSubject> networks;

  [[nodiscard]] const Platform& platform() const {
    return scenario.empty() ? own_platform : scenario.front().scenario.platform;
  }
};

double read_ratio(const Arguments& arguments, const char* name, double otherwise, double most) {
  const auto text = arguments.get(name);
  if (!text) return otherwise;
  const auto ratio = parse_ratio(*text);
  if (ratio && *ratio >= 0.0 && *ratio <= most) return *ratio;
  throw UsageError(std::string("--") + name + ": '" + *text + "' is not a share" +
                   (most == 1.0 ? " from 0 to 1" : " of 0 or more") + ", e.g. 0.005 or '0.5 %'");
}

template <typename Value>
Value read_name(const Arguments& arguments, const char* option, const std::vector<std::string>& names, Value otherwise,
                Value (*parse_name)(const std::string&)) {
  const auto text = arguments.get(option);
  if (!text) return otherwise;
  for (const std::string& name : names) {
    if (*text == name) return parse_name(name);
  }
  throw UsageError(std::string("--") + option + ": unknown '" + *text + "'" + did_you_mean(*text, names) +
                   "; allowed: " + join(names, ", "));
}

bool read_target(const Arguments& arguments) {
  const std::string target = arguments.get("target").value_or("preferred");
  if (target == "budget" || target == "preferred") return target == "budget";
  throw UsageError("--target: expected preferred or budget, got '" + target + "'");
}

void read_limits(const Arguments& arguments, DesignOptions& options) {
  if (arguments.get("variants") == "given") {
    options.variants.reset();
  } else if (const auto most = get_unsigned(arguments, "variants", 0, kMostVariants)) {
    options.variants = static_cast<std::size_t>(*most);
  }
  if (arguments.has("storage")) options.storage = read_ratio(arguments, "storage", 0.0, 1e9);
  options.max_gamma = get_unsigned(arguments, "max-gamma", 2, 65536).value_or(0);
}

DesignOptions read_design_options(const Arguments& arguments) {
  DesignOptions options;
  options.slow = arguments.get("slow");
  options.meet_budgets = read_target(arguments);
  options.budget_rule = read_name(arguments, "budget-rule", budget_rule_names(), options.budget_rule, budget_rule);
  if (arguments.has("budget-rule") && !options.meet_budgets) throw UsageError("--budget-rule needs --target budget");
  read_limits(arguments, options);
  options.gammas = !arguments.has("no-gamma");
  options.pad_channels = arguments.has("pad-channels");
  options.quantised = arguments.all("quantised");
  options.accuracy_cost = read_ratio(arguments, "accuracy-cost", options.accuracy_cost, 1.0);
  options.loss_model = read_name(arguments, "accuracy-model", loss_model_names(), options.loss_model, loss_model);
  return options;
}

Subject open_scenario(const Arguments& arguments, const DataFiles& data) {
  const Changes changes = read_changes(arguments);
  if (!changes.policy.empty()) throw UsageError("--set policy.*: a design depends on no policy");
  Subject subject;
  subject.scenario = load_scenarios(arguments.positional(), changes.scenario, data);
  subject.networks = design_subjects(subject.scenario.front().scenario);
  return subject;
}

Subject open_networks(const Arguments& arguments, const DataFiles& data) {
  for (const char* option : {"set", "seed", "horizon"}) {
    if (arguments.has(option)) throw UsageError(std::string("--") + option + " needs a scenario");
  }
  Subject subject;
  subject.own_platform = load_platform(data.resolve(DocumentKind::platform, *arguments.get("platform")));
  std::vector<Diagnostic> problems;
  for (const std::string& name : arguments.all("network")) {
    try {
      subject.own_networks.push_back(load_network(data.resolve(DocumentKind::network, name), subject.own_platform));
    } catch (const InputError& e) {
      problems.insert(problems.end(), e.diagnostics().begin(), e.diagnostics().end());
    }
  }
  if (!problems.empty()) throw InputError(std::move(problems));
  for (const Network& network : subject.own_networks) subject.networks.push_back({&network, {}, 0.9, {}});
  return subject;
}

Subject open_subject(const Arguments& arguments, const DesignOptions& options) {
  const DataFiles data(arguments);
  const bool networks = arguments.has("network") && arguments.has("platform");
  if (arguments.positional().size() == 1 && !arguments.has("network") && !arguments.has("platform")) {
    return open_scenario(arguments, data);
  }
  if (!arguments.positional().empty() || !networks) {
    throw UsageError("design needs one scenario (a file or a name), or --network and --platform");
  }
  if (options.meet_budgets) throw UsageError("--target budget needs a scenario: budgets come from deadlines");
  return open_networks(arguments, data);
}

DesignSubject& find_network(Subject& subject, const std::string& name) {
  std::vector<std::string> known;
  for (DesignSubject& candidate : subject.networks) {
    if (candidate.network->name == name) return candidate;
    known.push_back(candidate.network->name);
  }
  throw UsageError("--add: there is no network '" + name + "'" + did_you_mean(name, known) +
                   "; networks: " + join(known, ", "));
}

/// `[NETWORK=]FILE`.
void add_variants(Subject& subject, const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos && subject.networks.size() != 1) {
    throw UsageError("--add: say which of the networks '" + text + "' belongs to: NETWORK=" + text);
  }
  DesignSubject& network =
      equals == std::string::npos ? subject.networks.front() : find_network(subject, text.substr(0, equals));
  const std::string path = equals == std::string::npos ? text : text.substr(equals + 1);
  for (AddedVariant& added : load_variants(path, *network.network, subject.platform())) {
    network.added.push_back(std::move(added));
  }
}

/// Types and settings that options name. \throws UsageError.
void check_names(const Platform& platform, const DesignOptions& options) {
  std::vector<std::string> types;
  for (const AcceleratorType& type : platform.types) types.push_back(type.name);
  if (options.slow && !platform.find_type(*options.slow)) {
    throw UsageError("--slow: platform '" + platform.name + "' has no accelerator type '" + *options.slow + "'" +
                     did_you_mean(*options.slow, types) + "; types: " + join(types, ", "));
  }
  for (const std::string& text : options.quantised) {
    try {
      (void)parse_quantisation(text, platform, default_cost_models());
    } catch (const InputError& e) {
      throw_usage("--quantised", e);
    }
  }
}

void write_files(const Arguments& arguments, const Subject& subject, const DesignOptions& options,
                 const std::vector<DesignResult>& results, bool quiet) {
  const auto directory = arguments.get("write");
  if (!directory) return;
  const LoadedScenario* scenario = subject.scenario.empty() ? nullptr : &subject.scenario.front();
  const auto paths = write_design(results, subject.platform(), options, scenario, *directory,
                                  arguments.has("force") ? Existing::replace : Existing::keep);
  if (quiet) return;
  std::cerr << "terastal: wrote " << paths.size() << " files to " << *directory;
  if (scenario != nullptr) std::cerr << "; try: terastal run " << paths.back() << " --policy terastal";
  std::cerr << '\n';
}

} // namespace

CommandLine design_line() {
  CommandLine line;
  line.usage = "design SCENARIO [options]\n       terastal design --network NETWORK --platform PLATFORM [options]";
  line.intro =
      "Designs layer variants: for a layer and an accelerator type on which it is slow, the smallest γ whose\n"
      "depth-to-space form is as fast there as the layer is on its fastest type. Layers with the largest gap come\n"
      "first. Layers need shapes, types need cost models. See docs/variant_design.md.";
  line.examples =
      "terastal design multi_camera_heavy_6k\n"
      "terastal design multi_camera_heavy_6k --slow os_2k --variants given\n"
      "terastal design --network vgg11 --platform terastal_4k --storage '5 %' --all\n"
      "terastal design scenario.yaml --target budget --budget-rule min\n"
      "terastal design --network net.yaml --platform edge.yaml --quantised gpu:precision=int8 --accuracy-cost '0.5 %'\n"
      "terastal design --network vgg11 --platform terastal_6k --add my_variants.csv\n"
      "terastal design ar_social_6k --write designed && terastal run "
      "designed/ar_social_6k_designed.yaml";
  line.value("network,n", "NETWORK", "a network, file or name, instead of a scenario; may be repeated");
  line.value("platform,p", "PLATFORM", "the platform of --network, file or name");
  line.value("slow", "TYPE", "design for this type only; default: every type on which a layer is not at its fastest");
  line.value("target,t", "T",
             "preferred (default): as fast as on the fastest type; budget: within the layer's virtual budget");
  line.value("budget-rule,b", "RULE", "of --target budget: level (default; the paper's), greedy, min, mean or equal");
  line.value("variants,m", "N",
             "at most N for each network, 0 to 64 (default 4); given: as many as the network has of its own");
  line.value("storage", "SHARE", "at most this share of the network's weights more, e.g. '5 %' (default: no limit)");
  line.value("max-gamma", "N", "no γ above N (default: no limit but the channels)");
  line.flag("pad-channels", "pad channel counts that γ² does not divide; the padding is costed and stored");
  line.flag("no-gamma", "no depth-to-space forms: only --quantised and --add");
  line.value("quantised", "TYPE:SETTING=VALUE",
             "also the layers as they are, costed on TYPE with other settings of its cost model, e.g. "
             "gpu:precision=int8; more settings: :SETTING=VALUE; may be repeated");
  line.value("add", "[NETWORK=]FILE", "variants of your own, a variant table; always taken; may be repeated");
  line.value("accuracy-cost", "SHARE",
             "ASSUMED loss of each variant that was not measured (default 1 %, about the median of the 26 published)");
  line.value("accuracy-model", "M",
             "how losses combine where no measured set says: multiplicative (default), additive, fitted or "
             "fitted-pairs (to the measured sets)");
  line.flag("all,a", "tables: every candidate, with the reason");
  line.value("write,w", "DIR", "write the networks with the designed variants, and a copy of the scenario with them");
  line.flag("force", "--write may replace files");
  line.repeatable.insert(line.repeatable.end(), {"network", "quantised", "add"});
  add_scenario_options(line);
  add_output_options(line);
  return line;
}

int design_command(const Arguments& arguments) {
  const OutputOptions output_options = read_output_options(arguments);
  const DesignOptions options = read_design_options(arguments);
  if (arguments.has("force") && !arguments.has("write")) throw UsageError("--force needs --write");
  Subject subject = open_subject(arguments, options);
  check_names(subject.platform(), options);
  for (const std::string& text : arguments.all("add")) add_variants(subject, text);
  if (!options.gammas && options.quantised.empty() && !arguments.has("add")) {
    throw UsageError("--no-gamma leaves nothing to design without --quantised or --add");
  }
  Output output(output_options.path);
  const auto results = design(subject.platform(), subject.networks, options, default_cost_models());
  DesignReport report;
  report.platform = &subject.platform();
  report.scenario = subject.scenario.empty() ? nullptr : &subject.scenario.front();
  report.options = &options;
  report.results = &results;
  report.all = arguments.has("all");
  write(output.stream(), report, output_options.format, output_options.table_color());
  write_files(arguments, subject, options, results, output_options.quiet);
  output.commit();
  return kFine;
}

} // namespace terastal::cli
