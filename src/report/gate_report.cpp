#include "terastal/report/gate_report.hpp"

#include <algorithm> // any_of

#include "report/gate_formats.hpp"

namespace terastal {

CheckEnd GateReport::end() const {
  const auto any = [this](auto what) { return std::any_of(checked->begin(), checked->end(), what); };
  if (any([](const CheckedBaseline& c) { return !c.result.complete; })) return CheckEnd::interrupted;
  if (any([](const CheckedBaseline& c) { return c.result.fails(); })) return CheckEnd::failed;
  const bool open_ones = any([](const CheckedBaseline& c) { return c.result.count(CheckVerdict::inconclusive) > 0; });
  if (!open_ones || open == OpenCounts::as_pass) return CheckEnd::passed;
  return open == OpenCounts::as_failure ? CheckEnd::failed : CheckEnd::inconclusive;
}

const char* to_string(CheckEnd end) {
  switch (end) {
  case CheckEnd::passed:
    return "passed";
  case CheckEnd::failed:
    return "failed";
  case CheckEnd::interrupted:
    return "interrupted";
  case CheckEnd::inconclusive:
    break;
  }
  return "inconclusive";
}

void write(std::ostream& out, const GateReport& report, Format format, bool color) {
  switch (format) {
  case Format::table:
    return write_gate_table(out, report, color);
  case Format::json:
    return write_gate_json(out, report);
  case Format::csv:
    return write_gate_csv(out, report);
  case Format::jsonl:
    return write_gate_jsonl(out, report);
  }
}

} // namespace terastal
