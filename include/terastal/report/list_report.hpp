#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "terastal/cost/cost_model.hpp"
#include "terastal/report/format.hpp"
#include "terastal/sched/registry.hpp"

namespace terastal {

/// A file that `list` shows.
struct ListedFile {
  std::string name;        ///< from its first key
  std::string description; ///< one line; empty when the file has none
  std::string summary;     ///< what it holds, in short
  std::string path;
};

/// Writes policies with their settings, origin, and whether they are our reading of it. csv: one row per setting.
void write_policies(std::ostream& out, const PolicyRegistry& registry, Format format, bool color = false);

/// The same for cost models.
void write_cost_models(std::ostream& out, const CostModelRegistry& registry, Format format, bool color = false);

/// Writes a list of files of one kind (`scenario`, `platform`, `network`).
void write_files(std::ostream& out, const std::string& kind, const std::vector<ListedFile>& files, Format format,
                 bool color = false);

/// Writes version, commit, compiler and build type.
void write_version(std::ostream& out, Format format);

} // namespace terastal
