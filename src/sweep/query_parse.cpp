#include <algorithm> // find, sort
#include <optional>

#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp" // parse_number
#include "terastal/experiment/metric_table.hpp"
#include "terastal/sweep/query.hpp"

namespace terastal {
namespace {

using Texts = std::vector<std::string>;

std::optional<std::size_t> index_of(const Texts& texts, std::string_view text) {
  const auto found = std::find(texts.begin(), texts.end(), text);
  if (found == texts.end()) return std::nullopt;
  return static_cast<std::size_t>(found - texts.begin());
}

/// `a, b, c`, cut when there are many.
std::string listed(const Texts& texts) {
  constexpr std::size_t most = 20;
  if (texts.size() <= most) return join(texts, ", ");
  return join(Texts(texts.begin(), texts.begin() + most), ", ") + ", … (" + std::to_string(texts.size()) + ")";
}

[[noreturn]] void unknown(const std::string& what, std::string_view word, const Texts& allowed) {
  throw InputError("unknown " + what + " '" + std::string(word) + "'" + did_you_mean(word, allowed) +
                   "; allowed: " + listed(allowed));
}

/// The value of an axis: by its text, else as the same number in another spelling.
std::optional<std::size_t> find_value(const Texts& values, std::string_view text) {
  if (const auto exact = index_of(values, text)) return exact;
  const auto number = parse_number(text);
  for (std::size_t v = 0; number && v < values.size(); ++v) {
    if (parse_number(values[v]) == number) return v;
  }
  return std::nullopt;
}

/// Takes a value from the front of `rest`: the longest text that the axis has, for values may hold separators.
std::size_t take_value(std::string_view& rest, const std::string& axis, const Texts& values) {
  std::string_view best;
  std::optional<std::size_t> found;
  for (std::size_t v = 0; v < values.size(); ++v) {
    const std::string& value = values[v];
    if (rest.substr(0, value.size()) != value || (found && value.size() <= best.size())) continue;
    const std::string_view behind = rest.substr(value.size());
    if (behind.empty() || behind.front() == ',' || behind.front() == '|') best = value, found = v;
  }
  const std::string_view word = found ? best : rest.substr(0, rest.find_first_of(",|"));
  if (!found) found = find_value(values, trim(word));
  if (!found) unknown("value of '" + axis + "':", trim(word), values);
  rest.remove_prefix(word.size());
  return *found;
}

StoreSelection::Condition take_condition(std::string_view& rest, const SweepIdentity& identity) {
  const std::size_t equals = rest.find('=');
  if (equals == std::string_view::npos) {
    throw InputError("expected AXIS=VALUE, e.g. policy=edf,load=1.2|1.4, got '" + std::string(rest) + "'");
  }
  const std::string_view name = trim(rest.substr(0, equals));
  const auto axis = index_of(identity.axes, name);
  if (!axis) unknown("axis", name, identity.axes);
  rest.remove_prefix(equals + 1);
  StoreSelection::Condition condition{*axis, {}};
  while (true) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    condition.values.push_back(take_value(rest, identity.axes[*axis], identity.axis_values[*axis]));
    if (rest.empty() || rest.front() != '|') return condition;
    rest.remove_prefix(1);
  }
}

Texts metric_ids(const SweepIdentity& identity) {
  Texts ids;
  for (const std::string& key : identity.metrics) {
    std::string id = key;
    for (const MetricInfo& m : metric_table()) {
      if (key == m.key) id = m.id;
    }
    ids.push_back(id);
  }
  return ids;
}

/// By the name that users give, or that files have.
std::optional<std::size_t> find_stored_metric(const SweepIdentity& identity, std::string_view name) {
  const auto by_id = index_of(metric_ids(identity), name);
  return by_id ? by_id : index_of(identity.metrics, name);
}

StoreColumn find_column(std::string_view name, const SweepIdentity& identity) {
  const auto columns = all_columns(identity);
  for (const StoreColumn& column : columns) {
    if (column.name == name) return column;
  }
  if (name == "digest") return {StoreColumn::Kind::digest, 0, "digest"};
  if (const auto metric = find_stored_metric(identity, name)) {
    return {StoreColumn::Kind::metric, *metric, identity.metrics[*metric]};
  }
  Texts allowed;
  for (const StoreColumn& column : columns) {
    if (column.kind != StoreColumn::Kind::metric) allowed.push_back(column.name);
  }
  allowed.emplace_back("digest");
  for (std::string& id : metric_ids(identity)) allowed.push_back(std::move(id));
  unknown("column", name, allowed);
}

std::vector<std::size_t> parse_dimensions(std::string_view text, const SweepIdentity& identity) {
  Texts allowed = identity.axes;
  allowed.emplace_back("task");
  std::vector<std::size_t> dimensions;
  for (const std::string& part : split(text, ',')) {
    const auto found = index_of(allowed, trim(part));
    if (!found) unknown("axis", trim(part), allowed);
    dimensions.push_back(*found);
  }
  return dimensions;
}

void refuse_repetitions(const PivotSpec& spec, const SweepIdentity& identity) {
  std::vector<std::size_t> all = spec.rows;
  all.insert(all.end(), spec.columns.begin(), spec.columns.end());
  std::sort(all.begin(), all.end());
  const auto twice = std::adjacent_find(all.begin(), all.end());
  if (twice != all.end()) throw InputError("'" + dimension_name(identity, *twice) + "' is given twice");
}

} // namespace

std::string dimension_name(const SweepIdentity& identity, std::size_t dimension) {
  return dimension < identity.axes.size() ? identity.axes[dimension] : "task";
}

std::vector<StoreSelection::Condition> parse_where(const std::string& text, const SweepIdentity& identity) {
  std::vector<StoreSelection::Condition> conditions;
  std::string_view rest = trim(text);
  while (true) {
    conditions.push_back(take_condition(rest, identity));
    for (std::size_t i = 0; i + 1 < conditions.size(); ++i) {
      if (conditions[i].axis == conditions.back().axis) {
        throw InputError("'" + identity.axes[conditions[i].axis] + "' is given twice; separate its values by |");
      }
    }
    if (rest.empty()) return conditions;
    rest.remove_prefix(1);
  }
}

void parse_tasks(const std::string& text, const StoredResults& results, StoreSelection& selection) {
  selection.each_task = text == "each";
  selection.tasks = {""};
  if (text == "all" || text == "each") return;
  Texts known = results.tasks();
  selection.tasks.clear();
  for (const std::string& part : split(text, '|')) {
    const std::string name(trim(part));
    if (!index_of(known, name)) {
      known.insert(known.begin(), {"all", "each"});
      unknown("task", name, known);
    }
    selection.tasks.push_back(name);
  }
}

std::vector<StoreColumn> all_columns(const SweepIdentity& identity) {
  using Kind = StoreColumn::Kind;
  std::vector<StoreColumn> columns = {{Kind::cell, 0, "cell"}};
  for (std::size_t a = 0; a < identity.axes.size(); ++a) columns.push_back({Kind::axis, a, identity.axes[a]});
  columns.insert(columns.end(), {{Kind::task, 0, "task"},
                                 {Kind::released, 0, "released"},
                                 {Kind::completed, 0, "completed"},
                                 {Kind::late, 0, "late"},
                                 {Kind::dropped, 0, "dropped"}});
  for (std::size_t m = 0; m < identity.metrics.size(); ++m) columns.push_back({Kind::metric, m, identity.metrics[m]});
  return columns;
}

std::vector<std::size_t> parse_stored_metrics(const std::string& text, const SweepIdentity& identity) {
  std::vector<std::size_t> metrics;
  for (const std::string& part : split(text, ',')) {
    const auto metric = find_stored_metric(identity, trim(part));
    if (!metric) unknown("metric of this sweep:", trim(part), metric_ids(identity));
    if (std::find(metrics.begin(), metrics.end(), *metric) != metrics.end()) {
      throw InputError("'" + std::string(trim(part)) + "' is given twice");
    }
    metrics.push_back(*metric);
  }
  return metrics;
}

std::vector<StoreColumn> parse_columns(const std::string& text, const SweepIdentity& identity) {
  std::vector<StoreColumn> columns;
  for (const std::string& part : split(text, ',')) {
    StoreColumn column = find_column(trim(part), identity);
    for (const StoreColumn& other : columns) {
      if (other.name == column.name) throw InputError("'" + column.name + "' is given twice");
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

PivotSpec parse_pivot(const std::string& text, const SweepIdentity& identity) {
  const Texts known = {"rows", "columns", "value"};
  PivotSpec spec;
  Texts given;
  for (const std::string& part : split(text, ':')) {
    const std::size_t equals = part.find('=');
    const std::string key(trim(part.substr(0, equals)));
    if (equals == std::string::npos) {
      throw InputError("expected rows=AXES:columns=AXES:value=METRIC, e.g. rows=load:columns=policy, got '" + part +
                       "'");
    }
    if (!index_of(known, key)) unknown("part", key, known);
    if (index_of(given, key)) throw InputError("'" + key + "' is given twice");
    given.push_back(key);
    const std::string value(trim(part.substr(equals + 1)));
    if (key == "value") {
      const auto metric = find_stored_metric(identity, value);
      if (!metric) unknown("metric of this sweep:", value, metric_ids(identity));
      spec.metric = *metric;
    } else {
      (key == "rows" ? spec.rows : spec.columns) = parse_dimensions(value, identity);
    }
  }
  refuse_repetitions(spec, identity);
  return spec;
}

PivotSpec default_pivot(const SweepIdentity& identity) {
  PivotSpec spec;
  for (std::size_t a = 0; a < identity.axes.size(); ++a) {
    if (identity.axes[a] == "policy") {
      spec.columns.push_back(a);
    } else if (identity.axes[a] != "seed" && identity.axis_values[a].size() > 1) {
      spec.rows.push_back(a);
    }
  }
  if (spec.rows.empty()) {
    if (const auto scenario = index_of(identity.axes, "scenario")) spec.rows.push_back(*scenario);
  }
  return spec;
}

} // namespace terastal
