#include <optional>

#include "report/numbers.hpp"
#include "report/run_formats.hpp"
#include "terastal/experiment/metric_table.hpp"

namespace terastal {
namespace {

Json json_durations(const DurationSummary& s) {
  return {{"count", s.count},       {"mean_ms", s.mean_s * 1e3}, {"p50_ms", to_ms(s.p50)},
          {"p95_ms", to_ms(s.p95)}, {"p99_ms", to_ms(s.p99)},    {"max_ms", to_ms(s.max)}};
}

Json json_accuracy(const TaskResult& t) {
  Json result = {{"metric", t.accuracy_metric},
                 {"baseline", t.accuracy_baseline},
                 {"mean", t.accuracy_mean},
                 {"loss", t.accuracy_loss},
                 {"has_variants", t.has_variants}};
  Json& layers = result["variant_use"] = Json::array();
  for (const VariantUse& use : t.variant_use) {
    layers.push_back({{"layer", use.layer}, {"variant", use.option}, {"jobs", use.count}});
  }
  Json& sets = result["variant_sets"] = Json::array();
  for (const auto& [name, count] : t.set_use) sets.push_back({{"variants", name}, {"jobs", count}});
  if (t.network_use.empty()) return result;
  Json& networks = result["networks"] = Json::array();
  for (const auto& [name, count] : t.network_use) networks.push_back({{"network", name}, {"jobs", count}});
  return result;
}

Json json_number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json json_service(const TaskService& s) {
  const XrbenchScores& x = s.xrbench;
  return {{"isolated_ms", s.isolated_s * 1e3},
          {"slowdown", json_number(s.slowdown)},
          {"progress", json_number(s.progress)},
          {"in_time", json_number(s.in_time)},
          {"uxcost_violations", json_number(s.violations)},
          {"uxcost_energy", json_number(s.energy_ratio)},
          {"xrbench",
           {{"real_time", x.real_time},
            {"energy", x.energy},
            {"experience", x.experience},
            {"code", x.code},
            {"clean", x.clean},
            {"clean_accuracy", x.clean_accuracy}}}};
}

/// Every metric of the table, under its key.
Json json_metrics(const RunResult& r) {
  Json result;
  for (const MetricInfo& m : metric_table()) result[m.key] = json_number(m.of_run(r));
  return result;
}

Json json_task(const TaskResult& t) {
  Json result = {{"task", t.task}, {"network", t.network}, {"released", t.released},  {"completed", t.completed},
                 {"late", t.late}, {"dropped", t.dropped}, {"miss_rate", t.miss_rate}};
  result["response"] = json_durations(t.response);
  result["tardiness"] = json_durations(t.tardiness);
  if (t.end_to_end) result["end_to_end"] = json_durations(*t.end_to_end);
  result["longest_miss_run"] = t.longest_miss_run;
  if (t.firm_violations) result["mk_violations"] = *t.firm_violations;
  result["accuracy"] = json_accuracy(t);
  result["energy_mj"] = t.energy_mj;
  return result;
}

Json json_accelerator(const AcceleratorResult& a) {
  return {{"accelerator", a.accelerator}, {"type", a.type},     {"utilisation", a.utilisation},
          {"busy_s", to_s(a.busy)},       {"layers", a.layers}, {"switches", a.switches}};
}

} // namespace

Json json_result(const RunResult& r) {
  Json result = {{"scenario", r.scenario},
                 {"policy", r.policy},
                 {"seed", r.seed},
                 {"complete", r.complete},
                 {"horizon_s", to_s(r.horizon)},
                 {"makespan_s", to_s(r.makespan.time_since_epoch())},
                 {"miss_rate", r.mean_miss_rate},
                 {"job_weighted_miss_rate", r.weighted_miss_rate},
                 {"accuracy_loss", r.mean_accuracy_loss},
                 {"energy_mj", r.energy_mj},
                 {"layers_run", r.layers_run},
                 {"events", r.events},
                 {"decisions", r.decisions},
                 {"digest", hex(r.digest)}};
  if (r.service) result["metrics"] = json_metrics(r);
  Json& tasks = result["tasks"] = Json::array();
  for (std::size_t t = 0; t < r.tasks.size(); ++t) {
    tasks.push_back(json_task(r.tasks[t]));
    if (r.service) tasks.back()["service"] = json_service(r.service->tasks[t]);
  }
  Json& accelerators = result["accelerators"] = Json::array();
  for (const AcceleratorResult& a : r.accelerators) accelerators.push_back(json_accelerator(a));
  return result;
}

Json json_line(const RunResult& result, const std::string& digest) {
  Json line = {{"schema_version", kSchemaVersion}, {"kind", "run"}, {"config_digest", digest}};
  line.update(json_result(result));
  return line;
}

void write_run_json(std::ostream& out, const RunReport& report) {
  Json document = json_head("run");
  document["inputs"] = json_inputs({report.scenario});
  document["config"] = json_config(*report.scenario);
  document["config_digest"] = config_digest(*report.scenario);
  document["policy"] = json_policy(*report.policy);
  document["seed"] = report.result->seed;
  document["replications"] = 1;
  document["exact_percentiles"] = report.exact_percentiles;
  document["invariants_checked"] = report.check_invariants;
  document["complete"] = report.result->complete;
  document["results"] = json_result(*report.result);
  document["environment"] = json_environment(report.environment);
  write_json(out, document);
}

} // namespace terastal
