#include "terastal/sweep/rank_environment.hpp"

#include <cstdlib> // getenv

#include "terastal/core/units.hpp"

namespace terastal {
namespace {

using Variables = std::function<const char*(const char*)>;

std::optional<std::size_t> number(const Variables& variable, const char* name) {
  const char* text = variable(name);
  if (text == nullptr) return std::nullopt;
  const auto value = parse_unsigned(text);
  return value ? std::optional(static_cast<std::size_t>(*value)) : std::nullopt;
}

} // namespace

RankEnvironment rank_environment(const Variables& variable) {
  const auto step = number(variable, "SLURM_STEP_NUM_TASKS"); // of srun; not there in a batch script itself
  const std::string by = step ? "srun" : "mpirun";
  if (const auto rank = number(variable, "OMPI_COMM_WORLD_RANK")) { // Open MPI's mpirun, also when Slurm started it
    return {*rank, number(variable, "OMPI_COMM_WORLD_SIZE"), true, "mpirun"};
  }
  if (const auto rank = number(variable, "PMIX_RANK")) return {*rank, step, true, by};
  if (const auto rank = number(variable, "PMI_RANK")) return {*rank, number(variable, "PMI_SIZE"), true, by};
  if (step) return {number(variable, "SLURM_PROCID").value_or(0), step, false, by};
  return {};
}

RankEnvironment rank_environment() {
  return rank_environment([](const char* name) -> const char* { return std::getenv(name); });
}

} // namespace terastal
