#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/import/import.hpp"
#include "terastal/import/padding.hpp"
#include "terastal/model/platform.hpp"

namespace terastal {

/// How a table of another tool is read.
struct CsvOptions {
  std::string name = {}; ///< of the network; empty: the file's name without its extension
  /// (ours, the file's): what a column means whose heading is not recognised. Ours is a column of our layer tables,
  /// such as `layer`, `K`, `after` or `gpu_ms`, or `stride` or `kernel` for both sides.
  std::vector<std::pair<std::string, std::string>> columns = {};
  std::string unit = {};                  ///< of latency columns without unit: cycles, ps, ns, us, ms or s
  std::string type = {};                  ///< accelerator type of latency and energy columns that name none
  std::uint64_t clock_hz = 1'000'000'000; ///< turns cycles into time
  Padding padding = Padding::same;        ///< what the input sizes count where the table has no output sizes
  bool strict = false;                    ///< operators and columns that are not understood are errors
};

/// What a column of a table was taken for.
struct ColumnUse {
  std::string column;  ///< its heading
  std::string meaning; ///< our name for it, or why it is not used; empty: not understood
};

/// A network read from tables, with latency and energy on accelerator types.
struct TableImport {
  Import result;     ///< its network is bound to `platform`
  Platform platform; ///< the types that the tables time, with one accelerator each; may be empty
  std::vector<ColumnUse> columns;
};

/// Reads a table with a heading line and one row per layer. Headings are recognised in any case: those of our own layer
/// tables, MAESTRO's letters, and common spellings (`in_channels`, `kernel_h`, `gpu latency (ms)`); docs/importing.md
/// lists them. Columns that are not understood are listed. Shapes are read when there are columns for K, C, Y and X.
/// Without a column `after` the layers form a chain.
/// \throws InputError with every problem found.
[[nodiscard]] TableImport import_csv(const std::string& path, const CsvOptions& options = {});

} // namespace terastal
