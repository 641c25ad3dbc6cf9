#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "terastal/report/format.hpp"
#include "terastal/sweep/query.hpp"
#include "terastal/sweep/query_against.hpp"

namespace terastal {

/// What is shown of a store.
struct QueryReport {
  enum class What : std::uint8_t {
    summary,     ///< what it holds, and a pivot; in csv and jsonl all results
    info,        ///< what it holds
    digest,      ///< SHA-256 of all results
    rows,        ///< results as a table
    pivot,       ///< means
    differences, ///< paired differences from one value of an axis
    failed,      ///< cells that failed, and why
  };
  const StoredResults* results = nullptr;
  What what = What::summary;
  StoreSelection selection;
  std::vector<StoreColumn> columns; ///< of rows; none: all
  PivotSpec pivot;                  ///< of pivot and summary
  AgainstSpec against;              ///< of differences
  /// Told what the numbers hide, as a line without an end: nothing was selected, means over unequal sets of cells,
  /// cells without a partner. May be empty.
  std::function<void(const std::string&)> warn = {};
};

/// Writes the report. Equal results give equal bytes, whatever the file is called. `color` matters for tables only.
/// \throws InputError when the store is corrupt, or the pivot does not fit the selection.
void write(std::ostream& out, const QueryReport& report, Format format, bool color = false);

} // namespace terastal
