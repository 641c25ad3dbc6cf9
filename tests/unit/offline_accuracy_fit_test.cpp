#include "terastal/offline/accuracy_fit.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace terastal {
namespace {

/// Three variants; all seven sets.
AccuracyModel table(const std::vector<double>& accuracy) {
  std::vector<std::pair<VariantSet, double>> sets;
  for (VariantSet set = 0; set < accuracy.size(); ++set) sets.emplace_back(set, accuracy[set]);
  return AccuracyModel::measured("top-1", accuracy.front(), sets);
}

TEST(AccuracyPredictor, SingleVariantsAddOrMultiply) {
  const AccuracyModel measured = AccuracyModel::measured("m", 80.0, {{0, 80.0}, {0b01, 60.0}, {0b10, 40.0}});
  const AccuracyPredictor additive(measured, LossModel::additive);
  EXPECT_DOUBLE_EQ(*additive.relative(0b01), 0.75);
  EXPECT_DOUBLE_EQ(*additive.relative(0b11), 0.25);
  EXPECT_DOUBLE_EQ(*AccuracyPredictor(measured, LossModel::multiplicative).relative(0b11), 0.375);
  EXPECT_EQ(additive.relative(0), 1.0);
  EXPECT_EQ(additive.relative(0b100), std::nullopt);
}

TEST(AccuracyPredictor, PredictionsStayBetweenZeroAndTheBaseline) {
  const AccuracyModel bad = AccuracyModel::measured("m", 1.0, {{0, 1.0}, {1, 0.3}, {2, 0.3}, {4, 1.25}});
  const AccuracyPredictor additive(bad, LossModel::additive);
  EXPECT_EQ(additive.relative(0b011), 0.0); // 1 − 0.7 − 0.7
  EXPECT_EQ(additive.relative(0b100), 1.0);
}

TEST(AccuracyPredictor, FitFindsTheFactorsOfAMultiplicativeTable) {
  // Factors 1/2, 1/4, 3/4.
  const AccuracyModel measured = table({64.0, 32.0, 16.0, 8.0, 48.0, 24.0, 12.0, 6.0});
  const AccuracyPredictor fit(measured, LossModel::fitted);
  for (const auto& [set, accuracy] : measured.sets()) EXPECT_NEAR(*fit.relative(set), accuracy / 64.0, 1e-12) << set;
  const AccuracyPredictor left_out(measured, LossModel::fitted, 0b111);
  EXPECT_NEAR(*left_out.relative(0b111), 6.0 / 64.0, 1e-12);
}

TEST(AccuracyPredictor, FitIsTheLeastSquaresOneByHand) {
  // Relative 1/2, 1/2 alone and 1/16 together: in powers of 2, x = −1, y = −1, x + y = −4.
  // Least squares: 2x + y = −5, x + 2y = −5, so x = y = −5/3.
  const AccuracyModel measured = AccuracyModel::measured("m", 1.0, {{0, 1.0}, {1, 0.5}, {2, 0.5}, {3, 0.0625}});
  const AccuracyPredictor fit(measured, LossModel::fitted);
  EXPECT_NEAR(*fit.relative(1), std::exp2(-5.0 / 3.0), 1e-12);
  EXPECT_NEAR(*fit.relative(3), std::exp2(-10.0 / 3.0), 1e-12);
}

TEST(AccuracyPredictor, PairsExplainWhatSinglesCannot) {
  const AccuracyModel measured =
      table({1.0, 0.5, 0.5, 0.0625, 0.5, 0.25, 0.25, 0.03125}); // only the first two interact
  EXPECT_GT(prediction_error(measured, LossModel::fitted).largest, 0.05);
  const PredictionError pairs = prediction_error(measured, LossModel::fitted_pairs);
  EXPECT_EQ(pairs.sets, 4U);
  EXPECT_NEAR(pairs.largest, 0.0, 1e-12);
}

TEST(AccuracyPredictor, WhatNoSetDeterminesIsNotPredicted) {
  const AccuracyModel measured = AccuracyModel::measured("m", 1.0, {{0, 1.0}, {0b011, 0.5}, {0b100, 0.75}});
  const AccuracyPredictor fit(measured, LossModel::fitted);
  EXPECT_EQ(fit.relative(0b001), std::nullopt); // only the two together are known
  EXPECT_NEAR(*fit.relative(0b100), 0.75, 1e-12);
  const AccuracyPredictor pairs(measured, LossModel::fitted_pairs);
  EXPECT_EQ(pairs.relative(0b101), std::nullopt);
}

TEST(AccuracyPredictor, LogarithmsOfZeroAreFloored) {
  const AccuracyModel measured = AccuracyModel::measured("m", 1.0, {{0, 1.0}, {1, 0.0}});
  EXPECT_NEAR(*AccuracyPredictor(measured, LossModel::fitted).relative(1), kLeastFittedAccuracy, 1e-12);
}

TEST(PredictionError, MeanAndLargestOverSetsOfTwoAndMore) {
  // Additive: 0.5 + 0 for {a, b}: measured 0.25, off by 0.25; {a, c}: 0.25 measured 0.125; {b, c}: 0.5, 0.5; all: 0.
  const AccuracyModel measured = table({1.0, 0.5, 1.0, 0.25, 0.5, 0.125, 0.5, 0.0});
  const PredictionError error = prediction_error(measured, LossModel::additive);
  EXPECT_EQ(error.sets, 4U);
  EXPECT_EQ(error.others, 0U);
  EXPECT_DOUBLE_EQ(error.largest, 0.25);
  EXPECT_DOUBLE_EQ(error.mean, (0.25 + 0.125 + 0.0 + 0.0) / 4.0);
}

TEST(PredictionError, LeavingOutCountsSetsThatNothingElseDetermines) {
  const AccuracyModel measured = AccuracyModel::measured("m", 1.0, {{0, 1.0}, {1, 0.5}, {3, 0.25}});
  const PredictionError with = prediction_error(measured, LossModel::fitted);
  EXPECT_EQ(with.sets, 1U);
  EXPECT_NEAR(with.largest, 0.0, 1e-12);
  const PredictionError without = prediction_error(measured, LossModel::fitted, true);
  EXPECT_EQ(without.sets, 0U);
  EXPECT_EQ(without.others, 1U);
}

TEST(LossModel, NamesReadBack) {
  for (const std::string& name : loss_model_names()) EXPECT_EQ(to_string(loss_model(name)), name);
  EXPECT_THROW((void)loss_model("addditive"), InputError);
}

} // namespace
} // namespace terastal
