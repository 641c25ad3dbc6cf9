#pragma once

#include <ostream>
#include <string>

#include "terastal/report/compare_report.hpp"

namespace terastal {

void write_compare_table(std::ostream& out, const CompareReport& report, bool color);
void write_compare_json(std::ostream& out, const CompareReport& report);
void write_compare_csv(std::ostream& out, const CompareReport& report);
/// One line per scenario, policy and seed, in this order.
void write_compare_jsonl(std::ostream& out, const CompareReport& report);

/// Whether warm-ups were looked for.
[[nodiscard]] inline bool looked_for_warm_up(const Comparison& comparison) {
  return !comparison.scenarios.empty() && comparison.scenarios.front().warm_up.has_value();
}

/// `0.0031`, a p-value: two significant digits, `< 0.0001` below that.
[[nodiscard]] std::string p_value_text(double p);

/// `-41.2 % [-44.0, -38.4]`. The interval ends at -100 %, for nothing is less than none; unless the mean is beyond it,
/// as that of accuracy losses may be.
[[nodiscard]] std::string change_text(const MeanEstimate& relative);

/// The lines of a table that say what was asked of the statistics and what came of it; empty by default.
void write_compare_statistics(std::ostream& out, const CompareReport& report, bool color);

/// The note under a table about its intervals.
[[nodiscard]] std::string interval_note(const Comparison& comparison);

} // namespace terastal
