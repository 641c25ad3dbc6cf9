#include "io/diagnostics.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace terastal::io {
namespace {

/// A broken table of a million rows is explained by its first rows; the rest is counted.
constexpr std::size_t kMostShown = 1000;

auto sort_key(const Position& position) {
  return std::tuple(position.source == nullptr ? 0 : position.source->order, position.line, position.column);
}

} // namespace

void Diagnostics::error(const Position& position, std::string message) {
  ++count_;
  if (entries_.size() >= kMostShown) {
    ++not_shown_;
    return;
  }
  if (!shown_.emplace(position.source, position.line, position.column, message).second) return;
  const std::string source = position.source == nullptr ? std::string{} : position.source->name;
  entries_.push_back({position, {source, position.line, position.column, std::move(message)}});
}

void Diagnostics::throw_if_any() const {
  if (entries_.empty()) return;
  std::vector<Entry> sorted = entries_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Entry& a, const Entry& b) { return sort_key(a.position) < sort_key(b.position); });
  std::vector<Diagnostic> diagnostics;
  for (Entry& entry : sorted) diagnostics.push_back(std::move(entry.diagnostic));
  if (not_shown_ > 0) {
    diagnostics.push_back({{}, 0, 0, "too many errors: " + std::to_string(not_shown_) + " more are not shown"});
  }
  throw InputError(std::move(diagnostics));
}

} // namespace terastal::io
