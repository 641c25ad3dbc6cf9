#include <algorithm> // all_of
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "io/sweep_build.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal::io {
namespace {

/// Whether a text reads the same within brackets, without quotes.
bool is_plain(const std::string& text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '/' || c == '+' || c == '%' || c == ' ' || c == '-';
  };
  return !text.empty() && text.front() != '%' && text.front() != ' ' && text.back() != ' ' && text != "-" &&
         !text.starts_with("- ") && text != "null" && std::all_of(text.begin(), text.end(), fits);
}

/// A quantity in its own unit.
std::string normal_scalar(const std::string& text) {
  if (const auto ratio = parse_ratio(text)) return fmt::format("{}", *ratio);
  if (const auto time = parse_duration(text)) return fmt::format("{} ps", time->count());
  if (const auto frequency = parse_frequency(text)) return fmt::format("{} Hz", *frequency);
  if (const auto period = parse_rate_as_period(text)) return fmt::format("every {} ps", period->count());
  if (const auto bytes = parse_bytes(text)) return fmt::format("{} B", *bytes);
  if (const auto bandwidth = parse_bandwidth(text)) return fmt::format("{} B/s", *bandwidth);
  if (const auto energy = parse_energy_nj(text)) return fmt::format("{} nJ", *energy);
  return text;
}

/// A node with `of_scalar` for its plain scalars, on one line.
template <typename OfScalar>
std::string written(const Node& node, const OfScalar& of_scalar) {
  switch (node.kind) {
  case Node::Kind::null:
    return "null";
  case Node::Kind::scalar:
    return !node.quoted && is_plain(node.text) ? of_scalar(node.text) : nlohmann::json(node.text).dump();
  case Node::Kind::list: {
    std::vector<std::string> items;
    for (const Node& item : node.items) items.push_back(written(item, of_scalar));
    return "[" + join(items, ", ") + "]";
  }
  case Node::Kind::map:
    break;
  }
  std::vector<std::string> items;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string& key = node.keys[i].text;
    items.push_back((is_plain(key) ? key : nlohmann::json(key).dump()) + ": " + written(node.items[i], of_scalar));
  }
  return "{ " + join(items, ", ") + " }";
}

} // namespace

std::string one_line(const Node& node) {
  return written(node, [](const std::string& text) { return text; });
}

std::string normal_value(const Node& node) { return written(node, normal_scalar); }

std::optional<std::pair<std::uint64_t, std::uint64_t>> ends_of_range(const std::string& text) {
  const auto dots = text.find("..");
  if (dots == std::string::npos) return std::nullopt;
  const auto first = parse_unsigned(text.substr(0, dots));
  const auto last = parse_unsigned(text.substr(dots + 2));
  if (!first || !last || *first > *last) return std::nullopt;
  return std::pair(*first, *last);
}

} // namespace terastal::io
