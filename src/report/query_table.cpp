#include <algorithm> // find, max, min
#include <cmath>     // abs

#include <fmt/format.h>

#include "report/query_formats.hpp"
#include "report/text_table.hpp"
#include "terastal/core/text.hpp"

namespace terastal {
namespace {

double largest_of(const Pivot& pivot, double factor) {
  double largest = 0.0;
  for (const auto& row : pivot.at) {
    for (const auto& group : row) {
      if (group) largest = std::max(largest, std::abs(group->mean.mean * factor));
    }
  }
  return largest;
}

std::string half_width(const PivotGroup& group, double factor, int digits) {
  return group.mean.half_width ? fmt::format("{:.{}f}", *group.mean.half_width * factor, digits) : "";
}

/// Characters of the widest half-width of a column.
std::size_t half_width_of_column(const Pivot& pivot, std::size_t column, double factor, int digits) {
  std::size_t widest = 0;
  for (const auto& row : pivot.at) {
    if (row[column]) widest = std::max(widest, half_width(*row[column], factor, digits).size());
  }
  return widest;
}

/// `12.34 ± 0.50`, half-widths right-aligned in `width` characters; `* 12.34 ± 0.50` for what lacks cells.
Cell cell_of(const std::optional<PivotGroup>& group, double factor, int digits, std::size_t width) {
  if (!group) return {"-", Ink::faint};
  const std::string half = half_width(*group, factor, digits);
  const std::string text = fmt::format("{:.{}f}", group->mean.mean * factor, digits) +
                           (half.empty() ? "" : fmt::format(" ± {:>{}}", half, width));
  return group->lacking > 0 ? Cell{"* " + text, Ink::bad} : Cell{text};
}

/// `10`, or `3 to 10`.
std::string replications(const Pivot& pivot) {
  std::size_t least = 0;
  std::size_t most = 0;
  for (const auto& row : pivot.at) {
    for (const auto& group : row) {
      if (!group) continue;
      least = most == 0 ? group->mean.n : std::min(least, group->mean.n);
      most = std::max(most, group->mean.n);
    }
  }
  return least == most ? std::to_string(most) : fmt::format("{} to {}", least, most);
}

/// What the numbers are, and how they came about.
void write_notes(std::ostream& out, const QueryReport& report, const Pivot& pivot, bool color) {
  const auto& axes = report.results->identity().axes;
  const auto note = [&](const std::string& text) { out << paint(text, Ink::faint, color) << '\n'; };
  out << '\n';
  if (pivot.unbalanced()) {
    out << paint(fmt::format(
                     "* Lacks cells that others have: {}.\n"
                     "  These means do not compare: name the axes that differ, or choose by --where what all have.",
                     lacking_text(pivot)),
                 Ink::bad, color)
        << '\n';
  }
  if (pivot.over_seeds) {
    note(fmt::format("Means over seeds (n = {}); ±: 95 % interval of the mean, Student's t over seeds.",
                     replications(pivot)));
  } else if (std::find(axes.begin(), axes.end(), "seed") != axes.end()) {
    note("Every seed by itself: no intervals.");
  } else {
    note("The sweep has no seed axis: single runs, no intervals.");
  }
  if (!pivot.averaged.empty()) {
    note((pivot.over_seeds ? "Averaged before that: " : "Averaged: ") + join(pivot.averaged, ", ") + ".");
  }
  write_selection_notes(out, report, color);
}

} // namespace

void write_query_pivot(std::ostream& out, const QueryReport& report, bool color) {
  const Pivot pivot = make_pivot(*report.results, report.selection, report.pivot);
  const SweepIdentity& identity = report.results->identity();
  const std::string& key = identity.metrics[pivot.spec.metric];
  const MetricInfo* metric = metric_of_key(key);
  const double factor = metric == nullptr ? 1.0 : metric->factor;
  if (report.what != QueryReport::What::pivot) out << '\n'; // below the summary
  out << paint(metric_title(report, pivot.spec.metric, names_tasks(pivot.spec, identity)), Ink::bold, color) << '\n';
  if (pivot.rows.empty()) {
    out << "  " << nothing_selected(report) << '\n';
    return warn(report, nothing_selected(report));
  }

  std::vector<TextTable::Column> columns;
  for (const std::size_t d : pivot.spec.rows) columns.push_back({dimension_name(identity, d), true});
  if (columns.empty()) columns.push_back({"", true});
  for (const auto& values : pivot.columns) {
    columns.push_back({pivot.spec.columns.empty() ? (metric == nullptr ? key : metric->id) : join(values, " / ")});
  }
  TextTable table(columns);
  const int digits = digits_for(largest_of(pivot, factor));
  for (std::size_t r = 0; r < pivot.rows.size(); ++r) {
    std::vector<Cell> row;
    for (const std::string& value : pivot.rows[r]) row.push_back({value});
    if (row.empty()) row.push_back({"mean"});
    for (std::size_t c = 0; c < pivot.columns.size(); ++c) {
      row.push_back(cell_of(pivot.at[r][c], factor, digits, half_width_of_column(pivot, c, factor, digits)));
    }
    table.add(std::move(row));
  }
  table.write(out, color);
  write_notes(out, report, pivot, color);
  if (pivot.unbalanced()) warn(report, "means over unequal sets of cells do not compare: " + lacking_text(pivot));
}

} // namespace terastal
