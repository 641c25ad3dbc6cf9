// A simulation inside another simulator: a scenario built in code, stepped from outside. Needs terastal::core only.
#include <chrono>
#include <cstdio>

#include "terastal/metrics/metrics.hpp"
#include "terastal/sched/policies.hpp"
#include "terastal/sim/simulator.hpp"

int main() {
  using namespace std::chrono_literals;
  using namespace terastal;

  Scenario scenario;
  scenario.name = "embedded";
  scenario.horizon = 1s;
  scenario.platform.types.resize(1);
  scenario.platform.types[0].name = "npu";
  scenario.platform.accelerators = {{"npu0", 0}};
  Network network;
  network.name = "one_layer";
  network.type_count = 1;
  network.layers.resize(1);
  network.options.resize(1);
  network.latency = {Duration{2ms}};
  network.energy_nj = {0.0};
  finish_network(network);
  scenario.networks = {network};
  Task task;
  task.name = "detector";
  task.deadline = 5ms;
  scenario.tasks = {task};

  const auto scheduler = builtin_policies().parse("edf").make();
  Simulator simulator(scenario, *scheduler);
  Metrics metrics(scenario);
  simulator.add_observer(metrics);
  for (int i = 0; i < 4; ++i) {
    Submission request;
    request.release = simulator.now() + 1ms;
    simulator.submit(request);
    simulator.run_until(simulator.now() + 1ms);
  }
  simulator.run();
  const RunResult result = metrics.result(simulator);
  std::printf("%d jobs, %d late\n", static_cast<int>(result.tasks[0].completed),
              static_cast<int>(result.tasks[0].late));
  // Released at 1, 2, 3, 4 ms; finished at 3, 5, 7, 9 ms: the last exactly at its deadline.
  return result.tasks[0].completed == 4 && result.tasks[0].late == 0 ? 0 : 1;
}
