#include "report/analysis_formats.hpp"
#include "report/csv.hpp"
#include "report/json_common.hpp"
#include "report/numbers.hpp"

namespace terastal {
namespace {

Json json_duration(const std::optional<Duration>& d) { return d ? Json(to_ms(*d)) : Json(); }
Json json_known(Duration d) { return d > Duration::zero() ? Json(to_ms(d)) : Json(); }

Json json_task(const AnalysisReport& report, const AnalysedTask& t) {
  const ScenarioAnalysis& analysis = *report.analysis;
  const Task& task = report.scenario->scenario.tasks[t.task];
  Json sites = Json::array();
  for (const std::size_t s : t.sites) sites.push_back(analysis.sites[s].name);
  Json result = {{"task", task.name},
                 {"period_ms", json_known(t.period)},
                 {"jitter_ms", t.period > Duration::zero() ? Json(to_ms(t.jitter)) : Json()},
                 {"deadline_ms", to_ms(task.deadline)},
                 {"wcet_ms", json_known(t.wcet)},
                 {"accelerators", sites},
                 {"not_applicable_because", t.reason.empty() ? Json() : Json(t.reason)}};
  Json& policies = result["policies"] = Json::array();
  for (const TaskFinding& f : t.findings) {
    policies.push_back({{"policy", f.policy},
                        {"finding", to_string(f.finding)},
                        {"response_ms", json_duration(f.response)},
                        {"blocking_ms", f.response ? Json(to_ms(f.blocking)) : Json()},
                        {"reason", f.reason}});
  }
  return result;
}

Json json_load(const Scenario& scenario, const LoadBound& load) {
  if (!load.bound) return load.reason.empty() ? Json() : Json{{"not_applicable_because", load.reason}};
  Json weights = Json::object();
  for (TypeIndex k = 0; k < scenario.platform.types.size(); ++k) {
    weights[scenario.platform.types[k].name] = load.bound->weights[k];
  }
  return {{"lower", load.bound->lower}, {"upper", load.bound->upper}, {"weights", weights}};
}

Json json_test(const TestFinding& t) {
  const AnalysisTest& test = analysis_test(t.test);
  return {{"test", t.test},
          {"policy", t.policy},
          {"accelerators", t.where},
          {"strength", to_string(t.strength)},
          {"preempted_anywhere", test.ideal},
          {"finding", to_string(t.finding)},
          {"reason", t.reason},
          {"condition", test.condition},
          {"assumptions", test.assumptions},
          {"source", test.source}};
}

} // namespace

void write_analysis_json(std::ostream& out, const AnalysisReport& report) {
  const Scenario& scenario = report.scenario->scenario;
  const ScenarioAnalysis& analysis = *report.analysis;
  Json document = json_head("analysis");
  document["inputs"] = json_inputs({report.scenario});
  document["config"] = json_config(*report.scenario);
  document["config_digest"] = config_digest(*report.scenario);
  document["mapping"] = to_string(analysis.options.mapping);
  document["holds_for"] = analysis.holds_for;
  Json& policies = document["policies"] = Json::array();
  for (const PolicyFinding& p : analysis.policies) {
    policies.push_back({{"policy", p.policy}, {"finding", to_string(p.finding)}, {"reason", p.reason}});
  }
  document["least_load"] = json_load(scenario, analysis.originals);
  document["least_load_with_variants"] = json_load(scenario, analysis.with_variants);
  Json& sites = document["accelerators"] = Json::array();
  for (const Site& s : analysis.sites) {
    sites.push_back({{"accelerators", s.name},
                     {"type", scenario.platform.types[s.type].name},
                     {"count", s.accelerators},
                     {"tasks", s.tasks},
                     {"utilisation", s.utilisation},
                     {"longest_layer_ms", to_ms(s.longest_layer)}});
  }
  Json& tasks = document["tasks"] = Json::array();
  for (const AnalysedTask& t : analysis.tasks) tasks.push_back(json_task(report, t));
  Json& tests = document["tests"] = Json::array();
  for (const TestFinding& t : analysis.tests) tests.push_back(json_test(t));
  write_json(out, document);
}

void write_analysis_jsonl(std::ostream& out, const AnalysisReport& report) {
  for (const TestFinding& t : report.analysis->tests) {
    Json line = {{"schema_version", kSchemaVersion},
                 {"kind", "analysis"},
                 {"scenario", report.scenario->scenario.name},
                 {"mapping", to_string(report.analysis->options.mapping)}};
    line.update(json_test(t));
    write_json_line(out, line);
  }
}

void write_analysis_csv(std::ostream& out, const AnalysisReport& report) {
  const Scenario& scenario = report.scenario->scenario;
  out << "scenario,task,policy,mapping,accelerators,period_ms,jitter_ms,deadline_ms,wcet_ms,finding,response_ms,"
         "blocking_ms,reason\n";
  for (const AnalysedTask& t : report.analysis->tasks) {
    for (const TaskFinding& f : t.findings) {
      CsvRow row;
      row.add(scenario.name).add(scenario.tasks[t.task].name).add(f.policy);
      row.add(to_string(report.analysis->options.mapping)).add(site_names(*report.analysis, t));
      const bool periodic = t.period > Duration::zero();
      row.add(periodic ? std::optional(to_ms(t.period)) : std::nullopt);
      row.add(periodic ? std::optional(to_ms(t.jitter)) : std::nullopt).add(to_ms(scenario.tasks[t.task].deadline));
      row.add(t.wcet > Duration::zero() ? std::optional(to_ms(t.wcet)) : std::nullopt).add(to_string(f.finding));
      row.add(f.response ? std::optional(to_ms(*f.response)) : std::nullopt);
      row.add(f.response ? std::optional(to_ms(f.blocking)) : std::nullopt).add(f.reason);
      out << row;
    }
  }
}

} // namespace terastal
