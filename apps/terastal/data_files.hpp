#pragma once

#include <string>
#include <vector>

#include "arguments.hpp"
#include "terastal/io/load.hpp"

namespace terastal::cli {

/// A file found in a data directory.
struct DataFile {
  DocumentKind kind = DocumentKind::scenario;
  std::string name;        ///< from its first key
  std::string description; ///< from its own key, empty without
  std::string path;
};

/// `platform`, `network`, `scenario`.
[[nodiscard]] std::string to_string(DocumentKind kind);

/// The files in the data directories: those of --data-dir, then of TERASTAL_DATA_DIR (separated by `:`), then the
/// shipped ones. In a directory with `configs/` or `workloads/` only these two are searched.
class DataFiles {
 public:
  explicit DataFiles(const Arguments& arguments);

  /// All files of a kind, by name. A name in an earlier directory hides the same name in later ones.
  [[nodiscard]] std::vector<DataFile> list(DocumentKind kind) const;

  /// The path of a file: `name` itself if there is such a file or it looks like a path, else the file with this name in
  /// the data directories. \throws InputError if there is none, or two in one directory.
  [[nodiscard]] std::string resolve(DocumentKind kind, const std::string& name) const;

 private:
  std::vector<std::string> directories_;
};

} // namespace terastal::cli
