#include <optional>
#include <vector>

#include "report/compare_formats.hpp"
#include "report/csv.hpp"

namespace terastal {
namespace {

/// A column group; a null statistic leaves its fields empty.
struct Group {
  const char* name;
  const Statistic* statistic;
  double factor = 1.0;
};

using Groups = std::vector<Group>;

/// The metrics that were asked for: of one task, or of all.
Groups chosen_groups(const PolicyStatistics& p, std::optional<std::size_t> task) {
  Groups groups;
  for (const MetricStatistics& m : p.chosen) {
    const Statistic* of_task = task && *task < m.tasks.size() ? &m.tasks[*task] : nullptr;
    groups.push_back({m.metric->key, task ? of_task : &m.all});
  }
  return groups;
}

Groups groups_of(const TaskStatistics& t) {
  return {{"miss_rate", &t.miss_rate},
          {"job_weighted_miss_rate", &t.miss_rate},
          {"accuracy_loss", &t.accuracy_loss},
          {"response_mean_ms", &t.response_mean_s, 1e3},
          {"energy_mj", &t.energy_mj}};
}

Groups groups_of(const PolicyStatistics& p) {
  if (!p.chosen.empty()) return chosen_groups(p, std::nullopt);
  return {{"miss_rate", &p.mean_miss_rate},
          {"job_weighted_miss_rate", &p.weighted_miss_rate},
          {"accuracy_loss", &p.accuracy_loss},
          {"response_mean_ms", nullptr},
          {"energy_mj", &p.energy_mj}};
}

void add(CsvRow& row, const MeanEstimate& e, double factor) {
  if (e.n == 0) {
    row.blank(3);
  } else if (!e.half_width) {
    row.add(e.mean * factor).blank(2);
  } else {
    row.add(e.mean * factor).add(e.low() * factor).add(e.high() * factor);
  }
}

void add(CsvRow& row, const Group& group) {
  if (group.statistic == nullptr) {
    row.blank(9);
    return;
  }
  add(row, group.statistic->value, group.factor);
  const auto& against = group.statistic->against_first;
  add(row, against ? against->difference : MeanEstimate{}, group.factor);
  add(row, against && against->relative ? *against->relative : MeanEstimate{}, 1.0);
}

void write_header(std::ostream& out, const PolicyStatistics& first) {
  CsvRow row;
  row.add("scenario").add("policy").add("task").add("n");
  for (const Group& group : groups_of(first)) {
    for (const char* what : {"", "_difference", "_relative_change"}) {
      for (const char* end : {"", "_ci_low", "_ci_high"}) row.add(std::string(group.name) + what + end);
    }
  }
  out << row;
}

void write_row(std::ostream& out, const std::string& scenario, const std::string& policy, const std::string& task,
               std::size_t n, const Groups& groups) {
  CsvRow row;
  row.add(scenario).add(policy).add(task).add(n);
  for (const Group& group : groups) add(row, group);
  out << row;
}

void write_policies(std::ostream& out, const std::string& scenario, const std::vector<PolicyStatistics>& policies) {
  for (const PolicyStatistics& p : policies) {
    for (std::size_t t = 0; t < p.tasks.size(); ++t) {
      const TaskStatistics& task = p.tasks[t];
      write_row(out, scenario, p.policy, task.task, task.miss_rate.value.n,
                p.chosen.empty() ? groups_of(task) : chosen_groups(p, t));
    }
    write_row(out, scenario, p.policy, "_all", p.mean_miss_rate.value.n, groups_of(p));
  }
}

} // namespace

void write_compare_csv(std::ostream& out, const CompareReport& report) {
  const auto& scenarios = report.comparison->scenarios;
  write_header(out, scenarios.empty() ? PolicyStatistics{} : scenarios.front().policies.front());
  for (const ScenarioComparison& s : scenarios) write_policies(out, s.scenario, s.policies);
  write_policies(out, "_all", report.comparison->overall);
}

} // namespace terastal
