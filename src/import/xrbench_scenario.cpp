#include <algorithm> // find
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "import/layers.hpp"
#include "import/lower_case.hpp"
#include "import/maestro_network.hpp"
#include "import/maestro_parser.hpp"
#include "import/notes.hpp"
#include "import/xrbench_names.hpp"
#include "io/files.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/import/xrbench.hpp"

namespace terastal {
namespace {

using io::in_quotes;
using maestro::NetworkBlock;
using maestro::Word;

class ScenarioReader {
 public:
  ScenarioReader(const maestro::Document& document, const io::Source& source, const XrbenchImportOptions& options,
                 io::Diagnostics& diagnostics)
      : document_(document), source_(source), options_(options), diagnostics_(diagnostics) {}

  XrbenchScenario read() {
    XrbenchScenario scenario;
    scenario.source_name = std::filesystem::path(source_.name).stem().string();
    scenario.name = options_.name.empty() ? scenario_name(scenario.source_name) : options_.name;
    check_names();
    name_tasks();
    for (std::size_t n = 0; n < document_.networks.size(); ++n) {
      scenario.tasks.push_back(task(n));
      if (options_.networks.empty()) scenario.networks.push_back(network(document_.networks[n]));
    }
    notes_.add("horizon, seed and dropping of late jobs are ours; see workloads/README.md for what XRBench does");
    scenario.notes = notes_.sentences();
    return scenario;
  }

 private:
  void check_names() {
    std::set<std::string> seen;
    for (const NetworkBlock& network : document_.networks) {
      if (network.name.text.empty()) error(network.name, "a network of a scenario needs a name");
      if (!seen.insert(lower_case(network.name.text)).second) {
        error(network.name, fmt::format("network {} stands in the scenario twice", in_quotes(network.name.text)));
      }
    }
  }

  void name_tasks() {
    std::vector<std::string> wanted;
    for (const NetworkBlock& network : document_.networks) {
      const std::string role = role_of(network.name.text);
      wanted.push_back(role.empty() ? lower_case(network.name.text) : role);
    }
    Notes unused;
    UniqueNames unique(wanted);
    for (const std::string& name : wanted) tasks_.push_back(unique.next(name, unused));
  }

  XrbenchTask task(std::size_t n) {
    const NetworkBlock& block = document_.networks[n];
    XrbenchTask task;
    task.name = tasks_[n];
    task.network = lower_case(block.name.text);
    if (!options_.networks.empty()) task.network_file = network_file(block.name);
    task.rate = rate(block);
    task.probability = probability(block);
    task.after = parent(n);
    return task;
  }

  std::string rate(const NetworkBlock& block) {
    if (!block.fps) {
      error(block.name, fmt::format("network {} needs 'FPS: NUMBER'", in_quotes(block.name.text)));
      return {};
    }
    const std::string text = std::string(block.fps->text) + " fps";
    if (!parse_rate_as_period(text)) {
      error(*block.fps, fmt::format("expected a number of frames per second > 0, got {}", in_quotes(block.fps->text)));
    }
    return text;
  }

  double probability(const NetworkBlock& block) {
    if (!block.probability) return 1.0;
    const auto value = parse_number(block.probability->text);
    if (value && *value > 0.0 && *value <= 1.0) return *value;
    error(*block.probability,
          fmt::format("expected a probability above 0 and up to 1, got {}", in_quotes(block.probability->text)));
    return 1.0;
  }

  /// The task that a network waits for; empty without.
  std::string parent(std::size_t n) {
    const NetworkBlock& block = document_.networks[n];
    if (block.dependencies.empty()) {
      if (block.probability && probability(block) < 1.0) {
        error(*block.probability, "a probability below 1 needs a 'Dependency': here only cascades have one");
      }
      return {};
    }
    if (block.dependencies.size() > 1) {
      error(block.dependencies[1], "several dependencies: here a task is released by one other");
      return {};
    }
    const auto index = index_of(block.dependencies.front());
    if (!index) return {};
    if (*index == n) error(block.dependencies.front(), "a network cannot depend on itself");
    if (document_.networks[*index].fps && block.fps && document_.networks[*index].fps->text != block.fps->text) {
      notes_.add("a cascade runs at the rate of the task it follows, not at its own FPS", tasks_[n]);
    }
    return tasks_[*index];
  }

  std::optional<std::size_t> index_of(const Word& name) {
    std::vector<std::string> known;
    for (std::size_t n = 0; n < document_.networks.size(); ++n) {
      known.emplace_back(document_.networks[n].name.text);
      if (known.back() == name.text) return n;
    }
    error(name, fmt::format("there is no network {}{}; the file has: {}", in_quotes(name.text),
                            did_you_mean(name.text, known), join(known, ", ")));
    return std::nullopt;
  }

  std::string network_file(const Word& name) {
    const std::filesystem::path folder(options_.networks);
    std::error_code ignored;
    std::string file = lower_case(name.text) + ".yaml";
    if (std::filesystem::exists(folder / file, ignored)) return file;
    if (const std::string other = other_name(name.text); !other.empty()) {
      notes_.add(fmt::format("the layers of {} are those of {}", name.text, other));
      if (std::filesystem::exists(folder / (lower_case(other) + ".yaml"), ignored)) return lower_case(other) + ".yaml";
    }
    error(name, fmt::format("there is no file {} for this network", in_quotes((folder / file).string())));
    return file;
  }

  Import network(const NetworkBlock& block) {
    MaestroOptions options;
    options.padding = options_.padding;
    options.strict = options_.strict;
    NetworkBlock bare = block; // what follows from its being a task is said by the scenario
    bare.fps.reset();
    bare.probability.reset();
    bare.dependencies.clear();
    Import import = maestro::to_network(bare, source_.name, options, diagnostics_);
    import.network.name = lower_case(block.name.text);
    return import;
  }

  void error(const Word& where, std::string message) { diagnostics_.error(where.position, std::move(message)); }

  const maestro::Document& document_;
  const io::Source& source_;
  const XrbenchImportOptions& options_;
  io::Diagnostics& diagnostics_;
  std::vector<std::string> tasks_;
  Notes notes_;
};

} // namespace

XrbenchKind xrbench_kind(const std::string& path) {
  io::Diagnostics diagnostics;
  io::Files files(diagnostics);
  const io::File* file = files.open(path, {});
  if (file == nullptr) diagnostics.throw_if_any();
  const maestro::Document document = maestro::parse(*file, diagnostics);
  const bool scenario = !document.networks.empty();
  const bool platform = !document.accelerators.empty();
  if (scenario == platform && diagnostics.count() == 0) {
    std::string found = "neither 'Network' nor 'Accelerator' blocks";
    if (scenario) found = "both 'Network' and 'Accelerator' blocks";
    if (document.dataflows > 0) found = "dataflows, which are given by name (ws, os, rs)";
    diagnostics.error({file->source, 0, 0}, "this is no scenario and no hardware configuration: it holds " + found);
  }
  diagnostics.throw_if_any();
  return scenario ? XrbenchKind::scenario : XrbenchKind::platform;
}

XrbenchScenario import_xrbench_scenario(const std::string& path, const XrbenchImportOptions& options) {
  io::Diagnostics diagnostics;
  io::Files files(diagnostics);
  const io::File* file = files.open(path, {});
  if (file == nullptr) diagnostics.throw_if_any();
  const maestro::Document document = maestro::parse(*file, diagnostics);
  diagnostics.throw_if_any();
  if (document.networks.empty()) diagnostics.error({file->source, 0, 0}, "there is no 'Network' in this file");
  XrbenchScenario scenario = ScenarioReader(document, *file->source, options, diagnostics).read();
  diagnostics.throw_if_any();
  return scenario;
}

} // namespace terastal
