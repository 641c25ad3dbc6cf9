#include "terastal/report/query_report.hpp"

#include "report/csv.hpp"
#include "report/numbers.hpp"
#include "report/query_formats.hpp"
#include "report/text_table.hpp"

namespace terastal {
namespace {

using What = QueryReport::What;
using Kind = StoreColumn::Kind;

/// Calls `use(text)`, `use(integer)` or `use(optional number)` with what stands in a column.
template <typename Use>
void with_value(const StoreColumn& column, const StoreRow& row, Use&& use) {
  switch (column.kind) {
  case Kind::cell:
    return use(row.cell.cell);
  case Kind::digest:
    return use(hex(row.cell.digest));
  case Kind::axis:
    return use(row.values[column.index]);
  case Kind::task:
    return use(row.row.task);
  case Kind::released:
    return use(row.row.released);
  case Kind::completed:
    return use(row.row.completed);
  case Kind::late:
    return use(row.row.late);
  case Kind::dropped:
    return use(row.row.dropped);
  case Kind::metric:
    return use(row.row.values[column.index]);
  }
}

Json json_of(const std::string& text) { return text; }
Json json_of(std::uint64_t number) { return number; }
Json json_of(const std::optional<double>& number) { return number ? Json(*number) : Json(); }

Cell cell_of(const std::string& text) { return {text}; }
Cell cell_of(std::uint64_t number) { return {std::to_string(number)}; }
Cell cell_of(const std::optional<double>& number) { return {number ? short_number(*number) : "-"}; }

Json json_row(const std::vector<StoreColumn>& columns, const std::vector<bool>& numeric, const StoreRow& row) {
  Json entry = Json::object();
  for (const StoreColumn& column : columns) {
    if (column.kind == Kind::axis) {
      entry[column.name] = json_value(row.values[column.index], numeric[column.index]);
    } else {
      with_value(column, row, [&](const auto& value) { entry[column.name] = json_of(value); });
    }
  }
  return entry;
}

/// Numbers stand on the right.
bool is_text(const StoreColumn& column, const std::vector<bool>& numeric) {
  return column.kind == Kind::task || (column.kind == Kind::axis && !numeric[column.index]);
}

void write_rows(std::ostream& out, const QueryReport& report, Format format, bool color) {
  const auto columns = report.columns.empty() ? all_columns(report.results->identity()) : report.columns;
  const auto numeric = numeric_dimensions(report.results->identity());
  const auto each = [&](const auto& use) {
    bool any = false;
    report.results->for_each(report.selection, [&](const StoreRow& row) { use(row), any = true; });
    if (!any) warn(report, nothing_selected(report));
    return any;
  };
  if (format == Format::jsonl) {
    each([&](const StoreRow& row) { write_json_line(out, json_row(columns, numeric, row)); });
    return;
  }
  if (format == Format::json) {
    Json document = json_head("query");
    document["sweep"] = json_info(report);
    document["selection"] = json_selection(report);
    Json& rows = document["rows"] = Json::array();
    each([&](const StoreRow& row) { rows.push_back(json_row(columns, numeric, row)); });
    return write_json(out, document);
  }
  if (format == Format::csv) {
    CsvRow header;
    for (const StoreColumn& column : columns) header.add(column.name);
    out << header;
    each([&](const StoreRow& row) {
      CsvRow line;
      for (const StoreColumn& column : columns) {
        with_value(column, row, [&](const auto& value) { line.add(value); });
      }
      out << line;
    });
    return;
  }
  std::vector<TextTable::Column> heads;
  for (const StoreColumn& column : columns) heads.push_back({column.name, is_text(column, numeric)});
  TextTable table(heads);
  const bool any = each([&](const StoreRow& row) {
    std::vector<Cell> cells;
    for (const StoreColumn& column : columns) {
      with_value(column, row, [&](const auto& value) { cells.push_back(cell_of(value)); });
    }
    table.add(std::move(cells));
  });
  if (!any) {
    out << "  " << nothing_selected(report) << '\n';
  } else {
    table.write(out, color);
  }
}

void write_failed(std::ostream& out, const QueryReport& report, Format format, bool color) {
  const auto& axes = report.results->identity().axes;
  const auto numeric = numeric_dimensions(report.results->identity());
  const auto failed = report.results->failed(report.selection);
  std::vector<TextTable::Column> heads{{"cell"}};
  CsvRow header;
  header.add("cell");
  for (const std::string& axis : axes) {
    heads.push_back({axis});
    header.add(axis);
  }
  heads.push_back({"error", true});
  header.add("error");
  TextTable table(heads);
  Json document = json_head("query");
  if (format == Format::json) document["sweep"] = json_info(report);
  document["selection"] = json_selection(report);
  Json& entries = document["failed"] = Json::array();
  if (format == Format::csv) out << header;
  for (const StoredFailure& cell : failed) {
    CsvRow line;
    std::vector<Cell> cells{{std::to_string(cell.cell)}};
    Json entry = {{"cell", cell.cell}};
    line.add(cell.cell);
    for (std::size_t a = 0; a < axes.size(); ++a) {
      line.add(cell.values[a]);
      cells.push_back({cell.values[a]});
      entry[axes[a]] = json_value(cell.values[a], numeric[a]);
    }
    line.add(cell.error);
    cells.push_back({cell.error.substr(0, cell.error.find('\n'))});
    entry["error"] = cell.error;
    table.add(std::move(cells));
    entries.push_back(entry);
    if (format == Format::csv) out << line;
    if (format == Format::jsonl) write_json_line(out, entry);
  }
  if (format == Format::json) write_json(out, document);
  if (format != Format::table) return;
  if (failed.empty())
    out << (report.selection.where.empty() ? "No cell failed.\n" : "No cell that --where chooses failed.\n");
  else
    table.write(out, color);
}

void write_info(std::ostream& out, const QueryReport& report, Format format, bool color) {
  if (format == Format::csv) return write_query_info_csv(out, report);
  if (format == Format::table) return write_query_info(out, report, color);
  Json document = json_head("query");
  document["sweep"] = json_info(report);
  format == Format::json ? write_json(out, document) : write_json_line(out, document);
}

void write_digest(std::ostream& out, const QueryReport& report, Format format) {
  const std::string digest = report.results->digest();
  Json document = json_head("query");
  document["digest"] = digest;
  if (format == Format::json) return write_json(out, document);
  if (format == Format::jsonl) return write_json_line(out, document);
  if (format == Format::csv) out << "digest\n";
  out << digest << '\n';
}

void write_pivot(std::ostream& out, const QueryReport& report, Format format, bool color) {
  if (format == Format::json) return write_json(out, json_query(report));
  if (format == Format::table) return write_query_pivot(out, report, color);
  write_query_groups(out, report, format);
}

/// The pivot stands below what the store holds; lines hold one kind of thing, the results.
void write_summary(std::ostream& out, const QueryReport& report, Format format, bool color) {
  if (format == Format::json) return write_json(out, json_query(report));
  if (format != Format::table) return write_rows(out, report, format, color);
  write_query_info(out, report, color);
  write_query_pivot(out, report, color);
}

} // namespace

void write(std::ostream& out, const QueryReport& report, Format format, bool color) {
  switch (report.what) {
  case What::summary:
    return write_summary(out, report, format, color);
  case What::info:
    return write_info(out, report, format, color);
  case What::digest:
    return write_digest(out, report, format);
  case What::rows:
    return write_rows(out, report, format, color);
  case What::pivot:
    return write_pivot(out, report, format, color);
  case What::differences:
    return write_query_differences(out, report, format, color);
  case What::failed:
    return write_failed(out, report, format, color);
  }
}

} // namespace terastal
