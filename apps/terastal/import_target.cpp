#include "import_target.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include "command.hpp"

namespace terastal::cli {
namespace {

namespace fs = std::filesystem;

std::string file_name(const std::string& name) {
  std::string result = name;
  for (char& c : result) {
    if (c == '/' || c == '\\') c = '_';
  }
  return result + ".yaml";
}

} // namespace

ImportTarget::ImportTarget(std::optional<std::string> output) : output_(std::move(output)) {
  if (output_ && output_->empty()) throw UsageError("--output: expected a folder or a file that ends in .yaml");
}

bool ImportTarget::is_file() const {
  const std::string extension = fs::path(*output_).extension().string();
  return extension == ".yaml" || extension == ".yml";
}

std::string ImportTarget::path_for(const std::string& name) {
  if (!is_file()) return path_beside(name);
  if (used_) throw UsageError("--output: several things are imported; give a folder");
  used_ = true;
  return *output_;
}

std::string ImportTarget::path_beside(const std::string& name) const {
  const fs::path folder = is_file() ? fs::path(*output_).parent_path() : fs::path(*output_);
  return (folder / file_name(name)).string();
}

void ImportTarget::add(WrittenFile file) {
  for (const WrittenFile& known : files_) {
    if (known.path != file.path) continue;
    if (known.text == file.text) return;
    throw UsageError("two different files would be written to " + file.path + "; import them one by one");
  }
  files_.push_back(std::move(file));
}

void ImportTarget::add(const Network& network, const Platform& platform, const std::string& yaml_path) {
  for (WrittenFile& file : network_files(network, yaml_path, written_types(platform))) add(std::move(file));
}

void ImportTarget::refuse_inputs(const std::vector<std::string>& inputs) const {
  for (const WrittenFile& file : files_) {
    for (const std::string& input : inputs) {
      std::error_code ignored;
      if (!fs::equivalent(file.path, input, ignored)) continue;
      throw UsageError("--output would replace the input " + input + "; give another name or folder");
    }
  }
}

std::vector<std::string> ImportTarget::write(Existing existing) {
  write_files(files_, existing);
  std::vector<std::string> paths;
  for (const WrittenFile& file : files_) paths.push_back(file.path);
  return paths;
}

std::string relative_to(const std::string& path, const std::string& file) {
  if (fs::path(path).is_absolute()) return path;
  const fs::path folder = fs::absolute(fs::path(file)).parent_path();
  return fs::absolute(path).lexically_normal().lexically_proximate(folder.lexically_normal()).string();
}

} // namespace terastal::cli
