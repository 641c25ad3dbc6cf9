#include <algorithm> // any_of, find_if

#include <fmt/format.h>

#include "report/analysis_formats.hpp"
#include "report/conditions.hpp"
#include "report/text_table.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

std::string words(Finding finding) {
  switch (finding) {
  case Finding::schedulable:
    return "in time";
  case Finding::not_schedulable:
    return "NOT";
  case Finding::open:
    return "open";
  case Finding::not_applicable:
    return "n/a";
  case Finding::gave_up:
    break;
  }
  return "gave up";
}

Cell cell(Finding finding) {
  if (finding == Finding::schedulable) return {words(finding), Ink::good};
  if (finding == Finding::not_schedulable) return {words(finding), Ink::bad};
  return {words(finding), Ink::faint};
}

std::string known(Duration d) { return d > Duration::zero() ? format_duration_short(d) : "-"; }

void write_policies(std::ostream& out, const ScenarioAnalysis& analysis, bool color) {
  TextTable table({{"policy"}, {"deadlines", true}, {"because", true}});
  for (const PolicyFinding& p : analysis.policies) {
    const bool fine = p.finding == Finding::schedulable;
    table.add({{p.policy, Ink::bold},
               fine ? Cell{"all met", Ink::good} : cell(p.finding),
               {fine ? "shown for every task" : p.reason}});
  }
  write_heading(out, "Policies", color);
  table.write(out, color);
}

void write_tasks(std::ostream& out, const AnalysisReport& report, bool color) {
  const ScenarioAnalysis& analysis = *report.analysis;
  std::vector<TextTable::Column> columns = {{"task"},   {"runs on", true}, {"period"},
                                            {"jitter"}, {"deadline"},      {"wcet"}};
  for (const std::string& policy : analysis.options.policies) columns.push_back({policy});
  TextTable table(columns);
  for (const AnalysedTask& t : analysis.tasks) {
    const Task& task = report.scenario->scenario.tasks[t.task];
    std::vector<Cell> row = {{task.name, Ink::bold},
                             {site_names(analysis, t)},
                             {known(t.period)},
                             {t.jitter > Duration::zero() ? format_duration_short(t.jitter) : ""},
                             {format_duration_short(task.deadline)},
                             {known(t.wcet)}};
    for (const TaskFinding& f : t.findings) {
      row.push_back(f.response ? Cell{format_duration_short(*f.response), Ink::good} : cell(f.finding));
    }
    table.add(std::move(row));
  }
  write_heading(out, "Tasks: response times are at most", color);
  table.write(out, color);
}

void write_sites(std::ostream& out, const AnalysisReport& report, bool color) {
  TextTable table({{"accelerators"}, {"type", true}, {"tasks"}, {"utilisation"}, {"longest layer"}});
  for (const Site& s : report.analysis->sites) {
    table.add({{s.name, Ink::bold},
               {report.scenario->scenario.platform.types[s.type].name},
               {std::to_string(s.tasks)},
               {fmt::format("{:.4f}", s.utilisation), s.utilisation > 1.0 ? Ink::bad : Ink::plain},
               {known(s.longest_layer)}});
  }
  write_heading(out, "Accelerators", color);
  table.write(out, color);
}

/// Findings that say the same of several policies, in one row.
struct Row {
  TestFinding finding;
  std::vector<std::string> policies;
};

std::vector<Row> merged(const AnalysisReport& report, bool ideal) {
  std::vector<Row> rows;
  for (const TestFinding& t : report.analysis->tests) {
    if (analysis_test(t.test).ideal != ideal) continue;
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
      const TestFinding& f = row.finding;
      return f.test == t.test && f.where == t.where && f.finding == t.finding && f.reason == t.reason;
    });
    if (same == rows.end()) {
      rows.push_back({t, {t.policy}});
    } else {
      same->policies.push_back(t.policy);
    }
  }
  return rows;
}

void write_tests(std::ostream& out, const std::vector<Row>& rows, const std::string& heading, bool color) {
  if (rows.empty()) return;
  TextTable table(
      {{"test"}, {"policy", true}, {"on", true}, {"strength", true}, {"deadlines", true}, {"because", true}});
  for (const Row& row : rows) {
    const TestFinding& t = row.finding;
    table.add({{t.test, Ink::bold},
               {join(row.policies, " ")},
               {t.where.empty() ? "all" : t.where},
               {t.finding == Finding::not_applicable ? "" : to_string(t.strength)},
               cell(t.finding),
               {t.reason}});
  }
  write_heading(out, heading, color);
  table.write(out, color);
}

/// What the tests that decided something take for granted.
void write_assumptions(std::ostream& out, const std::vector<Row>& rows, bool color) {
  TextTable table({{"test"}, {"asks whether", true}});
  for (const AnalysisTest& test : analysis_tests()) {
    const bool used = std::any_of(rows.begin(), rows.end(), [&](const Row& row) {
      return row.finding.test == test.id && row.finding.finding != Finding::not_applicable;
    });
    if (!used) continue;
    table.add({{test.id, Ink::bold}, {test.condition + " (" + test.source + ")"}});
    table.add({{""}, {"assumes: " + test.assumptions, Ink::faint}});
  }
  if (table.empty()) return;
  write_heading(out, "What the tests ask and assume", color);
  table.write(out, color);
}

} // namespace

void write_analysis_table(std::ostream& out, const AnalysisReport& report, bool color) {
  const ScenarioAnalysis& analysis = *report.analysis;
  const Scenario& scenario = report.scenario->scenario;
  Conditions conditions = conditions_of(scenario);
  std::string mapping = "every layer on the type that runs it fastest";
  if (analysis.options.mapping == LayerMapping::pinned) mapping += ", each task on one accelerator of the type";
  if (analysis.options.mapping == LayerMapping::partitioned) {
    mapping = "each task on one accelerator, such that the largest utilisation is least";
  }
  if (analysis.options.mapping == LayerMapping::single) mapping = "everything on " + analysis.sites.front().name;
  conditions.emplace_back("mapping", mapping);
  conditions.emplace_back("holds for", analysis.holds_for);
  write_conditions(out, scenario.name, scenario.description, conditions, color);
  write_policies(out, analysis, color);
  write_tasks(out, report, color);
  write_sites(out, report, color);
  std::vector<Row> rows = merged(report, false);
  write_tests(out, rows, "Tests", color);
  if (report.ideal) {
    const std::vector<Row> ideal = merged(report, true);
    write_tests(out, ideal, "If layers could be preempted anywhere, which these policies do not do", color);
    rows.insert(rows.end(), ideal.begin(), ideal.end());
  }
  write_assumptions(out, rows, color);
}

} // namespace terastal
