#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "io/node.hpp"
#include "io/spec.hpp"
#include "terastal/core/time.hpp"

namespace terastal::io {

/// A scalar as the building code wants it: text for words and paths, a period for a rate, nanojoules for an energy.
using Scalar = std::variant<std::string, bool, std::int64_t, std::uint64_t, double, Duration>;

/// Reads a scalar; nothing when it is not what the declaration allows. Numbers without unit must not be in quotes, as
/// in JSON.
[[nodiscard]] std::optional<Scalar> parse_scalar(const ValueSpec& spec, const std::string& text, bool quoted);

/// What may have gone wrong with a scalar that was refused, to be appended to the message: a missing or misspelt unit,
/// quotes around a number, a misspelt word.
[[nodiscard]] std::string scalar_hint(const ValueSpec& spec, const Node& node);

} // namespace terastal::io
