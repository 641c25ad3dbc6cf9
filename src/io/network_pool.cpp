#include "io/network_pool.hpp"

#include <utility>

#include <fmt/format.h>

#include "io/check.hpp"
#include "io/network_build.hpp"
#include "io/network_reader.hpp"
#include "terastal/core/error.hpp"

namespace terastal::io {

const NetworkPool::Entry* NetworkPool::open(const Value& value) {
  if (value.is_map()) return build(Value(value.node(), documents_.declarations().network()));
  if (!value.is_scalar()) return nullptr;
  const std::string path = resolve(*value.position().source, value.text().value_or(""));
  const auto [known, is_new] = by_file_.try_emplace(identity(path), nullptr);
  if (!is_new && known->second != nullptr) return known->second;
  const Node* document = documents_.read(path, value.position(), DocumentKind::network);
  if (document != nullptr) known->second = build(Value(*document, documents_.declarations().network()));
  return known->second;
}

const NetworkPool::Entry* NetworkPool::build(const Value& document) {
  const std::size_t errors = diagnostics_.count();
  Entry entry;
  entry.network = build_network(read_network(document, binding_, files_, diagnostics_), binding_, diagnostics_);
  // Errors that the declaration shows were reported before.
  entry.sound =
      binding_.complete && diagnostics_.count() == errors && fits(document.node(), documents_.declarations().network());
  entry.id = entries_.size();
  return &entries_.emplace_back(std::move(entry));
}

std::optional<std::uint32_t> NetworkPool::at(const Entry& entry, Granularity granularity, double theta,
                                             const Position& position) {
  if (!entry.sound) return std::nullopt;
  // Unmerged layers do not depend on the threshold.
  const std::tuple key(entry.id, granularity, granularity == Granularity::layer ? 0.0 : theta);
  if (const auto known = merged_.find(key); known != merged_.end()) return known->second;
  try {
    networks_.push_back(merge_layers(entry.network, granularity, theta));
  } catch (const InputError& error) {
    for (const Diagnostic& diagnostic : error.diagnostics()) diagnostics_.error(position, diagnostic.message);
    return std::nullopt;
  } catch (const SimulationError& error) {
    diagnostics_.error(position, fmt::format("network {}: {}", in_quotes(entry.network.name), error.what()));
    return std::nullopt;
  }
  check_runnable(networks_.back(), position);
  const auto index = static_cast<std::uint32_t>(networks_.size() - 1);
  merged_.emplace(key, index);
  return index;
}

void NetworkPool::check_runnable(const Network& merged, const Position& position) {
  for (const Layer& piece : merged.layers) {
    if (merged.fastest(piece.first_option) != kCannotRun) continue;
    diagnostics_.error(position,
                       fmt::format("network {}: no accelerator type can run all layers that are merged into {}",
                                   in_quotes(merged.name), in_quotes(piece.name)));
  }
}

} // namespace terastal::io
