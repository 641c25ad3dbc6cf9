#pragma once

#include <optional>
#include <string_view>

#include "io/diagnostics.hpp"
#include "io/node.hpp"

namespace terastal::io {

/// Reads one YAML document. Aliases are expanded up to a depth of 64 and 200 000 nodes. Reports syntax errors, a second
/// document, duplicate and merge keys, keys that are no texts, cyclic aliases and tags; nothing when one of them (other
/// than a duplicate key) was found. The node of an empty text is null.
[[nodiscard]] std::optional<Node> parse_yaml(std::string_view text, const Source& source, Diagnostics& diagnostics);

} // namespace terastal::io
