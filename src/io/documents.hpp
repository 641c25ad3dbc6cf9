#pragma once

#include <optional>
#include <string_view>

#include "io/node.hpp"
#include "io/spec.hpp"
#include "terastal/io/load.hpp"

namespace terastal::io {

// The declarations of the documents. Inline platforms and networks hold the same keys as files.
[[nodiscard]] const Spec& platform_spec();
[[nodiscard]] const Spec& network_spec();
[[nodiscard]] const Spec& scenario_spec();

[[nodiscard]] const Spec& spec_of(DocumentKind kind);

/// `platform`, `network` or `scenario`: the kind's name, which is also the key that holds the document's name.
[[nodiscard]] std::string_view name_of(DocumentKind kind);

/// The kind of a document: that whose declaration knows most of its keys; nothing when none knows any.
[[nodiscard]] std::optional<DocumentKind> kind_of(const Node& document);

} // namespace terastal::io
