#include "terastal/experiment/design.hpp"

#include <algorithm> // max, min

#include "terastal/core/error.hpp"
#include "terastal/cost/bind.hpp"
#include "terastal/offline/quantisation.hpp"

namespace terastal {
namespace {

/// The target of each layer: its smallest budget over the tasks.
std::vector<Duration> smallest_budgets(const DesignSubject& subject, const Platform& platform, BudgetRule rule) {
  std::vector<Duration> smallest;
  for (const Duration deadline : subject.deadlines) {
    const BudgetPlan plan = plan_budgets(*subject.network, platform, deadline, rule);
    if (smallest.empty()) smallest = plan.budget;
    for (std::size_t l = 0; l < smallest.size(); ++l) smallest[l] = std::min(smallest[l], plan.budget[l]);
  }
  return smallest;
}

/// Layers that were merged to a coarser granularity have no shapes, and their combinations of variants are options.
void check_unmerged(const Network& network) {
  for (const Layer& layer : network.layers) {
    const bool merged = (layer.op == "model" || layer.op == "block") && !network.options[layer.first_option].shape;
    if (merged) {
      throw InputError("network '" + network.name +
                       "': variants are designed for single layers, but these are merged " +
                       "(granularity: " + layer.op + "); use --set granularity=layer");
    }
  }
}

DesignRules common_rules(const Platform& platform, const DesignOptions& options, const CostModelRegistry& cost_models) {
  DesignRules rules;
  if (options.slow) rules.slow = detail::type_named(*options.slow, platform);
  for (const std::string& text : options.quantised) {
    rules.quantisations.push_back(parse_quantisation(text, platform, cost_models));
  }
  rules.most_storage = options.storage;
  rules.gammas = options.gammas;
  rules.max_gamma = options.max_gamma;
  rules.padding = options.pad_channels ? ChannelPadding::next_multiple : ChannelPadding::none;
  rules.accuracy_cost = options.accuracy_cost;
  return rules;
}

} // namespace

std::vector<DesignSubject> design_subjects(const Scenario& scenario) {
  std::vector<DesignSubject> subjects;
  for (const Network& network : scenario.networks) subjects.push_back({&network, {}, 0.0, {}});
  for (const Task& task : scenario.tasks) {
    DesignSubject& subject = subjects[task.network];
    subject.deadlines.push_back(task.deadline);
    subject.theta = std::max(subject.theta, task.theta);
  }
  return subjects;
}

std::vector<DesignResult> design(const Platform& platform, const std::vector<DesignSubject>& subjects,
                                 const DesignOptions& options, const CostModelRegistry& cost_models) {
  const CostModels models = make_cost_models(platform, cost_models);
  DesignRules rules = common_rules(platform, options, cost_models);
  std::vector<DesignResult> results;
  for (const DesignSubject& subject : subjects) {
    const Network& network = *subject.network;
    check_unmerged(network);
    if (subject.added.size() > kMostVariants) {
      throw InputError("network '" + network.name + "': " + std::to_string(subject.added.size()) +
                       " added variants, but at most " + std::to_string(kMostVariants) + " are possible");
    }
    rules.most_variants = std::min(kMostVariants, options.variants.value_or(network.variant_names.size()));
    rules.added = subject.added;
    rules.budgets.clear();
    if (options.meet_budgets) rules.budgets = smallest_budgets(subject, platform, options.budget_rule);
    DesignResult result{&network, subject.theta, design_variants(network, models, rules), std::nullopt};
    result.accuracy = designed_accuracy(network, result.design, options.loss_model);
    results.push_back(std::move(result));
  }
  return results;
}

} // namespace terastal
