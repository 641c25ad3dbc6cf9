#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "property/integer_tasks.hpp"
#include "support/builders.hpp"
#include "terastal/experiment/analysis.hpp"

// The analysis of whole scenarios against their simulation: transfers, model switches, noise, jitter, DAGs.
namespace terastal::testing {
namespace {

Duration micros(std::int64_t count) { return std::chrono::microseconds(count); }

/// One accelerator of each type; times from a few microseconds to some hundreds.
Scenario random_scenario(RandomStream& random) {
  const auto types = static_cast<std::size_t>(between(random, 1, 3));
  Scenario s = platform({}, micros(40'000));
  const bool costs = random.below(2) == 0;
  for (std::size_t k = 0; k < types; ++k) {
    AcceleratorType type;
    type.name = "type" + std::to_string(k);
    if (costs) type.model_switch = micros(between(random, 0, 10));
    s.platform.types.push_back(type);
    s.platform.accelerators.push_back({"core" + std::to_string(k), static_cast<TypeIndex>(k)});
  }
  if (costs) s.platform.transfers.assign(types * types, {micros(between(random, 0, 20)), 1e9});
  const bool dags = random.below(4) == 0;
  const auto tasks = between(random, 2, 4);
  for (std::int64_t i = 0; i < tasks; ++i) {
    const auto layers = between(random, 1, 5);
    std::vector<std::vector<Duration>> table;
    std::vector<std::vector<LayerIndex>> before;
    for (std::int64_t l = 0; l < layers; ++l) {
      std::vector<Duration> row;
      for (std::size_t k = 0; k < types; ++k)
        row.push_back(random.below(5) == 0 ? kCannotRun : micros(between(random, 5, 60)));
      row[random.below(types)] = micros(between(random, 5, 60));
      table.push_back(row);
      const bool branches = dags && l > 1 && random.below(2) == 0;
      before.push_back(l == 0 ? std::vector<LayerIndex>{}
                              : std::vector<LayerIndex>{static_cast<LayerIndex>(branches ? l - 2 : l - 1)});
    }
    const auto network = add_network(s, "net" + std::to_string(i), table, before);
    for (Layer& layer : s.networks[network].layers) layer.output_bytes = random.below(4000);
    const Duration period = micros(between(random, 100, 1500));
    Arrivals arrivals = PeriodicArrivals{period, std::nullopt, Duration{0}};
    if (random.below(3) == 0) arrivals = PeriodicArrivals{period, std::nullopt, micros(between(random, 0, 100))};
    if (random.below(4) == 0) arrivals = SporadicArrivals{period, std::nullopt, micros(between(random, 0, 100))};
    const Duration deadline = random.below(2) == 0 ? period : micros(between(random, 100, 2000));
    Task& task = add_task(s, "task" + std::to_string(i), network, deadline, arrivals);
    task.priority = static_cast<int>(random.below(3));
    if (random.below(3) == 0) task.execution = {ExecutionTimes::Kind::uniform, 0.5, 1.25, 0.0};
    if (random.below(3) == 0) task.late_jobs = LateJobs::drop_hopeless;
  }
  return s;
}

/// Largest response and number of misses of every task.
class Responses : public Observer {
 public:
  explicit Responses(std::size_t tasks) : worst(tasks, Duration{0}) {}
  [[nodiscard]] unsigned interests() const override { return job_ends; }
  void on_job_end(const JobEndEvent& e) override {
    worst[e.task] = std::max(worst[e.task], Duration{e.time - e.release});
    misses += e.missed() ? 1 : 0;
    ++jobs;
  }

  std::vector<Duration> worst;
  int misses = 0;
  int jobs = 0;
};

Responses simulate(const Scenario& s, const std::string& policy) {
  const auto scheduler = testing::known_policies().parse(policy + ":placement=preferred_only").make();
  Simulator simulator(s, *scheduler);
  Responses seen(s.tasks.size());
  simulator.add_observer(seen);
  simulator.run();
  return seen;
}

TEST(ScenarioAnalysis, WhatIsShownIsNeverContradicted) {
  constexpr int kScenarios = 700;
  constexpr std::uint64_t kSeeds = 3;
  RandomStream random(61, 0, Purpose::policy);
  std::map<std::string, int> shown;
  int bounds = 0;
  int tight = 0;
  for (int n = 0; n < kScenarios; ++n) {
    Scenario s = random_scenario(random);
    validate(s);
    const ScenarioAnalysis analysis = analyse(s);
    for (std::size_t p = 0; p < analysis.policies.size(); ++p) {
      const PolicyFinding& policy = analysis.policies[p];
      const bool fine = policy.finding == Finding::schedulable;
      const bool any = std::any_of(analysis.tasks.begin(), analysis.tasks.end(),
                                   [&](const AnalysedTask& t) { return t.findings[p].response.has_value(); });
      if (!fine && !any) continue;
      shown[policy.policy] += fine ? 1 : 0;
      std::vector<Duration> worst(s.tasks.size(), Duration{0});
      for (s.seed = 1; s.seed <= kSeeds; ++s.seed) {
        const Responses seen = simulate(s, policy.policy);
        ASSERT_TRUE(!fine || seen.misses == 0) << "scenario " << n << " under " << policy.policy;
        for (std::size_t t = 0; t < worst.size(); ++t) worst[t] = std::max(worst[t], seen.worst[t]);
      }
      for (std::size_t t = 0; t < worst.size(); ++t) {
        const auto& bound = analysis.tasks[t].findings[p].response;
        if (!bound) continue;
        ++bounds;
        ASSERT_LE(worst[t], *bound) << "scenario " << n << ", task " << t << " under " << policy.policy;
        tight += worst[t] * 5 >= *bound * 4 ? 1 : 0;
      }
    }
  }
  for (const std::string& policy : analysed_policies()) EXPECT_GT(shown[policy], kScenarios / 20) << policy;
  EXPECT_GT(bounds, kScenarios);
  EXPECT_GT(tight, bounds / 20) << "the bounds say too little";
}

TEST(ScenarioAnalysis, NoPolicyKeepsUpWithTooMuchLoad) {
  RandomStream random(62, 0, Purpose::policy);
  int overloads = 0;
  for (int n = 0; n < 150; ++n) {
    Scenario s = random_scenario(random);
    s.horizon = micros(8'000);
    for (Task& task : s.tasks) task.late_jobs = LateJobs::run_on;
    for (Task& task : s.tasks) task.arrivals = PeriodicArrivals{micros(between(random, 30, 300)), Duration{0}, {}};
    const ScenarioAnalysis analysis = analyse(s);
    if (!analysis.originals.bound || analysis.originals.bound->lower < 1.2) continue;
    ++overloads;
    for (const PolicyFinding& p : analysis.policies) EXPECT_EQ(p.finding, Finding::not_schedulable);
    for (const char* policy : {"edf", "fcfs", "rm:placement=preferred_only", "sjf"}) {
      const auto scheduler = testing::known_policies().parse(policy).make();
      Simulator simulator(s, *scheduler);
      Responses seen(s.tasks.size());
      simulator.add_observer(seen);
      simulator.run();
      EXPECT_GT(seen.misses, 0) << policy << " in scenario " << n;
    }
  }
  EXPECT_GT(overloads, 20);
}

} // namespace
} // namespace terastal::testing
