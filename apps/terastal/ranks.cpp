#include "ranks.hpp"

#include <algorithm> // find
#include <array>
#include <chrono>
#include <filesystem>
#include <thread> // sleep_for

#include <fmt/format.h>
#include <unistd.h> // gethostname

#include "command.hpp"
#include "terastal/core/error.hpp"
#include "terastal/sweep/mpi.hpp"
#include "terastal/sweep/rank_environment.hpp"

namespace terastal::cli {
namespace {

namespace fs = std::filesystem;

/// Where the module for MPI may be: beside the program (build tree), else where it is installed.
std::vector<std::string> module_folders() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  std::vector<std::string> folders;
  for (const fs::path& folder : {program, program / TERASTAL_RELATIVE_MODULES, fs::path(TERASTAL_INSTALLED_MODULES)}) {
    const std::string text = folder.lexically_normal().string();
    if (std::find(folders.begin(), folders.end(), text) == folders.end()) folders.push_back(text);
  }
  return folders;
}

std::unique_ptr<Transport> connect(const RankEnvironment& environment) {
  auto transport = connect_by_mpi(module_folders());
  if (transport->size() > 1) return transport;
  if (!environment.several()) return nullptr;
  // Alone, it may end as it likes.
  transport->finish();
  if (!environment.size) return nullptr; // the launcher did not say how many
  throw Error(fmt::format("{} started {} processes, but MPI connects none of them: it is another MPI than the one that "
                          "this program was built with{}",
                          environment.launcher, *environment.size,
                          environment.launcher == "srun" ? "; try 'srun --mpi=pmix', or 'mpirun' in a batch job" : ""));
}

/// What all ranks find, rank 0 says, and the launcher ends the others: mpirun a second later. Who is still there long
/// after is on a machine of its own kind. \throws Error then.
[[noreturn]] void fail_as_follower(std::size_t rank, const std::string& reason) {
  std::this_thread::sleep_for(std::chrono::seconds(15));
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  throw Error(fmt::format("rank {} on {}: {}", rank, host.data(), reason));
}

} // namespace

void add_rank_options(CommandLine& line) {
  line.flag("no-mpi", "under mpirun or srun: run by itself, whatever the other processes do");
}

std::unique_ptr<Transport> connect_ranks(const Arguments& arguments, bool has_part) {
  const RankEnvironment environment = rank_environment();
  if (arguments.has("no-mpi") || !environment.several()) return nullptr;
  if (!environment.mpi) {
    if (has_part) return nullptr;
    throw UsageError(fmt::format("srun started {} processes without MPI, and each would run the whole sweep; use "
                                 "'srun --mpi=pmix' or 'mpirun', or give each its part by --shard",
                                 environment.size.value_or(0)));
  }
  try {
    return connect(environment);
  } catch (const std::exception& e) {
    if (environment.rank > 0) fail_as_follower(environment.rank, e.what());
    throw;
  }
}

bool is_follower(const std::vector<std::string>& words) {
  const bool follows =
      !words.empty() && words.front() == "sweep" && std::find(words.begin(), words.end(), "--no-mpi") == words.end();
  if (!follows) return false;
  const RankEnvironment environment = rank_environment();
  return environment.several() && environment.rank > 0;
}

} // namespace terastal::cli
