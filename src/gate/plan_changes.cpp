#include <algorithm> // equal, erase_if

#include <fmt/format.h>

#include "terastal/core/text.hpp"
#include "terastal/gate/baseline.hpp"

namespace terastal {
namespace {

std::string overrides_text(const GatePlan& plan) {
  std::vector<std::string> changes;
  for (const Override& o : plan.overrides) changes.push_back(o.path + "=" + o.value);
  return changes.empty() ? "nothing" : join(changes, ", ");
}

std::string policies_text(const GatePlan& plan) {
  std::vector<std::string> labels;
  for (const Policy& p : plan.policies) labels.push_back(p.label);
  return join(labels, ", ");
}

std::string metrics_text(const GatePlan& plan) {
  std::vector<std::string> ids;
  for (const MetricRule& r : plan.rules) ids.emplace_back(r.metric->id);
  return join(ids, ", ");
}

/// `exact`, `noninferior, limit 0.005 or 2 %`.
std::string rule_text(const MetricRule& rule) {
  const std::string judge = to_string(rule.judge);
  if (rule.judge == Judge::exact) return judge;
  const std::string share = fmt::format("{} %", rule.limits.rel * 100.0);
  if (rule.limits.rel == 0.0) return fmt::format("{}, limit {}", judge, rule.limits.abs);
  return judge + ", limit " + (rule.limits.abs == 0.0 ? share : fmt::format("{} or {}", rule.limits.abs, share));
}

const MetricRule* find_rule(const GatePlan& plan, const MetricInfo* metric) {
  for (const MetricRule& rule : plan.rules) {
    if (rule.metric == metric) return &rule;
  }
  return nullptr;
}

} // namespace

void merge_overrides(GatePlan& plan, const std::vector<Override>& changes) {
  plan.override_places.resize(plan.overrides.size());
  for (const Override& change : changes) {
    for (std::size_t i = plan.overrides.size(); i-- > 0;) {
      if (plan.overrides[i].path != change.path) continue;
      plan.overrides.erase(plan.overrides.begin() + static_cast<std::ptrdiff_t>(i));
      plan.override_places.erase(plan.override_places.begin() + static_cast<std::ptrdiff_t>(i));
    }
    plan.overrides.push_back(change);
    plan.override_places.emplace_back();
  }
}

bool same_overrides(const GatePlan& a, const GatePlan& b) {
  return std::equal(a.overrides.begin(), a.overrides.end(), b.overrides.begin(), b.overrides.end(),
                    [](const Override& x, const Override& y) { return x.path == y.path && x.value == y.value; });
}

std::vector<std::string> plan_changes(const GatePlan& before, const GatePlan& now) {
  std::vector<std::string> changes;
  const auto add = [&](const std::string& what, const std::string& old_text, const std::string& new_text) {
    if (old_text != new_text) changes.push_back(fmt::format("{}: {} → {}", what, old_text, new_text));
  };
  const auto tasks = [](const GatePlan& plan) { return plan.each_task ? "each" : "together"; };
  add("scenarios", join(before.scenarios, ", "), join(now.scenarios, ", "));
  add("policies", policies_text(before), policies_text(now));
  add("set", overrides_text(before), overrides_text(now));
  add("replications", std::to_string(before.replications), std::to_string(now.replications));
  add("tasks", tasks(before), tasks(now));
  add("judge", to_string(before.judge), to_string(now.judge));
  add("confidence", fmt::format("{}", before.confidence), fmt::format("{}", now.confidence));
  add("metrics", metrics_text(before), metrics_text(now));
  for (const MetricRule& rule : now.rules) {
    if (const MetricRule* old = find_rule(before, rule.metric)) add(rule.metric->id, rule_text(*old), rule_text(rule));
  }
  return changes;
}

} // namespace terastal
