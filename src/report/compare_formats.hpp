#pragma once

#include <ostream>

#include "terastal/report/compare_report.hpp"

namespace terastal {

void write_compare_table(std::ostream& out, const CompareReport& report, bool color);
void write_compare_json(std::ostream& out, const CompareReport& report);
void write_compare_csv(std::ostream& out, const CompareReport& report);
/// One line per scenario, policy and seed, in this order.
void write_compare_jsonl(std::ostream& out, const CompareReport& report);

} // namespace terastal
