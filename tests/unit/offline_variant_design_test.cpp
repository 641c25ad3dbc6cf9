#include "terastal/offline/variant_design.hpp"

#include <gtest/gtest.h>

#include "support/design_network.hpp"

namespace terastal {
namespace {

using namespace testing;

TEST(VariantDesign, HandWorkedExample) {
  const CostModels models = two_array_models();
  const Network network = three_layers(models);
  const NetworkDesign design = design_variants(network, models, {});
  ASSERT_EQ(design.candidates.size(), 3U);
  EXPECT_EQ(design.network_weights, 4096U + 65536U + 1728U);

  // γ = 2: 64 → 64 channels on a 2×2 map take 4096 cycles, too slow; 9 divides no 256; γ = 4: 16 → 16 on 4×4 take 256.
  const VariantCandidate& linear = design.candidates[0];
  EXPECT_EQ(linear.layer, 1U);
  EXPECT_EQ(linear.preferred, kChannels);
  EXPECT_EQ(linear.slow, kMap);
  EXPECT_EQ(linear.preferred_latency, ns(256));
  EXPECT_EQ(linear.slow_latency, ns(65536));
  EXPECT_EQ(linear.gap, ns(65280));
  EXPECT_EQ(linear.target, ns(256));
  EXPECT_EQ(linear.gamma, 4.0);
  EXPECT_EQ(linear.name, "linear_r4");
  EXPECT_EQ(linear.variant_latency(), ns(256)); // as fast is fast enough
  EXPECT_EQ(linear.latency[kChannels], ns(16));
  EXPECT_EQ(linear.energy_nj[kMap], 256.0);
  EXPECT_TRUE(linear.meets_target);
  EXPECT_EQ(linear.weights, 256U);
  EXPECT_DOUBLE_EQ(linear.storage, 256.0 / 71360.0);

  // γ = 2: 16 → 16 channels on 16×16 take 256 cycles.
  const VariantCandidate& wide = design.candidates[1];
  EXPECT_EQ(wide.layer, 0U);
  EXPECT_EQ(wide.gap, ns(3072));
  EXPECT_EQ(wide.gamma, 2.0);
  EXPECT_EQ(wide.variant_latency(), ns(256));
  EXPECT_EQ(wide.weights, 256U);
  EXPECT_TRUE(wide.chosen);

  const VariantCandidate& first = design.candidates[2];
  EXPECT_EQ(first.rank, 3U);
  EXPECT_EQ(first.gap, ns(1152));
  EXPECT_FALSE(first.chosen);
  EXPECT_EQ(first.reason, "no γ² divides C = 3 and K = 64");
  EXPECT_FALSE(first.variant_latency());

  EXPECT_DOUBLE_EQ(design.storage, 512.0 / 71360.0);
  const auto chosen = design.chosen();
  ASSERT_EQ(chosen.size(), 2U);
  EXPECT_EQ(chosen[0]->name, "wide_r2"); // in the order of layers
  EXPECT_EQ(chosen[1]->name, "linear_r4");
}

TEST(VariantDesign, PaddedChannelsAreCostedAndStored) {
  const CostModels models = two_array_models();
  DesignRules rules;
  rules.padding = ChannelPadding::next_multiple;
  const NetworkDesign design = design_variants(three_layers(models), models, rules);
  const VariantCandidate& first = design.candidates[2];
  EXPECT_TRUE(first.chosen);
  EXPECT_EQ(first.gamma, 2.0);
  EXPECT_EQ(first.variant_latency(), ns(1 * 16 * 9)); // 4/4 → 64/4 channels on 8×8
  EXPECT_EQ(first.weights, 144U);
}

TEST(VariantDesign, PaddingLetsASmallerGammaIn) {
  const CostModels models = two_array_models();
  const Network network = network_of({{"linear", conv_of(162, 162, 1, 1)}}, models); // 2·81: only 9 divides
  const auto gamma = [&](ChannelPadding padding) {
    DesignRules rules;
    rules.padding = padding;
    return design_variants(network, models, rules).candidates.front().gamma;
  };
  EXPECT_EQ(gamma(ChannelPadding::none), 9.0);          // 2 · 2 = 4 cycles against 11 · 11 = 121; 3: 18 · 18 = 324
  EXPECT_EQ(gamma(ChannelPadding::next_multiple), 4.0); // 176 / 16 = 11 channels: 121 cycles
}

TEST(VariantDesign, LimitsTakeTheLargestGaps) {
  const CostModels models = two_array_models();
  DesignRules rules;
  rules.most_variants = 1;
  const NetworkDesign one = design_variants(three_layers(models), models, rules);
  EXPECT_TRUE(one.candidates[0].chosen);
  EXPECT_EQ(one.candidates[1].reason, "beyond the limit of 1 variants");
  rules.most_variants = 0;
  EXPECT_TRUE(design_variants(three_layers(models), models, rules).chosen().empty());
}

TEST(VariantDesign, StorageLimitPassesOverWhatDoesNotFit) {
  const CostModels models = two_array_models();
  // Gaps: big (256 → 256 on 16×16) 2^16 · 1 − 2^16 = 0; so make it 8×8: 65536 − 16384.
  const Network network = network_of({{"big", conv_of(256, 256, 1, 8)}, {"small", conv_of(64, 64, 1, 8)}}, models);
  // Weights 65536 + 4096; forms with γ = 2: 4096 (5.9 %) and 256 (0.4 %).
  DesignRules rules;
  rules.most_storage = 0.05;
  const NetworkDesign design = design_variants(network, models, rules);
  EXPECT_EQ(design.candidates[0].layer, 0U);
  EXPECT_EQ(design.candidates[0].reason, "beyond the limit of 5 % more weights");
  EXPECT_TRUE(design.candidates[1].chosen);
  EXPECT_DOUBLE_EQ(design.storage, 256.0 / 69632.0);
  rules.most_storage = 4352.0 / 69632.0; // exactly both
  EXPECT_EQ(design_variants(network, models, rules).chosen().size(), 2U);
}

TEST(VariantDesign, OnlyTheTypeAskedFor) {
  const CostModels models = two_array_models();
  // 4 → 4 on 16×16: channels 256, map 16. 64 → 64 on 8×8: channels 1024, map 4096.
  const Network network = network_of({{"thin", conv_of(4, 4, 1, 16)}, {"wide", conv_of(64, 64, 1, 8)}}, models);
  const NetworkDesign both = design_variants(network, models, {});
  ASSERT_EQ(both.candidates.size(), 2U);
  EXPECT_EQ(both.layers_without_gap, 0U);
  EXPECT_EQ(both.candidates[1].slow, kChannels);
  // The map grows and nothing is saved: 1 → 1 channel on 32×32 take 1024 cycles there.
  EXPECT_EQ(both.candidates[1].reason, "no γ meets the target; the best is γ = 2");
  EXPECT_EQ(both.candidates[1].variant_latency(), ns(1024));
  DesignRules rules;
  rules.slow = kMap;
  const NetworkDesign one = design_variants(network, models, rules);
  ASSERT_EQ(one.candidates.size(), 1U);
  EXPECT_EQ(one.candidates[0].layer, 1U);
  EXPECT_EQ(one.layers_without_gap, 1U);
}

TEST(VariantDesign, ABudgetIsALooserTarget) {
  const CostModels models = two_array_models();
  const Network network = three_layers(models);
  DesignRules rules;
  rules.budgets = {ns(4096), ns(5000), ns(1000)};
  const NetworkDesign design = design_variants(network, models, rules);
  EXPECT_EQ(design.candidates[0].target, ns(5000));
  EXPECT_EQ(design.candidates[0].gamma, 2.0); // 4096 ≤ 5000; 4 is needed for the preferred type's 256
  EXPECT_EQ(design.candidates[1].reason, "meets the target without a variant");
  EXPECT_FALSE(design.candidates[1].chosen);
}

TEST(VariantDesign, GammaIsLimited) {
  const CostModels models = two_array_models();
  DesignRules rules;
  rules.max_gamma = 3;
  const NetworkDesign design = design_variants(three_layers(models), models, rules);
  EXPECT_EQ(design.candidates[0].gamma, 2.0); // the best attempt
  EXPECT_FALSE(design.candidates[0].meets_target);
  EXPECT_EQ(design.candidates[0].reason, "no γ meets the target; the best is γ = 2");
  EXPECT_EQ(design.candidates[2].reason, "no γ² divides C = 3 and K = 64 up to γ = 3");
}

TEST(VariantDesign, TheFastestAttemptIsKeptWhenNoneWillDo) {
  CostModels models = two_array_models();
  models[kMap] = std::make_unique<MapArray>(64.0);
  // 256 → 256 on 16×16: map 65536 / 64 = 1024, channels 65536. There γ = 2, 4, 8, 16 take 16384, 4096, 16384, 65536.
  const Network network = network_of({{"l", conv_of(256, 256, 1, 16)}}, models);
  const NetworkDesign design = design_variants(network, models, {});
  ASSERT_EQ(design.candidates.size(), 1U);
  EXPECT_EQ(design.candidates[0].slow, kChannels);
  EXPECT_EQ(design.candidates[0].gamma, 4.0);
  EXPECT_EQ(design.candidates[0].variant_latency(), ns(4096));
  EXPECT_EQ(design.candidates[0].reason, "no γ meets the target; the best is γ = 4");
}

TEST(VariantDesign, LayersWithoutShapeOrModelAreListed) {
  CostModels models = two_array_models();
  Network network = three_layers(models);
  network.options[0].shape.reset();
  NetworkDesign design = design_variants(network, models, {});
  EXPECT_EQ(design.layers_without_shape, 1U);
  EXPECT_EQ(design.candidates[1].reason, "no shape");
  EXPECT_EQ(design.network_weights, 65536U + 1728U);
  models[kMap] = nullptr;
  design = design_variants(three_layers(two_array_models()), models, {});
  EXPECT_EQ(design.candidates[0].reason, "the type has no cost model");
}

// -- the network's own variants

TEST(VariantDesign, OwnVariantsKeepNameLatencyAndLoss) {
  const CostModels models = two_array_models();
  const Scenario s = with_own_variant(2.0);
  const NetworkDesign design = design_variants(s.networks[0], models, {});
  const VariantCandidate& linear = design.candidates[0];
  EXPECT_EQ(linear.name, "own");
  EXPECT_EQ(linear.known, 1U);
  EXPECT_EQ(linear.gamma, 2.0); // the table's 200 ns meet what the model's 4096 would not
  EXPECT_EQ(linear.variant_latency(), ns(200));
  EXPECT_DOUBLE_EQ(linear.loss, 0.05);
  EXPECT_EQ(linear.loss_origin, LossOrigin::measured);
  EXPECT_EQ(design.candidates[1].loss_origin, LossOrigin::assumed);
  EXPECT_DOUBLE_EQ(design.candidates[1].loss, 0.01);
}

TEST(VariantDesign, ABetterFormTakesNothingFromTheOwnOneThatWasTriedBefore) {
  const CostModels models = two_array_models();
  Scenario s = with_own_variant(2.0);
  s.networks[0].latency[2 * 2 + kMap] = ns(300); // too slow
  const NetworkDesign design = design_variants(s.networks[0], models, {});
  const VariantCandidate& linear = design.candidates[0];
  EXPECT_EQ(linear.gamma, 4.0);
  EXPECT_EQ(linear.name, "linear_r4");
  EXPECT_EQ(linear.known, 0U);
  EXPECT_EQ(linear.loss_origin, LossOrigin::assumed);
}

// -- variants of other kinds

TEST(VariantDesign, QuantisedLayersKeepTheirShape) {
  const CostModels models = two_array_models();
  DesignRules rules;
  rules.gammas = false;
  rules.quantisations.push_back({kMap, "map:clock=3 GHz", "fast", std::make_shared<MapArray>(3.0), 0.5});
  const NetworkDesign design = design_variants(three_layers(models), models, rules);
  ASSERT_EQ(design.candidates.size(), 3U);
  EXPECT_EQ(design.candidates[0].reason, "does not meet the target"); // 65536 / 3 > 256
  const VariantCandidate& first = design.candidates[2];
  EXPECT_TRUE(first.chosen); // 1728 / 3 = 576, the latency on the other type
  EXPECT_EQ(first.origin, VariantOrigin::quantised);
  EXPECT_EQ(first.name, "first_fast");
  EXPECT_EQ(first.variant_latency(), ns(576));
  EXPECT_EQ(first.latency[kChannels], kCannotRun);
  EXPECT_EQ(first.shape, conv_of(3, 64, 3, 4));
  EXPECT_EQ(first.weights, 1728U);
  EXPECT_DOUBLE_EQ(first.storage, 0.5 * 1728.0 / 71360.0);
}

TEST(VariantDesign, QuantisedOnTheFastestTypeComesAfterThoseWithAGap) {
  const CostModels models = two_array_models();
  const Network network = network_of({{"thin", conv_of(4, 4, 1, 16)}, {"wide", conv_of(64, 64, 1, 8)}}, models);
  DesignRules rules;
  rules.quantisations.push_back({kMap, "map:clock=8 GHz", "fast", std::make_shared<MapArray>(8.0), 1.0});
  const NetworkDesign design = design_variants(network, models, rules);
  ASSERT_EQ(design.candidates.size(), 4U);
  EXPECT_EQ(design.candidates[0].origin, VariantOrigin::gamma); // 4096 to 256: it saves more than 4096 to 512
  EXPECT_EQ(design.candidates[1].reason, "the layer has wide_r2 for this type");
  EXPECT_EQ(design.candidates[3].gap, ns(0));
  EXPECT_EQ(design.candidates[3].name, "thin_fast");
  EXPECT_TRUE(design.candidates[3].chosen); // 2 ns against 16
}

TEST(VariantDesign, AddedVariantsAreAlwaysTakenAndCount) {
  const CostModels models = two_array_models();
  DesignRules rules;
  rules.most_variants = 1;
  rules.added.push_back({0, "mine", 0.0, std::nullopt, {ns(900), ns(5000)}, {0.0, 0.0}, 0.25});
  const NetworkDesign design = design_variants(three_layers(models), models, rules);
  const auto chosen = design.chosen();
  ASSERT_EQ(chosen.size(), 1U);
  EXPECT_EQ(chosen[0]->name, "mine");
  EXPECT_FALSE(chosen[0]->meets_target);
  EXPECT_EQ(chosen[0]->loss_origin, LossOrigin::given);
  EXPECT_EQ(design.candidates[0].reason, "beyond the limit of 1 variants");
}

TEST(VariantDesign, AnAddedVariantStandsForADesignedOneIfItMeetsTheTarget) {
  const CostModels models = two_array_models();
  const auto names = [&](Duration on_map) {
    DesignRules rules;
    rules.added.push_back({0, "mine", 0.0, std::nullopt, {kCannotRun, on_map}, {0.0, 0.0}, 0.25});
    const auto design = design_variants(three_layers(models), models, rules);
    std::vector<std::string> result;
    for (const auto* c : design.chosen()) result.push_back(c->name);
    return result;
  };
  EXPECT_EQ(names(ns(1024)), (std::vector<std::string>{"mine", "linear_r4"}));
  EXPECT_EQ(names(ns(1025)), (std::vector<std::string>{"wide_r2", "mine", "linear_r4"}));
}

} // namespace
} // namespace terastal
