#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/planaria.hpp"

namespace terastal {
namespace {

using namespace testing;

/// Tasks in the order in which they start, each with a single layer.
std::vector<TaskIndex> order(const Scenario& s, const std::string& policy) {
  std::vector<TaskIndex> tasks;
  for (const auto& e : run(s, policy).events.started) tasks.push_back(e.task);
  return tasks;
}

using Order = std::vector<TaskIndex>;

/// One accelerator, held until 10 ms by task 0.
Scenario held() {
  Scenario s = platform({{"npu", 1}});
  add_task(s, "hold", add_network(s, "hold", {{10ms}}), 1s, releases({0ms}));
  return s;
}

TEST(Planaria, Score) {
  EXPECT_DOUBLE_EQ(planaria_score(3.0, 2.0), 1.5);
  EXPECT_DOUBLE_EQ(planaria_score(3.0, -2.0), -1.5);
  EXPECT_EQ(planaria_score(3.0, 0.0), std::numeric_limits<double>::infinity());
}

// At 10: 1/10, 3/40 and 9/40 per ms.
TEST(Planaria, WeightOverSlack) {
  Scenario s = held();
  const auto net = add_network(s, "net", {{1ms}});
  add_task(s, "near", net, 19ms, releases({1ms}));
  add_task(s, "middle", net, 49ms, releases({1ms})).weight = 3.0;
  add_task(s, "high", net, 49ms, releases({1ms})).weight = 9.0;
  EXPECT_EQ(order(s, "planaria"), (Order{0, 3, 1, 2}));
}

// At 10, after 5 and 8: −1/5 and −1/2 per ms.
Scenario two_late() {
  Scenario s = held();
  const auto net = add_network(s, "net", {{1ms}});
  add_task(s, "later", net, 6ms, releases({2ms}));
  add_task(s, "late", net, 4ms, releases({1ms}));
  return s;
}

TEST(Planaria, WhenAllAreLateTheLastReleaseGoesFirst) {
  EXPECT_EQ(order(two_late(), "planaria"), (Order{0, 1, 2}));
  EXPECT_EQ(order(two_late(), "planaria:all_late=largest_score"), (Order{0, 2, 1}));
}

TEST(Planaria, AJobThatIsNotLateGoesBeforeThoseThatAre) {
  Scenario s = two_late();
  add_task(s, "far", s.tasks[1].network, 900ms, releases({1ms}));
  add_task(s, "now", s.tasks[1].network, 9ms, releases({1ms})); // its deadline is 10
  EXPECT_EQ(order(s, "planaria"), (Order{0, 4, 3, 1, 2}));
}

// Two jobs at 10 ms; the better score takes the accelerator that finishes it first.
TEST(Planaria, SeveralAccelerators) {
  Scenario s = platform({{"slow", 1}, {"fast", 1}});
  add_task(s, "hold", add_network(s, "hold", {{10ms, 10ms}}), 1s, releases({0ms, 0ms}));
  const auto net = add_network(s, "net", {{5ms, 2ms}});
  add_task(s, "far", net, 99ms, releases({1ms}));
  add_task(s, "near", net, 19ms, releases({1ms}));
  const Outcome out = run(s, "planaria");
  EXPECT_EQ(out.events.finish.at({2U, 0U}), at(12ms));
  EXPECT_EQ(out.events.finish.at({1U, 0U}), at(15ms));
}

} // namespace
} // namespace terastal
