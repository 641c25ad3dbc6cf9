#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility> // move
#include <vector>

#include "terastal/cost/bind.hpp"
#include "terastal/model/network.hpp"

namespace terastal {

/// Something that layers are costed on: a type of a platform, or a cost model alone.
struct CostTarget {
  std::string name;                       ///< of the type; for a model alone, what the user called it
  std::string label;                      ///< the cost model with its settings; empty without one
  std::shared_ptr<const CostModel> model; ///< null: times come from the network's table alone
  std::optional<TypeIndex> type;          ///< of the platform that the network is bound to; nothing for a model alone
  double pes = 0.0;                       ///< processing elements, one MAC a cycle each; 0: not known
};

/// A network whose types are targets, and what the models say about each of its options.
struct CostedNetwork {
  Network network; ///< its latency and energy columns are those of the targets; it has no samples
  std::vector<CostTarget> targets;
  std::vector<std::optional<CostEstimate>> estimates; ///< `options × targets`; nothing without a model or a shape

  [[nodiscard]] Duration latency(OptionIndex option, std::size_t target) const {
    return network.latency_of(option, static_cast<TypeIndex>(target));
  }
  [[nodiscard]] double energy_nj(OptionIndex option, std::size_t target) const {
    return network.energy_of(option, static_cast<TypeIndex>(target));
  }
  [[nodiscard]] const std::optional<CostEstimate>& estimate(OptionIndex option, std::size_t target) const {
    return estimates[option * targets.size() + target];
  }
  /// What the model says, be it used or not; nothing without an estimate.
  [[nodiscard]] std::optional<Duration> model_latency(OptionIndex option, std::size_t target) const;
  /// The network's table gave the latency: there is no estimate, or another one.
  [[nodiscard]] bool from_table(OptionIndex option, std::size_t target) const {
    return model_latency(option, target) != latency(option, target);
  }
  /// Share of the processing elements' cycles that multiply: MACs / (cycles · elements); nothing when not known.
  [[nodiscard]] std::optional<double> utilisation(OptionIndex option, std::size_t target) const;
};

/// A type as a target. Its processing elements are those of the model: its setting `pes`, or `rows` times `cols`, or
/// else the type's own number. \throws InputError as `make_cost_model`.
[[nodiscard]] CostTarget cost_target(const Platform& platform, TypeIndex type, const CostModelRegistry& registry);

/// A model as a target. \throws InputError where its settings do not go together.
[[nodiscard]] CostTarget cost_target(std::string name, const Plugin<CostModel>& plugin);

/// Costs a network on targets. Types keep the latencies of the network, which is bound to their platform; models alone
/// give latency and energy to every option that has a shape. \throws SimulationError as `latency_of`.
[[nodiscard]] CostedNetwork cost_network(const Network& network, std::vector<CostTarget> targets);

// -- implementation

namespace detail {

/// Processing elements by the settings that array models have; 0 when there are none.
inline double processing_elements(const Settings& settings) {
  if (settings.declares("pes")) return static_cast<double>(settings.integer("pes"));
  if (!settings.declares("rows") || !settings.declares("cols")) return 0.0;
  return static_cast<double>(settings.integer("rows")) * static_cast<double>(settings.integer("cols"));
}

} // namespace detail

inline CostTarget cost_target(const Platform& platform, TypeIndex type, const CostModelRegistry& registry) {
  const AcceleratorType& t = platform.types[type];
  CostTarget target{t.name, {}, make_cost_model(t, registry), type, static_cast<double>(t.pes)};
  if (target.model == nullptr) return target;
  const Plugin<CostModel> plugin = cost_plugin(t, registry);
  target.label = plugin.label;
  const double pes = detail::processing_elements(plugin.settings);
  if (pes > 0.0) target.pes = pes;
  return target;
}

inline CostTarget cost_target(std::string name, const Plugin<CostModel>& plugin) {
  return {std::move(name), plugin.label, plugin.make(), std::nullopt, detail::processing_elements(plugin.settings)};
}

inline CostedNetwork cost_network(const Network& network, std::vector<CostTarget> targets) {
  CostedNetwork costed{network, std::move(targets), {}};
  Network& result = costed.network;
  result.type_count = costed.targets.size();
  result.samples = {};
  result.latency.clear();
  result.energy_nj.clear();
  result.percentiles.clear();
  result.group_latency.clear();
  result.traffic_bytes.clear();
  result.fusion_parts.clear();
  for (OptionIndex o = 0; o < network.options.size(); ++o) {
    const auto& shape = network.options[o].shape;
    for (const CostTarget& target : costed.targets) {
      const bool estimated = shape && target.model != nullptr;
      const auto& estimate =
          costed.estimates.emplace_back(estimated ? std::optional(target.model->estimate(*shape)) : std::nullopt);
      Duration latency = kCannotRun;
      if (target.type) latency = network.latency_of(o, *target.type);
      if (!target.type && estimated) latency = latency_of(*estimate, target.model->clock_hz());
      result.latency.push_back(latency);
      if (!network.percentiles.empty()) {
        result.percentiles.push_back(target.type ? network.percentiles_of(o, *target.type) : TimePercentiles{});
      }
      result.energy_nj.push_back(target.type ? network.energy_of(o, *target.type)
                                             : estimate.value_or(CostEstimate{}).energy_nj);
    }
  }
  return costed;
}

inline std::optional<Duration> CostedNetwork::model_latency(OptionIndex option, std::size_t target) const {
  const auto& model = estimate(option, target);
  return model ? std::optional(latency_of(*model, targets[target].model->clock_hz())) : std::nullopt;
}

inline std::optional<double> CostedNetwork::utilisation(OptionIndex option, std::size_t target) const {
  const auto& model = estimate(option, target);
  if (!model || targets[target].pes == 0.0 || model->cycles == 0.0) return std::nullopt;
  return static_cast<double>(network.options[option].shape->macs()) / (model->cycles * targets[target].pes);
}

} // namespace terastal
