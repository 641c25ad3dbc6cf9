#pragma once

#include <string>

namespace terastal {

/// The right to write a file: a lock on `PATH.lock`, which the system frees when the process ends, however it ends.
class WriterLock {
 public:
  /// \throws Error when another process has it, naming it, or when the lock cannot be made.
  explicit WriterLock(const std::string& path);
  ~WriterLock();
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  std::string path_;
  int descriptor_ = -1;
};

} // namespace terastal
