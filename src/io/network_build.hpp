#pragma once

#include "io/diagnostics.hpp"
#include "io/network_draft.hpp"
#include "terastal/model/network.hpp"

namespace terastal::io {

/// Resolves a draft's names, brings its layers into topological order and checks what the single values cannot show:
/// duplicates, unknown names, cycles, layers that nothing can run, accuracy of variants, samples.
[[nodiscard]] Network build_network(NetworkDraft draft, const Binding& binding, Diagnostics& diagnostics);

} // namespace terastal::io
