#include "terastal/report/tune_report.hpp"

#include <fmt/format.h>

#include "report/conditions.hpp"
#include "report/csv.hpp"
#include "report/json_common.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"

namespace terastal {
namespace {

std::uint64_t first_seed(const TuneReport& report) {
  return report.options->seed.value_or(report.scenario->scenario.seed);
}

void write_table(std::ostream& out, const TuneReport& report, bool color) {
  const TuneOptions& o = *report.options;
  const TuneResult& r = *report.result;
  const MetricInfo& metric = *o.metric;
  const std::uint64_t first = first_seed(report);
  std::string ranges;
  for (const TunedSetting& s : *report.settings) {
    ranges += fmt::format("{}{} in [{}, {}]", ranges.empty() ? "" : ", ", s.name, format_number(s.low),
                          format_number(s.high));
  }
  Conditions conditions = {
      {"policy", report.policy->label},
      {"settings", ranges},
      {"metric", fmt::format("{}, {} is better, mean over seeds {} to {}", metric.title,
                             metric.higher_is_better ? "higher" : "lower", first, first + o.replications - 1)}};
  for (auto& condition : conditions_of(report.scenario->scenario)) conditions.push_back(std::move(condition));
  write_conditions(out, report.scenario->scenario.name, report.scenario->scenario.description, conditions, color);

  std::vector<TextTable::Column> columns{{"probe"}};
  for (const TunedSetting& s : *report.settings) columns.push_back({s.name});
  columns.push_back({metric.id});
  columns.push_back({"", true});
  TextTable table(columns);
  for (std::size_t i = 0; i < r.probes.size(); ++i) {
    std::vector<Cell> row{{std::to_string(i + 1)}};
    for (const double value : r.probes[i].values) row.push_back({short_number(value)});
    row.push_back({short_number(r.probes[i].metric * metric.factor) + (*metric.unit != '\0' ? " " : "") + metric.unit,
                   i == r.best ? Ink::bold : Ink::plain});
    row.push_back({i == r.best ? "best" : i == 0 ? "start" : "", Ink::faint});
    table.add(row);
  }
  write_heading(out, "Probes", color);
  table.write(out, color);
  out << "\nBest: --policy " << r.policy << (r.complete ? "" : " (interrupted: the best so far)") << '\n';
  out << paint("A local optimum for these seeds; compare it with others under other seeds.", Ink::faint, color) << '\n';
}

Json json_probe(const TuneReport& report, std::size_t i) {
  const TuneProbe& p = report.result->probes[i];
  Json probe = {{"probe", i + 1}, {"metric", p.metric}, {"best", i == report.result->best}};
  Json& values = probe["values"] = Json::object();
  for (std::size_t s = 0; s < p.values.size(); ++s) values[(*report.settings)[s].name] = p.values[s];
  return probe;
}

void write_json_report(std::ostream& out, const TuneReport& report) {
  Json document = json_head("tune");
  document["inputs"] = json_inputs({report.scenario});
  document["config"] = json_config(*report.scenario);
  document["config_digest"] = config_digest(*report.scenario);
  document["scenario"] = report.scenario->scenario.name;
  document["policy"] = json_policy(*report.policy);
  document["metric"] = report.options->metric->id;
  document["seed"] = first_seed(report);
  document["replications"] = report.options->replications;
  document["complete"] = report.result->complete;
  document["best_policy"] = report.result->policy;
  document["moves"] = report.result->moves;
  Json& probes = document["probes"] = Json::array();
  for (std::size_t i = 0; i < report.result->probes.size(); ++i) probes.push_back(json_probe(report, i));
  document["environment"] = json_environment(report.environment);
  write_json(out, document);
}

void write_jsonl(std::ostream& out, const TuneReport& report) {
  for (std::size_t i = 0; i < report.result->probes.size(); ++i) {
    Json line = {{"schema_version", kSchemaVersion},
                 {"kind", "tune"},
                 {"config_digest", config_digest(*report.scenario)},
                 {"scenario", report.scenario->scenario.name},
                 {"policy", report.policy->label},
                 {"metric_id", report.options->metric->id}};
    line.update(json_probe(report, i));
    write_json_line(out, line);
  }
}

void write_csv(std::ostream& out, const TuneReport& report) {
  out << "scenario,policy,probe";
  for (const TunedSetting& s : *report.settings) out << ',' << s.name;
  out << ',' << report.options->metric->key << ",best\n";
  for (std::size_t i = 0; i < report.result->probes.size(); ++i) {
    CsvRow row;
    row.add(report.scenario->scenario.name).add(report.policy->label).add(i + 1);
    for (const double value : report.result->probes[i].values) row.add(value);
    row.add(report.result->probes[i].metric).add(i == report.result->best);
    out << row;
  }
}

} // namespace

void write(std::ostream& out, const TuneReport& report, Format format, bool color) {
  switch (format) {
  case Format::table:
    return write_table(out, report, color);
  case Format::json:
    return write_json_report(out, report);
  case Format::csv:
    return write_csv(out, report);
  case Format::jsonl:
    return write_jsonl(out, report);
  }
}

} // namespace terastal
