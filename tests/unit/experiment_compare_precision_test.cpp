// How a comparison stops by precision, judges differences together, and finds its warm-up.

#include <algorithm> // max

#include <gtest/gtest.h>

#include "support/policies.hpp"
#include "support/small_scenario.hpp"
#include "terastal/experiment/compare.hpp"
#include "terastal/experiment/holm.hpp"

namespace terastal {
namespace {

using testing::policies;

CompareOptions until(double half_width, std::size_t cap = 1000) {
  CompareOptions options;
  options.until = StoppingRule{};
  options.until->precision = {half_width, false};
  options.until->cap = cap;
  return options;
}

double half_width(const Statistic& s) { return *s.value.half_width; }

TEST(CompareUntil, StopsWhenEverythingWatchedIsNarrow) {
  const Scenario scenario = testing::small_scenario();
  const auto list = policies({"fcfs", "edf", "terastal"});
  const Comparison c = compare({&scenario}, list, until(0.05));
  ASSERT_TRUE(c.until);
  EXPECT_TRUE(c.until->reached);
  EXPECT_TRUE(c.complete);
  const std::size_t n = c.until->replications;
  EXPECT_EQ(n % 10, 0U);
  EXPECT_GT(n, 10U) << "else the next lines say nothing";
  EXPECT_EQ(c.scenarios[0].replications, n);
  EXPECT_EQ(c.requested_replications, n);
  for (const PolicyStatistics& p : c.scenarios[0].policies) {
    EXPECT_LE(half_width(p.mean_miss_rate), 0.05) << p.policy;
    if (p.mean_miss_rate.against_first) {
      EXPECT_LE(*p.mean_miss_rate.against_first->difference.half_width, 0.05);
    }
  }
  // Ten fewer were not enough.
  CompareOptions fewer;
  fewer.replications = n - 10;
  double widest = 0.0;
  const Comparison short_one = compare({&scenario}, list, fewer);
  for (const PolicyStatistics& p : short_one.scenarios[0].policies) {
    widest = std::max(widest, half_width(p.mean_miss_rate));
    if (p.mean_miss_rate.against_first) {
      widest = std::max(widest, *p.mean_miss_rate.against_first->difference.half_width);
    }
  }
  EXPECT_GT(widest, 0.05);
}

TEST(CompareUntil, DoesNotDependOnTheNumberOfThreads) {
  const Scenario scenario = testing::small_scenario();
  CompareOptions options = until(0.05);
  options.threads = 1;
  const Comparison one = compare({&scenario}, policies({"fcfs", "edf"}), options);
  options.threads = 5;
  const Comparison five = compare({&scenario}, policies({"fcfs", "edf"}), options);
  EXPECT_EQ(one.until->replications, five.until->replications);
  EXPECT_EQ(one.scenarios[0].policies[1].mean_miss_rate.value.mean,
            five.scenarios[0].policies[1].mean_miss_rate.value.mean);
}

TEST(CompareUntil, GivesWhatThatManyReplicationsGive) {
  const Scenario scenario = testing::small_scenario();
  const Comparison sequential = compare({&scenario}, policies({"fcfs", "edf"}), until(0.05));
  CompareOptions fixed;
  fixed.replications = sequential.until->replications;
  const Comparison plain = compare({&scenario}, policies({"fcfs", "edf"}), fixed);
  for (std::size_t r = 0; r < fixed.replications; ++r) {
    EXPECT_EQ(sequential.scenarios[0].runs[1][r].digest, plain.scenarios[0].runs[1][r].digest);
  }
}

TEST(CompareUntil, EndsAtTheCapAndSaysWhatIsMissing) {
  const Scenario scenario = testing::small_scenario();
  const Comparison c = compare({&scenario}, policies({"fcfs", "edf"}), until(0.0001, 12));
  EXPECT_FALSE(c.until->reached);
  EXPECT_TRUE(c.complete);
  EXPECT_EQ(c.scenarios[0].replications, 12U);
  ASSERT_TRUE(c.until->widest);
  EXPECT_GT(c.until->needed, 12U);
  EXPECT_STREQ(c.until->widest->metric->id, "miss_rate");
}

TEST(CompareUntil, ChosenMetricsAreWatchedInstead) {
  const Scenario scenario = testing::small_scenario();
  CompareOptions options = until(0.0);
  options.until->precision = {0.05, true};
  options.chosen = parse_metrics("antt");
  const Comparison c = compare({&scenario}, policies({"fcfs", "edf"}), options);
  ASSERT_TRUE(c.until->reached);
  EXPECT_STREQ(c.until->widest->metric->id, "antt");
  for (const PolicyStatistics& p : c.scenarios[0].policies) {
    EXPECT_LE(half_width(p.chosen[0].all), 0.05 * p.chosen[0].all.value.mean);
  }
}

TEST(CompareUntil, ScenariosWithoutChanceEndAtTheFirstDecision) {
  Scenario scenario = testing::small_scenario();
  for (Task& task : scenario.tasks) {
    task.arrivals = PeriodicArrivals{Duration{std::chrono::milliseconds(20)}, Duration{0}, Duration{0}};
  }
  const Comparison c = compare({&scenario}, policies({"fcfs", "edf"}), until(0.001));
  EXPECT_TRUE(c.until->reached);
  EXPECT_EQ(c.until->replications, 10U);
}

TEST(CompareUntil, Interrupted) {
  const Scenario scenario = testing::small_scenario();
  CompareOptions options = until(0.0001);
  std::size_t finished = 0;
  options.threads = 1;
  options.progress = [&](std::size_t done, std::size_t total) {
    EXPECT_LE(done, total);
    finished = done;
  };
  options.keep_going = [&] { return finished < 51; };
  const Comparison c = compare({&scenario}, policies({"fcfs", "edf"}), options);
  EXPECT_FALSE(c.complete);
  EXPECT_FALSE(c.until->reached);
  EXPECT_EQ(c.scenarios[0].replications, 25U);
  EXPECT_EQ(c.until->replications, 20U) << "the last decision";
}

TEST(CompareHolm, JudgesAllDifferencesTogether) {
  const Scenario a = testing::small_scenario();
  Scenario b = a;
  b.name = "other";
  b.seed = 50;
  CompareOptions options;
  options.replications = 6;
  options.holm = true;
  const Comparison c = compare({&a, &b}, policies({"fcfs", "edf", "fcfs:order=ready"}), options);
  // Two scenarios and their mean, two policies besides the first, two miss rates.
  EXPECT_EQ(c.judged, 12U);
  std::vector<double> p_values;
  std::vector<Judgement> judgements;
  const auto look = [&](const std::vector<PolicyStatistics>& of) {
    EXPECT_FALSE(of[0].mean_miss_rate.judgement);
    for (std::size_t p = 1; p < of.size(); ++p) {
      for (const Statistic* s : {&of[p].mean_miss_rate, &of[p].weighted_miss_rate}) {
        ASSERT_TRUE(s->judgement);
        EXPECT_EQ(s->judgement->p_value, *paired_p_value(*s->against_first));
        EXPECT_EQ(s->judgement->verdict, judge(*s->against_first, false, s->judgement->adjusted_p_value));
        p_values.push_back(s->judgement->p_value);
        judgements.push_back(*s->judgement);
      }
      EXPECT_FALSE(of[p].accuracy_loss.judgement);
    }
  };
  look(c.scenarios[0].policies);
  look(c.scenarios[1].policies);
  look(c.overall);
  const auto adjusted = holm_adjusted(p_values);
  ASSERT_EQ(adjusted.size(), 12U);
  for (std::size_t i = 0; i < adjusted.size(); ++i) EXPECT_EQ(judgements[i].adjusted_p_value, adjusted[i]);
}

TEST(CompareHolm, IdenticalPoliciesAndTheDirectionOfAMetric) {
  const Scenario scenario = testing::small_scenario();
  CompareOptions options;
  options.replications = 8;
  options.holm = true;
  options.chosen = parse_metrics("sla,job_miss_rate");
  const Comparison c = compare({&scenario}, policies({"fcfs", "fcfs", "terastal"}), options);
  EXPECT_EQ(c.judged, 4U);
  const auto& same = c.scenarios[0].policies[1].chosen;
  EXPECT_EQ(same[0].all.judgement->verdict, Verdict::identical);
  EXPECT_EQ(same[0].all.judgement->adjusted_p_value, 1.0);
  // One is 1 − the other, so they say the same word.
  const auto& other = c.scenarios[0].policies[2].chosen;
  EXPECT_EQ(other[0].all.judgement->verdict, other[1].all.judgement->verdict);
  EXPECT_NE(other[0].all.judgement->verdict, Verdict::identical);
}

TEST(CompareHolm, NothingIsJudgedUnlessAskedFor) {
  const Scenario scenario = testing::small_scenario();
  CompareOptions options;
  options.replications = 3;
  const Comparison plain = compare({&scenario}, policies({"fcfs", "edf"}), options);
  EXPECT_EQ(plain.judged, 0U);
  EXPECT_FALSE(plain.scenarios[0].policies[1].mean_miss_rate.judgement);
  options.holm = true;
  options.replications = 1;
  EXPECT_EQ(compare({&scenario}, policies({"fcfs", "edf"}), options).judged, 0U) << "one replication has no p-value";
}

TEST(CompareIntervals, Bca) {
  const Scenario scenario = testing::small_scenario();
  CompareOptions options;
  options.replications = 8;
  options.intervals = IntervalMethod::bca;
  const Comparison c = compare({&scenario}, policies({"fcfs", "edf"}), options);
  const ScenarioComparison& s = c.scenarios[0];
  std::vector<double> values;
  for (const RunResult& r : s.runs[1]) values.push_back(r.mean_miss_rate);
  const MeanEstimate expected = estimate_mean(values, kConfidence, IntervalMethod::bca);
  const Statistic& miss = s.policies[1].mean_miss_rate;
  EXPECT_EQ(miss.value.low(), expected.low());
  EXPECT_EQ(miss.value.high(), expected.high());
  EXPECT_TRUE(miss.against_first->difference.bootstrap);
  EXPECT_TRUE(s.policies[1].tasks[0].miss_rate.value.bootstrap);
  EXPECT_FALSE(compare({&scenario}, policies({"fcfs"}), {}).scenarios[0].policies[0].mean_miss_rate.value.bootstrap);
}

TEST(CompareWarmUp, ReplacesTheScenariosOwn) {
  Scenario scenario = testing::small_scenario();
  scenario.horizon = std::chrono::seconds(2);
  // Less load, so that there is a steady state.
  scenario.tasks[1].arrivals = PoissonArrivals{Duration{std::chrono::milliseconds(40)}};
  CompareOptions options;
  options.replications = 3;
  options.warm_up_pilots = 5;
  const Comparison c = compare({&scenario}, policies({"edf", "terastal"}), options);
  const auto& found = c.scenarios[0].warm_up;
  ASSERT_TRUE(found);
  ASSERT_TRUE(found->warm_up);
  EXPECT_EQ(found->first_seed, 1U + 1'000'000);
  EXPECT_EQ(found->replications, 5U);
  EXPECT_EQ(scenario.warm_up, Duration::zero()) << "the given scenario is left alone";
  scenario.warm_up = *found->warm_up;
  CompareOptions plain;
  plain.replications = 3;
  const Comparison same = compare({&scenario}, policies({"edf", "terastal"}), plain);
  EXPECT_FALSE(same.scenarios[0].warm_up);
  for (std::size_t r = 0; r < 3; ++r) {
    EXPECT_EQ(c.scenarios[0].runs[0][r].tasks[0].released, same.scenarios[0].runs[0][r].tasks[0].released);
    EXPECT_EQ(c.scenarios[0].runs[1][r].mean_miss_rate, same.scenarios[0].runs[1][r].mean_miss_rate);
  }
}

TEST(CompareWarmUp, LeavesTheScenariosOwnWhenThereIsNone) {
  Scenario scenario = testing::small_scenario();
  scenario.horizon = std::chrono::milliseconds(100);
  scenario.warm_up = std::chrono::milliseconds(20);
  CompareOptions options;
  options.replications = 2;
  options.warm_up_pilots = 2;
  const Comparison c = compare({&scenario}, policies({"edf"}), options);
  ASSERT_TRUE(c.scenarios[0].warm_up);
  EXPECT_FALSE(c.scenarios[0].warm_up->warm_up) << "too few jobs to tell";
  options.warm_up_pilots = 0;
  const Comparison plain = compare({&scenario}, policies({"edf"}), options);
  EXPECT_EQ(c.scenarios[0].runs[0][0].tasks[0].released, plain.scenarios[0].runs[0][0].tasks[0].released);
}

} // namespace
} // namespace terastal
