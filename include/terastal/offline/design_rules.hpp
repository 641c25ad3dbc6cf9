#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/model/added_variant.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/offline/variant_shape.hpp"

namespace terastal {

/// A cheaper number format that layers may use on one type.
struct Quantisation {
  TypeIndex type = 0;
  std::string label;  ///< as the user wrote it
  std::string suffix; ///< of the variants' names, e.g. `int8`
  std::shared_ptr<const CostModel> model;
  double element_share = 1.0; ///< bytes of an element over those of the type's own setting
};

/// Most variants that a network can have: bits of a VariantSet.
inline constexpr std::size_t kMostVariants = 64;

/// How variants of one network are designed.
struct DesignRules {
  std::optional<TypeIndex> slow;             ///< design for this type only; nothing: for every type but the fastest
  std::vector<Duration> budgets;             ///< target of each layer; empty: its latency on its preferred type
  std::size_t most_variants = kMostVariants; ///< 0 to 64
  std::optional<double> most_storage;        ///< all variants together, as a share of the network's weights
  bool gammas = true;                        ///< whether depth-to-space forms are designed
  std::uint64_t max_gamma = 0;               ///< 0: no limit but the channels
  ChannelPadding padding = ChannelPadding::none;
  std::vector<Quantisation> quantisations;
  std::vector<AddedVariant> added;
  double accuracy_cost = 0.01; ///< loss of a variant that has no figure of its own, relative to the baseline
};

} // namespace terastal
