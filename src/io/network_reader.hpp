#pragma once

#include <string>
#include <vector>

#include "io/diagnostics.hpp"
#include "io/files.hpp"
#include "io/network_draft.hpp"
#include "io/value.hpp"

namespace terastal::io {

/// Reads a checked network document and the tables it names, for the types of a platform. Names are resolved and the
/// rest is checked by `build_network`.
[[nodiscard]] NetworkDraft read_network(const Value& document, const Binding& binding, Files& files,
                                        Diagnostics& diagnostics);

/// The accelerator types that a network's tables name, in order of first appearance. Reports nothing.
[[nodiscard]] std::vector<std::string> named_types(const Value& document);

} // namespace terastal::io
