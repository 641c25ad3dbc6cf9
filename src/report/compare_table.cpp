#include <algorithm>  // max
#include <functional> // invoke
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "report/compare_formats.hpp"
#include "report/conditions.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"

namespace terastal {
namespace {

using Policies = std::vector<PolicyStatistics>;

/// `12.34 ± 0.56`, in percent; of the same width in every cell.
std::string with_interval(const MeanEstimate& e) {
  if (e.n == 0) return "-";
  const std::string half = e.half_width ? fmt::format(" ±{:5.2f}", *e.half_width * 100.0) : "";
  return percent_number(e.mean) + half;
}

/// `-41.2 % [-44.0, -38.4]`, `identical`, or a dash. An interval ends at -100 %: there are no negative misses.
std::string relative_text(const PairedComparison& c) {
  if (c.difference.n == 0) return "-";
  if (c.identical) return "identical";
  if (!c.relative) return "-";
  const std::string mean = signed_percent(c.relative->mean);
  if (!c.relative->half_width) return mean;
  return mean +
         fmt::format(" [{:+.1f}, {:+.1f}]", std::max(-1.0, c.relative->low()) * 100.0, c.relative->high() * 100.0);
}

/// `-3.21 ± 0.40`, in percentage points.
std::string difference_text(const PairedComparison& c) {
  if (c.difference.n == 0) return "-";
  if (c.identical) return "identical";
  const std::string half = c.difference.half_width ? fmt::format(" ±{:5.2f}", *c.difference.half_width * 100.0) : "";
  return fmt::format("{:+.2f}", c.difference.mean * 100.0) + half;
}

/// Good or bad only where the interval leaves zero out. Fewer misses are good.
Ink ink_of(const PairedComparison& c) {
  if (!c.significant()) return Ink::plain;
  return c.difference.mean < 0.0 ? Ink::good : Ink::bad;
}

TextTable table_of(const Policies& policies) {
  std::vector<TextTable::Column> columns = {{"", true}};
  for (const PolicyStatistics& p : policies) columns.push_back({p.policy});
  return TextTable(columns);
}

/// A row of one statistic over the policies.
template <typename Get>
void add_row(TextTable& table, const std::string& name, Ink ink, const Policies& policies, Get get) {
  std::vector<Cell> row = {{name, ink}};
  for (const PolicyStatistics& p : policies) {
    const Statistic& s = std::invoke(get, p);
    row.push_back({with_interval(s.value), s.against_first ? ink_of(*s.against_first) : Ink::plain});
  }
  table.add(std::move(row));
}

template <typename Text>
void add_against_row(TextTable& table, const std::string& name, const Policies& policies,
                     Statistic PolicyStatistics::*member, Text text) {
  std::vector<Cell> row = {{name}};
  for (const PolicyStatistics& p : policies) {
    const auto& against = (p.*member).against_first;
    row.push_back(against ? Cell{text(*against), ink_of(*against)} : Cell{"reference"});
  }
  table.add(std::move(row));
}

bool any_loss(const Policies& policies) {
  for (const PolicyStatistics& p : policies) {
    if (p.accuracy_loss.value.mean != 0.0) return true;
  }
  return false;
}

void write_matrix(std::ostream& out, const Policies& policies, bool color) {
  TextTable table = table_of(policies);
  for (std::size_t t = 0; t < policies.front().tasks.size(); ++t) {
    add_row(table, policies.front().tasks[t].task, Ink::plain, policies,
            [t](const PolicyStatistics& p) -> const Statistic& { return p.tasks[t].miss_rate; });
  }
  add_row(table, "mean over tasks", Ink::bold, policies, &PolicyStatistics::mean_miss_rate);
  add_row(table, "all jobs", Ink::bold, policies, &PolicyStatistics::weighted_miss_rate);
  write_heading(out, "Miss rate in %", color);
  table.write(out, color);

  const std::string first = policies.front().policy;
  TextTable against = table_of(policies);
  if (policies.size() > 1) {
    add_against_row(against, "misses, mean over tasks", policies, &PolicyStatistics::mean_miss_rate, relative_text);
    add_against_row(against, "misses, all jobs", policies, &PolicyStatistics::weighted_miss_rate, relative_text);
    add_against_row(against, "mean miss rate, points", policies, &PolicyStatistics::mean_miss_rate, difference_text);
    write_heading(out, "Against " + first + " (negative: fewer misses)", color);
    against.write(out, color);
  }
  if (!any_loss(policies)) return;
  TextTable loss = table_of(policies);
  add_row(loss, "mean over tasks with variants", Ink::plain, policies, &PolicyStatistics::accuracy_loss);
  write_heading(out, "Accuracy loss in %", color);
  loss.write(out, color);
}

/// `1.472 ± 0.031`; ratios in percent.
std::string chosen_text(const MetricInfo& metric, const MeanEstimate& e) {
  if (e.n == 0) return "-";
  const bool in_percent = metric.unit == std::string_view("%");
  const auto text = [&](double value) { return in_percent ? percent_number(value) : short_number(value); };
  if (!e.half_width) return text(e.mean);
  return text(e.mean) + " ± " + (in_percent ? percent_number(*e.half_width) : fmt::format("{:.2g}", *e.half_width));
}

/// Good or bad only where the interval leaves zero out.
Ink chosen_ink(const MetricInfo& metric, const std::optional<PairedComparison>& c) {
  if (!c || !c->significant()) return Ink::plain;
  return (c->difference.mean > 0.0) == metric.higher_is_better ? Ink::good : Ink::bad;
}

/// `+5.1 % [+3.0, +7.2]`; a difference where the first policy's mean is 0.
std::string chosen_change(const MetricInfo& metric, const PairedComparison& c) {
  if (c.difference.n == 0) return "-";
  if (c.identical) return "identical";
  if (!c.relative) return fmt::format("{:+.4g}", c.difference.mean * metric.factor);
  const std::string mean = signed_percent(c.relative->mean);
  if (!c.relative->half_width) return mean;
  return mean + fmt::format(" [{:+.1f}, {:+.1f}]", c.relative->low() * 100.0, c.relative->high() * 100.0);
}

/// The metrics that were asked for, instead of the matrix of miss rates.
void write_chosen(std::ostream& out, const Policies& policies, bool color) {
  std::vector<TextTable::Column> columns = {{"", true}, {"unit", true}, {"better", true}};
  for (const PolicyStatistics& p : policies) columns.push_back({p.policy});
  TextTable values(columns);
  TextTable against = table_of(policies);
  for (std::size_t m = 0; m < policies.front().chosen.size(); ++m) {
    const MetricInfo& metric = *policies.front().chosen[m].metric;
    const std::string title = std::string(metric.title) + (metric.our_reading ? " (our reading)" : "");
    std::vector<Cell> row = {{title}, {metric.unit}, {metric.higher_is_better ? "higher" : "lower"}};
    std::vector<Cell> change = {{title}};
    for (const PolicyStatistics& p : policies) {
      const Statistic& s = p.chosen[m].all;
      const Ink ink = chosen_ink(metric, s.against_first);
      row.push_back({chosen_text(metric, s.value), ink});
      change.push_back(s.against_first ? Cell{chosen_change(metric, *s.against_first), ink} : Cell{"reference"});
    }
    values.add(std::move(row));
    against.add(std::move(change));
  }
  write_heading(out, "Metrics", color);
  values.write(out, color);
  if (policies.size() < 2) return;
  write_heading(out, "Change against " + policies.front().policy, color);
  against.write(out, color);
}

void write_statistics(std::ostream& out, const Policies& policies, bool color) {
  if (policies.front().chosen.empty()) return write_matrix(out, policies, color);
  write_chosen(out, policies, color);
}

std::string seeds_text(const ScenarioComparison& s) {
  if (s.replications == 0) return "none finished";
  if (s.replications == 1) return fmt::format("{} (one replication: no intervals)", s.first_seed);
  const std::uint64_t last = s.first_seed + s.replications - 1;
  return fmt::format("{} to {} ({} replications, the same for every policy)", s.first_seed, last, s.replications);
}

void write_scenario(std::ostream& out, const ScenarioComparison& s, const Scenario& scenario, bool color) {
  Conditions conditions = conditions_of(scenario);
  conditions.insert(conditions.begin(), {"seeds", seeds_text(s)});
  if (s.alike) {
    conditions.insert(conditions.begin() + 1,
                      {"", "The seed makes no difference: nothing here is random, and the intervals say nothing."});
  }
  write_conditions(out, scenario.name, scenario.description, conditions, color);
  if (s.replications > 0) write_statistics(out, s.policies, color);
  out << '\n';
}

std::string policies_text(const std::vector<Policy>& policies) {
  std::string text;
  for (const Policy& p : policies) {
    text += (text.empty() ? "" : ", ") + p.label + (p.info.our_reading ? " (our reading)" : "");
  }
  return text;
}

} // namespace

void write_compare_table(std::ostream& out, const CompareReport& report, bool color) {
  const Comparison& c = *report.comparison;
  out << "Policies: " << policies_text(*report.policies) << '\n';
  if (!c.complete) out << paint("INTERRUPTED: the numbers below are partial.", Ink::bad, color) << '\n';
  out << '\n';
  for (std::size_t s = 0; s < c.scenarios.size(); ++s) {
    write_scenario(out, c.scenarios[s], (*report.scenarios)[s].scenario, color);
  }
  if (!c.overall.empty() && c.overall.front().mean_miss_rate.value.n > 0) {
    out << paint(fmt::format("Mean over the {} scenarios", c.scenarios.size()), Ink::bold, color) << '\n';
    write_statistics(out, c.overall, color);
    out << '\n';
  }
  if (c.requested_replications < 2) return;
  out << paint("± and [ ]: 95 % intervals of the mean, Student's t over replications; differences are paired by seed.",
               Ink::faint, color)
      << '\n';
}

} // namespace terastal
