#pragma once

#include "io/spec.hpp"

namespace terastal {

/// What a baseline's file may hold.
[[nodiscard]] const io::ValueSpec& baseline_spec();

} // namespace terastal
