#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/model/added_variant.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/model/shape.hpp"
#include "terastal/offline/variant_shape.hpp"

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

/// A cheaper number format that layers may use on one type.
struct Quantisation {
  TypeIndex type = 0;
  std::string label;  ///< as the user wrote it
  std::string suffix; ///< of the variants' names, e.g. `int8`
  std::shared_ptr<const CostModel> model;
  double element_share = 1.0; ///< bytes of an element over those of the type's own setting
};

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

} // namespace terastal
