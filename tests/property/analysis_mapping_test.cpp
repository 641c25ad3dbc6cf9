#include "terastal/offline/analysis/mapping_bound.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/core/random.hpp"

// The bound over all mappings against every mapping, against an exact solution for two kinds, and against its own dual.
namespace terastal {
namespace {

constexpr double kCannot = std::numeric_limits<double>::infinity();

struct Work {
  std::vector<std::vector<double>> demand;
  std::vector<double> capacity;
};

Work random_work(RandomStream& random, std::size_t pieces, std::size_t kinds) {
  Work work;
  for (std::size_t k = 0; k < kinds; ++k) work.capacity.push_back(1.0 + static_cast<double>(random.below(3)));
  for (std::size_t j = 0; j < pieces; ++j) {
    std::vector<double> row;
    for (std::size_t k = 0; k < kinds; ++k) {
      const bool whole = random.below(3) == 0; // equal numbers make ties
      const double time = whole ? static_cast<double>(1 + random.below(3)) : random.uniform();
      row.push_back(random.below(4) == 0 ? kCannot : time);
    }
    row[random.below(kinds)] = 1.0;
    work.demand.push_back(row);
  }
  return work;
}

/// Smallest largest load over all mappings that split nothing.
double best_integral(const Work& work) {
  std::vector<std::size_t> kind(work.demand.size(), 0);
  double best = kCannot;
  for (;;) {
    std::vector<double> load(work.capacity.size(), 0.0);
    for (std::size_t j = 0; j < kind.size(); ++j) load[kind[j]] += work.demand[j][kind[j]] / work.capacity[kind[j]];
    best = std::min(best, *std::max_element(load.begin(), load.end()));
    std::size_t j = 0;
    while (j < kind.size() && ++kind[j] == work.capacity.size()) kind[j++] = 0;
    if (j == kind.size()) return best;
  }
}

/// Two kinds: pieces go to the first in order of how much better it is for them, the one at the balance is split.
double exact_for_two(const Work& work) {
  std::vector<std::pair<double, double>> pieces;
  for (const auto& row : work.demand) pieces.emplace_back(row[0] / work.capacity[0], row[1] / work.capacity[1]);
  std::sort(pieces.begin(), pieces.end(), [](const auto& a, const auto& b) {
    // a.first / a.second < b.first / b.second, where either may be infinite.
    const double left = a.second == kCannot ? 0.0 : a.first / a.second;
    const double right = b.second == kCannot ? 0.0 : b.first / b.second;
    return left < right;
  });
  double first = 0.0;
  double second = 0.0;
  for (const auto& [a, b] : pieces) second += b == kCannot ? 0.0 : b;
  for (const auto& [a, b] : pieces) {
    if (b == kCannot) {
      first += a;
      continue;
    }
    if (first >= second || a == kCannot) break;
    const double share = std::min(1.0, (second - first) / (a + b));
    first += share * a;
    second -= share * b;
  }
  return std::max(first, second);
}

/// What any weights prove.
double dual(const Work& work, const std::vector<double>& weights) {
  double sum = 0.0;
  for (const auto& row : work.demand) {
    double least = kCannot;
    for (std::size_t k = 0; k < row.size(); ++k) {
      if (row[k] != kCannot) least = std::min(least, weights[k] * row[k] / work.capacity[k]);
    }
    sum += least;
  }
  return sum;
}

TEST(MappingBound, OneKindIsASum) {
  const MappingBound bound = mapping_bound({{0.5}, {0.75}}, {2.0});
  EXPECT_NEAR(bound.lower, 0.625, 1e-14);
  EXPECT_DOUBLE_EQ(bound.upper, 0.625);
}

TEST(MappingBound, WorkIsSplitWhereThatHelps) {
  // One piece, as fast on both: half of it on each.
  EXPECT_NEAR(mapping_bound({{1.0, 1.0}}, {1.0, 1.0}).lower, 0.5, 1e-14);
  // Twice as fast on the first: 2/3 of it there.
  EXPECT_NEAR(mapping_bound({{1.0, 2.0}}, {1.0, 1.0}).lower, 2.0 / 3.0, 1e-14);
  EXPECT_NEAR(mapping_bound({{1.0, kCannot}, {kCannot, 0.25}}, {1.0, 1.0}).lower, 1.0, 1e-14);
}

TEST(MappingBound, IsBelowEveryMapping) {
  RandomStream random(51, 0, Purpose::policy);
  int tight = 0;
  for (int n = 0; n < 3000; ++n) {
    const Work work = random_work(random, 1 + random.below(6), 1 + random.below(3));
    const MappingBound bound = mapping_bound(work.demand, work.capacity);
    const double integral = best_integral(work);
    ASSERT_LE(bound.lower, integral);
    tight += bound.lower > integral * (1.0 - 1e-12) ? 1 : 0;
  }
  EXPECT_GT(tight, 100) << "the bound is never reached by a mapping";
}

TEST(MappingBound, EqualsTheExactSolutionForTwoKinds) {
  RandomStream random(52, 0, Purpose::policy);
  for (int n = 0; n < 5000; ++n) {
    const Work work = random_work(random, 1 + random.below(40), 2);
    const MappingBound bound = mapping_bound(work.demand, work.capacity);
    const double exact = exact_for_two(work);
    ASSERT_NEAR(bound.lower, exact, 1e-10 * exact);
    ASSERT_NEAR(bound.upper, exact, 1e-10 * exact);
  }
}

TEST(MappingBound, IsSolvedAndProvenByItsWeights) {
  RandomStream random(53, 0, Purpose::policy);
  for (int n = 0; n < 1000; ++n) {
    const std::size_t kinds = 1 + random.below(n % 100 == 0 ? 12 : 5);
    const Work work = random_work(random, 1 + random.below(n % 100 == 0 ? 400 : 30), kinds);
    const MappingBound bound = mapping_bound(work.demand, work.capacity);
    ASSERT_LE(bound.upper - bound.lower, 1e-9 * bound.upper) << kinds << " kinds";
    ASSERT_NEAR(dual(work, bound.weights), bound.lower, 1e-9 * bound.upper);
    std::vector<double> other;
    for (std::size_t k = 0; k < kinds; ++k) other.push_back(random.uniform());
    const double sum = std::accumulate(other.begin(), other.end(), 0.0);
    for (double& w : other) w /= sum;
    ASSERT_LE(dual(work, other), bound.upper * (1.0 + 1e-12));
  }
}

} // namespace
} // namespace terastal
