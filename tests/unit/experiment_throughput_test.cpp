#include "terastal/experiment/throughput.hpp"

#include <atomic>
#include <cmath>
#include <memory>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "support/small_scenario.hpp"
#include "terastal/core/error.hpp"
#include "terastal/workload/scale_rates.hpp"

namespace terastal {
namespace {

using namespace testing;

Policy policy(const std::string& text) { return testing::known_policies().parse(text); }

/// One accelerator, one task of one layer.
Scenario one_task(Duration latency, Duration deadline, Arrivals arrivals, Duration horizon) {
  Scenario s = platform({{"gpu", 1}}, horizon);
  add_task(s, "a", add_network(s, "net", {{latency}}), deadline, std::move(arrivals));
  return s;
}

TEST(ScaleRates, EveryKindOfArrivals) {
  const auto periodic = std::get<PeriodicArrivals>(scale_rates(Arrivals{PeriodicArrivals{10ms, 5ms, 1ms}}, 2.0));
  EXPECT_EQ(periodic.period, Duration{5ms});
  EXPECT_EQ(periodic.phase, Duration{2500us});
  EXPECT_EQ(periodic.jitter, Duration{500us});
  const auto random = std::get<PeriodicArrivals>(scale_rates(Arrivals{PeriodicArrivals{10ms, {}, 0ms}}, 2.0));
  EXPECT_FALSE(random.phase);
  EXPECT_EQ(random.jitter, Duration{0});
  const auto sporadic = std::get<SporadicArrivals>(scale_rates(Arrivals{SporadicArrivals{10ms, 0ms, 4ms}}, 0.5));
  EXPECT_EQ(sporadic.period, Duration{20ms});
  EXPECT_EQ(sporadic.extra, Duration{8ms});
  EXPECT_EQ(std::get<PoissonArrivals>(scale_rates(Arrivals{PoissonArrivals{9ms}}, 3.0)).mean_gap, Duration{3ms});
  const auto bursts = std::get<BurstArrivals>(scale_rates(Arrivals{BurstArrivals{2ms, 20ms, 40ms}}, 4.0));
  EXPECT_EQ(bursts.mean_gap, Duration{500us});
  EXPECT_EQ(bursts.mean_on, Duration{5ms});
  EXPECT_EQ(bursts.mean_off, Duration{10ms});
  EXPECT_EQ(std::get<PoissonArrivals>(scale_rates(Arrivals{PoissonArrivals{Duration{3}}}, 1e6)).mean_gap, Duration{1});
}

// The same draws in another unit of time: the i-th release comes at a fourth of its time.
TEST(ScaleRates, ReleasesAreTheSameSequence) {
  for (const Arrivals& arrivals : {Arrivals{PoissonArrivals{8ms}}, Arrivals{SporadicArrivals{8ms, 4ms, 8ms}},
                                   Arrivals{BurstArrivals{4ms, 40ms, 40ms}}}) {
    const Arrivals faster = scale_rates(arrivals, 4.0);
    ArrivalStream slow(arrivals, 7, 0);
    ArrivalStream fast(faster, 7, 0);
    for (int i = 0; i < 100; ++i) {
      const double expected = static_cast<double>(slow.next()->time.time_since_epoch().count()) / 4.0;
      EXPECT_NEAR(static_cast<double>(fast.next()->time.time_since_epoch().count()), expected, 200.0);
    }
  }
}

TEST(ScaleRates, ScenariosKeepTheRestAndRefuseTraces) {
  Scenario s = small_scenario();
  const Scenario faster = scale_rates(s, 2.0);
  EXPECT_EQ(faster.tasks[0].deadline, s.tasks[0].deadline);
  EXPECT_EQ(faster.horizon, s.horizon);
  EXPECT_EQ(mean_period(faster, 1), mean_period(s, 1) / 2);
  s.tasks[1].arrivals = releases({0ms});
  try {
    (void)scale_rates(s, 2.0);
    FAIL();
  } catch (const InputError& e) {
    EXPECT_STREQ(e.what(), "error: task 'slow': the releases of a trace have no rate that can be scaled");
  }
  EXPECT_THROW((void)scale_rates(small_scenario(), 0.0), InputError);
  EXPECT_THROW((void)scale_rates(small_scenario(), std::nan("")), InputError);
}

// 10 ms of work every 100 ms, due at once: every job is in time up to factor 10, every later one is late above it.
TEST(Throughput, PeriodicTaskFillsTheAccelerator) {
  const Scenario s = one_task(10ms, 10ms, PeriodicArrivals{100ms, 0ms, 0ms}, 20s);
  ThroughputOptions options;
  options.qos = 1.0;
  options.tolerance = 0.001;
  options.replications = 1;
  const ThroughputResult r = latency_bounded_throughput(s, policy("edf"), options);
  EXPECT_EQ(r.end, ThroughputEnd::bounded);
  EXPECT_LE(r.bound->scale, 10.0 + 1e-9);
  EXPECT_GT(r.bound->scale, 10.0 / 1.001 - 1e-9);
  EXPECT_NEAR(r.bound->jobs_per_s, 10.0 * r.bound->scale, 0.05);
  EXPECT_EQ(r.bound->in_time, 1.0);
  EXPECT_LE(r.too_much->scale, r.bound->scale * 1.001 * (1.0 + 1e-12));
  EXPECT_LT(r.too_much->in_time, 1.0);
  EXPECT_TRUE(r.reversals.empty());
  // 1, 2, 4, 8 served, 16 not; ten divisions of a factor 2 reach 0.1 %; four around the bound.
  EXPECT_EQ(r.probes.size(), 5U + 10U + 4U);
  EXPECT_EQ(r.probes[4].scale, 16.0);
}

// M/M/1, first come first served: P(response ≤ d) = 1 − exp(−(µ − λ) d). With 1/µ = 1 ms and d = 10 ms, 90 % are in
// time at λ = 1 − ln(10) / 10 a millisecond.
TEST(Throughput, PoissonArrivalsAndExponentialTimes) {
  Scenario s = one_task(1ms, 10ms, PoissonArrivals{4ms}, 100s);
  s.tasks[0].execution.kind = ExecutionTimes::Kind::exponential;
  ThroughputOptions options;
  options.qos = 0.9;
  options.checks = 0;
  options.replications = 2;
  options.tolerance = 0.005;
  const ThroughputResult r = latency_bounded_throughput(s, policy("fcfs"), options);
  EXPECT_EQ(r.end, ThroughputEnd::bounded);
  EXPECT_NEAR(r.bound->jobs_per_s, 1000.0 * (1.0 - std::log(10.0) / 10.0), 15.0);
  EXPECT_NEAR(r.bound->scale, 4.0 * (1.0 - std::log(10.0) / 10.0), 0.06);
}

TEST(Throughput, TheRangeEndsFirst) {
  const Scenario s = one_task(10ms, 10ms, PeriodicArrivals{100ms, 0ms, 0ms}, 2s);
  ThroughputOptions options;
  options.max_scale = 5.0;
  const ThroughputResult more = latency_bounded_throughput(s, policy("edf"), options);
  EXPECT_EQ(more.end, ThroughputEnd::above_max);
  EXPECT_EQ(more.bound->scale, 5.0);
  EXPECT_FALSE(more.too_much);
  const Scenario late = one_task(10ms, 9ms, PeriodicArrivals{100ms, 0ms, 0ms}, 2s);
  options.min_scale = 0.3;
  const ThroughputResult none = latency_bounded_throughput(late, policy("edf"), options);
  EXPECT_EQ(none.end, ThroughputEnd::below_min);
  EXPECT_FALSE(none.bound);
  EXPECT_EQ(none.too_much->scale, 0.3);
}

// `a` is hopeless and has a tenth of the jobs: 90 % of all are in time, of the worst task none.
TEST(Throughput, CriterionOfTheWorstTask) {
  Scenario s = one_task(10ms, 9ms, PeriodicArrivals{1s, 0ms, 0ms}, 10s);
  s.platform.accelerators.push_back({"gpu1", 0});
  add_task(s, "b", 0, 50ms, PeriodicArrivals{111ms, 20ms, 0ms});
  ThroughputOptions options;
  options.qos = 0.85;
  options.replications = 1;
  EXPECT_GT(latency_bounded_throughput(s, policy("edf"), options).bound->scale, 1.0);
  options.criterion = ThroughputCriterion::worst_task;
  EXPECT_EQ(latency_bounded_throughput(s, policy("edf"), options).end, ThroughputEnd::below_min);
}

/// Drops every job when the period is 13 ms to 14 ms: serves more load better there.
class Picky : public Scheduler {
 public:
  [[nodiscard]] std::string_view name() const override { return "picky"; }
  [[nodiscard]] bool may_drop() const override { return true; }
  void prepare(const Scenario& s) override { picky_ = mean_period(s, 0) >= 13ms && mean_period(s, 0) < 14ms; }
  void dispatch(const SystemView& view, Decisions& out) override {
    const ReadyId id = view.ready()[0];
    if (picky_) {
      out.drop(id);
    } else {
      out.start(id, view.original(id), 0);
    }
  }

 private:
  bool picky_ = false;
};

// The bound is 9.6, a period of 10 ms. Two steps of 15 % below it the period is 13.2 ms.
TEST(Throughput, ReversalsAreTold) {
  PolicyInfo info;
  info.id = "picky";
  info.make = [](const Settings&) { return std::make_unique<Picky>(); };
  const Scenario s = one_task(10ms, 10ms, PeriodicArrivals{96ms, 0ms, 0ms}, 2s);
  ThroughputOptions options;
  options.replications = 1;
  const ThroughputResult r = latency_bounded_throughput(s, {"picky", info, Settings{}}, options);
  EXPECT_EQ(r.end, ThroughputEnd::bounded);
  EXPECT_NEAR(r.bound->scale, 9.6, 0.1);
  ASSERT_FALSE(r.reversals.empty());
  for (const auto& [failing, served] : r.reversals) {
    EXPECT_NEAR(r.probes[failing].scale, r.bound->scale / 1.15 / 1.15, 1e-9);
    EXPECT_GT(r.probes[served].scale, r.probes[failing].scale);
  }
  options.checks = 0;
  EXPECT_TRUE(latency_bounded_throughput(s, {"picky", info, Settings{}}, options).reversals.empty());
}

TEST(Throughput, DoesNotDependOnThreadsAndRepeats) {
  const Scenario s = small_scenario();
  ThroughputOptions options;
  options.qos = 0.8;
  options.threads = 1;
  const ThroughputResult one = latency_bounded_throughput(s, policy("edf"), options);
  options.threads = 3;
  const ThroughputResult three = latency_bounded_throughput(s, policy("edf"), options);
  ASSERT_EQ(one.probes.size(), three.probes.size());
  for (std::size_t i = 0; i < one.probes.size(); ++i) {
    EXPECT_EQ(one.probes[i].scale, three.probes[i].scale);
    EXPECT_EQ(one.probes[i].in_time, three.probes[i].in_time);
  }
  EXPECT_EQ(one.policy, "edf");
}

TEST(Throughput, StopsWhenToldAndKeepsTheBestSoFar) {
  const Scenario s = one_task(10ms, 10ms, PeriodicArrivals{100ms, 0ms, 0ms}, 2s);
  std::atomic<bool> going = true;
  ThroughputOptions options;
  options.progress = [&](std::size_t probe, double) { going = probe < 4; };
  options.keep_going = [&] { return going.load(); };
  const ThroughputResult r = latency_bounded_throughput(s, policy("edf"), options);
  EXPECT_EQ(r.end, ThroughputEnd::stopped);
  EXPECT_EQ(r.probes.size(), 3U);
  EXPECT_EQ(r.bound->scale, 4.0);
}

TEST(Throughput, RefusesOptionsOutOfRange) {
  const Scenario s = small_scenario();
  ThroughputOptions options;
  options.qos = 1.5;
  options.tolerance = 0.0;
  options.min_scale = 200.0;
  options.replications = 0;
  try {
    (void)latency_bounded_throughput(s, policy("edf"), options);
    FAIL();
  } catch (const InputError& e) {
    EXPECT_EQ(e.diagnostics().size(), 4U);
  }
}

} // namespace
} // namespace terastal
