#include "io/network_build.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "io/graph.hpp"
#include "io/names.hpp"
#include "io/samples.hpp"
#include "io/type_columns.hpp"
#include "terastal/core/text.hpp"

namespace terastal::io {
namespace {

std::uint64_t macs_of(const LayerDraft& layer) { return layer.macs.value_or(layer.shape ? layer.shape->macs() : 0); }

/// Elements of 8 bits.
std::uint64_t output_bytes_of(const LayerDraft& layer) {
  return layer.output_bytes.value_or(layer.shape ? layer.shape->output_elements() : 0);
}

/// Turns one draft into a network.
class NetworkBuilder {
 public:
  NetworkBuilder(NetworkDraft draft, const Binding& binding, Diagnostics& diagnostics)
      : draft_(std::move(draft)), binding_(binding), diagnostics_(diagnostics) {}

  Network build() {
    network_.name = draft_.name;
    network_.description = draft_.description;
    network_.source = draft_.source;
    network_.type_count = binding_.platform.types.size();
    if (!draft_.layers && draft_.samples) take_layers_from_samples();
    if (!draft_.layers) return std::move(network_); // reported: neither layers nor samples
    for (std::size_t l = 0; l < layers().size(); ++l) layer_names_.add(layers()[l].name, l, layers()[l].position);
    if (!draft_.layers_complete) layer_names_.set_incomplete();
    const auto samples = read_samples();
    if (!draft_.samples) compute_costs();
    check_runnable();
    find_order();
    add_variants();
    add_accuracy();
    if (order_.size() != layers().size()) return std::move(network_); // a cycle was reported
    add_layers();
    drop_percentiles_without_any();
    if (binding_.platform.memory_bytes_per_second == 0.0) network_.traffic_bytes = {};
    if (!fuses_layers()) network_.fusion_parts = {};
    if (samples) network_.samples = in_order(*samples);
    finish_network(network_);
    check_exits();
    return std::move(network_);
  }

 private:
  [[nodiscard]] bool fuses_layers() const {
    const auto& types = binding_.platform.types;
    return std::any_of(types.begin(), types.end(), [](const AcceleratorType& t) { return t.fusion.has_value(); });
  }

  void check_exits() {
    for (const LayerDraft& layer : layers()) {
      if (layer.exit == 0.0 || network_.chain) continue;
      diagnostics_.error(layer.position,
                         fmt::format("layer {} has an exit probability, which needs a network that is a "
                                     "chain",
                                     in_quotes(layer.name)));
    }
  }

  std::vector<LayerDraft>& layers() { return *draft_.layers; }

  void take_layers_from_samples() {
    draft_.layers = layers_of(*draft_.samples, binding_.platform);
    draft_.layers_complete = draft_.samples->complete;
  }

  std::optional<SampleTable> read_samples() {
    if (!draft_.samples) return std::nullopt;
    auto samples = build_samples(*draft_.samples, layer_names_, layers(), network_.type_count, diagnostics_);
    if (samples) {
      fill_from_samples(*samples, draft_.samples->position, binding_.platform, layers(), diagnostics_);
    } else {
      for (LayerDraft& layer : layers()) layer.times.broken = true; // the samples might have given their times
    }
    return samples;
  }

  /// What tables leave open. Measured networks stay as they are: a job cannot run with a sample that does not exist.
  void compute_costs() {
    for (LayerDraft& layer : layers()) compute_cost(layer.times, layer.shape, layer.position);
    for (VariantDraft& variant : draft_.variants) compute_cost(variant.times, variant.shape, variant.position);
  }

  void compute_cost(Times& times, const std::optional<LayerShape>& shape, const Position& position) {
    for (std::size_t t = 0; shape && t < network_.type_count; ++t) {
      const CostModel* model = binding_.cost_model(t);
      if (model == nullptr || times.latency_given[t]) continue;
      try {
        const TableCost cost = table_cost(*shape, *model);
        times.latency[t] = cost.latency;
        if (!times.energy_given[t]) times.energy_nj[t] = cost.energy_nj;
        if (!times.traffic_given[t]) times.traffic_bytes[t] = cost.dram_bytes;
        if (binding_.platform.types[t].fusion) times.fusion_parts[t] = cost.fusion_parts;
      } catch (const SimulationError& error) {
        diagnostics_.error(position,
                           fmt::format("on type {}: {}", in_quotes(binding_.platform.types[t].name), error.what()));
        times.broken = true;
      }
    }
    for (std::size_t g = 0; shape && g < times.group_latency.size(); ++g) {
      const CostModel* model = binding_.group_model(g);
      if (model == nullptr || times.group_given[g] || times.broken) continue;
      times.group_latency[g] = table_cost(*shape, *model).latency;
    }
  }

  void check_runnable() {
    if (!binding_.complete) return;
    for (const LayerDraft& layer : layers()) {
      const auto& latency = layer.times.latency;
      const bool runs = std::any_of(latency.begin(), latency.end(), [](Duration d) { return d != kCannotRun; });
      const bool can_be_costed = layer.shape && !binding_.real && !draft_.samples;
      if (runs || can_be_costed || layer.times.broken || layer.name.empty()) continue;
      diagnostics_.error(layer.position, fmt::format("layer {} cannot run on any accelerator{}: no latency for {}{}",
                                                     in_quotes(layer.name), platform_name(),
                                                     join(type_names(binding_.platform), ", "), hint_for(layer)));
    }
  }

  [[nodiscard]] std::string hint_for(const LayerDraft& layer) const {
    const bool all_given = !layer.times.latency_given.empty() &&
                           std::find(layer.times.latency_given.begin(), layer.times.latency_given.end(), false) ==
                               layer.times.latency_given.end();
    return draft_.samples || all_given ? std::string{} : cost_hint(layer.shape.has_value(), binding_);
  }

  /// Nothing when the network is read for no platform in particular.
  [[nodiscard]] std::string platform_name() const {
    const std::string& name = binding_.platform.name;
    return name.empty() ? name : " of platform " + in_quotes(name);
  }

  void find_order() {
    for (std::size_t l = 0; l < layers().size(); ++l) predecessors_.push_back(resolved(l));
    order_ = topological_order(predecessors_);
    const auto cycle = find_cycle(predecessors_);
    if (cycle.empty()) return;
    std::vector<std::string> path;
    for (const std::size_t l : cycle) path.push_back(layers()[l].name);
    path.push_back(path.front());
    diagnostics_.error(layers()[cycle.front()].position, "the layers form a cycle: " + join(path, " -> "));
  }

  std::vector<std::size_t> resolved(std::size_t l) {
    const LayerDraft& layer = layers()[l];
    if (!layer.after) return l == 0 ? std::vector<std::size_t>{} : std::vector<std::size_t>{l - 1};
    std::vector<std::size_t> result;
    for (const Reference& reference : *layer.after) {
      const std::string by = "layer " + in_quotes(layer.name);
      const auto before = layer_names_.find(reference, by);
      if (!before) continue;
      if (std::find(result.begin(), result.end(), *before) != result.end()) {
        diagnostics_.error(reference.position,
                           fmt::format("{}: {} is named twice in 'after'", by, in_quotes(reference.name)));
        continue;
      }
      result.push_back(*before);
    }
    return result;
  }

  void add_variants() {
    constexpr std::size_t most = 64;
    const auto& variants = draft_.variants;
    if (variants.size() > most) {
      diagnostics_.error(variants[most].position,
                         fmt::format("{} variants, but at most {} are possible", variants.size(), most));
      variant_names_.set_incomplete();
    }
    if (!draft_.variants_complete) variant_names_.set_incomplete();
    variants_of_.resize(layers().size());
    for (std::size_t v = 0; v < std::min(variants.size(), most); ++v) {
      variant_names_.add(variants[v].name, v, variants[v].position);
      network_.variant_names.push_back(variants[v].name);
      const auto layer = layer_names_.find(variants[v].layer, "variant " + in_quotes(variants[v].name));
      if (layer) variants_of_[*layer].push_back(v);
    }
  }

  void add_accuracy() {
    if (!draft_.accuracy) {
      if (!draft_.variants.empty()) {
        diagnostics_.error(draft_.variants_position, "a network with variants needs the key 'accuracy'");
      }
      return;
    }
    const AccuracyDraft& accuracy = *draft_.accuracy;
    const double baseline = accuracy.baseline.value_or(1.0);
    switch (accuracy.rule) {
    case AccuracyRule::measured:
      network_.accuracy = AccuracyModel::measured(accuracy.metric, baseline, measured_sets(accuracy));
      break;
    case AccuracyRule::additive:
      network_.accuracy = AccuracyModel::additive(accuracy.metric, baseline, costs(accuracy.rule));
      break;
    case AccuracyRule::multiplicative:
      network_.accuracy = AccuracyModel::multiplicative(accuracy.metric, baseline, costs(accuracy.rule));
      break;
    }
  }

  std::vector<double> costs(AccuracyRule rule) {
    std::vector<double> result;
    for (const VariantDraft& variant : draft_.variants) {
      if (!variant.accuracy_cost_given && !variant.name.empty()) {
        diagnostics_.error(variant.position, fmt::format("variant {}: missing accuracy_cost, which the {} model needs",
                                                         in_quotes(variant.name), to_string(rule)));
      }
      result.push_back(variant.accuracy_cost.value_or(0.0));
    }
    return result;
  }

  std::vector<std::pair<VariantSet, double>> measured_sets(const AccuracyDraft& accuracy) {
    std::vector<std::pair<VariantSet, double>> result;
    std::map<VariantSet, Position> seen;
    for (const AccuracySetDraft& draft : accuracy.sets) {
      const auto set = as_set(draft);
      if (!set) continue;
      const auto [first, is_new] = seen.try_emplace(*set, draft.position);
      if (!is_new) {
        diagnostics_.error(draft.position,
                           fmt::format("this set of variants was given before at line {}", first->second.line));
      } else if (*set == 0 && accuracy.baseline && draft.accuracy != *accuracy.baseline) {
        diagnostics_.error(draft.position,
                           fmt::format("the accuracy without variants is {} here, but the baseline is {}",
                                       draft.accuracy, *accuracy.baseline));
      } else {
        result.emplace_back(*set, draft.accuracy);
      }
    }
    return result;
  }

  std::optional<VariantSet> as_set(const AccuracySetDraft& draft) {
    VariantSet set = 0;
    bool known = true;
    for (const Reference& reference : draft.variants) {
      const auto variant = variant_names_.find(reference, "accuracy set");
      if (!variant) {
        known = false;
        continue;
      }
      const VariantSet bit = VariantSet{1} << *variant;
      if ((set & bit) != 0) {
        diagnostics_.error(reference.position,
                           "accuracy set: variant " + in_quotes(reference.name) + " is named twice");
        known = false;
      }
      set |= bit;
    }
    return known ? std::optional(set) : std::nullopt;
  }

  void add_layers() {
    std::vector<LayerIndex> place(order_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) place[order_[i]] = static_cast<LayerIndex>(i);
    for (const std::size_t l : order_) {
      const LayerDraft& draft = layers()[l];
      Layer layer{draft.name, draft.op,   macs_of(draft), output_bytes_of(draft), draft.block, {}, {}, 0,
                  1,          draft.skip, draft.exit};
      for (const std::size_t before : predecessors_[l]) layer.predecessors.push_back(place[before]);
      std::sort(layer.predecessors.begin(), layer.predecessors.end());
      layer.first_option = static_cast<OptionIndex>(network_.options.size());
      layer.option_count = static_cast<OptionIndex>(1 + variants_of_[l].size());
      Option original;
      original.shape = draft.shape;
      add_option(std::move(original), draft.times);
      for (const std::size_t v : variants_of_[l]) {
        const VariantDraft& variant = draft_.variants[v];
        add_option({variant.name, VariantSet{1} << v, variant.gamma, variant.shape}, variant.times);
      }
      network_.layers.push_back(std::move(layer));
    }
  }

  void add_option(Option option, const Times& times) {
    network_.options.push_back(std::move(option));
    network_.latency.insert(network_.latency.end(), times.latency.begin(), times.latency.end());
    network_.energy_nj.insert(network_.energy_nj.end(), times.energy_nj.begin(), times.energy_nj.end());
    network_.group_latency.insert(network_.group_latency.end(), times.group_latency.begin(), times.group_latency.end());
    network_.traffic_bytes.insert(network_.traffic_bytes.end(), times.traffic_bytes.begin(), times.traffic_bytes.end());
    network_.fusion_parts.insert(network_.fusion_parts.end(), times.fusion_parts.begin(), times.fusion_parts.end());
    network_.percentiles.insert(network_.percentiles.end(), times.percentiles.begin(), times.percentiles.end());
    network_.percentiles.resize(network_.latency.size());
  }

  void drop_percentiles_without_any() {
    const bool any = std::any_of(network_.percentiles.begin(), network_.percentiles.end(),
                                 [](const TimePercentiles& p) { return p.measured(); });
    if (!any) network_.percentiles = {};
  }

  /// Samples with the layers in the network's order.
  SampleTable in_order(const SampleTable& samples) const {
    SampleTable result;
    result.ids = samples.ids;
    result.latency.reserve(samples.latency.size());
    for (std::size_t s = 0; s < samples.ids.size(); ++s) {
      for (const std::size_t l : order_) {
        const auto first =
            samples.latency.begin() + static_cast<std::ptrdiff_t>((s * order_.size() + l) * network_.type_count);
        result.latency.insert(result.latency.end(), first, first + static_cast<std::ptrdiff_t>(network_.type_count));
        if (!samples.sparsity.empty()) result.sparsity.push_back(samples.sparsity[s * order_.size() + l]);
      }
    }
    return result;
  }

  NetworkDraft draft_;
  const Binding& binding_;
  Diagnostics& diagnostics_;
  Network network_;
  Names layer_names_{"layer", diagnostics_};
  Names variant_names_{"variant", diagnostics_};
  Predecessors predecessors_;
  std::vector<std::size_t> order_;
  std::vector<std::vector<std::size_t>> variants_of_; ///< per layer of the draft
};

} // namespace

Network build_network(NetworkDraft draft, const Binding& binding, Diagnostics& diagnostics) {
  return NetworkBuilder(std::move(draft), binding, diagnostics).build();
}

} // namespace terastal::io
