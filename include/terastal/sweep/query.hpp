#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "terastal/experiment/statistics.hpp"
#include "terastal/sweep/store.hpp"

namespace terastal {

/// What a store holds, in numbers.
struct StoreCounts {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t missing = 0; ///< not run yet
  /// Spent by the sweeps that wrote it, in seconds, summed; not a result: differs between equal stores.
  double wall_s = 0.0;
};

/// Which results are looked at.
struct StoreSelection {
  /// Cells whose value on the axis is one of the list's; all conditions hold.
  struct Condition {
    std::size_t axis = 0;
    std::vector<std::size_t> values; ///< indices into SweepIdentity::axis_values
  };
  std::vector<Condition> where;
  bool each_task = false;                ///< every task by itself, instead of:
  std::vector<std::string> tasks = {""}; ///< these; empty text: all together
};

/// One task's results of one cell; valid during the call that hands it out.
struct StoreRow {
  const CellResult& cell;
  const std::vector<std::string>& values; ///< of the cell, on each axis
  const CellRow& row;
};

/// A cell that failed.
struct StoredFailure {
  CellIndex cell = 0;
  std::vector<std::string> values; ///< on each axis
  std::string error;
};

/// A column of results as a table.
struct StoreColumn {
  enum class Kind : std::uint8_t { cell, digest, axis, task, released, completed, late, dropped, metric };
  Kind kind = Kind::cell;
  std::size_t index = 0; ///< of the axis or metric
  std::string name;      ///< in files
};

/// A store that is only read: one state of it, also while a sweep adds to it. Everything comes in the order of cells,
/// then of tasks by name, so that stores with equal results give equal output.
class StoredResults {
 public:
  /// \throws InputError with what to do: there is no such file, it is no store, corrupt, or of a newer program.
  explicit StoredResults(const std::string& path);
  ~StoredResults();
  StoredResults(const StoredResults&) = delete;
  StoredResults& operator=(const StoredResults&) = delete;

  [[nodiscard]] const std::string& path() const;
  [[nodiscard]] const SweepIdentity& identity() const;
  [[nodiscard]] StoreCounts counts() const;
  /// `store_digest` of this state. \throws InputError when it is corrupt.
  [[nodiscard]] std::string digest() const;
  /// Names of all tasks, sorted.
  [[nodiscard]] std::vector<std::string> tasks() const;
  /// Failed cells of the selection.
  [[nodiscard]] std::vector<StoredFailure> failed(const StoreSelection& selection) const;
  /// Hands out the selected results of all cells that are done. \throws InputError when one is corrupt.
  void for_each(const StoreSelection& selection, const std::function<void(const StoreRow&)>& use) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Reads `policy=edf,load=1.2|1.4`. A value may be written as another spelling of the same number.
/// \throws InputError for an axis or value that the sweep does not have, with those it has.
[[nodiscard]] std::vector<StoreSelection::Condition> parse_where(const std::string& text,
                                                                 const SweepIdentity& identity);

/// Reads `all`, `each`, or names separated by `|` into a selection. \throws InputError for an unknown task.
void parse_tasks(const std::string& text, const StoredResults& results, StoreSelection& selection);

/// Reads `scenario,policy,seed,miss_rate`; metrics by name or by the name they have in files.
/// \throws InputError for unknown columns and repetitions.
[[nodiscard]] std::vector<StoreColumn> parse_columns(const std::string& text, const SweepIdentity& identity);

/// All columns: cell, axes, task, counts, metrics.
[[nodiscard]] std::vector<StoreColumn> all_columns(const SweepIdentity& identity);

/// How results are gathered into means. Dimensions are axes, by index, or the task: the number of axes.
struct PivotSpec {
  std::vector<std::size_t> rows;
  std::vector<std::size_t> columns;
  std::size_t metric = 0; ///< index into SweepIdentity::metrics
};

/// Reads `rows=load,scenario:columns=policy:value=miss_rate`; parts may be left out, the value is then the first
/// metric. \throws InputError.
[[nodiscard]] PivotSpec parse_pivot(const std::string& text, const SweepIdentity& identity);

/// A pivot that makes sense without being asked: rows are the axes with more than one value but policy and seed,
/// columns the policies, the value is the first metric.
[[nodiscard]] PivotSpec default_pivot(const SweepIdentity& identity);

/// The mean of the cells that share their values on the named dimensions.
///
/// The seed is the replication: where it is not named, the cells of a seed are averaged first, and the interval is
/// that of the mean over seeds. Other dimensions that are not named are averaged as they are: their values are no
/// sample of anything. With the seed named, or without such an axis, there is one replication and no interval.
struct PivotGroup {
  MeanEstimate mean;
  std::optional<double> deviation; ///< standard deviation over replications; nothing for fewer than two
  std::uint64_t cells = 0;         ///< that have a value
  /// Combinations of values on the axes that are not named for which another group has a value and this one has not.
  std::uint64_t lacking = 0;
  /// When some are lacking: axes that are not named, with the values that other groups have and this one has nowhere.
  std::vector<std::pair<std::string, std::vector<std::string>>> lacks;
};

/// Groups by rows and columns.
struct Pivot {
  PivotSpec spec;
  std::vector<std::vector<std::string>> rows;             ///< values on the dimensions of spec.rows, in their order
  std::vector<std::vector<std::string>> columns;          ///< the same for columns
  std::vector<std::vector<std::optional<PivotGroup>>> at; ///< by row, column; nothing where no cell has a value
  bool over_seeds = false;                                ///< means are over seeds
  std::vector<std::string> averaged; ///< other dimensions that were averaged over more than one value
  std::uint64_t combinations = 0;    ///< of values on the axes that are not named, that some group has

  /// Whether some group's mean is over fewer cells than another's: cells left out of the sweep, failed, missing or
  /// without a value. Such means do not compare.
  [[nodiscard]] bool unbalanced() const;
};

/// \throws InputError when tasks are selected one by one and the pivot does not name them.
[[nodiscard]] Pivot make_pivot(const StoredResults& results, StoreSelection selection, const PivotSpec& spec);

/// Whether rows or columns of a pivot are tasks.
[[nodiscard]] bool names_tasks(const PivotSpec& spec, const SweepIdentity& identity);

/// The metrics of a list such as `miss_rate,energy`, as indices into SweepIdentity::metrics. \throws InputError for
/// ones that the sweep does not have, and repetitions.
[[nodiscard]] std::vector<std::size_t> parse_stored_metrics(const std::string& text, const SweepIdentity& identity);

/// The name of a dimension: an axis, or `task`.
[[nodiscard]] std::string dimension_name(const SweepIdentity& identity, std::size_t dimension);

} // namespace terastal
