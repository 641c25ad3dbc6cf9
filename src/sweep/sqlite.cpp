#include "sweep/sqlite.hpp"

#include <cstring> // strerror
#include <limits>
#include <new> // bad_alloc
#include <utility>

#include "sweep/store_errors.hpp"
#include "terastal/core/error.hpp"

namespace terastal::sqlite {
namespace {

constexpr int kPatienceMs = 10'000; ///< with other programs that look at the file

/// What the system said, if it said something.
std::string reason(sqlite3* handle, int code) {
  const int error = handle == nullptr ? 0 : sqlite3_system_errno(handle);
  std::string text = sqlite3_errstr(code);
  if (error != 0) text += std::string(": ") + std::strerror(error);
  return text;
}

constexpr const char* kKept = "; what was committed before is kept, and the same command goes on from there";

[[noreturn]] void fail_writing(sqlite3* handle, int code, const std::string& path) {
  switch (code & 0xff) {
  case SQLITE_FULL:
    throw StoreWriteError(path, "the disk is full", std::string(". Make room") + kKept);
  case SQLITE_READONLY:
    throw StoreWriteError(path, "the file or its folder is read-only", "; allow writing or use another file");
  case SQLITE_CANTOPEN:
    throw StoreWriteError(path, reason(handle, code), "; use a file in a folder that can be written");
  default:
    throw StoreWriteError(path, reason(handle, code), kKept);
  }
}

[[noreturn]] void fail_reading(sqlite3* handle, int code, const std::string& path) {
  switch (code & 0xff) {
  case SQLITE_READONLY:
  case SQLITE_CANTOPEN:
    bad_store(path, "cannot be read: " + reason(handle, code) +
                        "; if a sweep that was killed left it, copy it with the files that start with its name to a"
                        " folder that can be written");
  default:
    bad_store(path, "cannot be read: " + reason(handle, code));
  }
}

} // namespace

void fail(sqlite3* handle, int code, const std::string& path, bool writing) {
  switch (code & 0xff) {
  case SQLITE_NOMEM:
    throw std::bad_alloc();
  case SQLITE_NOTADB:
    bad_store(path, "is not a results store (not an SQLite file)");
  case SQLITE_CORRUPT:
    corrupt_store(path, sqlite3_errstr(code));
  case SQLITE_ERROR: // what is asked does not vary: the tables are not what they were
    corrupt_store(path, handle == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle));
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
    throw Error("'" + path + "' is locked by another program; end it and start again");
  default:
    break;
  }
  if (writing) fail_writing(handle, code, path);
  fail_reading(handle, code, path);
}

Database::Database(std::string path, Access access) : path_(std::move(path)), access_(access) {
  // Readers, too, may have to roll back what a killed writer left half done; where they may not write, SQLite opens the
  // file for reading.
  const int flags = SQLITE_OPEN_READWRITE | (access == Access::write ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path_.c_str(), &handle_, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  try {
    if (code != SQLITE_OK) fail(handle_ == nullptr ? code : sqlite3_extended_errcode(handle_));
    // SQLite opens what it cannot write for reading.
    if (access == Access::write && sqlite3_db_readonly(handle_, "main") == 1) fail(SQLITE_READONLY);
    sqlite3_extended_result_codes(handle_, 1);
    sqlite3_busy_timeout(handle_, kPatienceMs);
    if (access == Access::read) sqlite3_exec(handle_, "PRAGMA query_only = ON", nullptr, nullptr, nullptr);
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

void Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::uint64_t Database::number(const std::string& sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.number(0) : 0;
}

std::string Database::text(const std::string& sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.text(0) : "";
}

Statement::Statement(Database& database, const std::string& sql) : database_(&database) {
  check(sqlite3_prepare_v2(database.handle(), sql.c_str(), static_cast<int>(sql.size()), &handle_, nullptr));
}

void Statement::check(int code) {
  if (code != SQLITE_OK) database_->fail(code);
}

void Statement::bind(int parameter, std::string_view text) {
  const char* start = text.data() == nullptr ? "" : text.data(); // a null pointer would bind NULL
  check(sqlite3_bind_text64(handle_, parameter, start, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind(int parameter, std::uint64_t number) {
  if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    throw Error("cannot write '" + database_->path() + "': " + std::to_string(number) + " is above 2^63 - 1");
  }
  check(sqlite3_bind_int64(handle_, parameter, static_cast<sqlite3_int64>(number)));
}

void Statement::bind(int parameter, std::optional<double> number) {
  check(number ? sqlite3_bind_double(handle_, parameter, *number) : sqlite3_bind_null(handle_, parameter));
}

bool Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    sqlite3_reset(handle_);
    database_->fail(code);
  }
  return false;
}

void Statement::run() {
  while (step()) {
  }
  check(sqlite3_reset(handle_));
}

std::string Statement::text(int column) const {
  const auto* start = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
  if (start == nullptr) return {};
  return {start, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

std::uint64_t Statement::number(int column) const {
  return static_cast<std::uint64_t>(sqlite3_column_int64(handle_, column));
}

std::optional<double> Statement::real(int column) const {
  if (sqlite3_column_type(handle_, column) == SQLITE_NULL) return std::nullopt;
  return sqlite3_column_double(handle_, column);
}

Transaction::~Transaction() {
  // An error may have ended it already. One of the rollback itself changes nothing: the file is as before.
  if (database_->in_transaction()) sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

std::string identifier(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

} // namespace terastal::sqlite
