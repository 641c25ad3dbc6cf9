#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "io/columns.hpp"
#include "io/csv.hpp"
#include "io/diagnostics.hpp"
#include "io/network_draft.hpp"
#include "io/part_columns.hpp"
#include "io/value.hpp"

namespace terastal::io {

/// The latency and energy columns of a table, matched against the types of a platform. Columns of other types are
/// ignored, so that one table serves many platforms.
class TypeColumns {
 public:
  /// Where the times of the rows may come from.
  enum class Source : std::uint8_t {
    table,           ///< these columns alone
    table_or_shapes, ///< or cost models, for rows with a shape
    samples,         ///< or another table
  };

  /// Reports columns in cycles whose type has no clock, and a table that times no type of the platform though nothing
  /// else can.
  TypeColumns(const Table& table, const Header& header, const Binding& binding, Source source,
              Diagnostics& diagnostics);

  /// Times of one row; bad cells are reported.
  [[nodiscard]] Times read(std::size_t row) const;

 private:
  struct TypeColumn {
    const QuantityColumn* time = nullptr; ///< the median, where there is no other column
    const QuantityColumn* energy = nullptr;
    const QuantityColumn* traffic = nullptr;
    std::array<const QuantityColumn*, kPercentiles.size()> percentiles{};
    bool broken = false;
  };

  /// The percentiles that a row gives for a type; 0 where it does not.
  struct PercentileCells {
    std::array<Duration, kPercentiles.size()> values{};
    const Cell* last = nullptr; ///< the last that is given
    std::size_t last_index = 0;
  };

  [[nodiscard]] TypeColumn columns_of(const AcceleratorType& type, const Header& header) const;
  void report_untimed(const Header& header, const std::string& hint) const;

  /// Nothing after reporting a bad cell; kCannotRun for an empty one.
  [[nodiscard]] std::optional<Duration> read_time(const Cell& cell, const QuantityColumn& column, TypeIndex type) const;
  /// 0 for an empty cell, and after reporting a bad one.
  [[nodiscard]] double read_amount(const Cell& cell, const QuantityColumn& column, const char* what) const;
  void read_percentiles(std::size_t row, TypeIndex type, Times& times) const;
  /// False after reporting bad cells, a median that is missing, or percentiles that do not ascend.
  [[nodiscard]] bool read_percentile_cells(std::size_t row, TypeIndex type, PercentileCells& given) const;
  void refuse(const Cell& cell, TypeIndex type, const std::string& problem) const;

  const Table& table_;
  const Platform& platform_;
  Diagnostics& diagnostics_;
  /// Times of a group of accelerators: `npu_x2_ms`.
  struct GroupColumn {
    TypeIndex type = 0;
    const QuantityColumn* time = nullptr; ///< null where there is none
    bool broken = false;
  };

  void find_groups(const Header& header);
  void read_groups(std::size_t row, Times& times) const;

  std::vector<TypeColumn> columns_;
  std::vector<GroupColumn> groups_; ///< in the order of Platform::groups()
  PartColumns parts_;
  bool times_missing_ = false; ///< reported for the whole table; the rows are not to blame
};

/// Times of an object with the keys `latency`, `energy` and `traffic`; types that the platform lacks are ignored.
/// Reports parts of latencies that do not go together.
[[nodiscard]] Times read_times(const Value& object, const Platform& platform, Diagnostics& diagnostics);

/// Reports a column in cycles of a type without a clock.
[[nodiscard]] bool lacks_clock(const QuantityColumn& column, const AcceleratorType& type, const Table& table,
                               const Platform& platform, Diagnostics& diagnostics);

/// What would make a layer without times runnable, for messages: `shaped` tells whether it has a shape.
[[nodiscard]] std::string cost_hint(bool shaped, const Binding& binding);

/// Whether some type has a cost model.
[[nodiscard]] bool has_cost_models(const Binding& binding);

/// How tables and files name a group of accelerators: `npu_x2`.
[[nodiscard]] std::string group_name(const std::string& type, std::uint32_t size);

/// Names of the platform's types.
[[nodiscard]] std::vector<std::string> type_names(const Platform& platform);

} // namespace terastal::io
