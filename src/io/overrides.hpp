#pragma once

#include <string>
#include <vector>

#include "io/diagnostics.hpp"
#include "io/files.hpp"
#include "io/node.hpp"
#include "io/spec.hpp"
#include "terastal/io/load.hpp"

namespace terastal::io {

/// Changes a document before it is checked. A path names keys and list entries (by `name` or index), joined by dots;
/// declared keys that the document lacks are added, and a key replaces the keys that it excludes (`rate` replaces
/// `period`). Reports unknown parts of paths and values that are no YAML. What is new carries `--set path=value` as its
/// position, and paths in it are relative to Override::directory.
void apply_overrides(Node& document, const ValueSpec& spec, const std::vector<Override>& overrides, Files& files,
                     Diagnostics& diagnostics);

/// What diagnostics about an override name as their source.
[[nodiscard]] std::string source_name(const Override& change);

} // namespace terastal::io
