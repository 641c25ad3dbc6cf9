#pragma once

#include <string>

#include "terastal_version.hpp"

namespace terastal {

// The module has two functions, with C names:
//   const char* terastal_mpi_interface()             what it was built for
//   terastal::Transport* terastal_mpi_connect()      MPI's; \throws std::runtime_error

/// What program and module must agree on: the class Transport, and how the compiler calls it.
inline const std::string& mpi_interface() {
  static const std::string text =
      "transport 1 of terastal " + std::string(build::kVersion) + " by " + std::string(build::kCompiler);
  return text;
}

} // namespace terastal
