#include "io/check.hpp"

#include <algorithm> // find

#include <fmt/format.h>

#include "io/scalar.hpp"
#include "terastal/core/text.hpp"

namespace terastal::io {
namespace {

using Kind = ValueSpec::Kind;

bool shape_fits(const ValueSpec& spec, const Node& node) {
  return (spec.kind == Kind::any && !node.is_null()) || (spec.is_scalar() && node.is_scalar()) ||
         (spec.kind == Kind::list && node.is_list()) || (spec.is_map() && node.is_map());
}

std::string prefix(const std::string& path) { return path.empty() ? path : path + ": "; }

/// One document's walk.
class Checker {
 public:
  explicit Checker(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void value(Node& node, const ValueSpec& spec, const std::string& path) {
    const ValueSpec* chosen = matching(spec, node);
    if (chosen == nullptr) return refuse(node, spec, path);
    if (chosen->kind == Kind::any) return;
    if (chosen->is_scalar()) {
      if (!parse_scalar(*chosen, node.text, node.quoted)) refuse(node, spec, path);
      return;
    }
    if (chosen->kind == Kind::object) return object(node, *chosen, path, {});
    if (chosen->kind == Kind::by_kind) return by_kind(node, *chosen, path);
    entries(node, *chosen, path);
  }

 private:
  void refuse(Node& node, const ValueSpec& spec, const std::string& path) {
    node.broken = true;
    const ValueSpec* nearest = matching(spec, node);
    const std::string hint = nearest == nullptr ? std::string{} : scalar_hint(*nearest, node);
    diagnostics_.error(node.position,
                       fmt::format("{}expected {}, got {}{}", prefix(path), expected(spec), shown(node), hint));
  }

  void entries(Node& node, const ValueSpec& spec, const std::string& path) {
    const bool is_list = spec.kind == Kind::list;
    const std::size_t count = node.items.size();
    if (count < spec.min_entries) {
      node.broken = true;
      diagnostics_.error(node.position, fmt::format("{}expected {}, got {}", prefix(path), expected(spec),
                                                    is_list ? "an empty list" : "an empty map"));
    } else if (count > spec.max_entries) {
      node.broken = true;
      diagnostics_.error(node.position, fmt::format("{}{} {}, but at most {} are possible", prefix(path), count,
                                                    spec.name, spec.max_entries));
      return;
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::string part = is_list ? entry_name(node, i) : node.keys[i].text;
      value(node.items[i], *spec.entry, child_path(path, part));
    }
  }

  void by_kind(Node& node, const ValueSpec& spec, const std::string& path) {
    const auto kinds = choice(spec.choices);
    Node* kind = node.find(spec.selector);
    if (kind == nullptr) {
      node.broken = true;
      diagnostics_.error(node.position,
                         fmt::format("{}missing key '{}': expected {}", prefix(path), spec.selector, expected(*kinds)));
      return;
    }
    value(*kind, *kinds, child_path(path, spec.selector));
    node.broken = kind->broken;
    if (const ValueSpec* chosen = of_kind(spec, kind->text); chosen != nullptr && !kind->broken) {
      object(node, *chosen, path, spec.selector);
    }
  }

  /// `selector` is a key that the caller has dealt with.
  void object(Node& node, const ValueSpec& spec, const std::string& path, std::string_view selector) {
    for (const Field& field : spec.fields) {
      if (!field.needed || node.has(field.key)) continue;
      diagnostics_.error(node.position, fmt::format("{}missing key '{}': expected {}", prefix(path), field.key,
                                                    expected(*field.value)));
    }
    for (const OneOf& group : spec.one_of) one_of(node, group, path);
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const Key& key = node.keys[i];
      if (key.text == selector && !selector.empty()) continue;
      if (const Field* field = spec.find(key.text)) {
        value(node.items[i], *field->value, child_path(path, key.text));
      } else if (spec.entry != nullptr && !misspelt(key, spec, node.items[i])) {
        value(node.items[i], *spec.entry, child_path(path, key.text));
      } else {
        unknown_key(key, spec, path, selector);
      }
    }
  }

  /// Whether a key of an open object looks like a declared one rather than a name of the user's.
  static bool misspelt(const Key& key, const ValueSpec& spec, const Node& node) {
    return matching(*spec.entry, node) == nullptr && !closest(key.text, spec.keys()).empty();
  }

  void unknown_key(const Key& key, const ValueSpec& spec, const std::string& path, std::string_view selector) {
    std::vector<std::string> allowed = spec.keys();
    if (!selector.empty()) allowed.insert(allowed.begin(), std::string(selector));
    const std::string owner = selector.empty() ? with_article(spec.name) : fmt::format("{} '{}'", selector, spec.name);
    diagnostics_.error(
        key.position, fmt::format("{}unknown key {} for {}{}; allowed: {}{}", prefix(path), in_quotes(key.text), owner,
                                  did_you_mean(key.text, allowed), join(allowed, ", "),
                                  spec.entry == nullptr ? "" : ", or names of your own with " + expected(*spec.entry)));
  }

  void one_of(const Node& node, const OneOf& group, const std::string& path) {
    const Key* first = nullptr;
    for (const Key& key : node.keys) {
      const bool member = std::find(group.keys.begin(), group.keys.end(), key.text) != group.keys.end();
      if (!member) continue;
      if (first != nullptr && group.exclusive) {
        diagnostics_.error(key.position, fmt::format("{}'{}' and '{}' exclude each other; give one of them",
                                                     prefix(path), first->text, key.text));
      }
      first = &key;
    }
    if (first == nullptr) {
      diagnostics_.error(node.position,
                         fmt::format("{}missing key: give '{}'", prefix(path), join(group.keys, "' or '")));
    }
  }

  Diagnostics& diagnostics_;
};

} // namespace

std::string child_path(const std::string& path, std::string_view part) {
  return path.empty() ? std::string(part) : path + '.' + std::string(part);
}

const ValueSpec* matching(const ValueSpec& spec, const Node& node) {
  if (spec.kind != Kind::either) return shape_fits(spec, node) ? &spec : nullptr;
  const ValueSpec* first = nullptr;
  for (const Spec& alternative : spec.alternatives) {
    if (!shape_fits(*alternative, node)) continue;
    if (!alternative->is_scalar() || parse_scalar(*alternative, node.text, node.quoted)) return alternative.get();
    if (first == nullptr) first = alternative.get();
  }
  return first;
}

const ValueSpec* of_kind(const ValueSpec& spec, std::string_view kind) {
  for (const Spec& alternative : spec.alternatives) {
    if (alternative->name == kind) return alternative.get();
  }
  return nullptr;
}

void check(Node& node, const ValueSpec& spec, const std::string& path, Diagnostics& diagnostics) {
  Checker(diagnostics).value(node, spec, path);
}

bool fits(Node document, const ValueSpec& spec) {
  Diagnostics reported;
  check(document, spec, {}, reported);
  return reported.count() == 0;
}

} // namespace terastal::io
