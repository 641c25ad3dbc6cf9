#include "io/files.hpp"

#include <algorithm> // count
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "io/utf8.hpp"

namespace terastal::io {
namespace {

constexpr std::size_t kLargestFile = 64U << 20U;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// Why a file cannot be opened or read, in one phrase.
std::string reason(int error) {
  if (error == ENOENT) return "no such file";
  if (error == EACCES) return "permission denied";
  if (error == EISDIR) return "it is a directory";
  return std::strerror(error);
}

/// Where `text` first stops being acceptable.
Position position_of(const Source* source, std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
  const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return {source, line, static_cast<int>(character_count(before.substr(start))) + 1};
}

} // namespace

bool Files::read(const std::string& path, const Position& position, std::string& bytes) {
  std::error_code ignored;
  const auto fail = [&](const std::string& why) {
    diagnostics_.error(position, position.line == 0 && position.source->name == path
                                     ? "cannot read the file: " + why
                                     : fmt::format("cannot read {}: {}", in_quotes(path), why));
    return false;
  };
  if (std::filesystem::is_directory(path, ignored)) return fail(reason(EISDIR));
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) return fail(reason(errno));
  constexpr std::size_t chunk = 1U << 16U;
  std::size_t got = chunk;
  while (got == chunk) {
    const std::size_t before = bytes.size();
    bytes.resize(before + chunk);
    got = std::fread(bytes.data() + before, 1, chunk, file.get());
    bytes.resize(before + got);
    if (bytes.size() > kLargestFile) return fail("it is larger than 64 MiB");
  }
  if (std::ferror(file.get()) != 0) return fail(reason(errno));
  return true;
}

const File* Files::open(const std::string& path, const Position& asked_at) {
  const std::string key = identity(path);
  if (const auto known = opened_.find(key); known != opened_.end()) return known->second;
  const std::size_t order = sources_.size();
  Position position = asked_at;
  if (asked_at.source == nullptr) position.source = &sources_.emplace_back(Source{path, {}, order});
  std::string bytes;
  if (!read(path, position, bytes)) return nullptr;
  inputs_.push_back({path, sha256_hex(bytes)});
  const std::string directory = std::filesystem::path(path).parent_path().string();
  const Source* source = &sources_.emplace_back(Source{path, directory, order});
  const File*& opened = opened_[key];
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  if (const std::size_t bad = find_invalid_utf8(bytes); bad < bytes.size()) {
    diagnostics_.error(position_of(source, bytes, bad), "this is no UTF-8 text (is it a binary file?)");
    return opened;
  }
  if (const std::size_t nul = bytes.find('\0'); nul != std::string::npos) {
    diagnostics_.error(position_of(source, bytes, nul), "a NUL byte in a text file (is it a binary file?)");
    return opened;
  }
  opened = &files_.emplace_back(File{source, std::move(bytes)});
  return opened;
}

const Source* Files::add_source(std::string name, std::string directory) {
  return &sources_.emplace_back(Source{std::move(name), std::move(directory), sources_.size()});
}

std::string identity(const std::string& path) {
  std::error_code error;
  const auto result = std::filesystem::weakly_canonical(path, error);
  return error ? path : result.string();
}

std::string resolve(const Source& source, const std::string& path) {
  return (std::filesystem::path(source.directory) / path).lexically_normal().string();
}

} // namespace terastal::io
