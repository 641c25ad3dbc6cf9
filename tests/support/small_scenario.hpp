#pragma once

#include <chrono>
#include <string>

#include "terastal/workload/scenario.hpp"

namespace terastal::testing {

/// A scenario built in code: two accelerators of different types, a task `fast` whose second layer has a variant, and a
/// task `slow`; random phases, so seeds matter, and more load than can be served.
inline Scenario small_scenario() {
  using namespace std::chrono_literals;
  Scenario s;
  s.name = "small";
  s.description = "two tasks, two accelerators";
  s.horizon = 1s;
  s.platform.name = "pair";
  s.platform.types.resize(2);
  s.platform.types[0].name = "gpu";
  s.platform.types[1].name = "npu";
  s.platform.accelerators = {{"gpu0", 0}, {"npu0", 1}};

  const auto network = [](const std::string& name, Duration gpu, Duration npu) {
    Network n;
    n.name = name;
    n.type_count = 2;
    n.layers.resize(2);
    n.layers[0].name = "first";
    n.layers[1].name = "second";
    n.layers[1].first_option = 1;
    n.layers[1].predecessors = {0};
    n.options.resize(2);
    n.latency = {gpu, npu, gpu, npu};
    n.energy_nj = {1000.0, 500.0, 1000.0, 500.0};
    return n;
  };
  Network fast = network("fast_net", 3ms, 9ms);
  fast.layers[1].option_count = 2;
  fast.options.push_back({"thin", 1, 2.0});
  fast.latency.insert(fast.latency.end(), {3ms, 3ms});
  fast.energy_nj.insert(fast.energy_nj.end(), {900.0, 400.0});
  fast.variant_names = {"thin"};
  fast.accuracy = AccuracyModel::measured("top-1", 80.0, {{0, 80.0}, {1, 76.0}});
  s.networks = {fast, network("slow_net", 8ms, 6ms)};
  for (Network& n : s.networks) finish_network(n);

  Task task;
  task.name = "fast";
  task.arrivals = PeriodicArrivals{10ms, std::nullopt, 1ms};
  task.deadline = 10ms;
  s.tasks.push_back(task);
  task.name = "slow";
  task.network = 1;
  task.arrivals = PoissonArrivals{16ms};
  task.deadline = 30ms;
  task.firm = FirmRequirement{3, 4};
  s.tasks.push_back(task);
  return s;
}

} // namespace terastal::testing
