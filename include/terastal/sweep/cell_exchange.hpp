#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "terastal/sweep/cell.hpp"

namespace terastal {

/// A cell that somebody is to run.
struct HandedCell {
  CellIndex cell = 0;
  std::optional<double> seconds; ///< expected on one thread; nothing before a cell like it was measured
};

/// The cells of a sweep that is running, for those who run some of them elsewhere. Safe to use from several threads.
class CellExchange {
 public:
  /// The next cell that nobody took; nothing when there is none, now and later. Who takes it delivers it, or the sweep
  /// is not complete.
  virtual std::optional<HandedCell> take() = 0;
  /// Cells that nobody took.
  [[nodiscard]] virtual std::uint64_t left() const = 0;
  /// Takes the result of a cell that was taken, once, and how long it took. An error of the sweep's sink stops the
  /// sweep.
  virtual void deliver(const CellResult& result, double seconds) = 0;

  /// The sweep ends before all cells are run: no result is needed any more.
  [[nodiscard]] virtual bool stopped() = 0;
  /// Ends it so.
  virtual void stop() = 0;

 protected:
  ~CellExchange() = default;
};

/// Runs cells of a sweep beside its own threads, e.g. in other processes.
class CellHelpers {
 public:
  virtual ~CellHelpers() = default;

  /// Threads that it has, to estimate how long a sweep takes.
  [[nodiscard]] virtual std::size_t threads() const = 0;
  /// Takes cells and delivers their results until there are none, or the sweep is stopped. Called once for a sweep, in
  /// the thread that runs it; what it throws ends the sweep.
  virtual void help(CellExchange& exchange) = 0;
};

} // namespace terastal
