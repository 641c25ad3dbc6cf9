// Which environment means that other processes run the same command.

#include "terastal/sweep/rank_environment.hpp"

#include <map>
#include <string>

#include <gtest/gtest.h>

namespace terastal {
namespace {

RankEnvironment of(const std::map<std::string, std::string>& variables) {
  return rank_environment([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

void expect(const RankEnvironment& found, std::size_t rank, std::optional<std::size_t> size, bool mpi,
            const std::string& launcher) {
  EXPECT_EQ(found.rank, rank);
  EXPECT_EQ(found.size, size);
  EXPECT_EQ(found.mpi, mpi);
  EXPECT_EQ(found.launcher, launcher);
}

TEST(RankEnvironment, Alone) {
  expect(of({}), 0, 1, false, "");
  EXPECT_FALSE(of({}).several());
  // A batch script, or a task of an array, is one process.
  EXPECT_FALSE(of({{"SLURM_JOB_ID", "7"}, {"SLURM_NTASKS", "8"}, {"SLURM_PROCID", "0"}}).several());
  EXPECT_FALSE(of({{"SLURM_STEP_NUM_TASKS", "1"}, {"SLURM_PROCID", "0"}}).several());
  EXPECT_FALSE(of({{"OMPI_COMM_WORLD_SIZE", "1"}, {"OMPI_COMM_WORLD_RANK", "0"}, {"PMIX_RANK", "0"}}).several());
}

TEST(RankEnvironment, OpenMpi) {
  expect(of({{"OMPI_COMM_WORLD_SIZE", "4"}, {"OMPI_COMM_WORLD_RANK", "3"}, {"PMIX_RANK", "3"}}), 3, 4, true, "mpirun");
  // Its processes are started by one task of srun on each machine.
  expect(of({{"OMPI_COMM_WORLD_SIZE", "4"}, {"OMPI_COMM_WORLD_RANK", "2"}, {"SLURM_STEP_NUM_TASKS", "1"}}), 2, 4, true,
         "mpirun");
}

TEST(RankEnvironment, Pmi) {
  expect(of({{"PMI_SIZE", "2"}, {"PMI_RANK", "1"}}), 1, 2, true, "mpirun"); // MPICH, Intel MPI
  expect(of({{"PMI_SIZE", "2"}, {"PMI_RANK", "1"}, {"SLURM_STEP_NUM_TASKS", "2"}}), 1, 2, true, "srun");
}

TEST(RankEnvironment, Srun) {
  expect(of({{"PMIX_RANK", "5"}, {"SLURM_STEP_NUM_TASKS", "8"}, {"SLURM_PROCID", "5"}}), 5, 8, true, "srun");
  expect(of({{"SLURM_STEP_NUM_TASKS", "8"}, {"SLURM_PROCID", "5"}}), 5, 8, false, "srun");
  // Without a size there may be others.
  expect(of({{"PMIX_RANK", "0"}}), 0, std::nullopt, true, "mpirun");
  EXPECT_TRUE(of({{"PMIX_RANK", "0"}}).several());
}

TEST(RankEnvironment, NonsenseCountsAsNotSet) {
  expect(of({{"OMPI_COMM_WORLD_SIZE", "4"}, {"OMPI_COMM_WORLD_RANK", "x"}}), 0, 1, false, "");
}

} // namespace
} // namespace terastal
