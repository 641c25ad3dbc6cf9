#include "io/node.hpp"

namespace terastal::io {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 60; // bytes
  const bool cut = text.size() > longest;
  std::size_t length = cut ? longest : text.size();
  const auto inside_character = [&] { return (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U; };
  while (cut && length > 0 && inside_character()) --length;
  std::string result = "'";
  for (const char c : text.substr(0, length)) {
    const bool control = static_cast<unsigned char>(c) < 0x20U || c == 0x7F;
    result += control ? ' ' : c;
  }
  return result + (cut ? "…'" : "'");
}

std::string shown(const Node& node) {
  switch (node.kind) {
  case Node::Kind::null:
    return "nothing";
  case Node::Kind::list:
    return "a list";
  case Node::Kind::map:
    return "a map";
  case Node::Kind::scalar:
    break;
  }
  return in_quotes(node.text);
}

std::string entry_name(const Node& list, std::size_t index) {
  const Node* name = list.items[index].find("name");
  return name != nullptr && name->is_scalar() && !name->text.empty() ? name->text : std::to_string(index);
}

} // namespace terastal::io
