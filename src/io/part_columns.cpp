#include "io/part_columns.hpp"

#include <algorithm> // any_of

#include <fmt/format.h>

#include "io/type_columns.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal::io {
namespace {

/// A part as a file gives it.
struct GivenPart {
  Duration time{0};
  Position position;
};

using GivenParts = std::array<std::optional<GivenPart>, kPartNames.size()>;

/// Nothing after reporting that the parts do not go together or not with the latency; not known where none is given.
std::optional<FusionParts> checked_parts(const GivenParts& parts, const std::array<std::string, 2>& names,
                                         const std::string& type, Duration latency, Diagnostics& diagnostics) {
  bool fine = true;
  const auto refuse = [&](const GivenPart& part, const std::string& problem) {
    diagnostics.error(part.position, fmt::format("{} {}", in_quotes(type), problem));
    fine = false;
  };
  for (std::size_t p = 0; p < parts.size(); ++p) {
    if (!parts[p]) continue;
    const Duration time = parts[p]->time;
    if (latency == kCannotRun) {
      refuse(*parts[p], fmt::format("has a {} time but no latency", kPartNames[p]));
    } else if (!parts[1 - p]) {
      refuse(*parts[p], fmt::format("has a {} time but no {} time: give '{}', too, or neither", kPartNames[p],
                                    kPartNames[1 - p], names[1 - p]));
    } else if (time > latency) {
      refuse(*parts[p], fmt::format("has a {} time ({}) above its latency ({})", kPartNames[p], format_duration(time),
                                    format_duration(latency)));
    }
  }
  if (!fine) return std::nullopt;
  if (!parts[0] || !parts[1]) return FusionParts{};
  const FusionParts result{parts[0]->time, parts[1]->time};
  if (!result.known()) {
    refuse(*parts[0], "has a compute and a memory time of 0; leave out both where they are not known");
  }
  return fine ? std::optional(result) : std::nullopt;
}

std::array<std::string, 2> part_names(const std::string& type) { return {part_name(type, 0), part_name(type, 1)}; }

} // namespace

std::string part_name(const std::string& type, std::size_t part) {
  return fmt::format("{}_{}", type, kPartNames[part]);
}

bool names_part(std::string_view name) {
  return std::any_of(kPartNames.begin(), kPartNames.end(), [&](std::string_view part) {
    return name.size() > part.size() && name.ends_with(part) && name[name.size() - part.size() - 1] == '_';
  });
}

PartColumns::PartColumns(const Table& table, const Header& header, const Platform& platform, Diagnostics& diagnostics)
    : table_(&table), platform_(&platform), diagnostics_(&diagnostics) {
  for (const AcceleratorType& type : platform.types) {
    types_.push_back(type.fusion ? columns_of(type, header) : TypeParts{});
  }
}

PartColumns::TypeParts PartColumns::columns_of(const AcceleratorType& type, const Header& header) const {
  TypeParts parts;
  const bool timed = header.time_of(type.name) != nullptr || header.time_of(type.name, kPercentiles.front()) != nullptr;
  for (std::size_t p = 0; p < kPartNames.size(); ++p) parts.columns[p] = header.time_of(part_name(type.name, p));
  for (std::size_t p = 0; p < kPartNames.size(); ++p) {
    const QuantityColumn* column = parts.columns[p];
    if (column == nullptr) continue;
    const auto needs = [&](std::string_view what, const std::string& name) {
      parts.broken = true;
      diagnostics_->error(table_->position(table_->header()[column->index]),
                          fmt::format("column '{}' needs the {}: there is no column '{}_{}' (in any unit)",
                                      column->name(), what, name, column->unit));
    };
    if (!timed) needs("latency", type.name);
    if (parts.columns[1 - p] == nullptr) needs(fmt::format("{} time", kPartNames[1 - p]), part_name(type.name, 1 - p));
    if (lacks_clock(*column, type, *table_, *platform_, *diagnostics_)) parts.broken = true;
  }
  return parts;
}

std::optional<FusionParts> PartColumns::read(std::size_t row, TypeIndex type, Duration latency) const {
  if (types_.empty()) return FusionParts{};
  if (types_[type].broken) return std::nullopt;
  if (types_[type].columns[0] == nullptr) return FusionParts{};
  GivenParts given;
  std::array<std::string, 2> names;
  bool fine = true;
  for (std::size_t p = 0; p < kPartNames.size(); ++p) {
    const QuantityColumn& column = *types_[type].columns[p];
    names[p] = column.name();
    const Cell& cell = table_->at(row, column.index);
    if (cell.text.empty()) continue;
    const auto time = read_cell(cell, column, type);
    fine = fine && time;
    if (time) given[p] = GivenPart{*time, table_->position(cell)};
  }
  if (!fine) return std::nullopt;
  return checked_parts(given, names, platform_->types[type].name, latency, *diagnostics_);
}

std::optional<Duration> PartColumns::read_cell(const Cell& cell, const QuantityColumn& column, TypeIndex type) const {
  const auto time = to_time(cell.text, column, platform_->types[type].clock_hz);
  if (time && *time >= Duration::zero() && *time < kCannotRun) return time;
  diagnostics_->error(table_->position(cell),
                      fmt::format("expected a time in {} >= 0, or an empty cell where it is not known, got {}",
                                  column.unit, in_quotes(cell.text)));
  return std::nullopt;
}

void read_parts(const Value& latency, const Platform& platform, Times& times, Diagnostics& diagnostics) {
  if (!latency.is_map()) return;
  for (TypeIndex t = 0; t < platform.types.size(); ++t) {
    if (!platform.types[t].fusion) continue;
    const auto names = part_names(platform.types[t].name);
    GivenParts given;
    bool usable = true;
    for (const auto& [key, value] : latency.members()) {
      const bool part = key.text == names[0] || key.text == names[1];
      if (part || key.text == platform.types[t].name) usable = usable && value.usable();
      if (!part || !value.usable()) continue;
      given[key.text == names[0] ? 0 : 1] = GivenPart{*value.duration(), value.position()};
    }
    if (!usable) continue; // reported
    const auto parts = checked_parts(given, names, platform.types[t].name, times.latency[t], diagnostics);
    times.broken = times.broken || !parts;
    times.fusion_parts[t] = parts.value_or(FusionParts{});
  }
}

} // namespace terastal::io
