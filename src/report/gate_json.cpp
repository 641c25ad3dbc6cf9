#include "report/csv.hpp"
#include "report/gate_formats.hpp"
#include "report/json_common.hpp"

namespace terastal {
namespace {

Json optional_number(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

Json json_difference(const std::optional<MeanEstimate>& d, double confidence) {
  if (!d) return {};
  Json result = {{"n", d->n}, {"mean", d->mean}};
  result["ci_low"] = d->half_width ? Json(d->low()) : Json();
  result["ci_high"] = d->half_width ? Json(d->high()) : Json();
  result["ci_level"] = confidence;
  result["method"] = "paired_student_t";
  return result;
}

Json json_judgement(const MetricCheck& j, double confidence) {
  Json result;
  if (!j.task.empty()) result["task"] = j.task;
  result["metric"] = metric_id(j);
  result["judge"] = to_string(j.judge);
  result["verdict"] = to_string(j.verdict);
  result["baseline"] = optional_number(j.baseline);
  result["now"] = optional_number(j.now);
  result["difference"] = json_difference(j.difference, confidence);
  result["limit"] = j.difference ? Json(j.limit) : Json();
  if (j.verdict == CheckVerdict::inconclusive) {
    result["replications_needed"] = j.needed > 0 ? Json(j.needed) : Json();
  }
  if (!j.note.empty()) result["note"] = j.note;
  return result;
}

Json json_cell(const CellCheck& cell, double confidence) {
  Json result = {{"scenario", cell.scenario},
                 {"policy", cell.policy},
                 {"replications", cell.replications},
                 {"equal_event_streams", cell.equal_digests}};
  if (!cell.unpaired.empty()) result["unpaired"] = cell.unpaired;
  Json& judgements = result["judgements"] = Json::array();
  for (const MetricCheck& j : cell.judgements) judgements.push_back(json_judgement(j, confidence));
  return result;
}

Json json_checked(const CheckedBaseline& checked, bool updated) {
  const CheckResult& r = checked.result;
  Json result = {{"baseline", checked.baseline.path},
                 {"measured_with", checked.baseline.version},
                 {"replications", r.replications},
                 {"complete", r.complete}};
  if (updated) result["plan_changes"] = r.plan_changes;
  Json& inputs = result["changed_inputs"] = Json::array();
  for (const InputChange& c : r.inputs) {
    inputs.push_back({{"path", c.path},
                      {"before", c.before.empty() ? Json() : Json(c.before)},
                      {"now", c.now.empty() ? Json() : Json(c.now)}});
  }
  for (const CheckVerdict v : kCheckVerdicts) result["counts"][to_string(v)] = r.count(v);
  Json& cells = result["cells"] = Json::array();
  for (const CellCheck& cell : r.cells) cells.push_back(json_cell(cell, checked.baseline.plan.confidence));
  return result;
}

} // namespace

void write_gate_json(std::ostream& out, const GateReport& report) {
  Json document = json_head(report.updated ? "check_update" : "check");
  if (!report.updated) document["verdict"] = to_string(report.end());
  Json& checked = document["results"] = Json::array();
  for (const CheckedBaseline& c : *report.checked) checked.push_back(json_checked(c, report.updated));
  document["environment"] = json_environment(report.environment);
  write_json(out, document);
}

void write_gate_jsonl(std::ostream& out, const GateReport& report) {
  for (const CheckedBaseline& checked : *report.checked) {
    for (const CellCheck& cell : checked.result.cells) {
      for (const MetricCheck& j : cell.judgements) {
        Json line = {{"schema_version", kSchemaVersion},
                     {"kind", "check"},
                     {"baseline_file", checked.baseline.path},
                     {"scenario", cell.scenario},
                     {"policy", cell.policy}};
        line.update(json_judgement(j, checked.baseline.plan.confidence));
        write_json_line(out, line);
      }
    }
  }
}

void write_gate_csv(std::ostream& out, const GateReport& report) {
  out << "baseline_file,scenario,policy,task,metric,judge,verdict,baseline,now,difference,ci_low,ci_high,limit,"
         "replications,replications_needed\n";
  for (const CheckedBaseline& checked : *report.checked) {
    for (const CellCheck& cell : checked.result.cells) {
      for (const MetricCheck& j : cell.judgements) {
        CsvRow row;
        row.add(checked.baseline.path).add(cell.scenario).add(cell.policy).add(j.task).add(metric_id(j));
        row.add(to_string(j.judge)).add(to_string(j.verdict)).add(j.baseline).add(j.now);
        const bool interval = j.difference && j.difference->half_width;
        row.add(j.difference ? std::optional(j.difference->mean) : std::nullopt);
        row.add(interval ? std::optional(j.difference->low()) : std::nullopt);
        row.add(interval ? std::optional(j.difference->high()) : std::nullopt);
        row.add(j.difference ? std::optional(j.limit) : std::nullopt).add(cell.replications);
        row.add(j.needed > 0 ? std::optional(j.needed) : std::nullopt);
        out << row;
      }
    }
  }
}

} // namespace terastal
