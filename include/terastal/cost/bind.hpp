#pragma once

#include <algorithm> // any_of, find, max
#include <cmath>     // round
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility> // move
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/cost/cost_model.hpp"
#include "terastal/model/network.hpp"
#include "terastal/model/platform.hpp"

namespace terastal {

/// The cost models of a platform, one entry for each type; null for types without one.
using CostModels = std::vector<std::unique_ptr<const CostModel>>;

/// What a table would say about one implementation of a layer on one type.
struct TableCost {
  Duration latency{0};
  double energy_nj = 0.0;
  double dram_bytes = 0.0; ///< to and from off-chip memory
  FusionParts fusion_parts{};
};

/// The cost model of a type with its settings: those that the type gives, and the type's `pes` and `clock` where the
/// model declares settings of these names and the type's choice leaves them out. Precondition: the choice has an id.
/// \throws InputError for an unknown model or setting, or a bad value, naming the type.
[[nodiscard]] Plugin<CostModel> cost_plugin(const AcceleratorType& type, const CostModelRegistry& registry);

/// The cost model of a type; null when it has none. \throws InputError as `cost_plugin`, and where settings do not go
/// together.
[[nodiscard]] std::unique_ptr<const CostModel> make_cost_model(const AcceleratorType& type,
                                                               const CostModelRegistry& registry);

/// The cost models of all types. \throws InputError as `make_cost_model`.
[[nodiscard]] CostModels make_cost_models(const Platform& platform, const CostModelRegistry& registry);

/// The cost models of a platform's groups of accelerators, in the order of Platform::groups(); see `group_settings`.
/// \throws InputError as `make_cost_model`.
[[nodiscard]] CostModels make_group_cost_models(const Platform& platform, const CostModelRegistry& registry);

/// The settings of a built-in model that a group of n accelerators multiplies by n: processing elements, on-chip memory
/// and on-chip bandwidth. The off-chip link stays one (our reading: the arrays of a chip share it). Empty for a model
/// that is not known here; its groups need columns in the tables.
[[nodiscard]] std::vector<std::string> group_settings(std::string_view cost_model);

/// What fusion needs to know of a layer, from the terms of its estimate (our reading): the arithmetic is busy for the
/// longer of `compute` and `on_chip`, the path to memory for `off_chip`. Rounded to the nearest picosecond, at most
/// `latency`.
[[nodiscard]] FusionParts fusion_parts_of(const CostEstimate& estimate, double clock_hz, Duration latency);

/// Latency and energy of a layer under a model. Precondition: `shape_problem(shape)` is empty. \throws SimulationError
/// beyond the clock's limit.
[[nodiscard]] TableCost table_cost(const LayerShape& shape, const CostModel& model);

/// Fills in what a network's tables leave open: options that have a shape get latency and energy, and the parts that
/// fusion needs where the network has them, on types that have a model and no latency yet. Precondition: one entry of
/// `models` for each type of the network. \throws SimulationError as `table_cost`.
void apply_cost_models(Network& network, const CostModels& models);

// -- implementation

namespace detail {

inline bool chosen(const CostModelChoice& choice, std::string_view setting) {
  return std::any_of(choice.settings.begin(), choice.settings.end(),
                     [&](const auto& given) { return given.first == setting; });
}

/// Calls and names the type in every problem.
template <typename Call>
auto naming_type(const AcceleratorType& type, Call call) {
  try {
    return call();
  } catch (const InputError& error) {
    std::vector<Diagnostic> problems = error.diagnostics();
    for (Diagnostic& problem : problems) problem.message = "accelerator type '" + type.name + "': " + problem.message;
    throw InputError(std::move(problems));
  }
}

/// A number times n.
inline SettingValue multiplied(const SettingValue& value, std::uint32_t n) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole * n;
  return std::get<double>(value) * n;
}

} // namespace detail

inline Plugin<CostModel> cost_plugin(const AcceleratorType& type, const CostModelRegistry& registry) {
  return detail::naming_type(type, [&] {
    const CostModelInfo& info = registry.find(type.cost.id);
    Plugin<CostModel> plugin{info.id, info, Settings(info.settings)};
    const auto pass_on = [&](const char* name, std::uint64_t value, const std::string& unit) {
      const bool wanted = value > 0 && plugin.settings.declares(name) && !detail::chosen(type.cost, name);
      if (wanted) plugin.settings.set(name, std::to_string(value) + unit);
    };
    pass_on("pes", type.pes, "");
    pass_on("clock", type.clock_hz, " Hz");
    for (const auto& [name, value] : type.cost.settings) plugin.settings.set(name, value);
    plugin.relabel();
    return plugin;
  });
}

inline std::unique_ptr<const CostModel> make_cost_model(const AcceleratorType& type,
                                                        const CostModelRegistry& registry) {
  if (type.cost.id.empty()) return nullptr;
  const Plugin<CostModel> plugin = cost_plugin(type, registry);
  return detail::naming_type(type, [&] { return plugin.make(); });
}

inline CostModels make_cost_models(const Platform& platform, const CostModelRegistry& registry) {
  CostModels models;
  for (const AcceleratorType& type : platform.types) models.push_back(make_cost_model(type, registry));
  return models;
}

inline std::vector<std::string> group_settings(std::string_view cost_model) {
  if (cost_model == "xrbench" || cost_model == "maestro") return {"pes", "noc_bandwidth", "l2_size"};
  if (cost_model == "systolic") return {"cols", "input_sram", "weight_sram", "output_sram"};
  if (cost_model == "gpu") return {"sms", "l2_size", "l2_bandwidth"};
  if (cost_model == "cpu") return {"cores", "l3_size", "l3_bandwidth"};
  if (cost_model == "roofline") return {"pes"};
  return {};
}

inline CostModels make_group_cost_models(const Platform& platform, const CostModelRegistry& registry) {
  CostModels models;
  for (const auto& [index, size] : platform.groups()) {
    const AcceleratorType& type = platform.types[index];
    const auto names = group_settings(type.cost.id);
    if (type.cost.id.empty() || names.empty()) {
      models.push_back(nullptr);
      continue;
    }
    Plugin<CostModel> plugin = cost_plugin(type, registry);
    detail::naming_type(type, [&, n = size] {
      for (const Setting& setting : plugin.info.settings) {
        if (std::find(names.begin(), names.end(), setting.name) == names.end()) continue;
        plugin.set(setting.name, setting.text_of(detail::multiplied(plugin.settings.value(setting.name), n)));
      }
      models.push_back(plugin.make());
    });
  }
  return models;
}

inline FusionParts fusion_parts_of(const CostEstimate& estimate, double clock_hz, Duration latency) {
  const auto time = [&](double cycles) {
    const double ps = std::round(cycles / clock_hz * 1e12); // as latency_of
    return ps < static_cast<double>(latency.count()) ? Duration{static_cast<Duration::rep>(ps)} : latency;
  };
  const auto term = [&](CostTerm which) { return estimate.terms[static_cast<std::size_t>(which)]; };
  return {time(std::max(term(CostTerm::compute), term(CostTerm::on_chip))), time(term(CostTerm::off_chip))};
}

inline TableCost table_cost(const LayerShape& shape, const CostModel& model) {
  const CostEstimate estimate = model.estimate(shape);
  const Duration latency = latency_of(estimate, model.clock_hz());
  return {latency, estimate.energy_nj, estimate.dram_bytes, fusion_parts_of(estimate, model.clock_hz(), latency)};
}

inline void apply_cost_models(Network& network, const CostModels& models) {
  for (OptionIndex o = 0; o < network.options.size(); ++o) {
    const auto& shape = network.options[o].shape;
    for (TypeIndex t = 0; shape && t < network.type_count; ++t) {
      Duration& latency = network.latency[o * network.type_count + t];
      if (models[t] == nullptr || latency != kCannotRun) continue;
      const TableCost cost = table_cost(*shape, *models[t]);
      latency = cost.latency;
      network.energy_nj[o * network.type_count + t] = cost.energy_nj;
      if (!network.fusion_parts.empty()) network.fusion_parts[o * network.type_count + t] = cost.fusion_parts;
    }
  }
}

} // namespace terastal
