#include <algorithm> // set_intersection
#include <iterator>
#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace terastal {
namespace {

using namespace testing;

/// Task 0 (2 ms, every 20 ms) releases task 1 (3 ms, deadline 6 ms).
Scenario pair_of_tasks() {
  Scenario s = platform({{"gpu", 1}}, 40ms);
  const auto root = add_network(s, "root", {{2ms}});
  const auto child = add_network(s, "child", {{3ms}});
  add_task(s, "root", root, 20ms, PeriodicArrivals{20ms, 1ms});
  add_task(s, "child", child, 6ms, NoArrivals{}).parent = Parent{0, 1.0};
  return s;
}

std::vector<ReleaseEvent> releases_of(const Outcome& out, TaskIndex task) {
  std::vector<ReleaseEvent> found;
  for (const auto& e : out.events.released) {
    if (e.task == task) found.push_back(e);
  }
  return found;
}

// Roots at 1 and 21 ms complete at 3 and 23: there the children are released; they complete at 6 and 26.
TEST(Cascade, ChildIsReleasedWhenItsParentCompletes) {
  const Outcome out = run(pair_of_tasks(), "edf");
  const auto children = releases_of(out, 1);
  ASSERT_EQ(children.size(), 2U);
  EXPECT_EQ(children[0].time, at(3ms));
  EXPECT_EQ(children[1].time, at(23ms));
  EXPECT_EQ(children[1].job, 1U);
  EXPECT_EQ(children[1].root_release, at(21ms));
  EXPECT_EQ(out.events.finish.at({1U, 1U}), at(26ms));
  const TaskResult& child = out.result.tasks[1];
  EXPECT_EQ(child.response.max, Duration{3ms});
  ASSERT_TRUE(child.end_to_end);
  EXPECT_EQ(child.end_to_end->max, Duration{5ms});
  EXPECT_FALSE(out.result.tasks[0].end_to_end);
}

TEST(Cascade, DeadlineCountsFromTheRootOrFromTheTrigger) {
  Scenario s = pair_of_tasks();
  EXPECT_EQ(releases_of(run(s, "edf"), 1).front().deadline, at(7ms)); // 1 + 6
  s.tasks[1].parent->deadline_from_root = false;
  EXPECT_EQ(releases_of(run(s, "edf"), 1).front().deadline, at(9ms)); // 3 + 6
}

// a → b → c, 2, 3 and 1 ms, released at 1: c is released at 6 and completes at 7.
TEST(Cascade, RootReachesThroughTheWholeChain) {
  Scenario s = pair_of_tasks();
  add_task(s, "grandchild", add_network(s, "last", {{1ms}}), 10ms, NoArrivals{}).parent = Parent{1, 1.0};
  Outcome out = run(s, "edf");
  const ReleaseEvent last = releases_of(out, 2).front();
  EXPECT_EQ(last.time, at(6ms));
  EXPECT_EQ(last.root_release, at(1ms));
  EXPECT_EQ(last.deadline, at(11ms));
  EXPECT_EQ(out.result.tasks[2].end_to_end->max, Duration{6ms});
  s.tasks[2].parent->deadline_from_root = false;
  out = run(s, "edf");
  EXPECT_EQ(releases_of(out, 2).front().deadline, at(16ms));
  EXPECT_EQ(out.result.tasks[2].end_to_end->max, Duration{6ms});
}

TEST(Cascade, OneParentMayHaveSeveralChildren) {
  Scenario s = pair_of_tasks();
  add_task(s, "second", 1, 30ms, NoArrivals{}).parent = Parent{0, 1.0};
  const Outcome out = run(s, "edf");
  EXPECT_EQ(releases_of(out, 1).front().time, at(3ms));
  EXPECT_EQ(releases_of(out, 2).front().time, at(3ms));
}

TEST(Cascade, ProbabilityZeroReleasesNothing) {
  Scenario s = pair_of_tasks();
  s.tasks[1].parent->probability = 0.0;
  const Outcome out = run(s, "edf");
  EXPECT_TRUE(releases_of(out, 1).empty());
  EXPECT_EQ(out.result.tasks[1].released, 0U);
  EXPECT_EQ(out.result.mean_miss_rate, 0.0); // over the one task that released something
}

TEST(Cascade, DroppedParentsReleaseNothing) {
  Scenario s = pair_of_tasks();
  s.tasks[0].deadline = 1ms; // less than it needs
  s.tasks[0].late_jobs = LateJobs::drop_hopeless;
  const Outcome out = run(s, "edf");
  EXPECT_EQ(out.result.tasks[0].dropped, 2U);
  EXPECT_TRUE(releases_of(out, 1).empty());
}

TEST(Cascade, LateParentsReleaseTheirChildren) {
  Scenario s = pair_of_tasks();
  s.tasks[0].deadline = 1ms;
  EXPECT_EQ(releases_of(run(s, "edf"), 1).size(), 2U);
}

// Released at 3 ms with a deadline of 1 + 1.5: late before it began.
TEST(Cascade, ChildThatIsLateAtItsReleaseIsDroppedThere) {
  Scenario s = pair_of_tasks();
  s.tasks[1].deadline = 1500us;
  for (const LateJobs rule : {LateJobs::drop_at_deadline, LateJobs::drop_hopeless}) {
    s.tasks[1].late_jobs = rule;
    const Outcome out = run(s, "edf");
    EXPECT_EQ(out.result.tasks[1].dropped, 2U);
    EXPECT_EQ(out.events.finish.at({1U, 0U}), at(3ms));
  }
  s.tasks[1].late_jobs = LateJobs::run_on;
  EXPECT_EQ(run(s, "edf").result.tasks[1].late, 2U);
}

// Roots at 1 and 21 ms. The second child is released at 23, beyond the horizon of 22, and counts with its root. A
// warm-up of 2 ms takes out the first root and with it the first child, though that is released at 3.
TEST(Cascade, ChildrenAreCountedWithTheirRoot) {
  Scenario s = pair_of_tasks();
  s.horizon = 22ms;
  EXPECT_EQ(run(s, "edf").result.tasks[1].released, 2U);
  s.warm_up = 2ms;
  const Outcome out = run(s, "edf");
  EXPECT_EQ(out.result.tasks[0].released, 1U);
  EXPECT_EQ(out.result.tasks[1].released, 1U);
}

/// 20000 roots, of which a part releases a child.
Scenario many(double probability) {
  Scenario s = platform({{"gpu", 1}}, 200ms);
  const auto net = add_network(s, "net", {{1us}});
  add_task(s, "root", net, 20us, PeriodicArrivals{10us});
  add_task(s, "child", net, 20us, NoArrivals{}).parent = Parent{0, probability};
  add_task(s, "other", net, 20us, NoArrivals{}).parent = Parent{0, probability};
  return s;
}

std::set<Time> roots_with_child(const Outcome& out, TaskIndex task) {
  std::set<Time> roots;
  for (const auto& e : releases_of(out, task)) roots.insert(e.root_release);
  return roots;
}

// Five standard errors of a share p of 20000: 5 · √(p (1 − p) / 20000).
TEST(Cascade, ProbabilityIsKept) {
  const Outcome out = run(many(0.3), "fcfs");
  EXPECT_NEAR(static_cast<double>(releases_of(out, 1).size()) / 20'000.0, 0.3, 0.0162);
  const auto first = roots_with_child(out, 1);
  const auto second = roots_with_child(out, 2);
  EXPECT_EQ(first.size(), releases_of(out, 1).size());
  std::vector<Time> both;
  std::set_intersection(first.begin(), first.end(), second.begin(), second.end(), std::back_inserter(both));
  EXPECT_NEAR(static_cast<double>(both.size()) / 20'000.0, 0.09, 0.0102); // children are drawn independently
}

TEST(Cascade, AllPoliciesSeeTheSameChildren) {
  Scenario s = many(0.5);
  s.horizon = 20ms;
  s.networks[0].latency[0] = 5us; // overload: completions come in different orders
  const Outcome fcfs = run(s, "fcfs");
  const Outcome last = run(s, "fp");
  EXPECT_NE(fcfs.result.digest, last.result.digest);
  EXPECT_EQ(roots_with_child(fcfs, 1), roots_with_child(last, 1));
  EXPECT_EQ(roots_with_child(fcfs, 2), roots_with_child(last, 2));
  s.seed = 2;
  EXPECT_NE(roots_with_child(run(s, "fcfs"), 1), roots_with_child(fcfs, 1));
}

// A child's execution time belongs to the frame that caused it, whatever order the policy completes parents in.
TEST(Cascade, DrawsFollowTheFrameUnderEveryPolicy) {
  Scenario s = platform({{"gpu", 1}}, 1s);
  add_task(s, "parent", add_network(s, "parent", {{1ms}, {1ms}}), 50ms, PoissonArrivals{4ms}).execution.kind =
      ExecutionTimes::Kind::exponential;
  Task& child = add_task(s, "child", add_network(s, "child", {{1ms}}), 50ms, NoArrivals{});
  child.parent = Parent{0, 0.7, true};
  child.execution.kind = ExecutionTimes::Kind::exponential;
  // Root release of the frame → execution time of the child.
  const auto child_times = [&](const char* policy) {
    const Outcome out = run(s, policy);
    std::map<JobIndex, Time> root;
    std::map<Time, Duration> times;
    for (const auto& e : out.events.released) {
      if (e.task == 1) root[e.job] = e.root_release;
    }
    for (const auto& e : out.events.started) {
      if (e.task == 1) times[root.at(e.job)] = e.finish - e.time;
    }
    return times;
  };
  const auto fcfs = child_times("fcfs");
  EXPECT_GT(fcfs.size(), 50U);
  EXPECT_EQ(fcfs, child_times("sjf"));
  EXPECT_EQ(fcfs, child_times("dream"));
}

} // namespace
} // namespace terastal
