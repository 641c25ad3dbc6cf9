#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace terastal {
namespace {

using namespace testing;

/// Finish of job `job` of each task.
std::vector<Duration> finishes(const Scenario& s, const std::string& policy, JobIndex job = 0) {
  const Outcome out = run(s, policy);
  std::vector<Duration> result;
  for (TaskIndex t = 0; t < s.tasks.size(); ++t) {
    const auto found = out.events.finish.find({t, job});
    result.push_back(found == out.events.finish.end() ? Duration{0} : found->second.time_since_epoch());
  }
  return result;
}

using Finishes = std::vector<Duration>;

/// Jobs given as (release, latency, deadline), one task each, in layers of 1 ms where `unit_layers`.
struct JobSpec {
  Duration release, latency, deadline;
};

Scenario jobs_on_one(const std::vector<JobSpec>& jobs, bool unit_layers = false) {
  Scenario s = platform({{"gpu", 1}});
  for (const JobSpec& job : jobs) {
    const std::string name = "j" + std::to_string(s.tasks.size());
    const auto pieces = static_cast<std::size_t>(unit_layers ? job.latency / Duration{1ms} : 1);
    const std::vector<std::vector<Duration>> layers(pieces, {unit_layers ? Duration{1ms} : job.latency});
    add_task(s, name, add_network(s, name, layers), job.deadline, releases({job.release}));
  }
  return s;
}

// Three jobs at 0 on one accelerator, made so that every rule gives another order:
//            latency  deadline  laxity  period  priority
//   x           4       10.5      6.5      11       3
//   y           2        9        7        13       2
//   z           5       10        5        12       1
Scenario three_orders() {
  Scenario s = platform({{"gpu", 1}}, 5ms);
  const std::vector<Duration> latency{4ms, 2ms, 5ms};
  const std::vector<Duration> deadline{10500us, 9ms, 10ms};
  const std::vector<Duration> period{11ms, 13ms, 12ms};
  for (std::size_t t = 0; t < 3; ++t) {
    const std::string name(1, static_cast<char>('x' + t));
    add_task(s, name, add_network(s, name, {{latency[t]}}), deadline[t], PeriodicArrivals{period[t]}).priority =
        3 - static_cast<int>(t);
  }
  return s;
}

TEST(ListRules, EveryRuleHasItsOrder) {
  const Scenario s = three_orders();
  EXPECT_EQ(finishes(s, "fcfs"), (Finishes{4ms, 6ms, 11ms})); // x y z
  EXPECT_EQ(finishes(s, "edf"), (Finishes{11ms, 2ms, 7ms}));  // y z x
  EXPECT_EQ(finishes(s, "llf"), (Finishes{9ms, 11ms, 5ms}));  // z x y
  EXPECT_EQ(finishes(s, "sjf"), (Finishes{6ms, 2ms, 11ms}));  // y x z
  EXPECT_EQ(finishes(s, "rm"), (Finishes{4ms, 11ms, 9ms}));   // x z y
  EXPECT_EQ(finishes(s, "dm"), (Finishes{11ms, 2ms, 7ms}));   // y z x
  EXPECT_EQ(finishes(s, "fp"), (Finishes{11ms, 7ms, 5ms}));   // z y x
  for (const char* rule : {"fcfs", "edf", "llf", "sjf", "rm", "dm", "fp"}) {
    EXPECT_EQ(finishes(s, std::string(rule) + ":placement=earliest_finish"), finishes(s, rule)) << rule;
    EXPECT_EQ(finishes(s, std::string(rule) + ":placement=preferred_only"), finishes(s, rule)) << rule;
  }
}

// EDF goes by the absolute deadline, DM by the task's relative one: y is released 3 ms later.
TEST(ListRules, DeadlineMonotonicIgnoresTheRelease) {
  const Scenario s = jobs_on_one({{0ms, 4ms, 50ms}, {1ms, 4ms, 10ms}, {3ms, 2ms, 9ms}});
  EXPECT_EQ(finishes(s, "edf"), (Finishes{4ms, 8ms, 10ms})); // deadlines 11 and 12
  EXPECT_EQ(finishes(s, "dm"), (Finishes{4ms, 10ms, 6ms}));  // relative deadlines 10 and 9
}

TEST(ListRules, JobsMayHaveTheirOwnDeadlineAndPriority) {
  Scenario s = jobs_on_one({{0ms, 2ms, 50ms}, {0ms, 2ms, 20ms}});
  auto& entry = std::get<TraceArrivals>(s.tasks[0].arrivals).entries[0];
  EXPECT_EQ(finishes(s, "edf"), (Finishes{4ms, 2ms}));
  entry.deadline = 10ms;
  EXPECT_EQ(finishes(s, "edf"), (Finishes{2ms, 4ms}));
  EXPECT_EQ(finishes(s, "dm"), (Finishes{4ms, 2ms})); // the task's
  s.tasks[0].priority = 1;
  EXPECT_EQ(finishes(s, "fp"), (Finishes{4ms, 2ms}));
  entry.priority = -1;
  EXPECT_EQ(finishes(s, "fp"), (Finishes{2ms, 4ms}));
}

// x has layers of 2 and 2 ms from 0 on, y one of 3 ms from 1 on. At 2 ms x was released first, but y has been ready
// since 1.
TEST(ListRules, FcfsByReleaseOrByReadiness) {
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "x", add_network(s, "x", {{2ms}, {2ms}}), 20ms, releases({0ms}));
  add_task(s, "y", add_network(s, "y", {{3ms}}), 20ms, releases({1ms}));
  EXPECT_EQ(finishes(s, "fcfs"), (Finishes{4ms, 7ms}));
  EXPECT_EQ(finishes(s, "fcfs:order=release"), (Finishes{4ms, 7ms}));
  EXPECT_EQ(finishes(s, "fcfs:order=ready"), (Finishes{7ms, 5ms}));
}

// Remaining work and laxity are those of the layers still to run: at 4 ms x has 1 left, y 3.
TEST(ListRules, RemainingShrinksAsLayersFinish) {
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "x", add_network(s, "x", {{4ms}, {1ms}}), 30ms, releases({0ms}));
  add_task(s, "y", add_network(s, "y", {{3ms}}), 30ms, releases({1ms}));
  EXPECT_EQ(finishes(s, "sjf"), (Finishes{5ms, 8ms}));
  EXPECT_EQ(finishes(s, "llf"), (Finishes{8ms, 7ms})); // laxity 31 − 4 − 3 = 24 of y against 30 − 4 − 1 = 25
}

// -- textbook examples (notes on schedulers, 4.5)

TEST(Textbook, JacksonEarliestDueDate) {
  EXPECT_EQ(
      finishes(jobs_on_one({{0ms, 1ms, 3ms}, {0ms, 1ms, 10ms}, {0ms, 1ms, 7ms}, {0ms, 3ms, 8ms}, {0ms, 2ms, 5ms}}),
               "edf"),
      (Finishes{1ms, 8ms, 4ms, 7ms, 3ms})); // order 1, 5, 3, 4, 2
  EXPECT_EQ(finishes(jobs_on_one({{0ms, 1ms, 2ms}, {0ms, 2ms, 5ms}, {0ms, 1ms, 4ms}, {0ms, 4ms, 8ms}, {0ms, 2ms, 6ms}}),
                     "edf"),
            (Finishes{1ms, 4ms, 2ms, 10ms, 6ms})); // order 1, 3, 2, 5, 4
}

// Absolute deadlines 2, 5, 4, 10, 9. Layers of 1 ms make EDF preemptive at whole milliseconds.
TEST(Textbook, HornPreemptiveEdf) {
  const Scenario s =
      jobs_on_one({{0ms, 1ms, 2ms}, {0ms, 2ms, 5ms}, {2ms, 2ms, 2ms}, {3ms, 2ms, 7ms}, {6ms, 2ms, 3ms}}, true);
  EXPECT_EQ(finishes(s, "edf"), (Finishes{1ms, 5ms, 4ms, 9ms, 8ms}));
}

// Absolute deadlines 7, 5, 6, 4: order 4, 2, 3, 1 and nobody late.
TEST(Textbook, BratleyNonPreemptive) {
  const Scenario s = jobs_on_one({{4ms, 2ms, 3ms}, {1ms, 1ms, 4ms}, {1ms, 2ms, 5ms}, {0ms, 2ms, 4ms}});
  EXPECT_EQ(finishes(s, "edf"), (Finishes{7ms, 3ms, 5ms, 2ms}));
  EXPECT_EQ(run(s, "edf").result.weighted_miss_rate, 0.0);
}

// (2, 5) and (4, 7), utilisation 34/35: EDF meets every deadline, rate monotonic does not.
TEST(Textbook, LiuAndLayland) {
  Scenario s = platform({{"gpu", 1}}, 35ms);
  add_task(s, "t1", add_network(s, "t1", {{1ms}, {1ms}}), 5ms, PeriodicArrivals{5ms});
  add_task(s, "t2", add_network(s, "t2", {{1ms}, {1ms}, {1ms}, {1ms}}), 7ms, PeriodicArrivals{7ms});
  const Outcome edf = run(s, "edf");
  EXPECT_EQ(edf.result.weighted_miss_rate, 0.0);
  EXPECT_EQ(edf.result.makespan, at(34ms));
  const Outcome rm = run(s, "rm");
  EXPECT_EQ(rm.events.finish.at({1U, 0U}), at(8ms));
  EXPECT_GT(rm.result.tasks[1].late, 0U);
  EXPECT_EQ(rm.result.tasks[0].late, 0U);
}

// -- placement

/// n jobs of 4 ms on the gpu and `slow` on the npu, all at 0.
Scenario placed(std::size_t n, Duration slow) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  const auto net = add_network(s, "net", {{4ms, slow}});
  for (std::size_t t = 0; t < n; ++t) add_task(s, "t" + std::to_string(t), net, 50ms, releases({0ms}));
  return s;
}

TEST(ListPlacement, FastestIdleNeverWaits) {
  EXPECT_EQ(finishes(placed(2, 10ms), "fcfs"), (Finishes{4ms, 10ms}));
  EXPECT_EQ(finishes(placed(3, 10ms), "fcfs"), (Finishes{4ms, 10ms, 8ms}));
}

// The second job waits for the gpu (4 + 4 < 10) unless the npu is fast enough; the third would have to wait for both
// before it (12 > 10) and takes the npu.
TEST(ListPlacement, EarliestFinishWaitsForABusyAccelerator) {
  const std::string policy = "fcfs:placement=earliest_finish";
  EXPECT_EQ(finishes(placed(2, 10ms), policy), (Finishes{4ms, 8ms}));
  EXPECT_EQ(finishes(placed(2, 7ms), policy), (Finishes{4ms, 7ms}));
  EXPECT_EQ(finishes(placed(2, 8ms), policy), (Finishes{4ms, 8ms})); // equal: the lower accelerator, by waiting
  EXPECT_EQ(finishes(placed(3, 10ms), policy), (Finishes{4ms, 8ms, 10ms}));
}

TEST(ListPlacement, PreferredOnlyWaitsForTheFastestType) {
  const std::string policy = "fcfs:placement=preferred_only";
  EXPECT_EQ(finishes(placed(3, 5ms), policy), (Finishes{4ms, 8ms, 12ms}));
  EXPECT_EQ(finishes(placed(2, 4ms), policy), (Finishes{4ms, 8ms})); // on a tie the first type is preferred
  EXPECT_EQ(finishes(placed(2, 3ms), policy), (Finishes{3ms, 6ms}));
}

TEST(ListPlacement, AcceleratorsOfATypeServeInOrder) {
  Scenario s = platform({{"gpu", 2}});
  add_task(s, "a", add_network(s, "net", {{4ms}}), 50ms, releases({0ms, 1ms, 2ms}));
  const Outcome out = run(s, "fcfs");
  EXPECT_EQ(out.events.started[0].accelerator, 0U);
  EXPECT_EQ(out.events.started[1].accelerator, 1U);
  EXPECT_EQ(out.events.started[2].accelerator, 0U);
  EXPECT_EQ(out.events.finish.at({0U, 2U}), at(8ms));
}

// The first in order needs the gpu, which is busy; the next may use the idle npu meanwhile.
TEST(ListPlacement, LayerThatCannotBePlacedIsPassedOver) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  const auto gpu_only = add_network(s, "gpu_only", {{4ms, kCannotRun}});
  const auto both = add_network(s, "both", {{4ms, 6ms}});
  add_task(s, "a", gpu_only, 50ms, releases({0ms}));
  add_task(s, "b", gpu_only, 50ms, releases({0ms}));
  add_task(s, "c", both, 50ms, releases({0ms}));
  EXPECT_EQ(finishes(s, "fcfs"), (Finishes{4ms, 8ms, 6ms}));
  EXPECT_EQ(finishes(s, "fcfs:placement=earliest_finish"), (Finishes{4ms, 8ms, 6ms}));
}

// An order kept across drops: stale entries of dropped jobs must not be served, though their ids are reused.
TEST(ListRules, DroppedJobsLeaveTheQueue) {
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "hold", add_network(s, "hold", {{10ms}}), 1s, releases({0ms}));
  add_task(s, "gone", add_network(s, "gone", {{3ms}}), 5ms, releases({0ms, 1ms})).late_jobs =
      LateJobs::drop_at_deadline;
  add_task(s, "next", add_network(s, "next", {{2ms}}), 50ms, releases({7ms, 8ms}));
  const Outcome out = run(s, "fcfs");
  EXPECT_EQ(out.events.finish.at({1U, 0U}), at(5ms));
  EXPECT_EQ(out.events.finish.at({1U, 1U}), at(6ms));
  EXPECT_EQ(out.events.finish.at({2U, 0U}), at(12ms));
  EXPECT_EQ(out.events.finish.at({2U, 1U}), at(14ms));
}

// 0 → {1, 2, 3}: the three tie. The engine names the second job's layers by the ids that the first gave back, last
// first.
TEST(ListRules, LayersOfOneJobGoByIndex) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{1ms}, {1ms}, {1ms}, {1ms}}, {{}, {0}, {0}, {0}});
  add_task(s, "a", net, 20ms, PeriodicArrivals{10ms});
  s.horizon = 50ms;
  for (const char* policy : {"fcfs", "edf", "fcfs:placement=preferred_only", "fcfs:placement=earliest_finish"}) {
    const Outcome out = run(s, policy);
    for (std::size_t i = 0; i < out.events.started.size(); ++i) EXPECT_EQ(out.events.started[i].layer, i % 4) << policy;
  }
}

} // namespace
} // namespace terastal
