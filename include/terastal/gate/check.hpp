#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "terastal/experiment/statistics.hpp"
#include "terastal/gate/baseline.hpp"
#include "terastal/gate/measure.hpp"

namespace terastal {

/// What became of a metric. The first four pass.
enum class CheckVerdict : std::uint8_t {
  identical,    ///< the same value in every replication
  undefined,    ///< neither side has a value, so there is nothing to judge
  passes,       ///< worse by no more than the limit
  improves,     ///< better by more than the limit
  inconclusive, ///< the replications do not tell: more are needed
  regresses,    ///< worse by more than the limit
  changed,  ///< `exact`: not the same; `tolerance`: better by more than the limit; or another number without a cause
  missing,  ///< only one of baseline and measurement has it
  unpaired, ///< the replications of both sides are of different seeds or plans
};

/// All of them, failures first, as reports list them.
inline constexpr std::array kCheckVerdicts = {
    CheckVerdict::regresses, CheckVerdict::changed,      CheckVerdict::missing,
    CheckVerdict::unpaired,  CheckVerdict::inconclusive, CheckVerdict::improves,
    CheckVerdict::passes,    CheckVerdict::undefined,    CheckVerdict::identical};

/// `identical`, `undefined`, …
[[nodiscard]] const char* to_string(CheckVerdict verdict);
/// `regresses`, `changed`, `missing` and `unpaired`.
[[nodiscard]] bool fails(CheckVerdict verdict);

/// Which side lacks what is missing.
enum class Absent : std::uint8_t { neither, baseline, now };

/// One metric of a cell, or of a task in it.
struct MetricCheck {
  std::string task;                   ///< empty: all tasks together
  const MetricInfo* metric = nullptr; ///< null: the event stream, or the cell as a whole
  Judge judge = Judge::noninferior;
  CheckVerdict verdict = CheckVerdict::identical;
  Absent absent = Absent::neither; ///< with `missing`
  std::optional<double> baseline;  ///< means over the replications that are compared, in the unit of the values
  std::optional<double> now;
  std::optional<MeanEstimate> difference; ///< now − baseline, paired by seed
  double limit = 0.0;                     ///< in the unit of the values
  std::size_t needed = 0; ///< inconclusive: about so many replications may decide; 0: more than a million
  std::string note;       ///< why, where the verdict does not say it
};

/// What became of one scenario under one policy.
struct CellCheck {
  std::string scenario;
  std::string policy;
  BaselinePlace place;
  std::size_t replications = 0;  ///< that are compared
  std::size_t equal_digests = 0; ///< of them
  std::string unpaired;          ///< why its replications cannot be paired; empty: they are
  std::vector<MetricCheck> judgements;

  [[nodiscard]] bool same_events() const { return replications > 0 && equal_digests == replications; }
  /// Whether all its judgements are identical.
  [[nodiscard]] bool identical() const;
};

/// An input that is not what it was when the baseline was measured. Files that only moved are none.
struct InputChange {
  std::string path;
  std::string before; ///< SHA-256; empty: was not read
  std::string now;    ///< empty: is not read
};

/// What became of a baseline.
struct CheckResult {
  std::vector<CellCheck> cells; ///< in the order of the plan
  std::vector<InputChange> inputs;
  std::vector<std::string> plan_changes; ///< of an update: what it runs or judges otherwise, a line each
  std::size_t replications = 0;          ///< that are compared
  bool complete = true;                  ///< false: interrupted; it says what the finished replications say

  /// How many judgements came out so.
  [[nodiscard]] std::size_t count(CheckVerdict verdict) const;
  [[nodiscard]] std::size_t judgements() const;
  [[nodiscard]] bool fails() const;
};

/// Holds a measurement against a baseline, replication by replication from the first. Event streams are judged where
/// the plan is `exact`, and in cells in which no metric has a value on either side. Where event streams and inputs are
/// equal but a number is not, the number is `changed` at least: nothing that was measured explains it.
[[nodiscard]] CheckResult check_against(const Baseline& baseline, const Measurement& now);

/// Shows what replacing a baseline by a measurement under another plan changes: what both have is compared by the new
/// plan's rules, what goes or comes is `missing`. Where seeds or overrides differ, replications have nothing to do with
/// each other: the means stand side by side, `unpaired`.
[[nodiscard]] CheckResult compare_update(const Baseline& old, const GatePlan& plan, const Measurement& now);

/// Whether a measurement of a plan can ever be judged: some metric has a value, or event streams are compared.
[[nodiscard]] bool judges_anything(const GatePlan& plan, const Measurement& now);

/// The fewest replications at which an interval of mean ± t · deviation / √n with the given level would leave out a
/// limit that lies `distance` from the mean, if the mean stayed; 0 when a million do not suffice.
/// Precondition: deviation ≥ 0, distance ≥ 0.
[[nodiscard]] std::size_t replications_for(double deviation, double distance, double level = kConfidence);

} // namespace terastal
