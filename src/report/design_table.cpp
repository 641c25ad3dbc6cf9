#include <algorithm> // max

#include <fmt/format.h>

#include "report/conditions.hpp"
#include "report/design_formats.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "terastal/core/text.hpp"
#include "terastal/core/units.hpp"

namespace terastal {
namespace {

/// `6.42 M`.
std::string count_text(std::uint64_t count) {
  const auto value = static_cast<double>(count);
  if (value >= 1e6) return fmt::format("{:.2f} M", value / 1e6);
  return value >= 1e3 ? fmt::format("{:.1f} k", value / 1e3) : std::to_string(count);
}

std::string target_text(const DesignOptions& options) {
  if (!options.meet_budgets) return "the layer's latency on its fastest type (our reading)";
  return "the layer's virtual budget, rule " + to_string(options.budget_rule) + ", smallest over the tasks";
}

std::string limits_text(const DesignOptions& options) {
  std::string text = options.variants ? fmt::format("{} variants for each network", *options.variants)
                                      : std::string("as many variants as each network has of its own");
  if (options.storage) text += fmt::format(", {} more weights", percent(*options.storage));
  if (options.max_gamma != 0) text += fmt::format(", γ up to {}", options.max_gamma);
  return text;
}

std::string kinds_text(const DesignReport& report) {
  std::vector<std::string> kinds;
  if (report.options->gammas) {
    kinds.emplace_back(report.options->pad_channels ? "depth-to-space, channels padded" : "depth-to-space");
  }
  for (const std::string& text : report.options->quantised) kinds.push_back("quantised " + text);
  for (const DesignResult& result : *report.results) {
    std::size_t added = 0;
    for (const VariantCandidate& c : result.design.candidates) added += c.origin == VariantOrigin::added ? 1 : 0;
    if (added > 0) kinds.push_back(fmt::format("{} added to {}", added, result.network->name));
  }
  return join(kinds, ", ");
}

Conditions conditions_of_design(const DesignReport& report) {
  const DesignOptions& options = *report.options;
  return {{"for", options.slow ? *options.slow : "every type on which a layer is slower than on its fastest"},
          {"variants", kinds_text(report)},
          {"target", target_text(options)},
          {"rank by", "latency there - latency on the fastest type"},
          {"limits", limits_text(options)},
          {"accuracy", "measured sets where the network has them, else " + to_string(options.loss_model)},
          {"assumed", assumption_text(report)}};
}

// -- summary

std::string sets_text(const DesignResult& result) {
  const auto count = count_sets(result);
  return count ? fmt::format("{} of {}", count->valid, count->all) : "too many to list";
}

std::string measured_text(const DesignResult& result) {
  if (!result.accuracy || result.design.chosen().empty()) return "";
  if (!result.accuracy->listed) return "no set";
  return fmt::format("{} of {}", result.accuracy->measured_sets,
                     result.accuracy->measured_sets + result.accuracy->predicted_sets);
}

void write_summary(std::ostream& out, const DesignReport& report, bool color) {
  TextTable table({{"network"},
                   {"layers"},
                   {"with a gap"},
                   {"variants"},
                   {"of its own"},
                   {"weights"},
                   {"storage"},
                   {"measured sets"},
                   {"valid sets"}});
  OwnVariants all;
  for (const DesignResult& result : *report.results) {
    const NetworkDesign& design = result.design;
    const OwnVariants own = own_variants(result);
    all.all += own.all;
    all.found += own.found;
    table.add({{result.network->name, Ink::bold},
               {std::to_string(result.network->layers.size())},
               {std::to_string(result.network->layers.size() - design.layers_without_gap)},
               {std::to_string(design.chosen().size())},
               {own.all == 0 ? "" : fmt::format("{} of {}", own.found, own.all)},
               {count_text(design.network_weights)},
               {"+" + percent(design.storage)},
               {measured_text(result)},
               {design.chosen().empty() ? "" : sets_text(result)}});
  }
  write_heading(out, "Networks", color);
  table.write(out, color);
  if (all.all > 0) {
    out << fmt::format("\n'of its own': {} of the {} variants that the networks' files hold were designed anew, with "
                       "the same γ.\n",
                       all.found, all.all);
  }
  out << "Terastal reports 0.5 to 5.9 % more weights for its variants.\n";
}

// -- candidates

std::string variant_text(const VariantCandidate& c) {
  if (c.latency.empty()) return "";
  return c.latency[c.slow] == kCannotRun ? "cannot run" : format_duration_short(c.latency[c.slow]);
}

std::string form_text(const VariantCandidate& c) {
  const std::string gamma = c.gamma == 0.0 ? "" : format_number(c.gamma);
  if (c.origin == VariantOrigin::gamma) return gamma;
  return gamma.empty() ? std::string(to_string(c.origin)) : gamma + ", " + std::string(to_string(c.origin));
}

/// What stands in the last column: `chosen`, and a warning, or why not.
Cell decision(const DesignResult& result, const VariantCandidate& c) {
  if (!c.chosen) return {c.reason, Ink::faint};
  if (c.loss > 1.0 - result.theta + 1e-12) {
    return {fmt::format("chosen; below {:.4g} % of the baseline even alone", result.theta * 100.0), Ink::bad};
  }
  return {"chosen", Ink::good};
}

/// Everything down to the last chosen candidate, and what became of the network's own variants.
bool shown(const DesignReport& report, const DesignResult& result, const VariantCandidate& c, std::size_t last) {
  return report.all || c.rank <= last || has_own_variant(result, c);
}

std::size_t last_chosen(const NetworkDesign& design) {
  std::size_t last = 0;
  for (const VariantCandidate& c : design.candidates) {
    if (c.chosen) last = std::max(last, c.rank);
  }
  return last;
}

std::vector<Cell> candidate_row(const DesignReport& report, const DesignResult& result, const VariantCandidate& c) {
  const bool stored = !c.latency.empty() && c.shape.has_value();
  return {{std::to_string(c.rank)},
          {result.network->layers[c.layer].name},
          {type_name(report, c.preferred)},
          {format_duration_short(c.preferred_latency)},
          {type_name(report, c.slow)},
          {format_duration_short(c.slow_latency)},
          {format_duration_short(c.gap)},
          {report.options->meet_budgets ? format_duration_short(c.target) : ""},
          {form_text(c)},
          {variant_text(c)},
          {c.latency.empty() ? ""
           : c.meets_target  ? "yes"
                             : "no",
           c.meets_target ? Ink::plain : Ink::bad},
          {stored ? count_text(c.weights) : ""},
          {stored ? percent(c.storage) : ""},
          {c.latency.empty() ? "" : percent(c.loss) + " " + std::string(to_string(c.loss_origin))},
          decision(result, c)};
}

/// A warning where predicted sets are listed beside measured ones that the same model misses by more than the margin.
std::string doubt_text(const DesignReport& report, const DesignResult& result) {
  if (!result.accuracy || !result.accuracy->listed || result.accuracy->predicted_sets == 0) return {};
  const PredictionError error = prediction_error(result.network->accuracy, report.options->loss_model);
  if (error.sets == 0 || error.mean < 1.0 - result.theta) return {};
  return fmt::format("CAUTION: {} of its sets are predicted, but {} misses its measured sets by {} of the baseline on "
                     "average",
                     result.accuracy->predicted_sets, to_string(report.options->loss_model), percent(error.mean));
}

void write_candidates(std::ostream& out, const DesignReport& report, const DesignResult& result, bool color) {
  TextTable table({{"rank"},
                   {"layer", true},
                   {"fastest", true},
                   {"latency"},
                   {"slow", true},
                   {"latency"},
                   {"gap"},
                   {"target"},
                   {"γ"},
                   {"variant"},
                   {"meets", true},
                   {"weights"},
                   {"storage"},
                   {"loss alone", true},
                   {"", true}});
  const std::size_t last = last_chosen(result.design);
  std::size_t hidden = 0;
  for (const VariantCandidate& c : result.design.candidates) {
    if (shown(report, result, c, last)) {
      table.add(candidate_row(report, result, c));
    } else {
      ++hidden;
    }
  }
  write_heading(out, result.network->name, color);
  if (!table.empty()) table.write(out, color);
  if (table.empty()) out << "  no candidate\n";
  if (hidden > 0) out << fmt::format("  {} more candidate{}: --all\n", hidden, hidden == 1 ? "" : "s");
  const std::string doubt = doubt_text(report, result);
  if (!doubt.empty()) out << "  " << doubt << '\n';
  if (result.design.layers_without_shape > 0) {
    out << fmt::format("  {} of {} layers have no shape: no variants for them, and their weights are not counted\n",
                       result.design.layers_without_shape, result.network->layers.size());
  }
}

// -- accuracy of combinations

std::string error_text(const PredictionError& error) {
  if (error.sets == 0) return "none";
  const std::string text = fmt::format("{:.1f} / {:.1f}", error.mean * 100.0, error.largest * 100.0);
  return error.others == 0 ? text : fmt::format("{} ({} sets)", text, error.sets);
}

void write_checks(std::ostream& out, const DesignReport& report, bool color) {
  const auto checks = combination_checks(report);
  if (checks.empty()) return;
  TextTable table({{"network"},
                   {"sets"},
                   {"additive"},
                   {"multiplicative"},
                   {"fitted"},
                   {"left out"},
                   {"fitted-pairs"},
                   {"left out"}});
  for (const CombinationCheck& check : checks) {
    table.add({{check.result->network->name, Ink::bold},
               {std::to_string(check.additive.sets + check.additive.others)},
               {error_text(check.additive)},
               {error_text(check.multiplicative)},
               {error_text(check.fitted)},
               {error_text(check.fitted_left_out)},
               {error_text(check.fitted_pairs)},
               {error_text(check.fitted_pairs_left_out)}});
  }
  write_heading(out, "Predicted against measured accuracy of the networks' own sets of two and more variants", color);
  table.write(out, color);
  out << "\nAbsolute error in % of the baseline, mean / largest. Additive and multiplicative know the single variants "
         "only; the\nfits know every set ('left out': every set but the one they predict; sets that the others do not "
         "determine are not\ncounted). An error of 10 % is the whole margin of a threshold of 0.9.\n";
}

} // namespace

void write_design_table(std::ostream& out, const DesignReport& report, bool color) {
  const std::string title = report.scenario ? report.scenario->scenario.name : "design";
  write_conditions(out, title, "variants of layers for " + report.platform->name, conditions_of_design(report), color);
  write_summary(out, report, color);
  for (const DesignResult& result : *report.results) write_candidates(out, report, result, color);
  write_checks(out, report, color);
}

} // namespace terastal
