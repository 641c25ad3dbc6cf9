#include "report/schedulability_table.hpp"

#include <algorithm> // any_of, find_if, max
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "report/conditions.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

Conditions conditions(const SchedulabilityReport& report) {
  const Scenario& pool = report.pool->scenario;
  const SchedulabilityOptions& options = *report.options;
  const TaskSetOptions& sets = options.task_sets;
  std::vector<std::string> networks;
  for (const Task& task : pool.tasks) networks.push_back(pool.networks[task.network].name);
  const std::string tasks = sets.fewest_tasks == sets.most_tasks
                                ? std::to_string(sets.fewest_tasks)
                                : fmt::format("{} to {}", sets.fewest_tasks, sets.most_tasks);
  Conditions result = {
      {"task sets",
       fmt::format("{} for each utilisation, seed {}, the same for every method", options.sets, options.seed)},
      {"tasks", tasks + " of " + join(networks, ", ")},
      {"periods", fmt::format("{} to {} in steps of {}; deadline = period; rate monotonic; common start",
                              format_duration(sets.shortest_period), format_duration(sets.longest_period),
                              format_duration(sets.grid))},
      {"utilisation", "of the GPU with every layer on it; periods are rounded, so sets deviate (column mean)"},
      {"simulated", "one hyperperiod, at most " + format_duration(sets.longest_run)},
  };
  for (const auto& [name, value] : conditions_of(pool)) {
    if (name == "platform" || name == "accuracy") result.emplace_back(name, value);
  }
  return result;
}

std::string share(std::size_t part, std::size_t whole) {
  return whole == 0 ? "-" : fmt::format("{:.1f}", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

/// One table: rows are utilisations, columns methods; `text_of` gives a cell.
template <typename TextOf>
void write_matrix(std::ostream& out, const SchedulabilityReport& report, const std::string& heading, TextOf text_of,
                  bool color) {
  std::vector<TextTable::Column> columns = {{"utilisation"}, {"mean"}, {"sets"}};
  for (const SchedulabilityMethod& m : *report.methods) columns.push_back({m.name});
  TextTable table(columns);
  const auto add = [&](const std::string& name, const UtilisationPoint& p) {
    std::vector<Cell> row = {{name}, {fmt::format("{:.3f}", p.mean)}, {std::to_string(p.sets)}};
    for (const MethodCount& count : p.methods) row.push_back({text_of(count, p.sets)});
    table.add(std::move(row));
  };
  for (const UtilisationPoint& p : report.result->points) add(short_number(p.target), p);
  add("all", report.result->total);
  write_heading(out, heading, color);
  table.write(out, color);
}

std::optional<std::size_t> simulated_sets(const SchedulabilityReport& report, const std::string& name) {
  for (std::size_t m = 0; m < report.methods->size(); ++m) {
    if ((*report.methods)[m].name == name) return report.result->total.methods[m].simulated;
  }
  return std::nullopt;
}

/// `+56.0 % against x (28 against 18 sets)`.
std::string more(std::size_t ours, std::size_t theirs, const std::string& name) {
  const std::string counts = fmt::format("{} against {} sets of {}", ours, theirs, name);
  if (theirs == 0) return counts;
  return signed_percent(static_cast<double>(ours) / static_cast<double>(theirs) - 1.0) + " (" + counts + ")";
}

/// What the paper claims beside what came out here; only with the methods that it compares.
void write_claims(std::ostream& out, const SchedulabilityReport& report, bool color) {
  const auto gc = simulated_sets(report, "dart_gc");
  const auto cg = simulated_sets(report, "dart_cg");
  const auto all_gpu = simulated_sets(report, "all_gpu");
  if (!simulated_sets(report, "lalarand") && !simulated_sets(report, "lalarand_static")) return;
  if (!all_gpu && !(gc && cg)) return;
  write_heading(out, "Schedulable sets of all utilisations, by simulation", color);
  for (const char* name : {"lalarand_static", "lalarand"}) {
    const auto ours = simulated_sets(report, name);
    if (!ours) continue;
    if (gc && cg) {
      const bool first = *gc >= *cg;
      out << fmt::format("  {} against DART, the better direction: {}; the paper: +56 %\n", name,
                         more(*ours, std::max(*gc, *cg), first ? "dart_gc" : "dart_cg"));
    }
    if (all_gpu) {
      out << fmt::format("  {} against everything on the GPU: {}; the paper: +80 %\n", name,
                         more(*ours, *all_gpu, "all_gpu"));
    }
  }
  out << "  The paper's task sets and tables are not known; these depend on the utilisations chosen.\n";
}

} // namespace

void write_schedulability_table(std::ostream& out, const SchedulabilityReport& report, bool color) {
  const Scenario& pool = report.pool->scenario;
  const auto& total = report.result->total;
  write_conditions(out, "Schedulability of random task sets, " + pool.name, pool.description, conditions(report),
                   color);
  write_matrix(
      out, report, "No miss in the simulated hyperperiod, % of sets",
      [](const MethodCount& c, std::size_t sets) { return share(c.simulated, sets); }, color);
  if (std::any_of(total.methods.begin(), total.methods.end(), [](const MethodCount& c) { return c.analysed; })) {
    write_matrix(
        out, report, "All response-time bounds within deadlines, % of sets",
        [](const MethodCount& c, std::size_t sets) { return c.analysed ? share(*c.analysed, sets) : "-"; }, color);
  }
  if (std::any_of(total.methods.begin(), total.methods.end(),
                  [](const MethodCount& c) { return c.largest_loss > 0.0; })) {
    write_matrix(
        out, report, "Accuracy loss in %: mean over the jobs of sets without a miss",
        [](const MethodCount& c, std::size_t) { return percent_number(c.accuracy_loss); }, color);
  }
  write_claims(out, report, color);
  if (!report.result->complete) out << "\nInterrupted: not all task sets are in.\n";
}

} // namespace terastal
