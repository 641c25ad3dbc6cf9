#include "terastal/report/cost_errors_report.hpp"

#include <fmt/format.h>

#include "report/conditions.hpp"
#include "report/csv.hpp"
#include "report/json_common.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"

namespace terastal {
namespace {

std::string shape_text(const LayerShape& s) {
  return fmt::format("{} K {} C {} {}x{} -> {}x{}", to_string(s.kind), s.k, s.c, s.r, s.s, s.out_y, s.out_x);
}

void add_spread(TextTable& table, const std::string& target, const std::string& quantity, const ErrorSpread& spread) {
  std::vector<Cell> row = {{target, Ink::bold}, {quantity}, {std::to_string(spread.count)}};
  for (const double share : spread.within) row.push_back({percent(share)});
  row.push_back({percent(spread.median)});
  row.push_back({percent(spread.largest)});
  row.push_back({signed_percent(spread.total)});
  table.add(std::move(row));
}

void write_spreads(std::ostream& out, const CostErrorsReport& report, bool color) {
  std::vector<TextTable::Column> columns = {{"on"}, {"of", true}, {"rows"}};
  for (const double limit : ErrorSpread::kLimits) columns.push_back({fmt::format("within {:g} %", limit * 100.0)});
  columns.insert(columns.end(), {{"median"}, {"largest"}, {"sum"}});
  TextTable table(columns);
  for (const TargetErrors& target : report.targets) {
    add_spread(table, target.target, "latency", target.latency());
    const ErrorSpread energy = target.energy();
    if (energy.count > 0) add_spread(table, target.target, "energy", energy);
  }
  write_heading(out, "Error of the cost model against the table", color);
  table.write(out, color);
}

void write_worst(std::ostream& out, const TargetErrors& target, std::size_t count, bool color) {
  TextTable table(
      {{"layer", true}, {"network", true}, {"shape", true}, {"table"}, {"model"}, {"error"}, {"bound by", true}});
  for (const CostError& error : target.worst(count)) {
    if (error.latency_error == 0.0) break;
    table.add({{error.variant.empty() ? error.layer : error.variant},
               {error.network},
               {shape_text(error.shape)},
               {short_time_s(error.table_s)},
               {short_time_s(error.model_s)},
               {signed_percent(error.latency_error)},
               {std::string(to_string(error.bound))}});
  }
  write_heading(out, fmt::format("Worst on {} ({})", target.target, target.label), color);
  if (table.empty()) {
    out << "  none: the latency of every row is the table's\n";
  } else {
    table.write(out, color);
  }
}

void write_table(std::ostream& out, const CostErrorsReport& report, bool color) {
  write_spreads(out, report, color);
  for (const TargetErrors& target : report.targets) write_worst(out, target, report.worst, color);
}

Json json_spread(const ErrorSpread& spread) {
  Json within = Json::object();
  for (std::size_t i = 0; i < spread.within.size(); ++i) {
    within[fmt::format("{:g}", ErrorSpread::kLimits[i])] = spread.within[i];
  }
  return {{"rows", spread.count},
          {"share_within", within},
          {"median", spread.median},
          {"largest", spread.largest},
          {"sum", spread.total}};
}

Json json_error(const CostError& error) {
  return {{"network", error.network},         {"layer", error.layer},           {"variant", error.variant},
          {"shape", shape_text(error.shape)}, {"table_s", error.table_s},       {"model_s", error.model_s},
          {"error", error.latency_error},     {"bound", to_string(error.bound)}};
}

Json json_target(const TargetErrors& target, std::size_t worst) {
  Json result = {{"target", target.target}, {"model", target.label}, {"latency", json_spread(target.latency())}};
  const ErrorSpread energy = target.energy();
  if (energy.count > 0) result["energy"] = json_spread(energy);
  result["worst"] = Json::array();
  for (const CostError& error : target.worst(worst)) result["worst"].push_back(json_error(error));
  return result;
}

void write_errors_json(std::ostream& out, const CostErrorsReport& report) {
  Json document = json_head("cost_errors");
  document["targets"] = Json::array();
  for (const TargetErrors& target : report.targets) document["targets"].push_back(json_target(target, report.worst));
  write_json(out, document);
}

void write_errors_csv(std::ostream& out, const CostErrorsReport& report) {
  out << "target,network,layer,variant,table_s,model_s,latency_error,table_nj,model_nj,energy_error,bound\n";
  for (const TargetErrors& target : report.targets) {
    for (const CostError& e : target.errors) {
      const bool energy = e.table_nj > 0.0;
      out << CsvRow()
                 .add(target.target)
                 .add(e.network)
                 .add(e.layer)
                 .add(e.variant)
                 .add(e.table_s)
                 .add(e.model_s)
                 .add(e.latency_error)
                 .add(energy ? std::optional(e.table_nj) : std::nullopt)
                 .add(e.model_nj)
                 .add(energy ? std::optional(e.energy_error) : std::nullopt)
                 .add(to_string(e.bound));
    }
  }
}

} // namespace

void write(std::ostream& out, const CostErrorsReport& report, Format format, bool color) {
  switch (format) {
  case Format::table:
    return write_table(out, report, color);
  case Format::json:
    return write_errors_json(out, report);
  case Format::csv:
    return write_errors_csv(out, report);
  case Format::jsonl:
    for (const TargetErrors& target : report.targets) write_json_line(out, json_target(target, report.worst));
    return;
  }
}

} // namespace terastal
