#include "terastal/experiment/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace terastal {
namespace {

/// Test A of the spatial test data (Efron and Tibshirani 1993, table 14.1).
const std::vector<double> kSpatial = {48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6,
                                      0,  33, 28, 34, 4,  32, 24, 47, 41, 24, 26, 30, 41};

/// Σ (x − mean)² / n of the chosen values.
PickedStatistic plug_in_variance(const std::vector<double>& values) {
  return [&values](std::span<const std::size_t> positions) {
    const auto n = static_cast<double>(positions.size());
    double sum = 0.0;
    for (const std::size_t i : positions) sum += values[i];
    double squares = 0.0;
    for (const std::size_t i : positions) squares += (values[i] - sum / n) * (values[i] - sum / n);
    return squares / n;
  };
}

// Efron and Tibshirani 1993, section 14.3: the variance is 171.5, the acceleration 0.061, and the 90 % interval
// (115.8, 259.6) from 2000 resamples of their own. Ends of 2000 resamples scatter by about 1 (low) and 3 (high).
TEST(Bootstrap, PublishedExample) {
  BootstrapOptions options;
  options.level = 0.9;
  options.resamples = 20'000;
  const BootstrapEstimate e = bootstrap(kSpatial.size(), plug_in_variance(kSpatial), options);
  EXPECT_EQ(e.kind, BootstrapKind::bca);
  EXPECT_NEAR(e.value, 171.5, 0.05);
  EXPECT_NEAR(e.acceleration, 0.061, 0.0005);
  EXPECT_NEAR(e.bias, 0.146, 0.05);
  ASSERT_TRUE(e.interval);
  EXPECT_NEAR(e.interval->low, 115.8, 2.0);
  EXPECT_NEAR(e.interval->high, 259.6, 4.0);
}

// The same draws (xoshiro256**, Lemire's bounded numbers) and the book's equations 14.9 to 14.15 in a few lines of
// Python, with its own normal distribution.
TEST(Bootstrap, AgreesWithAnIndependentProgram) {
  const std::vector<double> mice = {94, 197, 16, 38, 99, 141, 23}; // Efron and Tibshirani 1993, table 2.1
  const BootstrapEstimate e = bootstrap_mean(mice);
  EXPECT_DOUBLE_EQ(e.value, 608.0 / 7.0);
  EXPECT_NEAR(e.bias, -0.031964953076323334, 1e-9);
  EXPECT_NEAR(e.acceleration, 0.029120581262803976, 1e-9);
  ASSERT_TRUE(e.interval);
  EXPECT_NEAR(e.interval->low, 44.142857142857146, 1e-9);
  EXPECT_NEAR(e.interval->high, 133.60649340531577, 1e-6);

  BootstrapOptions options;
  options.level = 0.9;
  const BootstrapEstimate variance = bootstrap(kSpatial.size(), plug_in_variance(kSpatial), options);
  EXPECT_NEAR(variance.bias, 0.18656718183651924, 1e-9);
  EXPECT_NEAR(variance.interval->low, 115.61780622236282, 1e-6);
  EXPECT_NEAR(variance.interval->high, 256.9558094327815, 1e-6);
}

TEST(Bootstrap, SymmetricValuesGiveThePercentiles) {
  std::vector<double> values(401);
  std::iota(values.begin(), values.end(), -200.0);
  const BootstrapEstimate e = bootstrap_mean(values);
  EXPECT_NEAR(e.acceleration, 0.0, 1e-12);
  EXPECT_NEAR(e.value, 0.0, 1e-12);
  // Standard error of the mean: sqrt((401² − 1) / 12 / 401) = 5.78; 1.96 of it are 11.3.
  EXPECT_NEAR(e.interval->low, -11.3, 0.8);
  EXPECT_NEAR(e.interval->high, 11.3, 0.8);
}

TEST(Bootstrap, EqualSeedsGiveEqualIntervalsAndOthersDoNot) {
  const BootstrapEstimate a = bootstrap_mean(kSpatial);
  const BootstrapEstimate b = bootstrap_mean(kSpatial);
  EXPECT_EQ(a.interval->low, b.interval->low);
  EXPECT_EQ(a.interval->high, b.interval->high);
  BootstrapOptions other;
  other.seed = 2;
  EXPECT_NE(bootstrap_mean(kSpatial, other).interval->low, a.interval->low);
}

// A few large values: the interval reaches farther to their side.
TEST(Bootstrap, SkewedValuesGiveALopsidedInterval) {
  const std::vector<double> values = {0, 0, 0, 0, 0, 1, 0, 0, 2, 9};
  const BootstrapEstimate e = bootstrap_mean(values);
  EXPECT_EQ(e.kind, BootstrapKind::bca);
  EXPECT_GT(e.interval->high - e.value, 1.5 * (e.value - e.interval->low));
  EXPECT_GE(e.interval->low, 0.0);
  EXPECT_LE(e.interval->high, 9.0);
}

TEST(Bootstrap, WiderAtAHigherLevel) {
  BootstrapOptions options;
  options.level = 0.99;
  const Interval wide = *bootstrap_mean(kSpatial, options).interval;
  const Interval narrow = *bootstrap_mean(kSpatial).interval;
  EXPECT_LT(wide.low, narrow.low);
  EXPECT_GT(wide.high, narrow.high);
}

// For 26 values and 95 %: 1.960 becomes √(26 / 25) · 2.0595 = 2.1003, the level 96.43 %.
TEST(Bootstrap, ExpandedForFewValues) {
  BootstrapOptions expanded;
  expanded.expand = true;
  BootstrapOptions wider;
  wider.level = 0.96430;
  const Interval a = *bootstrap_mean(kSpatial, expanded).interval;
  const Interval b = *bootstrap_mean(kSpatial, wider).interval;
  EXPECT_NEAR(a.low, b.low, 1e-3);
  EXPECT_NEAR(a.high, b.high, 1e-3);
  EXPECT_LT(a.low, bootstrap_mean(kSpatial).interval->low);
}

TEST(Bootstrap, EqualValuesFallBackToPercentiles) {
  const std::vector<double> values = {0.25, 0.25, 0.25};
  const BootstrapEstimate e = bootstrap_mean(values);
  EXPECT_EQ(e.kind, BootstrapKind::percentile);
  ASSERT_TRUE(e.interval);
  EXPECT_EQ(e.interval->low, 0.25);
  EXPECT_EQ(e.interval->high, 0.25);
}

TEST(Bootstrap, NoIntervalBelowTwoValues) {
  EXPECT_FALSE(bootstrap_mean({}).interval);
  const std::vector<double> one = {3.0};
  EXPECT_FALSE(bootstrap_mean(one).interval);
  EXPECT_EQ(bootstrap_mean(one).value, 3.0);
}

TEST(Bootstrap, TwoValues) {
  const std::vector<double> two = {1.0, 3.0};
  const BootstrapEstimate e = bootstrap_mean(two);
  EXPECT_EQ(e.value, 2.0);
  EXPECT_EQ(e.interval->low, 1.0);
  EXPECT_EQ(e.interval->high, 3.0);
}

TEST(Bootstrap, RelativeChangeOfPairs) {
  const std::vector<double> base = {10, 20, 30, 25, 15};
  std::vector<double> half;
  for (const double v : base) half.push_back(v / 2.0);
  const BootstrapEstimate exact = bootstrap_relative_change(base, half);
  EXPECT_EQ(exact.value, -0.5);
  EXPECT_EQ(exact.interval->low, -0.5);
  EXPECT_EQ(exact.interval->high, -0.5);
  const std::vector<double> other = {8, 17, 26, 26, 11};
  const BootstrapEstimate e = bootstrap_relative_change(base, other);
  EXPECT_NEAR(e.value, 88.0 / 100.0 - 1.0, 1e-12);
  EXPECT_LT(e.interval->low, e.value);
  EXPECT_GT(e.interval->high, e.value);
}

// A resample lacks the only non-zero value with probability (3/4)^4 = 32 % and has no ratio then; the rest give one.
TEST(Bootstrap, UndefinedResamplesAreDrawnAgain) {
  const std::vector<double> base = {0, 0, 0, 5};
  const std::vector<double> other = {0, 0, 0, 4};
  const BootstrapEstimate e = bootstrap_relative_change(base, other);
  ASSERT_TRUE(e.interval);
  EXPECT_NEAR(e.interval->low, -0.2, 1e-12);
  EXPECT_EQ(e.kind, BootstrapKind::percentile);
  const std::vector<double> zeros = {0, 0, 0, 0};
  EXPECT_FALSE(bootstrap_relative_change(zeros, other).interval);
}

TEST(Bootstrap, IsWhatTheEstimatesTell) {
  const MeanEstimate e = estimate_mean(kSpatial, kConfidence, IntervalMethod::bca);
  BootstrapOptions options;
  options.expand = true;
  const Interval expected = *bootstrap_mean(kSpatial, options).interval;
  EXPECT_EQ(e.low(), expected.low);
  EXPECT_EQ(e.high(), expected.high);
  EXPECT_EQ(*e.reach(), std::max(e.mean - expected.low, expected.high - e.mean));
  const MeanEstimate ms = e.scaled(1000.0);
  EXPECT_DOUBLE_EQ(ms.low(), 1000.0 * expected.low);
  EXPECT_DOUBLE_EQ(ms.mean, 1000.0 * e.mean);
  EXPECT_DOUBLE_EQ(ms.standard_error, 1000.0 * e.standard_error);
  const PairedComparison c = compare_paired(kSpatial, std::vector<double>(26, 30.0), kConfidence, IntervalMethod::bca);
  EXPECT_TRUE(c.difference.bootstrap);
  EXPECT_TRUE(c.relative->bootstrap);
}

} // namespace
} // namespace terastal
