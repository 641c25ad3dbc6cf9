#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/core/random.hpp"
#include "terastal/metrics/metrics.hpp"
#include "terastal/metrics/sequence.hpp"
#include "terastal/model/granularity.hpp"

namespace terastal {
namespace {

using namespace testing;

/// Hands ends of jobs to Metrics by hand.
class MetricsTest : public ::testing::Test {
 protected:
  MetricsTest() {
    const auto net = add_network(scenario_, "net", {{4ms}, {4ms}});
    add_variant(scenario_, net, 0, "a", {2ms});
    add_variant(scenario_, net, 1, "b", {2ms});
    scenario_.networks[net].accuracy =
        AccuracyModel::measured("top-1", 80.0, {{0, 80.0}, {1, 76.0}, {2, 78.0}, {3, 72.0}});
    const auto plain = add_network(scenario_, "plain", {{4ms}});
    add_task(scenario_, "varied", net, 10ms, NoArrivals{});
    add_task(scenario_, "plain", plain, 10ms, NoArrivals{});
  }

  /// A job released at `release` with deadline release + 10 ms that ends after `response`.
  static JobEndEvent end(TaskIndex task, JobIndex job, Duration release, Duration response, bool dropped = false,
                         VariantSet set = 0) {
    return {at(release + response), task, job, at(release), at(release + 10ms), at(release), set, 1e6, dropped};
  }

  RunResult result(const std::vector<JobEndEvent>& ends, MetricsOptions options = {}) {
    Metrics metrics(scenario_, options);
    for (const auto& e : ends) metrics.on_job_end(e);
    const auto scheduler = testing::known_policies().parse("fcfs").make();
    return metrics.result(Simulator(scenario_, *scheduler));
  }

  Scenario scenario_ = platform({{"gpu", 1}}, 1s);
};

// In time (also at the deadline), late, dropped: 2 of 5.
TEST_F(MetricsTest, MissRateCountsLateAndDropped) {
  const TaskResult t = result({end(1, 0, 0ms, 9ms), end(1, 1, 20ms, 10ms), end(1, 2, 40ms, 10ms + Duration{1}),
                               end(1, 3, 60ms, 5ms, true), end(1, 4, 80ms, 1ms)})
                           .tasks[1];
  EXPECT_EQ(t.released, 5U);
  EXPECT_EQ(t.completed, 4U);
  EXPECT_EQ(t.late, 1U);
  EXPECT_EQ(t.dropped, 1U);
  EXPECT_DOUBLE_EQ(t.miss_rate, 0.4);
  EXPECT_EQ(t.tardiness.max, Duration{1});
  EXPECT_EQ(t.tardiness.count, 4U); // of completed jobs
  EXPECT_DOUBLE_EQ(t.response.mean_s, (9e-3 + 10e-3 + 10e-3 + 1e-12 + 1e-3) / 4);
}

// 1 of 2 and 0 of 8: 0.25 on average over tasks, 0.1 of all jobs. A task without jobs takes no part.
TEST_F(MetricsTest, MeanOverTasksAndJobWeightedRate) {
  add_task(scenario_, "nothing", 1, 10ms, NoArrivals{});
  std::vector<JobEndEvent> ends{end(0, 0, 0ms, 5ms), end(0, 1, 10ms, 15ms)};
  for (JobIndex j = 0; j < 8; ++j) ends.push_back(end(1, j, 100ms, 5ms));
  const RunResult r = result(ends);
  EXPECT_DOUBLE_EQ(r.mean_miss_rate, 0.25);
  EXPECT_DOUBLE_EQ(r.weighted_miss_rate, 0.1);
  EXPECT_EQ(r.tasks[2].miss_rate, 0.0);
}

TEST_F(MetricsTest, NothingAtAll) {
  const RunResult r = result({});
  EXPECT_EQ(r.mean_miss_rate, 0.0);
  EXPECT_EQ(r.weighted_miss_rate, 0.0);
  EXPECT_EQ(r.mean_accuracy_loss, 0.0);
  EXPECT_EQ(r.tasks[0].accuracy_mean, 80.0);
  EXPECT_EQ(r.tasks[0].response.count, 0U);
  EXPECT_EQ(r.accelerators[0].utilisation, 0.0);
}

// Counted: warm-up ≤ release < horizon.
TEST_F(MetricsTest, WarmUpAndHorizon) {
  scenario_.warm_up = 100ms;
  const TaskResult t = result({end(1, 0, 100ms - Duration{1}, 50ms, true), end(1, 1, 100ms, 5ms),
                               end(1, 2, 1s - Duration{1}, 50ms), end(1, 3, 1s, 50ms, true)})
                           .tasks[1];
  EXPECT_EQ(t.released, 2U);
  EXPECT_EQ(t.late, 1U);
  EXPECT_EQ(t.dropped, 0U);
  EXPECT_EQ(t.longest_miss_run, 1U);
  EXPECT_DOUBLE_EQ(t.energy_mj, 2.0); // 1e6 nJ a counted job
}

TEST_F(MetricsTest, PercentilesExact) {
  std::vector<JobEndEvent> ends;
  for (int i = 100; i >= 1; --i) ends.push_back(end(1, static_cast<JobIndex>(100 - i), 0ms, i * Duration{1ms}));
  const DurationSummary exact = result(ends, {true}).tasks[1].response;
  EXPECT_EQ(exact.count, 100U);
  EXPECT_EQ(exact.p50, Duration{50ms}); // nearest rank
  EXPECT_EQ(exact.p95, Duration{95ms});
  EXPECT_EQ(exact.p99, Duration{99ms});
  EXPECT_EQ(exact.max, Duration{100ms});
  EXPECT_DOUBLE_EQ(exact.mean_s, 50.5e-3);
}

TEST_F(MetricsTest, PercentilesOfTheHistogramAreClose) {
  RandomStream random(1, 0, Purpose::sample);
  std::vector<JobEndEvent> ends;
  for (JobIndex j = 0; j < 5000; ++j) {
    ends.push_back(end(1, j, 0ms, Duration{static_cast<Duration::rep>(1e10 * random.exponential())}));
  }
  const TaskResult near = result(ends).tasks[1];
  const TaskResult exact = result(ends, {true}).tasks[1];
  for (const auto& [a, b] : {std::pair(near.response, exact.response), std::pair(near.tardiness, exact.tardiness)}) {
    EXPECT_NEAR(to_seconds(a.p50), to_seconds(b.p50), 1e-3 * to_seconds(b.p50));
    EXPECT_NEAR(to_seconds(a.p95), to_seconds(b.p95), 1e-3 * to_seconds(b.p95));
    EXPECT_NEAR(to_seconds(a.p99), to_seconds(b.p99), 1e-3 * to_seconds(b.p99));
    EXPECT_EQ(a.max, b.max);
    EXPECT_EQ(a.mean_s, b.mean_s);
  }
}

// The cell's middle may lie above every value: a percentile never exceeds the maximum.
TEST_F(MetricsTest, PercentilesStayBelowTheMaximum) {
  const DurationSummary one = result({end(1, 0, 0ms, Duration{1'048'576})}).tasks[1].response;
  EXPECT_EQ(one.p99, Duration{1'048'576});
  EXPECT_EQ(one.max, Duration{1'048'576});
}

// {}, {a}, {a}, {a, b}: (80 + 76 + 76 + 72) / 4 = 76. The dropped job has no accuracy.
TEST_F(MetricsTest, AccuracyIsTheMeanOverCompletedJobs) {
  const RunResult r = result({end(0, 0, 0ms, 1ms), end(0, 1, 0ms, 1ms, false, 1), end(0, 2, 0ms, 1ms, false, 1),
                              end(0, 3, 0ms, 1ms, false, 3), end(0, 4, 0ms, 1ms, true, 2), end(1, 0, 0ms, 1ms)});
  const TaskResult& t = r.tasks[0];
  EXPECT_EQ(t.accuracy_metric, "top-1");
  EXPECT_DOUBLE_EQ(t.accuracy_baseline, 80.0);
  EXPECT_DOUBLE_EQ(t.accuracy_mean, 76.0);
  EXPECT_NEAR(t.accuracy_loss, 0.05, 1e-12);
  EXPECT_NEAR(r.mean_accuracy_loss, 0.05, 1e-12); // over tasks with variants only
  EXPECT_FALSE(r.tasks[1].has_variants);
  EXPECT_EQ(t.set_use, (std::vector<std::pair<std::string, std::uint64_t>>{{"", 1}, {"a", 2}, {"a|b", 1}}));
}

TEST_F(MetricsTest, VariantUsePerLayerAndOption) {
  const TaskResult t = result({end(0, 0, 0ms, 1ms), end(0, 1, 0ms, 1ms, false, 1), end(0, 2, 0ms, 1ms, false, 3),
                               end(0, 3, 0ms, 1ms, false, 2), end(0, 4, 0ms, 1ms, false, 1)})
                           .tasks[0];
  ASSERT_EQ(t.variant_use.size(), 4U);
  const std::vector<std::pair<std::string, std::uint64_t>> expected{{"", 2}, {"a", 3}, {"", 3}, {"b", 2}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(t.variant_use[i].layer, i < 2 ? "net.0" : "net.1");
    EXPECT_EQ(t.variant_use[i].option, expected[i].first);
    EXPECT_EQ(t.variant_use[i].count, expected[i].second);
  }
}

// own {} twice, own {a}, light {}, light {x}: (80 + 80 + 76 + 60 + 56) / 5 = 70.4 against 80.
TEST_F(MetricsTest, AlternativesCountByNetworkAndSet) {
  const auto light = add_network(scenario_, "light", {{1ms}});
  add_variant(scenario_, light, 0, "x", {1ms});
  scenario_.networks[light].accuracy = AccuracyModel::measured("top-1", 60.0, {{0, 60.0}, {1, 56.0}});
  scenario_.tasks[0].alternatives = {light};
  std::vector<JobEndEvent> ends;
  for (const auto& [alternative, set] : {std::pair(0U, 0U), {0U, 0U}, {0U, 1U}, {1U, 0U}, {1U, 1U}}) {
    ends.push_back(end(0, static_cast<JobIndex>(ends.size()), 0ms, 1ms, false, set));
    ends.back().alternative = alternative;
  }
  const TaskResult t = result(ends).tasks[0];
  EXPECT_TRUE(t.has_variants);
  EXPECT_DOUBLE_EQ(t.accuracy_mean, 70.4);
  EXPECT_NEAR(t.accuracy_loss, 0.12, 1e-12);
  using Use = std::vector<std::pair<std::string, std::uint64_t>>;
  EXPECT_EQ(t.set_use, (Use{{"", 2}, {"a", 1}, {"light", 1}, {"light:x", 1}}));
  EXPECT_EQ(t.network_use, (Use{{"net", 3}, {"light", 2}}));
  ASSERT_EQ(t.variant_use.size(), 6U);
  EXPECT_EQ(t.variant_use[0].count, 2U); // of the three jobs of its own network
  EXPECT_EQ(t.variant_use[5].layer, "light:light.0");
  EXPECT_EQ(t.variant_use[5].option, "x");
  EXPECT_EQ(t.variant_use[5].count, 1U);
  EXPECT_TRUE(result(ends).tasks[1].network_use.empty());
}

// Every job on the lighter network, no variant: its accuracy counts, not that of the task's own.
TEST_F(MetricsTest, OnlyTheAlternative) {
  const auto light = add_network(scenario_, "light", {{1ms}});
  scenario_.networks[light].accuracy = AccuracyModel::measured("top-1", 60.0, {{0, 60.0}});
  scenario_.tasks[1].alternatives = {light};
  scenario_.networks[1].accuracy = AccuracyModel::measured("top-1", 80.0, {{0, 80.0}});
  JobEndEvent e = end(1, 0, 0ms, 1ms);
  e.alternative = 1;
  const RunResult r = result({e});
  EXPECT_DOUBLE_EQ(r.tasks[1].accuracy_loss, 0.25);
  EXPECT_DOUBLE_EQ(r.mean_accuracy_loss, 0.25);
}

// Merged into one piece, {a, b} is an option of its own and not one of a and one of b.
TEST_F(MetricsTest, VariantUseOfMergedPieces) {
  scenario_.networks[0] = merge_layers(scenario_.networks[0], Granularity::model, 0.9);
  const TaskResult t = result({end(0, 0, 0ms, 1ms, false, 3), end(0, 1, 0ms, 1ms, false, 1)}).tasks[0];
  ASSERT_EQ(t.variant_use.size(), 4U);
  const std::vector<std::uint64_t> counts{0, 1, 0, 1}; // original, a, b, a|b
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(t.variant_use[i].count, counts[i]) << t.variant_use[i].option;
}

// Out of order: 0 met, 1, 2, 3 missed, 4 met, 5 missed.
TEST_F(MetricsTest, LongestRunOfMissesFollowsTheOrderOfRelease) {
  const auto job = [](JobIndex j) { return end(1, j, 0ms, j == 0 || j == 4 ? 5ms : 15ms, j == 2); };
  EXPECT_EQ(result({job(4), job(2), job(0), job(3), job(5), job(1)}).tasks[1].longest_miss_run, 3U);
  EXPECT_EQ(result({job(0), job(1), job(2), job(3), job(4), job(5)}).tasks[1].longest_miss_run, 3U);
  EXPECT_EQ(result({job(0), job(4)}).tasks[1].longest_miss_run, 0U);
}

std::uint64_t violations(int m, int k, const std::string& outcomes) {
  OutcomeSequence sequence(FirmRequirement{m, k});
  JobIndex job = 0;
  for (const char c : outcomes) {
    sequence.add(job++, c == '1' ? OutcomeSequence::Outcome::met : OutcomeSequence::Outcome::missed);
  }
  return sequence.firm_violations();
}

// Windows of three: 100 001 011 110 101 011 111 110 100: three with fewer than two.
TEST(FirmRequirements, WindowsByHand) {
  EXPECT_EQ(violations(2, 3, "10011011100"), 3U);
  EXPECT_EQ(violations(1, 3, "10011011100"), 0U);
  EXPECT_EQ(violations(3, 3, "10011011100"), 8U);
  EXPECT_EQ(violations(1, 1, "10011011100"), 5U);
  EXPECT_EQ(violations(2, 3, "00"), 0U); // no whole window yet
}

// One miss among 64 met before and 64 after: it is part of 64 windows of 64.
TEST(FirmRequirements, WindowsOf64) {
  const std::string jobs = std::string(64, '1') + "0" + std::string(64, '1');
  EXPECT_EQ(violations(64, 64, jobs), 64U);
  EXPECT_EQ(violations(63, 64, jobs), 0U);
}

TEST_F(MetricsTest, FirmViolationsOutOfOrder) {
  scenario_.tasks[1].firm = FirmRequirement{2, 3};
  const std::string outcomes = "10011011100";
  std::vector<JobEndEvent> ends;
  for (const JobIndex j : {3U, 0U, 2U, 1U, 10U, 9U, 8U, 4U, 6U, 5U, 7U}) {
    ends.push_back(end(1, j, 0ms, outcomes[j] == '1' ? 5ms : 15ms));
  }
  EXPECT_EQ(result(ends).tasks[1].firm_violations, 3U);
  EXPECT_FALSE(result(ends).tasks[0].firm_violations);
}

// Jobs before the warm-up have no part in windows and runs.
TEST_F(MetricsTest, UncountedJobsAreNoPartOfRuns) {
  scenario_.warm_up = 100ms;
  scenario_.tasks[1].firm = FirmRequirement{2, 2};
  const TaskResult t =
      result({end(1, 0, 0ms, 50ms), end(1, 1, 10ms, 50ms), end(1, 2, 100ms, 50ms), end(1, 3, 110ms, 5ms)}).tasks[1];
  EXPECT_EQ(t.longest_miss_run, 1U);
  EXPECT_EQ(t.firm_violations, 1U);
}

// Whole runs: gpu 0–4 a, 4–8 b, 8–12 d (dropped at 10, its layer runs on to 12); npu 0–3 c, idle until 12.
TEST(MetricsOfRuns, UtilisationSwitchesAndEnergy) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  const auto two = add_network(s, "two", {{4ms, kCannotRun}, {4ms, kCannotRun}});
  const auto one = add_network(s, "one", {{4ms, kCannotRun}});
  const auto npu = add_network(s, "npu", {{kCannotRun, 3ms}});
  s.networks[two].energy_nj = {1e6, 0.0, 5e6, 0.0};
  s.networks[one].energy_nj = {2e6, 0.0};
  s.networks[npu].energy_nj = {0.0, 4e6};
  add_task(s, "a", one, 50ms, releases({0ms}));
  add_task(s, "b", one, 50ms, releases({0ms}));
  add_task(s, "c", npu, 50ms, releases({0ms}));
  add_task(s, "d", two, 10ms, releases({0ms})).late_jobs = LateJobs::drop_at_deadline;
  const RunResult r = run(s, "fcfs").result;
  EXPECT_EQ(r.makespan, at(12ms));
  EXPECT_EQ(r.accelerators[0].busy, Duration{12ms});
  EXPECT_DOUBLE_EQ(r.accelerators[0].utilisation, 1.0);
  EXPECT_DOUBLE_EQ(r.accelerators[1].utilisation, 0.25);
  EXPECT_EQ(r.accelerators[0].switches, 2U);
  EXPECT_EQ(r.accelerators[1].switches, 0U);
  EXPECT_EQ(r.accelerators[0].layers, 3U);
  EXPECT_EQ(r.layers_run, 4U);
  EXPECT_EQ(r.decisions, 4U);
  EXPECT_DOUBLE_EQ(r.tasks[3].energy_mj, 1.0); // of the layer that ran before it was dropped
  EXPECT_DOUBLE_EQ(r.energy_mj, 2.0 + 2.0 + 4.0 + 1.0);
  EXPECT_EQ(r.events, 4U + 4U + 1U); // releases, completions, one timer
}

// The timer of a deadline that was met, or a wake-up, is no work: the run ends with its last job.
TEST(MetricsOfRuns, MakespanIsTheEndOfTheLastJob) {
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "a", add_network(s, "net", {{4ms}}), 100ms, releases({0ms})).late_jobs = LateJobs::drop_at_deadline;
  const RunResult r = run(s, "fcfs").result;
  EXPECT_EQ(r.makespan, at(4ms));
  EXPECT_DOUBLE_EQ(r.accelerators[0].utilisation, 1.0);
}

} // namespace
} // namespace terastal
