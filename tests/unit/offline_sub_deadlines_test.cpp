#include <vector>

#include <gtest/gtest.h>

#include "terastal/offline/sub_deadlines.hpp"

namespace terastal {
namespace {

using namespace std::chrono_literals;
using Rule = SubDeadlineRule;

/// Times (2, 4, 4) ms released at 0 with 20 ms.
StagedChain example() { return {Time{}, Time{20ms}, {2ms, 4ms, 4ms}}; }

std::vector<Time> at(std::vector<Duration> times) {
  std::vector<Time> result;
  for (const Duration d : times) result.emplace_back(d);
  return result;
}

TEST(SubDeadlines, StaticFormsOfTheWorkedExample) {
  const StagedChain chain = example();
  EXPECT_EQ(sub_deadlines(Rule::ultimate, chain), at({20ms, 20ms, 20ms}));
  EXPECT_EQ(sub_deadlines(Rule::effective, chain), at({12ms, 16ms, 20ms}));
  // 5 1/3 and 12 2/3, rounded down to 1 ps
  EXPECT_EQ(sub_deadlines(Rule::equal_slack, chain), at({Duration{5'333'333'333}, Duration{12'666'666'666}, 20ms}));
  EXPECT_EQ(sub_deadlines(Rule::equal_flexibility, chain), at({4ms, 12ms, 20ms}));
  EXPECT_EQ(sub_deadlines(Rule::proportional, chain), at({4ms, 12ms, 20ms}));
}

TEST(SubDeadlines, DynamicEqualFlexibilityTakesUpWhatEarlierStagesLeft) {
  const StagedChain chain = example();
  // The first stage ends at 2 instead of 4, the second at 6: the slack left goes to the stages left.
  EXPECT_EQ(sub_deadline(Rule::equal_flexibility, chain, 0, Time{}), Time{4ms});
  EXPECT_EQ(sub_deadline(Rule::equal_flexibility, chain, 1, Time{2ms}), Time{11ms});
  EXPECT_EQ(sub_deadline(Rule::equal_flexibility, chain, 2, Time{6ms}), Time{20ms});
}

TEST(SubDeadlines, DynamicEqualSlack) {
  const StagedChain chain = example();
  EXPECT_EQ(sub_deadline(Rule::equal_slack, chain, 1, Time{2ms}), Time{11ms}); // 2 + 4 + 10 / 2
  EXPECT_EQ(sub_deadline(Rule::equal_slack, chain, 1, Time{8ms}), Time{14ms}); // 8 + 4 + 4 / 2
}

TEST(SubDeadlines, TheOthersDoNotLookAtTheTime) {
  const StagedChain chain = example();
  for (const Rule rule : {Rule::ultimate, Rule::effective, Rule::proportional}) {
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_EQ(sub_deadline(rule, chain, k, Time{}), sub_deadline(rule, chain, k, Time{19ms}));
    }
  }
}

TEST(SubDeadlines, CountFromTheRelease) {
  StagedChain late = example();
  late.release += 7ms;
  late.deadline += 7ms;
  for (const Rule rule :
       {Rule::ultimate, Rule::effective, Rule::equal_slack, Rule::equal_flexibility, Rule::proportional}) {
    const auto early = sub_deadlines(rule, example());
    const auto shifted = sub_deadlines(rule, late);
    for (std::size_t k = 0; k < 3; ++k) EXPECT_EQ(shifted[k] - early[k], Duration{7ms});
  }
}

// The second stage may start at 14: 2 ms are missing for it and the third.
TEST(SubDeadlines, NegativeSlack) {
  const StagedChain chain = example();
  const auto second = [&](Rule rule, NegativeSlack negative) {
    return sub_deadline(rule, chain, 1, Time{14ms}, negative);
  };
  for (const Rule rule : {Rule::equal_slack, Rule::equal_flexibility}) {
    EXPECT_EQ(second(rule, NegativeSlack::share), Time{17ms}); // each gives up 1 ms
    EXPECT_EQ(second(rule, NegativeSlack::effective), Time{16ms});
    EXPECT_EQ(second(rule, NegativeSlack::none), Time{18ms});
  }
  // With slack, the choice makes no difference.
  EXPECT_EQ(sub_deadline(Rule::equal_slack, chain, 1, Time{2ms}, NegativeSlack::effective), Time{11ms});
}

TEST(SubDeadlines, RoundDownOnBothSidesOfZero) {
  StagedChain chain{Time{}, Time{Duration{10}}, {Duration{3}, Duration{3}, Duration{3}}};
  EXPECT_EQ(sub_deadlines(Rule::equal_slack, chain), at({Duration{3}, Duration{6}, Duration{10}})); // 3 + 1/3, 6 + 1/2
  chain.deadline = Time{Duration{8}};
  EXPECT_EQ(sub_deadlines(Rule::equal_slack, chain), at({Duration{2}, Duration{5}, Duration{8}})); // 3 − 1/3, 5
}

// Without rounding proportional and static equal flexibility are the same; each step rounds by less than 1 ps.
TEST(SubDeadlines, StaticEqualFlexibilityIsProportional) {
  const StagedChain chain{Time{3ms}, Time{103ms}, {7ms, 1ms, 13ms, Duration{1}, 2ms, 19ms}};
  const auto flexible = sub_deadlines(Rule::equal_flexibility, chain);
  const auto proportional = sub_deadlines(Rule::proportional, chain);
  ASSERT_EQ(flexible.size(), 6U);
  for (std::size_t k = 0; k < flexible.size(); ++k) {
    EXPECT_LE(proportional[k] - flexible[k], Duration{static_cast<Duration::rep>(k) + 1});
    EXPECT_LE(flexible[k], proportional[k]);
  }
  EXPECT_EQ(flexible.back(), chain.deadline);
  EXPECT_EQ(proportional.back(), chain.deadline);
}

} // namespace
} // namespace terastal
