#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "import/csv_columns.hpp"
#include "import/notes.hpp"
#include "terastal/core/time.hpp"
#include "terastal/model/shape.hpp"

namespace terastal {

/// Reads the cells of one row of a table by the fields' names. Cells that do not fit are reported; absent columns and
/// empty cells give nothing.
class TableRow {
 public:
  TableRow(const io::Table& table, const TableColumns& columns, std::size_t row, io::Diagnostics& diagnostics)
      : table_(table), columns_(columns), row_(row), diagnostics_(diagnostics) {}

  [[nodiscard]] std::string text(std::string_view field) const;
  /// A whole number from `min` to `max`, also written as `64.0`.
  [[nodiscard]] std::optional<std::uint64_t> natural(std::string_view field, std::uint64_t min,
                                                     std::uint64_t max) const;
  /// kCannotRun for an empty cell.
  [[nodiscard]] Duration latency(const TypeMeasure& measure, std::uint64_t clock_hz) const;
  /// In nanojoules; 0 for an empty cell.
  [[nodiscard]] double energy(const TypeMeasure& measure) const;
  void error(std::string_view field, std::string message) const;

 private:
  /// Null without such a column.
  [[nodiscard]] const io::Cell* cell(std::string_view field) const;

  const io::Table& table_;
  const TableColumns& columns_;
  std::size_t row_;
  io::Diagnostics& diagnostics_;
};

/// Whether a table has the columns that shapes need.
[[nodiscard]] bool has_shapes(const TableColumns& columns);

/// The operator that a cell names: ours and common spellings, in any case.
[[nodiscard]] std::optional<OperatorKind> spelled_operator(std::string_view text);

/// The shape of a row; nothing when its cells are empty, or after reporting what is wrong.
[[nodiscard]] std::optional<LayerShape> read_shape(const TableRow& row, const TableColumns& columns,
                                                   const std::string& layer, OperatorKind kind, Padding padding,
                                                   Notes& notes);

} // namespace terastal
