#pragma once

#include <ostream>
#include <string>

#include "terastal/report/analysis_report.hpp"

namespace terastal {

/// Names of the sites that a task runs on.
[[nodiscard]] std::string site_names(const ScenarioAnalysis& analysis, const AnalysedTask& task);

void write_analysis_table(std::ostream& out, const AnalysisReport& report, bool color);
void write_analysis_json(std::ostream& out, const AnalysisReport& report);
void write_analysis_jsonl(std::ostream& out, const AnalysisReport& report);
void write_analysis_csv(std::ostream& out, const AnalysisReport& report);

} // namespace terastal
