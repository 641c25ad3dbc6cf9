#include "check_plan.hpp"

#include <cctype> // isalpha

#include <fmt/format.h>

#include "command.hpp"
#include "common_options.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal::cli {
namespace {

constexpr const char* kDefaultPolicies = "fcfs,edf,dream,terastal";
constexpr const char* kDefaultMetrics = "miss_rate,job_miss_rate,accuracy_loss,energy";
constexpr const char* kPlanOptions[] = {"policies", "metrics",  "judge", "limit", "confidence",
                                        "tasks",    "no-tasks", "set",   "seed",  "horizon"};

double read_confidence(const std::string& text) {
  const auto value = parse_ratio(text);
  if (!value || !(*value >= 0.5 && *value < 1.0)) {
    throw UsageError("--confidence: '" + text + "' is not a share from 0.5 up to below 1, such as 0.95 or 95%");
  }
  return *value;
}

/// A limit for a metric that is exact makes it what the plan's metrics are. \throws InputError where they are exact
/// too.
void set_limits(MetricRule& rule, const Limits& limits, const GatePlan& plan) {
  if (rule.judge == Judge::exact) rule.judge = plan.judge;
  if (rule.judge == Judge::exact) {
    throw InputError(fmt::format("'{0}' is judged exactly, which knows no limit; say {0}=noninferior or {0}=tolerance "
                                 "before it, or --judge",
                                 rule.metric->id));
  }
  rule.limits = limits;
}

/// `METRIC=LIMIT`, `METRIC=JUDGE`. \throws InputError.
void apply_limit(const std::string& text, GatePlan& plan) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) throw InputError("expected METRIC=LIMIT, got '" + text + "'");
  const MetricInfo& metric = find_metric(trim(text.substr(0, equals)));
  const std::string value(trim(text.substr(equals + 1)));
  for (MetricRule& rule : plan.rules) {
    if (rule.metric != &metric) continue;
    const bool judge = !value.empty() && std::isalpha(static_cast<unsigned char>(value.front())) != 0;
    if (judge) {
      rule.judge = parse_judge(value);
    } else {
      set_limits(rule, parse_limits(value), plan);
    }
    return;
  }
  throw InputError("'" + std::string(metric.id) + "' is not among the metrics");
}

/// The metrics and how they are judged; what the plan has stays where nothing is said.
void read_rules(const Arguments& arguments, GatePlan& plan) {
  try {
    if (const auto list = arguments.get("metrics")) {
      std::vector<MetricRule> rules;
      for (const MetricInfo* metric : parse_metrics(*list)) {
        MetricRule rule{metric, plan.judge, default_limits(*metric)};
        for (const MetricRule& known : plan.rules) {
          if (known.metric == metric) rule = known;
        }
        rules.push_back(rule);
      }
      plan.rules = std::move(rules);
    }
  } catch (const InputError& e) {
    throw_usage("--metrics", e);
  }
  try {
    if (const auto judge = arguments.get("judge")) {
      plan.judge = parse_judge(*judge);
      for (MetricRule& rule : plan.rules) rule.judge = plan.judge;
    }
  } catch (const InputError& e) {
    throw_usage("--judge", e);
  }
  try {
    for (const std::string& text : arguments.all("limit")) apply_limit(text, plan);
  } catch (const InputError& e) {
    throw_usage("--limit", e);
  }
}

} // namespace

void refuse_plan_options(const Arguments& arguments) {
  for (const char* name : kPlanOptions) {
    if (arguments.has(name)) {
      throw UsageError(
          fmt::format("--{}: what is run and how it is judged stands in the baseline; --update changes it", name));
    }
  }
}

void apply_options(const Arguments& arguments, GatePlan& plan) {
  if (arguments.has("policies")) plan.policies = read_policies(arguments, kDefaultPolicies);
  if (const auto n = get_unsigned(arguments, "replications", 1, 1'000'000)) plan.replications = *n;
  if (const auto text = arguments.get("confidence")) plan.confidence = read_confidence(*text);
  if (arguments.has("tasks") && arguments.has("no-tasks"))
    throw UsageError("--tasks and --no-tasks exclude each other");
  if (arguments.has("tasks")) plan.each_task = true;
  if (arguments.has("no-tasks")) plan.each_task = false;
  const Changes changes = read_changes(arguments);
  refuse_policy_changes(changes, "check");
  merge_overrides(plan, changes.scenario);
  read_rules(arguments, plan);
}

GatePlan default_plan(const Arguments& arguments) {
  GatePlan plan;
  plan.policies = read_policies(arguments, kDefaultPolicies);
  for (const MetricInfo* metric : parse_metrics(kDefaultMetrics)) {
    plan.rules.push_back({metric, plan.judge, default_limits(*metric)});
  }
  return plan;
}

} // namespace terastal::cli
