// The library from outside: reads a scenario, runs it, prints the miss rate.
#include <cstdio>
#include <fstream>

#include "terastal/terastal.hpp"

int main() {
  std::ofstream("consumer.yaml") << R"(scenario: consumer
platform:
  platform: one
  types: { npu: { kind: npu } }
  accelerators: [{ name: npu0, type: npu }]
horizon: 1 s
tasks:
  - name: detector
    network: { network: tiny, layers: [{ name: conv, latency: 2 ms }, { name: head, latency: 1 ms }] }
    arrivals: { kind: periodic, period: 4 ms }
)";
  const terastal::LoadedScenario loaded = terastal::load_scenario("consumer.yaml");
  const terastal::Policy policy = terastal::builtin_policies().parse("edf");
  const terastal::RunResult result = terastal::run(loaded.scenario, policy, {});
  std::printf("%s: miss rate %g, %d jobs\n", result.policy.c_str(), result.mean_miss_rate,
              static_cast<int>(result.tasks[0].released));
  return result.tasks[0].released == 250 && result.mean_miss_rate == 0.0 ? 0 : 1;
}
