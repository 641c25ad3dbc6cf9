#include "terastal/offline/designed_network.hpp"

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "support/design_network.hpp"

namespace terastal {
namespace {

using namespace testing;

TEST(DesignedNetwork, HasTheChosenVariantsInPlaceOfItsOwn) {
  const CostModels models = two_array_models();
  const Scenario s = with_own_variant(2.0);
  DesignRules rules;
  rules.padding = ChannelPadding::next_multiple;
  const NetworkDesign design = design_variants(s.networks[0], models, rules);
  const auto accuracy = designed_accuracy(s.networks[0], design, LossModel::multiplicative);
  ASSERT_TRUE(accuracy);
  const Network n = designed_network(s.networks[0], design, accuracy->model);
  EXPECT_EQ(n.variant_names, (std::vector<std::string>{"wide_r2", "own", "first_r2"}));
  ASSERT_EQ(n.options.size(), 6U);
  EXPECT_EQ(n.layers[2].first_option, 4U);
  EXPECT_EQ(n.layers[2].option_count, 2U);
  EXPECT_EQ(n.options[3].variants, 0b010U);
  EXPECT_EQ(n.options[5].gamma, 2.0);
  EXPECT_EQ(n.latency_of(5, kMap), ns(144));
  EXPECT_EQ(n.latency_of(4, kMap), ns(1728));
  EXPECT_EQ(n.energy_of(5, kMap), 144.0);
}

TEST(DesignedAccuracy, MeasuredSetsStayAndTheRestMultiplies) {
  const CostModels models = two_array_models();
  const Scenario s = with_own_variant(2.0); // `own` alone: 76 of 80
  DesignRules rules;
  rules.accuracy_cost = 0.25;
  const NetworkDesign design = design_variants(s.networks[0], models, rules);
  const auto accuracy = designed_accuracy(s.networks[0], design, LossModel::multiplicative);
  ASSERT_TRUE(accuracy);
  EXPECT_TRUE(accuracy->listed);
  EXPECT_EQ(accuracy->measured_sets, 1U);
  EXPECT_EQ(accuracy->predicted_sets, 2U);
  EXPECT_EQ(accuracy->model.accuracy(0b10), 76.0);
  EXPECT_EQ(accuracy->model.accuracy(0b01), 60.0);
  EXPECT_EQ(accuracy->model.accuracy(0b11), 57.0);
  const auto additive = designed_accuracy(s.networks[0], design, LossModel::additive);
  EXPECT_NEAR(*additive->model.accuracy(0b11), 56.0, 1e-12); // 80 · (1 − 0.05 − 0.25)
}

TEST(DesignedAccuracy, WithoutMeasurementsItIsAModelOfAssumedLosses) {
  const CostModels models = two_array_models();
  const Network network = three_layers(models);
  DesignRules rules;
  rules.accuracy_cost = 0.5;
  const NetworkDesign design = design_variants(network, models, rules);
  const auto accuracy = designed_accuracy(network, design, LossModel::fitted);
  ASSERT_TRUE(accuracy);
  EXPECT_FALSE(accuracy->listed);
  EXPECT_EQ(accuracy->model.rule(), AccuracyRule::multiplicative);
  EXPECT_EQ(accuracy->model.accuracy(0b11), 0.25);
  EXPECT_EQ(designed_accuracy(network, design, LossModel::additive)->model.rule(), AccuracyRule::additive);
}

TEST(DesignedAccuracy, TooManyVariantsBesideMeasuredOnesGiveNothing) {
  const CostModels models = two_array_models();
  std::vector<std::pair<std::string, LayerShape>> layers;
  for (int i = 0; i < 17; ++i) layers.emplace_back("l" + std::to_string(i), conv_of(64, 64, 1, 8));
  Scenario s = platform({{"channels", 1}, {"map", 1}});
  s.networks.push_back(network_of(layers, models));
  add_variant(s, 0, 0, "own", {100ns, 200ns});
  s.networks[0].options[1].gamma = 2.0;
  s.networks[0].accuracy = AccuracyModel::measured("top-1", 80.0, {{0, 80.0}, {1, 76.0}});
  DesignRules rules;
  EXPECT_FALSE(designed_accuracy(s.networks[0], design_variants(s.networks[0], models, rules), LossModel::additive));
  rules.most_variants = 16;
  const auto listed =
      designed_accuracy(s.networks[0], design_variants(s.networks[0], models, rules), LossModel::additive);
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->model.sets().size(), 65536U);
}

/// The point of it all: a second request need not wait for the fast accelerator.
TEST(DesignedNetwork, RunsUnderThePaperPolicy) {
  const CostModels models = two_array_models();
  Scenario s = platform({{"channels", 1}, {"map", 1}});
  s.networks.push_back(network_of({{"linear", conv_of(256, 256, 1, 1)}}, models));
  for (const char* name : {"a", "b"}) add_task(s, name, 0, 300ns, releases({0ns}));
  Scenario designed = s;
  const NetworkDesign design = design_variants(s.networks[0], models, {});
  designed.networks[0] = designed_network(s.networks[0], design,
                                          designed_accuracy(s.networks[0], design, LossModel::multiplicative)->model);
  EXPECT_EQ(run(s, "terastal").result.weighted_miss_rate, 0.5);
  const Outcome with_variants = run(designed, "terastal");
  EXPECT_EQ(with_variants.result.weighted_miss_rate, 0.0);
  EXPECT_NEAR(with_variants.result.mean_accuracy_loss, 0.005, 1e-12); // one of two jobs lost 1 %
}

} // namespace
} // namespace terastal
