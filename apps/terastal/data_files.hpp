#pragma once

#include <string>
#include <vector>

#include "arguments.hpp"
#include "terastal/io/load.hpp"

namespace terastal {
struct SweepContext;
}

namespace terastal::cli {

/// A file found in a data directory.
struct DataFile {
  DocumentKind kind = DocumentKind::scenario;
  std::string name;        ///< from its first key
  std::string description; ///< its description or title, empty without
  std::string path;
};

/// The files in the data directories: those of --data-dir, then of TERASTAL_DATA_DIR (separated by `:`), then the
/// shipped ones. In a directory with `configs/` or `workloads/` only these two are searched.
class DataFiles {
 public:
  explicit DataFiles(const Arguments& arguments);

  /// All files of a kind, by name. A name in an earlier directory hides the same name in later ones.
  [[nodiscard]] std::vector<DataFile> list(DocumentKind kind) const;

  /// The path of a file: `name` itself if it looks like a path, else the file with this name in the data directories,
  /// else a file that is called so. \throws InputError if there is none, or two in one directory.
  [[nodiscard]] std::string resolve(DocumentKind kind, const std::string& name) const;

  /// The path of a file from the data directory that it lies in, the same on every machine: of an absolute path in one
  /// of the directories, what follows the directory; others stay as they are.
  [[nodiscard]] std::string portable(const std::string& path) const;

  /// Finds the scenarios that sweeps name in the data directories, which must outlive it.
  [[nodiscard]] SweepContext sweep_context() const;

 private:
  std::vector<std::string> directories_;
};

} // namespace terastal::cli
