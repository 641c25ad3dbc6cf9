#pragma once

#include <algorithm> // min
#include <cstdint>
#include <optional>
#include <string>
#include <utility> // move

#include "terastal/core/time.hpp"
#include "terastal/core/units.hpp"
#include "terastal/cost/bind.hpp"
#include "terastal/model/estimates.hpp"
#include "terastal/model/network.hpp"
#include "terastal/offline/design_rules.hpp"
#include "terastal/offline/variant_candidate.hpp"
#include "terastal/offline/variant_shape.hpp"

namespace terastal::detail {

/// Everything that may be designed for one network: candidates without ranks, none chosen; those with a reason are out.
class VariantSearch {
 public:
  VariantSearch(const Network& network, const CostModels& models, const DesignRules& rules)
      : network_(network), models_(models), rules_(rules) {}

  NetworkDesign run() {
    count_weights();
    for (LayerIndex l = 0; l < network_.layers.size(); ++l) add_candidates(l);
    for (const AddedVariant& added : rules_.added) add_given(added);
    return std::move(design_);
  }

 private:
  [[nodiscard]] const Option& original(LayerIndex l) const { return network_.options[network_.layers[l].first_option]; }
  [[nodiscard]] Duration latency(LayerIndex l, TypeIndex t) const {
    return network_.latency_of(network_.layers[l].first_option, t);
  }

  void count_weights() {
    for (LayerIndex l = 0; l < network_.layers.size(); ++l) {
      const auto& shape = original(l).shape;
      if (shape) design_.network_weights += shape->weight_elements();
      if (!shape) ++design_.layers_without_shape;
    }
  }

  void add_candidates(LayerIndex l) {
    bool gap = false;
    for (TypeIndex t = 0; t < network_.type_count; ++t) {
      const VariantCandidate base = candidate(l, t);
      if (base.slow_latency == kCannotRun || (rules_.slow && *rules_.slow != t)) continue;
      gap = gap || base.gap > Duration::zero();
      if (base.gap > Duration::zero() && rules_.gammas) add(gamma_candidate(base));
      for (const Quantisation& quantisation : rules_.quantisations) {
        if (quantisation.type == t) add_quantised(base, quantisation);
      }
    }
    if (!gap) ++design_.layers_without_gap;
  }

  /// What holds for every variant of a layer on a type.
  [[nodiscard]] VariantCandidate candidate(LayerIndex l, TypeIndex t) const {
    VariantCandidate c;
    c.layer = l;
    c.preferred = preferred_type(network_, network_.layers[l].first_option);
    c.slow = t;
    c.preferred_latency = latency(l, c.preferred);
    c.slow_latency = latency(l, t);
    c.gap = c.slow_latency - c.preferred_latency;
    c.target = rules_.budgets.empty() ? c.preferred_latency : rules_.budgets[l];
    c.loss = rules_.accuracy_cost;
    return c;
  }

  void add(VariantCandidate c) {
    if (!c.latency.empty()) {
      c.meets_target = c.latency[c.slow] != kCannotRun && c.latency[c.slow] <= c.target;
      if (c.reason.empty() && !c.meets_target && c.origin != VariantOrigin::added) c.reason = too_slow(c);
    }
    design_.candidates.push_back(std::move(c));
  }

  [[nodiscard]] static std::string too_slow(const VariantCandidate& c) {
    if (c.origin == VariantOrigin::quantised) return "does not meet the target";
    return "no γ meets the target; the best is γ = " + format_number(c.gamma);
  }

  // -- depth-to-space forms

  [[nodiscard]] VariantCandidate gamma_candidate(VariantCandidate c) const {
    const auto& shape = original(c.layer).shape;
    if (c.slow_latency <= c.target) {
      c.reason = "meets the target without a variant";
    } else if (!shape) {
      c.reason = "no shape";
    } else {
      search_gamma(*shape, c);
    }
    return c;
  }

  /// Tries every γ from 2 on until one meets the target; else keeps the fastest.
  void search_gamma(const LayerShape& shape, VariantCandidate& c) const {
    const std::uint64_t largest = largest_gamma(shape, rules_.padding);
    const std::uint64_t last = rules_.max_gamma == 0 ? largest : std::min(largest, rules_.max_gamma);
    bool possible = false;
    for (std::uint64_t gamma = 2; gamma <= last; ++gamma) {
      if (!gamma_problem(shape, gamma, rules_.padding).empty()) continue;
      possible = true;
      const auto known = known_form(c.layer, gamma);
      if (!known && models_[c.slow] == nullptr) continue;
      const Duration on_slow = known ? network_.latency_of(*known, c.slow) : cost(gamma_shape(shape, gamma), c.slow);
      if (!c.latency.empty() && on_slow >= c.latency[c.slow]) continue;
      take_form(shape, gamma, known, c);
      if (on_slow <= c.target) return;
    }
    if (c.latency.empty()) c.reason = possible ? "the type has no cost model" : why_no_gamma(shape);
  }

  void take_form(const LayerShape& shape, std::uint64_t gamma, const std::optional<OptionIndex>& known,
                 VariantCandidate& c) const {
    c.gamma = static_cast<double>(gamma);
    c.shape = gamma_shape(shape, gamma);
    c.known = 0;
    c.loss = rules_.accuracy_cost;
    c.loss_origin = LossOrigin::assumed;
    if (known) {
      take_known(*known, c);
    } else {
      c.name = network_.layers[c.layer].name + "_r" + std::to_string(gamma);
      take_costs(*c.shape, c);
    }
    c.weights = c.shape->weight_elements();
    c.storage = share_of_network(static_cast<double>(c.weights));
  }

  [[nodiscard]] std::string why_no_gamma(const LayerShape& shape) const {
    if (shape.kind != OperatorKind::conv) return gamma_problem(shape, 2);
    const std::string limit = rules_.max_gamma == 0 ? "" : " up to γ = " + std::to_string(rules_.max_gamma);
    const std::string grouped = shape.groups > 1 ? " in " + std::to_string(shape.groups) + " groups" : "";
    return "no γ² divides C = " + std::to_string(shape.c) + " and K = " + std::to_string(shape.k) + grouped + limit;
  }

  /// The option of the network's own variant table with this γ.
  [[nodiscard]] std::optional<OptionIndex> known_form(LayerIndex l, std::uint64_t gamma) const {
    const Layer& layer = network_.layers[l];
    for (OptionIndex o = layer.first_option + 1; o < layer.first_option + layer.option_count; ++o) {
      if (network_.options[o].gamma == static_cast<double>(gamma)) return o;
    }
    return std::nullopt;
  }

  void take_known(OptionIndex option, VariantCandidate& c) const {
    c.name = network_.options[option].name;
    c.known = network_.options[option].variants;
    if (network_.options[option].shape) c.shape = network_.options[option].shape;
    c.latency.clear();
    c.energy_nj.clear();
    for (TypeIndex t = 0; t < network_.type_count; ++t) {
      c.latency.push_back(network_.latency_of(option, t));
      c.energy_nj.push_back(network_.energy_of(option, t));
    }
    take_known_loss(c);
  }

  void take_known_loss(VariantCandidate& c) const {
    const auto loss = network_.accuracy.loss(c.known);
    if (!loss) return;
    c.loss = *loss;
    c.loss_origin = network_.accuracy.is_measured() ? LossOrigin::measured : LossOrigin::given;
  }

  [[nodiscard]] Duration cost(const LayerShape& shape, TypeIndex t) const {
    return table_cost(shape, *models_[t]).latency;
  }

  /// Latency and energy of a shape on every type with a model.
  void take_costs(const LayerShape& shape, VariantCandidate& c) const {
    c.latency.assign(network_.type_count, kCannotRun);
    c.energy_nj.assign(network_.type_count, 0.0);
    for (TypeIndex t = 0; t < network_.type_count; ++t) {
      if (models_[t] == nullptr) continue;
      const TableCost cost = table_cost(shape, *models_[t]);
      c.latency[t] = cost.latency;
      c.energy_nj[t] = cost.energy_nj;
    }
  }

  [[nodiscard]] double share_of_network(double weights) const {
    return design_.network_weights == 0 ? 0.0 : weights / static_cast<double>(design_.network_weights);
  }

  // -- other variants

  void add_quantised(VariantCandidate c, const Quantisation& quantisation) {
    const auto& shape = original(c.layer).shape;
    if (!shape) return;
    const TableCost quantised = table_cost(*shape, *quantisation.model);
    if (quantised.latency >= c.slow_latency) return;
    if (!rules_.budgets.empty() && c.slow_latency <= c.target) c.reason = "meets the target without a variant";
    c.origin = VariantOrigin::quantised;
    c.name = network_.layers[c.layer].name + "_" + quantisation.suffix;
    c.shape = shape;
    c.latency.assign(network_.type_count, kCannotRun);
    c.energy_nj.assign(network_.type_count, 0.0);
    c.latency[c.slow] = quantised.latency;
    c.energy_nj[c.slow] = quantised.energy_nj;
    c.weights = shape->weight_elements();
    c.storage = share_of_network(static_cast<double>(c.weights) * quantisation.element_share);
    c.known = known_name(c.name);
    if (c.known != 0) take_known_loss(c);
    add(std::move(c));
  }

  void add_given(const AddedVariant& added) {
    VariantCandidate c = candidate(added.layer, type_for(added));
    c.origin = VariantOrigin::added;
    c.name = added.name;
    c.gamma = added.gamma;
    c.shape = added.shape;
    c.latency = added.latency;
    c.energy_nj = added.energy_nj;
    if (added.shape) c.weights = added.shape->weight_elements();
    c.storage = share_of_network(static_cast<double>(c.weights));
    if (added.accuracy_cost) {
      c.loss = *added.accuracy_cost;
      c.loss_origin = LossOrigin::given;
    } else {
      c.known = known_name(added.name);
      if (c.known != 0) take_known_loss(c);
    }
    add(std::move(c));
  }

  /// The bit of the network's own variant with this name; 0 for none.
  [[nodiscard]] VariantSet known_name(const std::string& name) const {
    for (const Option& option : network_.options) {
      if (option.name == name) return option.variants;
    }
    return 0;
  }

  /// The type that an added variant is listed under: of those on which it can run, the one with the largest gap.
  [[nodiscard]] TypeIndex type_for(const AddedVariant& added) const {
    TypeIndex best = preferred_type(network_, network_.layers[added.layer].first_option);
    Duration largest{0};
    for (TypeIndex t = 0; t < network_.type_count; ++t) {
      const Duration here = latency(added.layer, t);
      const bool usable = added.latency[t] != kCannotRun && here != kCannotRun && (!rules_.slow || *rules_.slow == t);
      if (!usable || here - latency(added.layer, best) <= largest) continue;
      largest = here - latency(added.layer, best);
      best = t;
    }
    return best;
  }

  const Network& network_;
  const CostModels& models_;
  const DesignRules& rules_;
  NetworkDesign design_;
};

} // namespace terastal::detail
