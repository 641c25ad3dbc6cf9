#include "io/type_columns.hpp"

#include <fmt/format.h>

#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal::io {
namespace {

/// Types for which the table has times.
std::vector<std::string> timed_subjects(const Header& header) {
  std::vector<std::string> names;
  for (const QuantityColumn& column : header.quantities()) {
    if (column.measure != Measure::energy) names.push_back(column.subject);
  }
  return names;
}

std::optional<Duration> to_time(std::string_view text, const QuantityColumn& column, std::uint64_t clock_hz) {
  if (column.measure == Measure::cycles) return cycles_to_time(text, clock_hz);
  const auto picoseconds = scaled_decimal(text, column.power);
  return picoseconds ? std::optional(Duration{*picoseconds}) : std::nullopt;
}

} // namespace

TypeColumns::TypeColumns(const Table& table, const Header& header, const Binding& binding, bool times_needed,
                         Diagnostics& diagnostics)
    : table_(table), platform_(binding.platform), diagnostics_(diagnostics) {
  bool timed = false;
  for (const AcceleratorType& type : platform_.types) {
    TypeColumn column{header.time_of(type.name), header.energy_of(type.name), false};
    timed = timed || column.time != nullptr;
    if (column.time != nullptr && column.time->measure == Measure::cycles && type.clock_hz == 0) {
      column.broken = true;
      diagnostics_.error(table.position(table.header()[column.time->index]),
                         fmt::format("column '{}_cycles' needs a clock, but type '{}' of platform '{}' has none",
                                     type.name, type.name, platform_.name));
    }
    columns_.push_back(column);
  }
  times_missing_ = !timed && times_needed;
  if (!times_missing_ || !binding.complete) return;
  const auto subjects = timed_subjects(header);
  if (subjects.empty()) {
    diagnostics_.error(table.header_position(),
                       "the table has no latency column: expected T_cycles, T_ps, T_ns, T_us, T_ms or T_s for each "
                       "accelerator type T");
    return;
  }
  diagnostics_.error(
      table.header_position(),
      fmt::format("no latency column for any accelerator type of platform '{}' ({}); the table has those "
                  "of {}",
                  platform_.name, join(type_names(platform_), ", "), join(subjects, ", ")));
}

Times TypeColumns::read(std::size_t row) const {
  Times times(columns_.size());
  times.broken = times_missing_;
  for (TypeIndex type = 0; type < columns_.size(); ++type) {
    const TypeColumn& column = columns_[type];
    if (column.time != nullptr) {
      const auto time = column.broken ? std::nullopt : read_time(table_.at(row, column.time->index), type);
      times.latency[type] = time.value_or(kCannotRun);
      times.broken = times.broken || !time;
    }
    if (column.energy != nullptr) {
      times.energy_nj[type] = read_energy(table_.at(row, column.energy->index), *column.energy);
    }
  }
  return times;
}

std::optional<Duration> TypeColumns::read_time(const Cell& cell, TypeIndex type) const {
  if (cell.text.empty()) return kCannotRun;
  const QuantityColumn& column = *columns_[type].time;
  const auto time = to_time(cell.text, column, platform_.types[type].clock_hz);
  if (time && *time > Duration::zero() && *time < kCannotRun) return time;
  const bool below_resolution = time == Duration::zero() && parse_number(cell.text).value_or(0.0) > 0.0;
  diagnostics_.error(
      table_.position(cell),
      fmt::format("expected a latency in {} > 0, or an empty cell where '{}' cannot run the layer, got {}{}",
                  column.unit, platform_.types[type].name, in_quotes(cell.text),
                  below_resolution ? ", which is below 1 ps" : ""));
  return std::nullopt;
}

double TypeColumns::read_energy(const Cell& cell, const QuantityColumn& column) const {
  if (cell.text.empty()) return 0.0;
  const auto energy = detail::scaled_double(cell.text, column.power);
  if (energy && *energy >= 0.0) return *energy;
  diagnostics_.error(table_.position(cell),
                     fmt::format("expected an energy in {} >= 0, got {}", column.unit, in_quotes(cell.text)));
  return 0.0;
}

Times read_times(const Value& object, const Platform& platform) {
  Times times(platform.types.size());
  const Value latency = object["latency"];
  times.broken = latency.given() && !latency.usable();
  if (latency.is_scalar()) times.latency.assign(platform.types.size(), latency.duration().value_or(kCannotRun));
  if (latency.is_map()) {
    for (const auto& [key, value] : latency.members()) {
      const auto type = platform.find_type(key.text);
      times.broken = times.broken || !value.usable();
      if (type) times.latency[*type] = value.duration().value_or(kCannotRun);
    }
  }
  const Value energy = object["energy"];
  if (energy.is_scalar()) times.energy_nj.assign(platform.types.size(), energy.number().value_or(0.0));
  if (energy.is_map()) {
    for (const auto& [key, value] : energy.members()) {
      if (const auto type = platform.find_type(key.text)) times.energy_nj[*type] = value.number().value_or(0.0);
    }
  }
  return times;
}

std::vector<std::string> type_names(const Platform& platform) {
  std::vector<std::string> names;
  for (const AcceleratorType& type : platform.types) names.push_back(type.name);
  return names;
}

} // namespace terastal::io
