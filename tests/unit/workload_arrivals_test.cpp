#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/workload/arrivals.hpp"

namespace terastal {
namespace {

using namespace testing;

std::vector<Duration> first(const Arrivals& arrivals, std::size_t count, std::uint64_t seed = 1, TaskIndex task = 0) {
  ArrivalStream stream(arrivals, seed, task);
  std::vector<Duration> times;
  while (times.size() < count) {
    const auto next = stream.next();
    if (!next) break;
    times.push_back(next->time.time_since_epoch());
  }
  return times;
}

struct Gaps {
  double mean = 0.0; ///< seconds
  double cv = 0.0;
  Duration smallest = Duration::max();
};

Gaps gaps(const Arrivals& arrivals, std::size_t count) {
  const auto times = first(arrivals, count + 1);
  Gaps g;
  double squares = 0.0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const Duration gap = times[i] - times[i - 1];
    g.smallest = std::min(g.smallest, gap);
    g.mean += to_seconds(gap);
    squares += to_seconds(gap) * to_seconds(gap);
  }
  const auto n = static_cast<double>(count);
  g.mean /= n;
  g.cv = std::sqrt(squares / n - g.mean * g.mean) / g.mean;
  return g;
}

TEST(Arrivals, PeriodicReleasesAreExact) {
  using Times = std::vector<Duration>;
  EXPECT_EQ(first(PeriodicArrivals{10ms}, 4), (Times{0ms, 10ms, 20ms, 30ms}));
  EXPECT_EQ(first(PeriodicArrivals{10ms, 3ms}, 3), (Times{3ms, 13ms, 23ms}));
  EXPECT_EQ(first(PeriodicArrivals{10ms, 25ms}, 3), (Times{25ms, 35ms, 45ms})); // a phase beyond the period is kept
  // 60 fps: the period is rounded once, and does not drift against itself.
  EXPECT_EQ(first(PeriodicArrivals{Duration{16'666'666'667}}, 1001).back().count(), 16'666'666'667'000);
}

TEST(Arrivals, JitterDelaysEachReleaseByItsOwnDraw) {
  const auto times = first(PeriodicArrivals{10ms, 2ms, 4ms}, 10'000);
  double sum = 0.0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Duration delay = times[i] - (2ms + static_cast<Duration::rep>(i) * Duration{10ms});
    ASSERT_GE(delay, 0ms);
    ASSERT_LE(delay, 4ms); // counted from the nominal release, so it does not add up
    sum += to_seconds(delay);
  }
  EXPECT_NEAR(sum / 10'000, 2e-3, 6e-5); // five standard errors: 5 · 4 ms / √12 / 100
}

TEST(Arrivals, JitterIncludesBothEnds) {
  std::set<Duration> delays;
  const auto times = first(PeriodicArrivals{10ms, 0ms, Duration{2}}, 100);
  for (std::size_t i = 0; i < times.size(); ++i)
    delays.insert(times[i] - static_cast<Duration::rep>(i) * Duration{10ms});
  EXPECT_EQ(delays, (std::set<Duration>{Duration{0}, Duration{1}, Duration{2}}));
}

// Jitter of three periods would let releases overtake each other; they wait for the one before instead.
TEST(Arrivals, ReleasesKeepTheirOrderUnderJitter) {
  const auto times = first(PeriodicArrivals{10ms, 0ms, 30ms}, 5000);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  for (std::size_t i = 0; i < times.size(); ++i) {
    const Duration nominal = static_cast<Duration::rep>(i) * Duration{10ms};
    ASSERT_GE(times[i], nominal);
    ASSERT_LE(times[i], nominal + 30ms);
  }
}

TEST(Arrivals, JitterDoesNotChangeTheRandomPhase) {
  const Duration still = first(PeriodicArrivals{10ms, std::nullopt, 0ms}, 1).front();
  const Duration jittered = first(PeriodicArrivals{10ms, std::nullopt, 1us}, 1).front();
  EXPECT_GE(jittered, still);
  EXPECT_LE(jittered, still + 1us);
}

TEST(Arrivals, RandomPhaseIsUniformOverThePeriod) {
  double sum = 0.0;
  std::set<Duration> different;
  constexpr int kSeeds = 4000;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (const Arrivals& arrivals :
         {Arrivals{PeriodicArrivals{10ms, std::nullopt}}, Arrivals{SporadicArrivals{10ms, std::nullopt}}}) {
      const Duration phase = first(arrivals, 1, seed).front();
      ASSERT_GE(phase, 0ms);
      ASSERT_LT(phase, 10ms);
      different.insert(phase);
      sum += to_seconds(phase) / (2.0 * kSeeds);
    }
  }
  EXPECT_NEAR(sum, 5e-3, 2.3e-4); // five standard errors: 5 · 10 ms / √12 / √4000
  EXPECT_GT(different.size(), kSeeds - 10U);
  EXPECT_NE(first(PeriodicArrivals{10ms, std::nullopt}, 1, 1, 0), first(PeriodicArrivals{10ms, std::nullopt}, 1, 1, 1));
}

TEST(Arrivals, SporadicIsPeriodPlusExponential) {
  const Gaps g = gaps(SporadicArrivals{10ms, 0ms, 5ms}, 100'000);
  EXPECT_GE(g.smallest, 10ms);
  EXPECT_NEAR(g.mean, 15e-3, 8e-5); // five standard errors: 5 · 5 ms / √100000
  EXPECT_NEAR(g.cv, 1.0 / 3.0, 0.01);
  EXPECT_EQ(first(SporadicArrivals{10ms, 3ms, 5ms}, 1).front(), 3ms);
  EXPECT_EQ(first(SporadicArrivals{10ms, 3ms, 0ms}, 3).back(), 23ms);
}

TEST(Arrivals, PoissonRateAndShape) {
  const Gaps g = gaps(PoissonArrivals{4ms}, 100'000);
  EXPECT_NEAR(g.mean, 4e-3, 6.4e-5);
  EXPECT_NEAR(g.cv, 1.0, 0.02);
  // Memoryless: 1 − 1/e of the gaps are below the mean.
  const auto times = first(PoissonArrivals{4ms}, 100'001);
  int below = 0;
  for (std::size_t i = 1; i < times.size(); ++i) below += times[i] - times[i - 1] < 4ms ? 1 : 0;
  EXPECT_NEAR(below / 1e5, 1.0 - std::exp(-1.0), 0.0077);
}

// On a quarter of the time with a distance of 1 ms: 4 ms in the long run, in bunches. About 20000 bursts: 3 % is safe.
TEST(Arrivals, BurstsRateAndShape) {
  const Gaps g = gaps(BurstArrivals{1ms, 10ms, 30ms}, 200'000);
  EXPECT_NEAR(g.mean, 4e-3, 1.6e-4);
  EXPECT_GT(g.cv, 2.0);
  // Few releases per burst: a distance of 40 ms only if the off period begins where the on period ends.
  EXPECT_NEAR(gaps(BurstArrivals{10ms, 10ms, 30ms}, 200'000).mean, 40e-3, 1e-3);
  // A release starts a new burst if the gap holds an off period: one in 10 releases per burst on average.
  const auto times = first(BurstArrivals{1ms, 10ms, 1s}, 100'000);
  int long_gaps = 0;
  for (std::size_t i = 1; i < times.size(); ++i) long_gaps += times[i] - times[i - 1] > 20ms ? 1 : 0;
  EXPECT_NEAR(long_gaps / 1e5, 0.09, 0.01); // some bursts are empty: 1/11 begin with one, and few off periods are short
}

TEST(Arrivals, TracesAreReplayedWithTheirEntries) {
  TraceArrivals trace = releases({1ms, 1ms, 5ms});
  trace.entries[1].deadline = 7ms;
  trace.entries[2].priority = 3;
  trace.entries[2].sample = 42;
  const Arrivals arrivals = trace;
  ArrivalStream stream(arrivals, 1, 0);
  EXPECT_EQ(stream.next()->time, at(1ms));
  EXPECT_EQ(stream.next()->entry->deadline, Duration{7ms});
  const auto last = stream.next();
  EXPECT_EQ(last->time, at(5ms));
  EXPECT_EQ(last->entry->priority, 3);
  EXPECT_EQ(last->entry->sample, 42);
  EXPECT_FALSE(stream.next());
  EXPECT_FALSE(stream.next());
}

TEST(Arrivals, NoneIsEmpty) {
  EXPECT_TRUE(first(NoArrivals{}, 3).empty());
  EXPECT_FALSE(ArrivalStream{}.next());
}

TEST(Arrivals, SeedAndTaskDecideEverything) {
  const std::vector<Arrivals> kinds{PeriodicArrivals{10ms, std::nullopt, 3ms}, SporadicArrivals{10ms, 0ms, 2ms},
                                    PoissonArrivals{4ms}, BurstArrivals{1ms, 10ms, 30ms}};
  for (const Arrivals& kind : kinds) {
    EXPECT_EQ(first(kind, 1000, 5, 2), first(kind, 1000, 5, 2));
    EXPECT_NE(first(kind, 1000, 5, 2), first(kind, 1000, 6, 2));
    EXPECT_NE(first(kind, 1000, 5, 2), first(kind, 1000, 5, 3));
  }
}

TEST(Arrivals, CopiesOfAStreamGoOnAlike) {
  const Arrivals arrivals = BurstArrivals{1ms, 10ms, 30ms};
  ArrivalStream stream(arrivals, 1, 0);
  for (int i = 0; i < 10; ++i) (void)stream.next();
  ArrivalStream copy = stream;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(copy.next()->time, stream.next()->time);
}

Scenario four_kinds() {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}}, 2s);
  const auto net = add_network(s, "net", {{3ms, 5ms}, {4ms, 2ms}});
  add_task(s, "periodic", net, 20ms, PeriodicArrivals{20ms, std::nullopt, 5ms});
  add_task(s, "sporadic", net, 15ms, SporadicArrivals{20ms, 0ms, 10ms});
  add_task(s, "poisson", net, 30ms, PoissonArrivals{25ms});
  add_task(s, "bursts", net, 25ms, BurstArrivals{5ms, 50ms, 150ms});
  return s;
}

using Released = std::vector<std::pair<TaskIndex, Time>>;

Released released_under(const Scenario& s, const std::string& policy) {
  Released released;
  for (const auto& e : run(s, policy).events.released) released.emplace_back(e.task, e.time);
  return released;
}

TEST(Arrivals, AllPoliciesMeetTheSame) {
  Scenario s = four_kinds();
  const Released fcfs = released_under(s, "fcfs");
  EXPECT_GT(fcfs.size(), 200U);
  EXPECT_LT(fcfs.back().second, Time{s.horizon});
  for (const char* policy : {"edf", "sjf:placement=preferred_only", "dream", "terastal"}) {
    EXPECT_EQ(released_under(s, policy), fcfs) << policy;
  }
  s.seed = 2;
  EXPECT_NE(released_under(s, "fcfs"), fcfs);
}

TEST(Arrivals, MeanPeriodsInTheLongRun) {
  Scenario s = four_kinds();
  add_task(s, "trace", 0, 1s, releases({0ms, 1ms, 2ms, 3ms}));
  add_task(s, "none", 0, 1s, NoArrivals{});
  add_task(s, "child", 0, 1s, NoArrivals{}).parent = Parent{0, 0.25};
  add_task(s, "never", 0, 1s, NoArrivals{}).parent = Parent{0, 0.0};
  const std::vector<Duration> expected{20ms, 30ms, 25ms, 20ms, 500ms, 0ms, 80ms, 0ms};
  for (TaskIndex t = 0; t < expected.size(); ++t) EXPECT_EQ(mean_period(s, t), expected[t]) << s.tasks[t].name;
}

TEST(Arrivals, FarBeyondTheClockIsAnError) {
  const Arrivals arrivals = PeriodicArrivals{Duration::max(), 1ms};
  ArrivalStream stream(arrivals, 1, 0);
  EXPECT_EQ(stream.next()->time, at(1ms));
  EXPECT_THROW((void)stream.next(), SimulationError);
}

} // namespace
} // namespace terastal
