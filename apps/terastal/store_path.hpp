#pragma once

#include <string>

#include "command.hpp"

namespace terastal::cli {

/// The name of a file for results: no standard output, and no name that SQLite gives a meaning of its own.
/// \throws UsageError. `what`: the option or argument.
inline const std::string& store_path(const std::string& what, const std::string& path) {
  if (path.empty() || path == "-") {
    throw UsageError(what + ": '" + path + "' is no file; results are kept in one, e.g. results.sqlite");
  }
  if (path.front() == ':' || path.starts_with("file:")) {
    throw UsageError(what + ": SQLite does not take '" + path + "' for a file; use './" + path + "'");
  }
  return path;
}

} // namespace terastal::cli
