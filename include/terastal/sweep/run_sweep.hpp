#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "terastal/cost/cost_model.hpp"
#include "terastal/sweep/cell.hpp"
#include "terastal/sweep/cell_exchange.hpp"
#include "terastal/sweep/cells.hpp"
#include "terastal/sweep/plan_sweep.hpp"
#include "terastal/sweep/store.hpp"
#include "terastal/sweep/sweep.hpp"

namespace terastal {

/// Where results go. Calls do not overlap, but come from different threads.
struct CellSink {
  /// Numbers of cells that it has, ascending: they are not run.
  std::function<std::vector<CellIndex>()> held;
  /// Takes a result, with the cell's value on each axis as text.
  std::function<void(const std::vector<std::string>& values, const CellResult& result)> add;
  /// Called once at the end, also after an error of the sweep's.
  std::function<void()> commit;
};

/// How far a sweep is.
struct SweepProgress {
  std::uint64_t done = 0;  ///< by this call
  std::uint64_t total = 0; ///< SweepPlan::to_do
  std::uint64_t failed = 0;
  double seconds = 0.0; ///< since the first cell began
  /// Estimated from the time of one cell of each scenario and policy, and how the others compare with it; until these
  /// have run, from those that have. Nothing before the first has.
  std::optional<double> seconds_left;
};

/// How to run a sweep.
struct SweepOptions {
  std::size_t threads = 0; ///< 0: one per core. Results do not depend on it
  Shard shard;
  bool fail_fast = false; ///< begin no cell after one failed
  std::size_t scenarios = CellRunner::kScenarios;
  CostModelRegistry cost_models = default_cost_models();
  CellHelpers* helpers = nullptr; ///< runs cells too, elsewhere; called from the thread that calls run_sweep
  /// False: stop soon and keep what is finished. Called from all threads, and while counting what there is to do.
  std::function<bool()> keep_going;
  /// What follows is called by one thread at a time.
  std::function<void(const SweepPlan&)> planned;      ///< before anything runs
  std::function<void(const SweepPlan&)> measured;     ///< when one cell of each part ran: SweepPlan::seconds is known
  std::function<void(const SweepProgress&)> progress; ///< after each cell
};

/// A cell that could not be run.
struct FailedCell {
  CellIndex cell = 0;
  std::string error;
};

/// What a sweep did.
struct SweepSummary {
  static constexpr std::size_t kFailures = 10;

  SweepPlan plan;
  std::uint64_t done = 0;           ///< by this call, failed ones included
  std::uint64_t failed = 0;         ///< of these
  std::vector<FailedCell> failures; ///< the first kFailures by number
  bool complete = true;             ///< false when `keep_going` or `fail_fast` ended it early
  double seconds = 0.0;             ///< from the first cell to the last
};

/// Runs the cells of a sweep that the sink lacks, on several threads: first one of each scenario under each policy, to
/// see how long they take, then the others in ascending order, each taken by the next thread that is free. What the
/// sink gets for a cell does not depend on threads, shards or earlier calls. Memory does not grow with the number of
/// cells, but for the sink's list. A cell that fails does not end the sweep.
/// \throws what the sink throws, ChangedInput, std::bad_alloc; finished cells are committed then.
SweepSummary run_sweep(const Sweep& sweep, const CellSink& sink, const SweepOptions& options = {});

/// The same into a store.
SweepSummary run_sweep(const Sweep& sweep, ResultStore& store, const SweepOptions& options = {});

} // namespace terastal
