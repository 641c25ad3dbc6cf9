#include <algorithm> // count

#include <fmt/format.h>

#include "report/conditions.hpp"
#include "report/gate_formats.hpp"
#include "report/text_table.hpp"

namespace terastal {
namespace {

Ink ink_of(CheckVerdict verdict) {
  switch (verdict) {
  case CheckVerdict::identical:
  case CheckVerdict::undefined:
    return Ink::faint;
  case CheckVerdict::passes:
    return Ink::plain;
  case CheckVerdict::improves:
    return Ink::good;
  default:
    return Ink::bad;
  }
}

/// The verdict; when baselines are replaced, what has no counterpart is new or gone.
std::string verdict_text(const MetricCheck& j, bool updated) {
  if (!updated || j.absent == Absent::neither) return to_string(j.verdict);
  return j.absent == Absent::baseline ? "new" : "gone";
}

std::string how_text(const GatePlan& plan) {
  const std::string interval = fmt::format("{:g} % intervals of differences paired by seed", plan.confidence * 100.0);
  switch (plan.judge) {
  case Judge::exact:
    return "event streams and numbers must be the same";
  case Judge::tolerance:
    return "means within the limit, up or down";
  case Judge::noninferior:
    break;
  }
  return "worse by at most the limit, by " + interval;
}

/// Why replications are not paired: each reason once.
void add_unpaired(Conditions& conditions, const CheckResult& result) {
  std::vector<std::string> reasons;
  for (const CellCheck& cell : result.cells) {
    if (cell.unpaired.empty() || std::count(reasons.begin(), reasons.end(), cell.unpaired) > 0) continue;
    reasons.push_back(cell.unpaired);
    conditions.push_back({reasons.size() == 1 ? "unpaired" : "", cell.unpaired});
  }
}

void add_changes(Conditions& conditions, const CheckResult& result) {
  constexpr std::size_t most = 8;
  for (std::size_t i = 0; i < result.inputs.size() && i < most; ++i) {
    const InputChange& c = result.inputs[i];
    const char* what = c.before.empty() ? " is read, and was not"
                       : c.now.empty()  ? " is not read any more"
                                        : " changed";
    conditions.push_back({i == 0 ? "inputs" : "", c.path + what});
  }
  if (result.inputs.size() > most) {
    conditions.push_back({"", fmt::format("and {} more", result.inputs.size() - most)});
  }
}

Conditions conditions_of(const CheckedBaseline& checked) {
  const GatePlan& plan = checked.baseline.plan;
  Conditions conditions;
  const std::size_t n = checked.result.replications;
  const auto& cells = checked.baseline.cells;
  const std::size_t kept = cells.empty() ? n : cells.front().digests.size();
  std::string compared = kept == n ? fmt::format("{}", n) : fmt::format("{} of {}", n, kept);
  compared += fmt::format(" replication{} of each cell", kept == 1 ? "" : "s");
  conditions.push_back({"compared", compared});
  std::string changes;
  for (const Override& o : plan.overrides) changes += (changes.empty() ? "" : ", ") + o.path + "=" + o.value;
  if (!changes.empty()) conditions.push_back({"changes", changes});
  conditions.push_back({"judged", how_text(plan)});
  if (!checked.result.complete) conditions.push_back({"INTERRUPTED", interrupted_text(checked)});
  for (std::size_t i = 0; i < checked.result.plan_changes.size(); ++i) {
    conditions.push_back({i == 0 ? "plan" : "", checked.result.plan_changes[i]});
  }
  add_unpaired(conditions, checked.result);
  add_changes(conditions, checked.result);
  return conditions;
}

/// The rows of one baseline; names of scenarios and policies stand in the first row they hold for.
class Rows {
 public:
  explicit Rows(bool updated)
      : updated_(updated), table_({{"scenario", true},
                                   {"policy", true},
                                   {"task", true},
                                   {"metric", true},
                                   {"unit", true},
                                   {updated ? "old" : "baseline"},
                                   {updated ? "new" : "now"},
                                   {"change"},
                                   {"limit"},
                                   {"verdict", true},
                                   {"", true}}) {}

  void add(const CellCheck& cell) {
    first_of_cell_ = true;
    if (cell.identical() && cell.judgements.size() > 1) return all_identical(cell);
    for (const MetricCheck& j : cell.judgements) {
      row(cell, {{j.task},
                 {metric_title(j)},
                 {j.metric == nullptr ? "" : j.metric->unit},
                 {value_text(j, j.baseline)},
                 {value_text(j, j.now)},
                 {change_text(j)},
                 {limit_text(j)},
                 {verdict_text(j, updated_), updated_ ? Ink::plain : ink_of(j.verdict)},
                 {updated_ ? "" : remark(j), Ink::faint}});
    }
  }

  void write(std::ostream& out, bool color) const { table_.write(out, color); }

 private:
  void all_identical(const CellCheck& cell) {
    row(cell, {{""},
               {fmt::format("all {} numbers", cell.judgements.size()), Ink::faint},
               {""},
               {""},
               {""},
               {""},
               {""},
               {"identical", Ink::faint},
               {""}});
  }

  void row(const CellCheck& cell, std::vector<Cell> rest) {
    std::vector<Cell> cells = {{cell.scenario == scenario_ ? "" : cell.scenario, Ink::bold},
                               {first_of_cell_ ? cell.policy : "", Ink::bold}};
    scenario_ = cell.scenario;
    first_of_cell_ = false;
    cells.insert(cells.end(), rest.begin(), rest.end());
    table_.add(std::move(cells));
  }

  bool updated_;
  TextTable table_;
  std::string scenario_;
  bool first_of_cell_ = true;
};

void write_baseline_table(std::ostream& out, const CheckedBaseline& checked, bool updated, bool color) {
  write_conditions(out, checked.baseline.path, "measured with terastal " + checked.baseline.version,
                   conditions_of(checked), color);
  if (checked.result.cells.empty()) return;
  out << '\n';
  Rows rows(updated);
  for (const CellCheck& cell : checked.result.cells) rows.add(cell);
  rows.write(out, color);
}

} // namespace

void write_gate_table(std::ostream& out, const GateReport& report, bool color) {
  for (const CheckedBaseline& checked : *report.checked) {
    write_baseline_table(out, checked, report.updated, color);
    out << '\n';
    if (!report.updated) out << counts_text(checked.result) << "\n\n";
  }
  if (report.updated) return;
  const CheckEnd end = report.end();
  out << paint(to_string(end), end == CheckEnd::passed ? Ink::good : Ink::bad, color) << '\n';
}

} // namespace terastal
