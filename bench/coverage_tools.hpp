#pragma once

#include <algorithm>
#include <atomic>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace terastal::bench {

/// Does work(0) to work(count − 1) on all cores.
inline void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < std::max(1U, std::thread::hardware_concurrency()); ++t) {
    threads.emplace_back([&] {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    });
  }
}

/// A file whose errors are told.
class File {
 public:
  explicit File(const std::string& path) : path_(path), out_(path) {}
  ~File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  File& operator<<(const std::string& text) {
    out_ << text;
    return *this;
  }
  void close() {
    out_.close();
    if (!out_) throw std::runtime_error("cannot write " + path_);
  }

 private:
  std::string path_;
  std::ofstream out_;
};

inline void write_file(const std::string& path, const std::string& text) {
  File file(path);
  file << text;
  file.close();
}

} // namespace terastal::bench
