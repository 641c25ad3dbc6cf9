#include "terastal/report/compare_report.hpp"

#include "report/compare_formats.hpp"

namespace terastal {

void write(std::ostream& out, const CompareReport& report, Format format, bool color) {
  switch (format) {
  case Format::table:
    return write_compare_table(out, report, color);
  case Format::json:
    return write_compare_json(out, report);
  case Format::csv:
    return write_compare_csv(out, report);
  case Format::jsonl:
    return write_compare_jsonl(out, report);
  }
}

} // namespace terastal
