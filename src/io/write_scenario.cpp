#include "terastal/io/write_scenario.hpp"

#include <filesystem>
#include <stdexcept> // invalid_argument
#include <system_error>

#include <nlohmann/json.hpp>
#include <yaml-cpp/emitter.h>

namespace terastal {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

fs::path canonical_path(const fs::path& path) {
  std::error_code ignored;
  return fs::weakly_canonical(fs::absolute(path, ignored), ignored);
}

/// Names files from a new place.
class Paths {
 public:
  Paths(const LoadedScenario& loaded, const std::string& copy)
      : inputs_(loaded.inputs), folder_(canonical_path(copy).parent_path()) {}

  /// A path in the document is relative to the scenario's file or, in an override, to the current directory: which of
  /// the two was read tells them apart.
  [[nodiscard]] std::string rebased(const std::string& text) const {
    const fs::path original = inputs_.empty() ? fs::path() : fs::path(inputs_.front().path).parent_path();
    for (const fs::path& path : {canonical_path(original / text), canonical_path(text)}) {
      if (was_read(path)) return path.lexically_relative(folder_).generic_string();
    }
    return text;
  }

 private:
  [[nodiscard]] bool was_read(const fs::path& path) const {
    for (const InputFile& input : inputs_) {
      if (canonical_path(input.path) == path) return true;
    }
    return false;
  }

  const std::vector<InputFile>& inputs_;
  fs::path folder_;
};

void rebase(Json& object, const char* key, const Paths& paths) {
  if (object.contains(key) && object[key].is_string()) object[key] = paths.rebased(object[key].get<std::string>());
}

void emit(YAML::Emitter& yaml, const Json& value) {
  if (value.is_object()) {
    yaml << YAML::BeginMap;
    for (const auto& [key, part] : value.items()) {
      yaml << YAML::Key << key << YAML::Value;
      emit(yaml, part);
    }
    yaml << YAML::EndMap;
  } else if (value.is_array()) {
    yaml << YAML::BeginSeq;
    for (const Json& part : value) emit(yaml, part);
    yaml << YAML::EndSeq;
  } else if (value.is_null()) {
    yaml << YAML::Null;
  } else {
    yaml << value.get<std::string>(); // scalars are texts as they stood in the file
  }
}

} // namespace

WrittenFile scenario_copy(const LoadedScenario& loaded, const ScenarioCopy& copy) {
  Json document = Json::parse(loaded.resolved);
  Json& tasks = document["tasks"];
  if (tasks.size() != copy.networks.size()) throw std::invalid_argument("a copy needs one network for each task");
  const Paths paths(loaded, copy.path);
  document["scenario"] = copy.name;
  document["description"] = copy.description;
  rebase(document, "platform", paths);
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    tasks[t]["network"] = copy.networks[t];
    if (tasks[t].contains("arrivals")) rebase(tasks[t]["arrivals"], "file", paths);
  }
  YAML::Emitter yaml;
  emit(yaml, document);
  return {copy.path, std::string(yaml.c_str()) + '\n'};
}

} // namespace terastal
