#pragma once

#include <string>

#include "import/maestro_parser.hpp"
#include "terastal/import/maestro.hpp"

namespace terastal::maestro {

/// Makes a network of a block; what is wrong with its layers is reported. `file` is named as the source, and names a
/// network without name.
[[nodiscard]] Import to_network(const NetworkBlock& block, const std::string& file, const MaestroOptions& options,
                                io::Diagnostics& diagnostics);

} // namespace terastal::maestro
