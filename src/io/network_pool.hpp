#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "io/diagnostics.hpp"
#include "io/document_reader.hpp"
#include "io/files.hpp"
#include "io/network_draft.hpp"
#include "io/value.hpp"
#include "terastal/model/granularity.hpp"
#include "terastal/model/network.hpp"

namespace terastal::io {

/// The networks of a scenario: each file is read once, and each (network, granularity, threshold) gives one entry.
class NetworkPool {
 public:
  NetworkPool(const Binding& binding, DocumentReader& documents, Files& files, Diagnostics& diagnostics)
      : binding_(binding), documents_(documents), files_(files), diagnostics_(diagnostics) {}

  /// A network as it was read, and whether that went without errors.
  struct Entry {
    Network network;
    bool sound = false;
    std::size_t id = 0;
  };

  /// The network that a path or an inline document gives; null when there is none (reported).
  const Entry* open(const Value& value);

  /// Index in `networks()` of an entry at a granularity; nothing after reporting at `position` why layers cannot merge.
  std::optional<std::uint32_t> at(const Entry& entry, Granularity granularity, double theta, const Position& position);

  /// The network at an index that `at` gave.
  [[nodiscard]] const Network& at(std::uint32_t index) const { return networks_[index]; }

  [[nodiscard]] std::vector<Network> take() { return std::move(networks_); }

 private:
  const Entry* build(const Value& document);
  /// Each layer can run somewhere, but merged layers need one type that runs them all.
  void check_runnable(const Network& merged, const Position& position);

  const Binding& binding_;
  DocumentReader& documents_;
  Files& files_;
  Diagnostics& diagnostics_;
  std::deque<Entry> entries_;
  std::map<std::string, const Entry*> by_file_;
  std::map<std::tuple<std::size_t, Granularity, double>, std::uint32_t> merged_;
  std::vector<Network> networks_;
};

} // namespace terastal::io
