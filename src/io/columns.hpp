#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/csv.hpp"
#include "io/diagnostics.hpp"
#include "terastal/core/time.hpp"

namespace terastal::io {

/// What a column with a unit in its name measures.
enum class Measure : std::uint8_t { time, cycles, energy, traffic };

/// A column such as `npu_ms`: a quantity of a subject.
struct QuantityColumn {
  std::size_t index = 0; ///< in the header
  std::string subject;   ///< `npu`
  std::string unit;      ///< `ms`; `traffic_bytes`
  Measure measure = Measure::time;
  int power = 0;      ///< of ten, to picoseconds or nanojoules
  int percentile = 0; ///< 50, 95 or 99 of a measured time; 0: the time or energy itself

  /// As the header writes it: `npu_p50_ms`.
  [[nodiscard]] std::string name() const;
};

/// The percentiles that columns may give.
inline constexpr std::array<int, 3> kPercentiles{50, 95, 99};

/// A column with a name of its own.
struct NamedColumn {
  std::string name;
  bool needed = false;
};

/// The columns that a kind of table may have. One declaration for the checks, the messages and the documentation.
struct TableSpec {
  std::vector<NamedColumn> columns;
  /// Subjects of quantities; empty when any name may stand there (accelerator types, of which one table may know more
  /// than a platform).
  std::vector<std::string> subjects;
  bool energies = false;    ///< quantities may be energies and cycles besides times
  bool percentiles = false; ///< times may have percentiles
};

/// The header of a table, matched against what the table may have. Unknown, duplicate and missing columns are reported.
class Header {
 public:
  /// `known_subjects` are suggested when a column is misspelt.
  Header(const Table& table, const TableSpec& spec, const std::vector<std::string>& known_subjects,
         Diagnostics& diagnostics);

  /// Index of a named column.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
  [[nodiscard]] const std::vector<QuantityColumn>& quantities() const { return quantities_; }
  /// The column with a measure of a subject: its time (or cycles), or its energy.
  [[nodiscard]] const QuantityColumn* time_of(std::string_view subject) const { return time_of(subject, 0); }
  /// A percentile of its time.
  [[nodiscard]] const QuantityColumn* time_of(std::string_view subject, int percentile) const;
  [[nodiscard]] const QuantityColumn* energy_of(std::string_view subject) const;
  [[nodiscard]] const QuantityColumn* traffic_of(std::string_view subject) const;

 private:
  void add(const Table& table, std::size_t index, const TableSpec& spec, const std::vector<std::string>& known_subjects,
           Diagnostics& diagnostics);

  /// The column that says the same of the same subject, and what that is.
  [[nodiscard]] std::pair<const QuantityColumn*, std::string> given_before(const QuantityColumn& quantity) const;

  std::vector<std::pair<std::string, std::size_t>> named_;
  std::vector<QuantityColumn> quantities_;
};

/// Whole cycles or fractions of them at a clock, as a time rounded to the nearest picosecond, exactly.
[[nodiscard]] std::optional<Duration> cycles_to_time(std::string_view cycles, std::uint64_t clock_hz);

/// A cell of a column of times or cycles as a time; nothing where it is no number or beyond the clock's limit.
[[nodiscard]] std::optional<Duration> to_time(std::string_view text, const QuantityColumn& column,
                                              std::uint64_t clock_hz);

} // namespace terastal::io
