#include "report/reproduction_json.hpp"

#include "report/reproduction_text.hpp"

namespace terastal {
namespace {

Json json_mean(const std::optional<MeanEstimate>& mean) {
  if (!mean) return {};
  Json result = {{"n", mean->n}, {"mean", mean->mean}};
  result["ci_low"] = mean->half_width ? Json(mean->low()) : Json();
  result["ci_high"] = mean->half_width ? Json(mean->high()) : Json();
  return result;
}

Json json_filter(const SampleFilter& filter) {
  Json result = Json::object();
  for (const auto& [axis, values] : filter) result[axis] = values;
  return result;
}

Json json_figure(const ClaimFigure& figure) {
  return {
      {"ours", json_mean(figure.ours)},       {"value", json_mean(figure.value)},
      {"base", json_mean(figure.base)},       {"best", figure.best.empty() ? Json() : Json(short_label(figure.best))},
      {"verdict", to_string(figure.verdict)}, {"reason", figure.reason}};
}

} // namespace

Json json_claim(const ReproductionReport& report, const ClaimResult& result) {
  const Claim& claim = *result.claim;
  const Measure& measure = measure_of(*report.reproduction, claim);
  Json json = {{"id", claim.id},           {"says", claim.says},
               {"reading", claim.reading}, {"from", claim.from},
               {"measure", claim.measure}, {"unit", claim.against.empty() ? measure.unit : "%"},
               {"policy", claim.policy}};
  json["against"] = claim.against.empty() ? Json() : Json(claim.against);
  json["where"] = json_filter(claim.where);
  json["over"] = averaging_text(claim.over);
  json["best_over"] = claim.best_over.empty() ? Json() : Json(claim.best_over);
  json["published"] = claim.published ? Json(*claim.published) : Json();
  json["direction"] = claim.direction ? Json(*claim.direction == Direction::less ? "less" : "more") : Json();
  json["within"] = claim.within;
  json["one_run"] = claim.one_run;
  json["text"] = {{"published", published_text(*report.reproduction, claim)},
                  {"ours", ours_text(*report.reproduction, claim, result.figure)},
                  {"values", values_text(*report.reproduction, claim, result.figure)}};
  json["moves"] = claim.moves;
  const Json figure = json_figure(result.figure);
  for (const auto& [key, value] : figure.items()) json[key] = value;
  Json& sensitivity = json["sensitivity"] = Json::array();
  for (const SensitivityFigure& s : result.sensitivity) {
    Json entry = {{"group", s.setting->group},
                  {"setting", s.setting->label},
                  {"from", s.setting->from},
                  {"text", ours_text(*report.reproduction, claim, s.figure)}};
    const Json values = json_figure(s.figure);
    for (const auto& [key, value] : values.items()) entry[key] = value;
    sensitivity.push_back(std::move(entry));
  }
  return json;
}

Json json_reproduction(const ReproductionReport& report) {
  Json document = json_head("reproduction");
  document["reproduction"] = report.reproduction->name;
  document["title"] = report.reproduction->title;
  document["about"] = report.reproduction->about;
  document["quick"] = report.quick;
  document["ci_level"] = kConfidence;
  Json& experiments = document["experiments"] = Json::array();
  for (const ExperimentConditions& c : report.result->conditions) {
    experiments.push_back({{"name", c.name},
                           {"source", c.source},
                           {"what", c.what},
                           {"horizon", c.horizon},
                           {"seeds", c.seeds},
                           {"runs", c.runs},
                           {"digest", c.digest}});
  }
  Json& claims = document["claims"] = Json::array();
  for (const ClaimResult& c : report.result->claims) claims.push_back(json_claim(report, c));
  Json& others = document["not_compared"] = Json::array();
  for (const OtherClaim& c : report.reproduction->not_compared) others.push_back({{"says", c.says}, {"why", c.why}});
  Json& figures = document["figures"] = Json::array();
  for (const FigureResult& f : report.result->figures) {
    figures.push_back({{"id", f.id}, {"title", f.chart.title}, {"header", f.header}, {"rows", f.rows}});
  }
  return document;
}

} // namespace terastal
