#include <optional>
#include <vector>

#include "report/compare_formats.hpp"
#include "report/csv.hpp"
#include "report/numbers.hpp"

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

/// `better` and so on; blank where a difference was not judged.
void add(CsvRow& row, const std::optional<Judgement>& judgement) {
  if (!judgement) {
    row.blank(3);
  } else {
    row.add(judgement->p_value).add(judgement->adjusted_p_value).add(to_string(judgement->verdict));
  }
}

void add(CsvRow& row, const Group& group, bool judged) {
  if (group.statistic == nullptr) {
    row.blank(judged ? 12 : 9);
    return;
  }
  add(row, group.statistic->value, group.factor);
  const auto& against = group.statistic->against_first;
  add(row, against ? against->difference : MeanEstimate{}, group.factor);
  add(row, against && against->relative ? *against->relative : MeanEstimate{}, 1.0);
  if (judged) add(row, group.statistic->judgement);
}

/// Columns that follow the groups, only where they were asked for.
void add_extra_names(CsvRow& row, const Comparison& comparison) {
  if (comparison.intervals == IntervalMethod::bca) row.add("intervals");
  if (comparison.until) row.add("until_half_width").add("until_reached");
  if (looked_for_warm_up(comparison)) row.add("warm_up_ms").add("warm_up_found");
}

/// `scenario` is null for the means over scenarios, which have no warm-up of their own.
void add_extra(CsvRow& row, const Comparison& comparison, const ScenarioComparison* scenario, const Scenario* given) {
  if (comparison.intervals == IntervalMethod::bca) row.add("bca");
  if (comparison.until) {
    row.add(to_string(comparison.until->rule.precision)).add(comparison.until->reached ? "yes" : "no");
  }
  if (!looked_for_warm_up(comparison)) return;
  if (scenario == nullptr) {
    row.blank(2);
  } else {
    const auto& found = scenario->warm_up->warm_up;
    row.add(to_ms(found.value_or(given->warm_up))).add(found ? "yes" : "no");
  }
}

class Writer {
 public:
  Writer(std::ostream& out, const Comparison& comparison) : out_(out), comparison_(comparison) {}

  void write_header(const PolicyStatistics& first) {
    CsvRow row;
    row.add("scenario").add("policy").add("task").add("n");
    for (const Group& group : groups_of(first)) {
      for (const char* what : {"", "_difference", "_relative_change"}) {
        for (const char* end : {"", "_ci_low", "_ci_high"}) row.add(std::string(group.name) + what + end);
      }
      if (comparison_.judged == 0) continue;
      for (const char* end : {"_p_value", "_adjusted_p_value", "_verdict"}) row.add(std::string(group.name) + end);
    }
    add_extra_names(row, comparison_);
    out_ << row;
  }

  void write_policies(const std::string& name, const std::vector<PolicyStatistics>& policies,
                      const ScenarioComparison* scenario, const Scenario* given) {
    const auto write_row = [&](const PolicyStatistics& p, const std::string& task, std::size_t n,
                               const Groups& groups) {
      CsvRow row;
      row.add(name).add(p.policy).add(task).add(n);
      for (const Group& group : groups) add(row, group, comparison_.judged > 0);
      add_extra(row, comparison_, scenario, given);
      out_ << row;
    };
    for (const PolicyStatistics& p : policies) {
      for (std::size_t t = 0; t < p.tasks.size(); ++t) {
        const TaskStatistics& task = p.tasks[t];
        write_row(p, task.task, task.miss_rate.value.n, p.chosen.empty() ? groups_of(task) : chosen_groups(p, t));
      }
      write_row(p, "_all", p.mean_miss_rate.value.n, groups_of(p));
    }
  }

 private:
  std::ostream& out_;
  const Comparison& comparison_;
};

} // namespace

void write_compare_csv(std::ostream& out, const CompareReport& report) {
  const Comparison& comparison = *report.comparison;
  const auto& scenarios = comparison.scenarios;
  Writer writer(out, comparison);
  writer.write_header(scenarios.empty() ? PolicyStatistics{} : scenarios.front().policies.front());
  for (std::size_t s = 0; s < scenarios.size(); ++s) {
    writer.write_policies(scenarios[s].scenario, scenarios[s].policies, &scenarios[s],
                          &(*report.scenarios)[s].scenario);
  }
  writer.write_policies("_all", comparison.overall, nullptr, nullptr);
}

} // namespace terastal
