#include "sweep/store_lock.hpp"

#include <array>
#include <cerrno>
#include <cstring> // strerror
#include <filesystem>

#include <fcntl.h>    // open
#include <sys/file.h> // flock
#include <sys/stat.h> // fstat
#include <unistd.h>   // getpid, gethostname

#include "sweep/store_errors.hpp"

namespace terastal {
namespace {

namespace fs = std::filesystem;

/// `process 123 on host`.
std::string holder_text() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return "process " + std::to_string(::getpid()) + (host[0] == '\0' ? "" : " on " + std::string(host.data()));
}

std::string read_holder(int descriptor) {
  std::array<char, 320> text{};
  const auto size = ::pread(descriptor, text.data(), text.size() - 1, 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "another process";
}

/// Whether the path still names the open file: its last holder may have removed it meanwhile.
bool is_same_file(int descriptor, const std::string& path) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

[[noreturn]] void fail(const std::string& path, int error) {
  throw StoreWriteError(path, std::strerror(error),
                        "; it guards the results: use a file in a folder that can be written");
}

/// The file that a path means: one file has one lock, also by way of links.
std::string target(const std::string& path) {
  std::error_code ignored;
  return fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored).string() : path;
}

} // namespace

WriterLock::WriterLock(const std::string& path) : path_(target(path) + ".lock") {
  while (true) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail(path_, errno);
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      const std::string holder = read_holder(descriptor_);
      ::close(descriptor_);
      if (error != EWOULDBLOCK) fail(path_, error);
      throw Error("'" + path + "' is being written by " + holder +
                  "; wait for it, end it, or write to another file and merge");
    }
    if (is_same_file(descriptor_, path_)) break;
    ::close(descriptor_);
  }
  // Only for the message of others: that it cannot be written, e.g. on a full disk, does no harm.
  const std::string holder = holder_text();
  if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, holder.data(), holder.size(), 0) < 0) return;
}

WriterLock::~WriterLock() {
  ::unlink(path_.c_str()); // while it is held: who opened it before finds that it is gone, and makes another
  ::close(descriptor_);
}

} // namespace terastal
