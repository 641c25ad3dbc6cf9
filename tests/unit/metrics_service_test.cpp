#include "terastal/metrics/service.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/experiment/run.hpp"

namespace terastal {
namespace {

using namespace testing;

/// Hands ends of jobs to ServiceMetrics by hand. Two types; `a` takes 4 ms alone, `b` 2 ms.
class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    const auto a = add_network(scenario_, "a", {{3ms, 5ms}, {9ms, 1ms}});
    const auto b = add_network(scenario_, "b", {{2ms, kCannotRun}});
    // On their worst accelerators a takes 10 + 30 nJ; what cannot run has no energy.
    scenario_.networks[a].energy_nj = {10.0, 5.0, 20.0, 30.0};
    scenario_.networks[b].energy_nj = {10.0, 99.0};
    add_task(scenario_, "a", a, 10ms, NoArrivals{});
    add_task(scenario_, "b", b, 10ms, NoArrivals{});
  }

  /// Released at `release`, deadline release + 10 ms, ends after `response`.
  static JobEndEvent end(TaskIndex task, Duration release, Duration response, bool dropped = false,
                         double energy_nj = 0.0) {
    return {at(release + response), task, 0, at(release), at(release + 10ms), at(release), 0, energy_nj, dropped};
  }

  [[nodiscard]] ServiceResult result(const std::vector<JobEndEvent>& ends) const {
    ServiceMetrics metrics(scenario_);
    for (const auto& e : ends) metrics.on_job_end(e);
    return metrics.result();
  }

  Scenario scenario_ = platform({{"gpu", 1}, {"npu", 1}}, 1s);
};

// a: alone 4 ms, took 4 and 8; b: alone 2 ms, took 8; the dropped job of b counts as no progress.
TEST_F(ServiceTest, SlowdownAndProgressByHand) {
  const ServiceResult r = result({end(0, 0ms, 4ms), end(0, 10ms, 8ms), end(1, 1ms, 8ms), end(1, 20ms, 10ms, true)});
  EXPECT_DOUBLE_EQ(r.tasks[0].isolated_s, 4e-3);
  EXPECT_DOUBLE_EQ(*r.tasks[0].slowdown, 1.5);
  EXPECT_DOUBLE_EQ(*r.tasks[0].progress, 0.75);
  EXPECT_DOUBLE_EQ(*r.tasks[1].slowdown, 4.0);
  EXPECT_DOUBLE_EQ(*r.tasks[1].progress, 0.125);
  EXPECT_DOUBLE_EQ(*r.antt, (1.0 + 2.0 + 4.0) / 3.0);
  EXPECT_DOUBLE_EQ(*r.antt_tasks, 2.75);
  EXPECT_DOUBLE_EQ(*r.stp, 0.875);
  EXPECT_DOUBLE_EQ(*r.wst, 0.875);
  EXPECT_DOUBLE_EQ(*r.fairness, 0.125 / 0.75);
  EXPECT_DOUBLE_EQ(*r.throughput_per_s, 3.0 / 18e-3); // first release 0, last completion 18 ms
  EXPECT_DOUBLE_EQ(*r.sla, 0.75);
  EXPECT_DOUBLE_EQ(*r.sla_tasks, 0.75);
}

// Progress 1 and 1/3 with weights 1 and 3: shares 1 / (1/4) and (1/3) / (3/4).
TEST_F(ServiceTest, WeightsMatterForFairnessAndWst) {
  scenario_.tasks[1].weight = 3.0;
  const ServiceResult r = result({end(0, 0ms, 4ms), end(1, 0ms, 6ms)});
  EXPECT_DOUBLE_EQ(*r.stp, 1.0 + 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(*r.wst, 2.0 * (1.0 * 1.0 + 3.0 / 3.0) / 4.0);
  EXPECT_NEAR(*r.fairness, (4.0 / 9.0) / 4.0, 1e-15);
}

TEST_F(ServiceTest, NothingReleased) {
  const ServiceResult r = result({});
  for (const auto& value :
       {r.antt, r.antt_tasks, r.stp, r.wst, r.fairness, r.throughput_per_s, r.sla, r.sla_tasks, r.uxcost, r.xrbench}) {
    EXPECT_FALSE(value.has_value());
  }
  EXPECT_EQ(r.xrbench_clean, 0.0);
  EXPECT_DOUBLE_EQ(r.tasks[1].isolated_s, 2e-3);
}

TEST_F(ServiceTest, EverythingDropped) {
  const ServiceResult r = result({end(0, 0ms, 4ms, true, 8.0)});
  EXPECT_FALSE(r.antt);
  EXPECT_FALSE(r.fairness);
  EXPECT_EQ(r.stp, 0.0);
  EXPECT_EQ(r.throughput_per_s, 0.0);
  EXPECT_EQ(r.sla, 0.0);
  EXPECT_EQ(r.uxcost, 1.0); // every job violated, and no gain by dropping all
  EXPECT_EQ(r.xrbench, 0.0);
}

TEST_F(ServiceTest, JobsOutsideTheWindowAreNotCounted) {
  scenario_.warm_up = 100ms;
  const ServiceResult r = result({end(0, 100ms - Duration{1}, 400ms), end(0, 100ms, 4ms), end(0, 1s, 400ms)});
  EXPECT_EQ(r.antt, 1.0);
  EXPECT_DOUBLE_EQ(*r.throughput_per_s, 1.0 / 4e-3);
}

// a spent 30 + 20 of 2 · 40 nJ, one of its two late; b 10 + 5 (dropped) of 10, one of two dropped.
TEST_F(ServiceTest, UxcostCountsEnergyOfDroppedJobsAndWorstOfCompletedOnes) {
  const ServiceResult r = result({end(0, 0ms, 4ms, false, 30.0), end(0, 0ms, 11ms, false, 20.0),
                                  end(1, 0ms, 2ms, false, 10.0), end(1, 0ms, 9ms, true, 5.0)});
  EXPECT_DOUBLE_EQ(*r.tasks[0].violations, 0.5);
  EXPECT_DOUBLE_EQ(*r.tasks[0].energy_ratio, 50.0 / 80.0);
  EXPECT_DOUBLE_EQ(*r.tasks[1].violations, 0.5);
  EXPECT_DOUBLE_EQ(*r.tasks[1].energy_ratio, 1.5);
  EXPECT_DOUBLE_EQ(*r.uxcost, 1.0 * 2.125);
}

TEST_F(ServiceTest, NoUxcostWithoutEnergies) {
  scenario_.networks[1].energy_nj = {0.0, 0.0};
  const ServiceResult r = result({end(0, 0ms, 4ms, false, 30.0), end(1, 0ms, 2ms)});
  EXPECT_FALSE(r.uxcost);
  EXPECT_TRUE(r.tasks[0].energy_ratio);
  EXPECT_DOUBLE_EQ(*r.tasks[1].violations, 0.5); // 1 / (2 · 1)
}

// A sample's own times: the fastest type of each layer that the table lets run, 6 + 2 ms.
TEST_F(ServiceTest, IsolatedTimeOfASample) {
  scenario_.networks[0].samples = {{7}, {6ms, 7ms, 8ms, 2ms}, {}};
  scenario_.tasks[0].execution.kind = ExecutionTimes::Kind::samples;
  JobEndEvent e = end(0, 0ms, 16ms);
  e.sample = 0;
  EXPECT_EQ(result({e}).antt, 2.0);
  EXPECT_DOUBLE_EQ(result({e}).tasks[0].isolated_s, 8e-3);
}

// A job of the lighter network progresses in the unit of the task's own, and has its accuracy: 0.9 of the baseline.
TEST_F(ServiceTest, AlternativesAreMeasuredAgainstTheTasksOwnNetwork) {
  const auto light = add_network(scenario_, "light", {{1ms, 1ms}});
  scenario_.networks[light].energy_nj = {4.0, 8.0};
  scenario_.networks[light].accuracy = AccuracyModel::measured("top-1", 72.0, {{0, 72.0}});
  scenario_.networks[0].accuracy = AccuracyModel::measured("top-1", 80.0, {{0, 80.0}});
  scenario_.tasks[0].alternatives = {light};
  JobEndEvent e = end(0, 0ms, 2ms, false, 4.0);
  e.alternative = 1;
  const ServiceResult r = result({e});
  EXPECT_EQ(r.antt, 0.5);
  EXPECT_DOUBLE_EQ(*r.tasks[0].energy_ratio, 0.5);
  EXPECT_NEAR(r.tasks[0].xrbench.clean_accuracy, 0.9 * r.tasks[0].xrbench.clean, 1e-12);
  EXPECT_GT(r.tasks[0].xrbench.clean, 0.99);
}

// Longest path of fastest latencies: 2 + max(3, 1 + 4) + 1.
TEST(IsolatedTime, LongestPathOfADag) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  add_network(s, "dag", {{2ms, 9ms}, {3ms, 8ms}, {7ms, 1ms}, {4ms, 4ms}, {1ms, kCannotRun}},
              {{}, {0}, {0}, {2}, {1, 3}});
  EXPECT_EQ(isolated_time(s.networks[0]), Duration{8ms});
}

// A group of two takes 5 ms for what one takes 8 ms for.
TEST(IsolatedTime, CountsGroupsOfAccelerators) {
  Scenario s = platform({{"gpu", 2}});
  s.platform.types[0].group_sizes = {2};
  const auto net = add_network(s, "net", {{8ms}, {2ms}});
  s.networks[net].group_latency = {5ms, kCannotRun};
  EXPECT_EQ(isolated_time(s.networks[net]), Duration{7ms});
}

// One accelerator, both at 0: a runs 0–4, b 4–6 and is late.
TEST(ServiceOfRuns, TwoJobsOnOneAccelerator) {
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "a", add_network(s, "a", {{4ms}}), 10ms, releases({0ms}));
  add_task(s, "b", add_network(s, "b", {{2ms}}), 5ms, releases({0ms}));
  RunOptions options;
  options.check_invariants = true;
  const RunResult r = terastal::run(s, testing::known_policies().parse("fcfs"), options);
  ASSERT_TRUE(r.service);
  EXPECT_DOUBLE_EQ(*r.service->antt, 2.0);
  EXPECT_DOUBLE_EQ(*r.service->stp, 4.0 / 3.0);
  EXPECT_DOUBLE_EQ(*r.service->fairness, 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(*r.service->throughput_per_s, 2.0 / 6e-3);
  EXPECT_DOUBLE_EQ(*r.service->sla, 0.5);
  options.service.reset();
  EXPECT_FALSE(terastal::run(s, testing::known_policies().parse("fcfs"), options).service);
}

// V/N = 3/10 and 0/20; 8 of 10 and 6 of 12: (0.3 + 0.025) · (0.8 + 0.5).
TEST(Uxcost, ByHand) {
  const std::vector<UxcostPart> parts = {{3, 10, 10, 8.0, 10.0}, {0, 20, 20, 6.0, 12.0}, {0, 0, 0, 0.0, 0.0}};
  EXPECT_DOUBLE_EQ(*uxcost_violations(parts[1]), 0.025);
  EXPECT_DOUBLE_EQ(*uxcost(parts), 0.4225);
  EXPECT_FALSE(uxcost_violations(parts[2]));
  EXPECT_FALSE(uxcost({}));
}

TEST(Xrbench, ScoresOfOneInference) {
  EXPECT_DOUBLE_EQ(xrbench_real_time(0.0), 0.5);
  EXPECT_NEAR(xrbench_real_time(0.3), 0.010987, 1e-6);
  EXPECT_NEAR(xrbench_real_time(-0.3), 0.989013, 1e-6);
  EXPECT_EQ(xrbench_real_time(1000.0), 0.0);
  EXPECT_EQ(xrbench_real_time(-1000.0), 1.0);
  EXPECT_DOUBLE_EQ(xrbench_energy(300.0), 0.8);
  EXPECT_DOUBLE_EQ(xrbench_energy(3000.0), -1.0);
}

// Two early ones at 300 mJ and one drop: in the code the drop counts in the divisor and in the experience.
TEST(Xrbench, DropsCountTwiceInTheCode) {
  XrbenchModel model;
  model.add_completed(-100.0, 300.0, 0.5);
  model.add_completed(-100.0, 300.0, 1.5); // better than the baseline is no better than it
  model.add_dropped();
  const XrbenchScores s = model.scores();
  EXPECT_DOUBLE_EQ(s.real_time, 1.0);
  EXPECT_DOUBLE_EQ(s.energy, 0.8);
  EXPECT_DOUBLE_EQ(s.experience, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(s.code, 1.6 / 3.0 * 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(s.clean, 0.8 * 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(s.clean_accuracy, 0.6 * 2.0 / 3.0);
}

TEST(Xrbench, ModelsWithoutAnEntryAndClamping) {
  XrbenchModel spender;
  spender.add_completed(-100.0, 3000.0);
  const std::vector<XrbenchScores> scores = {spender.scores(), XrbenchModel().scores()};
  EXPECT_DOUBLE_EQ(*xrbench_code_score(scores), -100.0);
  EXPECT_DOUBLE_EQ(*xrbench_clean_score(scores), 0.0);
  XrbenchModel good;
  good.add_completed(-100.0, 0.0);
  const std::vector<XrbenchScores> half = {good.scores(), XrbenchModel().scores()};
  EXPECT_DOUBLE_EQ(*xrbench_code_score(half), 100.0);
  EXPECT_DOUBLE_EQ(*xrbench_clean_score(half), 50.0);
}

} // namespace
} // namespace terastal
