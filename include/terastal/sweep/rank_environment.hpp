#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace terastal {

/// How this process was started together with others, as the launcher says in the environment.
struct RankEnvironment {
  std::size_t rank = 0;
  std::optional<std::size_t> size = 1; ///< nothing: the launcher does not say, there may be several
  bool mpi = false;                    ///< it connects its processes by MPI
  std::string launcher;                ///< `mpirun` or `srun`; empty when there is none

  /// Other processes run the same command.
  [[nodiscard]] bool several() const { return size != 1U; }
};

/// Reads the environment by `variable`, which returns null for what is not set. Known: Open MPI's mpirun, MPICH's
/// mpiexec and Intel MPI's (PMI), Slurm's srun with and without MPI (PMI, PMIx, none).
[[nodiscard]] RankEnvironment rank_environment(const std::function<const char*(const char*)>& variable);
/// The same of this process.
[[nodiscard]] RankEnvironment rank_environment();

} // namespace terastal
