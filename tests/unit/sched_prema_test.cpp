#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/prema.hpp"

namespace terastal {
namespace {

using namespace testing;

std::vector<Duration> finishes(const Scenario& s, const std::string& policy) {
  const Outcome out = run(s, policy);
  std::vector<Duration> result;
  for (TaskIndex t = 0; t < s.tasks.size(); ++t) result.push_back(out.events.finish.at({t, 0}).time_since_epoch());
  return result;
}

using Finishes = std::vector<Duration>;

Job waiting(TaskIndex task, double weight, Duration release) {
  Job job{};
  job.task = task;
  job.weight = weight;
  job.release = job.last_served = at(release);
  return job;
}

// Weights 1, 3, 9, isolated times 10, 4, 20, waited 30, 8, 1: tokens 4, 9, 9.45.
TEST(PremaTokens, WorkedExample) {
  for (const TokenRule rule : {TokenRule::harness, TokenRule::elapsed}) {
    PremaTokens tokens(rule);
    tokens.reset({10e-3, 4e-3, 20e-3});
    const std::vector<Job> jobs{waiting(0, 1, 0ms), waiting(1, 3, 22ms), waiting(2, 9, 29ms)};
    for (JobSlot j = 0; j < 3; ++j) EXPECT_DOUBLE_EQ(tokens.advance(j, jobs[j], jobs[j].release), jobs[j].weight);
    EXPECT_DOUBLE_EQ(tokens.advance(0, jobs[0], at(30ms)), 4.0);
    EXPECT_DOUBLE_EQ(tokens.advance(1, jobs[1], at(30ms)), 9.0);
    EXPECT_DOUBLE_EQ(tokens.advance(2, jobs[2], at(30ms)), 9.45);
  }
  EXPECT_EQ(PremaTokens::threshold(9.45), 9.0);
}

TEST(PremaTokens, ThresholdIsTheLevelReached) {
  for (const auto& [token, level] :
       std::vector<std::pair<double, double>>{{0.5, 0}, {1, 1}, {2.99, 1}, {3, 3}, {8.99, 3}, {9, 9}, {1000, 9}}) {
    EXPECT_EQ(PremaTokens::threshold(token), level) << token;
  }
}

TEST(PremaTokens, TheHarnessAddsAllIdleTimeAtEveryDecision) {
  const Job job = waiting(0, 2, 0ms);
  PremaTokens harness(TokenRule::harness);
  PremaTokens elapsed(TokenRule::elapsed);
  for (PremaTokens* tokens : {&harness, &elapsed}) {
    tokens->reset({10e-3});
    EXPECT_DOUBLE_EQ(tokens->advance(0, job, at(0ms)), 2.0);
    EXPECT_DOUBLE_EQ(tokens->advance(0, job, at(5ms)), 3.0);
    EXPECT_DOUBLE_EQ(tokens->advance(0, job, at(5ms)), 3.0) << "once an instant";
  }
  EXPECT_DOUBLE_EQ(harness.advance(0, job, at(10ms)), 5.0); // + 2 · 10/10
  EXPECT_DOUBLE_EQ(elapsed.advance(0, job, at(10ms)), 4.0); // + 2 · 5/10
}

TEST(PremaTokens, OnlyElapsedCountsTheWaitBeforeTheFirstDecision) {
  const Job job = waiting(0, 2, 0ms);
  PremaTokens harness(TokenRule::harness);
  PremaTokens elapsed(TokenRule::elapsed);
  harness.reset({10e-3});
  elapsed.reset({10e-3});
  EXPECT_DOUBLE_EQ(harness.advance(0, job, at(5ms)), 2.0);
  EXPECT_FALSE(harness.counts(0, at(5ms)));
  EXPECT_DOUBLE_EQ(elapsed.advance(0, job, at(5ms)), 3.0);
  EXPECT_TRUE(elapsed.counts(0, at(5ms)));
}

TEST(PremaTokens, ServiceIsNotWaiting) {
  Job job = waiting(0, 1, 0ms);
  PremaTokens tokens(TokenRule::elapsed);
  tokens.reset({10e-3});
  tokens.advance(0, job, at(0ms));
  job.last_served = at(7ms); // ran from 0 to 7
  EXPECT_DOUBLE_EQ(tokens.advance(0, job, at(9ms)), 1.2);
}

TEST(PremaTokens, ASlotThatIsUsedAgainStartsAnew) {
  Job job = waiting(0, 3, 0ms);
  PremaTokens tokens(TokenRule::harness);
  tokens.reset({10e-3});
  tokens.advance(4, job, at(0ms));
  EXPECT_DOUBLE_EQ(tokens.advance(4, job, at(10ms)), 6.0);
  job.index = 1;
  EXPECT_DOUBLE_EQ(tokens.advance(4, job, at(12ms)), 3.0);
}

// A: weight 1, layers of 4 and 4; B: weight 3, one layer of 10.
Scenario two_jobs() {
  Scenario s = platform({{"npu", 1}});
  add_task(s, "A", add_network(s, "A", {{4ms}, {4ms}}), 1s, releases({0ms}));
  add_task(s, "B", add_network(s, "B", {{10ms}}), 1s, releases({0ms})).weight = 3.0;
  return s;
}

// At 0 both are new, so no token counts and the shorter one runs; at 4, B has 3 + 3 · 4/10 = 4.2, which passes the
// level of 3.
TEST(Prema, NewJobsDoNotRaiseTheThreshold) { EXPECT_EQ(finishes(two_jobs(), "prema"), (Finishes{18ms, 14ms})); }

TEST(Prema, ElapsedTokensCountAtOnce) {
  EXPECT_EQ(finishes(two_jobs(), "prema:tokens=elapsed"), (Finishes{18ms, 10ms}));
}

// The worked example as a dispatch: at 30, tokens 4, 9 and 9.45; the second is the shorter of two candidates.
TEST(Prema, ShortestOfTheCandidates) {
  Scenario s = platform({{"npu", 1}});
  add_task(s, "hold", add_network(s, "hold", {{30ms}}), 1s, releases({0ms})).weight = 9.0;
  add_task(s, "low", add_network(s, "low", {{10ms}}), 1s, releases({0ms})).weight = 1.0;
  add_task(s, "middle", add_network(s, "middle", {{4ms}}), 1s, releases({22ms})).weight = 3.0;
  add_task(s, "high", add_network(s, "high", {{20ms}}), 1s, releases({29ms})).weight = 9.0;
  EXPECT_EQ(finishes(s, "prema:tokens=elapsed"), (Finishes{30ms, 64ms, 34ms, 54ms}));
}

// Both accelerators come free at 10. X starts; when the scheduler is asked again at the same instant, Y and Z are still
// new, so Z's weight of 9 does not count and the shorter Y starts.
TEST(Prema, StateAdvancesOnceAnInstant) {
  Scenario s = platform({{"npu", 2}});
  const auto hold = add_network(s, "hold", {{10ms}});
  add_task(s, "H", hold, 1s, releases({0ms, 0ms}));
  add_task(s, "X", add_network(s, "X", {{2ms}}), 1s, releases({1ms}));
  add_task(s, "Y", add_network(s, "Y", {{3ms}}), 1s, releases({1ms}));
  add_task(s, "Z", add_network(s, "Z", {{5ms}}), 1s, releases({1ms})).weight = 9.0;
  EXPECT_EQ(finishes(s, "prema"), (Finishes{10ms, 12ms, 13ms, 17ms}));
}

// Urgent waits for a; what can run on b does not have to reach its level.
TEST(Prema, LayersThatCannotStartDoNotRaiseTheThreshold) {
  Scenario s = platform({{"a", 1}, {"b", 1}});
  const auto only_a = add_network(s, "only a", {{10ms, kCannotRun}});
  add_task(s, "urgent", only_a, 1s, releases({0ms, 0ms})).weight = 9.0;
  add_task(s, "other", add_network(s, "only b", {{kCannotRun, 2ms}}), 1s, releases({1ms}));
  for (const char* policy : {"prema", "prema:tokens=elapsed"}) {
    EXPECT_EQ(run(s, policy).events.finish.at({1U, 0U}), at(3ms)) << policy;
  }
}

TEST(Prema, WeightsOfATraceAreThoseOfItsJobs) {
  Scenario s = two_jobs();
  s.tasks[1].weight = 1.0;
  std::get<TraceArrivals>(s.tasks[1].arrivals).entries[0].weight = 3.0;
  EXPECT_EQ(finishes(s, "prema:tokens=elapsed"), (Finishes{18ms, 10ms}));
}

} // namespace
} // namespace terastal
