#include "io/resolved.hpp"

#include <nlohmann/json.hpp>

namespace terastal::io {
namespace {

nlohmann::ordered_json as_json(const Node& node) {
  switch (node.kind) {
  case Node::Kind::null:
    return nullptr;
  case Node::Kind::scalar:
    return node.text;
  case Node::Kind::list: {
    auto list = nlohmann::ordered_json::array();
    for (const Node& item : node.items) list.push_back(as_json(item));
    return list;
  }
  case Node::Kind::map:
    break;
  }
  nlohmann::ordered_json::object_t map;
  // Keys are unique, so that the search of operator[] is not needed.
  for (std::size_t i = 0; i < node.keys.size(); ++i) map.emplace_back(node.keys[i].text, as_json(node.items[i]));
  return map;
}

} // namespace

std::string to_json(const Node& document) { return as_json(document).dump(2); }

} // namespace terastal::io
