#include <algorithm> // max
#include <string_view>

#include <fmt/format.h>

#include "report/compare_formats.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"

namespace terastal {
namespace {

/// `edf on small: miss rate 12.34 % ± 0.41`, or a difference.
std::string widest_text(const NamedInterval& w, const CompareReport& report) {
  const MetricInfo& metric = *w.metric;
  const std::string_view unit = metric.unit == std::string_view("%") ? "points" : metric.unit;
  const auto reach = w.interval.estimate.reach();
  return fmt::format("{}{} of {} on {}, ± {:.3g}{}{}", w.difference ? "difference in " : "", metric.title,
                     (*report.policies)[w.policy].label, (*report.scenarios)[w.scenario].scenario.name,
                     reach.value_or(0.0) * metric.factor, unit.empty() ? "" : " ", unit);
}

std::string until_text(const SequentialOutcome& o, const CompareReport& report) {
  std::string text = fmt::format("Until half-widths are at most {}: ", to_string(o.rule.precision));
  if (!o.widest) return text + "no decision was reached";
  text += fmt::format("{} after {} replications", o.reached ? "reached" : "not reached", o.replications);
  text += fmt::format("; widest: {}", widest_text(*o.widest, report));
  return o.reached ? text : text + fmt::format("; about {} replications needed", o.needed);
}

} // namespace

std::string p_value_text(double p) {
  if (p < 1e-4) return "< 0.0001";
  return p >= 0.1 ? fmt::format("{:.2f}", p) : fmt::format("{:.2g}", p);
}

std::string change_text(const MeanEstimate& relative) {
  const std::string mean = signed_percent(relative.mean);
  if (!relative.half_width) return mean;
  const double low = relative.mean < -1.0 ? relative.low() : std::max(-1.0, relative.low());
  return mean + fmt::format(" [{:+.1f}, {:+.1f}]", low * 100.0, relative.high() * 100.0);
}

void write_compare_statistics(std::ostream& out, const CompareReport& report, bool color) {
  const Comparison& c = *report.comparison;
  if (!c.until) return;
  out << paint(until_text(*c.until, report), c.until->reached ? Ink::plain : Ink::bad, color) << '\n';
}

std::string interval_note(const Comparison& comparison) {
  const bool bca = comparison.intervals == IntervalMethod::bca;
  std::string note = bca ? "[ ]: 95 % intervals of the mean, BCa bootstrap over replications"
                         : "± and [ ]: 95 % intervals of the mean, Student's t over replications";
  note += "; differences are paired by seed.";
  if (comparison.judged > 0) {
    note +=
        "\nVerdict: better or worse when the paired t-test's p-value, adjusted by Holm's procedure, is at most 0.05; "
        "identical when every replication gives the same value.";
  }
  return note;
}

} // namespace terastal
