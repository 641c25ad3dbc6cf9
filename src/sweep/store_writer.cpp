#include "sweep/store_writer.hpp"

#include <algorithm> // sort
#include <cmath>     // isnan

#include <fmt/format.h>

#include "terastal/core/error.hpp"

namespace terastal {
namespace {

std::string insert(const char* table, std::size_t columns) {
  std::string text = fmt::format("INSERT INTO {} VALUES(?", table);
  for (std::size_t i = 1; i < columns; ++i) text += ", ?";
  return text + ")";
}

void normalise(std::optional<double>& value) {
  if (!value) return;
  if (std::isnan(*value))
    value.reset(); // SQLite has none
  else
    *value += 0.0; // nor a negative zero
}

} // namespace

StoredCell normal_form(const std::vector<std::string>& values, const CellResult& result,
                       const SweepIdentity& identity) {
  if (values.size() != identity.axes.size()) {
    throw Error(fmt::format("cell {}: {} values for {} axes", result.cell, values.size(), identity.axes.size()));
  }
  StoredCell stored{result, values};
  CellResult& kept = stored.result;
  if (kept.failed()) {
    kept.digest = 0;
    kept.rows.clear();
  }
  std::sort(kept.rows.begin(), kept.rows.end(), [](const CellRow& a, const CellRow& b) { return a.task < b.task; });
  for (CellRow& row : kept.rows) {
    if (row.values.size() != identity.metrics.size()) {
      throw Error(
          fmt::format("cell {}: {} values for {} metrics", result.cell, row.values.size(), identity.metrics.size()));
    }
    for (auto& value : row.values) normalise(value);
  }
  return stored;
}

CellWriter::CellWriter(sqlite::Database& database, const SweepIdentity& identity)
    : cell_(database, insert("cells", 5 + identity.axes.size())),
      row_(database, insert("results", 6 + identity.metrics.size())) {}

void CellWriter::add(const StoredCell& cell) {
  const CellResult& result = cell.result;
  const std::string digest = fmt::format("{:016x}", result.digest);
  const std::string check = checksum(cell);
  cell_.bind(1, result.cell);
  cell_.bind(2, result.failed() ? "failed" : "done");
  cell_.bind(3, digest);
  cell_.bind(4, result.error);
  cell_.bind(5, check);
  int parameter = 6;
  for (const std::string& value : cell.values) cell_.bind(parameter++, value);
  cell_.run();
  for (const CellRow& row : result.rows) {
    row_.bind(1, result.cell);
    row_.bind(2, row.task);
    row_.bind(3, row.released);
    row_.bind(4, row.completed);
    row_.bind(5, row.late);
    row_.bind(6, row.dropped);
    parameter = 7;
    for (const auto& value : row.values) row_.bind(parameter++, value);
    row_.run();
  }
}

} // namespace terastal
