#pragma once

#include "sweep/sqlite.hpp"
#include "sweep/store_scan.hpp"

namespace terastal {

/// A cell as a store keeps it: rows by task, numbers that SQLite gives back unchanged, nothing but the error when it
/// failed. \throws Error when texts or numbers are not as many as the identity has axes and metrics.
[[nodiscard]] StoredCell normal_form(const std::vector<std::string>& values, const CellResult& result,
                                     const SweepIdentity& identity);

/// Inserts cells into the tables of a store.
class CellWriter {
 public:
  CellWriter(sqlite::Database& database, const SweepIdentity& identity);

  /// `cell` in normal form. \throws Error when it is there already.
  void add(const StoredCell& cell);

 private:
  sqlite::Statement cell_;
  sqlite::Statement row_;
};

} // namespace terastal
