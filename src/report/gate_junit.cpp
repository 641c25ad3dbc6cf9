#include <algorithm> // replace

#include <fmt/format.h>

#include "report/gate_formats.hpp"

namespace terastal {
namespace {

/// Text of an attribute or element. What XML 1.0 has no way to write becomes U+FFFD.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '"':
      result += "&quot;";
      break;
    case '\t':
    case '\n':
    case '\r':
      result += fmt::format("&#{};", static_cast<int>(c)); // else read as a blank
      break;
    default:
      if (static_cast<unsigned char>(c) < 0x20U) {
        result += "\xEF\xBF\xBD";
      } else {
        result += c;
      }
    }
  }
  return result;
}

/// How a test case ended: an element's name, or nothing when it passed.
const char* outcome(const MetricCheck& j, OpenCounts open) {
  if (fails(j.verdict)) return "failure";
  if (j.verdict == CheckVerdict::undefined) return "skipped";
  if (j.verdict != CheckVerdict::inconclusive) return "";
  if (open == OpenCounts::as_pass) return "skipped";
  return open == OpenCounts::as_failure ? "failure" : "error";
}

std::size_t count(const CheckResult& result, OpenCounts open, std::string_view wanted) {
  std::size_t n = 0;
  for (const CellCheck& cell : result.cells) {
    for (const MetricCheck& j : cell.judgements) n += outcome(j, open) == wanted ? 1 : 0;
  }
  return n;
}

/// The scenario and policy of a cell. A dot would make packages of them in the readers of these files.
std::string class_name(const CellCheck& cell) {
  std::string name = cell.scenario + ": " + cell.policy;
  std::replace(name.begin(), name.end(), '.', '_');
  return escaped(name);
}

std::string case_text(const CellCheck& cell, const MetricCheck& j, OpenCounts open) {
  const std::string name = j.task.empty() ? metric_id(j) : metric_id(j) + " [" + j.task + "]";
  std::string text = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", class_name(cell), escaped(name));
  const std::string ended = outcome(j, open);
  if (ended.empty()) return text + "/>\n";
  const std::string message = escaped(sentence(j));
  text += fmt::format(">\n      <{} message=\"{}\"", ended, message);
  if (ended == "skipped") return text + "/>\n    </testcase>\n";
  return text + fmt::format(" type=\"{}\">{}</{}>\n    </testcase>\n", to_string(j.verdict), message, ended);
}

} // namespace

void write_junit(std::ostream& out, const GateReport& report) {
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"terastal check\">\n";
  for (const CheckedBaseline& checked : *report.checked) {
    const CheckResult& r = checked.result;
    const std::size_t more = r.complete ? 0 : 1;
    out << fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n",
                       escaped(checked.baseline.path), r.judgements() + more, count(r, report.open, "failure"),
                       count(r, report.open, "error") + more, count(r, report.open, "skipped"));
    for (const CellCheck& cell : r.cells) {
      for (const MetricCheck& j : cell.judgements) out << case_text(cell, j, report.open);
    }
    if (!r.complete) {
      out << fmt::format("    <testcase classname=\"terastal check\" name=\"finished\">\n      <error message=\"{}\" "
                         "type=\"interrupted\"/>\n    </testcase>\n",
                         escaped(interrupted_text(checked)));
    }
    out << "  </testsuite>\n";
  }
  out << "</testsuites>\n";
}

} // namespace terastal
