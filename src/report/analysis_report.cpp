#include "terastal/report/analysis_report.hpp"

#include "report/analysis_formats.hpp"

namespace terastal {

std::string site_names(const ScenarioAnalysis& analysis, const AnalysedTask& task) {
  std::string text;
  for (const std::size_t s : task.sites) text += (text.empty() ? "" : " ") + analysis.sites[s].name;
  return text;
}

void write(std::ostream& out, const AnalysisReport& report, Format format, bool color) {
  switch (format) {
  case Format::table:
    return write_analysis_table(out, report, color);
  case Format::json:
    return write_analysis_json(out, report);
  case Format::csv:
    return write_analysis_csv(out, report);
  case Format::jsonl:
    return write_analysis_jsonl(out, report);
  }
}

} // namespace terastal
