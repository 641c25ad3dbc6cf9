#include "terastal/experiment/statistics.hpp"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace terastal {
namespace {

TEST(StudentT, MatchesPublishedTable) {
  EXPECT_NEAR(student_t(1), 12.7062047364, 1e-9);
  EXPECT_NEAR(student_t(2), 4.30265272991, 1e-9);
  EXPECT_NEAR(student_t(4), 2.77644510520, 1e-9);
  EXPECT_NEAR(student_t(9), 2.26215716274, 1e-9);
  EXPECT_NEAR(student_t(29), 2.04522964213, 1e-9);
  EXPECT_NEAR(student_t(9, 0.99), 3.24983554159, 1e-9);
}

TEST(EstimateMean, IntervalByHand) {
  const std::vector<double> values = {1, 2, 3, 4, 5};
  const MeanEstimate e = estimate_mean(values);
  EXPECT_EQ(e.n, 5U);
  EXPECT_DOUBLE_EQ(e.mean, 3.0);
  // t(4) · sqrt(2.5 / 5)
  ASSERT_TRUE(e.half_width);
  EXPECT_NEAR(*e.half_width, 2.77644510520 * 0.70710678118655, 1e-9);
  EXPECT_DOUBLE_EQ(e.low(), 3.0 - *e.half_width);
  EXPECT_DOUBLE_EQ(e.high(), 3.0 + *e.half_width);
}

TEST(EstimateMean, NoIntervalBelowTwoValues) {
  EXPECT_EQ(estimate_mean({}).n, 0U);
  EXPECT_EQ(estimate_mean({}).mean, 0.0);
  EXPECT_FALSE(estimate_mean({}).half_width);
  const std::array<double, 1> one = {0.25};
  EXPECT_EQ(estimate_mean(one).mean, 0.25);
  EXPECT_FALSE(estimate_mean(one).half_width);
}

TEST(EstimateMean, EqualValuesHaveAnIntervalOfZero) {
  const std::array<double, 3> values = {0.5, 0.5, 0.5};
  EXPECT_EQ(estimate_mean(values).half_width, 0.0);
}

TEST(ComparePaired, DifferenceByHand) {
  const std::array<double, 3> base = {10, 20, 30};
  const std::array<double, 3> other = {8, 17, 26};
  const PairedComparison c = compare_paired(base, other);
  EXPECT_FALSE(c.identical);
  EXPECT_DOUBLE_EQ(c.difference.mean, -3.0);
  // Differences −2, −3, −4: standard deviation 1.
  EXPECT_NEAR(*c.difference.half_width, 4.30265272991 / 1.7320508075689, 1e-9);
  EXPECT_TRUE(c.significant());
}

TEST(ComparePaired, RelativeChangeByHand) {
  const std::array<double, 3> base = {10, 20, 30};
  const std::array<double, 3> other = {8, 17, 26};
  const PairedComparison c = compare_paired(base, other);
  ASSERT_TRUE(c.relative);
  EXPECT_NEAR(c.relative->mean, 51.0 / 60.0 - 1.0, 1e-15);
  // Residuals from other = 0.85 · base: −0.5, 0, 0.5; over the base's mean of 20.
  EXPECT_NEAR(*c.relative->half_width, 4.30265272991 * 0.5 / 1.7320508075689 / 20.0, 1e-9);
}

TEST(ComparePaired, ProportionalValuesHaveAnExactRatio) {
  const std::array<double, 4> base = {1, 2, 3, 4};
  const std::array<double, 4> other = {0.5, 1, 1.5, 2};
  const PairedComparison c = compare_paired(base, other);
  EXPECT_EQ(c.relative->mean, -0.5);
  EXPECT_EQ(c.relative->half_width, 0.0);
}

TEST(ComparePaired, IdenticalIsSaidAndNothingIsDividedByZero) {
  const std::array<double, 3> zeros = {0, 0, 0};
  const PairedComparison c = compare_paired(zeros, zeros);
  EXPECT_TRUE(c.identical);
  EXPECT_FALSE(c.significant());
  EXPECT_FALSE(c.relative);
  EXPECT_EQ(c.difference.half_width, 0.0);
}

TEST(ComparePaired, NoRelativeChangeFromZero) {
  const std::array<double, 2> zeros = {0, 0};
  const std::array<double, 2> other = {0.1, 0.2};
  const PairedComparison c = compare_paired(zeros, other);
  EXPECT_FALSE(c.identical);
  EXPECT_FALSE(c.relative);
  EXPECT_NEAR(c.difference.mean, 0.15, 1e-15);
}

TEST(ComparePaired, OneReplicationIsNeverSignificant) {
  const std::array<double, 1> base = {0.5};
  const std::array<double, 1> other = {0.1};
  const PairedComparison c = compare_paired(base, other);
  EXPECT_FALSE(c.significant());
  EXPECT_FALSE(c.difference.half_width);
  EXPECT_NEAR(c.relative->mean, -0.8, 1e-15);
}

TEST(ComparePaired, NothingToCompare) {
  const PairedComparison c = compare_paired({}, {});
  EXPECT_EQ(c.difference.n, 0U);
  EXPECT_FALSE(c.relative);
  EXPECT_FALSE(c.significant());
}

} // namespace
} // namespace terastal
