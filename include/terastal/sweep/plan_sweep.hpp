#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "terastal/sweep/cell_runner.hpp"
#include "terastal/sweep/cells.hpp"

namespace terastal {

/// How much there is to simulate in cells, from rates and horizons; without running anything.
class CellSizes {
 public:
  /// What a cell asks for.
  struct Size {
    double seconds = 0.0; ///< simulated: the horizon
    double jobs = 0.0;    ///< expected: rates · horizon · load; cascades included
  };

  /// Reads up to `samples` of the sweep's scenarios, evenly among the values of its setting axes; those in between
  /// count as the nearest below. Scenarios that cannot be read count as nothing, as do those that are left when
  /// `keep_going` says no. `runner` must outlive this. \throws ChangedInput.
  explicit CellSizes(CellRunner& runner, const Sweep& sweep, std::size_t samples = 64,
                     const std::function<bool()>& keep_going = {});

  [[nodiscard]] Size of(CellIndex cell) const;
  /// Every combination of scenario and settings was read.
  [[nodiscard]] bool exact() const { return samples_ == combinations_; }

 private:
  const SweepCells& cells_;
  std::size_t scenario_axis_ = 0;
  std::optional<std::size_t> load_axis_;
  std::vector<double> loads_;
  std::vector<std::size_t> settings_; ///< axes
  std::vector<std::size_t> counts_;   ///< values of these
  std::uint64_t combinations_ = 1;    ///< of settings
  std::uint64_t samples_ = 1;         ///< of these, for each scenario
  std::vector<Size> sizes_;           ///< at load 1: scenario · samples_ + sample
};

/// The cells of one scenario under one policy that are to be run.
struct SweepPart {
  std::size_t scenario = 0; ///< value on its axis
  std::size_t policy = 0;   ///< value on its axis
  std::uint64_t cells = 0;
  double jobs = 0.0;                     ///< expected, of all its cells
  CellIndex first = 0;                   ///< the first of them: run before the others, to see how long they take
  std::optional<double> seconds_per_job; ///< when the first has run; each cell counts as one more job

  /// Time of the cells on one thread, from that of the first; nothing before it ran.
  [[nodiscard]] std::optional<double> seconds() const {
    if (!seconds_per_job) return std::nullopt;
    return *seconds_per_job * (jobs + static_cast<double>(cells));
  }
};

/// What running a sweep, or its shard, means.
struct SweepPlan {
  CellIndex total = 0;          ///< of the full product
  CellIndex left_out = 0;       ///< by skip entries
  std::uint64_t shard = 0;      ///< cells of this shard; of all, for the only one
  std::uint64_t held = 0;       ///< of these, in the store already
  std::uint64_t to_do = 0;      ///< the rest
  double simulated_s = 0.0;     ///< in the cells to do
  double jobs = 0.0;            ///< expected there
  bool exact = true;            ///< the two are not estimates from some of the scenarios
  bool complete = true;         ///< false: counting was stopped, and counts are of a part
  std::vector<SweepPart> parts; ///< with cells to do; by scenario, then policy

  /// Time of everything to do on one thread; nothing before the first cells have run.
  [[nodiscard]] std::optional<double> seconds() const;
};

/// Counts what there is to do. `held`: ascending numbers of cells that need not be run. Goes through all cells once:
/// about 0.1 s for a million; `keep_going` is asked now and then, and ends it.
[[nodiscard]] SweepPlan plan_sweep(const Sweep& sweep, const SweepCells& cells, const CellSizes& sizes, Shard shard,
                                   const std::vector<CellIndex>& held, const std::function<bool()>& keep_going = {});

} // namespace terastal
