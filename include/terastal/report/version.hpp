#pragma once

#include <string>

namespace terastal {

/// Where this library comes from.
struct VersionInfo {
  std::string version;    ///< e.g. `0.1.0`
  std::string commit;     ///< abbreviated, `-dirty` appended when the tree had changes; `unknown` outside a repository
  std::string compiler;   ///< name and version
  std::string build_type; ///< e.g. `Release`
};

/// The version that was built.
[[nodiscard]] VersionInfo version_info();

} // namespace terastal
