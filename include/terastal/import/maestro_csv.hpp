#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/import/csv.hpp"
#include "terastal/import/padding.hpp"

namespace terastal {

/// A result file of MAESTRO, and the accelerator type it was computed for.
struct MaestroResult {
  std::string path;
  std::string type;
};

/// How results of MAESTRO are read.
struct MaestroCsvOptions {
  std::string name = {};                  ///< of the network; empty: as the file has it
  std::string network = {};               ///< of several networks in the files this one; empty: there is one
  std::string shapes = {};                ///< MAESTRO description with the layers' shapes; empty: none are known
  std::uint64_t clock_hz = 1'000'000'000; ///< turns cycles into time
  Padding padding = Padding::valid;       ///< for `shapes`
  bool strict = false;                    ///< for `shapes`: layer types that are not known are errors
};

/// Reads the CSV files that MAESTRO writes, one for each accelerator type: "Runtime (Cycles)" becomes the latency and
/// "Activity count-based Energy (nJ)" the energy of the layers of "Layer Number" (a name in spite of its heading). All
/// files, and the description, must hold the same layers in the same order; the layers form a chain.
/// Source of the columns: maestro-project/maestro, DSE_csv_writer.hpp.
/// \throws InputError with every problem found, and for no results or a type given twice.
[[nodiscard]] TableImport import_maestro_csv(const std::vector<MaestroResult>& results,
                                             const MaestroCsvOptions& options = {});

} // namespace terastal
