#include <algorithm> // any_of, count_if
#include <optional>

#include <fmt/format.h>

#include "report/conditions.hpp"
#include "report/numbers.hpp"
#include "report/run_formats.hpp"
#include "report/text_table.hpp"
#include "terastal/core/units.hpp"
#include "terastal/experiment/metric_table.hpp"

namespace terastal {
namespace {

std::string count(std::uint64_t n) { return std::to_string(n); }

Cell count_cell(std::uint64_t n) { return {count(n), n == 0 ? Ink::plain : Ink::bad}; }

Cell rate_cell(double rate) { return {percent(rate), rate > 0.0 ? Ink::bad : Ink::good}; }

void write_deadlines(std::ostream& out, const Scenario& scenario, const RunResult& r, bool color) {
  TextTable table({{"task"},
                   {"network", true},
                   {"deadline"},
                   {"released"},
                   {"completed"},
                   {"late"},
                   {"dropped"},
                   {"miss rate"},
                   {"longest run of misses"},
                   {"(m,k)"},
                   {"violations"}});
  const bool networks = std::any_of(r.tasks.begin(), r.tasks.end(), [](const auto& t) { return t.task != t.network; });
  for (std::size_t i = 0; i < r.tasks.size(); ++i) {
    const TaskResult& t = r.tasks[i];
    const auto& firm = scenario.tasks[i].firm;
    table.add({{t.task, Ink::bold},
               {networks ? t.network : ""},
               {format_duration_short(scenario.tasks[i].deadline)},
               {count(t.released)},
               {count(t.completed)},
               count_cell(t.late),
               count_cell(t.dropped),
               t.released == 0 ? Cell{"-"} : rate_cell(t.miss_rate),
               {count(t.longest_miss_run)},
               {firm ? fmt::format("({},{})", firm->m, firm->k) : ""},
               t.firm_violations ? count_cell(*t.firm_violations) : Cell{}});
  }
  write_heading(out, "Deadlines", color);
  table.write(out, color);
}

std::vector<Cell> response_row(const std::string& name, const DurationSummary& s) {
  if (s.count == 0) return {{name, Ink::bold}, {"-"}, {"-"}, {"-"}, {"-"}, {"-"}};
  return {{name, Ink::bold},
          {short_time_s(s.mean_s)},
          {format_duration_short(s.p50)},
          {format_duration_short(s.p95)},
          {format_duration_short(s.p99)},
          {format_duration_short(s.max)}};
}

void write_responses(std::ostream& out, const RunReport& report, bool color) {
  TextTable table({{"task"}, {"mean"}, {"p50"}, {"p95"}, {"p99"}, {"max"}, {"mean tardiness"}, {"max tardiness"}});
  for (const TaskResult& t : report.result->tasks) {
    auto row = response_row(t.task, t.response);
    const bool any = t.tardiness.count > 0;
    row.push_back({any ? short_time_s(t.tardiness.mean_s) : "-"});
    row.push_back({any ? format_duration_short(t.tardiness.max) : "-"});
    table.add(std::move(row));
    if (!t.end_to_end) continue;
    auto chain = response_row("  from the cascade's first release", *t.end_to_end);
    chain.front().ink = Ink::plain;
    chain.insert(chain.end(), 2, Cell{});
    table.add(std::move(chain));
  }
  const char* precision = report.exact_percentiles ? "exact percentiles" : "percentiles within 0.05 %";
  write_heading(out, fmt::format("Response times of completed jobs ({})", precision), color);
  table.write(out, color);
}

void write_accuracy(std::ostream& out, const RunResult& r, bool color) {
  TextTable table({{"task"}, {"metric", true}, {"baseline"}, {"mean accuracy"}, {"loss"}, {"jobs with variants"}});
  for (const TaskResult& t : r.tasks) {
    if (!t.has_variants) continue;
    std::uint64_t with = 0;
    for (const auto& [name, jobs] : t.set_use) with += name.empty() ? 0 : jobs;
    table.add({{t.task, Ink::bold},
               {t.accuracy_metric},
               {short_number(t.accuracy_baseline)},
               {short_number(t.accuracy_mean)},
               {percent(t.accuracy_loss)},
               {fmt::format("{} of {}", with, t.completed)}});
  }
  if (table.empty()) return;
  write_heading(out, "Accuracy of completed jobs", color);
  table.write(out, color);
}

/// Only layers of which a variant ran.
void write_variants(std::ostream& out, const RunResult& r, bool color) {
  TextTable table({{"task"}, {"layer", true}, {"variant", true}, {"jobs"}, {"share"}});
  for (const TaskResult& t : r.tasks) {
    for (const VariantUse& use : t.variant_use) {
      if (use.option.empty() || use.count == 0) continue;
      const double share =
          static_cast<double>(use.count) / static_cast<double>(std::max<std::uint64_t>(1, t.completed));
      table.add({{t.task, Ink::bold}, {use.layer}, {use.option}, {count(use.count)}, {percent(share)}});
    }
  }
  if (table.empty()) return;
  write_heading(out, "Variants used", color);
  table.write(out, color);
}

std::string number(const std::optional<double>& value) { return value ? short_number(*value) : "-"; }

std::string score(double value) { return fmt::format("{:.2f}", 100.0 * value); }

void write_service_tasks(std::ostream& out, const RunResult& r, bool color) {
  TextTable table({{"task"},
                   {"isolated"},
                   {"slowdown"},
                   {"progress"},
                   {"UXCost violations"},
                   {"UXCost energy"},
                   {"XRBench"},
                   {"XRBench clean"}});
  for (std::size_t t = 0; t < r.tasks.size(); ++t) {
    const TaskService& s = r.service->tasks[t];
    const bool any = s.xrbench.completed + s.xrbench.dropped > 0;
    table.add({{r.tasks[t].task, Ink::bold},
               {short_time_s(s.isolated_s)},
               {number(s.slowdown)},
               {number(s.progress)},
               {number(s.violations)},
               {number(s.energy_ratio)},
               {any ? score(s.xrbench.code) : "-"},
               {any ? score(s.xrbench.clean) : "-"}});
  }
  table.write(out, color);
}

/// The numbers of the system, each with what helps to read it.
void write_service(std::ostream& out, const RunResult& r, bool color) {
  if (!r.service) return;
  write_heading(out, "Service", color);
  write_service_tasks(out, r, color);
  const ServiceResult& s = *r.service;
  TextTable table({{""}, {""}, {"", true}}); // without headers its first line is empty
  const auto line = [&](const char* metric, const std::string& value, const std::string& remark) {
    table.add({{metric}, {value}, {remark, Ink::faint}});
  };
  const auto tasks =
      std::count_if(s.tasks.begin(), s.tasks.end(), [](const auto& t) { return t.progress.has_value(); });
  const auto value_of = [&](const char* id) { return find_metric(id).of_run(r); };
  line("ANTT", number(s.antt), fmt::format("mean slowdown of all jobs; mean over tasks {}", number(s.antt_tasks)));
  line("STP", number(s.stp), fmt::format("sum of progress over {} tasks; weighted {}", tasks, number(s.wst)));
  line("fairness", number(s.fairness), "smallest / largest progress per weight");
  line("throughput", number(s.throughput_per_s), "completed jobs per second");
  if (s.sla) {
    line("SLA satisfaction", percent(*s.sla), fmt::format("of all jobs; mean over tasks {}", percent(*s.sla_tasks)));
  }
  if (s.uxcost) {
    line("UXCost", number(s.uxcost),
         fmt::format("violations {} · energy {} (our reading)", number(value_of("uxcost_violations")),
                     number(value_of("uxcost_energy"))));
  } else {
    line("UXCost", "-", "needs energies");
  }
  if (s.xrbench) {
    line("XRBench score", fmt::format("{:.2f}", *s.xrbench),
         fmt::format("of 100, as its code computes it; clean {:.2f}, with accuracy {:.2f} (our reading)",
                     s.xrbench_clean.value_or(0.0), s.xrbench_clean_accuracy.value_or(0.0)));
  }
  table.write(out, color);
}

/// Only of tasks that may choose.
void write_networks(std::ostream& out, const RunResult& r, bool color) {
  TextTable table({{"task"}, {"network", true}, {"jobs"}, {"share"}});
  for (const TaskResult& t : r.tasks) {
    const auto completed = static_cast<double>(std::max<std::uint64_t>(1, t.completed));
    for (const auto& [name, jobs] : t.network_use) {
      table.add({{t.task, Ink::bold}, {name}, {count(jobs)}, {percent(static_cast<double>(jobs) / completed)}});
    }
  }
  if (table.empty()) return;
  write_heading(out, "Networks used", color);
  table.write(out, color);
}

void write_accelerators(std::ostream& out, const RunResult& r, bool color) {
  TextTable table({{"accelerator"}, {"type", true}, {"utilisation"}, {"busy"}, {"layers"}, {"task switches"}});
  for (const AcceleratorResult& a : r.accelerators) {
    table.add({{a.accelerator, Ink::bold},
               {a.type},
               {percent(a.utilisation)},
               {format_duration_short(a.busy)},
               {count(a.layers)},
               {count(a.switches)}});
  }
  write_heading(out, "Accelerators", color);
  table.write(out, color);
}

void write_energy(std::ostream& out, const RunResult& r, bool color) {
  if (r.energy_mj == 0.0) return;
  TextTable table({{"task"}, {"energy"}, {"per released job"}});
  for (const TaskResult& t : r.tasks) {
    const auto jobs = static_cast<double>(std::max<std::uint64_t>(1, t.released));
    table.add({{t.task, Ink::bold}, {short_energy_mj(t.energy_mj)}, {short_energy_mj(t.energy_mj / jobs)}});
  }
  write_heading(out, "Energy", color);
  table.write(out, color);
}

void write_headline(std::ostream& out, const RunResult& r, bool color) {
  write_heading(out, "Summary", color);
  const auto line = [&](const std::string& name, const std::string& value, Ink ink = Ink::plain) {
    out << "  " << fmt::format("{:<28}", name) << paint(value, ink, color) << '\n';
  };
  line("miss rate, mean over tasks", percent(r.mean_miss_rate), r.mean_miss_rate > 0.0 ? Ink::bad : Ink::good);
  line("miss rate, all jobs", percent(r.weighted_miss_rate));
  if (std::any_of(r.tasks.begin(), r.tasks.end(), [](const auto& t) { return t.has_variants; })) {
    line("accuracy loss, mean", percent(r.mean_accuracy_loss));
  }
  if (r.energy_mj != 0.0) line("energy", short_energy_mj(r.energy_mj));
  line("layers run", count(r.layers_run));
  line("digest", hex(r.digest));
}

} // namespace

void write_run_table(std::ostream& out, const RunReport& report, bool color) {
  const Scenario& scenario = report.scenario->scenario;
  const RunResult& r = *report.result;
  Conditions conditions = conditions_of(scenario);
  conditions.insert(conditions.begin(),
                    {"policy", r.policy + (report.policy->info.our_reading ? " (our reading)" : "")});
  conditions.insert(conditions.begin() + 1, {"seed", std::to_string(r.seed)});
  write_conditions(out, scenario.name, scenario.description, conditions, color);
  if (!r.complete) {
    out << paint(fmt::format("\nINTERRUPTED at {}: the numbers below are partial.",
                             format_duration_short(r.makespan.time_since_epoch())),
                 Ink::bad, color)
        << '\n';
  }
  write_deadlines(out, scenario, r, color);
  write_responses(out, report, color);
  write_accuracy(out, r, color);
  write_variants(out, r, color);
  write_networks(out, r, color);
  write_energy(out, r, color);
  write_service(out, r, color);
  write_accelerators(out, r, color);
  write_headline(out, r, color);
}

} // namespace terastal
