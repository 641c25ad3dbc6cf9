#pragma once

#include <algorithm> // any_of, clamp, max
#include <bit>       // countr_zero
#include <cstddef>
#include <optional>
#include <string>
#include <utility> // move, pair
#include <vector>

#include "terastal/model/accuracy.hpp"
#include "terastal/model/network.hpp"
#include "terastal/offline/accuracy_fit.hpp"
#include "terastal/offline/variant_design.hpp"

namespace terastal {

/// The accuracy of a designed network, and where it comes from.
struct DesignedAccuracy {
  AccuracyModel model;            ///< variant v is the v-th of `NetworkDesign::chosen()`
  bool listed = false;            ///< set by set; else single losses, combined by the model's rule
  std::size_t measured_sets = 0;  ///< of the listed ones, without the empty set
  std::size_t predicted_sets = 0; ///< the rest of them
};

/// Most variants of a network whose sets are listed one by one.
inline constexpr std::size_t kMostListedVariants = 16;

/// Accuracy of the sets of chosen variants: measured where the network's own table has the set, else predicted.
///
/// If the table measures one of the variants alone, the sets are listed. Of each set, the variants that the table
/// measures have the accuracy that it gives them together or, if it does not, what `loss_model` predicts from it; each
/// further variant then costs its own loss, subtracted for `additive`, else as a factor (our reading).
///
/// Otherwise single losses are all there is, and the result is an additive or a multiplicative model of them; a fit has
/// nothing to go by there and is read as multiplicative.
///
/// Nothing when sets should be listed and there are more than `kMostListedVariants` variants.
[[nodiscard]] std::optional<DesignedAccuracy> designed_accuracy(const Network& network, const NetworkDesign& design,
                                                                LossModel loss_model);

/// The network with the chosen variants in place of its own, which run on single accelerators and in no fused pair. Precondition: `accuracy` belongs to this design.
[[nodiscard]] Network designed_network(const Network& network, const NetworkDesign& design, AccuracyModel accuracy);

// -- implementation

namespace detail {

using ChosenVariants = std::vector<const VariantCandidate*>;

/// Accuracy of sets of designed variants.
class DesignedSets {
 public:
  DesignedSets(const AccuracyModel& own, const ChosenVariants& chosen, LossModel loss_model)
      : own_(own), chosen_(chosen), loss_model_(loss_model), predictor_(own, loss_model),
        singles_(own, LossModel::multiplicative) {}

  /// Of a set, and whether all of it was measured.
  [[nodiscard]] std::pair<double, bool> accuracy(VariantSet set) const {
    VariantSet known = 0;
    std::vector<double> further;
    for (const VariantSet bit : single_variants(set)) {
      const VariantCandidate& c = *chosen_[static_cast<std::size_t>(std::countr_zero(bit))];
      if (c.loss_origin == LossOrigin::measured) {
        known |= c.known;
      } else {
        further.push_back(c.loss);
      }
    }
    const auto measured = own_.accuracy(known);
    double result = measured ? *measured : own_.baseline() * predicted(known);
    for (const double loss : further) {
      result = loss_model_ == LossModel::additive ? result - loss * own_.baseline() : result * (1.0 - loss);
    }
    return {std::max(0.0, result), measured && further.empty()};
  }

 private:
  /// A fit may leave a factor open; the variants' single losses are there.
  [[nodiscard]] double predicted(VariantSet known) const {
    const auto by_model = predictor_.relative(known);
    return by_model ? *by_model : singles_.relative(known).value_or(0.0);
  }

  const AccuracyModel& own_;
  const ChosenVariants& chosen_;
  LossModel loss_model_;
  AccuracyPredictor predictor_;
  AccuracyPredictor singles_;
};

inline DesignedAccuracy listed_accuracy(const AccuracyModel& own, const ChosenVariants& chosen, LossModel loss_model) {
  const DesignedSets sets(own, chosen, loss_model);
  DesignedAccuracy result;
  result.listed = true;
  std::vector<std::pair<VariantSet, double>> values{{0, own.baseline()}};
  for (VariantSet set = 1; set < VariantSet{1} << chosen.size(); ++set) {
    const auto [accuracy, measured] = sets.accuracy(set);
    values.emplace_back(set, accuracy);
    ++(measured ? result.measured_sets : result.predicted_sets);
  }
  result.model = AccuracyModel::measured(own.metric(), own.baseline(), std::move(values));
  return result;
}

inline DesignedAccuracy accuracy_of_losses(const AccuracyModel& own, const ChosenVariants& chosen,
                                           LossModel loss_model) {
  std::vector<double> losses;
  for (const VariantCandidate* c : chosen) losses.push_back(std::clamp(c->loss, 0.0, 1.0));
  const std::string metric = own.metric().empty() ? "relative accuracy" : own.metric();
  DesignedAccuracy result;
  result.model = loss_model == LossModel::additive
                     ? AccuracyModel::additive(metric, own.baseline(), std::move(losses))
                     : AccuracyModel::multiplicative(metric, own.baseline(), std::move(losses));
  return result;
}

/// Appends the entries of one option, `columns` of them, from one table to another; none from an empty table.
template <typename T>
void append_option(std::vector<T>& to, const std::vector<T>& from, OptionIndex option, std::size_t columns) {
  if (from.empty()) return;
  const auto first = from.begin() + static_cast<std::ptrdiff_t>(option * columns);
  to.insert(to.end(), first, first + static_cast<std::ptrdiff_t>(columns));
}

} // namespace detail

inline std::optional<DesignedAccuracy> designed_accuracy(const Network& network, const NetworkDesign& design,
                                                         LossModel loss_model) {
  const detail::ChosenVariants chosen = design.chosen();
  const bool measured =
      std::any_of(chosen.begin(), chosen.end(), [](const auto* c) { return c->loss_origin == LossOrigin::measured; });
  if (!measured) return detail::accuracy_of_losses(network.accuracy, chosen, loss_model);
  if (chosen.size() > kMostListedVariants) return std::nullopt;
  return detail::listed_accuracy(network.accuracy, chosen, loss_model);
}

inline Network designed_network(const Network& network, const NetworkDesign& design, AccuracyModel accuracy) {
  Network result = network;
  result.options.clear();
  result.latency.clear();
  result.energy_nj.clear();
  result.percentiles.clear();
  result.group_latency.clear();
  result.traffic_bytes.clear();
  result.fusion_parts.clear();
  result.variant_names.clear();
  const detail::ChosenVariants chosen = design.chosen();
  const std::size_t types = network.type_count;
  const std::size_t groups = network.group_latency.size() / network.options.size();
  auto next = chosen.begin();
  for (LayerIndex l = 0; l < result.layers.size(); ++l) {
    const OptionIndex original = network.layers[l].first_option;
    result.layers[l].first_option = static_cast<OptionIndex>(result.options.size());
    result.options.push_back(network.options[original]);
    detail::append_option(result.latency, network.latency, original, types);
    detail::append_option(result.energy_nj, network.energy_nj, original, types);
    detail::append_option(result.percentiles, network.percentiles, original, types);
    detail::append_option(result.group_latency, network.group_latency, original, groups);
    detail::append_option(result.traffic_bytes, network.traffic_bytes, original, types);
    detail::append_option(result.fusion_parts, network.fusion_parts, original, types);
    for (; next != chosen.end() && (*next)->layer == l; ++next) {
      const VariantCandidate& c = **next;
      const VariantSet bit = VariantSet{1} << result.variant_names.size();
      result.variant_names.push_back(c.name);
      result.options.push_back({c.name, bit, c.gamma, c.shape});
      result.latency.insert(result.latency.end(), c.latency.begin(), c.latency.end());
      result.energy_nj.insert(result.energy_nj.end(), c.energy_nj.begin(), c.energy_nj.end());
      // Of the new ones nothing else is known.
      const std::size_t cells = result.latency.size();
      if (!network.percentiles.empty()) result.percentiles.resize(cells);
      if (!network.traffic_bytes.empty()) result.traffic_bytes.resize(cells);
      if (!network.fusion_parts.empty()) result.fusion_parts.resize(cells);
      result.group_latency.resize(result.options.size() * groups, kCannotRun);
    }
    result.layers[l].option_count = static_cast<OptionIndex>(result.options.size()) - result.layers[l].first_option;
  }
  result.accuracy = std::move(accuracy);
  return result;
}

} // namespace terastal
