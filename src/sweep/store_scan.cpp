#include "sweep/store_scan.hpp"

#include <bit> // bit_cast
#include <charconv>
#include <filesystem>

#include <fmt/format.h>

#include "sweep/store_errors.hpp"
#include "sweep/store_schema.hpp"
#include "terastal/core/digest.hpp"

namespace terastal {
namespace {

constexpr int kFixedCellColumns = 5;
constexpr int kFixedRowColumns = 6;

void add(Digest& digest, std::string_view text) {
  digest.add(text.size());
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    word = word << 8 | static_cast<unsigned char>(text[i]);
    if (i % 8 == 7) digest.add(word);
  }
  digest.add(word);
}

std::string select(const char* fixed, const std::vector<std::string>& names, const char* rest) {
  std::string text = std::string("SELECT ") + fixed;
  for (const std::string& name : names) text += ", " + sqlite::identifier(name);
  return text + rest;
}

/// A path that can be read, or an error that says why not better than SQLite does.
const std::string& readable(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) bad_store(path, "there is no such file");
  if (!error && status.type() != std::filesystem::file_type::regular) bad_store(path, "is not a file");
  return path;
}

} // namespace

std::string checksum(const StoredCell& cell) {
  Digest digest;
  digest.add(cell.result.cell);
  digest.add(cell.result.digest);
  add(digest, cell.result.error);
  digest.add(cell.values.size());
  for (const std::string& value : cell.values) add(digest, value);
  digest.add(cell.result.rows.size());
  for (const CellRow& row : cell.result.rows) {
    add(digest, row.task);
    for (const std::uint64_t count : {row.released, row.completed, row.late, row.dropped}) digest.add(count);
    for (const auto& value : row.values) {
      digest.add(value ? 1 : 0);
      digest.add(value ? std::bit_cast<std::uint64_t>(*value) : 0);
    }
  }
  return fmt::format("{:016x}", digest.value());
}

StoreScan::StoreScan(sqlite::Database& database, const SweepIdentity& identity)
    : database_(&database), axes_(identity.axes.size()), metrics_(identity.metrics.size()),
      cells_(database, select("cell, status, digest, error, checksum", identity.axes, " FROM cells ORDER BY cell")),
      rows_(database, select("cell, task, released, completed, late, dropped", identity.metrics,
                             " FROM results ORDER BY cell, task")) {
  next_row();
}

bool StoreScan::next() {
  if (!cells_.step()) {
    if (has_row_)
      corrupt_store(database_->path(), fmt::format("results of a cell {} that is not there", rows_.number(0)));
    return false;
  }
  read_cell();
  read_rows();
  if (checksum(cell_) != checksum_) {
    corrupt_store(database_->path(), fmt::format("cell {} does not fit its checksum", cell_.result.cell));
  }
  return true;
}

void StoreScan::read_cell() {
  CellResult& result = cell_.result;
  result.cell = cells_.number(0);
  result.error = cells_.text(3);
  checksum_ = cells_.text(4);
  const std::string digest = cells_.text(2);
  result.digest = 0;
  std::from_chars(digest.data(), digest.data() + digest.size(), result.digest, 16);
  cell_.values.clear();
  for (std::size_t a = 0; a < axes_; ++a) {
    cell_.values.push_back(cells_.text(kFixedCellColumns + static_cast<int>(a)));
  }
  if ((cells_.text(1) == "failed") != result.failed()) {
    corrupt_store(database_->path(), fmt::format("cell {} has the wrong status", result.cell));
  }
}

void StoreScan::read_rows() {
  auto& rows = cell_.result.rows;
  rows.clear();
  for (; has_row_ && rows_.number(0) == cell_.result.cell; next_row()) {
    CellRow& row = rows.emplace_back();
    row.task = rows_.text(1);
    row.released = rows_.number(2);
    row.completed = rows_.number(3);
    row.late = rows_.number(4);
    row.dropped = rows_.number(5);
    for (std::size_t m = 0; m < metrics_; ++m) row.values.push_back(rows_.real(kFixedRowColumns + static_cast<int>(m)));
  }
}

StoreReader::StoreReader(const std::string& path)
    : database_(readable(path), sqlite::Database::Access::read), transaction_(database_),
      identity_((check_store(database_), read_identity(database_))) {}

} // namespace terastal
