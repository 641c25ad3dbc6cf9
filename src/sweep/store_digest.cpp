#include "sweep/canonical.hpp"
#include "sweep/store_identity.hpp"
#include "sweep/store_scan.hpp"

namespace terastal {
namespace {

void add_row(CanonicalDigest& digest, const CellRow& row) {
  digest.add(row.task);
  for (const std::uint64_t count : {row.released, row.completed, row.late, row.dropped}) digest.add(count);
  for (const auto& value : row.values) digest.add(value);
}

void add_cell(CanonicalDigest& digest, const StoredCell& cell) {
  const CellResult& result = cell.result;
  digest.add(result.cell);
  // Not the error's text: it may name files, which lie elsewhere on another machine.
  digest.add(std::string_view(result.failed() ? "failed" : "done"));
  digest.add(result.digest);
  for (const std::string& value : cell.values) digest.add(value);
  digest.add(std::uint64_t{result.rows.size()});
  for (const CellRow& row : result.rows) add_row(digest, row);
}

} // namespace

std::string digest_of(StoreReader& reader) {
  CanonicalDigest digest;
  add_conditions(digest, reader.identity());
  StoreScan scan = reader.scan();
  while (scan.next()) add_cell(digest, scan.cell());
  return digest.hex();
}

std::string store_digest(const std::string& path) {
  StoreReader reader(path);
  return digest_of(reader);
}

} // namespace terastal
