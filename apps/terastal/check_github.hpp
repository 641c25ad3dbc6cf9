#pragma once

#include "arguments.hpp"
#include "terastal/report/gate_report.hpp"

namespace terastal::cli {

/// With --github, or where GitHub runs it: annotations to standard error, a table to the job's summary. What goes wrong
/// with the summary is told; the check's result stands.
void tell_github(const Arguments& arguments, GateReport report);

} // namespace terastal::cli
