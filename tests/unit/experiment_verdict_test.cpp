#include "terastal/experiment/verdict.hpp"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace terastal {
namespace {

/// Differences of `mean` − 1, `mean`, `mean` + 1: the interval is mean ± 4.3027 / √3 = mean ± 2.484.
PairedComparison around(double mean) {
  return compare_paired(std::array{0.0, 0.0, 0.0}, std::array{mean - 1.0, mean, mean + 1.0});
}

const PairedComparison kNone = compare_paired({}, {});
const PairedComparison kOne = compare_paired(std::array{0.0}, std::array{5.0});
const PairedComparison kOneSame = compare_paired(std::array{5.0}, std::array{5.0});
const PairedComparison kSame = compare_paired(std::array{1.0, 2.0}, std::array{1.0, 2.0});

TEST(Judge, ByTheInterval) {
  EXPECT_EQ(judge(around(-3.0), false), Verdict::better);
  EXPECT_EQ(judge(around(-3.0), true), Verdict::worse);
  EXPECT_EQ(judge(around(3.0), false), Verdict::worse);
  EXPECT_EQ(judge(around(3.0), true), Verdict::better);
  EXPECT_EQ(judge(around(2.4), true), Verdict::inconclusive);
  EXPECT_EQ(judge(kSame, false), Verdict::identical);
  EXPECT_EQ(judge(kOneSame, false), Verdict::identical);
  EXPECT_EQ(judge(kOne, false), Verdict::inconclusive);
  EXPECT_EQ(judge(kNone, false), Verdict::inconclusive);
}

TEST(Judge, ByAPValue) {
  EXPECT_EQ(judge(around(-3.0), false, 0.05), Verdict::better);
  EXPECT_EQ(judge(around(3.0), false, 0.05), Verdict::worse);
  EXPECT_EQ(judge(around(-3.0), false, 0.06), Verdict::inconclusive);
  EXPECT_EQ(judge(around(-3.0), false, 0.06, 0.1), Verdict::better);
  EXPECT_EQ(judge(kSame, false, 1.0), Verdict::identical);
  EXPECT_EQ(judge(kOne, false, 0.0), Verdict::inconclusive);
  EXPECT_EQ(judge(kNone, false, 0.0), Verdict::inconclusive);
}

/// So many differences of 1, e.g. of a metric with few values.
PairedComparison equal_differences(std::size_t n) {
  std::vector<double> base;
  for (std::size_t i = 0; i < n; ++i) base.push_back(static_cast<double>(i));
  std::vector<double> other = base;
  for (double& v : other) v += 1.0;
  return compare_paired(base, other);
}

// Their interval has no width; 2^(1 − n) is at most 0.05 from 6 on.
TEST(Judge, EqualDifferencesTellWhenThereAreEnough) {
  EXPECT_EQ(judge(equal_differences(2), false), Verdict::inconclusive);
  EXPECT_EQ(judge(equal_differences(5), false), Verdict::inconclusive);
  EXPECT_EQ(judge(equal_differences(6), false), Verdict::worse);
  EXPECT_EQ(judge(equal_differences(5), false, 0.0), Verdict::inconclusive);
  EXPECT_EQ(judge_gate(equal_differences(5), false, 2.0), GateVerdict::inconclusive);
  EXPECT_EQ(judge_gate(equal_differences(6), false, 2.0), GateVerdict::passes);
  EXPECT_EQ(judge_gate(equal_differences(6), false, 0.5), GateVerdict::regresses);
}

TEST(Judge, EqualDifferencesAreKnownWhenNothingIsRandom) {
  auto c = equal_differences(2);
  c.exact = true;
  EXPECT_EQ(judge(c, false), Verdict::worse);
  EXPECT_EQ(judge(c, true), Verdict::better);
  EXPECT_EQ(judge_gate(c, false, 2.0), GateVerdict::passes);
}

// 1e5 + d − 1e5 is d up to 1e-11: rounding is no spread.
TEST(Judge, RoundingIsNoSpread) {
  const auto c = compare_paired(std::array{1e5, 2e5, 3e5}, std::array{1e5 + 0.1, 2e5 + 0.1, 3e5 + 0.1});
  EXPECT_GT(c.difference.standard_error, 0.0);
  EXPECT_FALSE(c.spread);
  EXPECT_EQ(judge(c, false), Verdict::inconclusive);
}

TEST(JudgeGate, SmallerIsBetter) {
  EXPECT_EQ(judge_gate(around(-3.0), false, 0.0), GateVerdict::passes);
  EXPECT_EQ(judge_gate(around(0.0), false, 2.5), GateVerdict::passes) << "all of [−2.48, 2.48] is at most 2.5";
  EXPECT_EQ(judge_gate(around(0.0), false, 2.0), GateVerdict::inconclusive);
  EXPECT_EQ(judge_gate(around(5.0), false, 2.5), GateVerdict::regresses) << "all of [2.516, 7.48] is more";
  EXPECT_EQ(judge_gate(around(4.9), false, 2.5), GateVerdict::inconclusive);
}

TEST(JudgeGate, LargerIsBetter) {
  EXPECT_EQ(judge_gate(around(3.0), true, 0.0), GateVerdict::passes);
  EXPECT_EQ(judge_gate(around(-5.0), true, 2.5), GateVerdict::regresses);
  EXPECT_EQ(judge_gate(around(-4.9), true, 2.5), GateVerdict::inconclusive);
}

// A difference that is clear but smaller than the margin passes: significance is not what matters.
TEST(JudgeGate, ASmallCertainLossPasses) {
  // Differences 0.009, 0.010, 0.011: the interval is 0.0100 ± 0.0025.
  const auto c = compare_paired(std::array{1.0, 2.0, 3.0}, std::array{1.009, 2.01, 3.011});
  EXPECT_EQ(judge(c, false), Verdict::worse);
  EXPECT_EQ(judge_gate(c, false, 0.02), GateVerdict::passes);
}

TEST(JudgeGate, EdgeCases) {
  EXPECT_EQ(judge_gate(kSame, false, 0.0), GateVerdict::identical);
  EXPECT_EQ(judge_gate(kOneSame, false, 0.0), GateVerdict::identical);
  EXPECT_EQ(judge_gate(kOne, false, 100.0), GateVerdict::inconclusive);
  EXPECT_EQ(judge_gate(kNone, false, 100.0), GateVerdict::inconclusive);
}

TEST(Verdict, Words) {
  EXPECT_EQ(to_string(Verdict::identical), std::string("identical"));
  EXPECT_EQ(to_string(Verdict::better), std::string("better"));
  EXPECT_EQ(to_string(Verdict::worse), std::string("worse"));
  EXPECT_EQ(to_string(Verdict::inconclusive), std::string("inconclusive"));
  EXPECT_EQ(to_string(GateVerdict::identical), std::string("identical"));
  EXPECT_EQ(to_string(GateVerdict::passes), std::string("passes"));
  EXPECT_EQ(to_string(GateVerdict::regresses), std::string("regresses"));
  EXPECT_EQ(to_string(GateVerdict::inconclusive), std::string("inconclusive"));
}

} // namespace
} // namespace terastal
