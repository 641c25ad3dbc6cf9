#include <functional> // invoke
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "report/compare_formats.hpp"
#include "report/conditions.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

using Policies = std::vector<PolicyStatistics>;

/// `12.34 ± 0.56`, in percent; of the same width in every cell. `12.34 [11.90, 13.01]` when resampled.
std::string with_interval(const MeanEstimate& e) {
  if (e.n == 0) return "-";
  if (e.bootstrap)
    return percent_number(e.mean) + fmt::format(" [{:5.2f}, {:5.2f}]", e.low() * 100.0, e.high() * 100.0);
  const std::string half = e.half_width ? fmt::format(" ±{:5.2f}", *e.half_width * 100.0) : "";
  return percent_number(e.mean) + half;
}

/// The relative change, `identical`, or a dash.
std::string relative_text(const PairedComparison& c) {
  if (c.difference.n == 0) return "-";
  if (c.identical) return "identical";
  return c.relative ? change_text(*c.relative) : "-";
}

/// `-3.21 ± 0.40`, in percentage points.
std::string difference_text(const PairedComparison& c) {
  if (c.difference.n == 0) return "-";
  if (c.identical) return "identical";
  if (c.difference.bootstrap) {
    return fmt::format("{:+.2f} [{:+.2f}, {:+.2f}]", c.difference.mean * 100.0, c.difference.low() * 100.0,
                       c.difference.high() * 100.0);
  }
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

/// `worse (p 0.003)`: what a difference says among all.
Cell verdict_cell(const Statistic& s) {
  if (!s.against_first) return {"reference"};
  if (!s.judgement) return {"-"};
  const std::string word = to_string(s.judgement->verdict);
  if (s.judgement->verdict == Verdict::identical) return {word};
  const std::string text = fmt::format("{} (p {})", word, p_value_text(s.judgement->adjusted_p_value));
  if (s.judgement->verdict == Verdict::inconclusive) return {text};
  return {text, s.judgement->verdict == Verdict::better ? Ink::good : Ink::bad};
}

/// One row per difference that was judged.
void write_verdicts(std::ostream& out, const Policies& policies, std::size_t judged, bool color) {
  if (policies.size() < 2 || judged == 0) return;
  TextTable table = table_of(policies);
  const auto add = [&](const std::string& name, auto get) {
    std::vector<Cell> row = {{name}};
    for (const PolicyStatistics& p : policies) row.push_back(verdict_cell(get(p)));
    table.add(std::move(row));
  };
  for (std::size_t m = 0; m < policies.front().chosen.size(); ++m) {
    add(policies.front().chosen[m].metric->title,
        [m](const PolicyStatistics& p) -> const Statistic& { return p.chosen[m].all; });
  }
  if (policies.front().chosen.empty()) {
    add("misses, mean over tasks", [](const PolicyStatistics& p) -> const Statistic& { return p.mean_miss_rate; });
    add("misses, all jobs", [](const PolicyStatistics& p) -> const Statistic& { return p.weighted_miss_rate; });
  }
  const std::string p_values =
      judged == 1 ? "p-value of one difference" : fmt::format("p-values adjusted for {} differences", judged);
  write_heading(out, fmt::format("Verdict against {}, {}", policies.front().policy, p_values), color);
  table.write(out, color);
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
  if (e.bootstrap) return text(e.mean) + " [" + text(e.low()) + ", " + text(e.high()) + "]";
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
  return c.relative ? change_text(*c.relative) : fmt::format("{:+.4g}", c.difference.mean * metric.factor);
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

void write_statistics(std::ostream& out, const Policies& policies, std::size_t judged, bool color) {
  if (policies.front().chosen.empty()) {
    write_matrix(out, policies, color);
  } else {
    write_chosen(out, policies, color);
  }
  write_verdicts(out, policies, judged, color);
}

std::string seeds_text(const ScenarioComparison& s) {
  if (s.replications == 0) return "none finished";
  if (s.replications == 1) return fmt::format("{} (one replication: no intervals)", s.first_seed);
  const std::uint64_t last = s.first_seed + s.replications - 1;
  return fmt::format("{} to {} ({} replications, the same for every policy)", s.first_seed, last, s.replications);
}

/// `0.25 s by MSER-5 (longest of the policies: edf; 5 pilot runs each, seeds 1000001 to 1000005)`, or why there is
/// none.
std::string warm_up_text(const WarmUpEstimate& w, const Scenario& scenario) {
  const std::string pilots = fmt::format("{} pilot runs each, seeds {} to {}", w.replications, w.first_seed,
                                         w.first_seed + w.replications - 1);
  const PolicyWarmUp* longest = nullptr;
  std::string rejected;
  for (const PolicyWarmUp& p : w.policies) {
    if (longest == nullptr || p.warm_up > longest->warm_up) longest = &p;
    if (!p.cut.accepted) rejected += (rejected.empty() ? "" : ", ") + p.policy;
  }
  if (longest == nullptr) return "interrupted";
  if (!w.warm_up) {
    return fmt::format("not found by MSER-5, {} as before: no steady first half under {} ({})",
                       format_duration(scenario.warm_up), rejected, pilots);
  }
  if (*w.warm_up == Duration::zero()) return fmt::format("none needed by MSER-5 ({})", pilots);
  return fmt::format("{} by MSER-5, for {} ({})", format_duration_short(*w.warm_up), longest->policy, pilots);
}

void write_scenario(std::ostream& out, const ScenarioComparison& s, const Scenario& given, std::size_t judged,
                    bool color) {
  Scenario scenario = given;
  if (s.warm_up && s.warm_up->warm_up) scenario.warm_up = *s.warm_up->warm_up;
  Conditions conditions = conditions_of(scenario);
  conditions.insert(conditions.begin(), {"seeds", seeds_text(s)});
  if (s.alike) {
    conditions.insert(conditions.begin() + 1,
                      {"", "The seed makes no difference: nothing here is random, and the intervals say nothing."});
  }
  if (s.warm_up) conditions.emplace_back("warm-up", warm_up_text(*s.warm_up, given));
  write_conditions(out, scenario.name, scenario.description, conditions, color);
  if (s.replications > 0) write_statistics(out, s.policies, judged, color);
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
  write_compare_statistics(out, report, color);
  out << '\n';
  for (std::size_t s = 0; s < c.scenarios.size(); ++s) {
    write_scenario(out, c.scenarios[s], (*report.scenarios)[s].scenario, c.judged, color);
  }
  if (!c.overall.empty() && c.overall.front().mean_miss_rate.value.n > 0) {
    out << paint(fmt::format("Mean over the {} scenarios", c.scenarios.size()), Ink::bold, color) << '\n';
    write_statistics(out, c.overall, c.judged, color);
    out << '\n';
  }
  if (c.requested_replications < 2) return;
  out << paint(interval_note(c), Ink::faint, color) << '\n';
}

} // namespace terastal
