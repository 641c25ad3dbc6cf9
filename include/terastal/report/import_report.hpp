#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "terastal/import/csv.hpp"
#include "terastal/import/import.hpp"
#include "terastal/import/xrbench.hpp"
#include "terastal/report/format.hpp"

namespace terastal {

/// A network that was imported, with the names of the accelerator types it is bound to.
struct ImportedNetwork {
  Import import;
  std::vector<std::string> types;
  std::vector<ColumnUse> columns; ///< of the table it comes from
};

/// What an import brought.
struct ImportReport {
  std::string kind; ///< of the files: onnx, maestro, maestro-csv, csv, xrbench
  std::vector<std::string> inputs;
  std::vector<ImportedNetwork> networks;
  std::vector<XrbenchScenario> scenarios;
  std::vector<XrbenchPlatform> platforms;
  std::vector<std::string> written; ///< paths
};

/// Writes the summary as a table for people or as JSON.
void write(std::ostream& out, const ImportReport& report, Format format, bool color = false);

} // namespace terastal
