#include "terastal/sweep/query.hpp"

#include <algorithm> // find

#include "sweep/store_scan.hpp"

namespace terastal {
namespace {

/// Which texts each axis' value may be; empty: any.
using AllowedTexts = std::vector<std::vector<std::string>>;

AllowedTexts allowed_texts(const StoreSelection& selection, const SweepIdentity& identity) {
  AllowedTexts allowed(identity.axes.size());
  for (const auto& condition : selection.where) {
    for (const std::size_t v : condition.values) {
      allowed[condition.axis].push_back(identity.axis_values[condition.axis][v]);
    }
  }
  return allowed;
}

bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool matches(const std::vector<std::string>& values, const AllowedTexts& allowed) {
  for (std::size_t a = 0; a < allowed.size(); ++a) {
    if (!allowed[a].empty() && !contains(allowed[a], values[a])) return false;
  }
  return true;
}

bool wanted(const CellRow& row, const StoreSelection& selection) {
  return selection.each_task ? !row.task.empty() : contains(selection.tasks, row.task);
}

} // namespace

class StoredResults::Impl {
 public:
  explicit Impl(const std::string& path) : reader(path) {}
  StoreReader reader;
};

StoredResults::StoredResults(const std::string& path) : impl_(std::make_unique<Impl>(path)) {}
StoredResults::~StoredResults() = default;

const std::string& StoredResults::path() const { return impl_->reader.database().path(); }
const SweepIdentity& StoredResults::identity() const { return impl_->reader.identity(); }

StoreCounts StoredResults::counts() const {
  auto& database = impl_->reader.database();
  StoreCounts counts;
  counts.done = database.number("SELECT count(*) FROM cells WHERE status = 'done'");
  counts.failed = database.number("SELECT count(*) FROM cells WHERE status = 'failed'");
  const std::uint64_t held = counts.done + counts.failed;
  counts.missing = identity().cells > held ? identity().cells - held : 0;
  sqlite::Statement wall(database, "SELECT sum(wall_s) FROM progress");
  if (wall.step()) counts.wall_s = wall.real(0).value_or(0.0);
  return counts;
}

std::string StoredResults::digest() const { return digest_of(impl_->reader); }

std::vector<std::string> StoredResults::tasks() const {
  std::vector<std::string> names;
  sqlite::Statement statement(impl_->reader.database(),
                              "SELECT DISTINCT task FROM results WHERE task <> '' ORDER BY task");
  while (statement.step()) names.push_back(statement.text(0));
  return names;
}

std::vector<StoredFailure> StoredResults::failed(const StoreSelection& selection) const {
  const AllowedTexts allowed = allowed_texts(selection, identity());
  std::vector<StoredFailure> failed;
  StoreScan scan = impl_->reader.scan();
  while (scan.next()) {
    const StoredCell& cell = scan.cell();
    if (cell.result.failed() && matches(cell.values, allowed)) {
      failed.push_back({cell.result.cell, cell.values, cell.result.error});
    }
  }
  return failed;
}

void StoredResults::for_each(const StoreSelection& selection, const std::function<void(const StoreRow&)>& use) const {
  const AllowedTexts allowed = allowed_texts(selection, identity());
  StoreScan scan = impl_->reader.scan();
  while (scan.next()) {
    const StoredCell& cell = scan.cell();
    if (!matches(cell.values, allowed)) continue;
    for (const CellRow& row : cell.result.rows) {
      if (wanted(row, selection)) use({cell.result, cell.values, row});
    }
  }
}

} // namespace terastal
