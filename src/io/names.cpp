#include "io/names.hpp"

#include <fmt/format.h>

#include "terastal/core/text.hpp"

namespace terastal::io {
namespace {

/// Names that exist, for messages; long lists are cut.
std::string listed(const std::vector<std::string>& names, const std::string& what) {
  constexpr std::size_t most_shown = 12;
  if (names.empty()) return fmt::format("there is no {}", what);
  if (names.size() <= most_shown) return fmt::format("known: {}", join(names, ", "));
  const std::vector<std::string> first(names.begin(), names.begin() + most_shown);
  return fmt::format("known: {}, ... ({} in all)", join(first, ", "), names.size());
}

} // namespace

void Names::add(const std::string& name, std::size_t index, const Position& position) {
  if (name.empty()) return;
  const auto [entry, is_new] = entries_.try_emplace(name, Entry{index, position});
  if (is_new) {
    in_order_.push_back(name);
    return;
  }
  const Position& first = entry->second.position;
  const std::string place =
      first.line == 0 ? std::string{} : fmt::format("; it was given before at line {}", first.line);
  diagnostics_.error(position, fmt::format("duplicate {} {}{}", what_, in_quotes(name), place));
}

std::optional<std::size_t> Names::find(const Reference& reference, const std::string& by) const {
  const auto found = entries_.find(reference.name);
  if (found != entries_.end()) return found->second.index;
  if (complete_ && !reference.name.empty()) {
    diagnostics_.error(reference.position,
                       fmt::format("{}: unknown {} {}{}; {}", by, what_, in_quotes(reference.name),
                                   did_you_mean(reference.name, in_order_), listed(in_order_, what_)));
  }
  return std::nullopt;
}

} // namespace terastal::io
