#include <filesystem>
#include <set>

#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"
#include "terastal/experiment/design.hpp"
#include "terastal/io/write_scenario.hpp"

namespace terastal {
namespace {

namespace fs = std::filesystem;

std::string percent_text(double ratio) { return format_number(ratio * 100.0) + " %"; }

/// Where the accuracy of the sets comes from: `4 of 15 sets measured, the rest predicted (…)`.
std::string accuracy_text(const DesignResult& result, const DesignOptions& options) {
  std::vector<std::string> assumed;
  for (const VariantCandidate* c : result.design.chosen()) {
    if (c->loss_origin == LossOrigin::assumed) assumed.push_back(c->name);
  }
  std::string text;
  if (result.accuracy->listed) {
    const std::size_t all = result.accuracy->measured_sets + result.accuracy->predicted_sets;
    text = std::to_string(result.accuracy->measured_sets) + " of " + std::to_string(all) + " sets measured";
    if (result.accuracy->predicted_sets > 0) text += ", the rest predicted (" + to_string(options.loss_model) + ")";
  } else {
    text = std::string("losses of single variants, ") + to_string(result.accuracy->model.rule());
  }
  if (!assumed.empty()) {
    text += "; ASSUMED, not measured: a loss of " + percent_text(options.accuracy_cost) + " each for " +
            join(assumed, ", ");
  }
  return text;
}

/// The files of a network; its tables of variants and accuracy say in their first lines what was assumed.
std::vector<WrittenFile> labelled_files(const DesignResult& result, const Platform& platform,
                                        const DesignOptions& options, const std::string& path) {
  std::vector<WrittenFile> files =
      network_files(described_network(result, platform, options), path, written_types(platform));
  if (result.design.chosen().empty()) return files;
  for (WrittenFile& file : files) {
    const bool labelled = file.path.ends_with("_variants.csv") || file.path.ends_with("_accuracy.csv");
    if (!labelled) continue;
    file.text = "# " + result.network->name + ": variants designed for platform " + platform.name +
                ".\n# Accuracy: " + accuracy_text(result, options) + ".\n" + file.text;
  }
  return files;
}

/// A file name for each network; networks of one name get numbers.
std::vector<std::string> file_names(const std::vector<DesignResult>& results) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  for (const DesignResult& result : results) {
    std::string stem = result.network->name;
    for (char& c : stem) {
      if (c == '/' || c == '\\') c = '_';
    }
    std::string name = stem;
    for (int i = 2; !taken.insert(name).second; ++i) name = stem + "_" + std::to_string(i);
    names.push_back(name + ".yaml");
  }
  return names;
}

WrittenFile scenario_file(const LoadedScenario& loaded, const std::vector<std::string>& networks,
                          const fs::path& directory) {
  const Scenario& scenario = loaded.scenario;
  ScenarioCopy copy;
  copy.name = scenario.name + "_designed";
  copy.path = (directory / (copy.name + ".yaml")).string();
  copy.description = scenario.description + (scenario.description.empty() ? "" : "; ") + "with designed variants";
  for (const Task& task : scenario.tasks) copy.networks.push_back("networks/" + networks[task.network]);
  return scenario_copy(loaded, copy);
}

} // namespace

Network described_network(const DesignResult& result, const Platform& platform, const DesignOptions& options) {
  const Network& original = *result.network;
  if (!result.accuracy) {
    throw InputError("network '" + original.name + "': accuracy was measured for sets of variants, and the sets of " +
                     std::to_string(result.design.chosen().size()) + " variants are too many to list; allow at most " +
                     std::to_string(kMostListedVariants) + " variants");
  }
  Network network = designed_network(original, result.design, result.accuracy->model);
  if (network.variant_names.empty()) return network;
  network.source += (network.source.empty() ? "" : "; ") + std::string("variants designed for platform ") +
                    platform.name + " with its cost models; accuracy: " + accuracy_text(result, options);
  return network;
}

std::vector<std::string> write_design(const std::vector<DesignResult>& results, const Platform& platform,
                                      const DesignOptions& options, const LoadedScenario* scenario,
                                      const std::string& directory, Existing existing) {
  const fs::path folder(directory);
  const std::vector<std::string> names = file_names(results);
  std::vector<WrittenFile> files;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const std::string path = (folder / "networks" / names[i]).string();
    for (WrittenFile& file : labelled_files(results[i], platform, options, path)) files.push_back(std::move(file));
  }
  if (scenario != nullptr) files.push_back(scenario_file(*scenario, names, folder));
  write_files(files, existing);
  std::vector<std::string> paths;
  for (const WrittenFile& file : files) paths.push_back(file.path);
  return paths;
}

} // namespace terastal
