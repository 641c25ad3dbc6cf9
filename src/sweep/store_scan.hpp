#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sweep/sqlite.hpp"
#include "terastal/sweep/store.hpp"

namespace terastal {

/// A cell as it stands in a store: rows by the name of their task, all tasks together first.
struct StoredCell {
  CellResult result;
  std::vector<std::string> values; ///< on each axis
};

/// The fingerprint that stands beside every cell: a changed byte of its results does not go unnoticed.
[[nodiscard]] std::string checksum(const StoredCell& cell);

/// Reads all cells in ascending order, in one pass over both tables; memory does not grow with them.
class StoreScan {
 public:
  StoreScan(sqlite::Database& database, const SweepIdentity& identity);

  /// Goes to the next cell. \returns false at the end. \throws InputError when it does not fit its checksum.
  bool next();
  [[nodiscard]] const StoredCell& cell() const { return cell_; }

 private:
  void read_cell();
  void read_rows();
  void next_row() { has_row_ = rows_.step(); }

  sqlite::Database* database_;
  std::size_t axes_;
  std::size_t metrics_;
  sqlite::Statement cells_;
  sqlite::Statement rows_;
  bool has_row_ = false;
  std::string checksum_;
  StoredCell cell_;
};

/// A store that is only read: one state of it, also while a sweep adds to it.
class StoreReader {
 public:
  /// \throws InputError unless it is a store that this program can read.
  explicit StoreReader(const std::string& path);

  [[nodiscard]] const SweepIdentity& identity() const { return identity_; }
  [[nodiscard]] sqlite::Database& database() { return database_; }
  [[nodiscard]] StoreScan scan() { return {database_, identity_}; }

 private:
  sqlite::Database database_;
  sqlite::Transaction transaction_;
  SweepIdentity identity_;
};

/// `store_digest` of the state that is read.
[[nodiscard]] std::string digest_of(StoreReader& reader);

} // namespace terastal
