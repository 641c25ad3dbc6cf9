#pragma once

#include <ostream>
#include <string>

#include "terastal/report/format.hpp"
#include "terastal/reproduce/reproduce.hpp"

namespace terastal {

/// What a reproduction found, with its document.
struct ReproductionReport {
  const Reproduction* reproduction = nullptr;
  const ReproductionResult* result = nullptr;
  bool quick = false; ///< short runs: said wherever the figures are shown
};

/// Writes claims and conditions. `table` is for people; `csv` has one row for each claim and reading, `jsonl` one
/// document for each claim. `color` matters for tables only.
void write(std::ostream& out, const ReproductionReport& report, Format format, bool color = false);

/// The same as a page in Markdown.
void write_markdown(std::ostream& out, const ReproductionReport& report);

/// Writes `claims.md`, `claims.json`, and for each figure `ID.csv` and `ID.svg` into a folder. \throws Error when one
/// cannot be written.
void write_files(const std::string& directory, const ReproductionReport& report);

} // namespace terastal
