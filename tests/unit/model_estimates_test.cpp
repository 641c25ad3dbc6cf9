#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/core/random.hpp"
#include "terastal/model/estimates.hpp"

namespace terastal {
namespace {

using namespace testing;
using Durations = std::vector<Duration>;

TEST(Estimates, ChainByHand) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  const auto net = add_network(s, "net", {{2ms, 4ms}, {9ms, 3ms}, {5ms, 5ms}});
  const NetworkEstimates e = estimate(s.networks[net], s.platform);
  EXPECT_EQ(e.fastest, (Durations{2ms, 3ms, 5ms}));
  EXPECT_EQ(e.mean, (Durations{3ms, 6ms, 5ms}));
  EXPECT_EQ(e.fastest_tail, (Durations{10ms, 8ms, 5ms}));
  EXPECT_EQ(e.mean_tail, (Durations{14ms, 11ms, 5ms}));
  EXPECT_EQ(e.preferred, (std::vector<TypeIndex>{0, 1, 0})); // the lower index on a tie
}

// Three gpus and one npu: (3 · 2 + 10) / 4 = 4. The second layer runs on the npu only.
TEST(Estimates, MeanIsOverAcceleratorsThatCanRunIt) {
  Scenario s = platform({{"gpu", 3}, {"npu", 1}});
  const auto net = add_network(s, "net", {{2ms, 10ms}, {kCannotRun, 7ms}});
  const NetworkEstimates e = estimate(s.networks[net], s.platform);
  EXPECT_EQ(e.mean, (Durations{4ms, 7ms}));
  EXPECT_EQ(e.preferred, (std::vector<TypeIndex>{0, 1}));
}

// 0 → {1, 2}, 1 → 3, {2, 3} → 4; the longer way from 0 is 1, 3, 4: 1 + 2 + 3 + 5.
TEST(Estimates, TailsOfADagAreLongestPaths) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{1ms}, {2ms}, {4ms}, {3ms}, {5ms}}, {{}, {0}, {0}, {1}, {2, 3}});
  const NetworkEstimates e = estimate(s.networks[net], s.platform);
  EXPECT_EQ(e.fastest_tail, (Durations{11ms, 10ms, 9ms, 8ms, 5ms}));
  EXPECT_EQ(longest_tails(s.networks[net], {1ms, 1ms, 9ms, 1ms, 1ms}), (Durations{11ms, 3ms, 10ms, 2ms, 1ms}));
}

/// A chain with one variant on each of the layers given, latencies and accuracies drawn at random.
Scenario random_chain(std::uint64_t seed, std::size_t layers, const std::vector<LayerIndex>& varied) {
  RandomStream random(seed, 0, Purpose::policy);
  const auto draw = [&] { return Duration{static_cast<Duration::rep>(1 + random.below(20))}; };
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  std::vector<Durations> table;
  for (std::size_t l = 0; l < layers; ++l) table.push_back({draw(), random.below(4) == 0 ? kCannotRun : draw()});
  const auto net = add_network(s, "net", table);
  for (const LayerIndex l : varied) add_variant(s, net, l, "v" + std::to_string(l), {draw(), draw()});
  std::vector<std::pair<VariantSet, double>> sets{{0, 1.0}};
  for (VariantSet set = 1; set < VariantSet{1} << varied.size(); ++set) sets.emplace_back(set, random.uniform());
  s.networks[net].accuracy = AccuracyModel::measured("m", 1.0, sets);
  return s;
}

/// The smallest time of layers l … end over all choices that keep every step valid.
Duration brute_force(const Network& n, double theta, LayerIndex l, VariantSet used) {
  if (l == n.layers.size()) return Duration{0};
  Duration best = kCannotRun;
  for (OptionIndex o = n.layers[l].first_option; o < n.layers[l].first_option + n.layers[l].option_count; ++o) {
    const VariantSet added = n.options[o].variants;
    if (added != 0 && !n.accuracy.valid(used | added, theta)) continue;
    if (n.fastest(o) == kCannotRun) continue;
    best = std::min(best, n.fastest(o) + brute_force(n, theta, l + 1, used | added));
  }
  return best;
}

TEST(BestCaseTime, EqualsBruteForceOnChains) {
  constexpr double theta = 0.5;
  const std::vector<LayerIndex> varied{0, 2, 3, 3, 5}; // layer 3 has two variants
  int compared = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Scenario s = random_chain(seed, 6, varied);
    const Network& n = s.networks[0];
    const BestCase best(n, ValidSets(n, theta), true);
    for (LayerIndex l = 0; l < 6; ++l) {
      // A job before layer l has used variants of earlier layers only, and its set is valid.
      const auto earlier = std::count_if(varied.begin(), varied.end(), [l](LayerIndex v) { return v < l; });
      for (VariantSet used = 0; used < VariantSet{1} << earlier; ++used) {
        if (!n.accuracy.valid(used, theta)) continue;
        ASSERT_EQ(best.remaining(l, used), brute_force(n, theta, l, used)) << seed << ' ' << l << ' ' << used;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 500);
}

TEST(BestCaseTime, WithoutVariantsIsTheFastestTail) {
  const Scenario s = random_chain(3, 6, {0, 2});
  const Network& n = s.networks[0];
  const BestCase best(n, ValidSets(n, 0.5), false);
  const NetworkEstimates e = estimate(n, s.platform);
  for (LayerIndex l = 0; l < 6; ++l) {
    for (VariantSet used = 0; used < 4; ++used) EXPECT_EQ(best.remaining(l, used), e.fastest_tail[l]);
  }
}

// Layer 1 may fall from 4 to 1 ms: the path 0, 2, 3 with 1 + 3 + 1 is then the longest.
TEST(BestCaseTime, DagIsALowerBoundByLongestPath) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{1ms}, {4ms}, {3ms}, {1ms}}, {{}, {0}, {0}, {1, 2}});
  add_variant(s, net, 1, "v", {1ms});
  const Network& n = s.networks[net];
  const BestCase with(n, ValidSets(n, 0.9), true);
  EXPECT_EQ(with.remaining(0, 0), Duration{5ms});
  EXPECT_EQ(with.remaining(1, 0), Duration{2ms});
  const BestCase without(n, ValidSets(n, 0.9), false);
  EXPECT_EQ(without.remaining(0, 0), Duration{6ms});
}

// 13 variants are not tabulated: the bound ignores which sets are valid, but never says too much.
TEST(BestCaseTime, BeyondTwelveVariantsIsALowerBound) {
  const std::vector<LayerIndex> varied{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const Scenario s = random_chain(11, 13, varied);
  const Network& n = s.networks[0];
  const BestCase best(n, ValidSets(n, 0.6), true);
  Duration sum{0};
  for (LayerIndex l = 13; l-- > 0;) {
    sum += std::min(n.fastest(n.layers[l].first_option), n.fastest(n.layers[l].first_option + 1));
    EXPECT_EQ(best.remaining(l, 5), sum);
    EXPECT_LE(best.remaining(l, 0), brute_force(n, 0.6, l, 0));
  }
}

void expect_sets_as_measured(std::size_t variants) {
  RandomStream random(variants, 0, Purpose::policy);
  Network n;
  n.variant_names.resize(variants);
  std::vector<std::pair<VariantSet, double>> sets{{0, 1.0}};
  for (VariantSet set = 1; set < VariantSet{1} << variants; ++set) {
    if (random.below(4) != 0) sets.emplace_back(set, random.uniform()); // some were never measured
  }
  n.accuracy = AccuracyModel::measured("m", 1.0, sets);
  const ValidSets valid(n, 0.5);
  std::size_t counted = 0;
  for (VariantSet set = 0; set < VariantSet{1} << variants; ++set) {
    ASSERT_EQ(valid.valid(set), n.accuracy.valid(set, 0.5)) << set;
    if (valid.valid(set)) ++counted;
  }
  EXPECT_GT(counted, 1U);
  EXPECT_LT(counted, sets.size());
}

TEST(Sets, AnswersOfTheTableAndOfTheModelAgree) {
  expect_sets_as_measured(3);
  expect_sets_as_measured(12);
  expect_sets_as_measured(13); // asks the model
}

TEST(Sets, SixtyFourVariants) {
  Network n;
  n.variant_names.resize(64);
  n.accuracy = AccuracyModel::additive("m", 1.0, std::vector<double>(64, 1.0 / 64.0));
  const ValidSets valid(n, 0.5);
  EXPECT_TRUE(valid.valid(0xFFFFFFFFU));   // 32 variants: exactly half is left
  EXPECT_FALSE(valid.valid(0x1FFFFFFFFU)); // 33
  EXPECT_TRUE(valid.valid(1ULL << 63));
}

} // namespace
} // namespace terastal
