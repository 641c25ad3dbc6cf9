#include "io/overrides.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "io/check.hpp"
#include "io/utf8.hpp"
#include "io/yaml.hpp"
#include "terastal/core/text.hpp"

namespace terastal::io {
namespace {

using Kind = ValueSpec::Kind;

void set_position(Node& node, const Position& position) {
  node.position = position;
  for (Key& key : node.keys) key.position = position;
  for (Node& item : node.items) set_position(item, position);
}

/// The value of an override; errors in it have no line of their own.
std::optional<Node> parse_value(const std::string& text, const Source& source, Diagnostics& diagnostics) {
  Diagnostics local;
  auto value = parse_yaml(text, source, local);
  try {
    local.throw_if_any();
  } catch (const InputError& error) {
    for (const Diagnostic& diagnostic : error.diagnostics()) diagnostics.error({&source, 0, 0}, diagnostic.message);
    return std::nullopt;
  }
  set_position(*value, {&source, 0, 0});
  return value;
}

/// The longest candidate that is the start of a path, up to a dot or its end; names may hold dots themselves.
const std::string* first_part(std::string_view path, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  for (const std::string& candidate : candidates) {
    const bool fits = path.starts_with(candidate) && (path.size() == candidate.size() || path[candidate.size()] == '.');
    if (fits && (best == nullptr || candidate.size() > best->size())) best = &candidate;
  }
  return best;
}

/// Whether a path begins with `*`: every entry.
bool names_all(std::string_view path) { return path == "*" || path.starts_with("*."); }

bool is_path(std::string_view text) {
  return !text.empty() && !text.starts_with('.') && !text.ends_with('.') && text.find("..") == std::string_view::npos;
}

/// One override on its way down the document.
class Walk {
 public:
  Walk(const Source& source, Node value, Diagnostics& diagnostics)
      : position_{&source, 0, 0}, value_(std::move(value)), diagnostics_(diagnostics) {}

  /// `done` is the part of the path that led here.
  void go(Node& node, const ValueSpec& spec, std::string_view rest, const std::string& done) {
    if (rest.empty()) {
      node = value_; // a copy: '*' may lead to several places
      return;
    }
    const ValueSpec* here = shape_of(node, spec);
    if (here == nullptr) return; // the document is broken here; the check that follows says so
    if (here->is_scalar() || here->kind == Kind::any) return refuse_part_of_scalar(node, *here, rest, done);
    if (here->kind == Kind::list) return into_list(node, *here, rest, done);
    if (here->kind == Kind::map) return into_map(node, *here, rest, done);
    into_object(node, *here, rest, done);
  }

 private:
  /// The declaration that a node follows; a node that was just added follows the one that has keys.
  const ValueSpec* shape_of(Node& node, const ValueSpec& spec) {
    if (!node.is_null()) return matching(spec, node);
    const ValueSpec* chosen = spec.kind == Kind::either ? nullptr : &spec;
    for (const Spec& alternative : spec.alternatives) {
      if (spec.kind == Kind::either && alternative->is_map()) chosen = alternative.get();
    }
    if (chosen != nullptr && chosen->is_map()) node.kind = Node::Kind::map;
    if (chosen != nullptr && chosen->kind == Kind::list) node.kind = Node::Kind::list;
    return chosen;
  }

  void refuse_part_of_scalar(const Node& node, const ValueSpec& spec, std::string_view rest, const std::string& done) {
    if (spec.kind == Kind::path) {
      error(fmt::format("'{}' is the file {}; an override cannot change what stands in another file, only replace "
                        "the whole of it",
                        done, in_quotes(node.text)));
    } else {
      error(fmt::format("'{}' is a single value and has no part {}", done, in_quotes(rest)));
    }
  }

  void into_list(Node& node, const ValueSpec& spec, std::string_view rest, const std::string& done) {
    if (names_all(rest) && !node.items.empty()) {
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        go(node.items[i], *spec.entry, behind(rest, "*"), child_path(done, entry_name(node, i)));
      }
      return;
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < node.items.size(); ++i) names.push_back(entry_name(node, i));
    std::vector<std::string> candidates = names;
    for (std::size_t i = 0; i < node.items.size(); ++i) candidates.push_back(std::to_string(i));
    const std::string* part = first_part(rest, candidates);
    if (part == nullptr) return unknown("entry", spec.name, rest, names, done);
    const auto index = static_cast<std::size_t>(part - candidates.data()) % node.items.size();
    go(node.items[index], *spec.entry, behind(rest, *part), child_path(done, *part));
  }

  void into_map(Node& node, const ValueSpec& spec, std::string_view rest, const std::string& done) {
    // Keys of such a map may be paths themselves, with dots.
    if (spec.entry->kind == Kind::any) return go(member(node, std::string(rest)), *spec.entry, {}, done);
    if (names_all(rest) && !node.items.empty()) {
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        go(node.items[i], *spec.entry, behind(rest, "*"), child_path(done, node.keys[i].text));
      }
      return;
    }
    std::vector<std::string> names;
    for (const Key& key : node.keys) names.push_back(key.text);
    const std::string* part = first_part(rest, names);
    if (part == nullptr) return unknown("entry", spec.name, rest, names, done);
    go(*node.find(*part), *spec.entry, behind(rest, *part), child_path(done, *part));
  }

  void into_object(Node& node, const ValueSpec& spec, std::string_view rest, const std::string& done) {
    const std::vector<const ValueSpec*> objects = objects_of(node, spec);
    std::vector<std::string> keys;
    if (spec.kind == Kind::by_kind) keys.push_back(spec.selector);
    for (const ValueSpec* object : objects) {
      for (const std::string& key : object->keys()) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
      }
    }
    if (spec.kind == Kind::object && spec.entry != nullptr && first_part(rest, keys) == nullptr) {
      return into_entry(node, spec, rest, done);
    }
    const std::string* part = first_part(rest, keys);
    if (part == nullptr) return unknown("key", "keys", rest, keys, done);
    const std::string_view remaining = behind(rest, *part);
    const std::string path = child_path(done, *part);
    if (spec.kind == Kind::by_kind && *part == spec.selector) {
      return go(member(node, spec.selector), *choice(spec.choices), remaining, path);
    }
    for (const ValueSpec* object : objects) {
      const Field* field = object->find(*part);
      if (field == nullptr) continue;
      for (const OneOf& group : object->one_of) remove_excluded(node, group, *part);
      return go(member(node, *part), *field->value, remaining, path);
    }
  }

  /// A key of an open object that is not declared: one of the user's, which may be new.
  void into_entry(Node& node, const ValueSpec& spec, std::string_view rest, const std::string& done) {
    const std::string part(rest.substr(0, rest.find('.')));
    go(member(node, part), *spec.entry, behind(rest, part), child_path(done, part));
  }

  /// The object itself, or those of the kinds that it may be.
  static std::vector<const ValueSpec*> objects_of(const Node& node, const ValueSpec& spec) {
    if (spec.kind == Kind::object) return {&spec};
    const Node* kind = node.find(spec.selector);
    const ValueSpec* known = kind == nullptr ? nullptr : of_kind(spec, kind->text);
    if (known != nullptr) return {known};
    std::vector<const ValueSpec*> all;
    for (const Spec& alternative : spec.alternatives) all.push_back(alternative.get());
    return all;
  }

  /// A key's value; added when absent.
  Node& member(Node& map, const std::string& key) {
    if (Node* found = map.find(key)) return *found;
    map.keys.push_back({key, position_});
    Node& added = map.items.emplace_back();
    added.position = position_;
    return added;
  }

  static void remove_excluded(Node& map, const OneOf& group, const std::string& key) {
    const bool member = std::find(group.keys.begin(), group.keys.end(), key) != group.keys.end();
    if (!member || !group.exclusive) return;
    for (const std::string& other : group.keys) {
      const std::size_t index = map.index_of(other);
      if (other == key || index == map.keys.size()) continue;
      map.keys.erase(map.keys.begin() + static_cast<std::ptrdiff_t>(index));
      map.items.erase(map.items.begin() + static_cast<std::ptrdiff_t>(index));
    }
  }

  static std::string_view behind(std::string_view path, const std::string& part) {
    return path.size() == part.size() ? std::string_view{} : path.substr(part.size() + 1);
  }

  /// `what` is missing; `all` are what there is.
  void unknown(std::string_view what, std::string_view all, std::string_view rest,
               const std::vector<std::string>& known, const std::string& done) {
    const std::string_view part = rest.substr(0, rest.find('.'));
    const std::string where = done.empty() ? "the document" : "'" + done + "'";
    error(fmt::format("{} has no {} {}{}; {}: {}", where, what, in_quotes(part), did_you_mean(part, known), all,
                      join(known, ", ")));
  }

  void error(std::string message) { diagnostics_.error(position_, std::move(message)); }

  Position position_;
  Node value_;
  Diagnostics& diagnostics_;
};

} // namespace

std::string source_name(const Override& change) { return fmt::format("--set {}={}", change.path, change.value); }

void apply_overrides(Node& document, const ValueSpec& spec, const std::vector<Override>& overrides, Files& files,
                     Diagnostics& diagnostics) {
  for (const Override& change : overrides) {
    const Source* source = files.add_source(source_name(change), change.directory);
    if (find_invalid_utf8(change.value) < change.value.size()) {
      diagnostics.error({source, 0, 0}, "the value is no UTF-8 text");
      continue;
    }
    auto value = parse_value(change.value, *source, diagnostics);
    if (!is_path(change.path)) {
      diagnostics.error({source, 0, 0},
                        "an override needs a path of keys and names joined by dots, such as 'tasks.pose.deadline'");
    } else if (value) {
      Walk(*source, std::move(*value), diagnostics).go(document, spec, change.path, {});
    }
  }
}

} // namespace terastal::io
