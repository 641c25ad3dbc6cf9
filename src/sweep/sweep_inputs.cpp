#include "sweep/sweep_inputs.hpp"

#include <filesystem>
#include <fstream>
#include <iterator> // istreambuf_iterator
#include <optional>

#include "terastal/sweep/cell_runner.hpp"

namespace terastal {
namespace {

namespace fs = std::filesystem;

/// The same text for the same file, however its path is written.
std::string canonical_path(const fs::path& path) {
  std::error_code error;
  const fs::path result = fs::weakly_canonical(path, error);
  return error ? path.string() : result.string();
}

/// SHA-256 of a file; nothing when it cannot be read.
std::optional<std::string> digest_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return std::nullopt;
  return sha256_hex(bytes);
}

[[noreturn]] void fail_changed(const std::string& path) {
  throw ChangedInput("'" + path +
                     "' changed after the sweep had been read: its cells would be of two kinds. Finished cells are of "
                     "the file as it was, and kept: put it back and run the same command again, or write to another "
                     "store");
}

[[noreturn]] void fail_unknown(const std::string& path) {
  throw ChangedInput("'" + path +
                     "' is read by a cell, but was not read when the sweep was checked. Finished cells are kept. When "
                     "the file is new, write to another store; otherwise put values that go together first on their "
                     "axes, so that each is tried beside others that it goes with");
}

} // namespace

SweepInputs::SweepInputs(const Sweep& sweep) {
  const fs::path folder = fs::path(sweep.path).parent_path();
  for (const InputFile& file : sweep.inputs) files_.emplace(canonical_path(folder / file.path), &file);
}

void SweepInputs::require(const std::vector<InputFile>& read) {
  if (files_.empty()) return;
  for (const InputFile& file : read) {
    const InputFile* expected = find(file.path);
    if (expected == nullptr) fail_unknown(file.path);
    if (expected->sha256 != file.sha256) fail_changed(file.path);
  }
}

void SweepInputs::require_all() const {
  for (const auto& [path, file] : files_) {
    if (digest_of_file(path) != file->sha256) fail_changed(file->path);
  }
}

const InputFile* SweepInputs::find(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  const auto [known, is_new] = known_.try_emplace(path, nullptr);
  if (is_new) {
    const auto found = files_.find(canonical_path(path));
    if (found != files_.end()) known->second = found->second;
  }
  return known->second;
}

} // namespace terastal
