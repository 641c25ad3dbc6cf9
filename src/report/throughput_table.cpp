#include <fmt/format.h>

#include "report/conditions.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "report/throughput_formats.hpp"

namespace terastal {
namespace {

/// `3.42`, `≥ 100` or `none`.
std::string scale_text(const ThroughputResult& r) {
  if (!r.bound) return r.end == ThroughputEnd::stopped ? "-" : "none";
  return (r.end == ThroughputEnd::above_max ? "≥ " : "") + short_number(r.bound->scale);
}

std::string remark(const ThroughputResult& r, const ThroughputOptions& options) {
  switch (r.end) {
  case ThroughputEnd::bounded:
    return fmt::format("not served at {}: {}", short_number(r.too_much->scale), percent(r.too_much->in_time));
  case ThroughputEnd::below_min:
    return fmt::format("not even at {}: {}", short_number(r.too_much->scale), percent(r.too_much->in_time));
  case ThroughputEnd::above_max:
    return fmt::format("served at the largest factor, {}", short_number(options.max_scale));
  case ThroughputEnd::stopped:
    break;
  }
  return "interrupted";
}

void write_bounds(std::ostream& out, const ThroughputReport& report, bool color) {
  TextTable table({{"policy"}, {"jobs/s"}, {"factor"}, {"in time"}, {"jobs"}, {"probes"}, {"", true}});
  for (const ThroughputResult& r : *report.results) {
    table.add({{r.policy, Ink::bold},
               {r.bound ? short_number(r.bound->jobs_per_s) : "-"},
               {scale_text(r), r.bound ? Ink::plain : Ink::bad},
               {r.bound ? percent(r.bound->in_time) : "-"},
               {r.bound ? std::to_string(r.bound->jobs) : "-"},
               {std::to_string(r.probes.size())},
               {remark(r, *report.options), Ink::faint}});
  }
  write_heading(out, "Latency-bounded throughput", color);
  table.write(out, color);
}

/// Says what was assumed, and where the probes contradict it.
void write_assumption(std::ostream& out, const ThroughputReport& report, bool color) {
  out << '\n'
      << paint("Assumed: more load never serves better. The jobs/s are those offered at the factor.", Ink::faint, color)
      << '\n';
  for (const ThroughputResult& r : *report.results) {
    if (r.reversals.empty()) continue;
    const auto& [failing, served] = r.reversals.front();
    out << paint(fmt::format("{}: not so here. Factor {} was not served ({}), the larger {} was ({}).", r.policy,
                             short_number(r.probes[failing].scale), percent(r.probes[failing].in_time),
                             short_number(r.probes[served].scale), percent(r.probes[served].in_time)),
                 Ink::bad, color)
        << '\n';
  }
}

} // namespace

void write_throughput_table(std::ostream& out, const ThroughputReport& report, bool color) {
  const Scenario& scenario = report.scenario->scenario;
  const ThroughputOptions& o = *report.options;
  const std::uint64_t first = o.seed.value_or(scenario.seed);
  Conditions conditions = {
      {"asked for", fmt::format("at least {} % of {} in time", short_number(o.qos * 100.0),
                                o.criterion == ThroughputCriterion::jobs ? "all jobs" : "each task's jobs")},
      {"factor", fmt::format("on all arrival rates, {} to {}, within {} %; deadlines stay", short_number(o.min_scale),
                             short_number(o.max_scale), short_number(o.tolerance * 100.0))},
      {"seeds", fmt::format("{} to {} at every factor", first, first + o.replications - 1)}};
  for (auto& condition : conditions_of(scenario)) conditions.push_back(std::move(condition));
  write_conditions(out, scenario.name, scenario.description, conditions, color);
  write_bounds(out, report, color);
  write_assumption(out, report, color);
}

} // namespace terastal
