#include <algorithm> // find_if, min
#include <cerrno>
#include <cstdio>  // rename
#include <cstring> // strerror
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <fcntl.h> // open
#include <fmt/format.h>
#include <unistd.h> // close, getpid, link, unlink

#include "sweep/store_errors.hpp"
#include "sweep/store_identity.hpp"
#include "sweep/store_scan.hpp"
#include "terastal/sweep/store.hpp"

namespace terastal {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

/// Stores that are open at a time: a process may have 256 files open on some systems, and a store may need three.
constexpr std::size_t kTogether = 64;

constexpr const char* kJournals[] = {"-wal", "-shm", "-journal"};

/// A new file beside the target, under a name that nobody has: also when a merge that was killed left one, perhaps with
/// the same process number. It goes away again unless it gets the target's name.
class NewFile {
 public:
  explicit NewFile(std::string target) : target_(std::move(target)) {
    const std::string stem = target_ + ".part" + std::to_string(::getpid());
    temporary_ = stem;
    int descriptor = -1;
    for (int i = 1; (descriptor = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) < 0; ++i) {
      if (errno != EEXIST) throw StoreWriteError(temporary_, std::strerror(errno), "");
      temporary_ = stem + '-' + std::to_string(i);
    }
    ::close(descriptor);
    remove_journals(); // of a file that is gone: SQLite would take them for this one's
  }
  ~NewFile() {
    ::unlink(temporary_.c_str());
    remove_journals();
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  [[nodiscard]] const std::string& path() const { return temporary_; }

  /// Unlike renaming, fails when the name was taken meanwhile.
  void keep() {
    if (::link(temporary_.c_str(), target_.c_str()) == 0) return;
    // Some file systems have no links.
    if (errno != EEXIST && std::rename(temporary_.c_str(), target_.c_str()) == 0) return;
    throw Error("cannot write '" + target_ + "': " + std::strerror(errno));
  }

 private:
  void remove_journals() {
    for (const char* suffix : kJournals) ::unlink((temporary_ + suffix).c_str());
  }

  std::string target_;
  std::string temporary_;
};

/// Stores that are one already.
struct Part {
  std::string path;
  Names origins;                 ///< the stores that the user named
  std::unique_ptr<NewFile> file; ///< where they were joined; null for a store of the user's
};

/// A part that is read cell by cell.
struct Source {
  explicit Source(const Part& of) : part(of), reader(of.path), scan(reader.scan()), more(scan.next()) {}

  /// The store of the user's that a cell comes from.
  [[nodiscard]] std::string origin(CellIndex cell) const {
    for (const std::string& name : part.origins) {
      if (part.origins.size() == 1) return name;
      StoreReader store(name);
      sqlite::Statement held(store.database(), "SELECT 1 FROM cells WHERE cell = ? AND status = 'done'");
      held.bind(1, cell);
      if (held.step()) return name;
    }
    return part.path;
  }

  const Part& part;
  StoreReader reader;
  StoreScan scan;
  bool more;
};

using Sources = std::vector<std::unique_ptr<Source>>;

/// Looks at all stores, one after the other. \returns what they have in common.
SweepIdentity check_all(const Names& inputs) {
  std::optional<SweepIdentity> first;
  std::string first_name;
  std::vector<Diagnostic> problems;
  for (const std::string& input : inputs) {
    try {
      StoreReader reader(input);
      const std::string found = first ? differences(reader.identity(), *first) : "";
      if (!found.empty()) {
        bad_store(input, fmt::format("belongs to another sweep than '{}' (here): {}", first_name, found));
      }
      if (first) continue;
      first = reader.identity();
      first_name = input;
    } catch (const InputError& e) {
      problems.insert(problems.end(), e.diagnostics().begin(), e.diagnostics().end());
    }
  }
  if (!problems.empty()) throw InputError(std::move(problems));
  return *std::move(first);
}

/// The next cell of all sources, once; nothing at the end.
std::optional<StoredCell> next_cell(const Sources& sources) {
  const Source* chosen = nullptr;
  for (const auto& source : sources) {
    if (!source->more) continue;
    const CellResult& result = source->scan.cell().result;
    if (chosen == nullptr || result.cell < chosen->scan.cell().result.cell) {
      chosen = source.get();
    } else if (result.cell == chosen->scan.cell().result.cell && chosen->scan.cell().result.failed()) {
      chosen = source.get(); // another try
    }
  }
  if (chosen == nullptr) return std::nullopt;
  StoredCell cell = chosen->scan.cell();
  for (const auto& source : sources) {
    if (!source->more || source->scan.cell().result.cell != cell.result.cell) continue;
    const StoredCell& other = source->scan.cell();
    if (!other.result.failed() && (!(other.result == cell.result) || other.values != cell.values)) {
      const CellIndex number = cell.result.cell;
      bad_store(source->origin(number),
                fmt::format("cell {} ({}) differs from that of '{}': the same cell of the same sweep must "
                            "give the same results; run both again with one program",
                            number, fmt::join(cell.values, ", "), chosen->origin(number)));
    }
    source->more = source->scan.next();
  }
  return cell;
}

/// Joins a few parts into a blank file. \returns what is in it then.
MergeSummary join_into(const std::string& path, const SweepIdentity& identity, const Part* parts, std::size_t count) {
  Sources sources;
  for (std::size_t i = 0; i < count; ++i) sources.push_back(std::make_unique<Source>(parts[i]));
  MergeSummary summary;
  ResultStore joined(path, identity);
  while (const auto cell = next_cell(sources)) {
    joined.add(cell->values, cell->result);
    ++(cell->result.failed() ? summary.failed : summary.done);
  }
  joined.commit();
  const std::uint64_t held = summary.done + summary.failed;
  summary.missing = identity.cells > held ? identity.cells - held : 0;
  return summary;
}

/// Joins each few into one.
std::vector<Part> fewer(const std::vector<Part>& parts, const std::string& output, const SweepIdentity& identity) {
  std::vector<Part> joined;
  for (std::size_t i = 0; i < parts.size(); i += kTogether) {
    const std::size_t count = std::min(kTogether, parts.size() - i);
    Part part{{}, {}, std::make_unique<NewFile>(output)};
    part.path = part.file->path();
    for (std::size_t p = i; p < i + count; ++p) {
      part.origins.insert(part.origins.end(), parts[p].origins.begin(), parts[p].origins.end());
    }
    (void)join_into(part.path, identity, &parts[i], count);
    joined.push_back(std::move(part));
  }
  return joined;
}

MergeSummary join_all(const std::string& output, const SweepIdentity& identity, const Names& inputs, bool partial) {
  std::vector<Part> parts;
  for (const std::string& input : inputs) parts.push_back({input, {input}, nullptr});
  while (parts.size() > kTogether) parts = fewer(parts, output, identity);
  NewFile file(output);
  MergeSummary summary = join_into(file.path(), identity, parts.data(), parts.size());
  summary.made = partial || summary.missing == 0;
  if (summary.made) file.keep();
  return summary;
}

} // namespace

MergeSummary merge_stores(const std::string& output, const std::vector<std::string>& inputs, bool partial) {
  if (inputs.empty()) throw InputError("nothing to merge");
  std::error_code ignored;
  if (fs::exists(output, ignored)) throw Error("cannot write '" + output + "': it exists; use another name");
  const SweepIdentity identity = check_all(inputs);
  try {
    return join_all(output, identity, inputs, partial);
  } catch (const StoreWriteError& e) { // of a file beside it
    throw Error("cannot write '" + output + "': " + e.reason() + ". Nothing was made, and the stores are as they were");
  }
}

} // namespace terastal
