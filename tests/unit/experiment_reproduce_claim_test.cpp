// Claims against samples: the seed is the replication, changes are paired, and the rule of agreement.

#include "terastal/reproduce/claim.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace terastal {
namespace {

using Seeds = std::vector<std::pair<std::string, double>>;

/// Two scenarios under two policies with seeds 2 and 10; misses as ratios, shown in percent.
ExperimentTable table() {
  ExperimentTable t;
  t.axes = {"scenario", "policy"};
  t.axis_values = {{"a", "b"}, {"old", "new"}};
  t.measures = {{"miss_rate", "miss rate", "%", 100.0}, {"cost", "cost", "", 1.0}};
  const auto add = [&](const char* scenario, const char* policy, const char* seed, double misses, double cost) {
    t.samples.push_back({{scenario, policy}, seed, {misses, cost}});
  };
  add("a", "old", "10", 0.30, 2.0);
  add("b", "old", "10", 0.10, 8.0);
  add("a", "new", "10", 0.15, 1.0);
  add("b", "new", "10", 0.05, 4.0);
  add("a", "old", "2", 0.20, 3.0);
  add("b", "old", "2", 0.20, 12.0);
  add("a", "new", "2", 0.10, 1.0);
  add("b", "new", "2", 0.10, 9.0);
  return t;
}

Claim claim_of(std::optional<double> published) {
  Claim claim;
  claim.from = {"t"};
  claim.measure = "miss_rate";
  claim.policy = "new";
  claim.against = "old";
  claim.published = published;
  return claim;
}

MeanEstimate estimate(double mean, std::optional<double> half_width) {
  MeanEstimate e;
  e.n = half_width ? 5 : 1;
  e.mean = mean;
  e.half_width = half_width;
  return e;
}

ClaimVerdict verdict(const Claim& claim, double mean, std::optional<double> half_width) {
  ClaimFigure figure;
  figure.ours = estimate(mean, half_width);
  judge(claim, figure);
  return figure.verdict;
}

TEST(Samples, OneNumberForEachSeedInTheOrderOfSeeds) {
  const ExperimentTable t = table();
  EXPECT_EQ(by_seed({&t}, "miss_rate", {{"policy", {"old"}}}, Averaging::mean), (Seeds{{"2", 0.2}, {"10", 0.2}}));
  EXPECT_EQ(by_seed({&t}, "miss_rate", {{"policy", {"old"}}, {"scenario", {"a"}}}, Averaging::mean),
            (Seeds{{"2", 0.2}, {"10", 0.3}}));
  const auto geometric = by_seed({&t}, "cost", {{"policy", {"old"}}}, Averaging::geometric);
  ASSERT_EQ(geometric.size(), 2U);
  EXPECT_NEAR(geometric[0].second, 6.0, 1e-12); // √(3 · 12)
  EXPECT_NEAR(geometric[1].second, 4.0, 1e-12); // √(2 · 8)
}

TEST(Samples, AnAxisThatATableLacksFitsNothing) {
  const ExperimentTable t = table();
  EXPECT_TRUE(by_seed({&t}, "miss_rate", {{"load", {"1"}}}, Averaging::mean).empty());
  EXPECT_TRUE(by_seed({&t}, "energy", {}, Averaging::mean).empty());
  EXPECT_FALSE(mean_over_seeds({&t}, "energy", {}, Averaging::mean));
}

TEST(Samples, MissingValuesDoNotCount) {
  ExperimentTable t = table();
  t.samples[0].measured[0].reset();
  EXPECT_EQ(by_seed({&t}, "miss_rate", {{"policy", {"old"}}}, Averaging::mean).back().second, 0.1);
}

// A seed without a cost counts as one: leaving it out would keep the costly ones.
TEST(Samples, AGeometricMeanWithAZeroIsZero) {
  ExperimentTable t = table();
  t.samples[1].measured[1] = 0.0;
  const auto costs = by_seed({&t}, "cost", {{"policy", {"old"}}}, Averaging::geometric);
  ASSERT_EQ(costs.size(), 2U);
  EXPECT_NEAR(costs[0].second, 6.0, 1e-12);
  EXPECT_EQ(costs[1].second, 0.0);
  t.samples[1].measured[1] = -1.0;
  EXPECT_TRUE(by_seed({&t}, "cost", {{"policy", {"old"}}}, Averaging::geometric).empty());
}

TEST(Samples, SeveralTablesCountTogether) {
  const ExperimentTable t = table();
  ExperimentTable other = table();
  for (Sample& s : other.samples) s.measured[0] = *s.measured[0] + 0.2;
  const auto mean = mean_over_seeds({&t, &other}, "miss_rate", {{"policy", {"old"}}}, Averaging::mean);
  ASSERT_TRUE(mean);
  EXPECT_NEAR(mean->mean, 0.3, 1e-12);
  EXPECT_EQ(mean->n, 2U);
}

TEST(Claims, AChangeIsARatioOfPairedMeans) {
  const ExperimentTable t = table();
  const ClaimFigure figure = evaluate(claim_of(-50.0), {&t});
  ASSERT_TRUE(figure.ours && figure.value && figure.base);
  EXPECT_NEAR(figure.ours->mean, -50.0, 1e-9); // every pair halves
  EXPECT_NEAR(*figure.ours->half_width, 0.0, 1e-9);
  EXPECT_NEAR(figure.value->mean, 10.0, 1e-9);
  EXPECT_NEAR(figure.base->mean, 20.0, 1e-9);
  EXPECT_EQ(figure.verdict, ClaimVerdict::agrees);
}

TEST(Samples, GeometricOfMeansTakesTheMeanOverSeedsFirst) {
  const ExperimentTable t = table();
  // Costs of `old`: (3 + 2) / 2 and (12 + 8) / 2, so √(2.5 · 10); of `new`: √(1 · 6.5).
  const auto old = mean_over_seeds({&t}, "cost", {{"policy", {"old"}}}, Averaging::geometric_of_means);
  ASSERT_TRUE(old && old->half_width);
  EXPECT_NEAR(old->mean, 5.0, 1e-12);
  const auto change =
      change_over_seeds({&t}, "cost", {{"policy", {"old"}}}, {{"policy", {"new"}}}, Averaging::geometric_of_means);
  ASSERT_TRUE(change && change->half_width);
  EXPECT_NEAR(change->mean, std::sqrt(6.5) / 5.0 - 1.0, 1e-12);
  // Without seed 2: 2 / 4 − 1, without seed 10: 3 / 6 − 1. The jackknife sees no spread.
  EXPECT_NEAR(*change->half_width, 0.0, 1e-9);
}

TEST(Samples, TheJackknifeOfAMeanIsItsTInterval) {
  const ExperimentTable t = table();
  const SampleFilter one_cell = {{"policy", {"old"}}, {"scenario", {"a"}}};
  const auto plain = mean_over_seeds({&t}, "cost", one_cell, Averaging::mean);
  const auto jackknife = mean_over_seeds({&t}, "cost", one_cell, Averaging::geometric_of_means);
  ASSERT_TRUE(plain && jackknife && plain->half_width && jackknife->half_width);
  EXPECT_NEAR(jackknife->mean, plain->mean, 1e-12);
  EXPECT_NEAR(*jackknife->half_width, *plain->half_width, 1e-9);
  EXPECT_EQ(jackknife->n, plain->n);
}

TEST(Samples, GeometricOfMeansNeedsValuesAboveZero) {
  ExperimentTable t = table();
  for (Sample& s : t.samples) {
    if (s.values[0] == "a") s.measured[1] = 0.0;
  }
  EXPECT_FALSE(mean_over_seeds({&t}, "cost", {{"policy", {"old"}}}, Averaging::geometric_of_means));
}

// Without one of the two seeds a scenario costs nothing, and the jackknife has no value to go on.
TEST(Claims, NothingAgreesWithoutAnInterval) {
  ExperimentTable t = table();
  t.samples[0].measured[1] = 0.0;
  Claim claim = claim_of(std::nullopt);
  claim.measure = "cost";
  claim.over = Averaging::geometric_of_means;
  claim.direction = Direction::less;
  const ClaimFigure figure = evaluate(claim, {&t});
  ASSERT_TRUE(figure.ours);
  EXPECT_EQ(figure.ours->n, 2U);
  EXPECT_FALSE(figure.ours->half_width);
  EXPECT_EQ(figure.verdict, ClaimVerdict::inconclusive);
  EXPECT_EQ(figure.reason, "the interval is undefined");
}

TEST(Claims, TheBestOfAnAxisGoesFarthestInThePublishedDirection) {
  ExperimentTable t = table();
  for (Sample& s : t.samples) {
    if (s.values[0] == "b" && s.values[1] == "new") s.measured[0] = 0.03;
  }
  Claim claim = claim_of(-80.0);
  claim.best_over = "scenario";
  const ClaimFigure best = evaluate(claim, {&t});
  ASSERT_TRUE(best.ours);
  EXPECT_EQ(best.best, "b");
  EXPECT_NEAR(best.ours->mean, -80.0, 1e-9); // from (0.10 + 0.20) / 2 to 0.03; a only halves
  claim.published = 20.0;
  EXPECT_EQ(evaluate(claim, {&t}).best, "a");
  claim.where = {{"scenario", {"b"}}};
  EXPECT_EQ(evaluate(claim, {&t}).best, "b");
}

TEST(Claims, OneRandomRunIsComparedWithSingleRuns) {
  const ExperimentTable t = table();
  Claim claim = claim_of(26.0);
  claim.against.clear();
  claim.policy = "old";
  claim.where = {{"scenario", {"a"}}};
  claim.within = 0.0;
  const ClaimFigure mean = evaluate(claim, {&t});
  claim.one_run = true;
  const ClaimFigure single = evaluate(claim, {&t});
  ASSERT_TRUE(mean.ours && single.ours && mean.ours->half_width && single.ours->half_width);
  EXPECT_EQ(single.ours->mean, mean.ours->mean);
  EXPECT_NEAR(*single.ours->half_width / *mean.ours->half_width, std::sqrt(3.0),
              1e-12); // two seeds: √(1 + 1/2) / √(1/2)
}

TEST(Claims, AValueIsShownInItsUnit) {
  const ExperimentTable t = table();
  Claim claim = claim_of(12.0);
  claim.against.clear();
  claim.within = 1.0;
  const ClaimFigure figure = evaluate(claim, {&t});
  EXPECT_NEAR(figure.ours->mean, 10.0, 1e-9);
  EXPECT_EQ(figure.verdict, ClaimVerdict::differs);
  EXPECT_EQ(figure.reason, "smaller");
}

TEST(Claims, NothingIsSaidOfAShareOfZero) {
  ExperimentTable t = table();
  for (Sample& s : t.samples) {
    if (s.values[1] == "old") s.measured[0] = 0.0;
  }
  const ClaimFigure figure = evaluate(claim_of(-50.0), {&t});
  EXPECT_FALSE(figure.ours);
  EXPECT_EQ(figure.verdict, ClaimVerdict::inconclusive);
  EXPECT_EQ(figure.reason, "a share of 0 is undefined");
}

TEST(Claims, TheRuleForNumbers) {
  const Claim claim = claim_of(-40.0); // within 5
  EXPECT_EQ(verdict(claim, -40.0, 1.0), ClaimVerdict::agrees);
  EXPECT_EQ(verdict(claim, -45.0, 1.0), ClaimVerdict::agrees);
  EXPECT_EQ(verdict(claim, -46.0, 1.0), ClaimVerdict::inconclusive); // −40 is at the edge of [−52, −40], −46 too far
  EXPECT_EQ(verdict(claim, -46.5, 1.0), ClaimVerdict::differs);
  EXPECT_EQ(verdict(claim, -30.0, 1.0), ClaimVerdict::differs);
  EXPECT_EQ(verdict(claim, -10.0, 30.0), ClaimVerdict::inconclusive); // holds 0
  EXPECT_EQ(verdict(claim, -40.0, 20.1), ClaimVerdict::inconclusive); // wider than half of it
  EXPECT_EQ(verdict(claim, -40.0, 20.0), ClaimVerdict::agrees);
  EXPECT_EQ(verdict(claim, 20.0, 1.0), ClaimVerdict::differs);
  EXPECT_EQ(verdict(claim, -41.0, std::nullopt), ClaimVerdict::inconclusive);   // one replication
  EXPECT_EQ(verdict(claim_of(-50.0), -32.0, 17.0), ClaimVerdict::inconclusive); // noise alone reaches −50
  Claim tolerant = claim_of(2.0);
  tolerant.within = 60.0;
  EXPECT_EQ(verdict(tolerant, -5.4, 1.0), ClaimVerdict::differs); // the opposite direction
  EXPECT_EQ(verdict(tolerant, -5.4, 6.0), ClaimVerdict::inconclusive);
}

TEST(Claims, TheRuleForDirections) {
  Claim claim = claim_of(std::nullopt);
  claim.direction = Direction::less;
  EXPECT_EQ(verdict(claim, -1.0, 0.5), ClaimVerdict::agrees);
  EXPECT_EQ(verdict(claim, 1.0, 0.5), ClaimVerdict::differs);
  EXPECT_EQ(verdict(claim, -1.0, 1.5), ClaimVerdict::inconclusive);
  EXPECT_EQ(verdict(claim, 0.0, 0.0), ClaimVerdict::inconclusive); // identical
  claim.direction = Direction::more;
  EXPECT_EQ(verdict(claim, 1.0, 0.5), ClaimVerdict::agrees);
}

} // namespace
} // namespace terastal
