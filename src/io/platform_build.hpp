#pragma once

#include "io/diagnostics.hpp"
#include "io/value.hpp"
#include "terastal/model/platform.hpp"

namespace terastal::io {

/// The platform of a checked document: types that have an accelerator, in the order of their definition. Reports
/// duplicate names and unknown types.
[[nodiscard]] Platform build_platform(const Value& document, Diagnostics& diagnostics);

} // namespace terastal::io
