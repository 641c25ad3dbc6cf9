#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "terastal/sweep/cell.hpp"

namespace terastal {

/// What makes a store this sweep's: a store that differs in any of it is another sweep's.
struct SweepIdentity {
  std::string name;
  std::string document; ///< Sweep::resolved
  std::vector<InputFile> inputs;
  std::vector<std::string> axes;    ///< names, in order
  std::vector<std::string> metrics; ///< MetricInfo::key, in order
  std::uint64_t cells = 0;          ///< that are not left out
  std::string version;              ///< of the program that ran it
  /// The texts of each axis' values, in order; as many lists as axes. Reports order rows and columns by it.
  std::vector<std::vector<std::string>> axis_values;
};

/// The identity of a sweep under this version of the program.
[[nodiscard]] SweepIdentity identity_of(const Sweep& sweep);

/// SHA-256 of an identity, lower-case hex. Input files count by their bytes, wherever they lie.
[[nodiscard]] std::string identity_digest(const SweepIdentity& identity);

/// Names that an axis cannot have: columns that a store, or a table made from it, has in any case.
[[nodiscard]] const std::vector<std::string>& reserved_axis_names();

/// The results of a sweep in one SQLite file, added while the sweep runs. Killing the program at any time loses at most
/// what was not committed, never more and nothing twice.
///
/// One writer at a time; readers may look meanwhile. Calls must not overlap.
class ResultStore {
 public:
  /// Makes the file, or opens it to go on; then all of it is read once and checked.
  /// \throws InputError with what to do: the file is no store, is corrupt, was written by a newer program, or belongs
  /// to another sweep or version. \throws Error: it is in use by another sweep, or cannot be written.
  ResultStore(const std::string& path, const SweepIdentity& identity);
  /// Commits. An error then is not reported: call `commit` before.
  ~ResultStore();
  ResultStore(const ResultStore&) = delete;
  ResultStore& operator=(const ResultStore&) = delete;

  /// Cells that it holds, ascending; failed ones too.
  [[nodiscard]] std::vector<CellIndex> cells() const;
  /// How many of them failed.
  [[nodiscard]] std::uint64_t failed() const;
  /// Takes a cell's result; `values` are the cell's on each axis, as texts. Kept when `commit` returns, which is called
  /// by itself when a cell is added a second or more after the last commit, or 0.2 s after it and there are 256 cells.
  /// Values that are not a number count as absent, −0 as 0. Precondition: the cell is not there yet, its tasks differ.
  /// \throws Error, e.g. when the disk is full; what was committed stays, what was not is forgotten.
  void add(const std::vector<std::string>& values, const CellResult& result);
  /// Makes what was added durable. \throws Error as `add`.
  void commit();
  /// Forgets failed cells, so that they are tried again: all, or those that `which` says yes to, which is asked in
  /// ascending order. \returns how many.
  std::size_t forget_failed(const std::function<bool(CellIndex)>& which = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Cells that a store holds, ascending, as `ResultStore::cells`, without writing anything: also while a sweep adds to
/// it. None when there is no file, or nothing in it yet. `failed_too`: with those that failed. \throws InputError as
/// `ResultStore`.
[[nodiscard]] std::vector<CellIndex> stored_cells(const std::string& path, const SweepIdentity& identity,
                                                  bool failed_too = true);

/// SHA-256 of the results that a store holds, in the order of cells and tasks: equal for equal results, however, where
/// and by which version they were made. Texts of errors do not count. \throws InputError.
[[nodiscard]] std::string store_digest(const std::string& path);

/// What a merge found.
struct MergeSummary {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t missing = 0; ///< cells of the sweep that no store holds
  bool made = true;          ///< the output: not when cells are missing and that is not allowed
};

/// Joins the stores of one sweep's shards into a new file. A cell that several of them hold must be equal in all; one
/// that failed in some and is done in another counts as done. `partial`: also when cells are missing. However many
/// stores there are, some 64 are open at a time; more are joined by way of files beside the output.
/// \throws InputError naming the store and the cell that does not fit, or Error; the output is then not made.
MergeSummary merge_stores(const std::string& output, const std::vector<std::string>& inputs, bool partial = true);

} // namespace terastal
