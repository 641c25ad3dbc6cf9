// Speed of the whole engine, virtual scheduler and all statistics included, beside a bare loop measured in the same
// run.
#include <stdexcept>
#include <string>
#include <vector>

#include "bare_loop.hpp"
#include "ratio_reporter.hpp"
#include "support/neutral.hpp"
#include "terastal/io/load.hpp"
#include "terastal/metrics/metrics.hpp"
#include "terastal/sched/policies.hpp"
#include "terastal/sim/simulator.hpp"

namespace {

using namespace terastal;

const std::string kRoot = TERASTAL_SOURCE_DIR;

testing::NeutralWorkload workload(const std::string& name) {
  return testing::read_neutral(kRoot + "/tests/oracle/neutral/" + name + ".txt");
}

/// Runs a scenario once; returns the layers run.
std::uint64_t simulate(const Scenario& scenario, const Policy& policy) {
  const auto scheduler = policy.make();
  Simulator simulator(scenario, *scheduler);
  Metrics metrics(scenario);
  simulator.add_observer(metrics);
  simulator.run();
  return simulator.counters().decisions;
}

void bare(benchmark::State& state, const std::string& name) {
  const auto w = workload(name);
  std::uint64_t segments = 0;
  for (auto _ : state) segments += bench::bare_loop(w).segments;
  state.SetItemsProcessed(static_cast<std::int64_t>(segments));
}

void engine(benchmark::State& state, const std::string& name, const std::string& policy_text) {
  const auto w = workload(name);
  const Scenario scenario = testing::neutral_scenario(w);
  const Policy policy = builtin_policies().parse(policy_text);
  if (simulate(scenario, policy) != bench::bare_loop(w).segments)
    throw std::logic_error("engine and bare loop disagree");
  std::uint64_t segments = 0;
  for (auto _ : state) segments += simulate(scenario, policy);
  state.SetItemsProcessed(static_cast<std::int64_t>(segments));
}

void scenario(benchmark::State& state, const std::string& path, const std::string& policy_text) {
  const LoadedScenario loaded = load_scenario(kRoot + "/" + path, {{"horizon", "20 s"}});
  const Policy policy = builtin_policies().parse(policy_text);
  std::uint64_t layers = 0;
  for (auto _ : state) layers += simulate(loaded.scenario, policy);
  state.SetItemsProcessed(static_cast<std::int64_t>(layers));
}

} // namespace

int main(int argc, char** argv) {
  bench::RatioReporter reporter;
  const auto add = [](const std::string& name, auto&&... arguments) {
    benchmark::RegisterBenchmark(name.c_str(), arguments...)
        ->Unit(benchmark::kMillisecond)
        ->MinTime(0.1)
        ->Repetitions(3);
  };
  const std::string multi_camera = "workloads/papers/terastal/multi_camera_heavy_6k.yaml";
  for (const std::string name : {"A", "B"}) {
    add("bare_" + name, bare, name);
    add("edf_" + name, engine, name, "edf");
    reporter.compare("edf_" + name, "bare_" + name);
  }
  std::vector<std::string> policies;
  for (const auto& info : builtin_policies().all()) policies.push_back(info.id);
  policies.insert(policies.end(), {"prema:mechanism=dynamic", "planaria:form=spatial", "cd-msa:admission=drop"});
  for (const std::string& policy : policies) {
    const std::string name = policy.substr(0, policy.find(':')) +
                             (policy.find('=') == std::string::npos ? "" : "_" + policy.substr(policy.find('=') + 1)) +
                             "_multi_camera_heavy";
    add(name, scenario, multi_camera, policy);
    reporter.compare(name, "bare_A");
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  return 0;
}
