#pragma once

#include <string>

#include "io/node.hpp"

namespace terastal::io {

/// A document as JSON, keys in file order, every scalar as the text that was written. Equal documents give equal texts.
[[nodiscard]] std::string to_json(const Node& document);

} // namespace terastal::io
