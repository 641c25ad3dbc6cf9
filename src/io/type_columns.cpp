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
    if (column.measure != Measure::energy && !known) names.push_back(column.subject);
  }
  return names;
}

std::optional<Duration> to_time(std::string_view text, const QuantityColumn& column, std::uint64_t clock_hz) {
  if (column.measure == Measure::cycles) return cycles_to_time(text, clock_hz);
  const auto picoseconds = scaled_decimal(text, column.power);
  return picoseconds ? std::optional(Duration{*picoseconds}) : std::nullopt;
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
  const bool shaped = has_shapes(header);
  const bool computable = source == Source::table_or_shapes && shaped && (has_cost_models(binding) || !binding.real);
  times_missing_ = !timed && !computable && source != Source::samples;
  if (!times_missing_ || !binding.complete) return;
  report_untimed(header, source == Source::table ? std::string{} : cost_hint(shaped, binding));
}

TypeColumns::TypeColumn TypeColumns::columns_of(const AcceleratorType& type, const Header& header) const {
  TypeColumn column;
  column.energy = header.energy_of(type.name);
  for (std::size_t p = 0; p < kPercentiles.size(); ++p) {
    column.percentiles[p] = header.time_of(type.name, kPercentiles[p]);
  }
  column.time = header.time_of(type.name);
  if (column.time == nullptr) column.time = column.percentiles.front();
  for (const QuantityColumn* time :
       {header.time_of(type.name), column.percentiles[0], column.percentiles[1], column.percentiles[2]}) {
    if (time == nullptr) continue;
    const Position position = table_.position(table_.header()[time->index]);
    if (time->measure == Measure::cycles && type.clock_hz == 0) {
      column.broken = true;
      diagnostics_.error(position, fmt::format("column '{}' needs a clock, but type '{}' of platform '{}' has none",
                                               time->name(), type.name, platform_.name));
    }
    if (time->percentile > 50 && column.percentiles.front() == nullptr) {
      column.broken = true;
      diagnostics_.error(position,
                         fmt::format("column '{}' needs the median: there is no column '{}_p50_{}' (in any unit)",
                                     time->name(), type.name, time->unit));
    }
  }
  return column;
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
  Times times(columns_.size());
  times.broken = times_missing_;
  for (TypeIndex type = 0; type < columns_.size(); ++type) {
    const TypeColumn& column = columns_[type];
    if (column.time != nullptr) {
      const auto time =
          column.broken ? std::nullopt : read_time(table_.at(row, column.time->index), *column.time, type);
      times.latency[type] = time.value_or(kCannotRun);
      times.latency_given[type] = true;
      times.broken = times.broken || !time;
    }
    if (column.percentiles.front() != nullptr && !column.broken) read_percentiles(row, type, times);
    if (column.energy != nullptr) {
      times.energy_nj[type] = read_energy(table_.at(row, column.energy->index), *column.energy);
      times.energy_given[type] = true;
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
  if (latency.given() && !latency.is_map()) times.latency_given.assign(platform.types.size(), true);
  if (latency.is_map()) {
    for (const auto& [key, value] : latency.members()) {
      const auto type = platform.find_type(key.text);
      times.broken = times.broken || !value.usable();
      if (!type) continue;
      times.latency[*type] = value.duration().value_or(kCannotRun);
      times.latency_given[*type] = true;
    }
  }
  const Value energy = object["energy"];
  if (energy.is_scalar()) times.energy_nj.assign(platform.types.size(), energy.number().value_or(0.0));
  if (energy.given() && !energy.is_map()) times.energy_given.assign(platform.types.size(), true);
  if (energy.is_map()) {
    for (const auto& [key, value] : energy.members()) {
      const auto type = platform.find_type(key.text);
      if (!type) continue;
      times.energy_nj[*type] = value.number().value_or(0.0);
      times.energy_given[*type] = true;
    }
  }
  return times;
}

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
