#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/columns.hpp"
#include "io/csv.hpp"
#include "io/diagnostics.hpp"
#include "io/network_draft.hpp"
#include "io/value.hpp"

namespace terastal::io {

/// What the parts of a latency are called after an accelerator type's name, in the order of FusionParts' members.
inline constexpr std::array<std::string_view, 2> kPartNames{"compute", "memory"};

/// How tables and files name a part of a type's latency: `npu_compute`.
[[nodiscard]] std::string part_name(const std::string& type, std::size_t part);

/// Whether a name is that of a part, and so not that of an accelerator type.
[[nodiscard]] bool names_part(std::string_view name);

/// The columns `npu_compute_ms` and `npu_memory_ms` of a table, for types that fuse layers; those of others are
/// ignored.
class PartColumns {
 public:
  PartColumns() = default;
  /// Reports a column without its counterpart, without a latency beside it, or in cycles of a type without a clock.
  PartColumns(const Table& table, const Header& header, const Platform& platform, Diagnostics& diagnostics);

  /// The parts of a latency that was read; nothing after reporting bad cells, parts above the latency, or one of two.
  [[nodiscard]] std::optional<FusionParts> read(std::size_t row, TypeIndex type, Duration latency) const;

 private:
  struct TypeParts {
    std::array<const QuantityColumn*, kPartNames.size()> columns{}; ///< all null where there are none to be read
    bool broken = false;
  };

  [[nodiscard]] TypeParts columns_of(const AcceleratorType& type, const Header& header) const;
  [[nodiscard]] std::optional<Duration> read_cell(const Cell& cell, const QuantityColumn& column, TypeIndex type) const;

  const Table* table_ = nullptr;
  const Platform* platform_ = nullptr;
  Diagnostics* diagnostics_ = nullptr;
  std::vector<TypeParts> types_; ///< empty: there are no parts to be read
};

/// The parts that a map of latencies gives: `npu_compute`, `npu_memory`. Precondition: `times` has the latencies.
void read_parts(const Value& latency, const Platform& platform, Times& times, Diagnostics& diagnostics);

} // namespace terastal::io
