#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/model/network.hpp"

namespace terastal {

/// What is dispatched as one piece.
enum class Granularity : std::uint8_t { layer, block, model };

/// The network with layers merged into blocks (consecutive layers with one label) or into one piece.
///
/// Times and energies are summed per type; a type that cannot run one of the layers cannot run the piece. A piece has
/// one option per combination of its layers' options whose variant set is valid at threshold `theta` (our reading).
/// Percentiles are summed, too, as if the layers of a piece were slow together (our reading); a layer without them
/// counts with its latency. So are the parts that fusion needs, which a piece has where all its layers have them.
/// \throws InputError if blocks are asked for and the network is not a chain or a layer has no label, or if a piece
/// would have more than 1024 options, or if the network has layers that may be skipped or end the job.
[[nodiscard]] Network merge_layers(const Network& network, Granularity granularity, double theta);

namespace detail {

/// The pieces as ranges [first, last) of layers.
inline std::vector<std::pair<LayerIndex, LayerIndex>> pieces(const Network& network, Granularity granularity) {
  const auto count = static_cast<LayerIndex>(network.layers.size());
  if (granularity == Granularity::model) return {{0, count}};
  if (!network.chain) {
    throw InputError("network '" + network.name + "': granularity 'block' needs a chain of layers, this is a DAG");
  }
  std::vector<std::pair<LayerIndex, LayerIndex>> result;
  for (LayerIndex l = 0; l < count; ++l) {
    const auto& block = network.layers[l].block;
    if (block.empty()) {
      throw InputError("network '" + network.name +
                       "': granularity 'block' needs a block label for every layer; layer '" + network.layers[l].name +
                       "' has none");
    }
    if (l == 0 || block != network.layers[l - 1].block) result.emplace_back(l, l);
    result.back().second = l + 1;
  }
  return result;
}

/// Sums of a merged option, as it grows layer by layer.
struct MergedOption {
  VariantSet variants = 0;
  std::vector<Duration> latency;
  std::vector<double> energy_nj;
  std::vector<Duration> group_latency;
  std::vector<double> traffic_bytes;
  std::vector<FusionParts> fusion_parts;    ///< sums; not known at the end unless they are of all layers
  std::vector<TimePercentiles> percentiles; ///< sums; a piece of which nothing was measured is left out at the end
  std::vector<bool> measured;               ///< some layer was
  std::vector<bool> parts_missing;          ///< of some layer
};

/// Adds an option of the next layer.
inline void add_option(MergedOption& merged, const Network& network, OptionIndex option) {
  merged.variants |= network.options[option].variants;
  const std::size_t groups = merged.group_latency.size();
  for (std::size_t g = 0; g < groups; ++g) {
    const Duration d = network.group_latency[option * groups + g];
    Duration& sum = merged.group_latency[g];
    sum = sum == kCannotRun || d == kCannotRun ? kCannotRun : checked_add(sum, d);
  }
  for (TypeIndex t = 0; t < merged.traffic_bytes.size(); ++t) merged.traffic_bytes[t] += network.traffic_of(option, t);
  for (TypeIndex t = 0; t < merged.fusion_parts.size(); ++t) {
    const FusionParts own = network.fusion_parts_of(option, t);
    FusionParts& sums = merged.fusion_parts[t];
    sums = {checked_add(sums.compute, own.compute), checked_add(sums.memory, own.memory)};
    merged.parts_missing[t] = merged.parts_missing[t] || !own.known();
  }
  for (TypeIndex t = 0; t < network.type_count; ++t) {
    const Duration d = network.latency_of(option, t);
    Duration& sum = merged.latency[t];
    sum = sum == kCannotRun || d == kCannotRun ? kCannotRun : checked_add(sum, d);
    merged.energy_nj[t] += network.energy_of(option, t);
    if (sum == kCannotRun) continue;
    const TimePercentiles own = network.percentiles_of(option, t);
    const TimePercentiles p = own.measured() ? own : TimePercentiles{d, d, d};
    TimePercentiles& sums = merged.percentiles[t];
    sums = {checked_add(sums.p50, p.p50), checked_add(sums.p95, p.p95), checked_add(sums.p99, p.p99)};
    merged.measured[t] = merged.measured[t] || own.measured();
  }
}

/// The percentiles of a piece; nothing for types on which no layer was measured, or that cannot run the piece.
inline std::vector<TimePercentiles> percentiles_of(const MergedOption& merged) {
  std::vector<TimePercentiles> result = merged.percentiles;
  for (std::size_t t = 0; t < result.size(); ++t) {
    if (!merged.measured[t] || merged.latency[t] == kCannotRun) result[t] = {};
  }
  return result;
}

/// The parts of a piece for fusion; not known for types on which a layer's are not.
inline std::vector<FusionParts> parts_of(const MergedOption& merged) {
  std::vector<FusionParts> result = merged.fusion_parts;
  for (std::size_t t = 0; t < result.size(); ++t) {
    if (merged.parts_missing[t]) result[t] = {};
  }
  return result;
}

/// Every combination of options of the layers [first, last).
inline std::vector<MergedOption> combinations(const Network& network, LayerIndex first, LayerIndex last) {
  constexpr std::size_t kMostOptions = 1024;
  const std::size_t types = network.type_count;
  const std::size_t groups = network.group_latency.size() / network.options.size();
  const std::size_t traffics = network.traffic_bytes.empty() ? 0 : types;
  const std::size_t fusions = network.fusion_parts.empty() ? 0 : types;
  std::vector<MergedOption> combined{{0, std::vector<Duration>(types, Duration::zero()),
                                      std::vector<double>(types, 0.0), std::vector<Duration>(groups, Duration::zero()),
                                      std::vector<double>(traffics, 0.0), std::vector<FusionParts>(fusions),
                                      std::vector<TimePercentiles>(types), std::vector<bool>(types),
                                      std::vector<bool>(fusions)}};
  for (LayerIndex l = first; l < last; ++l) {
    const Layer& layer = network.layers[l];
    std::vector<MergedOption> grown;
    for (OptionIndex o = layer.first_option; o < layer.first_option + layer.option_count; ++o) {
      for (MergedOption m : combined) {
        add_option(m, network, o);
        grown.push_back(std::move(m));
      }
    }
    combined = std::move(grown);
    if (combined.size() > kMostOptions) {
      throw InputError("network '" + network.name +
                       "': a merged piece would have more than 1024 combinations of variants");
    }
  }
  return combined;
}

/// Per-sample sums over the pieces.
inline SampleTable merge_samples(const Network& network, const std::vector<std::pair<LayerIndex, LayerIndex>>& parts) {
  SampleTable merged;
  merged.ids = network.samples.ids;
  const std::size_t types = network.type_count;
  for (std::size_t s = 0; s < merged.ids.size(); ++s) {
    for (const auto& [first, last] : parts) {
      for (TypeIndex t = 0; t < types; ++t) {
        Duration sum{0};
        for (LayerIndex l = first; l < last; ++l) {
          const Duration d = network.samples.latency[(s * network.layers.size() + l) * types + t];
          sum = sum == kCannotRun || d == kCannotRun ? kCannotRun : checked_add(sum, d);
        }
        merged.latency.push_back(sum);
      }
    }
  }
  return merged;
}

} // namespace detail

inline Network merge_layers(const Network& network, Granularity granularity, double theta) {
  if (granularity == Granularity::layer) return network;
  if (network.probabilistic()) {
    throw InputError("network '" + network.name +
                     "': layers that may be skipped or end the job cannot be merged (granularity: layer)");
  }
  const auto parts = detail::pieces(network, granularity);
  Network merged = network;
  merged.layers.clear();
  merged.options.clear();
  merged.latency.clear();
  merged.energy_nj.clear();
  merged.group_latency.clear();
  merged.traffic_bytes.clear();
  merged.fusion_parts.clear();
  merged.percentiles.clear();
  for (const auto& [first, last] : parts) {
    Layer piece;
    piece.name = granularity == Granularity::model ? network.name : network.layers[first].block;
    piece.op = granularity == Granularity::model ? "model" : "block";
    piece.block = piece.name;
    for (LayerIndex l = first; l < last; ++l) piece.macs += network.layers[l].macs;
    piece.output_bytes = network.layers[last - 1].output_bytes;
    if (!merged.layers.empty()) piece.predecessors = {static_cast<LayerIndex>(merged.layers.size() - 1)};
    piece.first_option = static_cast<OptionIndex>(merged.options.size());
    for (const auto& option : detail::combinations(network, first, last)) {
      if (!network.accuracy.valid(option.variants, theta)) continue;
      merged.options.push_back({network.set_name(option.variants), option.variants, 0.0});
      merged.latency.insert(merged.latency.end(), option.latency.begin(), option.latency.end());
      merged.energy_nj.insert(merged.energy_nj.end(), option.energy_nj.begin(), option.energy_nj.end());
      merged.group_latency.insert(merged.group_latency.end(), option.group_latency.begin(), option.group_latency.end());
      merged.traffic_bytes.insert(merged.traffic_bytes.end(), option.traffic_bytes.begin(), option.traffic_bytes.end());
      const auto fusion_parts = detail::parts_of(option);
      merged.fusion_parts.insert(merged.fusion_parts.end(), fusion_parts.begin(), fusion_parts.end());
      if (network.percentiles.empty()) continue;
      const auto percentiles = detail::percentiles_of(option);
      merged.percentiles.insert(merged.percentiles.end(), percentiles.begin(), percentiles.end());
    }
    piece.option_count = static_cast<OptionIndex>(merged.options.size()) - piece.first_option;
    merged.layers.push_back(std::move(piece));
  }
  merged.samples = detail::merge_samples(network, parts);
  finish_network(merged);
  return merged;
}

} // namespace terastal
