// Whether intervals hold what they promise, on a queue with a known answer. bench/coverage.cpp does the same with more
// experiments; docs/statistics.md has its figures.
#include <cmath>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "coverage_experiments.hpp"
#include "support/builders.hpp"
#include "terastal/experiment/holm.hpp"
#include "toy_queue.hpp"

namespace terastal::bench {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kExperiments = 100;
#else
constexpr std::size_t kExperiments = 300;
#endif
constexpr std::size_t kReplications = 20;

/// Four standard deviations of the share of experiments that cover, at 95 %: 0.050 for 300 experiments. Seeds are
/// fixed, so a test that passes keeps passing.
const double kScatter = 4.0 * std::sqrt(0.95 * 0.05 / static_cast<double>(kExperiments));

/// Intervals that always cover are too wide.
void expect_coverage(const Coverage& c) {
  EXPECT_GE(c.share(), 0.95 - kScatter);
  EXPECT_LT(c.share(), 0.99);
}

const ToyQueue kQueue;

std::vector<ToyRun> runs_of(double speed, std::size_t count) {
  const Scenario scenario = toy_scenario(kQueue, speed);
  const Policy fcfs = testing::known_policies().parse("fcfs");
  std::vector<ToyRun> runs;
  for (std::size_t i = 0; i < count; ++i) runs.push_back(run_toy(kQueue, scenario, fcfs, i + 1));
  return runs;
}

std::vector<double> column(const std::vector<ToyRun>& runs, double ToyRun::*member) {
  std::vector<double> values;
  for (const ToyRun& run : runs) values.push_back(run.*member);
  return values;
}

/// One set of runs for all tests.
const std::vector<ToyRun>& runs() {
  static const std::vector<ToyRun> all = runs_of(1.0, kExperiments * kReplications);
  return all;
}

// The queue really has the answer that the experiments take for true: within four standard errors of all runs.
TEST(Coverage, TheQueueHasItsAnswer) {
  const ToyRun truth = toy_answer(kQueue);
  for (const auto member : {&ToyRun::often, &ToyRun::rarely, &ToyRun::response_ms}) {
    const MeanEstimate e = estimate_mean(column(runs(), member));
    EXPECT_NEAR(e.mean, truth.*member, 4.0 * e.standard_error);
    EXPECT_LT(e.standard_error, 0.03 * std::sqrt(300.0 / static_cast<double>(kExperiments)) * e.mean);
  }
}

TEST(Coverage, StudentsTOfAMissRate) {
  const Coverage c = cover(column(runs(), &ToyRun::often), 0.1, kReplications, kExperiments, Method::student_t);
  EXPECT_EQ(c.experiments, kExperiments);
  expect_coverage(c);
  // t(19) = 2.093 standard errors to each side.
  const double expected = 2.093 * std::sqrt(variance(column(runs(), &ToyRun::often)) / kReplications);
  EXPECT_NEAR(c.mean_width, expected, 0.05 * expected);
}

TEST(Coverage, StudentsTOfAMeanResponse) {
  const Coverage c = cover(column(runs(), &ToyRun::response_ms), mean_response_ms(kQueue), kReplications, kExperiments,
                           Method::student_t);
  expect_coverage(c);
}

TEST(Coverage, BcaOfAMissRate) {
  const Coverage c = cover(column(runs(), &ToyRun::often), 0.1, kReplications, kExperiments, Method::bca);
  expect_coverage(c);
  // Without widening for few replications it is narrower.
  const Coverage plain = cover(column(runs(), &ToyRun::often), 0.1, kReplications, kExperiments, Method::textbook_bca);
  EXPECT_LT(plain.mean_width, c.mean_width);
  EXPECT_LE(plain.covered, c.covered);
}

// Deciding after every ten replications costs little: the width that 30 replications have on average.
TEST(Coverage, StoppingByPrecision) {
  const auto values = column(runs(), &ToyRun::often);
  StoppingRule rule;
  rule.precision.half_width = 1.96 * std::sqrt(variance(values) / 30.0);
  rule.cap = 200;
  const Coverage c = cover_sequentially(values, 0.1, rule, kExperiments);
  EXPECT_GE(c.experiments, kExperiments / 3);
  EXPECT_EQ(c.unreached, 0U);
  EXPECT_NEAR(c.replications, 33.0, 6.0);
  const double scatter = 4.0 * std::sqrt(0.94 * 0.06 / static_cast<double>(c.experiments));
  EXPECT_NEAR(c.share(), 0.94, scatter);
}

// The interval over the jobs of a run as if they did not depend on each other would be far too narrow: the runs scatter
// several times as much as 0.1 · 0.9 / jobs says.
TEST(Coverage, JobsOfARunDependOnEachOther) {
  const double binomial = 0.1 * 0.9 / kQueue.jobs;
  EXPECT_GT(variance(column(runs(), &ToyRun::often)), 4.0 * binomial);
}

// A server 5 % faster, on the same seeds: the same arrivals and the same draws of service times.
TEST(PairedSeeds, ShrinkTheVarianceOfADifference) {
  const std::size_t n = kExperiments;
  const std::vector<ToyRun> base(runs().begin(), runs().begin() + static_cast<std::ptrdiff_t>(n));
  const auto faster = runs_of(1.05, n);
  for (const auto member : {&ToyRun::often, &ToyRun::response_ms}) {
    EXPECT_GE(paired_variances(column(base, member), column(faster, member)).factor(), 10.0);
  }
}

// Twelve comparisons of a system with itself on other seeds: some p-value is at most 0.05 in 1 − 0.95^12 = 46 % of
// such families, an adjusted one in at most 5 %.
TEST(Holm, KeepsTheErrorOfAFamily) {
  constexpr std::size_t kMembers = 12;
  constexpr std::size_t kEach = 5;
  const auto values = column(runs(), &ToyRun::often);
  const std::size_t families = values.size() / (kMembers * 2 * kEach);
  std::size_t plain = 0;
  std::size_t adjusted = 0;
  for (std::size_t f = 0; f < families; ++f) {
    std::vector<double> p_values;
    for (std::size_t m = 0; m < kMembers; ++m) {
      const auto of = std::span(values).subspan((f * kMembers + m) * 2 * kEach, 2 * kEach);
      p_values.push_back(*paired_p_value(compare_paired(of.first(kEach), of.last(kEach))));
    }
    const auto any = [](const std::vector<double>& p) {
      for (const double value : p) {
        if (value <= 0.05) return true;
      }
      return false;
    };
    plain += any(p_values) ? 1 : 0;
    adjusted += any(holm_adjusted(p_values)) ? 1 : 0;
  }
  const auto count = static_cast<double>(families);
  EXPECT_GT(static_cast<double>(plain) / count, 0.2);
  EXPECT_LE(static_cast<double>(adjusted) / count, 0.05 + 4.0 * std::sqrt(0.05 * 0.95 / count));
}

} // namespace
} // namespace terastal::bench
