#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/csv.hpp"
#include "io/diagnostics.hpp"
#include "terastal/import/csv.hpp"

namespace terastal {

/// What a column measures on an accelerator type.
struct TypeMeasure {
  std::string type;
  std::string unit;    ///< cycles, ps, …, or pj, …
  bool energy = false; ///< else time
  int power = 0;       ///< of ten, to picoseconds or nanojoules
  std::size_t index = 0;
};

/// The columns of a table by their meaning.
class TableColumns {
 public:
  /// Recognises the headings. Reported: mappings that fit no column, two columns for one measure of a type, times
  /// without a unit or a type, and with `strict` columns that are not understood.
  TableColumns(const io::Table& table, const CsvOptions& options, io::Diagnostics& diagnostics);

  /// Index of the column that holds a field: `layer`, `op`, `K`, `after`, …
  [[nodiscard]] std::optional<std::size_t> find(std::string_view field) const;
  /// Whether the field was given under MAESTRO's letter and not as a number of channels.
  [[nodiscard]] bool by_letter(std::string_view field) const;
  [[nodiscard]] const std::vector<TypeMeasure>& measures() const { return measures_; }
  /// The types that have a time or an energy, in the table's order.
  [[nodiscard]] std::vector<std::string> types() const;
  /// Of every column in order.
  [[nodiscard]] const std::vector<ColumnUse>& uses() const { return uses_; }

 private:
  struct Field {
    std::string name;
    std::size_t index;
    std::size_t rank; ///< of several columns for one field the one with the smallest counts
  };

  void map_explicitly(const CsvOptions& options);
  void recognise(std::size_t index, const CsvOptions& options);
  void add_field(const std::string& name, std::size_t index, std::size_t rank);
  void add_measure(TypeMeasure measure, std::size_t index);
  /// The median of a measured latency is the latency of a type that has no other.
  void use_medians();
  /// Energies of types without a latency are not used.
  void drop_energies_alone();
  void refuse_unused(std::size_t index, const CsvOptions& options);
  [[nodiscard]] std::string_view heading(std::size_t index) const { return table_.header()[index].text; }
  void error(std::size_t index, std::string message);

  const io::Table& table_;
  io::Diagnostics& diagnostics_;
  std::vector<Field> fields_;
  std::vector<TypeMeasure> measures_;
  std::vector<TypeMeasure> medians_;
  std::vector<ColumnUse> uses_;
  std::vector<bool> mapped_;
};

} // namespace terastal
