#include "terastal/report/throughput_report.hpp"

#include "report/csv.hpp"
#include "report/json_common.hpp"
#include "report/throughput_formats.hpp"

namespace terastal {
namespace {

Json json_probe(const ThroughputProbe& p) {
  return {
      {"scale", p.scale}, {"jobs", p.jobs}, {"jobs_per_s", p.jobs_per_s}, {"in_time", p.in_time}, {"enough", p.enough}};
}

Json json_result(const ThroughputResult& r) {
  Json result = {{"policy", r.policy},
                 {"end", to_string(r.end)},
                 {"bound", r.bound ? json_probe(*r.bound) : Json()},
                 {"too_much", r.too_much ? json_probe(*r.too_much) : Json()}};
  Json& probes = result["probes"] = Json::array();
  for (const ThroughputProbe& p : r.probes) probes.push_back(json_probe(p));
  Json& reversals = result["reversals"] = Json::array();
  for (const auto& [failing, served] : r.reversals) {
    reversals.push_back({{"not_served", r.probes[failing].scale}, {"served", r.probes[served].scale}});
  }
  return result;
}

Json json_options(const ThroughputReport& report) {
  const ThroughputOptions& o = *report.options;
  return {{"qos", o.qos},
          {"criterion", to_string(o.criterion)},
          {"min_scale", o.min_scale},
          {"max_scale", o.max_scale},
          {"tolerance", o.tolerance},
          {"checks", o.checks},
          {"seed", o.seed.value_or(report.scenario->scenario.seed)},
          {"replications", o.replications}};
}

bool complete(const ThroughputReport& report) {
  for (const ThroughputResult& r : *report.results) {
    if (r.end == ThroughputEnd::stopped) return false;
  }
  return report.results->size() == report.policies->size();
}

} // namespace

void write_throughput_json(std::ostream& out, const ThroughputReport& report) {
  Json document = json_head("throughput");
  document["inputs"] = json_inputs({report.scenario});
  document["config"] = json_config(*report.scenario);
  document["config_digest"] = config_digest(*report.scenario);
  document["scenario"] = report.scenario->scenario.name;
  Json& policies = document["policies"] = Json::array();
  for (const Policy& p : *report.policies) policies.push_back(json_policy(p));
  document["search"] = json_options(report);
  document["complete"] = complete(report);
  Json& results = document["results"] = Json::array();
  for (const ThroughputResult& r : *report.results) results.push_back(json_result(r));
  document["environment"] = json_environment(report.environment);
  write_json(out, document);
}

void write_throughput_jsonl(std::ostream& out, const ThroughputReport& report) {
  for (const ThroughputResult& r : *report.results) {
    Json line = {{"schema_version", kSchemaVersion},
                 {"kind", "throughput"},
                 {"config_digest", config_digest(*report.scenario)},
                 {"scenario", report.scenario->scenario.name},
                 {"search", json_options(report)}};
    line.update(json_result(r));
    write_json_line(out, line);
  }
}

void write_throughput_csv(std::ostream& out, const ThroughputReport& report) {
  const ThroughputOptions& o = *report.options;
  out << "scenario,policy,qos,criterion,end,probe,scale,jobs,jobs_per_s,in_time,enough,is_bound\n";
  for (const ThroughputResult& r : *report.results) {
    for (std::size_t i = 0; i < r.probes.size(); ++i) {
      const ThroughputProbe& p = r.probes[i];
      CsvRow row;
      row.add(report.scenario->scenario.name)
          .add(r.policy)
          .add(o.qos)
          .add(to_string(o.criterion))
          .add(to_string(r.end));
      row.add(i + 1).add(p.scale).add(p.jobs).add(p.jobs_per_s).add(p.in_time).add(p.enough);
      row.add(r.bound.has_value() && r.bound->scale == p.scale);
      out << row;
    }
  }
}

void write(std::ostream& out, const ThroughputReport& report, Format format, bool color) {
  switch (format) {
  case Format::table:
    return write_throughput_table(out, report, color);
  case Format::json:
    return write_throughput_json(out, report);
  case Format::csv:
    return write_throughput_csv(out, report);
  case Format::jsonl:
    return write_throughput_jsonl(out, report);
  }
}

} // namespace terastal
