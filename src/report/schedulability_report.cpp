#include "terastal/report/schedulability_report.hpp"

#include "report/csv.hpp"
#include "report/json_common.hpp"
#include "report/numbers.hpp"
#include "report/schedulability_table.hpp"

namespace terastal {
namespace {

Json json_count(const MethodCount& count, std::size_t sets) {
  const auto share = [&](std::size_t n) { return static_cast<double>(n) / static_cast<double>(sets); };
  return {{"simulated", count.simulated},
          {"simulated_share", sets > 0 ? Json(share(count.simulated)) : Json()},
          {"analysed", count.analysed ? Json(*count.analysed) : Json()},
          {"analysed_share", count.analysed && sets > 0 ? Json(share(*count.analysed)) : Json()},
          {"accuracy_loss", count.accuracy_loss},
          {"largest_accuracy_loss", count.largest_loss}};
}

Json json_point(const UtilisationPoint& point, const std::vector<SchedulabilityMethod>& methods, bool total) {
  Json result;
  if (!total) result["utilisation"] = point.target;
  result["mean_utilisation"] = point.mean;
  result["sets"] = point.sets;
  Json& list = result["methods"] = Json::array();
  for (std::size_t m = 0; m < methods.size(); ++m) {
    Json entry = {{"method", methods[m].name}};
    entry.update(json_count(point.methods[m], point.sets));
    list.push_back(std::move(entry));
  }
  return result;
}

void write_json_report(std::ostream& out, const SchedulabilityReport& report) {
  const SchedulabilityOptions& options = *report.options;
  Json document = json_head("schedulability");
  document["inputs"] = json_inputs({report.pool});
  document["config"] = json_config(*report.pool);
  document["config_digest"] = config_digest(*report.pool);
  document["task_sets"] = {{"sets", options.sets},
                           {"seed", options.seed},
                           {"fewest_tasks", options.task_sets.fewest_tasks},
                           {"most_tasks", options.task_sets.most_tasks},
                           {"shortest_period_ms", to_ms(options.task_sets.shortest_period)},
                           {"longest_period_ms", to_ms(options.task_sets.longest_period)},
                           {"grid_ms", to_ms(options.task_sets.grid)},
                           {"longest_run_s", to_s(options.task_sets.longest_run)}};
  Json& methods = document["methods"] = Json::array();
  for (const SchedulabilityMethod& m : *report.methods) {
    methods.push_back({{"method", m.name}, {"policy", json_policy(m.policy)}});
  }
  Json& points = document["utilisations"] = Json::array();
  for (const UtilisationPoint& p : report.result->points) points.push_back(json_point(p, *report.methods, false));
  document["total"] = json_point(report.result->total, *report.methods, true);
  document["complete"] = report.result->complete;
  document["environment"] = json_environment(report.environment);
  write_json(out, document);
}

void write_csv_report(std::ostream& out, const SchedulabilityReport& report) {
  out << "scenario,seed,utilisation,mean_utilisation,sets,method,policy,simulated,analysed,accuracy_loss,"
         "largest_accuracy_loss\n";
  for (const UtilisationPoint& p : report.result->points) {
    for (std::size_t m = 0; m < report.methods->size(); ++m) {
      const SchedulabilityMethod& method = (*report.methods)[m];
      const MethodCount& count = p.methods[m];
      CsvRow row;
      row.add(report.pool->scenario.name).add(report.options->seed).add(p.target).add(p.mean).add(p.sets);
      row.add(method.name).add(method.policy.label).add(count.simulated).add(count.analysed);
      out << row.add(count.accuracy_loss).add(count.largest_loss);
    }
  }
}

void write_jsonl_report(std::ostream& out, const SchedulabilityReport& report) {
  for (const UtilisationPoint& p : report.result->points) {
    for (std::size_t m = 0; m < report.methods->size(); ++m) {
      Json line = {{"schema_version", kSchemaVersion},
                   {"kind", "schedulability"},
                   {"scenario", report.pool->scenario.name},
                   {"seed", report.options->seed},
                   {"utilisation", p.target},
                   {"mean_utilisation", p.mean},
                   {"sets", p.sets},
                   {"method", (*report.methods)[m].name},
                   {"policy", (*report.methods)[m].policy.label}};
      line.update(json_count(p.methods[m], p.sets));
      write_json_line(out, line);
    }
  }
}

} // namespace

void write(std::ostream& out, const SchedulabilityReport& report, Format format, bool color) {
  switch (format) {
  case Format::table:
    return write_schedulability_table(out, report, color);
  case Format::json:
    return write_json_report(out, report);
  case Format::csv:
    return write_csv_report(out, report);
  case Format::jsonl:
    return write_jsonl_report(out, report);
  }
}

} // namespace terastal
