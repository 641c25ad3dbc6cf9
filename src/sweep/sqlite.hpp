#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sqlite3.h>

namespace terastal::sqlite {

/// Throws what a result code means, with what to do: InputError for a file that is no good, std::bad_alloc, else Error.
/// `writing`: the file was opened to be written.
[[noreturn]] void fail(sqlite3* handle, int code, const std::string& path, bool writing);

class Database;

/// A compiled statement. Parameters and columns count from 1 and 0, as SQLite's.
class Statement {
 public:
  Statement(Database& database, const std::string& sql);
  ~Statement() { sqlite3_finalize(handle_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  /// The text must stay until the next step.
  void bind(int parameter, std::string_view text);
  /// \throws Error for a number that SQLite cannot hold.
  void bind(int parameter, std::uint64_t number);
  void bind(int parameter, std::optional<double> number);

  /// Goes to the next row. \returns whether there is one.
  bool step();
  /// Runs a statement without rows, which can then be run again.
  void run();

  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::uint64_t number(int column) const;
  [[nodiscard]] std::optional<double> real(int column) const;

 private:
  void check(int code);

  Database* database_;
  sqlite3_stmt* handle_ = nullptr;
};

/// A connection to a file.
class Database {
 public:
  enum class Access : std::uint8_t { read, write };

  /// For writing: the file is made when it is not there.
  Database(std::string path, Access access);
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void execute(const std::string& sql);
  /// The first column of the only row.
  [[nodiscard]] std::uint64_t number(const std::string& sql);
  [[nodiscard]] std::string text(const std::string& sql);
  /// Rows that the last statement changed.
  [[nodiscard]] std::uint64_t changes() const { return static_cast<std::uint64_t>(sqlite3_changes64(handle_)); }
  [[nodiscard]] bool in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] sqlite3* handle() const { return handle_; }
  [[noreturn]] void fail(int code) const { sqlite::fail(handle_, code, path_, access_ == Access::write); }

 private:
  std::string path_;
  Access access_;
  sqlite3* handle_ = nullptr;
};

/// Changes that are made together or not at all: without `commit` they are undone. For readers, one state of the file.
class Transaction {
 public:
  explicit Transaction(Database& database) : database_(&database) { database.execute("BEGIN"); }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit() { database_->execute("COMMIT"); }

 private:
  Database* database_;
};

/// A name in quotes, whatever is in it.
[[nodiscard]] std::string identifier(std::string_view name);

} // namespace terastal::sqlite
