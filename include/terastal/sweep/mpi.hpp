#pragma once

#include <memory>
#include <string>
#include <vector>

#include "terastal/sweep/transport.hpp"

namespace terastal {

/// Connects this process with the others that mpirun started. MPI is no part of the library: it comes from the module
/// `terastal_mpi.so` in the first of the folders that has one. Call it once, in the thread that is to use it.
/// \throws Error with what to do: there is no module, or it or MPI cannot be loaded.
[[nodiscard]] std::unique_ptr<Transport> connect_by_mpi(const std::vector<std::string>& folders);

} // namespace terastal
