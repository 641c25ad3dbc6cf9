#include "report/compare_formats.hpp"
#include "report/numbers.hpp"
#include "report/run_formats.hpp"

namespace terastal {
namespace {

constexpr double kAlpha = 0.05;

/// `method` is that of a t-interval.
Json json_estimate(const MeanEstimate& e, const char* method) {
  Json result = {{"n", e.n}, {"mean", e.n > 0 ? Json(e.mean) : Json()}};
  result["ci_low"] = e.half_width ? Json(e.low()) : Json();
  result["ci_high"] = e.half_width ? Json(e.high()) : Json();
  result["ci_level"] = kConfidence;
  result["method"] = e.bootstrap ? "bca_bootstrap" : method;
  return result;
}

Json json_statistic(const Statistic& s) {
  Json result = json_estimate(s.value, "student_t");
  if (!s.against_first) return result;
  const PairedComparison& c = *s.against_first;
  result["against_first"] = {
      {"identical", c.identical},
      {"difference", json_estimate(c.difference, "paired_student_t")},
      {"relative_change", c.relative ? json_estimate(*c.relative, "ratio_of_paired_means") : Json()}};
  if (!s.judgement) return result;
  Json& against = result["against_first"];
  against["p_value"] = s.judgement->p_value;
  against["adjusted_p_value"] = s.judgement->adjusted_p_value;
  against["verdict"] = to_string(s.judgement->verdict);
  return result;
}

/// The same statistic in other units, e.g. seconds as milliseconds.
Statistic scaled(Statistic s, double factor) {
  s.value = s.value.scaled(factor);
  if (s.against_first) s.against_first->difference = s.against_first->difference.scaled(factor);
  return s;
}

Json json_task(const TaskStatistics& t) {
  return {{"task", t.task},
          {"miss_rate", json_statistic(t.miss_rate)},
          {"accuracy_loss", json_statistic(t.accuracy_loss)},
          {"response_mean_ms", json_statistic(scaled(t.response_mean_s, 1e3))},
          {"energy_mj", json_statistic(t.energy_mj)}};
}

Json json_policy_statistics(const PolicyStatistics& p) {
  Json result = {{"policy", p.policy},
                 {"miss_rate", json_statistic(p.mean_miss_rate)},
                 {"job_weighted_miss_rate", json_statistic(p.weighted_miss_rate)},
                 {"accuracy_loss", json_statistic(p.accuracy_loss)},
                 {"energy_mj", json_statistic(p.energy_mj)}};
  for (const MetricStatistics& m : p.chosen) result["metrics"][m.metric->key] = json_statistic(m.all);
  if (p.tasks.empty()) return result;
  Json& tasks = result["tasks"] = Json::array();
  for (std::size_t t = 0; t < p.tasks.size(); ++t) {
    tasks.push_back(json_task(p.tasks[t]));
    for (const MetricStatistics& m : p.chosen) {
      if (t < m.tasks.size()) tasks.back()["metrics"][m.metric->key] = json_statistic(m.tasks[t]);
    }
  }
  return result;
}

/// What the chosen metrics are.
Json json_chosen(const PolicyStatistics& p) {
  Json result = Json::array();
  for (const MetricStatistics& m : p.chosen) {
    result.push_back({{"metric", m.metric->id},
                      {"key", m.metric->key},
                      {"meaning", m.metric->help},
                      {"higher_is_better", m.metric->higher_is_better},
                      {"our_reading", m.metric->our_reading}});
  }
  return result;
}

/// How CompareOptions::until ended. Half-widths are in the metric's own unit.
Json json_until(const SequentialOutcome& o, const CompareReport& report) {
  Json result = {{"half_width", o.rule.precision.half_width},
                 {"relative", o.rule.precision.relative},
                 {"first", o.rule.first},
                 {"step", o.rule.step},
                 {"cap", o.rule.cap},
                 {"reached", o.reached},
                 {"replications", o.replications}};
  Json& widest = result["widest"] = Json();
  if (!o.widest) return result;
  const auto reach = o.widest->interval.estimate.reach();
  widest = {{"scenario", (*report.scenarios)[o.widest->scenario].scenario.name},
            {"policy", (*report.policies)[o.widest->policy].label},
            {"metric", o.widest->metric->id},
            {"of", o.widest->difference ? "difference" : "value"},
            {"half_width", reach ? Json(*reach) : Json()},
            {"replications_needed", o.needed}};
  return result;
}

Json json_warm_up(const WarmUpEstimate& w, Duration used) {
  Json result = {{"method", "mser5"},
                 {"found", w.warm_up.has_value()},
                 {"used_ms", to_ms(used)},
                 {"pilot_seed", w.first_seed},
                 {"pilot_replications", w.replications}};
  Json& policies = result["policies"] = Json::array();
  for (const PolicyWarmUp& p : w.policies) {
    policies.push_back({{"policy", p.policy},
                        {"accepted", p.cut.accepted},
                        {"jobs", p.cut.length},
                        {"jobs_deleted", p.cut.deleted},
                        {"warm_up_ms", to_ms(p.warm_up)}});
  }
  return result;
}

Json json_scenario(const ScenarioComparison& s, const LoadedScenario& loaded) {
  Json result = {{"scenario", s.scenario},
                 {"config", json_config(loaded)},
                 {"config_digest", config_digest(loaded)},
                 {"seed", s.first_seed},
                 {"replications", s.replications}};
  result["replications_alike"] = s.alike;
  if (s.warm_up) {
    result["warm_up"] = json_warm_up(*s.warm_up, s.warm_up->warm_up.value_or(loaded.scenario.warm_up));
  }
  Json& policies = result["policies"] = Json::array();
  for (std::size_t p = 0; p < s.policies.size(); ++p) {
    Json entry = json_policy_statistics(s.policies[p]);
    Json& digests = entry["digests"] = Json::array();
    for (const RunResult& r : s.runs[p]) digests.push_back(hex(r.digest));
    policies.push_back(std::move(entry));
  }
  return result;
}

/// One fingerprint of what was compared: all scenarios, in order.
std::string common_digest(const std::vector<LoadedScenario>& scenarios) {
  if (scenarios.size() == 1) return config_digest(scenarios.front());
  std::string all;
  for (const LoadedScenario& s : scenarios) all += config_digest(s) + '\n';
  return "sha256:" + sha256_hex(all);
}

std::vector<const LoadedScenario*> pointers(const std::vector<LoadedScenario>& scenarios) {
  std::vector<const LoadedScenario*> result;
  for (const LoadedScenario& s : scenarios) result.push_back(&s);
  return result;
}

} // namespace

void write_compare_json(std::ostream& out, const CompareReport& report) {
  const Comparison& comparison = *report.comparison;
  Json document = json_head("compare");
  document["inputs"] = json_inputs(pointers(*report.scenarios));
  document["config_digest"] = common_digest(*report.scenarios);
  document["replications"] = comparison.requested_replications;
  document["complete"] = comparison.complete;
  if (comparison.until) document["until"] = json_until(*comparison.until, report);
  if (comparison.judged > 0) {
    document["verdicts"] = {{"method", "holm_paired_t"}, {"differences", comparison.judged}, {"alpha", kAlpha}};
  }
  document["first_policy"] = report.policies->front().label;
  Json& policies = document["policies"] = Json::array();
  for (const Policy& p : *report.policies) policies.push_back(json_policy(p));
  if (!comparison.scenarios.empty() && !comparison.scenarios.front().policies.front().chosen.empty()) {
    document["metrics"] = json_chosen(comparison.scenarios.front().policies.front());
  }
  Json& results = document["results"] = Json::array();
  for (std::size_t s = 0; s < comparison.scenarios.size(); ++s) {
    results.push_back(json_scenario(comparison.scenarios[s], (*report.scenarios)[s]));
  }
  if (!comparison.overall.empty()) {
    Json& overall = document["mean_over_scenarios"] = Json::array();
    for (const PolicyStatistics& p : comparison.overall) overall.push_back(json_policy_statistics(p));
  }
  document["environment"] = json_environment(report.environment);
  write_json(out, document);
}

void write_compare_jsonl(std::ostream& out, const CompareReport& report) {
  for (std::size_t s = 0; s < report.comparison->scenarios.size(); ++s) {
    const std::string digest = config_digest((*report.scenarios)[s]);
    const ScenarioComparison& scenario = report.comparison->scenarios[s];
    for (const auto& runs : scenario.runs) {
      for (const RunResult& r : runs) {
        Json line = json_line(r, digest);
        // The configuration of the digest has another warm-up.
        if (scenario.warm_up && scenario.warm_up->warm_up) line["warm_up_ms"] = to_ms(*scenario.warm_up->warm_up);
        write_json_line(out, line);
      }
    }
  }
}

} // namespace terastal
