#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/metrics/metrics.hpp"
#include "terastal/sched/registry.hpp"
#include "terastal/sim/simulator.hpp"
#include "terastal/trace/checker.hpp"
#include "terastal/workload/scenario.hpp"
#include "terastal/workload/validate.hpp"

namespace terastal::testing {

using namespace std::chrono_literals;

/// An instant, from a duration since the start.
inline Time at(Duration d) { return Time{d}; }

/// A scenario with accelerator types and how many accelerators each has; accelerators are named `<type><number>`.
inline Scenario platform(std::initializer_list<std::pair<const char*, int>> types, Duration horizon = 1s) {
  Scenario s;
  s.name = "test";
  s.horizon = horizon;
  for (const auto& [name, count] : types) {
    AcceleratorType type;
    type.name = name;
    s.platform.types.push_back(type);
    for (int i = 0; i < count; ++i) {
      const auto index = static_cast<TypeIndex>(s.platform.types.size() - 1);
      s.platform.accelerators.push_back({name + std::to_string(i), index});
    }
  }
  return s;
}

/// Adds a network of layers with one latency per type (kCannotRun where a type cannot run it); a chain unless
/// `predecessors` says otherwise. Returns its index.
inline std::uint32_t add_network(Scenario& s, const std::string& name, const std::vector<std::vector<Duration>>& layers,
                                 const std::vector<std::vector<LayerIndex>>& predecessors = {}) {
  Network n;
  n.name = name;
  n.type_count = s.platform.types.size();
  for (std::size_t l = 0; l < layers.size(); ++l) {
    Layer layer;
    layer.name = name + "." + std::to_string(l);
    if (!predecessors.empty()) {
      layer.predecessors = predecessors[l];
    } else if (l > 0) {
      layer.predecessors = {static_cast<LayerIndex>(l - 1)};
    }
    layer.first_option = static_cast<OptionIndex>(l);
    n.layers.push_back(layer);
    n.options.push_back({});
    n.latency.insert(n.latency.end(), layers[l].begin(), layers[l].end());
    n.energy_nj.insert(n.energy_nj.end(), layers[l].size(), 0.0);
  }
  finish_network(n);
  s.networks.push_back(n);
  return static_cast<std::uint32_t>(s.networks.size() - 1);
}

/// Adds a variant to a layer; variants must be added in layer order, originals first. Give the network an accuracy
/// model afterwards. Returns its bit.
inline VariantSet add_variant(Scenario& s, std::uint32_t network, LayerIndex layer, const std::string& name,
                              const std::vector<Duration>& latency) {
  Network& n = s.networks[network];
  const VariantSet bit = 1ULL << n.variant_names.size();
  n.variant_names.push_back(name);
  const OptionIndex place = n.layers[layer].first_option + n.layers[layer].option_count;
  const auto cell = static_cast<std::ptrdiff_t>(place * n.type_count);
  n.options.insert(n.options.begin() + place, {name, bit, 0.0});
  n.latency.insert(n.latency.begin() + cell, latency.begin(), latency.end());
  n.energy_nj.insert(n.energy_nj.begin() + cell, latency.size(), 0.0);
  ++n.layers[layer].option_count;
  for (LayerIndex l = layer + 1; l < n.layers.size(); ++l) ++n.layers[l].first_option;
  return bit;
}

/// Releases at the given instants.
inline TraceArrivals releases(const std::vector<Duration>& times) {
  TraceArrivals trace;
  for (const Duration t : times) trace.entries.push_back({at(t), {}, {}, {}});
  return trace;
}

inline Task& add_task(Scenario& s, const std::string& name, std::uint32_t network, Duration deadline,
                      Arrivals arrivals) {
  Task task;
  task.name = name;
  task.network = network;
  task.deadline = deadline;
  task.arrivals = std::move(arrivals);
  s.tasks.push_back(std::move(task));
  return s.tasks.back();
}

/// Keeps everything that happens.
class Recorder : public Observer {
 public:
  [[nodiscard]] unsigned interests() const override { return everything; }
  void on_release(const ReleaseEvent& e) override { released.push_back(e); }
  void on_start(const StartEvent& e) override { started.push_back(e); }
  void on_finish(const FinishEvent& e) override { finished.push_back(e); }
  void on_stop(const StopEvent& e) override { stopped.push_back(e); }
  void on_skip(const SkipEvent& e) override { skipped.push_back(e); }
  void on_job_end(const JobEndEvent& e) override {
    ended.push_back(e);
    finish[{e.task, e.job}] = e.time;
  }

  std::vector<ReleaseEvent> released;
  std::vector<StartEvent> started;
  std::vector<FinishEvent> finished;
  std::vector<StopEvent> stopped;
  std::vector<SkipEvent> skipped;
  std::vector<JobEndEvent> ended;
  std::map<std::pair<TaskIndex, JobIndex>, Time> finish; ///< end of each job
};

/// A finished run.
struct Outcome {
  Recorder events;
  RunResult result;
};

/// Runs to the end under a scheduler, watched by the schedule checker, and fails the test if the schedule is not legal.
Outcome run(const Scenario& s, Scheduler& scheduler);

/// The policies of the library. Compiled once, unlike `builtin_policies`, which every file that calls it compiles anew.
const PolicyRegistry& known_policies();

/// The same under a policy given as text, e.g. `edf:placement=preferred_only`.
Outcome run(const Scenario& s, const std::string& policy);

} // namespace terastal::testing

#ifndef TERASTAL_TEST_SUPPORT_COMPILED
#include "support/builders_inl.hpp"
#endif
