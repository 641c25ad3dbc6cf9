#include "terastal/report/version.hpp"

#include "terastal_version.hpp"

namespace terastal {

VersionInfo version_info() { return {build::kVersion, build::kCommit, build::kCompiler, build::kBuildType}; }

} // namespace terastal
