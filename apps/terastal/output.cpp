#include "output.hpp"

#include <cerrno>
#include <cstdio>  // rename
#include <cstring> // strerror
#include <filesystem>

#include <fcntl.h>  // open
#include <unistd.h> // write

namespace terastal::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, int error) {
  throw OutputError("cannot write " + what + ": " + std::strerror(error));
}

std::string name_of(const std::string& target) { return target.empty() ? "to standard output" : target; }

void write_all(int descriptor, const std::string& text, const std::string& target) {
  std::size_t done = 0;
  while (done < text.size()) {
    const auto written = ::write(descriptor, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(name_of(target), errno);
    done += static_cast<std::size_t>(written);
  }
}

/// A device or a pipe cannot be replaced; it is written in place.
bool in_place(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !fs::is_regular_file(path, ignored);
}

} // namespace

Output::Output(std::optional<std::string> path) : descriptor_(STDOUT_FILENO) {
  if (!path) return;
  std::error_code ignored;
  target_ = fs::is_symlink(*path, ignored) ? fs::weakly_canonical(*path, ignored).string() : *path;
  if (!in_place(target_)) temporary_ = target_ + ".part" + std::to_string(::getpid());
  const std::string& opened = temporary_.empty() ? target_ : temporary_;
  descriptor_ = ::open(opened.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ >= 0) return;
  const int error = errno;
  temporary_.clear();
  fail(target_, error);
}

Output::~Output() {
  if (descriptor_ != STDOUT_FILENO && descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void Output::commit() {
  write_all(descriptor_, text_.str(), target_);
  if (temporary_.empty()) return;
  const int closed = ::close(descriptor_);
  descriptor_ = -1;
  if (closed != 0 || std::rename(temporary_.c_str(), target_.c_str()) != 0) fail(target_, errno);
  temporary_.clear();
}

StreamedFile::StreamedFile(const std::string& path) : path_(path), file_(path) {
  if (!file_) fail(path, errno);
}

void StreamedFile::close() {
  file_.flush();
  if (!file_) fail(path_, errno == 0 ? EIO : errno);
  file_.close();
}

} // namespace terastal::cli
