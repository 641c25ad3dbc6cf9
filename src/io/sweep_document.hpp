#pragma once

#include "io/spec.hpp"

namespace terastal::io {

/// The declaration of a sweep's document.
[[nodiscard]] Spec sweep_document();

} // namespace terastal::io
