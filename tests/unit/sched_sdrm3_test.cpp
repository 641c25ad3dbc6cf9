#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/sdrm3.hpp"

namespace terastal {
namespace {

using namespace testing;

TEST(Sdrm3, Score) {
  EXPECT_DOUBLE_EQ(sdrm3_score(4, 8, 9, 4, 1.0), 0.5 + 2.25);
  EXPECT_DOUBLE_EQ(sdrm3_score(4, 8, 9, 4, 0.1), 0.5 + 0.225);
  EXPECT_DOUBLE_EQ(sdrm3_score(6, 3, 0, 5, 1.0), 1.0) << "urgency is at most 1";
  EXPECT_DOUBLE_EQ(sdrm3_score(4, -2, 1, 4, 1.0), -2.0 + 0.25);
  EXPECT_DOUBLE_EQ(sdrm3_score(4, 0, 0, 4, 1.0), 1.0);
}

/// One accelerator, held until 10 ms. At 10, `one` has urgency 4/8 and has waited 9/4 of its layer; `two` has urgency 1
/// and has waited 2/5.
Scenario example() {
  Scenario s = platform({{"npu", 1}});
  add_task(s, "hold", add_network(s, "hold", {{10ms}}), 1s, releases({0ms}));
  add_task(s, "one", add_network(s, "one", {{4ms}}), 17ms, releases({1ms}));
  add_task(s, "two", add_network(s, "two", {{5ms}, {1ms}}), 5ms, releases({8ms}));
  return s;
}

TEST(Sdrm3, StarvationAndUrgency) {
  const Outcome starved = run(example(), "sdrm3");
  EXPECT_EQ(starved.events.finish.at({1U, 0U}), at(14ms));
  EXPECT_EQ(starved.events.finish.at({2U, 0U}), at(20ms));
  // At 15, `two` is late by 2: −1/2 against 4/3, capped at 1.
  const Outcome urgent = run(example(), "sdrm3:alpha=0");
  EXPECT_EQ(urgent.events.finish.at({1U, 0U}), at(19ms));
  EXPECT_EQ(urgent.events.finish.at({2U, 0U}), at(20ms));
}

// At 10: −1/1 and −1/5.
TEST(Sdrm3, WhenAllAreLateTheLastReleaseGoesFirst) {
  Scenario s = platform({{"npu", 1}});
  const auto net = add_network(s, "net", {{1ms}});
  add_task(s, "hold", add_network(s, "hold", {{10ms}}), 1s, releases({0ms}));
  add_task(s, "later", net, 7ms, releases({2ms}));
  add_task(s, "late", net, 4ms, releases({1ms}));
  EXPECT_EQ(run(s, "sdrm3:alpha=0").events.finish.at({1U, 0U}), at(11ms));
  EXPECT_EQ(run(s, "sdrm3:alpha=0:all_late=largest_score").events.finish.at({1U, 0U}), at(12ms));
}

} // namespace
} // namespace terastal
