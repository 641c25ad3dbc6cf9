#include "io/rows.hpp"

#include <limits>

#include <fmt/format.h>

#include "io/scalar.hpp"
#include "io/spec.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal::io {

const Cell* Row::cell(std::string_view column) const {
  const auto index = header_.find(column);
  return index ? &table_.at(row_, *index) : nullptr;
}

Position Row::position(std::string_view column) const {
  const Cell* found = cell(column);
  return found == nullptr ? table_.row_position(row_) : table_.position(*found);
}

void Row::refuse(std::string_view column, std::string_view wanted) const {
  diagnostics_.error(position(column),
                     fmt::format("column '{}': expected {}, got {}", column, wanted, in_quotes(cell(column)->text)));
}

std::string Row::text(std::string_view column) const {
  const Cell* found = cell(column);
  return found == nullptr ? std::string{} : std::string(found->text);
}

std::optional<std::string> Row::name(std::string_view column) const {
  const Cell* found = cell(column);
  if (found == nullptr) return std::nullopt;
  static const Spec spec = io::name();
  if (parse_scalar(*spec, std::string(found->text), true)) return std::string(found->text);
  refuse(column, expected(*spec));
  return std::nullopt;
}

std::vector<Reference> Row::names(std::string_view column) const {
  std::vector<Reference> result;
  const Cell* found = cell(column);
  if (found == nullptr || found->text.empty()) return result;
  for (const std::string& part : split(found->text, '|')) {
    result.push_back({std::string(trim(part)), table_.position(*found)});
  }
  return result;
}

std::optional<std::uint64_t> Row::natural(std::string_view column) const {
  return natural(column, 0, std::numeric_limits<std::uint64_t>::max());
}

std::optional<std::uint64_t> Row::natural(std::string_view column, std::uint64_t min, std::uint64_t max) const {
  const Cell* found = cell(column);
  if (found == nullptr || found->text.empty()) return std::nullopt;
  const Spec spec = io::natural(min, max);
  const auto value = parse_scalar(*spec, std::string(found->text), false);
  if (!value) refuse(column, expected(*spec));
  return value ? std::optional(std::get<std::uint64_t>(*value)) : std::nullopt;
}

std::optional<std::int64_t> Row::integer(std::string_view column, std::int64_t min, std::int64_t max) const {
  const Cell* found = cell(column);
  if (found == nullptr || found->text.empty()) return std::nullopt;
  const auto value = parse_integer(found->text);
  if (value && *value >= min && *value <= max) return value;
  refuse(column, expected(*io::integer(min, max)));
  return std::nullopt;
}

std::optional<double> Row::number(std::string_view column, double min, bool above_min, double max) const {
  const Cell* found = cell(column);
  if (found == nullptr || found->text.empty()) return std::nullopt;
  ValueSpec spec = above_min ? *number_above(min) : *number_at_least(min);
  spec.max = max;
  const auto value = parse_scalar(spec, std::string(found->text), false);
  if (!value) refuse(column, expected(spec));
  return value ? std::optional(std::get<double>(*value)) : std::nullopt;
}

} // namespace terastal::io
