#include "terastal/io/write.hpp"

#include <algorithm> // any_of
#include <cmath>     // isfinite
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept> // invalid_argument
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/emitter.h>

#include "io/write_tables.hpp"
#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

namespace fs = std::filesystem;

/// Finds what files cannot hold.
class Checker {
 public:
  explicit Checker(const Network& network) : network_(network) {}

  void check(const std::vector<WrittenType>& types) {
    if (!types.empty() && types.size() != network_.type_count) {
      throw std::invalid_argument("a network is written with a name for each of its types, or none");
    }
    name("network", network_.name);
    std::set<std::string> seen;
    for (const WrittenType& type : types) {
      if (!type.name.empty()) unique_name("accelerator type", type.name, seen);
    }
    check_layers();
    check_variants();
    if (!problems_.empty()) throw InputError(std::move(problems_));
  }

 private:
  void problem(std::string text) {
    problems_.push_back({"network '" + network_.name + "'", 0, 0, "cannot be written: " + std::move(text)});
  }

  static bool has_control(const std::string& text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; });
  }

  void name(const std::string& what, const std::string& text) {
    const bool fits =
        !text.empty() && text != "-" && trim(text) == text && text.find('|') == std::string::npos && !has_control(text);
    if (!fits) problem(what + " '" + text + "': names are not empty, and hold neither '|' nor outer blanks");
  }

  void unique_name(const std::string& what, const std::string& text, std::set<std::string>& seen) {
    name(what, text);
    if (!seen.insert(text).second) problem(what + " '" + text + "' is there twice");
  }

  void line(const std::string& what, const std::string& text) {
    if (has_control(text)) problem(what + " '" + text + "' holds control characters");
  }

  void check_layers() {
    std::set<std::string> seen;
    for (const Layer& layer : network_.layers) {
      unique_name("layer", layer.name, seen);
      line("operator", layer.op);
      line("block", layer.block);
    }
  }

  void check_variants() {
    std::set<std::string> seen;
    VariantSet known = 0;
    for (const Layer& layer : network_.layers) {
      for (OptionIndex o = 1; o < layer.option_count; ++o) {
        const Option& option = network_.options[layer.first_option + o];
        unique_name("variant", option.name, seen);
        const bool single = option.variants != 0 && (option.variants & (option.variants - 1)) == 0;
        if (!single || (known & option.variants) != 0) problem("variant '" + option.name + "' is a set of variants");
        known |= option.variants;
      }
    }
    if ((known & (known + 1)) != 0) problem("bits of its variants are left out");
  }

  const Network& network_;
  std::vector<Diagnostic> problems_;
};

/// Names of the files beside a document.
struct Names {
  explicit Names(const std::string& yaml_path) : folder(fs::path(yaml_path).parent_path()) {
    stem = fs::path(yaml_path).stem().string();
  }
  [[nodiscard]] std::string file(const std::string& part) const { return stem + part + ".csv"; }
  [[nodiscard]] std::string path(const std::string& part) const { return (folder / file(part)).string(); }

  fs::path folder;
  std::string stem;
};

void write_accuracy(YAML::Emitter& yaml, const AccuracyModel& accuracy, const std::string& sets_file) {
  yaml << YAML::Key << "accuracy" << YAML::Value << YAML::BeginMap;
  yaml << YAML::Key << "metric" << YAML::Value << accuracy.metric();
  yaml << YAML::Key << "baseline" << YAML::Value << format_number(accuracy.baseline());
  if (accuracy.is_measured()) yaml << YAML::Key << "sets" << YAML::Value << sets_file;
  if (!accuracy.is_measured()) yaml << YAML::Key << "model" << YAML::Value << to_string(accuracy.rule());
  yaml << YAML::EndMap;
}

bool has_accuracy(const Network& network) {
  const AccuracyModel& accuracy = network.accuracy;
  return !network.variant_names.empty() || !accuracy.is_measured() || !accuracy.metric().empty() ||
         accuracy.baseline() != 1.0;
}

std::string document_text(const Network& network, const Names& names) {
  YAML::Emitter yaml;
  yaml << YAML::BeginMap;
  yaml << YAML::Key << "network" << YAML::Value << network.name;
  if (!network.description.empty()) yaml << YAML::Key << "description" << YAML::Value << network.description;
  if (!network.source.empty()) yaml << YAML::Key << "source" << YAML::Value << network.source;
  yaml << YAML::Key << "layers" << YAML::Value << names.file("");
  if (!network.variant_names.empty()) yaml << YAML::Key << "variants" << YAML::Value << names.file("_variants");
  if (has_accuracy(network)) write_accuracy(yaml, network.accuracy, names.file("_accuracy"));
  if (!network.samples.empty()) yaml << YAML::Key << "samples" << YAML::Value << names.file("_samples");
  yaml << YAML::EndMap;
  return std::string(yaml.c_str()) + '\n';
}

void write_file(const WrittenFile& file) {
  const fs::path folder = fs::path(file.path).parent_path();
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  std::ofstream out(file.path, std::ios::binary);
  out << file.text;
  out.close();
  if (!out) throw Error("cannot write '" + file.path + "'");
}

} // namespace

std::vector<WrittenType> written_types(const Platform& platform) {
  std::vector<WrittenType> types;
  for (const AcceleratorType& type : platform.types) {
    types.push_back({type.name, type.clock_hz, type.group_sizes, type.fusion.has_value()});
  }
  return types;
}

std::string layer_table_text(const Network& network, const std::vector<WrittenType>& types) {
  Checker(network).check(types);
  return io::csv_text(io::layer_columns(network, types));
}

std::string variant_table_text(const Network& network, const std::vector<WrittenType>& types) {
  Checker(network).check(types);
  return io::csv_text(io::variant_columns(network, types));
}

std::vector<WrittenFile> network_files(const Network& network, const std::string& yaml_path,
                                       const std::vector<WrittenType>& types) {
  Checker(network).check(types);
  const Names names(yaml_path);
  std::vector<WrittenFile> files{{yaml_path, document_text(network, names)}};
  files.push_back({names.path(""), io::csv_text(io::layer_columns(network, types))});
  if (!network.variant_names.empty()) {
    files.push_back({names.path("_variants"), io::csv_text(io::variant_columns(network, types))});
  }
  if (has_accuracy(network) && network.accuracy.is_measured()) {
    files.push_back({names.path("_accuracy"), io::csv_text(io::accuracy_columns(network))});
  }
  if (!network.samples.empty()) {
    files.push_back({names.path("_samples"), io::csv_text(io::sample_columns(network, types))});
  }
  return files;
}

void write_files(const std::vector<WrittenFile>& files, Existing existing) {
  for (const WrittenFile& file : files) {
    std::error_code ignored;
    if (existing == Existing::keep && fs::exists(file.path, ignored)) {
      throw Error("'" + file.path + "' exists already; nothing was written");
    }
  }
  for (const WrittenFile& file : files) write_file(file);
}

std::vector<std::string> write_network(const Network& network, const std::string& yaml_path,
                                       const std::vector<WrittenType>& types, Existing existing) {
  const std::vector<WrittenFile> files = network_files(network, yaml_path, types);
  write_files(files, existing);
  std::vector<std::string> paths;
  for (const WrittenFile& file : files) paths.push_back(file.path);
  return paths;
}

} // namespace terastal
