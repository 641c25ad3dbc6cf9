#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "common_options.hpp"
#include "terastal/gate/baseline.hpp"
#include "terastal/gate/measure.hpp"
#include "terastal/report/gate_report.hpp"

namespace terastal::cli {

/// What all baselines of a command share.
class GateSession {
 public:
  explicit GateSession(const Arguments& arguments);

  [[nodiscard]] const OutputOptions& output() const { return output_; }

  /// The scenarios of a baseline. \throws InputError with all problems, at their place in the baseline where they have
  /// one: a file that is not there, an override that does not fit.
  [[nodiscard]] std::vector<LoadedScenario> load(const Baseline& baseline) const;

  /// Runs a baseline's plan. Of shipped files, inputs hold the path from the data directory, the same everywhere.
  [[nodiscard]] Measurement measure(const Baseline& baseline, const std::vector<LoadedScenario>& scenarios);

  [[nodiscard]] GateReport report(const std::vector<CheckedBaseline>& checked) const;

 private:
  OutputOptions output_;
  std::size_t threads_;
  DataFiles data_;
  Progress progress_;
};

/// Says that an interrupt ended the work. \returns the exit code.
int interrupted_end(const char* what);

/// What a command calls a file that it reads or writes, and its path.
using NamedFile = std::pair<std::string, std::string>;

/// \throws UsageError when two that are called differently are the same file: one would overwrite the other.
void refuse_same_files(const std::vector<NamedFile>& files);

} // namespace terastal::cli
