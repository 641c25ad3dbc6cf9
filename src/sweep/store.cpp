#include "terastal/sweep/store.hpp"

#include <algorithm> // remove_if
#include <chrono>
#include <filesystem>
#include <functional> // not_fn
#include <optional>

#include "sweep/sqlite.hpp"
#include "sweep/store_errors.hpp"
#include "sweep/store_identity.hpp"
#include "sweep/store_lock.hpp"
#include "sweep/store_scan.hpp"
#include "sweep/store_schema.hpp"
#include "sweep/store_writer.hpp"

namespace terastal {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kBatchCells = 256;
constexpr std::chrono::seconds kBatchTime{1};
/// Flushing to the disk takes milliseconds, in which nothing can be added: not more often than that.
constexpr std::chrono::milliseconds kBatchPause{200};

/// \throws Error when no file can be there.
const std::string& writable(const std::string& path) {
  std::error_code ignored;
  if (path.empty()) throw Error("cannot write results: the name of their file is empty");
  if (path.front() == ':' || path.starts_with("file:")) {
    throw Error("cannot write '" + path + "': SQLite does not take that for a file; use './" + path + "'");
  }
  const fs::path folder = fs::path(path).parent_path();
  if (!folder.empty() && !fs::is_directory(folder, ignored)) {
    throw Error("cannot write '" + path + "': '" + folder.string() + "' is not a folder; make it first");
  }
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
    throw Error("cannot write '" + path + "': it is not a file; use another name");
  }
  return path;
}

void require_same(const SweepIdentity& there, const SweepIdentity& here, const std::string& path) {
  const std::string found = differences(there, here);
  if (found.empty()) return;
  SweepIdentity of_here = there;
  of_here.version = here.version;
  const bool only_version = differences(of_here, here).empty();
  bad_store(path, std::string("holds the results of another ") +
                      (only_version ? "version of the program: " : "sweep: ") + found +
                      ". Write to another file, or delete this one");
}

/// `where`: a condition, or nothing.
std::vector<CellIndex> cells_of(sqlite::Database& database, const std::string& where) {
  std::vector<CellIndex> cells;
  sqlite::Statement statement(database, "SELECT cell FROM cells" + where + " ORDER BY cell");
  while (statement.step()) cells.push_back(statement.number(0));
  return cells;
}

} // namespace

class ResultStore::Impl {
 public:
  Impl(const std::string& path, const SweepIdentity& identity);
  ~Impl();

  void add(const std::vector<std::string>& values, const CellResult& result);
  void commit();
  std::size_t forget_failed(const std::function<bool(CellIndex)>& which);
  [[nodiscard]] std::vector<CellIndex> cells();
  [[nodiscard]] std::uint64_t failed();

 private:
  void open_existing();
  void commit_batch();
  void write_progress(double wall_s);
  void give_up();

  SweepIdentity identity_;
  WriterLock lock_;
  sqlite::Database database_;
  std::optional<CellWriter> writer_;
  std::optional<sqlite::Transaction> batch_;
  std::uint64_t batch_cells_ = 0;
  bool broken_ = false; ///< an error came: what was not committed is gone
  Clock::time_point last_commit_ = Clock::now();
};

ResultStore::Impl::Impl(const std::string& path, const SweepIdentity& identity)
    : identity_(identity), lock_((check_columns(identity), writable(path))),
      database_(path, sqlite::Database::Access::write) {
  const bool is_new = is_blank(database_);
  if (!is_new) open_existing();
  // Where the file system has no shared memory, SQLite stays with its older journal, which is as safe.
  (void)database_.text("PRAGMA journal_mode = WAL");
  database_.execute("PRAGMA synchronous = FULL");
  if (is_new) create_store(database_, identity_);
  writer_.emplace(database_, identity_);
}

ResultStore::Impl::~Impl() {
  try {
    commit();
  } catch (const std::exception&) { // said in the header
    give_up();
  }
  writer_.reset(); // no statement may be open for what follows
  // One plain file is left, which can be read from a read-only folder too; not while somebody reads it.
  sqlite3_busy_timeout(database_.handle(), 0);
  sqlite3_exec(database_.handle(), "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
}

void ResultStore::Impl::open_existing() {
  check_store(database_);
  const std::string health = database_.text("PRAGMA quick_check(1)");
  if (health != "ok") corrupt_store(database_.path(), health.substr(health.rfind('\n') + 1)); // after a heading
  require_same(read_identity(database_), identity_, database_.path());
  StoreScan scan(database_, identity_);
  while (scan.next()) {
  }
}

void ResultStore::Impl::give_up() {
  broken_ = true;
  batch_.reset();
  batch_cells_ = 0;
}

void ResultStore::Impl::add(const std::vector<std::string>& values, const CellResult& result) {
  const StoredCell cell = normal_form(values, result, identity_);
  if (broken_) throw Error("'" + database_.path() + "' could not be written before; open it again");
  try {
    if (!batch_) batch_.emplace(database_);
    writer_->add(cell);
    ++batch_cells_;
    const auto since = Clock::now() - last_commit_;
    if (since >= kBatchTime || (batch_cells_ >= kBatchCells && since >= kBatchPause)) commit_batch();
  } catch (...) {
    give_up();
    throw;
  }
}

void ResultStore::Impl::commit() {
  if (!batch_) return;
  try {
    commit_batch();
  } catch (...) {
    give_up();
    throw;
  }
}

void ResultStore::Impl::commit_batch() {
  const auto now = Clock::now();
  write_progress(std::chrono::duration<double>(now - last_commit_).count());
  batch_->commit();
  batch_.reset();
  batch_cells_ = 0;
  last_commit_ = now;
}

void ResultStore::Impl::write_progress(double wall_s) {
  sqlite::Statement progress(database_, "INSERT INTO progress(cells, wall_s) VALUES(?, ?)");
  progress.bind(1, batch_cells_);
  progress.bind(2, std::optional<double>(wall_s));
  progress.run();
}

std::size_t ResultStore::Impl::forget_failed(const std::function<bool(CellIndex)>& which) {
  commit();
  std::vector<CellIndex> failed = cells_of(database_, " WHERE status = 'failed'");
  if (which) failed.erase(std::remove_if(failed.begin(), failed.end(), std::not_fn(which)), failed.end());
  sqlite::Transaction transaction(database_);
  sqlite::Statement forget(database_, "DELETE FROM cells WHERE cell = ?"); // which has no results
  for (const CellIndex cell : failed) {
    forget.bind(1, cell);
    forget.run();
  }
  transaction.commit();
  return failed.size();
}

std::vector<CellIndex> ResultStore::Impl::cells() { return cells_of(database_, ""); }

std::uint64_t ResultStore::Impl::failed() {
  sqlite::Statement statement(database_, "SELECT count(*) FROM cells WHERE status = 'failed'");
  statement.step();
  return statement.number(0);
}

ResultStore::ResultStore(const std::string& path, const SweepIdentity& identity)
    : impl_(std::make_unique<Impl>(path, identity)) {}
ResultStore::~ResultStore() = default;

std::vector<CellIndex> ResultStore::cells() const { return impl_->cells(); }
std::uint64_t ResultStore::failed() const { return impl_->failed(); }
void ResultStore::add(const std::vector<std::string>& values, const CellResult& result) { impl_->add(values, result); }
void ResultStore::commit() { impl_->commit(); }
std::size_t ResultStore::forget_failed(const std::function<bool(CellIndex)>& which) {
  return impl_->forget_failed(which);
}

std::vector<CellIndex> stored_cells(const std::string& path, const SweepIdentity& identity, bool failed_too) {
  std::error_code ignored;
  if (!fs::exists(writable(path), ignored)) return {};
  {
    sqlite::Database database(path, sqlite::Database::Access::read);
    if (is_blank(database)) return {};
  }
  StoreReader reader(path);
  require_same(reader.identity(), identity, path);
  return cells_of(reader.database(), failed_too ? "" : " WHERE status = 'done'");
}

} // namespace terastal
