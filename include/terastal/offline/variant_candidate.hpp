#pragma once

#include <algorithm> // stable_sort
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/model/shape.hpp"

namespace terastal {

/// Where a designed variant comes from.
enum class VariantOrigin : std::uint8_t {
  gamma,     ///< a depth-to-space form
  quantised, ///< the same shape in a cheaper number format of one type
  added,     ///< the user gave it
};

/// Where a variant's accuracy loss comes from.
enum class LossOrigin : std::uint8_t {
  measured, ///< a measured set of the network holds the variant alone
  given,    ///< an `accuracy_cost` that somebody wrote down for it
  assumed,  ///< the same for all variants without a figure of their own: an assumption of the user
};

[[nodiscard]] constexpr std::string_view to_string(VariantOrigin origin) {
  return origin == VariantOrigin::gamma ? "gamma" : origin == VariantOrigin::quantised ? "quantised" : "added";
}
[[nodiscard]] constexpr std::string_view to_string(LossOrigin origin) {
  return origin == LossOrigin::measured ? "measured" : origin == LossOrigin::given ? "given" : "assumed";
}

/// A variant of one layer for one accelerator type on which the layer is slow: what was considered, and what became
/// of it.
struct VariantCandidate {
  LayerIndex layer = 0;
  VariantOrigin origin = VariantOrigin::gamma;
  TypeIndex preferred = 0; ///< the layer's fastest type; the lowest index on ties
  TypeIndex slow = 0;      ///< the type the variant is for
  Duration preferred_latency{0};
  Duration slow_latency{0}; ///< of the original
  Duration gap{0};          ///< slow_latency − preferred_latency
  Duration target{0};       ///< what the variant should take on the slow type, at most
  std::size_t rank = 0;     ///< 1: the largest gap of the network

  std::string name;
  double gamma = 0.0; ///< 0: not a γ variant, or none was found
  std::optional<LayerShape> shape;
  std::vector<Duration> latency; ///< per type; empty when there is no variant; kCannotRun where it cannot run
  std::vector<double> energy_nj; ///< per type
  bool meets_target = false;     ///< when false, the other fields tell of the best attempt

  std::uint64_t weights = 0; ///< stored elements
  double storage = 0.0;      ///< extra storage, as a share of the network's weights
  double loss = 0.0;         ///< of the variant alone, relative to the baseline
  LossOrigin loss_origin = LossOrigin::assumed;
  VariantSet known = 0; ///< its bit in the network's own variants; 0: a new one

  bool chosen = false;
  std::string reason; ///< why it was not chosen; empty when it was

  /// Of the variant on the slow type; nothing when there is no variant.
  [[nodiscard]] std::optional<Duration> variant_latency() const {
    return latency.empty() ? std::nullopt : std::optional(latency[slow]);
  }
  /// What the variant saves on the slow type; 0 when there is none.
  [[nodiscard]] Duration saving() const { return latency.empty() ? Duration{0} : slow_latency - latency[slow]; }
};

/// What was designed for one network.
struct NetworkDesign {
  std::vector<VariantCandidate> candidates; ///< by rank
  std::uint64_t network_weights = 0;        ///< stored elements of the original layers that have a shape
  double storage = 0.0;                     ///< of the chosen variants, as a share of the network's weights
  std::size_t layers_without_gap = 0;       ///< no type (or not the chosen one) is slower than the preferred
  std::size_t layers_without_shape = 0;

  /// The chosen candidates, in the order of the network's layers; variant v of the designed network is the v-th.
  [[nodiscard]] std::vector<const VariantCandidate*> chosen() const;
};

inline std::vector<const VariantCandidate*> NetworkDesign::chosen() const {
  std::vector<const VariantCandidate*> result;
  for (const VariantCandidate& c : candidates) {
    if (c.chosen) result.push_back(&c);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const VariantCandidate* a, const VariantCandidate* b) { return a->layer < b->layer; });
  return result;
}

} // namespace terastal
