#pragma once

#include "io/spec.hpp"

namespace terastal::io {

/// The declaration of a reproduction: a paper's experiments, figures and claims.
[[nodiscard]] Spec reproduction_document();

} // namespace terastal::io
