#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace terastal {
namespace {

using namespace testing;

// Alone, each variant loses little; together far more than the sum: the reason why accuracy belongs to the set.
AccuracyModel far_from_additive() {
  return AccuracyModel::measured("top-1", 80.0, {{0b11, 30.0}, {0b00, 80.0}, {0b01, 79.0}, {0b10, 78.5}});
}

TEST(Accuracy, MeasuredPairIsNotTheSumOfItsParts) {
  const AccuracyModel model = far_from_additive();
  EXPECT_EQ(model.metric(), "top-1");
  EXPECT_TRUE(model.is_measured());
  EXPECT_EQ(model.accuracy(0b00), 80.0);
  EXPECT_EQ(model.accuracy(0b01), 79.0);
  EXPECT_EQ(model.accuracy(0b10), 78.5);
  EXPECT_EQ(model.accuracy(0b11), 30.0);
  EXPECT_DOUBLE_EQ(model.loss(0b11).value(), 0.625);
  EXPECT_TRUE(model.valid(0b01, 0.9));
  EXPECT_TRUE(model.valid(0b10, 0.9));
  EXPECT_FALSE(model.valid(0b11, 0.9));
  EXPECT_EQ(model.sets().front().first, 0U); // ascending
}

TEST(Accuracy, SetsThatWereNotMeasuredAreNeverValid) {
  const AccuracyModel model = AccuracyModel::measured("top-1", 80.0, {{0, 80.0}, {1, 79.0}});
  EXPECT_FALSE(model.accuracy(2));
  EXPECT_FALSE(model.loss(2));
  EXPECT_FALSE(model.valid(2, 0.0));
  EXPECT_TRUE(model.valid(0, 1.0));
}

TEST(Accuracy, DefaultIsPerfectWithoutVariants) {
  const AccuracyModel model;
  EXPECT_EQ(model.accuracy(0), 1.0);
  EXPECT_EQ(model.loss(0), 0.0);
  EXPECT_TRUE(model.valid(0, 1.0));
  EXPECT_FALSE(model.valid(1, 0.0));
}

TEST(Accuracy, AdditiveCostsAdd) {
  const AccuracyModel model = AccuracyModel::additive("mIoU", 50.0, {0.25, 0.5, 0.5});
  EXPECT_FALSE(model.is_measured());
  EXPECT_EQ(model.accuracy(0b000), 50.0);
  EXPECT_EQ(model.accuracy(0b001), 37.5);
  EXPECT_EQ(model.accuracy(0b011), 12.5);
  EXPECT_EQ(model.accuracy(0b111), 0.0); // not below zero
  EXPECT_EQ(model.loss(0b011), 0.75);
  EXPECT_TRUE(model.valid(0b011, 0.25));
  EXPECT_FALSE(model.valid(0b011, 0.26));
}

TEST(Accuracy, MultiplicativeLossesMultiply) {
  const AccuracyModel model = AccuracyModel::multiplicative("mIoU", 48.0, {0.25, 0.5, 1.0});
  EXPECT_EQ(model.rule(), AccuracyRule::multiplicative);
  EXPECT_EQ(model.accuracy(0b000), 48.0);
  EXPECT_EQ(model.accuracy(0b001), 36.0);
  EXPECT_EQ(model.accuracy(0b011), 18.0); // 12 if losses were added
  EXPECT_EQ(model.accuracy(0b111), 0.0);
  EXPECT_EQ(model.loss(0b011), 0.625);
  EXPECT_TRUE(model.valid(0b011, 0.375));
  EXPECT_FALSE(model.valid(0b011, 0.376));
}

TEST(Accuracy, ValidAtExactlyTheThreshold) {
  const AccuracyModel model = AccuracyModel::measured("top-1", 80.0, {{0, 80.0}, {1, 72.0}, {2, 71.999}});
  EXPECT_TRUE(model.valid(1, 0.9));
  EXPECT_FALSE(model.valid(2, 0.9));
  EXPECT_FALSE(model.valid(1, 0.9001));
}

// 0.9 · 0.8 is 0.72 to a reader and 0.72 + 1.1e-16 to a computer: a measured 0.72 is at the threshold all the same.
TEST(Accuracy, RoundingDoesNotMoveTheThreshold) {
  for (int hundredths = 1; hundredths <= 1000; ++hundredths) {
    const double baseline = hundredths / 100.0;
    const double at = hundredths * 90 / 10'000.0;
    const AccuracyModel model = AccuracyModel::measured("m", baseline, {{0, baseline}, {1, at}, {2, at * (1 - 1e-9)}});
    EXPECT_TRUE(model.valid(1, 0.9)) << at << " of " << baseline;
    EXPECT_FALSE(model.valid(2, 0.9)) << "just below " << at << " of " << baseline;
  }
}

/// Runs every layer on the first accelerator with its last option.
class LastOption : public Scheduler {
 public:
  [[nodiscard]] std::string_view name() const override { return "last_option"; }
  void dispatch(const SystemView& view, Decisions& out) override {
    const ReadyId id = view.ready().front();
    out.start(id, view.options(id).end - 1, 0);
  }
};

Scenario two_variants(const AccuracyModel& accuracy, double theta) {
  Scenario s = platform({{"gpu", 1}}, 25ms);
  const auto net = add_network(s, "net", {{4ms}, {4ms}});
  add_variant(s, net, 0, "a", {1ms});
  add_variant(s, net, 1, "b", {1ms});
  s.networks[net].accuracy = accuracy;
  add_task(s, "task", net, 10ms, PeriodicArrivals{10ms}).theta = theta;
  return s;
}

TEST(Accuracy, JobThatUsedBothGetsTheMeasuredAccuracyOfThePair) {
  const auto model = AccuracyModel::measured("top-1", 80.0, {{0, 80.0}, {1, 79.0}, {2, 78.0}, {3, 74.0}});
  LastOption scheduler;
  const Outcome out = run(two_variants(model, 0.9), scheduler);
  ASSERT_EQ(out.events.ended.size(), 3U);
  for (const auto& e : out.events.ended) EXPECT_EQ(e.variants, 0b11U);
  const TaskResult& task = out.result.tasks[0];
  EXPECT_DOUBLE_EQ(task.accuracy_mean, 74.0); // 77 if losses were added
  EXPECT_DOUBLE_EQ(task.accuracy_loss, 0.075);
  EXPECT_DOUBLE_EQ(out.result.mean_accuracy_loss, 0.075);
}

TEST(Accuracy, JobUnderTheAdditiveModelLosesTheSum) {
  LastOption scheduler;
  const Outcome out = run(two_variants(AccuracyModel::additive("top-1", 80.0, {0.0625, 0.125}), 0.8), scheduler);
  EXPECT_DOUBLE_EQ(out.result.tasks[0].accuracy_loss, 0.1875);
  EXPECT_DOUBLE_EQ(out.result.tasks[0].accuracy_mean, 65.0);
}

TEST(Accuracy, JobUnderTheMultiplicativeModelLosesLessThanTheSum) {
  LastOption scheduler;
  const Outcome out = run(two_variants(AccuracyModel::multiplicative("top-1", 64.0, {0.25, 0.5}), 0.25), scheduler);
  EXPECT_DOUBLE_EQ(out.result.tasks[0].accuracy_loss, 0.625);
  EXPECT_DOUBLE_EQ(out.result.tasks[0].accuracy_mean, 24.0);
}

TEST(Accuracy, EngineRefusesThePairThatIsNotValid) {
  LastOption scheduler;
  const Scenario s = two_variants(far_from_additive(), 0.9);
  Simulator simulator(s, scheduler);
  EXPECT_THROW(simulator.run(), PolicyError);
  EXPECT_EQ(simulator.now(), at(1ms)); // {a} was fine, {a, b} is not
}

} // namespace
} // namespace terastal
