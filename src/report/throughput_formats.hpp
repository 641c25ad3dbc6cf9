#pragma once

#include <ostream>

#include "terastal/report/throughput_report.hpp"

namespace terastal {

void write_throughput_table(std::ostream& out, const ThroughputReport& report, bool color);
void write_throughput_json(std::ostream& out, const ThroughputReport& report);
/// One row per probe.
void write_throughput_csv(std::ostream& out, const ThroughputReport& report);
/// One line per policy.
void write_throughput_jsonl(std::ostream& out, const ThroughputReport& report);

} // namespace terastal
