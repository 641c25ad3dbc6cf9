#pragma once

#include <string>

#include "io/diagnostics.hpp"
#include "io/node.hpp"
#include "io/spec.hpp"

namespace terastal::io {

/// Checks a document against its declaration and reports everything that does not fit: unknown and missing keys, wrong
/// shapes, types, units and ranges. Values that do not fit are marked broken, so that each gives one error and readers
/// pass over them. `path` names the node in messages, as an override would.
void check(Node& node, const ValueSpec& spec, const std::string& path, Diagnostics& diagnostics);

/// Whether a document, or a part of one, has no errors of this sort; reports nothing.
[[nodiscard]] bool fits(Node document, const ValueSpec& spec);

/// The alternative of an `either` that fits the shape of a node; null when none does. Other declarations stand for
/// themselves. Scalars take the first alternative that accepts them, or else the first scalar one.
[[nodiscard]] const ValueSpec* matching(const ValueSpec& spec, const Node& node);

/// The object that a `by_kind` declares for a kind; null for an unknown one.
[[nodiscard]] const ValueSpec* of_kind(const ValueSpec& spec, std::string_view kind);

/// Path of a part: `tasks` + `pose` = `tasks.pose`.
[[nodiscard]] std::string child_path(const std::string& path, std::string_view part);

} // namespace terastal::io
