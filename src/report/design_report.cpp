#include "terastal/report/design_report.hpp"

#include <algorithm> // any_of

#include "report/design_formats.hpp"
#include "report/numbers.hpp"

namespace terastal {

const std::string& type_name(const DesignReport& report, TypeIndex type) { return report.platform->types[type].name; }

OwnVariants own_variants(const DesignResult& result) {
  OwnVariants own;
  for (const Option& option : result.network->options) {
    if (option.gamma == 0.0) continue;
    ++own.all;
    for (const VariantCandidate& c : result.design.candidates) {
      if (c.chosen && c.origin == VariantOrigin::gamma && c.known == option.variants) ++own.found;
    }
  }
  return own;
}

bool has_own_variant(const DesignResult& result, const VariantCandidate& candidate) {
  const Layer& layer = result.network->layers[candidate.layer];
  for (OptionIndex o = 1; o < layer.option_count; ++o) {
    if (result.network->options[layer.first_option + o].gamma != 0.0) return true;
  }
  return false;
}

std::optional<SetCount> count_sets(const DesignResult& result) {
  const std::size_t variants = result.design.chosen().size();
  if (!result.accuracy || variants > kMostListedVariants) return std::nullopt;
  SetCount count;
  for (VariantSet set = 1; set < VariantSet{1} << variants; ++set) {
    ++count.all;
    if (result.accuracy->model.valid(set, result.theta)) ++count.valid;
  }
  return count;
}

std::vector<CombinationCheck> combination_checks(const DesignReport& report) {
  std::vector<CombinationCheck> checks;
  for (const DesignResult& result : *report.results) {
    const AccuracyModel& own = result.network->accuracy;
    const bool combined = std::any_of(own.sets().begin(), own.sets().end(),
                                      [](const auto& entry) { return (entry.first & (entry.first - 1)) != 0; });
    if (!combined) continue;
    checks.push_back({&result, prediction_error(own, LossModel::additive),
                      prediction_error(own, LossModel::multiplicative), prediction_error(own, LossModel::fitted),
                      prediction_error(own, LossModel::fitted, true), prediction_error(own, LossModel::fitted_pairs),
                      prediction_error(own, LossModel::fitted_pairs, true)});
  }
  return checks;
}

std::string assumption_text(const DesignReport& report) {
  return "a loss of " + percent(report.options->accuracy_cost) +
         " for each variant that nobody measured; an assumption, set it with --accuracy-cost";
}

void write(std::ostream& out, const DesignReport& report, Format format, bool color) {
  switch (format) {
  case Format::table:
    return write_design_table(out, report, color);
  case Format::json:
    return write_design_json(out, report);
  case Format::csv:
    return write_design_csv(out, report);
  case Format::jsonl:
    return write_design_jsonl(out, report);
  }
}

} // namespace terastal
