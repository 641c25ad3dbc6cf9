#include "terastal/gate/check.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "terastal/core/error.hpp"
#include "unit/gate_support.hpp"

namespace terastal {
namespace {

using testing::gate_baseline;
using testing::gate_measurement;
using testing::moved;

const std::vector<double> kValues = {0.25, 0.5, 0.75};

/// The only judgement of a check in which `by` was added to the baseline's values.
MetricCheck judged(const char* metric, const std::vector<double>& by, Judge judge = Judge::noninferior,
                   Limits limits = {0.005, 0.0}) {
  Baseline baseline = gate_baseline(metric, kValues);
  baseline.plan.rules.front().judge = judge;
  baseline.plan.rules.front().limits = limits;
  const CheckResult result = check_against(baseline, gate_measurement(metric, moved(kValues, by)));
  EXPECT_EQ(result.judgements(), 1U);
  return result.cells.front().judgements.front();
}

// Differences 0.02 ± 0.01 (standard deviation) over three seeds: t(2) = 4.3027, half-width 0.0248, interval
// [-0.0048, 0.0448].
TEST(GateCheck, IntervalDecides) {
  const std::vector<double> by = {0.01, 0.02, 0.03};
  const MetricCheck open = judged("miss_rate", by);
  EXPECT_EQ(open.verdict, CheckVerdict::inconclusive);
  EXPECT_NEAR(open.difference->mean, 0.02, 1e-12);
  EXPECT_NEAR(*open.difference->half_width, 0.0248, 1e-4);
  EXPECT_EQ(judged("miss_rate", by, Judge::noninferior, {0.045, 0.0}).verdict, CheckVerdict::passes);
  EXPECT_EQ(judged("miss_rate", {0.02, 0.021, 0.022}).verdict, CheckVerdict::regresses);
  EXPECT_EQ(judged("miss_rate", {-0.02, -0.021, -0.022}).verdict, CheckVerdict::improves);
  EXPECT_EQ(judged("miss_rate", {-0.001, 0.0, 0.001}).verdict, CheckVerdict::passes);
}

// The limit lies 0.015 from the mean. t(3) · 0.01 / √4 = 0.0159 is too wide, t(4) · 0.01 / √5 = 0.0124 is not.
TEST(GateCheck, TellsHowManyReplicationsWouldDecide) {
  EXPECT_EQ(judged("miss_rate", {0.01, 0.02, 0.03}).needed, 5U);
  EXPECT_EQ(replications_for(0.01, 0.015), 5U);
  EXPECT_EQ(replications_for(0.0, 0.001), 2U);
  EXPECT_EQ(replications_for(1.0, 0.0), 0U);
}

TEST(GateCheck, OneReplicationDecidesNothingButEquality) {
  const Baseline baseline = gate_baseline("miss_rate", {0.5});
  const auto verdict = [&](double now) {
    return check_against(baseline, gate_measurement("miss_rate", {now})).cells.front().judgements.front();
  };
  EXPECT_EQ(verdict(0.9).verdict, CheckVerdict::inconclusive);
  EXPECT_EQ(verdict(0.9).needed, 2U);
  EXPECT_EQ(verdict(0.5).verdict, CheckVerdict::identical);
}

TEST(GateCheck, MoreCanBeBetter) {
  EXPECT_EQ(judged("sla", {0.02, 0.021, 0.022}).verdict, CheckVerdict::improves);
  EXPECT_EQ(judged("sla", {-0.02, -0.021, -0.022}).verdict, CheckVerdict::regresses);
}

// The baseline's mean is 0.5: 2 % of it are 0.01.
TEST(GateCheck, LimitIsTheLargerOfBoth) {
  EXPECT_DOUBLE_EQ(judged("antt", {0.0, 0.0, 1e-6}, Judge::noninferior, {0.001, 0.02}).limit, 0.01);
  EXPECT_DOUBLE_EQ(judged("antt", {0.0, 0.0, 1e-6}, Judge::noninferior, {0.1, 0.02}).limit, 0.1);
  EXPECT_EQ(default_limits(find_metric("miss_rate")), (Limits{0.005, 0.0}));
  EXPECT_EQ(default_limits(find_metric("energy")), (Limits{0.0, 0.01}));
}

TEST(GateCheck, ToleranceLooksAtMeansBothWays) {
  EXPECT_EQ(judged("miss_rate", {0.0, 0.0, 0.012}, Judge::tolerance).verdict, CheckVerdict::passes); // mean 0.004
  EXPECT_EQ(judged("miss_rate", {0.0, 0.0, 0.018}, Judge::tolerance).verdict, CheckVerdict::regresses);
  EXPECT_EQ(judged("miss_rate", {0.0, 0.0, -0.018}, Judge::tolerance).verdict, CheckVerdict::changed);
  EXPECT_EQ(judged("miss_rate", {0.0, 0.0, 0.0}, Judge::tolerance).verdict, CheckVerdict::identical);
}

TEST(GateCheck, ExactAllowsNothing) {
  EXPECT_EQ(judged("miss_rate", {0.0, 0.0, 1e-9}, Judge::exact).verdict, CheckVerdict::changed);
  EXPECT_EQ(judged("miss_rate", {0.0, 0.0, 0.0}, Judge::exact).verdict, CheckVerdict::identical);
}

TEST(GateCheck, ExactPlansWantEqualEventStreams) {
  Baseline baseline = gate_baseline("miss_rate", kValues);
  baseline.plan.judge = Judge::exact;
  const CheckResult other = check_against(baseline, gate_measurement("miss_rate", kValues));
  EXPECT_EQ(other.cells.front().judgements.front().metric, nullptr);
  EXPECT_EQ(other.cells.front().judgements.front().verdict, CheckVerdict::changed);
  EXPECT_EQ(other.cells.front().judgements.front().note, "3 of 3 event streams differ");
  EXPECT_TRUE(other.fails());
  EXPECT_FALSE(check_against(baseline, gate_measurement("miss_rate", kValues, 1)).fails());
}

/// Energies beside 100, 101, 102 with equal event streams, when an input changed or none did.
MetricCheck same_streams(const std::vector<double>& energies, bool input_changed) {
  Baseline baseline = gate_baseline("energy", {100.0, 101.0, 102.0});
  baseline.inputs = {{"table.csv", "1"}};
  Measurement now = gate_measurement("energy", energies, 1);
  now.inputs = {{"table.csv", input_changed ? "2" : "1"}};
  const CheckResult result = check_against(baseline, now);
  EXPECT_TRUE(result.cells.front().same_events());
  return result.cells.front().judgements.front();
}

TEST(GateCheck, EqualStreamsWithOtherInputsAreJudged) {
  const MetricCheck worse = same_streams({110.0, 111.5, 112.8}, true);
  EXPECT_EQ(worse.verdict, CheckVerdict::regresses);
  EXPECT_NE(worse.note.find("not the schedule"), std::string::npos);
  EXPECT_EQ(same_streams({90.0, 91.5, 92.8}, true).verdict, CheckVerdict::improves);
}

// Neither the schedule nor an input changed: the baseline was edited, or the program computes the number otherwise.
TEST(GateCheck, NumbersDoNotChangeByThemselves) {
  const MetricCheck better = same_streams({90.0, 91.5, 92.8}, false);
  EXPECT_EQ(better.verdict, CheckVerdict::changed);
  EXPECT_NE(better.note.find("the baseline was edited"), std::string::npos);
  EXPECT_EQ(same_streams({100.0, 101.0, 102.001}, false).verdict, CheckVerdict::changed); // within the limit
  EXPECT_EQ(same_streams({110.0, 111.5, 112.8}, false).verdict, CheckVerdict::regresses);
  EXPECT_EQ(same_streams({100.0, 101.0, 102.0}, false).verdict, CheckVerdict::identical);
}

// Differences without spread look certain, however few there are. 2^(1 − 6) ≤ 0.05 < 2^(1 − 5).
TEST(GateCheck, FewEqualDifferencesDecideNothing) {
  const std::vector<double> by(3, 0.02);
  EXPECT_EQ(judged("miss_rate", by).verdict, CheckVerdict::inconclusive);
  EXPECT_EQ(judged("miss_rate", by).needed, 6U);
  EXPECT_NE(judged("miss_rate", by).note.find("equal differences"), std::string::npos);
}

// Every replication is the same run: nothing is random, and two are as good as a thousand.
TEST(GateCheck, EqualDifferencesDecideWhereNothingIsRandom) {
  Baseline baseline = gate_baseline("miss_rate", {0.5, 0.5});
  Measurement now = gate_measurement("miss_rate", {0.52, 0.52});
  baseline.cells.front().digests = {1, 1};
  now.cells.front().digests = {2, 2};
  EXPECT_EQ(check_against(baseline, now).count(CheckVerdict::regresses), 1U);
  now.cells.front().digests = {2, 3};
  EXPECT_EQ(check_against(baseline, now).count(CheckVerdict::inconclusive), 1U);
}

// A baseline that holds no number still says whether the schedule is the same.
TEST(GateCheck, CellsWithoutValuesAreJudgedByTheirEvents) {
  Baseline baseline = gate_baseline("antt", kValues);
  Measurement now = gate_measurement("antt", kValues, 1);
  baseline.cells.front().series.clear();
  now.cells.front().series.clear();
  const CheckResult same = check_against(baseline, now);
  EXPECT_EQ(same.count(CheckVerdict::undefined), 1U);
  EXPECT_EQ(same.cells.front().judgements[0].note, "no value on either side");
  EXPECT_EQ(same.count(CheckVerdict::identical), 1U);
  EXPECT_FALSE(same.fails());
  now.cells.front().digests.front() = 99;
  const CheckResult other = check_against(baseline, now);
  EXPECT_EQ(other.count(CheckVerdict::changed), 1U);
  EXPECT_TRUE(other.fails());
}

// One metric without values beside one with: it is told, the other decides.
TEST(GateCheck, MetricsWithoutValuesAreTold) {
  Baseline baseline = gate_baseline("miss_rate", kValues);
  baseline.plan.rules.push_back({&find_metric("antt"), Judge::noninferior, {0.0, 0.01}});
  const CheckResult result = check_against(baseline, gate_measurement("miss_rate", kValues, 1));
  EXPECT_EQ(result.judgements(), 2U);
  EXPECT_EQ(result.count(CheckVerdict::undefined), 1U);
  EXPECT_EQ(result.count(CheckVerdict::identical), 1U);
}

TEST(GateCheck, SomethingMustBeJudged) {
  Baseline baseline = gate_baseline("antt", kValues);
  Measurement now = gate_measurement("antt", kValues);
  EXPECT_TRUE(judges_anything(baseline.plan, now));
  now.cells.front().series.clear();
  EXPECT_FALSE(judges_anything(baseline.plan, now));
  baseline.plan.judge = Judge::exact;
  EXPECT_TRUE(judges_anything(baseline.plan, now));
}

TEST(GateCheck, EqualStreamsMayDifferInTheLastDigit) {
  const Baseline baseline = gate_baseline("energy", {100.0, 101.0, 102.0});
  std::vector<double> now = {100.0, 101.0, 102.0};
  for (double& v : now) v = std::nextafter(v, 1e9);
  EXPECT_TRUE(check_against(baseline, gate_measurement("energy", now, 1)).cells.front().identical());
  EXPECT_FALSE(check_against(baseline, gate_measurement("energy", now)).cells.front().identical());
}

TEST(GateCheck, WhatHasNoCounterpartIsMissing) {
  Baseline baseline = gate_baseline("miss_rate", kValues);
  const Measurement now = gate_measurement("miss_rate", kValues);
  baseline.cells.front().series.clear();
  EXPECT_EQ(check_against(baseline, now).count(CheckVerdict::missing), 1U);
  baseline.cells.clear();
  const CheckResult no_cell = check_against(baseline, now);
  EXPECT_EQ(no_cell.count(CheckVerdict::missing), 1U);
  EXPECT_TRUE(no_cell.fails());
  EXPECT_DOUBLE_EQ(*no_cell.cells.front().judgements.front().now, 0.5);
}

TEST(GateCheck, ValuesThatComeAndGoAreMissing) {
  Baseline baseline = gate_baseline("miss_rate", kValues);
  baseline.cells.front().series.front().values[1].reset();
  EXPECT_EQ(check_against(baseline, gate_measurement("miss_rate", kValues)).count(CheckVerdict::missing), 1U);
}

TEST(GateCheck, TasksAreComparedByName) {
  Baseline baseline = gate_baseline("miss_rate", kValues);
  Measurement now = gate_measurement("miss_rate", kValues);
  baseline.plan.each_task = true;
  baseline.cells.front().tasks = {{"a", baseline.cells.front().series}, {"gone", {}}};
  now.cells.front().tasks = {{"new", {}}, {"a", now.cells.front().series}};
  const CheckResult result = check_against(baseline, now);
  EXPECT_EQ(result.count(CheckVerdict::identical), 2U); // all together, and task a
  EXPECT_EQ(result.count(CheckVerdict::missing), 2U);
}

TEST(GateCheck, InputsThatDifferAreTold) {
  Baseline baseline = gate_baseline("miss_rate", kValues);
  Measurement now = gate_measurement("miss_rate", kValues);
  baseline.inputs = {{"same", "1"}, {"table.csv", "2"}, {"gone", "3"}, {"here/moved", "4"}};
  now.inputs = {{"same", "1"}, {"table.csv", "5"}, {"new", "6"}, {"there/moved", "4"}};
  const CheckResult result = check_against(baseline, now);
  ASSERT_EQ(result.inputs.size(), 3U);
  EXPECT_EQ(result.inputs[0].path, "table.csv");
  EXPECT_EQ(result.inputs[1].now, "");
  EXPECT_EQ(result.inputs[2].before, "");
  EXPECT_FALSE(result.fails());
}

TEST(GateCheck, OtherSeedsAreNotPaired) {
  const Baseline baseline = gate_baseline("miss_rate", kValues);
  Measurement now = gate_measurement("miss_rate", {0.25, 0.5, 0.78});
  now.cells.front().first_seed = 100;
  const CheckResult result = check_against(baseline, now);
  const MetricCheck& j = result.cells.front().judgements.front();
  EXPECT_EQ(j.verdict, CheckVerdict::unpaired);
  EXPECT_FALSE(j.difference.has_value());
  EXPECT_DOUBLE_EQ(*j.baseline, 0.5);
  EXPECT_DOUBLE_EQ(*j.now, 0.51);
  EXPECT_EQ(j.note, "seeds from 100 on, not from 1");
  EXPECT_TRUE(result.fails());
}

TEST(GateRules, ReadLimits) {
  EXPECT_EQ(parse_limits("0.005"), (Limits{0.005, 0.0}));
  EXPECT_EQ(parse_limits(" 2 % "), (Limits{0.0, 0.02}));
  EXPECT_EQ(parse_limits("0"), (Limits{0.0, 0.0}));
  for (const char* bad : {"", "%", "-1", "nan", "inf", "x", "1 %%"}) EXPECT_THROW((void)parse_limits(bad), InputError);
  EXPECT_EQ(parse_judge("tolerance"), Judge::tolerance);
  EXPECT_THROW((void)parse_judge("exactly"), InputError);
}

} // namespace
} // namespace terastal
