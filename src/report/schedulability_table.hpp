#pragma once

#include <ostream>

#include "terastal/report/schedulability_report.hpp"

namespace terastal {

void write_schedulability_table(std::ostream& out, const SchedulabilityReport& report, bool color);

} // namespace terastal
