#pragma once

#include <string>

namespace terastal {

/// Where this library comes from.
struct VersionInfo {
  std::string version;    ///< e.g. `0.1.0`
  std::string commit;     ///< abbreviated; in a changed tree with `-dirty.` and a digest of the sources, outside a
                          ///< repository `unknown.` and that digest
  std::string compiler;   ///< name and version
  std::string build_type; ///< e.g. `Release`
};

/// The version that was built.
[[nodiscard]] VersionInfo version_info();

} // namespace terastal
