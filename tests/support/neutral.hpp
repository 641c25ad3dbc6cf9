#pragma once

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "terastal/workload/scenario.hpp"

namespace terastal::testing {

/// The neutral workload: periodic tasks of non-preemptive segments on identical accelerators, in picoseconds. Six
/// independent engines agree on its answers; see tests/oracle/README.md.
struct NeutralWorkload {
  struct Task {
    std::int64_t phase = 0;
    std::int64_t period = 0;
    std::int64_t deadline = 0;
    std::vector<std::int64_t> segments;
  };
  std::size_t accelerators = 0;
  std::int64_t horizon = 0;
  std::vector<Task> tasks;
};

inline NeutralWorkload read_neutral(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error("cannot read " + path);
  NeutralWorkload w;
  std::size_t tasks = 0;
  std::size_t segments = 0;
  in >> tasks >> segments >> w.accelerators >> w.horizon;
  for (std::size_t t = 0; t < tasks; ++t) {
    NeutralWorkload::Task task;
    in >> task.phase >> task.period >> task.deadline;
    task.segments.resize(segments);
    for (auto& s : task.segments) in >> s;
    w.tasks.push_back(task);
  }
  if (!in) throw std::runtime_error(path + ": truncated");
  return w;
}

/// The workload as a scenario: one accelerator type, one network per task.
inline Scenario neutral_scenario(const NeutralWorkload& w) {
  Scenario s;
  s.name = "neutral";
  s.horizon = Duration{w.horizon};
  s.platform.types.emplace_back().name = "core";
  for (std::size_t a = 0; a < w.accelerators; ++a) s.platform.accelerators.push_back({"core" + std::to_string(a), 0});
  for (std::size_t t = 0; t < w.tasks.size(); ++t) {
    Network n;
    n.name = "network" + std::to_string(t);
    n.type_count = 1;
    for (std::size_t l = 0; l < w.tasks[t].segments.size(); ++l) {
      Layer layer;
      layer.name = "segment" + std::to_string(l);
      if (l > 0) layer.predecessors.push_back(static_cast<LayerIndex>(l - 1));
      layer.first_option = static_cast<OptionIndex>(l);
      n.layers.push_back(layer);
      n.options.push_back({});
      n.latency.push_back(Duration{w.tasks[t].segments[l]});
      n.energy_nj.push_back(0.0);
    }
    finish_network(n);
    s.networks.push_back(n);
    Task task;
    task.name = "task" + std::to_string(t);
    task.network = static_cast<std::uint32_t>(t);
    task.deadline = Duration{w.tasks[t].deadline};
    task.arrivals = PeriodicArrivals{Duration{w.tasks[t].period}, Duration{w.tasks[t].phase}, Duration{0}};
    s.tasks.push_back(task);
  }
  return s;
}

} // namespace terastal::testing
