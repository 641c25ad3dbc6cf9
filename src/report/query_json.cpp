#include <algorithm> // find
#include <iterator>  // begin, end

#include "report/csv.hpp"
#include "report/query_formats.hpp"

namespace terastal {
namespace {

constexpr const char* kGroupColumns[] = {"metric", "cells", "n", "mean", "sd", "ci_low", "ci_high", "lacking"};

/// A group of a pivot: its values on the dimensions, then n, mean, interval. Values are numbers where `typed`.
std::vector<Json> json_groups(const QueryReport& report, const Pivot& pivot, bool typed) {
  const SweepIdentity& identity = report.results->identity();
  std::vector<Json> groups;
  const auto numeric = typed ? numeric_dimensions(identity) : std::vector<bool>(identity.axes.size() + 1, false);
  for (std::size_t r = 0; r < pivot.rows.size(); ++r) {
    for (std::size_t c = 0; c < pivot.columns.size(); ++c) {
      const auto& group = pivot.at[r][c];
      if (!group) continue;
      Json entry = Json::object();
      add_values(entry, identity, pivot.spec.rows, pivot.rows[r], numeric);
      add_values(entry, identity, pivot.spec.columns, pivot.columns[c], numeric);
      const bool interval = group->mean.half_width.has_value();
      entry["metric"] = identity.metrics[pivot.spec.metric];
      entry["cells"] = group->cells;
      entry["n"] = group->mean.n;
      entry["mean"] = group->mean.mean;
      entry["sd"] = json_number(group->deviation);
      entry["ci_low"] = interval ? Json(group->mean.low()) : Json();
      entry["ci_high"] = interval ? Json(group->mean.high()) : Json();
      entry["lacking"] = group->lacking;
      groups.push_back(std::move(entry));
    }
  }
  return groups;
}

/// The groups that lack cells, and values that they have nowhere.
Json json_lacking(const QueryReport& report, const Pivot& pivot) {
  const SweepIdentity& identity = report.results->identity();
  Json result = Json::array();
  const auto numeric = numeric_dimensions(identity);
  const auto values_of = [&](const std::vector<std::size_t>& dimensions, const std::vector<std::string>& values) {
    Json entry = Json::object();
    add_values(entry, identity, dimensions, values, numeric);
    return entry;
  };
  for (std::size_t r = 0; r < pivot.rows.size(); ++r) {
    for (std::size_t c = 0; c < pivot.columns.size(); ++c) {
      const auto& group = pivot.at[r][c];
      if (!group || group->lacking == 0) continue;
      Json lacks = Json::object();
      for (const auto& [axis, values] : group->lacks) {
        const auto found = std::find(identity.axes.begin(), identity.axes.end(), axis);
        const auto dimension = static_cast<std::size_t>(found - identity.axes.begin());
        for (const std::string& value : values) lacks[axis].push_back(json_value(value, numeric[dimension]));
      }
      result.push_back({{"row", values_of(pivot.spec.rows, pivot.rows[r])},
                        {"column", values_of(pivot.spec.columns, pivot.columns[c])},
                        {"cells", group->cells},
                        {"of", pivot.combinations},
                        {"none_of", std::move(lacks)}});
    }
  }
  return result;
}

/// Tells of means that do not compare, or that there are none.
void warn_about(const QueryReport& report, const Pivot& pivot) {
  if (pivot.rows.empty()) warn(report, nothing_selected(report));
  if (pivot.unbalanced()) warn(report, "means over unequal sets of cells do not compare: " + lacking_text(pivot));
}

} // namespace

void write_query_lines(std::ostream& out, const std::vector<std::string>& columns, const std::vector<Json>& entries,
                       Format format) {
  if (format == Format::jsonl) {
    for (const Json& entry : entries) write_json_line(out, entry);
    return;
  }
  CsvRow header;
  for (const std::string& column : columns) header.add(column);
  out << header;
  for (const Json& entry : entries) {
    CsvRow line;
    for (const auto& [name, value] : entry.items()) {
      if (value.is_string())
        line.add(value.get<std::string>());
      else if (value.is_null())
        line.blank();
      else if (value.is_number_float())
        line.add(value.get<double>());
      else
        line.add(value.get<std::uint64_t>());
    }
    out << line;
  }
}

void write_query_groups(std::ostream& out, const QueryReport& report, Format format) {
  const Pivot pivot = make_pivot(*report.results, report.selection, report.pivot);
  const SweepIdentity& identity = report.results->identity();
  std::vector<std::string> columns;
  for (const std::size_t d : pivot.spec.rows) columns.push_back(dimension_name(identity, d));
  for (const std::size_t d : pivot.spec.columns) columns.push_back(dimension_name(identity, d));
  columns.insert(columns.end(), std::begin(kGroupColumns), std::end(kGroupColumns));
  columns.emplace_back("store_digest");
  auto groups = json_groups(report, pivot, format == Format::jsonl);
  const std::string digest = report.results->digest();
  for (Json& group : groups) group["store_digest"] = digest;
  write_query_lines(out, columns, groups, format);
  warn_about(report, pivot);
}

Json json_query(const QueryReport& report) {
  Json document = json_head("query");
  document["sweep"] = json_info(report);
  const Pivot pivot = make_pivot(*report.results, report.selection, report.pivot);
  document["selection"] = json_selection(report);
  document["ci_level"] = kConfidence;
  document["method"] = pivot.over_seeds ? "Student's t over seeds" : "no replications";
  document["averaged"] = pivot.averaged;
  document["unbalanced"] = pivot.unbalanced();
  document["lacking"] = json_lacking(report, pivot);
  document["groups"] = json_groups(report, pivot, true);
  warn_about(report, pivot);
  return document;
}

} // namespace terastal
