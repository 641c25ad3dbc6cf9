#include "data_files.hpp"

#include <algorithm> // sort
#include <cstdlib>   // getenv
#include <filesystem>
#include <fstream>
#include <optional>

#include "command.hpp"
#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/io/load_sweep.hpp"

namespace terastal::cli {
namespace {

namespace fs = std::filesystem;

/// The value of `key: value` without quotes and comment; nothing if the line has another key.
std::optional<std::string> value_of(const std::string& line, const std::string& key) {
  if (line.rfind(key + ":", 0) != 0) return std::nullopt;
  std::string_view value = trim(std::string_view(line).substr(key.size() + 1));
  if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) {
    return std::string(value.substr(1, value.size() - 2));
  }
  return std::string(trim(value.substr(0, value.find(" #"))));
}

bool is_blank(const std::string& line) {
  const std::string_view text = trim(line);
  return text.empty() || text.front() == '#' || text == "---";
}

/// Kind, name and description from the top-level keys; nothing if the first key is none of ours.
std::optional<DataFile> peek(const fs::path& path) {
  std::ifstream file(path);
  std::optional<DataFile> result;
  for (std::string line; std::getline(file, line);) {
    if (is_blank(line)) continue;
    if (result) {
      for (const char* key : {"description", "title"}) {
        if (const auto text = value_of(line, key)) result->description = *text;
      }
      continue;
    }
    for (const DocumentKind kind : kDocumentKinds) {
      if (const auto name = value_of(line, to_string(kind))) result = DataFile{kind, *name, "", path.string()};
    }
    if (!result) return std::nullopt;
  }
  return result;
}

/// The path as it is shortest for the user to type.
std::string shown(const fs::path& path) {
  std::error_code ignored;
  const fs::path relative = fs::relative(path, ignored);
  return relative.empty() || *relative.begin() == ".." ? path.lexically_normal().string() : relative.string();
}

std::vector<fs::path> roots_of(const fs::path& directory) {
  std::vector<fs::path> roots;
  for (const char* name : {"configs", "workloads"}) {
    if (fs::is_directory(directory / name)) roots.push_back(directory / name);
  }
  if (roots.empty()) roots.push_back(directory);
  return roots;
}

/// All YAML files of a directory that are ours, by path.
std::vector<DataFile> scan(const std::string& directory) {
  std::vector<fs::path> paths;
  for (const fs::path& root : roots_of(directory)) {
    const auto options = fs::directory_options::skip_permission_denied;
    for (const auto& entry : fs::recursive_directory_iterator(root, options)) {
      const auto extension = entry.path().extension();
      if (entry.is_regular_file() && (extension == ".yaml" || extension == ".yml")) paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<DataFile> files;
  for (const fs::path& path : paths) {
    if (auto file = peek(path)) {
      file->path = shown(path);
      files.push_back(std::move(*file));
    }
  }
  return files;
}

/// The first of the places where shipped data may be.
std::string shipped_directory() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& directory :
       {program / TERASTAL_RELATIVE_DATA, fs::path(TERASTAL_SOURCE_DATA), fs::path(TERASTAL_INSTALLED_DATA)}) {
    if (fs::is_directory(directory / "workloads", ignored)) return directory.lexically_normal().string();
  }
  return "";
}

bool looks_like_path(const std::string& name) {
  const auto ends_with = [&](std::string_view end) {
    return name.size() > end.size() && name.compare(name.size() - end.size(), end.size(), end) == 0;
  };
  return name.find('/') != std::string::npos || ends_with(".yaml") || ends_with(".yml");
}

/// Names that contain what was given, else one that is spelt nearly so.
std::string suggestion(const std::string& given, const std::vector<std::string>& names) {
  std::vector<std::string> containing;
  for (const std::string& name : names) {
    if (name.find(given) != std::string::npos) containing.push_back(name);
  }
  return containing.empty() ? did_you_mean(given, names) : " (there is " + join(containing, ", ") + ")";
}

} // namespace

DataFiles::DataFiles(const Arguments& arguments) {
  for (const std::string& directory : arguments.all("data-dir")) {
    if (!fs::is_directory(directory)) throw UsageError("--data-dir: '" + directory + "' is not a directory");
    directories_.push_back(directory);
  }
  const char* environment = std::getenv("TERASTAL_DATA_DIR");
  for (const std::string& directory : split(environment == nullptr ? "" : environment, ':')) {
    if (directory.empty()) continue;
    if (!fs::is_directory(directory)) throw UsageError("TERASTAL_DATA_DIR: '" + directory + "' is not a directory");
    directories_.push_back(directory);
  }
  if (const std::string shipped = shipped_directory(); !shipped.empty()) directories_.push_back(shipped);
}

std::vector<DataFile> DataFiles::list(DocumentKind kind) const {
  std::vector<DataFile> result;
  for (const std::string& directory : directories_) {
    const std::size_t earlier = result.size();
    for (DataFile& file : scan(directory)) {
      const auto end = result.begin() + static_cast<std::ptrdiff_t>(earlier);
      const bool hidden = std::any_of(result.begin(), end, [&](const DataFile& f) { return f.name == file.name; });
      if (file.kind == kind && !hidden) result.push_back(std::move(file));
    }
  }
  std::sort(result.begin(), result.end(),
            [](const DataFile& a, const DataFile& b) { return std::tie(a.name, a.path) < std::tie(b.name, b.path); });
  return result;
}

std::string DataFiles::resolve(DocumentKind kind, const std::string& name) const {
  if (looks_like_path(name)) return name;
  const std::vector<DataFile> files = list(kind);
  std::vector<std::string> paths;
  std::vector<std::string> names;
  for (const DataFile& file : files) {
    names.push_back(file.name);
    if (file.name == name) paths.push_back(file.path);
  }
  if (paths.size() == 1) return paths.front();
  std::error_code ignored;
  if (paths.empty() && fs::is_regular_file(name, ignored)) return name;
  const std::string what = to_string(kind);
  if (!paths.empty()) {
    throw InputError(what + " '" + name + "' is ambiguous; give one of the paths: " + join(paths, ", "));
  }
  throw InputError("no file and no " + what + " is called '" + name + "'" + suggestion(name, names) +
                   "; 'terastal list " + what + "s' shows what there is");
}

std::string DataFiles::portable(const std::string& path) const {
  if (!fs::path(path).is_absolute()) return path;
  std::error_code ignored;
  for (const std::string& directory : directories_) {
    const fs::path relative = fs::path(path).lexically_relative(fs::absolute(directory, ignored).lexically_normal());
    if (!relative.empty() && *relative.begin() != "..") return relative.string();
  }
  return path;
}

SweepContext DataFiles::sweep_context() const {
  SweepContext context;
  context.find_scenario = [this](const std::string& name) { return resolve(DocumentKind::scenario, name); };
  return context;
}

} // namespace terastal::cli
