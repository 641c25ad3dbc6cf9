#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace terastal::io {

/// Where text comes from: a file, or an override from the command line.
struct Source {
  std::string name;      ///< as it appears in diagnostics
  std::string directory; ///< what relative paths in it are relative to; empty: the current directory
  std::size_t order = 0; ///< diagnostics are sorted by it: the order in which sources were read
};

/// A place in a source. Sources live as long as the `Files` that opened them.
struct Position {
  const Source* source = nullptr;
  int line = 0;   ///< 1-based; 0: the source as a whole
  int column = 0; ///< 1-based, in characters; 0: not known
};

/// A key of a map, with its own position: errors about the key point to it and not to the value.
struct Key {
  std::string text;
  Position position;
};

/// A YAML document as read: aliases are expanded, keys are texts and unique, scalars are still text.
struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Kind kind = Kind::null;
  bool quoted = false;     ///< scalar in quotes or a block scalar
  bool broken = false;     ///< an error was reported for this value; readers see it as absent
  std::string text;        ///< of a scalar
  std::vector<Key> keys;   ///< of a map, one for each item
  std::vector<Node> items; ///< entries of a list, values of a map
  Position position;

  [[nodiscard]] bool is_null() const { return kind == Kind::null; }
  [[nodiscard]] bool is_scalar() const { return kind == Kind::scalar; }
  [[nodiscard]] bool is_list() const { return kind == Kind::list; }
  [[nodiscard]] bool is_map() const { return kind == Kind::map; }

  /// Index of a key of a map; the number of keys when it is absent.
  [[nodiscard]] std::size_t index_of(std::string_view key) const {
    std::size_t i = 0;
    while (i < keys.size() && keys[i].text != key) ++i;
    return i;
  }
  [[nodiscard]] bool has(std::string_view key) const { return index_of(key) < keys.size(); }
  [[nodiscard]] const Node* find(std::string_view key) const { return has(key) ? &items[index_of(key)] : nullptr; }
  [[nodiscard]] Node* find(std::string_view key) { return has(key) ? &items[index_of(key)] : nullptr; }
};

/// What stands at a node, for messages: `'30'`, `a list`, `nothing`. Long texts are cut.
[[nodiscard]] std::string shown(const Node& node);

/// A text in quotes for messages; control characters are replaced and long texts are cut.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// Name of a list entry in paths such as `tasks.pose.deadline`: its `name` if it has one, else its index.
[[nodiscard]] std::string entry_name(const Node& list, std::size_t index);

} // namespace terastal::io
