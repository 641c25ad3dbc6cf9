#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "terastal/experiment/verdict.hpp"
#include "terastal/sweep/query.hpp"

namespace terastal {

/// Which value of an axis the others are compared with.
struct AgainstSpec {
  std::size_t axis = 0;
  std::size_t base = 0;             ///< index into SweepIdentity::axis_values of the axis
  std::vector<std::size_t> rows;    ///< dimensions: a comparison for each of their values; neither the axis nor seeds
  std::vector<std::size_t> metrics; ///< indices into SweepIdentity::metrics
  IntervalMethod intervals = IntervalMethod::student_t;
  bool holm = false; ///< verdicts by p-values that are adjusted for all differences
};

/// One value of the axis against the base, for one metric.
///
/// Pairs are cells that differ in the axis alone. The seed is the replication: where axes are neither named nor the
/// seed, the cells of a seed are averaged first, and a seed counts only when it has all combinations of their values
/// that any seed has a pair for. So every replication is a mean over the same cells, on both sides.
struct PairedDifference {
  std::vector<std::string> row;           ///< values on AgainstSpec::rows, in their order
  std::string other;                      ///< the value of the axis
  std::size_t metric = 0;                 ///< index into SweepIdentity::metrics
  MeanEstimate base;                      ///< over the replications that are paired
  MeanEstimate value;                     ///< the same of `other`
  PairedComparison comparison;            ///< other − base
  std::optional<double> p_value;          ///< of the paired t-test, whatever the intervals are
  std::optional<double> adjusted_p_value; ///< with AgainstSpec::holm
  /// By the adjusted p-value with AgainstSpec::holm, else by the interval. Nothing without a pair, and for a metric of
  /// which this program does not know what is better.
  std::optional<Verdict> verdict;
  std::uint64_t cells = 0;    ///< of each side, that are paired
  std::uint64_t left_out = 0; ///< of both sides together, that have a value and are not paired
};

struct PairedDifferences {
  AgainstSpec spec;
  std::vector<PairedDifference> all; ///< by metric, row, value of the axis
  bool over_seeds = false;           ///< replications are seeds; else every difference is of one pair
  std::vector<std::string> averaged; ///< axes that were averaged over more than one value
  std::size_t judged = 0;            ///< with AgainstSpec::holm: p-values that were adjusted together
};

/// Reads `policy=edf`, or a policy alone. \returns the axis and the value; rows are those of `default_pivot`, or the
/// scenario where that has none, without the axis; metrics are all. \throws InputError for an axis or value that the
/// sweep does not have, an axis of one value, and the seed, which pairs the cells.
[[nodiscard]] AgainstSpec parse_against(const std::string& text, const SweepIdentity& identity);

/// Reads the rows of `parse_pivot`'s text into `spec`. \throws InputError also for columns, a value, the axis itself.
void parse_against_rows(const std::string& text, const SweepIdentity& identity, AgainstSpec& spec);

/// Compares. A condition of the selection on the axis chooses what is compared; the base need not be among it.
/// Memory: the values of all selected cells. \throws InputError when tasks are selected one by one and are no rows.
[[nodiscard]] PairedDifferences make_differences(const StoredResults& results, StoreSelection selection,
                                                 const AgainstSpec& spec);

} // namespace terastal
