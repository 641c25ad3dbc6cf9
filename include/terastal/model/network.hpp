#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "terastal/core/time.hpp"
#include "terastal/model/accuracy.hpp"
#include "terastal/model/platform.hpp"
#include "terastal/model/shape.hpp"

namespace terastal {

using LayerIndex = std::uint32_t;
using OptionIndex = std::uint32_t;

/// One way to run a layer: the original (no variants) or an implementation that adds variants to the job's set.
struct Option {
  std::string name;        ///< empty for the original
  VariantSet variants = 0; ///< what it adds; one bit, or several where layers were merged into a block
  double gamma = 0.0;      ///< space-to-depth factor of a layer variant; 0: not a γ variant
  std::optional<LayerShape> shape =
      std::nullopt; ///< for cost models and the design of variants; nothing where not given
};

/// A node of the network's DAG. Its options are `first_option … first_option + option_count − 1` of the network;
/// the first is the original.
struct Layer {
  std::string name;
  std::string op;
  std::uint64_t macs = 0;         ///< 0: not given
  std::uint64_t output_bytes = 0; ///< for transfers
  std::string block;              ///< label for `granularity: block`
  std::vector<LayerIndex> predecessors;
  std::vector<LayerIndex> successors;
  OptionIndex first_option = 0;
  OptionIndex option_count = 1;
  double skip_probability = 0.0; ///< the job passes the layer by (layer skipping), drawn per job
  double exit_probability = 0.0; ///< the job is complete after the layer (early exit), drawn per job; chains only
};

/// Percentiles of a measured execution time, 1 ps ≤ p50 ≤ p95 ≤ p99; all 0 where nothing was measured.
struct TimePercentiles {
  Duration p50{0};
  Duration p95{0};
  Duration p99{0};

  /// Quantiles of the standard normal distribution: 95 % and 99 % of it lie below.
  static constexpr double z95 = 1.6448536269514722;
  static constexpr double z99 = 2.3263478740408408;

  [[nodiscard]] bool measured() const { return p50 > Duration::zero(); }
  bool operator==(const TimePercentiles&) const = default;
};

/// What fusion needs to know of an option on a type: how long it would keep the arithmetic busy, and how long its
/// accelerator's path to memory, each alone. Both at most the latency; both 0 where not known: it cannot be fused.
struct FusionParts {
  Duration compute{0};
  Duration memory{0};

  [[nodiscard]] bool known() const { return compute + memory > Duration::zero(); }
  [[nodiscard]] Duration alone() const { return std::max(compute, memory); }
  bool operator==(const FusionParts&) const = default;
};

/// A measured execution of a whole network: latency of every layer on every type.
struct SampleTable {
  std::vector<std::int64_t> ids; ///< ascending
  std::vector<Duration> latency; ///< `samples × layers × types`; kCannotRun where a type has no column
  std::vector<double> sparsity;  ///< `samples × layers`, measured share of zeros in [0, 1); empty when not given

  [[nodiscard]] bool empty() const { return ids.empty(); }
  [[nodiscard]] std::optional<std::uint32_t> find(std::int64_t id) const;
};

/// A network bound to a platform: its layers, and the latency and energy of each option on each accelerator type.
///
/// Layers are in a topological order: predecessors have smaller indices. Invariant after `finish_network`.
struct Network {
  std::string name;
  std::string description;
  std::string source;
  std::vector<Layer> layers;
  std::vector<Option> options;
  std::vector<Duration> latency;            ///< `options × types`; kCannotRun where it cannot run
  std::vector<double> energy_nj;            ///< `options × types`; 0 where not given
  std::vector<TimePercentiles> percentiles; ///< `options × types`, for `execution: measured`; empty when none are known
  std::vector<Duration> group_latency;      ///< `options × Platform::group_columns()`; kCannotRun where it cannot run;
                                            ///< empty when the platform has no groups
  std::vector<double> traffic_bytes; ///< `options × types`, to and from the platform's memory; empty when not known
  std::vector<FusionParts> fusion_parts; ///< `options × types`; empty where no type of the platform fuses layers
  std::size_t type_count = 0;
  std::vector<std::string> variant_names; ///< name of each bit of a VariantSet
  AccuracyModel accuracy;
  SampleTable samples;
  bool chain = true; ///< each layer follows the one before it

  [[nodiscard]] Duration latency_of(OptionIndex option, TypeIndex type) const {
    return latency[option * type_count + type];
  }
  [[nodiscard]] double energy_of(OptionIndex option, TypeIndex type) const {
    return energy_nj[option * type_count + type];
  }
  /// Nothing measured where the network has no percentiles.
  [[nodiscard]] TimePercentiles percentiles_of(OptionIndex option, TypeIndex type) const {
    return percentiles.empty() ? TimePercentiles{} : percentiles[option * type_count + type];
  }
  /// Bytes to and from the platform's memory; 0 where not known.
  [[nodiscard]] double traffic_of(OptionIndex option, TypeIndex type) const {
    return traffic_bytes.empty() ? 0.0 : traffic_bytes[option * type_count + type];
  }
  /// Not known where the network has none.
  [[nodiscard]] FusionParts fusion_parts_of(OptionIndex option, TypeIndex type) const {
    return fusion_parts.empty() ? FusionParts{} : fusion_parts[option * type_count + type];
  }
  /// Whether a layer may be skipped or may end the job.
  [[nodiscard]] bool probabilistic() const {
    return std::any_of(layers.begin(), layers.end(),
                       [](const Layer& l) { return l.skip_probability > 0.0 || l.exit_probability > 0.0; });
  }
  /// Smallest latency of an option over the types the platform has. kCannotRun if none can run it.
  [[nodiscard]] Duration fastest(OptionIndex option) const;
  /// Names of the variants in a set, joined by `|`; empty for the empty set.
  [[nodiscard]] std::string set_name(VariantSet set) const;
};

/// Fills in what follows from the layers' predecessors (successors, `chain`). Precondition: topological order.
void finish_network(Network& network);

inline std::optional<std::uint32_t> SampleTable::find(std::int64_t id) const {
  const auto found = std::lower_bound(ids.begin(), ids.end(), id);
  if (found == ids.end() || *found != id) return std::nullopt;
  return static_cast<std::uint32_t>(found - ids.begin());
}

inline Duration Network::fastest(OptionIndex option) const {
  Duration best = kCannotRun;
  for (TypeIndex t = 0; t < type_count; ++t) best = std::min(best, latency_of(option, t));
  return best;
}

inline std::string Network::set_name(VariantSet set) const {
  std::string text;
  for (std::size_t v = 0; v < variant_names.size(); ++v) {
    if ((set >> v & 1U) == 0) continue;
    if (!text.empty()) text += '|';
    text += variant_names[v];
  }
  return text;
}

inline void finish_network(Network& network) {
  std::size_t sources = 0;
  network.chain = true;
  for (auto& layer : network.layers) layer.successors.clear();
  for (LayerIndex l = 0; l < network.layers.size(); ++l) {
    const auto& before = network.layers[l].predecessors;
    if (before.empty()) ++sources;
    for (const LayerIndex p : before) network.layers[p].successors.push_back(l);
    // A chain of the engine runs its layers in index order.
    if (l > 0 && (before.size() != 1 || before.front() != l - 1)) network.chain = false;
  }
  if (sources != 1) network.chain = false;
}

} // namespace terastal
