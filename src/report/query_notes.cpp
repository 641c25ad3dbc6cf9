#include <fmt/format.h>

#include "report/query_formats.hpp"
#include "report/text_table.hpp"
#include "terastal/core/text.hpp"

namespace terastal {
namespace {

/// `no load 1.6`; `none of 12 values of seed` when there are many.
std::string none_of(const std::string& axis, const std::vector<std::string>& values) {
  constexpr std::size_t most = 5;
  if (values.size() > most) return fmt::format("none of {} values of {}", values.size(), axis);
  return fmt::format("no {} {}", axis, join(values, ", "));
}

/// `ar_social_4k, 0.8 / fcfs`.
std::string name_of(const std::vector<std::string>& row, const std::vector<std::string>& column) {
  return join(row, ", ") + (row.empty() || column.empty() ? "" : " / ") + join(column, ", ");
}

} // namespace

void warn(const QueryReport& report, const std::string& text) {
  if (report.warn) report.warn(text);
}

std::string nothing_selected(const QueryReport& report) {
  const bool chosen = !report.selection.where.empty() && report.results->counts().done > 0;
  return chosen ? "no cell that --where chooses is done" : "nothing is done yet";
}

std::string lacking_text(const Pivot& pivot) {
  constexpr std::size_t most = 4;
  std::vector<std::string> texts;
  std::size_t lacking = 0;
  for (std::size_t r = 0; r < pivot.rows.size(); ++r) {
    for (std::size_t c = 0; c < pivot.columns.size(); ++c) {
      const auto& group = pivot.at[r][c];
      if (!group || group->lacking == 0 || ++lacking > most) continue;
      std::vector<std::string> lacks;
      for (const auto& [axis, values] : group->lacks) lacks.push_back(none_of(axis, values));
      texts.push_back(fmt::format("{} has {} of {}{}", name_of(pivot.rows[r], pivot.columns[c]), group->cells,
                                  pivot.combinations, lacks.empty() ? "" : " (" + join(lacks, ", ") + ")"));
    }
  }
  return join(texts, "; ") + (lacking > most ? fmt::format("; and {} more", lacking - most) : "");
}

void write_selection_notes(std::ostream& out, const QueryReport& report, bool color) {
  const auto note = [&](const std::string& text) { out << paint(text, Ink::faint, color) << '\n'; };
  const SweepIdentity& identity = report.results->identity();
  for (const auto& condition : report.selection.where) {
    std::vector<std::string> values;
    for (const std::size_t v : condition.values) values.push_back(identity.axis_values[condition.axis][v]);
    note("Only " + identity.axes[condition.axis] + " = " + join(values, " | ") + ".");
  }
  const StoreCounts counts = report.results->counts();
  if (counts.missing > 0)
    note(fmt::format("Missing: {} of the sweep's cells; means of what is there.", counts.missing));
  if (counts.failed > 0) note(fmt::format("Failed: {} of the sweep's cells; --failed shows why.", counts.failed));
}

std::string metric_title(const QueryReport& report, std::size_t metric, bool by_task) {
  const std::string& key = report.results->identity().metrics[metric];
  const MetricInfo* info = metric_of_key(key);
  if (info == nullptr) return key;
  std::string title = info->title;
  // A title says how tasks are taken together; by itself, a task has the plain metric.
  const auto& tasks = report.selection.tasks;
  if (by_task) {
    title = title.substr(0, title.find(','));
  } else if (tasks.size() == 1 && !tasks.front().empty()) {
    title = fmt::format("{} of task {}", title.substr(0, title.find(',')), tasks.front());
  }
  const std::string unit = info->unit;
  return unit.empty() ? title : title + " in " + unit;
}

int digits_for(double largest) {
  int digits = 2;
  for (double scale = 0.1; digits < 8 && largest > 0.0 && largest < scale; scale /= 10.0) ++digits;
  for (double scale = 1e4; digits > 0 && largest >= scale; scale *= 10.0) --digits;
  return digits;
}

} // namespace terastal
