#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "io/node.hpp"
#include "terastal/core/error.hpp"

namespace terastal::io {

/// Collects what is wrong with the input, so that one run reports all of it.
class Diagnostics {
 public:
  /// Reports a problem. The same one is shown once, however often a file is used.
  void error(const Position& position, std::string message);

  /// How often something was reported, repetitions included: whether it grows tells whether a step went well.
  [[nodiscard]] std::size_t count() const { return count_; }

  /// \throws InputError with everything reported so far, sorted by source in reading order, then by position.
  void throw_if_any() const;

 private:
  struct Entry {
    Position position;
    Diagnostic diagnostic;
  };

  std::vector<Entry> entries_;
  std::set<std::tuple<const Source*, int, int, std::string>> shown_;
  std::size_t count_ = 0;
  std::size_t not_shown_ = 0;
};

} // namespace terastal::io
