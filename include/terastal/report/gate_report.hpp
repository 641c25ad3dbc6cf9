#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "terastal/gate/baseline.hpp"
#include "terastal/gate/check.hpp"
#include "terastal/report/format.hpp"

namespace terastal {

/// What an open question counts as.
enum class OpenCounts : std::uint8_t {
  separately, ///< neither passed nor failed
  as_pass,
  as_failure,
};

/// A baseline and what became of it.
struct CheckedBaseline {
  Baseline baseline;
  CheckResult result;
};

/// How a check ended.
enum class CheckEnd : std::uint8_t { passed, failed, inconclusive, interrupted };

/// One or several baselines that were checked.
struct GateReport {
  const std::vector<CheckedBaseline>* checked = nullptr; ///< those that an interrupt left out too, without cells
  OpenCounts open = OpenCounts::separately;
  bool updated = false;  ///< the baselines are about to be replaced: nothing failed, old stands beside new
  std::string workspace; ///< the folder that paths in GitHub's annotations start from; empty: as the user gave them
  Environment environment;

  /// Interrupted when any baseline was not finished, whatever the rest says; failed when any judgement fails, else
  /// inconclusive when any is and it counts separately.
  [[nodiscard]] CheckEnd end() const;
};

/// `passed`, `failed`, `inconclusive`, `interrupted`.
[[nodiscard]] const char* to_string(CheckEnd end);

/// Writes the report of a check. Deterministic outside `environment`. `color` matters for tables only.
void write(std::ostream& out, const GateReport& report, Format format, bool color = false);

/// Writes JUnit's XML: a suite for each baseline, a test case for each judgement. Open ones are errors, skipped or
/// failures, as they count; undefined ones are skipped. A baseline that was not finished has a case more, which is an
/// error. No times, so that equal results give equal bytes.
void write_junit(std::ostream& out, const GateReport& report);

/// Writes GitHub's workflow commands: an `::error` for each judgement that does not pass, at the line of its cell in
/// the baseline, `::warning` for open ones that count as passed. At most ten, as GitHub shows no more, then a count.
void write_github_annotations(std::ostream& out, const GateReport& report);

/// Writes Markdown for GitHub's job summary, no longer than `most_bytes`: rows that do not fit are counted. What does
/// not pass comes first; cells that are identical take one row.
void write_github_summary(std::ostream& out, const GateReport& report, std::size_t most_bytes);

} // namespace terastal
