// The gate on the shipped baseline's scenario: what it finds when one entry of a latency table is raised by 3 %.

#include "terastal/gate/measure.hpp"

#include <gtest/gtest.h>

#include "terastal/gate/check.hpp"
#include "terastal/io/load.hpp"
#include "unit/gate_support.hpp"

namespace terastal {
namespace {

GatePlan plan(std::size_t replications, const char* policies = "fcfs") {
  GatePlan result;
  result.scenarios = {"tests/baselines/two_arrays.yaml"};
  for (const std::string& text : split(policies, ',')) result.policies.push_back(default_policies().parse(text));
  result.replications = replications;
  result.rules = {{&find_metric("miss_rate"), Judge::noninferior, default_limits(find_metric("miss_rate"))}};
  return result;
}

std::vector<LoadedScenario> scenarios() {
  std::vector<LoadedScenario> result;
  result.push_back(load_scenario(TERASTAL_SOURCE_DIR "/tests/baselines/two_arrays.yaml"));
  return result;
}

Baseline measured(const GatePlan& what, std::size_t threads = 0) {
  MeasureOptions options;
  options.threads = threads;
  Measurement m = measure(what, scenarios(), options);
  Baseline baseline;
  baseline.plan = what;
  baseline.cells = std::move(m.cells);
  baseline.inputs = std::move(m.inputs);
  return baseline;
}

/// Raises the latency of a layer of VGG11, the original, by 3 %.
void raise(Scenario& scenario, const std::string& layer) {
  Network& network = scenario.networks[scenario.tasks[0].network];
  for (const Layer& l : network.layers) {
    if (l.name != layer) continue;
    Duration& latency = network.latency[l.first_option * network.type_count];
    latency += latency * 3 / 100;
    finish_network(network);
    return;
  }
  FAIL() << "there is no layer " << layer;
}

CellCheck checked_with_raised(const Baseline& baseline, const std::string& layer) {
  auto changed = scenarios();
  raise(changed[0].scenario, layer);
  return check_against(baseline, measure(baseline.plan, changed)).cells.front();
}

// The layer is 23 % of VGG11's time: 0.7 % more load on two arrays near their capacity.
TEST(GateLatency, ThreePercentOfAnEntryThatMattersFail) {
  const CellCheck cell = checked_with_raised(measured(plan(20)), "features_13");
  EXPECT_EQ(cell.equal_digests, 0U);
  EXPECT_EQ(cell.judgements.front().verdict, CheckVerdict::regresses);
  EXPECT_GT(cell.judgements.front().difference->low(), 0.005);
}

// The last layer is 0.2 % of it. All event streams differ, and the miss rates hardly do.
TEST(GateLatency, ThreePercentOfASmallEntryPass) {
  const CellCheck cell = checked_with_raised(measured(plan(20)), "classifier_6");
  EXPECT_EQ(cell.equal_digests, 0U);
  EXPECT_EQ(cell.judgements.front().verdict, CheckVerdict::passes);
  EXPECT_LT(cell.judgements.front().difference->high(), 0.005);
}

TEST(GateLatency, TooFewReplicationsAreInconclusive) {
  const CellCheck cell = checked_with_raised(measured(plan(2)), "features_13");
  EXPECT_EQ(cell.equal_digests, 0U);
  EXPECT_EQ(cell.judgements.front().verdict, CheckVerdict::inconclusive);
  EXPECT_GT(cell.judgements.front().needed, 2U);
}

TEST(GateLatency, NothingChangedIsIdenticalForAnyNumberOfThreads) {
  const Baseline one = measured(plan(4, "fcfs,terastal"), 1);
  const Baseline three = measured(plan(4, "fcfs,terastal"), 3);
  EXPECT_TRUE(same_content(one, three));
  const CheckResult result = check_against(one, measure(one.plan, scenarios()));
  EXPECT_EQ(result.count(CheckVerdict::identical), result.judgements());
  EXPECT_TRUE(result.cells.front().same_events());
}

TEST(GateLatency, SeedsAreTheBaselines) {
  const Baseline baseline = measured(plan(2));
  auto changed = scenarios();
  changed[0].scenario.seed = 77;
  pin_seeds(changed, baseline);
  EXPECT_TRUE(check_against(baseline, measure(baseline.plan, changed)).cells.front().same_events());
}

TEST(GateLatency, InterruptedMeasurementsAreMarked) {
  MeasureOptions options;
  options.keep_going = [] { return false; };
  const Measurement now = measure(plan(4), scenarios(), options);
  EXPECT_FALSE(now.complete);
  EXPECT_EQ(now.replications, 0U);
  EXPECT_TRUE(check_against(measured(plan(4)), now).cells.empty());
}

} // namespace
} // namespace terastal
