#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/sweep/cell.hpp"
#include "terastal/sweep/cells.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// A file is no longer what it was when the sweep was read. No cell fails by it: the sweep ends.
class ChangedInput : public Error {
 public:
  using Error::Error;
};

/// The scenarios of a sweep's cells as they are run: with the values of the settings' axes, and rates scaled by the
/// load. The last used ones stay loaded, whoever asked for them; the rest is read again when a cell needs it. Safe to
/// use from several threads.
class SweepScenarios {
 public:
  /// Keeps at most `capacity` (≥ 1). The sweep must outlive this.
  SweepScenarios(const Sweep& sweep, std::size_t capacity, CostModelRegistry cost_models);
  ~SweepScenarios();
  SweepScenarios(const SweepScenarios&) = delete;
  SweepScenarios& operator=(const SweepScenarios&) = delete;

  /// The scenario of a cell, by the cell's value on each axis. It stays while the caller holds it. \throws InputError
  /// when it cannot be loaded with these values; asked again, the same. \throws ChangedInput unless its files are those
  /// of Sweep::inputs.
  [[nodiscard]] std::shared_ptr<const Scenario> get(const std::vector<std::size_t>& values);
  /// The same without the load.
  [[nodiscard]] std::shared_ptr<const Scenario> unscaled(const std::vector<std::size_t>& values);

  /// How often a scenario was read from its files so far.
  [[nodiscard]] std::size_t times_read() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Runs cells of a sweep. The result of a cell depends on nothing but its number: not on the order, nor on what else
/// runs. Safe to use from several threads.
class CellRunner {
 public:
  /// Scenarios that stay loaded by default. What a scenario needs is mostly its networks' tables: 0.1 to 1 MB.
  static constexpr std::size_t kScenarios = 32;

  /// The sweep must outlive this.
  explicit CellRunner(const Sweep& sweep, std::size_t scenarios = kScenarios,
                      CostModelRegistry cost_models = default_cost_models());

  /// Runs one cell. What goes wrong with it is told by CellResult::error. `keep_going` is asked every few thousand
  /// instants; when it says no, there is no result. Precondition: cell < SweepCells::total().
  /// \throws ChangedInput, std::bad_alloc.
  [[nodiscard]] std::optional<CellResult> run(CellIndex cell, const std::function<bool()>& keep_going = {});

  /// Reads what a cell needs, so that timing it shows the run alone. Nothing happens when that fails; `run` tells.
  /// \throws ChangedInput.
  void prepare(CellIndex cell);

  [[nodiscard]] const SweepCells& cells() const { return cells_; }
  [[nodiscard]] SweepScenarios& scenarios() { return scenarios_; }

 private:
  [[nodiscard]] Policy policy_of(const std::vector<std::size_t>& values) const;
  [[nodiscard]] std::optional<CellResult> run_or_throw(CellIndex cell, const std::function<bool()>& keep_going);

  const Sweep& sweep_;
  SweepCells cells_;
  SweepScenarios scenarios_;
  bool service_; ///< a metric needs it
  std::size_t policy_axis_ = 0;
  std::optional<std::size_t> seed_axis_;
};

} // namespace terastal
