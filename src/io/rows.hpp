#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/columns.hpp"
#include "io/csv.hpp"
#include "io/diagnostics.hpp"
#include "io/network_draft.hpp"

namespace terastal::io {

/// One row of a table with named columns. Getters give nothing for an absent column or an empty cell, and report cells
/// that do not fit.
class Row {
 public:
  Row(const Table& table, const Header& header, std::size_t row, Diagnostics& diagnostics)
      : table_(table), header_(header), row_(row), diagnostics_(diagnostics) {}

  /// Null when the table lacks the column.
  [[nodiscard]] const Cell* cell(std::string_view column) const;
  /// Of a cell, or of the row when the table lacks the column.
  [[nodiscard]] Position position(std::string_view column) const;

  [[nodiscard]] std::string text(std::string_view column) const;
  /// A name that is needed: reports an empty one and one that holds `|`.
  [[nodiscard]] std::optional<std::string> name(std::string_view column) const;
  /// Names joined by `|`; empty for an empty cell.
  [[nodiscard]] std::vector<Reference> names(std::string_view column) const;
  [[nodiscard]] std::optional<std::uint64_t> natural(std::string_view column) const;
  [[nodiscard]] std::optional<std::uint64_t> natural(std::string_view column, std::uint64_t min,
                                                     std::uint64_t max) const;
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view column, std::int64_t min, std::int64_t max) const;
  /// A number from `min` on, or above it, up to `max`.
  [[nodiscard]] std::optional<double> number(std::string_view column, double min, bool above_min, double max) const;

  /// Reports a cell that is not what was expected.
  void refuse(std::string_view column, std::string_view wanted) const;

 private:
  const Table& table_;
  const Header& header_;
  std::size_t row_;
  Diagnostics& diagnostics_;
};

} // namespace terastal::io
