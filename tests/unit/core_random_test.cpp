#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/core/random.hpp"

namespace terastal {
namespace {

// A change of any of these changes every result of every seed. They come from an independent implementation (Python) of
// the published algorithms.
TEST(Random, SplitMixGivesThePublishedSequence) {
  std::uint64_t state = 0;
  EXPECT_EQ(splitmix64(state), 0xE220A8397B1DCDAFU);
  EXPECT_EQ(splitmix64(state), 0x6E789E6AA1B965F4U);
  EXPECT_EQ(splitmix64(state), 0x06C45D188009454FU);
  state = 1234567;
  EXPECT_EQ(splitmix64(state), 6457827717110365317U);
  EXPECT_EQ(splitmix64(state), 3203168211198807973U);
}

TEST(Random, BitsArePinned) {
  RandomStream arrivals(1, 0, Purpose::arrivals);
  EXPECT_EQ(arrivals.bits(), 0x9A20B92C1D7706C7U);
  EXPECT_EQ(arrivals.bits(), 0xE505223F1E6E11C8U);
  EXPECT_EQ(arrivals.bits(), 0x88D6DBEA6B6DB267U);
  EXPECT_EQ(arrivals.bits(), 0x2EDC074BA02D305FU);
  RandomStream execution(42, 3, Purpose::execution, std::uint64_t{7} << 32 | 2U);
  EXPECT_EQ(execution.bits(), 0x6D60BE809E8EF9C1U);
  EXPECT_EQ(execution.bits(), 0xB97948F1B8FD43F1U);
}

TEST(Random, TransformsArePinned) {
  const auto stream = [] { return RandomStream(1, 0, Purpose::arrivals); };
  EXPECT_EQ(stream().uniform(), 0.6020618183806299);
  EXPECT_DOUBLE_EQ(stream().exponential(), 0.9214586083258948);
  EXPECT_DOUBLE_EQ(stream().normal(), 1.0706234483299037);
  RandomStream below = stream();
  for (const std::uint64_t expected : {602U, 894U, 534U, 183U, 22U}) EXPECT_EQ(below.below(1000), expected);
}

struct Moments {
  double mean = 0.0;
  double variance = 0.0;
  double fourth = 0.0; ///< central, over the variance squared
};

template <typename Draw>
Moments moments(Draw draw) {
  constexpr int kDraws = 400'000;
  std::vector<double> values;
  Moments m;
  for (int i = 0; i < kDraws; ++i) m.mean += values.emplace_back(draw());
  m.mean /= kDraws;
  for (const double v : values) {
    const double square = (v - m.mean) * (v - m.mean);
    m.variance += square;
    m.fourth += square * square;
  }
  m.variance /= kDraws;
  m.fourth /= kDraws * m.variance * m.variance;
  return m;
}

// Tolerances are five standard errors: 5 · σ / √400000.
TEST(Random, UniformMoments) {
  RandomStream random(7, 0, Purpose::execution);
  const Moments m = moments([&] { return random.uniform(); });
  EXPECT_NEAR(m.mean, 0.5, 0.0023);
  EXPECT_NEAR(m.variance, 1.0 / 12.0, 0.0006);
  EXPECT_NEAR(m.fourth, 1.8, 0.01);
}

TEST(Random, ExponentialMoments) {
  RandomStream random(7, 1, Purpose::execution);
  const Moments m = moments([&] { return random.exponential(); });
  EXPECT_NEAR(m.mean, 1.0, 0.008);
  EXPECT_NEAR(m.variance, 1.0, 0.023);
  EXPECT_NEAR(m.fourth, 9.0, 0.8);
}

TEST(Random, NormalMomentsAndTails) {
  RandomStream random(7, 2, Purpose::execution);
  int beyond = 0;
  const Moments m = moments([&] {
    const double z = random.normal();
    if (std::abs(z) > 1.959963984540054) ++beyond;
    return z;
  });
  EXPECT_NEAR(m.mean, 0.0, 0.008);
  EXPECT_NEAR(m.variance, 1.0, 0.0112);
  EXPECT_NEAR(m.fourth, 3.0, 0.08);
  EXPECT_NEAR(beyond / 400'000.0, 0.05, 0.0018);
}

TEST(Random, UniformStaysBelowOne) {
  RandomStream random(3, 0, Purpose::phase);
  for (int i = 0; i < 100'000; ++i) {
    const double u = random.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    ASSERT_EQ(u * 0x1.0p53, std::floor(u * 0x1.0p53)); // a multiple of 2^-53
  }
}

TEST(Random, BelowIsUniformOverItsRange) {
  RandomStream random(5, 0, Purpose::sample);
  std::array<int, 7> seen{};
  for (int i = 0; i < 70'000; ++i) ++seen.at(random.below(seen.size()));
  for (const int count : seen) EXPECT_NEAR(count, 10'000, 465); // 5 · √(70000 · 1/7 · 6/7)
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.below(1), 0U);
  // Three quarters of the range: a modulo would send half of all draws into the lowest quarter of 2^64.
  constexpr std::uint64_t three_quarters = 3ULL << 62;
  int low = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::uint64_t value = random.below(three_quarters);
    ASSERT_LT(value, three_quarters);
    if (value < 1ULL << 62) ++low;
  }
  EXPECT_NEAR(low, 10'000, 410);
}

double correlation(RandomStream a, RandomStream b) {
  constexpr int kDraws = 100'000;
  double sum = 0.0;
  for (int i = 0; i < kDraws; ++i) sum += (a.uniform() - 0.5) * (b.uniform() - 0.5);
  return sum / kDraws * 12.0;
}

TEST(Random, StreamsAreIndependent) {
  const RandomStream base(1, 0, Purpose::arrivals);
  constexpr double five_standard_errors = 0.016;
  EXPECT_NEAR(correlation(base, RandomStream(2, 0, Purpose::arrivals)), 0.0, five_standard_errors);
  EXPECT_NEAR(correlation(base, RandomStream(1, 1, Purpose::arrivals)), 0.0, five_standard_errors);
  EXPECT_NEAR(correlation(base, RandomStream(1, 0, Purpose::jitter)), 0.0, five_standard_errors);
  EXPECT_NEAR(correlation(base, RandomStream(1, 0, Purpose::arrivals, 1)), 0.0, five_standard_errors);
  EXPECT_NEAR(correlation(base, base), 1.0, 0.02); // the measure can tell
}

// Execution times use one stream per job and layer: the first draws of neighbouring items must look random, too.
TEST(Random, FirstDrawsOfNeighbouringItemsAreIndependent) {
  double mean = 0.0;
  double lag = 0.0;
  double previous = 0.5;
  constexpr int kItems = 100'000;
  for (std::uint64_t item = 0; item < kItems; ++item) {
    const double u = RandomStream(1, 0, Purpose::execution, item << 32).uniform();
    mean += u / kItems;
    lag += (u - 0.5) * (previous - 0.5) * 12.0 / kItems;
    previous = u;
  }
  EXPECT_NEAR(mean, 0.5, 0.0046);
  EXPECT_NEAR(lag, 0.0, 0.016);
}

TEST(Random, EveryStreamStartsElsewhere) {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    for (std::uint64_t task = 0; task < 10; ++task) {
      for (const Purpose purpose : {Purpose::phase, Purpose::arrivals, Purpose::jitter, Purpose::cascade,
                                    Purpose::sample, Purpose::execution, Purpose::policy}) {
        for (std::uint64_t item = 0; item < 10; ++item) {
          first.insert(RandomStream(seed, task, purpose, item).bits());
        }
      }
    }
  }
  EXPECT_EQ(first.size(), 7000U);
}

} // namespace
} // namespace terastal
