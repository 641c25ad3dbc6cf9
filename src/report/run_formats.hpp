#pragma once

#include "report/json_common.hpp"
#include "terastal/metrics/result.hpp"
#include "terastal/report/run_report.hpp"

namespace terastal {

/// All of a run's result. Rates are ratios (0.05 is 5 %); units are in the keys.
[[nodiscard]] Json json_result(const RunResult& result);

/// One line of a `jsonl` file: the result with what identifies it.
[[nodiscard]] Json json_line(const RunResult& result, const std::string& config_digest);

void write_run_json(std::ostream& out, const RunReport& report);
void write_run_csv(std::ostream& out, const RunReport& report);
void write_run_table(std::ostream& out, const RunReport& report, bool color);

} // namespace terastal
