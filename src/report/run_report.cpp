#include "terastal/report/run_report.hpp"

#include "report/run_formats.hpp"

namespace terastal {

void write(std::ostream& out, const RunReport& report, Format format, bool color) {
  switch (format) {
  case Format::table:
    return write_run_table(out, report, color);
  case Format::json:
    return write_run_json(out, report);
  case Format::csv:
    return write_run_csv(out, report);
  case Format::jsonl:
    return write_json_line(out, json_line(*report.result, config_digest(*report.scenario)));
  }
}

} // namespace terastal
