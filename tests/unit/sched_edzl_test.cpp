#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace terastal {
namespace {

using namespace testing;
using Finishes = std::vector<Duration>;

Finishes finishes(const Scenario& s, const std::string& policy) {
  const Outcome out = run(s, policy);
  Finishes result;
  for (TaskIndex t = 0; t < s.tasks.size(); ++t) result.push_back(out.events.finish.at({t, 0}).time_since_epoch());
  return result;
}

// At 2, B has to run without a break to meet 12; A's second layer waits although its deadline is earlier.
TEST(Edzl, ZeroLaxityGoesFirst) {
  Scenario s = platform({{"npu", 1}});
  add_task(s, "A", add_network(s, "A", {{2ms}, {2ms}}), 10ms, releases({0ms}));
  add_task(s, "B", add_network(s, "B", {{5ms}, {5ms}}), 12ms, releases({0ms}));
  EXPECT_EQ(finishes(s, "edf"), (Finishes{4ms, 14ms}));
  EXPECT_EQ(finishes(s, "edzl"), (Finishes{14ms, 12ms}));
  s.tasks[1].deadline += 1ns; // 1 ns of laxity is laxity
  EXPECT_EQ(finishes(s, "edzl"), (Finishes{4ms, 14ms}));
}

/// At 10: X has laxity −2, Y and Z have some; deadlines 20, 15, 30.
Scenario hopeless_x() {
  Scenario s = platform({{"npu", 1}});
  add_task(s, "hold", add_network(s, "hold", {{10ms}}), 1s, releases({0ms}));
  add_task(s, "X", add_network(s, "X", {{12ms}}), 19ms, releases({1ms}));
  add_task(s, "Y", add_network(s, "Y", {{2ms}}), 14ms, releases({1ms}));
  add_task(s, "Z", add_network(s, "Z", {{2ms}}), 29ms, releases({1ms}));
  return s;
}

TEST(Edzl, HopelessJobs) {
  EXPECT_EQ(finishes(hopeless_x(), "edzl"), (Finishes{10ms, 22ms, 24ms, 26ms}));
  EXPECT_EQ(finishes(hopeless_x(), "edzl:hopeless=deadline"), (Finishes{10ms, 24ms, 12ms, 26ms}));
  EXPECT_EQ(finishes(hopeless_x(), "edzl:hopeless=last"), (Finishes{10ms, 26ms, 12ms, 14ms}));
}

// On `fast` B takes 8, so it has no laxity left at 2 and takes the one idle accelerator, the slow one.
TEST(Edzl, LaxityCountsTheFastestAccelerator) {
  Scenario s = platform({{"fast", 1}, {"slow", 1}});
  add_task(s, "hold", add_network(s, "hold", {{20ms, kCannotRun}}), 20ms, releases({0ms}));
  add_task(s, "A", add_network(s, "A", {{2ms, 2ms}, {2ms, 2ms}}), 9ms, releases({0ms}));
  add_task(s, "B", add_network(s, "B", {{8ms, 9ms}}), 10ms, releases({0ms}));
  EXPECT_EQ(finishes(s, "edzl"), (Finishes{20ms, 13ms, 11ms}));
}

TEST(Edzl, OfSeveralWithoutLaxityTheEarlierDeadlineGoesFirst) {
  Scenario s = platform({{"npu", 1}});
  add_task(s, "late", add_network(s, "five", {{5ms}}), 5ms, releases({0ms}));
  add_task(s, "early", add_network(s, "four", {{4ms}}), 4ms, releases({0ms}));
  EXPECT_EQ(finishes(s, "edzl"), (Finishes{9ms, 4ms}));
}

} // namespace
} // namespace terastal
