#pragma once

#include <memory>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "terastal/sweep/transport.hpp"

namespace terastal::cli {

/// --no-mpi.
void add_rank_options(CommandLine& line);

/// The connection with the other processes that mpirun or srun started for the same command; null when this process is
/// alone. `has_part`: this command was told which part of the work is its own.
/// \throws UsageError, Error with what to do: there are others, but no connection. Never several processes, each of
/// which takes itself for the only one.
[[nodiscard]] std::unique_ptr<Transport> connect_ranks(const Arguments& arguments, bool has_part);

/// Whether another process, rank 0, runs the same command and says what is wrong with it. `words`: the command line.
[[nodiscard]] bool is_follower(const std::vector<std::string>& words);

} // namespace terastal::cli
