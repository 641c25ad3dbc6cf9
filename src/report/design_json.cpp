#include "report/csv.hpp"
#include "report/design_formats.hpp"
#include "report/json_common.hpp"
#include "report/numbers.hpp"

namespace terastal {
namespace {

/// Milliseconds; nothing where there is no such time.
std::optional<double> ms_of(const std::optional<Duration>& latency) {
  return latency && *latency != kCannotRun ? std::optional(to_ms(*latency)) : std::nullopt;
}

template <typename Value>
Json json_of(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json json_shape(const std::optional<LayerShape>& shape) {
  if (!shape) return {};
  const LayerShape& s = *shape;
  return {{"kind", to_string(s.kind)},
          {"N", s.n},
          {"K", s.k},
          {"C", s.c},
          {"R", s.r},
          {"S", s.s},
          {"Y", s.y},
          {"X", s.x},
          {"stride_y", s.stride_y},
          {"stride_x", s.stride_x},
          {"out_y", s.out_y},
          {"out_x", s.out_x},
          {"groups", s.groups}};
}

Json json_candidate(const DesignReport& report, const DesignResult& result, const VariantCandidate& c) {
  Json latency;
  Json energy;
  for (TypeIndex t = 0; t < c.latency.size(); ++t) {
    latency[type_name(report, t)] = json_of(ms_of(c.latency[t]));
    energy[type_name(report, t)] = c.latency[t] == kCannotRun ? Json() : Json(c.energy_nj[t] / 1e6);
  }
  return {{"rank", c.rank},
          {"layer", result.network->layers[c.layer].name},
          {"origin", to_string(c.origin)},
          {"variant", c.name.empty() ? Json() : Json(c.name)},
          {"gamma", c.gamma == 0.0 ? Json() : Json(c.gamma)},
          {"preferred_type", type_name(report, c.preferred)},
          {"preferred_ms", to_ms(c.preferred_latency)},
          {"slow_type", type_name(report, c.slow)},
          {"slow_ms", to_ms(c.slow_latency)},
          {"gap_ms", to_ms(c.gap)},
          {"target_ms", to_ms(c.target)},
          {"variant_ms", json_of(ms_of(c.variant_latency()))},
          {"meets_target", c.meets_target},
          {"shape", json_shape(c.shape)},
          {"latency_ms", latency},
          {"energy_mj", energy},
          {"weights", c.weights},
          {"storage", c.storage},
          {"loss_alone", c.loss},
          {"loss_origin", to_string(c.loss_origin)},
          {"in_network", c.known != 0},
          {"chosen", c.chosen},
          {"reason", c.chosen ? Json() : Json(c.reason)}};
}

Json json_error(const PredictionError& error) {
  return {{"sets", error.sets}, {"not_predicted", error.others}, {"mean", error.mean}, {"largest", error.largest}};
}

Json json_network(const DesignReport& report, const DesignResult& result) {
  const NetworkDesign& design = result.design;
  const OwnVariants own = own_variants(result);
  const auto sets = count_sets(result);
  Json network = {{"network", result.network->name},
                  {"layers", result.network->layers.size()},
                  {"layers_without_gap", design.layers_without_gap},
                  {"layers_without_shape", design.layers_without_shape},
                  {"weights", design.network_weights},
                  {"variants", design.chosen().size()},
                  {"storage", design.storage},
                  {"own_variants", own.all},
                  {"own_variants_found", own.found},
                  {"accuracy_threshold", result.theta},
                  {"sets", sets ? Json(sets->all) : Json()},
                  {"valid_sets", sets ? Json(sets->valid) : Json()},
                  {"sets_listed", result.accuracy && result.accuracy->listed},
                  {"measured_sets", result.accuracy ? Json(result.accuracy->measured_sets) : Json()},
                  {"predicted_sets", result.accuracy ? Json(result.accuracy->predicted_sets) : Json()}};
  Json& candidates = network["candidates"] = Json::array();
  for (const VariantCandidate& c : design.candidates) candidates.push_back(json_candidate(report, result, c));
  return network;
}

Json json_options(const DesignReport& report) {
  const DesignOptions& options = *report.options;
  return {{"slow", json_of(options.slow)},
          {"target", options.meet_budgets ? "budget" : "preferred"},
          {"budget_rule", options.meet_budgets ? Json(to_string(options.budget_rule)) : Json()},
          {"variants", options.variants ? Json(*options.variants) : Json("given")},
          {"storage", json_of(options.storage)},
          {"gammas", options.gammas},
          {"max_gamma", options.max_gamma == 0 ? Json() : Json(options.max_gamma)},
          {"pad_channels", options.pad_channels},
          {"quantised", options.quantised},
          {"assumed_accuracy_cost", options.accuracy_cost},
          {"accuracy_model", to_string(options.loss_model)}};
}

Json json_checks(const DesignReport& report) {
  Json checks = Json::array();
  for (const CombinationCheck& check : combination_checks(report)) {
    checks.push_back({{"network", check.result->network->name},
                      {"additive", json_error(check.additive)},
                      {"multiplicative", json_error(check.multiplicative)},
                      {"fitted", json_error(check.fitted)},
                      {"fitted_left_out", json_error(check.fitted_left_out)},
                      {"fitted_pairs", json_error(check.fitted_pairs)},
                      {"fitted_pairs_left_out", json_error(check.fitted_pairs_left_out)}});
  }
  return checks;
}

} // namespace

void write_design_json(std::ostream& out, const DesignReport& report) {
  Json document = json_head("design");
  if (report.scenario != nullptr) {
    document["inputs"] = json_inputs({report.scenario});
    document["config"] = json_config(*report.scenario);
    document["config_digest"] = config_digest(*report.scenario);
  }
  document["platform"] = report.platform->name;
  document["options"] = json_options(report);
  document["assumption"] = assumption_text(report);
  Json& networks = document["networks"] = Json::array();
  for (const DesignResult& result : *report.results) networks.push_back(json_network(report, result));
  document["accuracy_prediction_error"] = json_checks(report);
  write_json(out, document);
}

void write_design_jsonl(std::ostream& out, const DesignReport& report) {
  for (const DesignResult& result : *report.results) {
    Json line = {{"schema_version", kSchemaVersion},
                 {"kind", "design"},
                 {"platform", report.platform->name},
                 {"options", json_options(report)},
                 {"assumption", assumption_text(report)}};
    line.update(json_network(report, result));
    write_json_line(out, line);
  }
}

void write_design_csv(std::ostream& out, const DesignReport& report) {
  out << "platform,network,rank,layer,origin,variant,gamma,preferred_type,preferred_ms,slow_type,slow_ms,gap_ms,"
         "target_ms,variant_ms,meets_target,weights,storage,loss_alone,loss_origin,in_network,chosen,reason\n";
  for (const DesignResult& result : *report.results) {
    for (const VariantCandidate& c : result.design.candidates) {
      CsvRow row;
      row.add(report.platform->name).add(result.network->name).add(c.rank);
      row.add(result.network->layers[c.layer].name).add(to_string(c.origin)).add(c.name);
      row.add(c.gamma == 0.0 ? std::nullopt : std::optional(c.gamma));
      row.add(type_name(report, c.preferred)).add(to_ms(c.preferred_latency));
      row.add(type_name(report, c.slow)).add(to_ms(c.slow_latency)).add(to_ms(c.gap)).add(to_ms(c.target));
      row.add(ms_of(c.variant_latency())).add(c.meets_target).add(c.weights).add(c.storage).add(c.loss);
      row.add(to_string(c.loss_origin)).add(c.known != 0).add(c.chosen).add(c.reason);
      out << row;
    }
  }
}

} // namespace terastal
