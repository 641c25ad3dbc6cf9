#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/diagnostics.hpp"
#include "io/network_draft.hpp"

namespace terastal::io {

/// The names of one kind of thing (layers, variants, tasks, types), unique, each with its index.
class Names {
 public:
  /// `what` stands in messages: `layer`.
  Names(std::string what, Diagnostics& diagnostics) : what_(std::move(what)), diagnostics_(diagnostics) {}

  /// Registers a name; a second use is reported. Empty names (broken elsewhere) are passed over.
  void add(const std::string& name, std::size_t index, const Position& position);

  /// Names may be missing because of other errors: unknown ones are not reported from now on.
  void set_incomplete() { complete_ = false; }

  /// The index of what a name refers to; nothing after reporting an unknown name, which `by` uses.
  [[nodiscard]] std::optional<std::size_t> find(const Reference& reference, const std::string& by) const;

 private:
  struct Entry {
    std::size_t index;
    Position position;
  };

  std::string what_;
  Diagnostics& diagnostics_;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> in_order_;
  bool complete_ = true;
};

} // namespace terastal::io
