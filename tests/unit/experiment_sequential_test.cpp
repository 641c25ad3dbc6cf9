#include "terastal/experiment/sequential.hpp"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/core/error.hpp"

namespace terastal {
namespace {

StoppingRule rule(std::size_t first, std::size_t step, std::size_t cap) {
  StoppingRule r;
  r.precision = {0.1, false};
  r.first = first;
  r.step = step;
  r.cap = cap;
  return r;
}

WatchedInterval watched(std::size_t n, double mean, double half_width) {
  MeanEstimate e;
  e.n = n;
  e.mean = mean;
  e.half_width = half_width;
  return {e, mean};
}

TEST(Precision, IsReadAndWritten) {
  EXPECT_EQ(parse_precision("0.005").half_width, 0.005);
  EXPECT_FALSE(parse_precision("0.005").relative);
  EXPECT_DOUBLE_EQ(parse_precision("5%").half_width, 0.05);
  EXPECT_TRUE(parse_precision(" 5 % ").relative);
  EXPECT_EQ(to_string(parse_precision("0.005")), "0.005");
  EXPECT_EQ(to_string(parse_precision("7%")), "7%");
  EXPECT_EQ(to_string(parse_precision("2.5 %")), "2.5%");
  for (const char* bad : {"", "0", "-1", "0%", "%", "five", "5%%", "1e999", "nan", "0.1 ms"}) {
    EXPECT_THROW((void)parse_precision(bad), InputError) << bad;
  }
}

TEST(NextDecision, FirstThenStepsThenTheCap) {
  const StoppingRule r = rule(10, 7, 30);
  std::vector<std::size_t> decisions;
  for (std::size_t n = next_decision(r, 0);; n = next_decision(r, n)) {
    decisions.push_back(n);
    if (n == r.cap) break;
  }
  EXPECT_EQ(decisions, (std::vector<std::size_t>{10, 17, 24, 30}));
  EXPECT_EQ(next_decision(rule(10, 10, 4), 0), 4U) << "a cap below the first decision";
}

TEST(NarrowEnough, AbsoluteAndRelative) {
  EXPECT_TRUE(narrow_enough(watched(10, 5.0, 0.1), {0.1, false}));
  EXPECT_FALSE(narrow_enough(watched(10, 5.0, 0.11), {0.1, false}));
  EXPECT_TRUE(narrow_enough(watched(10, 5.0, 0.5), {0.1, true}));
  EXPECT_FALSE(narrow_enough(watched(10, 5.0, 0.51), {0.1, true}));
  EXPECT_TRUE(narrow_enough(watched(10, 0.0, 0.0), {0.1, true})) << "all values are 0";
  EXPECT_FALSE(narrow_enough(watched(10, 0.0, 0.01), {0.1, true}));
  WatchedInterval none;
  none.estimate.n = 1;
  EXPECT_FALSE(narrow_enough(none, {0.1, false})) << "one replication has no interval";
}

TEST(NarrowEnough, TheFartherEndOfALopsidedIntervalCounts) {
  WatchedInterval w = watched(10, 1.0, 0.05);
  w.estimate.bootstrap = Interval{0.95, 1.2};
  EXPECT_FALSE(narrow_enough(w, {0.1, false}));
  EXPECT_TRUE(narrow_enough(w, {0.21, false}));
}

TEST(NarrowEnough, All) {
  const std::array both = {watched(10, 5.0, 0.05), watched(10, 5.0, 0.2)};
  EXPECT_FALSE(all_narrow_enough(both, {0.1, false}));
  EXPECT_TRUE(all_narrow_enough(std::span(both).first(1), {0.1, false}));
  EXPECT_TRUE(all_narrow_enough({}, {0.1, false}));
}

TEST(ReplicationsNeeded, GrowsWithTheSquare) {
  EXPECT_EQ(replications_needed(watched(10, 5.0, 0.3), {0.1, false}), 90U);
  EXPECT_EQ(replications_needed(watched(10, 5.0, 0.1), {0.1, false}), 10U);
  EXPECT_EQ(replications_needed(watched(10, 5.0, 0.0), {0.1, true}), 10U);
  EXPECT_EQ(replications_needed(WatchedInterval{}, {0.1, false}), 0U);
  EXPECT_EQ(replications_needed(watched(10, 0.0, 0.1), {0.1, true}), 1'000'000'000U) << "never";
}

// 1, 0, 1, 0, …: the half-width after n (even) values is t(n − 1) · √(1 / (4 (n − 1))). It is 0.377 for 10 values, and
// for 20, 30 and 40: 0.2401, 0.1899, 0.1620. The rule with 0.18 stops at 40.
TEST(StoppingRule, KnownSequence) {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(i % 2 == 0 ? 1.0 : 0.0);
  StoppingRule r = rule(10, 10, 100);
  r.precision = {0.18, false};
  std::size_t n = 0;
  do {
    n = next_decision(r, n);
  } while (!narrow_enough({estimate_mean(std::span(values).first(n)), 1.0}, r.precision));
  EXPECT_EQ(n, 40U);
}

} // namespace
} // namespace terastal
