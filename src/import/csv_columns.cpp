#include "import/csv_columns.hpp"

#include <algorithm> // find, find_if, none_of
#include <utility>

#include <fmt/format.h>

#include "import/csv_spellings.hpp"
#include "import/lower_case.hpp"
#include "terastal/core/text.hpp"

namespace terastal {
namespace {

using io::in_quotes;

constexpr std::size_t kMappedRank = 0; ///< the user's own mapping goes before every spelling

std::string name_of(const TypeMeasure& measure) { return measure.type + '_' + measure.unit; }

} // namespace

TableColumns::TableColumns(const io::Table& table, const CsvOptions& options, io::Diagnostics& diagnostics)
    : table_(table), diagnostics_(diagnostics), mapped_(table.header().size(), false) {
  for (const io::Cell& cell : table.header()) uses_.push_back({std::string(cell.text), {}});
  map_explicitly(options);
  for (std::size_t i = 0; i < uses_.size(); ++i) {
    if (!mapped_[i]) recognise(i, options);
  }
  use_medians();
  drop_energies_alone();
  for (const Field& field : fields_) uses_[field.index].meaning = field.name;
  for (const TypeMeasure& measure : measures_) uses_[measure.index].meaning = name_of(measure);
  for (std::size_t i = 0; i < uses_.size(); ++i) refuse_unused(i, options);
}

std::optional<std::size_t> TableColumns::find(std::string_view field) const {
  for (const Field& f : fields_) {
    if (f.name == field) return f.index;
  }
  return std::nullopt;
}

bool TableColumns::by_letter(std::string_view field) const {
  const auto index = find(field);
  return index && lower_case(heading(*index)) == lower_case(field);
}

std::vector<std::string> TableColumns::types() const {
  std::vector<std::string> names;
  for (const TypeMeasure& measure : measures_) {
    if (std::find(names.begin(), names.end(), measure.type) == names.end()) names.push_back(measure.type);
  }
  return names;
}

void TableColumns::map_explicitly(const CsvOptions& options) {
  for (const auto& [ours, theirs] : options.columns) {
    const auto matches = [&, wanted = lower_case(theirs)](const ColumnUse& use) { return lower_case(use.column) == wanted; };
    const auto column = std::find_if(uses_.begin(), uses_.end(), matches);
    std::vector<std::string> headings;
    for (const ColumnUse& use : uses_) headings.push_back(use.column);
    if (column == uses_.end()) {
      diagnostics_.error(table_.header_position(),
                         fmt::format("there is no column {} for '{}'{}; columns: {}", in_quotes(theirs), ours,
                                     did_you_mean(theirs, headings), join(headings, ", ")));
      continue;
    }
    const auto index = static_cast<std::size_t>(column - uses_.begin());
    const std::vector<std::string> known = field_names();
    mapped_[index] = true;
    if (std::find(known.begin(), known.end(), ours) != known.end()) {
      add_field(ours, index, kMappedRank);
      continue;
    }
    const auto measure = measure_of(ours);
    const auto power = measure ? unit_power(measure->unit, measure->energy) : std::nullopt;
    if (power && !measure->type.empty()) {
      add_measure({measure->type, measure->unit, measure->energy, *power, index}, index);
      continue;
    }
    diagnostics_.error(table_.header_position(),
                       fmt::format("a column cannot mean {}{}; allowed: {}, and for an accelerator type T T_cycles, "
                                   "T_ps, T_ns, T_us, T_ms, T_s, T_pj, T_nj, T_uj, T_mj, T_j",
                                   in_quotes(ours), did_you_mean(ours, known), join(known, ", ")));
  }
}

void TableColumns::recognise(std::size_t index, const CsvOptions& options) {
  if (const auto field = field_of(heading(index))) return add_field(field->first, index, field->second + 1);
  auto measure = measure_of(heading(index));
  if (!measure) return;
  if (measure->energy && measure->unit.empty()) return;
  if (measure->unit.empty()) measure->unit = options.unit;
  if (measure->unit.empty()) {
    return error(index, fmt::format("column {} has no unit; give it: --unit cycles, ps, ns, us, ms or s",
                                    in_quotes(heading(index))));
  }
  if (measure->type.empty()) measure->type = options.type;
  if (measure->type.empty()) {
    return error(index,
                 fmt::format("column {} names no accelerator type; give it: --type NAME", in_quotes(heading(index))));
  }
  const auto power = unit_power(measure->unit, measure->energy);
  if (!power) {
    return error(index,
                 fmt::format("{} is no unit of time; allowed: cycles, ps, ns, us, ms, s", in_quotes(measure->unit)));
  }
  TypeMeasure found{measure->type, measure->unit, measure->energy, *power, index};
  if (measure->percentile == 0) return add_measure(std::move(found), index);
  uses_[index].meaning = fmt::format("not used: a percentile (p{})", measure->percentile);
  if (measure->percentile == 50 && !measure->energy) medians_.push_back(std::move(found));
}

void TableColumns::use_medians() {
  for (const TypeMeasure& median : medians_) {
    const auto time = [&](const TypeMeasure& m) { return !m.energy && m.type == median.type; };
    if (std::none_of(measures_.begin(), measures_.end(), time)) add_measure(median, median.index);
  }
}

void TableColumns::add_field(const std::string& name, std::size_t index, std::size_t rank) {
  const auto known = std::find_if(fields_.begin(), fields_.end(), [&](const Field& f) { return f.name == name; });
  if (known == fields_.end()) {
    fields_.push_back({name, index, rank});
  } else if (known->rank == rank) {
    error(index, fmt::format("column {}: '{}' is given by column {} already", in_quotes(heading(index)), name,
                             in_quotes(heading(known->index))));
  } else {
    const std::size_t left_out = rank < known->rank ? known->index : index;
    if (rank < known->rank) *known = {name, index, rank};
    uses_[left_out].meaning = fmt::format("not used: '{}' gives {}", heading(known->index), name);
  }
}

void TableColumns::add_measure(TypeMeasure measure, std::size_t index) {
  const auto same = [&](const TypeMeasure& m) { return m.type == measure.type && m.energy == measure.energy; };
  if (const auto known = std::find_if(measures_.begin(), measures_.end(), same); known != measures_.end()) {
    return error(index,
                 fmt::format("column {}: the {} of '{}' is given by column {} already", in_quotes(heading(index)),
                             measure.energy ? "energy" : "time", measure.type, in_quotes(heading(known->index))));
  }
  measures_.push_back(std::move(measure));
}

void TableColumns::drop_energies_alone() {
  const auto alone = [&](const TypeMeasure& energy) {
    const auto time = [&](const TypeMeasure& m) { return !m.energy && m.type == energy.type; };
    return energy.energy && std::none_of(measures_.begin(), measures_.end(), time);
  };
  for (std::size_t m = measures_.size(); m-- > 0;) {
    if (!alone(measures_[m])) continue;
    uses_[measures_[m].index].meaning = fmt::format("not used: there is no latency on '{}'", measures_[m].type);
    measures_.erase(measures_.begin() + static_cast<std::ptrdiff_t>(m));
  }
}

void TableColumns::refuse_unused(std::size_t index, const CsvOptions& options) {
  if (!options.strict || !uses_[index].meaning.empty()) return;
  error(index, fmt::format("column {} is not understood; say what it means with --column OURS={}",
                           in_quotes(heading(index)), heading(index)));
}

void TableColumns::error(std::size_t index, std::string message) {
  diagnostics_.error(table_.position(table_.header()[index]), std::move(message));
}

} // namespace terastal
