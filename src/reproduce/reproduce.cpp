#include "terastal/reproduce/reproduce.hpp"

#include "reproduce/figures.hpp"
#include "reproduce/run_experiments.hpp"

namespace terastal {
namespace {

/// The claim as a setting has it.
Claim under(const Claim& claim, const SensitivitySetting& setting) {
  Claim changed = claim;
  changed.from = setting.from;
  for (const auto& [axis, values] : setting.where) changed.where = with(changed.where, axis, values);
  if (!setting.policy.empty()) changed.policy = setting.policy;
  if (!setting.against.empty()) changed.against = setting.against;
  if (!setting.measure.empty()) changed.measure = setting.measure;
  if (setting.over) changed.over = *setting.over;
  return changed;
}

ClaimResult compare(const Reproduction& reproduction, const Claim& claim, const ExperimentTables& tables) {
  ClaimResult result;
  result.claim = &claim;
  result.figure = evaluate(claim, tables_of(tables, claim.from));
  for (const SensitivitySetting& setting : reproduction.sensitivity) {
    if (!reproduction.varies(setting, claim)) continue;
    const Claim changed = under(claim, setting);
    result.sensitivity.push_back({&setting, evaluate(changed, tables_of(tables, changed.from))});
  }
  return result;
}

} // namespace

std::string short_label(const std::string& value) {
  const std::size_t end = value.ends_with(".yaml") ? value.size() - 5 : value.size();
  if (end == value.size()) return value;
  const std::size_t slash = value.rfind('/');
  const std::size_t begin = slash == std::string::npos ? 0 : slash + 1;
  return value.substr(begin, end - begin);
}

ReproductionResult reproduce(const Reproduction& reproduction, const ReproduceOptions& options) {
  ReproductionResult result;
  ExperimentTables tables;
  for (const Experiment& experiment : reproduction.experiments) {
    auto table = run_experiment(experiment, options, result.conditions.emplace_back());
    if (!table) {
      result.complete = false;
      return result;
    }
    tables.emplace(experiment.name, std::move(*table));
  }
  for (const Claim& claim : reproduction.claims) result.claims.push_back(compare(reproduction, claim, tables));
  for (const Figure& figure : reproduction.figures) result.figures.push_back(draw(figure, tables));
  for (const ClaimResult& claim : result.claims) {
    if (claim.sensitivity.empty()) continue;
    const ExperimentTable& shape = reproduction.experiment(claim.claim->from.front()).shape;
    result.figures.push_back(draw_sensitivity(claim, shape.measures[*shape.measure(claim.claim->measure)]));
  }
  return result;
}

} // namespace terastal
