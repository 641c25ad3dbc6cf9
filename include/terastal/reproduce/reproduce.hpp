#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "terastal/io/load_sweep.hpp"
#include "terastal/report/chart.hpp"
#include "terastal/reproduce/claim.hpp"
#include "terastal/reproduce/reproduction.hpp"

namespace terastal {

/// How to run a reproduction.
struct ReproduceOptions {
  std::string directory;   ///< of stores and tables; exists
  std::size_t threads = 0; ///< 0: one per core. Results do not depend on it
  CostModelRegistry cost_models = default_cost_models();
  std::function<bool()> keep_going; ///< false: stop soon and keep what is finished. Called from all threads
  /// How far an experiment is, by name: `done` of `total` cells, searches or batches. One call at a time.
  std::function<void(const std::string& experiment, std::uint64_t done, std::uint64_t total)> progress;
};

/// Under what an experiment was run.
struct ExperimentConditions {
  std::string name;
  std::string source;  ///< of the sweep: what it reproduces
  std::string what;    ///< axes and their values, in words
  std::string horizon; ///< empty: each scenario's own
  std::size_t seeds = 0;
  std::uint64_t runs = 0;
  std::string digest; ///< of the results
};

/// A chart with the table behind it.
struct FigureResult {
  std::string id;
  Chart chart;
  std::vector<std::string> header;            ///< of the table
  std::vector<std::vector<std::string>> rows; ///< numbers with the fewest digits that read back unchanged
};

/// A claim under another reading.
struct SensitivityFigure {
  const SensitivitySetting* setting = nullptr;
  ClaimFigure figure;
};

struct ClaimResult {
  const Claim* claim = nullptr;
  ClaimFigure figure;
  std::vector<SensitivityFigure> sensitivity; ///< empty when nothing was varied
};

struct ReproductionResult {
  std::vector<ExperimentConditions> conditions;
  std::vector<ClaimResult> claims;
  std::vector<FigureResult> figures; ///< those of the sensitivity last
  bool complete = true;              ///< false when `keep_going` ended it early: then there is nothing but conditions
};

/// Runs what is not there yet, then draws and compares. Sweeps go on from their stores in `directory`; the others are
/// run anew. The reproduction must outlive the result. \throws Error when a cell of a sweep failed; what `run_sweep`,
/// `ResultStore`, `latency_bounded_throughput` and `schedulability` throw.
[[nodiscard]] ReproductionResult reproduce(const Reproduction& reproduction, const ReproduceOptions& options);

/// What a label shows of a value: file names without folder and ending.
[[nodiscard]] std::string short_label(const std::string& value);

} // namespace terastal
