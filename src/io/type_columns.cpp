#include "io/type_columns.hpp"

#include <algorithm> // any_of, find, min
#include <cmath>     // pow, round

#include <fmt/format.h>

#include "io/shape_reader.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal::io {
namespace {

/// Types for which the table has times.
std::vector<std::string> timed_subjects(const Header& header) {
  std::vector<std::string> names;
  for (const QuantityColumn& column : header.quantities()) {
    const bool known = std::find(names.begin(), names.end(), column.subject) != names.end();
    const bool timed = column.measure < Measure::energy && !names_part(column.subject);
    if (timed && !known) names.push_back(column.subject);
  }
  return names;
}

/// Quantiles of the standard normal distribution at the percentiles of columns.
constexpr std::array<double, kPercentiles.size()> kQuantiles{0.0, TimePercentiles::z95, TimePercentiles::z99};

/// A percentile that a table leaves out: on the line, in log time over normal quantiles, through the median and the one
/// that is given.
Duration extrapolated(Duration median, Duration given, double quantile, double wanted_quantile) {
  const double ratio = static_cast<double>(given.count()) / static_cast<double>(median.count());
  const double ps = std::round(static_cast<double>(median.count()) * std::pow(ratio, wanted_quantile / quantile));
  constexpr double longest = 9.2e18; // just below the clock's limit
  return Duration{static_cast<Duration::rep>(std::min(ps, longest))};
}

} // namespace

TypeColumns::TypeColumns(const Table& table, const Header& header, const Binding& binding, Source source,
                         Diagnostics& diagnostics)
    : table_(table), platform_(binding.platform), diagnostics_(diagnostics) {
  bool timed = false;
  for (const AcceleratorType& type : platform_.types) {
    columns_.push_back(columns_of(type, header));
    timed = timed || columns_.back().time != nullptr;
  }
  find_groups(header);
  if (source != Source::table) parts_ = PartColumns(table, header, platform_, diagnostics);
  const bool shaped = has_shapes(header);
  const bool computable = source == Source::table_or_shapes && shaped && (has_cost_models(binding) || !binding.real);
  times_missing_ = !timed && !computable && source != Source::samples;
  if (!times_missing_ || !binding.complete) return;
  report_untimed(header, source == Source::table ? std::string{} : cost_hint(shaped, binding));
}

TypeColumns::TypeColumn TypeColumns::columns_of(const AcceleratorType& type, const Header& header) const {
  TypeColumn column;
  column.energy = header.energy_of(type.name);
  column.traffic = header.traffic_of(type.name);
  for (std::size_t p = 0; p < kPercentiles.size(); ++p) {
    column.percentiles[p] = header.time_of(type.name, kPercentiles[p]);
  }
  column.time = header.time_of(type.name);
  if (column.time == nullptr) column.time = column.percentiles.front();
  for (const QuantityColumn* time :
       {header.time_of(type.name), column.percentiles[0], column.percentiles[1], column.percentiles[2]}) {
    if (time == nullptr) continue;
    const Position position = table_.position(table_.header()[time->index]);
    if (lacks_clock(*time, type, table_, platform_, diagnostics_)) column.broken = true;
    if (time->percentile > 50 && column.percentiles.front() == nullptr) {
      column.broken = true;
      diagnostics_.error(position,
                         fmt::format("column '{}' needs the median: there is no column '{}_p50_{}' (in any unit)",
                                     time->name(), type.name, time->unit));
    }
  }
  return column;
}

void TypeColumns::find_groups(const Header& header) {
  for (const auto& [type, size] : platform_.groups()) {
    const QuantityColumn* time = header.time_of(group_name(platform_.types[type].name, size));
    const bool broken = time != nullptr && lacks_clock(*time, platform_.types[type], table_, platform_, diagnostics_);
    groups_.push_back({type, time, broken});
  }
}

void TypeColumns::read_groups(std::size_t row, Times& times) const {
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const GroupColumn& column = groups_[g];
    if (column.time == nullptr) continue;
    const auto time =
        column.broken ? std::nullopt : read_time(table_.at(row, column.time->index), *column.time, column.type);
    times.group_latency[g] = time.value_or(kCannotRun);
    times.group_given[g] = true;
    times.broken = times.broken || !time;
  }
}

void TypeColumns::report_untimed(const Header& header, const std::string& hint) const {
  const auto subjects = timed_subjects(header);
  const std::string problem =
      subjects.empty() ? "the table has no latency column: expected T_cycles, T_ps, T_ns, T_us, T_ms or T_s for each "
                         "accelerator type T"
                       : fmt::format("no latency column for any accelerator type of platform '{}' ({}); the table has "
                                     "those of {}",
                                     platform_.name, join(type_names(platform_), ", "), join(subjects, ", "));
  diagnostics_.error(table_.header_position(), problem + hint);
}

Times TypeColumns::read(std::size_t row) const {
  Times times(columns_.size(), groups_.size());
  times.broken = times_missing_;
  read_groups(row, times);
  for (TypeIndex type = 0; type < columns_.size(); ++type) {
    const TypeColumn& column = columns_[type];
    if (column.time != nullptr) {
      const auto time =
          column.broken ? std::nullopt : read_time(table_.at(row, column.time->index), *column.time, type);
      times.latency[type] = time.value_or(kCannotRun);
      times.latency_given[type] = true;
      const auto parts = time ? parts_.read(row, type, *time) : std::nullopt;
      times.fusion_parts[type] = parts.value_or(FusionParts{});
      times.broken = times.broken || !parts;
    }
    if (column.percentiles.front() != nullptr && !column.broken) read_percentiles(row, type, times);
    if (column.energy != nullptr) {
      times.energy_nj[type] = read_amount(table_.at(row, column.energy->index), *column.energy, "an energy");
      times.energy_given[type] = true;
    }
    if (column.traffic != nullptr) {
      times.traffic_bytes[type] = read_amount(table_.at(row, column.traffic->index), *column.traffic, "a traffic");
      times.traffic_given[type] = true;
    }
  }
  return times;
}

void TypeColumns::read_percentiles(std::size_t row, TypeIndex type, Times& times) const {
  times.percentiles.resize(columns_.size());
  PercentileCells given;
  times.broken = !read_percentile_cells(row, type, given) || times.broken;
  if (times.broken || given.last == nullptr) return;
  if (times.latency[type] == kCannotRun) {
    times.broken = true;
    return refuse(*given.last, type, "has percentiles of a layer that it cannot run");
  }
  for (std::size_t p = 1; p < given.values.size(); ++p) {
    Duration& value = given.values[p];
    if (value > Duration::zero()) continue;
    const Duration on_line = given.last_index == 0 ? given.values[0]
                                                   : extrapolated(given.values[0], given.values[given.last_index],
                                                                  kQuantiles[given.last_index], kQuantiles[p]);
    value = std::max(on_line, given.values[p - 1]);
  }
  times.percentiles[type] = {given.values[0], given.values[1], given.values[2]};
}

bool TypeColumns::read_percentile_cells(std::size_t row, TypeIndex type, PercentileCells& given) const {
  for (std::size_t p = 0; p < given.values.size(); ++p) {
    const QuantityColumn* column = columns_[type].percentiles[p];
    if (column == nullptr) continue;
    const Cell& cell = table_.at(row, column->index);
    const auto value = read_time(cell, *column, type); // a median that is the estimate gives the same error again
    if (!value) return false;
    if (*value == kCannotRun) continue;
    const Duration before = given.values[given.last_index];
    if (p > 0 && given.last == nullptr) {
      refuse(cell, type, fmt::format("has a p{} without a p50", kPercentiles[p]));
      return false;
    }
    if (*value < before) {
      refuse(cell, type,
             fmt::format("has a p{} ({}) below its p{} ({})", kPercentiles[p], format_duration(*value),
                         kPercentiles[given.last_index], format_duration(before)));
      return false;
    }
    given.values[p] = *value;
    given.last = &cell;
    given.last_index = p;
  }
  return true;
}

void TypeColumns::refuse(const Cell& cell, TypeIndex type, const std::string& problem) const {
  diagnostics_.error(table_.position(cell), fmt::format("{} {}", in_quotes(platform_.types[type].name), problem));
}

std::optional<Duration> TypeColumns::read_time(const Cell& cell, const QuantityColumn& column, TypeIndex type) const {
  if (cell.text.empty()) return kCannotRun;
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

double TypeColumns::read_amount(const Cell& cell, const QuantityColumn& column, const char* what) const {
  if (cell.text.empty()) return 0.0;
  const auto amount = detail::scaled_double(cell.text, column.power);
  if (amount && *amount >= 0.0) return *amount;
  diagnostics_.error(table_.position(cell),
                     fmt::format("expected {} in {} >= 0, got {}", what, column.unit, in_quotes(cell.text)));
  return 0.0;
}

namespace {

/// Calls `take(type, value)` for each type of the platform that a map names, or for all types with a single value.
template <typename Take>
void for_types(const Value& value, const Platform& platform, Take take) {
  for (TypeIndex t = 0; value.given() && !value.is_map() && t < platform.types.size(); ++t) take(t, value);
  if (!value.is_map()) return;
  for (const auto& [key, entry] : value.members()) {
    if (const auto type = platform.find_type(key.text)) take(*type, entry);
  }
}

void read_group_times(const Value& latency, const Platform& platform, Times& times) {
  if (!latency.is_map()) return;
  const auto groups = platform.groups();
  for (const auto& [key, value] : latency.members()) {
    times.broken = times.broken || !value.usable();
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (key.text != group_name(platform.types[groups[g].first].name, groups[g].second)) continue;
      times.group_latency[g] = value.duration().value_or(kCannotRun);
      times.group_given[g] = true;
    }
  }
}

} // namespace

Times read_times(const Value& object, const Platform& platform, Diagnostics& diagnostics) {
  Times times(platform);
  times.broken = object["latency"].given() && !object["latency"].usable();
  for_types(object["latency"], platform, [&](TypeIndex type, const Value& value) {
    times.latency[type] = value.duration().value_or(kCannotRun);
    times.latency_given[type] = true;
  });
  read_group_times(object["latency"], platform, times);
  read_parts(object["latency"], platform, times, diagnostics);
  for_types(object["energy"], platform, [&](TypeIndex type, const Value& value) {
    times.energy_nj[type] = value.number().value_or(0.0);
    times.energy_given[type] = true;
  });
  for_types(object["traffic"], platform, [&](TypeIndex type, const Value& value) {
    times.traffic_bytes[type] = static_cast<double>(value.natural().value_or(0));
    times.traffic_given[type] = true;
  });
  return times;
}

bool lacks_clock(const QuantityColumn& column, const AcceleratorType& type, const Table& table,
                 const Platform& platform, Diagnostics& diagnostics) {
  if (column.measure != Measure::cycles || type.clock_hz != 0) return false;
  diagnostics.error(table.position(table.header()[column.index]),
                    fmt::format("column '{}' needs a clock, but type '{}' of platform '{}' has none", column.name(),
                                type.name, platform.name));
  return true;
}

std::string group_name(const std::string& type, std::uint32_t size) { return fmt::format("{}_x{}", type, size); }

bool has_cost_models(const Binding& binding) {
  return std::any_of(binding.cost_models.begin(), binding.cost_models.end(),
                     [](const auto& model) { return model != nullptr; });
}

std::string cost_hint(bool shaped, const Binding& binding) {
  if (shaped) return "; its shape would do if a type had a cost model (key 'cost')";
  const bool costed = has_cost_models(binding) || !binding.real;
  return costed ? "; a shape (op, K, C, Y, X, ...) would do, too"
                : "; a shape (op, K, C, Y, X, ...) would do if a type had a cost model (key 'cost')";
}

std::vector<std::string> type_names(const Platform& platform) {
  std::vector<std::string> names;
  for (const AcceleratorType& type : platform.types) names.push_back(type.name);
  return names;
}

} // namespace terastal::io
