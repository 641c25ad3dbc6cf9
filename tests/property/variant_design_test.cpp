// What must hold for every design: the γ is the smallest that will do, costs follow from shapes, limits are kept.
#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/cost_models.hpp"
#include "support/design_network.hpp"
#include "terastal/offline/designed_network.hpp"
#include "terastal/offline/variant_design.hpp"

namespace terastal {
namespace {

using namespace testing;

constexpr int kNetworks = 500;

/// Random networks and rules from a fixed seed.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool chance(std::uint64_t percent) { return below(100) < percent; }

  /// Mostly numbers with many square divisors.
  std::uint64_t channels() { return chance(80) ? (1 + below(12)) << below(7) : 1 + below(300); }

  LayerShape shape() {
    LayerShape s = conv_of(channels(), channels(), 1 + 2 * below(3), 1 + below(40));
    if (chance(20)) s.x = s.out_x = 1 + below(40);
    if (chance(15)) s.groups = chance(50) ? 2 : 4, s.c *= s.groups, s.k *= s.groups;
    if (chance(15)) s.stride_y = s.stride_x = 2, s.out_y = (s.y + 1) / 2, s.out_x = (s.x + 1) / 2;
    if (chance(10)) s.kind = static_cast<OperatorKind>(below(kOperatorNames.size()));
    if (s.kind == OperatorKind::depthwise) s.k = 1, s.groups = 1;
    if (s.kind == OperatorKind::pool || s.kind == OperatorKind::elementwise) s.k = s.c;
    return s;
  }

  DesignRules rules(std::size_t types) {
    DesignRules rules;
    rules.most_variants = below(12);
    if (chance(50)) rules.most_storage = 0.001 * static_cast<double>(below(100));
    if (chance(30)) rules.slow = static_cast<TypeIndex>(below(types));
    if (chance(30)) rules.max_gamma = 2 + below(5);
    if (chance(40)) rules.padding = ChannelPadding::next_multiple;
    return rules;
  }

 private:
  std::mt19937_64 random_;
};

CostModels arrays() {
  CostModels models;
  for (const char* dataflow : {"ws", "os", "rs"}) {
    models.push_back(cost_model("xrbench", {{"dataflow", dataflow}, {"pes", "2048"}}));
  }
  return models;
}

Network random_network(Draw& draw, const CostModels& models) {
  std::vector<std::pair<std::string, LayerShape>> layers;
  const std::uint64_t count = 1 + draw.below(25);
  for (std::uint64_t l = 0; l < count; ++l) layers.emplace_back("l" + std::to_string(l), draw.shape());
  return network_of(layers, models);
}

Duration latency_on(const CostModels& models, const LayerShape& shape, TypeIndex type) {
  return table_cost(shape, *models[type]).latency;
}

/// The smallest γ that meets the target, straight from the definition; 0 when there is none.
std::uint64_t smallest_gamma(const LayerShape& s, const CostModels& models, TypeIndex slow, Duration target,
                             const DesignRules& rules) {
  if (s.kind != OperatorKind::conv) return 0;
  const bool padded = rules.padding == ChannelPadding::next_multiple;
  // With padding one more step can turn up nothing new once all channels of a group are folded into one.
  const std::uint64_t most = std::max(s.c, s.k) / s.groups;
  for (std::uint64_t gamma = 2; (gamma - 1) * (gamma - 1) < most; ++gamma) {
    if (rules.max_gamma != 0 && gamma > rules.max_gamma) break;
    const std::uint64_t unit = gamma * gamma * s.groups;
    if (!padded && (s.c % unit != 0 || s.k % unit != 0)) continue;
    LayerShape form = s;
    form.c = (s.c + unit - 1) / unit * s.groups;
    form.k = (s.k + unit - 1) / unit * s.groups;
    form.y = s.y * gamma, form.x = s.x * gamma, form.out_y = s.out_y * gamma, form.out_x = s.out_x * gamma;
    if (latency_on(models, form, slow) <= target) return gamma;
  }
  return 0;
}

TEST(VariantDesignProperties, GammaIsTheSmallestThatMeetsTheTarget) {
  const CostModels models = arrays();
  Draw draw(1);
  std::size_t found = 0;
  std::size_t none = 0;
  std::size_t beyond_two = 0;
  for (int i = 0; i < kNetworks; ++i) {
    const Network network = random_network(draw, models);
    const DesignRules rules = draw.rules(models.size());
    for (const VariantCandidate& c : design_variants(network, models, rules).candidates) {
      const LayerShape& shape = *network.options[network.layers[c.layer].first_option].shape;
      const std::uint64_t expected = smallest_gamma(shape, models, c.slow, c.target, rules);
      ASSERT_EQ(c.meets_target, expected != 0) << c.reason;
      expected == 0 ? ++none : ++found;
      if (expected == 0) continue;
      ASSERT_EQ(c.gamma, static_cast<double>(expected));
      if (expected > 2) ++beyond_two;
      EXPECT_LE(*c.variant_latency(), c.target);
      EXPECT_EQ(c.target, c.preferred_latency);
    }
  }
  // The property means something only if all cases occur.
  EXPECT_GT(found, 500U);
  EXPECT_GT(none, 500U);
  EXPECT_GT(beyond_two, 100U);
}

TEST(VariantDesignProperties, CostsAndWeightsFollowFromTheShape) {
  const CostModels models = arrays();
  Draw draw(2);
  for (int i = 0; i < kNetworks; ++i) {
    const Network network = random_network(draw, models);
    const DesignRules rules = draw.rules(models.size());
    for (const VariantCandidate& c : design_variants(network, models, rules).candidates) {
      if (c.latency.empty()) continue;
      ASSERT_EQ(shape_problem(*c.shape), "");
      for (TypeIndex t = 0; t < models.size(); ++t) {
        const TableCost cost = table_cost(*c.shape, *models[t]);
        EXPECT_EQ(c.latency[t], cost.latency);
        EXPECT_EQ(c.energy_nj[t], cost.energy_nj);
      }
      EXPECT_EQ(c.weights, c.shape->weight_elements());
      if (rules.padding == ChannelPadding::next_multiple) continue;
      const LayerShape& original = *network.options[network.layers[c.layer].first_option].shape;
      const auto gamma = static_cast<std::uint64_t>(c.gamma);
      EXPECT_EQ(c.weights * gamma * gamma * gamma * gamma, original.weight_elements());
      EXPECT_EQ(c.shape->macs() * gamma * gamma, original.macs());
    }
  }
}

TEST(VariantDesignProperties, RankedByGapAndLimited) {
  const CostModels models = arrays();
  Draw draw(3);
  std::size_t full = 0;
  std::size_t passed_over = 0;
  for (int i = 0; i < kNetworks; ++i) {
    const Network network = random_network(draw, models);
    const DesignRules rules = draw.rules(models.size());
    const NetworkDesign design = design_variants(network, models, rules);
    double storage = 0.0;
    std::size_t chosen = 0;
    std::size_t rank = 0;
    for (const VariantCandidate& c : design.candidates) {
      EXPECT_EQ(c.rank, ++rank);
      EXPECT_EQ(c.gap, c.slow_latency - c.preferred_latency);
      EXPECT_GT(c.gap, Duration{0});
      EXPECT_TRUE(!rules.slow || c.slow == *rules.slow);
      EXPECT_LE(c.gap, design.candidates[rank < 2 ? 0 : rank - 2].gap);
      EXPECT_EQ(c.chosen, c.reason.empty());
      // Nothing that fits is passed over.
      if (c.reason.find("more weights") != std::string::npos) {
        ++passed_over;
        EXPECT_GT(storage + c.storage, *rules.most_storage);
      }
      if (c.reason.find("beyond the limit of " + std::to_string(rules.most_variants) + " variants") == 0) {
        ++full;
        EXPECT_EQ(chosen, rules.most_variants);
      }
      if (!c.chosen) continue;
      EXPECT_TRUE(c.meets_target);
      storage += c.storage;
      ++chosen;
    }
    EXPECT_LE(chosen, rules.most_variants);
    EXPECT_NEAR(design.storage, storage, 1e-12);
    EXPECT_LE(storage, rules.most_storage.value_or(storage) + 1e-9);
  }
  EXPECT_GT(full, 100U);
  EXPECT_GT(passed_over, 100U);
}

TEST(VariantDesignProperties, DesignedNetworksHoldEachChosenVariantOnce) {
  const CostModels models = arrays();
  Draw draw(4);
  for (int i = 0; i < kNetworks; ++i) {
    const Network network = random_network(draw, models);
    const NetworkDesign design = design_variants(network, models, draw.rules(models.size()));
    const auto accuracy = designed_accuracy(network, design, LossModel::multiplicative);
    ASSERT_TRUE(accuracy);
    const Network designed = designed_network(network, design, accuracy->model);
    const auto chosen = design.chosen();
    ASSERT_EQ(designed.variant_names.size(), chosen.size());
    ASSERT_EQ(designed.options.size(), network.layers.size() + chosen.size());
    ASSERT_EQ(designed.latency.size(), designed.options.size() * models.size());
    VariantSet all = 0;
    for (const Layer& layer : designed.layers) {
      EXPECT_EQ(designed.options[layer.first_option].variants, 0U);
      for (OptionIndex o = 1; o < layer.option_count; ++o) {
        const Option& option = designed.options[layer.first_option + o];
        EXPECT_EQ(all & option.variants, 0U);
        all |= option.variants;
        EXPECT_EQ(designed.set_name(option.variants), option.name);
        const auto* c = chosen[static_cast<std::size_t>(std::countr_zero(option.variants))];
        EXPECT_EQ(designed.layers[c->layer].name, layer.name);
        EXPECT_EQ(designed.latency_of(layer.first_option + o, c->slow), *c->variant_latency());
      }
    }
    EXPECT_EQ(all, (VariantSet{1} << chosen.size()) - 1);
    EXPECT_NEAR(*designed.accuracy.accuracy(all), std::pow(0.99, chosen.size()), 1e-9);
  }
}

} // namespace
} // namespace terastal
