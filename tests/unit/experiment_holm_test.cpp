#include "terastal/experiment/holm.hpp"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace terastal {
namespace {

void expect_near(const std::vector<double>& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-15) << i;
}

// By hand: sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1 are 0.02, 0.03, 0.06, 0.04; the last may not be less than
// the one before.
TEST(Holm, TextbookExample) {
  expect_near(holm_adjusted(std::array{0.01, 0.04, 0.03, 0.005}), {0.03, 0.06, 0.06, 0.02});
}

TEST(Holm, EdgeCases) {
  EXPECT_TRUE(holm_adjusted({}).empty());
  expect_near(holm_adjusted(std::array{0.04}), {0.04});
  expect_near(holm_adjusted(std::array{0.6, 0.5, 1.0}), {1.0, 1.0, 1.0});
  expect_near(holm_adjusted(std::array{0.0, 1.0, 0.0}), {0.0, 1.0, 0.0});
  expect_near(holm_adjusted(std::array{0.02, 0.02}), {0.04, 0.04});
}

// Differences −2, −3, −4: mean −3, standard error 1/√3, so t = 3√3 on 2 degrees. There P(|T| > t) = 1 − t/√(2 + t²),
// here 1 − √(27/29).
TEST(PairedPValue, ByHand) {
  const auto c = compare_paired(std::array{10.0, 20.0, 30.0}, std::array{8.0, 17.0, 26.0});
  EXPECT_NEAR(*paired_p_value(c), 1.0 - 0.96490128, 1e-7);
}

TEST(PairedPValue, AgreesWithTheInterval) {
  // p < 0.05 exactly when the 95 % interval leaves zero out: t(2) = 4.3027 is the edge.
  const auto inside = compare_paired(std::array{0.0, 0.0, 0.0}, std::array{1.0, 1.0 + 0.69, 1.0 - 0.69});
  const auto outside = compare_paired(std::array{0.0, 0.0, 0.0}, std::array{1.0, 1.0 + 0.40, 1.0 - 0.40});
  EXPECT_TRUE(outside.significant());
  EXPECT_LT(*paired_p_value(outside), 0.05);
  EXPECT_EQ(inside.significant(), *paired_p_value(inside) < 0.05);
  const auto edge = compare_paired(std::array{0.0, 0.0, 0.0}, std::array{1.0, 1.0 + 0.41, 1.0 - 0.41});
  EXPECT_EQ(edge.significant(), *paired_p_value(edge) < 0.05);
}

TEST(PairedPValue, EdgeCases) {
  const std::vector<double> same = {1, 2, 3};
  EXPECT_EQ(paired_p_value(compare_paired(same, same)), 1.0);
  auto equal = compare_paired(same, std::array{2.0, 3.0, 4.0});
  EXPECT_EQ(paired_p_value(equal), 0.25) << "2 of 8 ways to choose signs";
  equal.exact = true;
  EXPECT_EQ(paired_p_value(equal), 0.0) << "nothing is random";
  EXPECT_FALSE(paired_p_value(compare_paired({}, {})));
  EXPECT_FALSE(paired_p_value(compare_paired(std::array{1.0}, std::array{2.0})));
  EXPECT_EQ(paired_p_value(compare_paired(std::array{1.0, 2.0}, std::array{2.0, 1.0})), 1.0) << "mean difference of 0";
}

} // namespace
} // namespace terastal
