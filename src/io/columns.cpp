#include "io/columns.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "terastal/core/int128.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal::io {
namespace {

struct Suffix {
  std::string_view unit;
  Measure measure;
  int power;
};

constexpr std::array<Suffix, 12> kSuffixes{{{"ps", Measure::time, 0},
                                            {"ns", Measure::time, 3},
                                            {"us", Measure::time, 6},
                                            {"ms", Measure::time, 9},
                                            {"s", Measure::time, 12},
                                            {"cycles", Measure::cycles, 0},
                                            {"pj", Measure::energy, -3},
                                            {"nj", Measure::energy, 0},
                                            {"uj", Measure::energy, 3},
                                            {"mj", Measure::energy, 6},
                                            {"j", Measure::energy, 9},
                                            {"traffic_bytes", Measure::traffic, 0}}};

bool allowed(const Suffix& suffix, const TableSpec& spec) { return spec.energies || suffix.measure == Measure::time; }

/// Takes `_p95` off the end of a name; 0 when there is none.
int take_percentile(std::string_view& name) {
  for (const int percentile : kPercentiles) {
    const std::string suffix = fmt::format("_p{}", percentile);
    if (name.size() <= suffix.size() || !name.ends_with(suffix)) continue;
    name.remove_suffix(suffix.size());
    return percentile;
  }
  return 0;
}

/// `npu_ms` as a quantity; nothing when the name does not end in a unit that the table may have.
std::optional<QuantityColumn> as_quantity(std::string_view name, const TableSpec& spec) {
  constexpr std::string_view traffic = "_traffic_bytes";
  const std::size_t underscore = name.ends_with(traffic) ? name.size() - traffic.size() : name.rfind('_');
  if (underscore == std::string_view::npos || underscore == 0) return std::nullopt;
  std::string_view rest = name.substr(0, underscore);
  const int percentile = spec.percentiles ? take_percentile(rest) : 0;
  const std::string subject(rest);
  const auto& subjects = spec.subjects;
  if (!subjects.empty() && std::find(subjects.begin(), subjects.end(), subject) == subjects.end()) return std::nullopt;
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.unit != name.substr(underscore + 1) || !allowed(suffix, spec)) continue;
    if (suffix.measure >= Measure::energy && percentile != 0) return std::nullopt;
    return QuantityColumn{0, subject, std::string(suffix.unit), suffix.measure, suffix.power, percentile};
  }
  return std::nullopt;
}

std::vector<std::string> quantity_names(const std::string& subject, const TableSpec& spec) {
  std::vector<std::string> names;
  for (const Suffix& suffix : kSuffixes) {
    if (allowed(suffix, spec)) names.push_back(fmt::format("{}_{}", subject, suffix.unit));
  }
  return names;
}

/// What is allowed, and what a misspelt name may have meant.
std::string advice(std::string_view name, const TableSpec& spec, const std::vector<std::string>& known_subjects) {
  std::vector<std::string> allowed_names;
  for (const NamedColumn& column : spec.columns) allowed_names.push_back(column.name);
  std::vector<std::string> candidates = allowed_names;
  for (const std::string& subject : known_subjects) {
    const auto names = quantity_names(subject, spec);
    candidates.insert(candidates.end(), names.begin(), names.end());
  }
  for (const std::string& subject : spec.subjects.empty() ? std::vector<std::string>{"T"} : spec.subjects) {
    const auto names = quantity_names(subject, spec);
    allowed_names.insert(allowed_names.end(), names.begin(), names.end());
  }
  std::string types = spec.subjects.empty() ? " (T: an accelerator type)" : "";
  if (spec.percentiles) types = " (T: an accelerator type; times also as percentiles: T_p50_ms, T_p95_ms, T_p99_ms)";
  return did_you_mean(name, candidates) + "; allowed: " + join(allowed_names, ", ") + types;
}

} // namespace

Header::Header(const Table& table, const TableSpec& spec, const std::vector<std::string>& known_subjects,
               Diagnostics& diagnostics) {
  for (std::size_t i = 0; i < table.header().size(); ++i) add(table, i, spec, known_subjects, diagnostics);
  for (const NamedColumn& column : spec.columns) {
    if (column.needed && !find(column.name)) {
      diagnostics.error(table.header_position(), fmt::format("missing column '{}'", column.name));
    }
  }
}

void Header::add(const Table& table, std::size_t index, const TableSpec& spec,
                 const std::vector<std::string>& known_subjects, Diagnostics& diagnostics) {
  const Cell& cell = table.header()[index];
  const auto error = [&](const std::string& message) { diagnostics.error(table.position(cell), message); };
  const auto same_name = [&](const NamedColumn& column) { return column.name == cell.text; };
  if (cell.text.empty()) return error("a column without a name");
  if (std::any_of(spec.columns.begin(), spec.columns.end(), same_name)) {
    if (find(cell.text)) return error("duplicate column " + in_quotes(cell.text));
    named_.emplace_back(cell.text, index);
    return;
  }
  auto quantity = as_quantity(cell.text, spec);
  if (!quantity) return error("unknown column " + in_quotes(cell.text) + advice(cell.text, spec, known_subjects));
  const auto [before, what] = given_before(*quantity);
  if (before != nullptr) {
    return error(fmt::format("column {}: the {} of '{}' is given by column '{}' already", in_quotes(cell.text), what,
                             before->subject, before->name()));
  }
  quantity->index = index;
  quantities_.push_back(std::move(*quantity));
}

std::pair<const QuantityColumn*, std::string> Header::given_before(const QuantityColumn& quantity) const {
  if (quantity.measure == Measure::energy) return {energy_of(quantity.subject), "energy"};
  if (quantity.measure == Measure::traffic) return {traffic_of(quantity.subject), "traffic"};
  const std::string what = quantity.percentile > 0 ? fmt::format("p{}", quantity.percentile) : "time";
  return {time_of(quantity.subject, quantity.percentile), what};
}

std::optional<std::size_t> Header::find(std::string_view name) const {
  for (const auto& [column, index] : named_) {
    if (column == name) return index;
  }
  return std::nullopt;
}

const QuantityColumn* Header::time_of(std::string_view subject, int percentile) const {
  for (const QuantityColumn& column : quantities_) {
    const bool time = column.measure < Measure::energy && column.percentile == percentile;
    if (time && column.subject == subject) return &column;
  }
  return nullptr;
}

const QuantityColumn* Header::energy_of(std::string_view subject) const {
  for (const QuantityColumn& column : quantities_) {
    if (column.subject == subject && column.measure == Measure::energy) return &column;
  }
  return nullptr;
}

const QuantityColumn* Header::traffic_of(std::string_view subject) const {
  for (const QuantityColumn& column : quantities_) {
    if (column.subject == subject && column.measure == Measure::traffic) return &column;
  }
  return nullptr;
}

std::string QuantityColumn::name() const {
  return percentile > 0 ? fmt::format("{}_p{}_{}", subject, percentile, unit) : fmt::format("{}_{}", subject, unit);
}

std::optional<Duration> cycles_to_time(std::string_view cycles, std::uint64_t clock_hz) {
  constexpr std::size_t most_digits = 18; // of the number; with the powers below, everything stays under 2^127
  constexpr std::int64_t least_exponent = -12;
  constexpr std::int64_t pico = 12;
  const auto number = detail::parse_decimal(cycles);
  if (!number || clock_hz == 0) return std::nullopt;
  if (number->digits.empty()) return Duration::zero();
  const std::int64_t magnitude = static_cast<std::int64_t>(number->digits.size()) + number->exponent;
  if (number->digits.size() > most_digits || magnitude > static_cast<std::int64_t>(most_digits) ||
      number->exponent < least_exponent) {
    return std::nullopt;
  }
  uint128 dividend = 0;
  for (const char c : number->digits) dividend = dividend * 10 + static_cast<unsigned>(c - '0');
  for (std::int64_t i = 0; i < number->exponent + pico; ++i) dividend *= 10;
  const uint128 picoseconds = (dividend + clock_hz / 2) / clock_hz;
  if (picoseconds > static_cast<uint128>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  const auto count = static_cast<std::int64_t>(picoseconds);
  return Duration{number->negative ? -count : count};
}

std::optional<Duration> to_time(std::string_view text, const QuantityColumn& column, std::uint64_t clock_hz) {
  if (column.measure == Measure::cycles) return cycles_to_time(text, clock_hz);
  const auto picoseconds = scaled_decimal(text, column.power);
  return picoseconds ? std::optional(Duration{*picoseconds}) : std::nullopt;
}

} // namespace terastal::io
