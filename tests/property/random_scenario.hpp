#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "property/property_check.hpp"
#include "support/builders.hpp"

// Small scenarios that use everything the model has. Times are small multiples of 1 ms, so that ties are frequent.
namespace terastal::testing {

/// What random scenarios may contain.
struct ScenarioFeatures {
  bool noise = true;       ///< execution times other than the table's
  bool setup_costs = true; ///< transfers and model switches
  bool late_rules = true;  ///< dropping late jobs
  bool cascades = true;
  bool dags = true;
};

inline Duration pick_ms(int low, int high) { return Duration{1ms} * pick(low, high); }

inline void add_setup_costs(Platform& p) {
  if (chance(50)) {
    for (auto& type : p.types) type.model_switch = pick_ms(0, 2);
  }
  if (chance(50)) return;
  for (std::size_t i = 0; i < p.types.size() * p.types.size(); ++i) {
    p.transfers.push_back({pick_ms(0, 2), chance(50) ? 1000.0 * pick(50, 500) : 0.0});
  }
}

inline Scenario random_platform() {
  Scenario s;
  s.name = "random";
  const int types = pick(1, 3);
  for (int t = 0; t < types; ++t) {
    s.platform.types.emplace_back().name = "type" + std::to_string(t);
    const int count = pick(1, 3);
    for (int i = 0; i < count; ++i) {
      s.platform.accelerators.push_back(
          {"acc" + std::to_string(s.platform.accelerators.size()), static_cast<TypeIndex>(t)});
    }
  }
  // Accelerators of one type need not be neighbours.
  if (chance(30)) std::reverse(s.platform.accelerators.begin(), s.platform.accelerators.end());
  return s;
}

/// Latency per type; at least one type can run it.
inline std::vector<Duration> random_latencies(std::size_t types) {
  std::vector<Duration> latencies;
  for (std::size_t t = 0; t < types; ++t) latencies.push_back(t > 0 && chance(15) ? kCannotRun : pick_ms(1, 12));
  std::rotate(latencies.begin(), latencies.begin() + pick(0, static_cast<int>(types) - 1), latencies.end());
  return latencies;
}

inline void add_random_variants(Scenario& s, std::uint32_t network) {
  Network& n = s.networks[network];
  for (LayerIndex l = 0; l < n.layers.size(); ++l) {
    for (int v = 0; v < 2; ++v) {
      if (n.variant_names.size() >= 4 || !chance(30)) continue;
      add_variant(s, network, l, "v" + std::to_string(n.variant_names.size()), random_latencies(n.type_count));
    }
  }
  const std::size_t variants = n.variant_names.size();
  if (chance(30)) {
    std::vector<double> costs;
    for (std::size_t v = 0; v < variants; ++v) costs.push_back(0.01 * pick(0, 12));
    n.accuracy = AccuracyModel::additive("top-1", 80.0, costs);
    return;
  }
  std::vector<std::pair<VariantSet, double>> sets{{0, 80.0}};
  for (VariantSet set = 1; set < (1ULL << variants); ++set) {
    if (!chance(15)) sets.emplace_back(set, 80.0 - 0.5 * pick(0, 40));
  }
  n.accuracy = AccuracyModel::measured("top-1", 80.0, sets);
}

inline void add_random_samples(Network& n) {
  const int count = pick(1, 4);
  for (int i = 0; i < count; ++i) {
    n.samples.ids.push_back(3 * i);
    for (const Layer& layer : n.layers) {
      for (TypeIndex t = 0; t < n.type_count; ++t) {
        n.samples.latency.push_back(n.latency_of(layer.first_option, t) == kCannotRun ? kCannotRun : pick_ms(1, 15));
      }
    }
  }
}

inline void add_random_network(Scenario& s, const ScenarioFeatures& features) {
  const int count = pick(1, 6);
  const bool dag = features.dags && chance(50);
  std::vector<std::vector<Duration>> layers;
  std::vector<std::vector<LayerIndex>> before;
  for (int l = 0; l < count; ++l) {
    layers.push_back(random_latencies(s.platform.types.size()));
    auto& mine = before.emplace_back();
    for (int p = 0; p < l; ++p) {
      if (dag ? chance(35) : p == l - 1) mine.push_back(static_cast<LayerIndex>(p));
    }
  }
  const auto index = add_network(s, "net" + std::to_string(s.networks.size()), layers, before);
  Network& n = s.networks[index];
  if (chance(60)) add_random_variants(s, index);
  for (auto& layer : n.layers) layer.output_bytes = static_cast<std::uint64_t>(pick(0, 1000));
  for (auto& energy : n.energy_nj) energy = chance(20) ? 0.0 : 10.0 * pick(1, 50);
  if (chance(30)) add_random_samples(n);
}

inline Arrivals random_arrivals(const Network& network) {
  const Duration gap = pick_ms(8, 60);
  switch (pick(0, 4)) {
  case 0: {
    PeriodicArrivals a{gap, pick_ms(0, 20), chance(30) ? pick_ms(1, 40) : Duration{0}};
    if (chance(30)) a.phase.reset();
    return a;
  }
  case 1:
    return SporadicArrivals{gap, pick_ms(0, 10), pick_ms(0, 20)};
  case 2:
    return PoissonArrivals{gap};
  case 3:
    return BurstArrivals{pick_ms(2, 6), pick_ms(20, 60), pick_ms(20, 90)};
  default:
    break;
  }
  TraceArrivals trace;
  Time at{};
  for (int i = pick(0, 12); i > 0; --i) {
    at += pick_ms(0, 30);
    TraceEntry entry{at, {}, {}, {}};
    if (chance(40)) entry.deadline = pick_ms(1, 80);
    if (chance(40)) entry.priority = pick(-3, 3);
    if (!network.samples.empty() && chance(50)) entry.sample = network.samples.ids.back();
    trace.entries.push_back(entry);
  }
  return trace;
}

inline ExecutionTimes random_execution(const Network& network) {
  ExecutionTimes e;
  switch (pick(0, 5)) {
  case 1:
    e.kind = ExecutionTimes::Kind::uniform;
    e.low = 0.1 * pick(1, 10);
    e.high = e.low + 0.1 * pick(0, 10);
    break;
  case 2:
    e.kind = ExecutionTimes::Kind::lognormal;
    e.cv = 0.1 * pick(0, 8);
    break;
  case 3:
    e.kind = ExecutionTimes::Kind::exponential;
    break;
  case 4:
    if (!network.samples.empty()) e.kind = ExecutionTimes::Kind::samples;
    break;
  default:
    break;
  }
  return e;
}

inline void add_random_task(Scenario& s, const ScenarioFeatures& features) {
  const int index = static_cast<int>(s.tasks.size());
  const auto network = static_cast<std::uint32_t>(pick(0, static_cast<int>(s.networks.size()) - 1));
  const Network& n = s.networks[network];
  const bool child = features.cascades && index > 0 && chance(25);
  Arrivals arrivals = NoArrivals{};
  if (!child) arrivals = random_arrivals(n);
  Task& task = add_task(s, "task" + std::to_string(index), network, pick_ms(5, 90), arrivals);
  if (child) task.parent = Parent{static_cast<TaskIndex>(pick(0, index - 1)), 0.25 * pick(1, 4), chance(50)};
  task.priority = pick(-2, 4);
  task.theta = 0.05 * pick(14, 20);
  if (features.late_rules) task.late_jobs = static_cast<LateJobs>(pick(0, 2));
  if (features.noise) task.execution = random_execution(n);
  if (chance(30)) {
    const int k = pick(1, 8);
    task.firm = FirmRequirement{pick(1, k), k};
  }
}

/// A scenario from the choices of the running property.
inline Scenario random_scenario(const ScenarioFeatures& features = {}) {
  Scenario s = random_platform();
  if (features.setup_costs) add_setup_costs(s.platform);
  const int networks = pick(1, 3);
  for (int i = 0; i < networks; ++i) add_random_network(s, features);
  const int tasks = pick(1, 4);
  for (int i = 0; i < tasks; ++i) add_random_task(s, features);
  s.horizon = pick_ms(50, 300);
  if (chance(30)) s.warm_up = s.horizon / 4;
  s.seed = static_cast<std::uint64_t>(pick(1, 1000));
  validate(s);
  return s;
}

/// The policies of the library: each with its defaults and with every single setting changed.
inline std::vector<std::string> policies_to_try() {
  std::vector<std::string> labels;
  const PolicyRegistry registry = testing::known_policies();
  for (const PolicyInfo& info : registry.all()) {
    labels.push_back(info.id);
    for (const Setting& setting : info.settings) {
      std::vector<std::string> values = setting.choices;
      if (std::holds_alternative<bool>(setting.default_value)) values = {"true", "false"};
      if (std::holds_alternative<double>(setting.default_value)) values = {"0", "0.5", "2"};
      for (const std::string& value : values) {
        if (std::holds_alternative<double>(setting.default_value) &&
            (std::stod(value) < setting.min || std::stod(value) > setting.max)) {
          continue;
        }
        if (value != setting.default_text()) labels.push_back(info.id + ":" + setting.name + "=" + value);
      }
    }
  }
  return labels;
}

/// Lets some types fuse layers, with random compute and memory times, not all of them known.
inline void add_fusion(Scenario& s) {
  bool any = false;
  for (AcceleratorType& type : s.platform.types) {
    if (!chance(40)) continue;
    type.fusion = Fusion{pick_ms(0, 1)};
    any = true;
  }
  for (Network& n : s.networks) {
    for (std::size_t i = 0; any && i < n.latency.size(); ++i) {
      FusionParts& parts = n.fusion_parts.emplace_back();
      if (n.latency[i] == kCannotRun || chance(20)) continue;
      parts = {n.latency[i] * pick(1, 10) / 10, n.latency[i] * pick(0, 10) / 10};
    }
  }
}

} // namespace terastal::testing
