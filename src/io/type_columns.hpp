#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "io/columns.hpp"
#include "io/csv.hpp"
#include "io/diagnostics.hpp"
#include "io/network_draft.hpp"
#include "io/value.hpp"

namespace terastal::io {

/// The latency and energy columns of a table, matched against the types of a platform. Columns of other types are
/// ignored, so that one table serves many platforms.
class TypeColumns {
 public:
  /// Reports columns in cycles whose type has no clock, and a table that times no type of the platform, unless
  /// `times_needed` is false.
  TypeColumns(const Table& table, const Header& header, const Binding& binding, bool times_needed,
              Diagnostics& diagnostics);

  /// Times of one row; bad cells are reported.
  [[nodiscard]] Times read(std::size_t row) const;

 private:
  struct TypeColumn {
    const QuantityColumn* time = nullptr;
    const QuantityColumn* energy = nullptr;
    bool broken = false;
  };

  /// Nothing after reporting a bad cell; kCannotRun for an empty one.
  [[nodiscard]] std::optional<Duration> read_time(const Cell& cell, TypeIndex type) const;
  /// 0 for an empty cell, and after reporting a bad one.
  [[nodiscard]] double read_energy(const Cell& cell, const QuantityColumn& column) const;

  const Table& table_;
  const Platform& platform_;
  Diagnostics& diagnostics_;
  std::vector<TypeColumn> columns_;
  bool times_missing_ = false; ///< reported for the whole table; the rows are not to blame
};

/// Times of an object with the keys `latency` and `energy`; types that the platform lacks are ignored.
[[nodiscard]] Times read_times(const Value& object, const Platform& platform);

/// Names of the platform's types.
[[nodiscard]] std::vector<std::string> type_names(const Platform& platform);

} // namespace terastal::io
