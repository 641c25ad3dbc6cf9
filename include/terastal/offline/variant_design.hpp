#pragma once

#include <algorithm> // any_of, stable_sort
#include <cstddef>
#include <string>
#include <tuple>
#include <utility> // move
#include <vector>

#include "terastal/core/units.hpp"
#include "terastal/cost/bind.hpp"
#include "terastal/model/network.hpp"
#include "terastal/offline/design_rules.hpp"
#include "terastal/offline/variant_candidate.hpp"
#include "terastal/offline/variant_search.hpp"

namespace terastal {

/// Designs layer variants after Terastal (RTCSA 2026): for a layer and a type on which it is slower than on its
/// preferred one, the smallest γ ≥ 2 whose depth-to-space form meets the target on the slow type. The target is the
/// latency on the preferred type (our reading: the published variants meet it) or the layer's virtual budget.
///
/// Candidates are ranked by gap: latency on the slow type − latency on the preferred type; on ties by what the variant
/// saves there, then in the order of layers, types and kinds. In this order they are taken while the limits allow it;
/// one that would need too much storage is passed over. A layer gets one variant for each slow type, and types whose
/// search ends at the same γ share one. Added variants are always taken, and count.
///
/// A layer's quantised form is a candidate on its type whether or not the type is the layer's preferred one (then with
/// a gap of 0), if it is faster than the original there (our reading).
///
/// Costs are the cost models', from the shape alone; where the network's own variant table already has the form (same
/// layer and γ), name, shape, latency and measured loss are the table's.
///
/// \param models one entry for each type of the network; null for types without a model.
/// \throws SimulationError when a latency goes beyond the clock's limit.
[[nodiscard]] NetworkDesign design_variants(const Network& network, const CostModels& models, const DesignRules& rules);

// -- implementation

namespace detail {

/// Ranks the candidates of a network and takes what the limits allow.
class VariantChoice {
 public:
  VariantChoice(NetworkDesign design, const DesignRules& rules) : design_(std::move(design)), rules_(rules) {}

  NetworkDesign run() {
    rank();
    choose();
    return std::move(design_);
  }

 private:
  void rank() {
    const auto key = [](const VariantCandidate& c) {
      return std::tuple(-c.gap, -c.saving(), c.layer, c.slow, c.origin);
    };
    std::stable_sort(design_.candidates.begin(), design_.candidates.end(),
                     [&](const VariantCandidate& a, const VariantCandidate& b) { return key(a) < key(b); });
    for (std::size_t i = 0; i < design_.candidates.size(); ++i) design_.candidates[i].rank = i + 1;
  }

  void choose() {
    for (VariantCandidate& c : design_.candidates) {
      if (c.origin == VariantOrigin::added) take(c);
    }
    for (VariantCandidate& c : design_.candidates) {
      if (c.chosen || !c.reason.empty()) continue;
      c.reason = why_not(c);
      if (c.reason.empty()) take(c);
    }
  }

  void take(VariantCandidate& c) {
    c.chosen = true;
    if (c.origin != VariantOrigin::added && c.known == 0) c.name = unused(c.name);
    taken_.push_back(&c);
    design_.storage += c.storage;
  }

  /// Why a variant that meets its target is not taken; empty when it is.
  [[nodiscard]] std::string why_not(const VariantCandidate& c) const {
    for (const VariantCandidate* other : taken_) {
      if (other->layer != c.layer) continue;
      if (other->slow == c.slow && other->meets_target) return "the layer has " + other->name + " for this type";
      const bool same = c.gamma != 0.0 && other->gamma == c.gamma;
      if (same) return "the same variant as rank " + std::to_string(other->rank);
    }
    if (c.known != 0 && named(c.name)) return "another variant has its name";
    if (taken_.size() >= rules_.most_variants) {
      return "beyond the limit of " + std::to_string(rules_.most_variants) + " variants";
    }
    constexpr double rounding = 1e-12;
    if (rules_.most_storage && design_.storage + c.storage > *rules_.most_storage + rounding) {
      return "beyond the limit of " + format_number(*rules_.most_storage * 100.0) + " % more weights";
    }
    return {};
  }

  /// A name that no layer's variant has yet.
  [[nodiscard]] std::string unused(const std::string& name) const {
    std::string result = name;
    for (std::size_t i = 2; named(result); ++i) result = name + "_" + std::to_string(i);
    return result;
  }

  [[nodiscard]] bool named(const std::string& name) const {
    return std::any_of(taken_.begin(), taken_.end(), [&](const auto* other) { return other->name == name; });
  }

  NetworkDesign design_;
  const DesignRules& rules_;
  std::vector<const VariantCandidate*> taken_;
};

} // namespace detail

inline NetworkDesign design_variants(const Network& network, const CostModels& models, const DesignRules& rules) {
  return detail::VariantChoice(detail::VariantSearch(network, models, rules).run(), rules).run();
}

} // namespace terastal
