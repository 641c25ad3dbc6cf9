#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "io/node.hpp"
#include "terastal/core/error.hpp"

namespace terastal::io {

/// Collects what is wrong with the input, so that one run reports all of it.
class Diagnostics {
 public:
  void error(const Position& position, std::string message);

  [[nodiscard]] std::size_t count() const { return count_; }

  /// \throws InputError with everything reported so far, sorted by source in reading order, then by position.
  void throw_if_any() const;

 private:
  struct Entry {
    Position position;
    Diagnostic diagnostic;
  };

  std::vector<Entry> entries_;
  std::size_t count_ = 0;
};

} // namespace terastal::io
