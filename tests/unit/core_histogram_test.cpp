#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#include <malloc.h> // mallinfo2
#endif

#include <gtest/gtest.h>

#include "terastal/core/histogram.hpp"
#include "terastal/core/random.hpp"

namespace terastal {
namespace {

constexpr double kPromisedError = 1.0 / 1024.0;

Duration nearest_rank(const std::vector<Duration>& sorted, double q) {
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

void expect_close(Duration got, Duration exact) {
  const double error = std::abs(static_cast<double>(got.count()) - static_cast<double>(exact.count()));
  EXPECT_LE(error, kPromisedError * static_cast<double>(exact.count())) << got.count() << " for " << exact.count();
}

TEST(Histogram, EmptyIsZero) {
  const DurationHistogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.quantile(0.5), Duration{0});
}

TEST(Histogram, SmallValuesAreExact) {
  DurationHistogram histogram;
  for (int i = 1; i <= 100; ++i) histogram.add(Duration{i});
  EXPECT_EQ(histogram.count(), 100U);
  EXPECT_EQ(histogram.quantile(0.0), Duration{1});
  EXPECT_EQ(histogram.quantile(0.50), Duration{50});
  EXPECT_EQ(histogram.quantile(0.501), Duration{51});
  EXPECT_EQ(histogram.quantile(0.99), Duration{99});
  EXPECT_EQ(histogram.quantile(1.0), Duration{100});
}

TEST(Histogram, RelativeErrorOnRandomData) {
  RandomStream random(1, 0, Purpose::sample);
  DurationHistogram histogram;
  std::vector<Duration> values;
  for (int i = 0; i < 50'000; ++i) {
    // From picoseconds to months: 2^(0 … 62), log-uniform.
    const Duration value{static_cast<Duration::rep>(std::exp2(62.0 * random.uniform()))};
    values.push_back(value);
    histogram.add(value);
  }
  std::sort(values.begin(), values.end());
  for (int i = 0; i <= 1000; ++i) {
    const double q = i / 1000.0;
    expect_close(histogram.quantile(q), nearest_rank(values, q));
  }
}

TEST(Histogram, SingleValuesIncludingExtremes) {
  std::vector<Duration> extremes{Duration{0},   Duration{1},   Duration{511},
                                 Duration{512}, Duration{513}, Duration::max()};
  for (int power = 9; power < 63; ++power) {
    const Duration::rep edge = Duration::rep{1} << power;
    for (const Duration::rep v : {edge - 1, edge, edge + 1}) extremes.emplace_back(v);
  }
  for (const Duration value : extremes) {
    DurationHistogram histogram;
    histogram.add(value);
    expect_close(histogram.quantile(0.5), value);
    expect_close(histogram.quantile(1.0), value);
  }
}

TEST(Histogram, QuantilesNeverDecrease) {
  RandomStream random(2, 0, Purpose::sample);
  DurationHistogram histogram;
  for (int i = 0; i < 1000; ++i) histogram.add(Duration{static_cast<Duration::rep>(1e9 * random.exponential())});
  Duration last{0};
  for (int i = 0; i <= 1000; ++i) {
    const Duration value = histogram.quantile(i / 1000.0);
    EXPECT_GE(value, last);
    last = value;
  }
}

// 4 KiB per power of two that occurs, whatever the number of values.
TEST(Histogram, MemoryDependsOnTheSpreadOnly) {
  EXPECT_LE(sizeof(DurationHistogram), 2048U);
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
  DurationHistogram histogram;
  const auto in_use = [] { return mallinfo2().uordblks; };
  const auto before = in_use();
  for (int octave = 20; octave < 30; ++octave) histogram.add(Duration{Duration::rep{1} << octave});
  const auto filled = in_use();
  EXPECT_LE(filled - before, 10U * (4096U + 64U));
  for (Duration::rep i = 0; i < 200'000; ++i) histogram.add(Duration{(Duration::rep{1} << 20) + i * 5});
  EXPECT_EQ(in_use(), filled);
#endif
}

} // namespace
} // namespace terastal
