#include <algorithm> // min

#include <fmt/format.h>

#include "report/gate_formats.hpp"
#include "report/numbers.hpp"

namespace terastal {
namespace {

bool in_percent(const MetricCheck& j) { return j.metric != nullptr && j.metric->unit == std::string_view("%"); }

/// `{:.2f}` for percentages, four digits for the rest; `sign` in front where asked for.
std::string scaled_text(const MetricCheck& j, double value, bool sign = false) {
  const double scaled = value * (j.metric == nullptr ? 1.0 : j.metric->factor);
  if (in_percent(j)) return sign ? fmt::format("{:+.2f}", scaled) : fmt::format("{:.2f}", scaled);
  return sign ? fmt::format("{:+.4g}", scaled) : fmt::format("{:.4g}", scaled);
}

std::string unit_of(const MetricCheck& j) {
  return j.metric == nullptr || *j.metric->unit == '\0' ? std::string{} : std::string(" ") + j.metric->unit;
}

} // namespace

std::string metric_id(const MetricCheck& j) {
  if (j.metric != nullptr) return j.metric->id;
  return j.verdict == CheckVerdict::missing ? "cell" : "events";
}

std::string metric_title(const MetricCheck& j) {
  if (j.metric != nullptr) return j.metric->title;
  if (j.verdict != CheckVerdict::missing) return "event stream";
  return j.task.empty() ? "cell" : "task";
}

std::string value_text(const MetricCheck& j, const std::optional<double>& value) {
  return value ? scaled_text(j, *value) : std::string{};
}

std::string change_text(const MetricCheck& j) {
  if (!j.difference || j.verdict == CheckVerdict::identical) return {};
  const std::string mean = scaled_text(j, j.difference->mean, true);
  if (!j.difference->half_width) return mean;
  const std::string half = in_percent(j) ? scaled_text(j, *j.difference->half_width)
                                         : fmt::format("{:.2g}", *j.difference->half_width * j.metric->factor);
  return mean + " ± " + half;
}

std::string limit_text(const MetricCheck& j) {
  return j.difference && j.judge != Judge::exact ? scaled_text(j, j.limit) : std::string{};
}

std::string remark(const MetricCheck& j) {
  std::string text = j.note;
  const auto add = [&text](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
  if (j.verdict == CheckVerdict::improves) add("--update keeps the gain");
  if (j.verdict != CheckVerdict::inconclusive) return text;
  if (!j.difference || !j.difference->half_width) {
    add("one replication decides nothing: at least 2 are needed");
    return text;
  }
  add(j.needed > 0 ? fmt::format("about {} replications would decide", j.needed)
                   : "the change is too near the limit for any number of replications");
  return text;
}

std::string sentence(const MetricCheck& j) {
  std::string text = (j.task.empty() ? "" : "task " + j.task + ": ") + metric_title(j) + ": " + to_string(j.verdict);
  if (j.baseline && j.now) {
    text += fmt::format(": {} → {}{}", value_text(j, j.baseline), value_text(j, j.now), unit_of(j));
  }
  if (const std::string change = change_text(j); !change.empty()) {
    const std::string limit = limit_text(j);
    text += " (" + change + (limit.empty() ? "" : ", limit " + limit) + ")";
  }
  const std::string more = remark(j);
  return more.empty() ? text : text + "; " + more;
}

std::string counts_text(const CheckResult& result) {
  std::string text;
  for (const CheckVerdict v : kCheckVerdicts) {
    if (const std::size_t n = result.count(v); n > 0) text += fmt::format(", {} {}", n, to_string(v));
  }
  const std::size_t n = result.judgements();
  if (n == 0) return "no judgement";
  return fmt::format("{} judgement{}: {}", n, n == 1 ? "" : "s", text.substr(2));
}

std::string interrupted_text(const CheckedBaseline& checked) {
  const auto& cells = checked.baseline.cells;
  const std::size_t planned = checked.baseline.plan.replications;
  const std::size_t kept = cells.empty() ? planned : cells.front().digests.size();
  const std::size_t done = checked.result.replications;
  return done == 0 ? "interrupted before all cells had one replication: nothing is judged"
                   : fmt::format("interrupted after {} of {} replications of each cell", done, std::min(planned, kept));
}

} // namespace terastal
