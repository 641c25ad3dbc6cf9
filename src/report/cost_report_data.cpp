#include <fmt/format.h>

#include "report/cost_report_formats.hpp"
#include "report/csv.hpp"
#include "report/json_common.hpp"
#include "report/numbers.hpp"

namespace terastal {
namespace {

/// `compute_cycles`, `on_chip_cycles`, …
std::string term_key(std::size_t term) {
  std::string key(kCostTermNames[term]);
  for (char& letter : key) letter = letter == '-' ? '_' : letter;
  return key + "_cycles";
}

void write_csv_rows(std::ostream& out, const CostedNetwork& costed) {
  const Network& network = costed.network;
  for (const CostedOption& row : costed_options(network)) {
    for (std::size_t t = 0; t < costed.targets.size(); ++t) {
      const Option& option = network.options[row.option];
      const auto& estimate = costed.estimate(row.option, t);
      const Duration latency = costed.latency(row.option, t);
      CsvRow line;
      line.add(network.name).add(row.layer->name).add(option.name).add(row.is_variant() ? "" : row.layer->op);
      line.add(costed.targets[t].name).add(costed.targets[t].label);
      line.add(option.shape ? std::optional(option.shape->macs()) : std::nullopt);
      if (latency == kCannotRun) {
        out << line.blank(13);
        continue;
      }
      line.add(latency.count()).add(costed.energy_nj(row.option, t));
      line.add(costed.from_table(row.option, t) ? "table" : "model");
      if (!estimate) {
        out << line.blank(10);
        continue;
      }
      line.add(estimate->cycles).add(to_string(estimate->bound));
      for (const double cycles : estimate->terms) line.add(cycles);
      line.add(costed.utilisation(row.option, t));
      out << line.add(estimate->l1_accesses).add(estimate->l2_accesses).add(estimate->dram_bytes);
    }
  }
}

Json json_estimate(const CostEstimate& estimate) {
  Json result = {{"cycles", estimate.cycles}, {"energy_nj", estimate.energy_nj}, {"bound", to_string(estimate.bound)}};
  for (std::size_t term = 0; term < estimate.terms.size(); ++term) result[term_key(term)] = estimate.terms[term];
  result["l1_accesses"] = estimate.l1_accesses;
  result["l2_accesses"] = estimate.l2_accesses;
  result["dram_bytes"] = estimate.dram_bytes;
  return result;
}

Json json_option(const CostedNetwork& costed, const CostedOption& row) {
  const Network& network = costed.network;
  const Option& option = network.options[row.option];
  Json result = {{"layer", row.layer->name}};
  if (row.is_variant()) result["variant"] = option.name;
  if (!row.is_variant()) result["op"] = row.layer->op;
  result["macs"] = option.shape ? Json(option.shape->macs()) : Json();
  Json& costs = result["costs"] = Json::array();
  for (std::size_t t = 0; t < costed.targets.size(); ++t) {
    const Duration latency = costed.latency(row.option, t);
    const bool runs = latency != kCannotRun;
    const auto& estimate = costed.estimate(row.option, t);
    const auto utilisation = costed.utilisation(row.option, t);
    costs.push_back({{"target", costed.targets[t].name},
                     {"latency_ms", runs ? Json(to_ms(latency)) : Json()},
                     {"energy_nj", runs ? Json(costed.energy_nj(row.option, t)) : Json()},
                     {"source", !runs ? Json() : Json(costed.from_table(row.option, t) ? "table" : "model")},
                     {"utilisation", utilisation ? Json(*utilisation) : Json()},
                     {"estimate", estimate ? json_estimate(*estimate) : Json()}});
  }
  return result;
}

Json json_target(const CostedNetwork& costed, std::size_t t) {
  const CostTarget& target = costed.targets[t];
  const CostTotals totals = cost_totals(costed, t);
  Json bound = Json::object();
  for (std::size_t term = 0; term < kCostTermNames.size(); ++term) {
    bound[std::string(kCostTermNames[term])] = totals.bound_share[term];
  }
  return {{"target", target.name},
          {"model", target.label.empty() ? Json() : Json(target.label)},
          {"clock_hz", target.model ? Json(target.model->clock_hz()) : Json()},
          {"pes", target.pes > 0.0 ? Json(target.pes) : Json()},
          {"layers", totals.layers},
          {"latency_ms", totals.latency_s * 1e3},
          {"energy_nj", totals.energy_nj},
          {"macs", totals.macs},
          {"utilisation", totals.utilisation ? Json(*totals.utilisation) : Json()},
          {"time_share_by_bound", std::move(bound)}};
}

Json json_network(const CostedNetwork& costed) {
  Json result = {
      {"network", costed.network.name}, {"source", costed.network.source}, {"layers", costed.network.layers.size()}};
  Json& totals = result["totals"] = Json::array();
  for (std::size_t t = 0; t < costed.targets.size(); ++t) totals.push_back(json_target(costed, t));
  Json& options = result["options"] = Json::array();
  for (const CostedOption& row : costed_options(costed.network)) options.push_back(json_option(costed, row));
  return result;
}

} // namespace

void write_cost_csv(std::ostream& out, const CostReport& report) {
  out << "network,layer,variant,op,target,model,macs,latency_ps,energy_nj,source,cycles,bound";
  for (std::size_t term = 0; term < kCostTermNames.size(); ++term) out << ',' << term_key(term);
  out << ",utilisation,l1_accesses,l2_accesses,dram_bytes\n";
  for (const CostedNetwork& costed : report.networks) write_csv_rows(out, costed);
}

void write_cost_json(std::ostream& out, const CostReport& report) {
  Json document = json_head("cost");
  Json& networks = document["networks"] = Json::array();
  for (const CostedNetwork& costed : report.networks) networks.push_back(json_network(costed));
  write_json(out, document);
}

void write_cost_jsonl(std::ostream& out, const CostReport& report) {
  for (const CostedNetwork& costed : report.networks) {
    Json line = {{"schema_version", kSchemaVersion}, {"kind", "cost"}};
    line.update(json_network(costed));
    write_json_line(out, line);
  }
}

} // namespace terastal
