#pragma once

#include "io/diagnostics.hpp"
#include "io/document_reader.hpp"
#include "io/files.hpp"
#include "io/value.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal::io {

/// The scenario of a checked document and of everything it refers to. Reports all problems; what it returns is only
/// sound when there are none.
[[nodiscard]] Scenario build_scenario(const Value& document, DocumentReader& documents, Files& files,
                                      Diagnostics& diagnostics);

} // namespace terastal::io
