#include <algorithm> // any_of, find, max
#include <cmath>     // abs

#include <fmt/format.h>

#include "report/compare_formats.hpp" // change_text, p_value_text
#include "report/numbers.hpp"
#include "report/query_formats.hpp"
#include "report/text_table.hpp"
#include "terastal/core/text.hpp"

namespace terastal {
namespace {

constexpr double kAlpha = 0.05; // 1 − kConfidence, as people write it

using Differences = std::vector<const PairedDifference*>;

/// Columns behind the values of a row and of the axis.
std::vector<std::string> number_columns() {
  return {"against",
          "metric",
          "n",
          "cells",
          "left_out",
          "base_mean",
          "mean",
          "difference",
          "difference_ci_low",
          "difference_ci_high",
          "relative_change",
          "relative_change_ci_low",
          "relative_change_ci_high",
          "p_value",
          "adjusted_p_value",
          "verdict"};
}

/// Mean and interval.
void add_estimate(Json& entry, const std::string& name, const MeanEstimate& e) {
  entry[name] = e.n > 0 ? Json(e.mean) : Json();
  entry[name + "_ci_low"] = e.half_width ? Json(e.low()) : Json();
  entry[name + "_ci_high"] = e.half_width ? Json(e.high()) : Json();
}

std::vector<Json> json_differences(const QueryReport& report, const PairedDifferences& differences, bool typed) {
  const SweepIdentity& identity = report.results->identity();
  const auto numeric = typed ? numeric_dimensions(identity) : std::vector<bool>(identity.axes.size() + 1, false);
  const AgainstSpec& spec = differences.spec;
  std::vector<Json> entries;
  for (const PairedDifference& d : differences.all) {
    Json entry = Json::object();
    add_values(entry, identity, spec.rows, d.row, numeric);
    entry[identity.axes[spec.axis]] = json_value(d.other, numeric[spec.axis]);
    entry["against"] = json_value(identity.axis_values[spec.axis][spec.base], numeric[spec.axis]);
    entry["metric"] = identity.metrics[d.metric];
    entry["n"] = d.comparison.difference.n;
    entry["cells"] = d.cells;
    entry["left_out"] = d.left_out;
    entry["base_mean"] = d.base.n > 0 ? Json(d.base.mean) : Json();
    entry["mean"] = d.value.n > 0 ? Json(d.value.mean) : Json();
    add_estimate(entry, "difference", d.comparison.difference);
    add_estimate(entry, "relative_change", d.comparison.relative.value_or(MeanEstimate{}));
    entry["p_value"] = json_number(d.p_value);
    entry["adjusted_p_value"] = json_number(d.adjusted_p_value);
    entry["verdict"] = d.verdict ? Json(to_string(*d.verdict)) : Json();
    entries.push_back(std::move(entry));
  }
  return entries;
}

Json json_document(const QueryReport& report, const PairedDifferences& differences) {
  const SweepIdentity& identity = report.results->identity();
  const AgainstSpec& spec = differences.spec;
  const bool bca = spec.intervals == IntervalMethod::bca;
  Json document = json_head("query");
  document["sweep"] = json_info(report);
  document["selection"] = json_selection(report);
  document["against"] = {{"axis", identity.axes[spec.axis]}, {"value", identity.axis_values[spec.axis][spec.base]}};
  document["ci_level"] = kConfidence;
  document["method"] = !differences.over_seeds ? "no replications" : bca ? "bca_bootstrap" : "paired_student_t";
  document["averaged"] = differences.averaged;
  document["verdicts"] = {{"method", spec.holm ? "holm_paired_t" : "interval"}, {"alpha", kAlpha}};
  if (spec.holm) document["verdicts"]["differences"] = differences.judged;
  document["differences"] = json_differences(report, differences, true);
  return document;
}

void write_lines(std::ostream& out, const QueryReport& report, const PairedDifferences& differences, Format format) {
  const SweepIdentity& identity = report.results->identity();
  std::vector<std::string> columns;
  for (const std::size_t d : differences.spec.rows) columns.push_back(dimension_name(identity, d));
  columns.push_back(identity.axes[differences.spec.axis]);
  for (std::string& name : number_columns()) columns.push_back(std::move(name));
  columns.insert(columns.end(), {"intervals", "store_digest"});
  auto entries = json_differences(report, differences, format == Format::jsonl);
  const std::string digest = report.results->digest();
  for (Json& entry : entries) {
    entry["intervals"] = differences.spec.intervals == IntervalMethod::bca ? "bca" : "t";
    entry["store_digest"] = digest;
  }
  write_query_lines(out, columns, entries, format);
}

/// `-2.20 ± 5.62`, half-widths right-aligned in `width` characters; `-2.20 [-7.10, 0.40]` when resampled.
std::string difference_text(const PairedDifference& d, double factor, int digits, std::size_t width) {
  const MeanEstimate e = d.comparison.difference.scaled(factor);
  if (e.n == 0) return "-";
  if (d.comparison.identical) return "0";
  const std::string mean = fmt::format("{:+.{}f}", e.mean, digits);
  if (!e.half_width) return mean;
  if (e.bootstrap) return fmt::format("{} [{:+.{}f}, {:+.{}f}]", mean, e.low(), digits, e.high(), digits);
  return mean + fmt::format(" ± {:>{}.{}f}", *e.half_width, width, digits);
}

/// Empty where all pairs are equal, or the base's mean is 0.
std::string relative_text(const PairedComparison& c) {
  return c.identical || !c.relative ? "" : change_text(*c.relative);
}

Cell verdict_cell(const PairedDifference& d) {
  if (!d.verdict) return {"-", Ink::faint};
  const Ink ink = *d.verdict == Verdict::better ? Ink::good : *d.verdict == Verdict::worse ? Ink::bad : Ink::plain;
  return {to_string(*d.verdict), ink};
}

std::string p_text(const std::optional<double>& p) { return p ? p_value_text(*p) : ""; }

/// Of all differences: whether the numbers of replications differ.
bool n_differs(const Differences& differences) {
  return std::any_of(differences.begin(), differences.end(), [&](const PairedDifference* d) {
    return d->comparison.difference.n != differences.front()->comparison.difference.n;
  });
}

void write_table(std::ostream& out, const QueryReport& report, const AgainstSpec& spec, const Differences& differences,
                 bool color) {
  const SweepIdentity& identity = report.results->identity();
  const MetricInfo* metric = metric_of_key(identity.metrics[differences.front()->metric]);
  const double factor = metric == nullptr ? 1.0 : metric->factor;
  double largest = 0.0;
  for (const PairedDifference* d : differences) {
    largest = std::max({largest, std::abs(d->base.mean * factor), std::abs(d->value.mean * factor)});
  }
  const int digits = digits_for(largest);
  std::size_t width = 0;
  for (const PairedDifference* d : differences) {
    const auto& half = d->comparison.difference.half_width;
    if (half && !d->comparison.identical)
      width = std::max(width, fmt::format("{:.{}f}", *half * factor, digits).size());
  }
  std::vector<TextTable::Column> columns;
  for (const std::size_t d : spec.rows) columns.push_back({dimension_name(identity, d), true});
  columns.push_back({identity.axes[spec.axis], true});
  for (const char* name : {"mean", "against", "difference", "change", "p", "adjusted p"}) columns.push_back({name});
  columns.push_back({"verdict", true});
  columns.push_back({"n"});
  columns.push_back({"left out"});
  TextTable table(columns);
  const bool show_n = n_differs(differences);
  const auto mean = [&](const MeanEstimate& e) {
    return e.n == 0 ? Cell{"-", Ink::faint} : Cell{fmt::format("{:.{}f}", e.mean * factor, digits)};
  };
  for (const PairedDifference* d : differences) {
    std::vector<Cell> row;
    for (const std::string& value : d->row) row.push_back({value});
    row.insert(row.end(), {{d->other},
                           mean(d->value),
                           mean(d->base),
                           {difference_text(*d, factor, digits, width)},
                           {relative_text(d->comparison)},
                           {p_text(d->p_value)},
                           {p_text(d->adjusted_p_value)},
                           verdict_cell(*d),
                           {show_n ? std::to_string(d->comparison.difference.n) : ""},
                           {d->left_out > 0 ? std::to_string(d->left_out) : "", Ink::bad}});
    table.add(std::move(row));
  }
  table.write(out, color);
}

std::string base_name(const QueryReport& report, const AgainstSpec& spec) {
  const SweepIdentity& identity = report.results->identity();
  const std::string& value = identity.axis_values[spec.axis][spec.base];
  return identity.axes[spec.axis] == "policy" ? value : identity.axes[spec.axis] + " " + value;
}

/// What the numbers are, and how they came about.
void write_notes(std::ostream& out, const QueryReport& report, const PairedDifferences& differences, bool color) {
  const auto note = [&](const std::string& text) { out << paint(text, Ink::faint, color) << '\n'; };
  const AgainstSpec& spec = differences.spec;
  const std::size_t n = differences.all.front().comparison.difference.n;
  Differences all;
  for (const PairedDifference& d : differences.all) all.push_back(&d);
  out << '\n';
  if (differences.over_seeds) {
    const bool bca = spec.intervals == IntervalMethod::bca;
    note(fmt::format("Differences from {}, paired by seed{}; {} over seeds. p: paired t-test.", base_name(report, spec),
                     n_differs(all) ? "" : fmt::format(" (n = {})", n),
                     bca ? "[ ]: 95 % intervals, BCa bootstrap" : "± and [ ]: 95 % intervals, Student's t"));
  } else {
    note(fmt::format("Differences from {}; the sweep has no seed axis: single runs, no intervals.",
                     base_name(report, spec)));
  }
  if (differences.judged > 0) {
    note(fmt::format("Verdict: better or worse when the p-value, adjusted by Holm's procedure for these {}, is at most "
                     "0.05;\nidentical when every pair is equal.",
                     differences.judged));
  } else if (differences.over_seeds) {
    note(
        "Verdict: better or worse when the interval of the difference leaves 0 out, row by row (--holm adjusts for all "
        "of\nthem); identical when every pair is equal.");
  }
  const auto known = [](const PairedDifference& d) { return d.comparison.exact; };
  if (std::any_of(differences.all.begin(), differences.all.end(), known)) {
    note("Where the seed makes no difference, nothing is random: the difference is known, and p is 0 or 1.");
  }
  if (!differences.averaged.empty()) note("Averaged before that: " + join(differences.averaged, ", ") + ".");
  write_selection_notes(out, report, color);
}

/// Why there is no difference to show.
std::string nothing_compared(const QueryReport& report) {
  const SweepIdentity& identity = report.results->identity();
  const AgainstSpec& spec = report.against;
  if (report.results->counts().done == 0) return nothing_selected(report);
  return fmt::format("no cell of another {} than {} is selected and done", identity.axes[spec.axis],
                     identity.axis_values[spec.axis][spec.base]);
}

/// How much was left out, in all; empty when nothing was.
std::string left_out_text(const QueryReport& report, const PairedDifferences& differences) {
  constexpr std::size_t most = 4;
  std::vector<std::string> texts;
  std::size_t rows = 0;
  for (const PairedDifference& d : differences.all) {
    if (d.left_out == 0 || ++rows > most) continue;
    texts.push_back(fmt::format("{}{}{}: {} of {} cells, n = {}", join(d.row, ", "), d.row.empty() ? "" : " / ",
                                d.other, d.left_out, d.left_out + 2 * d.cells, d.comparison.difference.n));
    if (differences.spec.metrics.size() > 1) texts.back() += " (" + report.results->identity().metrics[d.metric] + ")";
  }
  if (texts.empty()) return {};
  return "cells without a partner are left out: " + join(texts, "; ") +
         (rows > most ? fmt::format("; and {} more", rows - most) : "");
}

void write_tables(std::ostream& out, const QueryReport& report, const PairedDifferences& differences, bool color) {
  const AgainstSpec& spec = differences.spec;
  for (const std::size_t metric : spec.metrics) {
    Differences of_metric;
    for (const PairedDifference& d : differences.all) {
      if (d.metric == metric) of_metric.push_back(&d);
    }
    const bool by_task =
        std::find(spec.rows.begin(), spec.rows.end(), report.results->identity().axes.size()) != spec.rows.end();
    if (metric != spec.metrics.front()) out << '\n';
    const std::string title = metric_title(report, metric, by_task) + ", against " + base_name(report, spec);
    out << paint(title, Ink::bold, color) << '\n';
    write_table(out, report, spec, of_metric, color);
  }
  write_notes(out, report, differences, color);
}

} // namespace

void write_query_differences(std::ostream& out, const QueryReport& report, Format format, bool color) {
  const PairedDifferences differences = make_differences(*report.results, report.selection, report.against);
  if (format == Format::json) {
    write_json(out, json_document(report, differences));
  } else if (format != Format::table) {
    write_lines(out, report, differences, format);
  } else if (differences.all.empty()) {
    out << "  " << nothing_compared(report) << '\n';
  } else {
    write_tables(out, report, differences, color);
  }
  if (differences.all.empty()) warn(report, nothing_compared(report));
  const std::string left_out = left_out_text(report, differences);
  if (!left_out.empty()) warn(report, left_out);
}

} // namespace terastal
