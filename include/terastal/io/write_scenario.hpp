#pragma once

#include <string>
#include <vector>

#include "terastal/io/load.hpp"
#include "terastal/io/write.hpp"

namespace terastal {

/// What a copy of a scenario has in place of the original.
struct ScenarioCopy {
  std::string path; ///< of the file to write
  std::string name;
  std::string description;
  std::vector<std::string> networks; ///< paths, one for each task in the scenario's order, as the copy should name them
};

/// A copy of a loaded scenario's document, overrides included, with other networks. The files that it names besides
/// (platform, traces of releases) are named relative to the copy; nothing else changes.
/// Precondition: one network for each task.
[[nodiscard]] WrittenFile scenario_copy(const LoadedScenario& loaded, const ScenarioCopy& copy);

} // namespace terastal
