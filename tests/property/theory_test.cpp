#include <ostream>
#include <vector>

#include <gtest/gtest.h>

#include "property/textbook.hpp"

// Worked examples of the theory of one processor, with their exact schedules.
namespace terastal::testing {
namespace {

using Trace = std::vector<Segment>;
using Times = std::vector<double>;

TEST(Jackson, EarliestDueDateFirst) {
  const std::vector<TextbookTask> tasks{{0, 1, 3}, {0, 1, 10}, {0, 1, 7}, {0, 3, 8}, {0, 2, 5}};
  const Outcome out = run(textbook(tasks, Preemption::none, 100), "edf");
  EXPECT_EQ(segments(out.events), (Trace{{1, 0, 1}, {5, 1, 3}, {3, 3, 4}, {4, 4, 7}, {2, 7, 8}}));
  EXPECT_DOUBLE_EQ(max_lateness(out.events), -1.0);
}

TEST(Jackson, MinimisesTheLargestLatenessWhenNotAllCanMeetTheirs) {
  const std::vector<TextbookTask> tasks{{0, 1, 2}, {0, 2, 5}, {0, 1, 4}, {0, 4, 8}, {0, 2, 6}};
  const Outcome out = run(textbook(tasks, Preemption::none, 100), "edf");
  EXPECT_EQ(segments(out.events), (Trace{{1, 0, 1}, {3, 1, 2}, {2, 2, 4}, {5, 4, 6}, {4, 6, 10}}));
  EXPECT_DOUBLE_EQ(max_lateness(out.events), 2.0);
  EXPECT_EQ(misses(out.events), 1);
}

TEST(Horn, PreemptiveEarliestDeadlineFirst) {
  const std::vector<TextbookTask> tasks{{0, 1, 2}, {0, 2, 5}, {2, 2, 2}, {3, 2, 7}, {6, 2, 3}};
  const Outcome out = run(textbook(tasks, Preemption::unit_layers, 100), "edf");
  EXPECT_EQ(segments(out.events), (Trace{{1, 0, 1}, {2, 1, 2}, {3, 2, 4}, {2, 4, 5}, {4, 5, 6}, {5, 6, 8}, {4, 8, 9}}));
  EXPECT_DOUBLE_EQ(max_lateness(out.events), 0.0);
}

TEST(Bratley, NonPreemptiveOrderThatMeetsAll) {
  const std::vector<TextbookTask> tasks{{4, 2, 3}, {1, 1, 4}, {1, 2, 5}, {0, 2, 4}};
  const Outcome out = run(textbook(tasks, Preemption::none, 100), "edf");
  EXPECT_EQ(segments(out.events), (Trace{{4, 0, 2}, {2, 2, 3}, {3, 3, 5}, {1, 5, 7}}));
  EXPECT_EQ(misses(out.events), 0);
}

class RateMonotonicAgainstEdf : public ::testing::Test {
 protected:
  // U = 34/35.
  const Scenario scenario = textbook({{0, 2, 5, 5}, {0, 4, 7, 7}}, Preemption::unit_layers, 35);
};

TEST_F(RateMonotonicAgainstEdf, EdfMeetsAllWithThisTrace) {
  const Outcome out = run(scenario, "edf");
  EXPECT_EQ(segments(out.events), (Trace{{1, 0, 2},
                                         {2, 2, 6},
                                         {1, 6, 8},
                                         {2, 8, 12},
                                         {1, 12, 14},
                                         {2, 14, 15},
                                         {1, 15, 17},
                                         {2, 17, 20},
                                         {1, 20, 22},
                                         {2, 22, 26},
                                         {1, 26, 28},
                                         {2, 28, 30},
                                         {1, 30, 32},
                                         {2, 32, 34}}));
  EXPECT_EQ(misses(out.events), 0);
  EXPECT_EQ(to_ps(out.result.makespan), 34'000'000'000);
}

TEST_F(RateMonotonicAgainstEdf, RateMonotonicMissesTheFirstJobOfTheSlowTask) {
  const Outcome out = run(scenario, "rm");
  EXPECT_DOUBLE_EQ(finishes(out.events, 1).at(0), 8.0);
  EXPECT_GT(misses(out.events), 0);
  for (const JobEndEvent& e : out.events.ended) EXPECT_FALSE(e.task == 0 && e.missed()) << "the fast task never misses";
}

TEST(ProcessorDemand, ConstrainedDeadlinesThatJustFit) {
  // (C, T, D) = (2, 6, 4), (2, 8, 5), (3, 9, 7): U = 11/12, demand never above supply.
  const Scenario s = textbook({{0, 2, 4, 6}, {0, 2, 5, 8}, {0, 3, 7, 9}}, Preemption::unit_layers, 72);
  const Outcome out = run(s, "edf");
  EXPECT_EQ(misses(out.events), 0);
  EXPECT_DOUBLE_EQ(in_units(out.result.makespan), 70.0);
}

// A job's response to a synchronous release is the fixed point of R = C + Σ ⌈R/T⌉·C over the tasks before it.
struct CriticalInstant {
  std::vector<TextbookTask> tasks;
  Times response;

  friend void PrintTo(const CriticalInstant& c, std::ostream* out) { *out << ::testing::PrintToString(c.response); }
};

class FixedPriorityAnalysis : public ::testing::TestWithParam<CriticalInstant> {};

TEST_P(FixedPriorityAnalysis, SynchronousReleaseReachesTheBound) {
  const auto& [tasks, response] = GetParam();
  const Outcome out = run(textbook(tasks, Preemption::unit_layers, 400), "fp");
  EXPECT_EQ(first_finishes(out.events, tasks.size()), response);
}

INSTANTIATE_TEST_SUITE_P(
    Textbook, FixedPriorityAnalysis,
    ::testing::Values(CriticalInstant{{{0, 40, 100, 100}, {0, 40, 150, 150}, {0, 100, 350, 350}}, {40, 80, 300}},
                      CriticalInstant{{{0, 10, 30, 30}, {0, 10, 40, 40}, {0, 12, 50, 50}}, {10, 20, 52}},
                      CriticalInstant{{{0, 4, 16, 16}, {0, 5, 40, 40}, {0, 32, 80, 80}}, {4, 9, 58}},
                      CriticalInstant{{{0, 5, 20, 20}, {0, 10, 40, 40}, {0, 40, 80, 80}}, {5, 15, 80}},
                      CriticalInstant{{{0, 3, 7, 7}, {0, 3, 12, 12}, {0, 5, 20, 20}}, {3, 6, 20}},
                      CriticalInstant{{{0, 1, 3, 4}, {0, 1, 4, 5}, {0, 2, 5, 6}, {0, 1, 10, 11}}, {1, 2, 4, 10}}));

TEST(DeadlineMonotonic, OrdersByRelativeDeadline) {
  // The set of the last case in reverse order: the policy has to find the order itself.
  const Scenario s = textbook({{0, 1, 10, 11}, {0, 2, 5, 6}, {0, 1, 4, 5}, {0, 1, 3, 4}}, Preemption::unit_layers, 400);
  const Outcome out = run(s, "dm");
  EXPECT_EQ(first_finishes(out.events, 4), (Times{10, 4, 2, 1}));
}

TEST(ArbitraryDeadlines, ResponsesInTheBusyPeriod) {
  // Lehoczky 1990: C = (26, 62), T = (70, 100); the worst response is not that of the first job.
  const Scenario s = textbook({{0, 26, 700, 70}, {0, 62, 700, 100}}, Preemption::unit_layers, 700);
  const Outcome out = run(s, "fp");
  const Times finish = finishes(out.events, 1);
  ASSERT_EQ(finish.size(), 7U);
  Times response;
  for (std::size_t q = 0; q < finish.size(); ++q) response.push_back(finish[q] - 100.0 * static_cast<double>(q));
  EXPECT_EQ(response, (Times{114, 102, 116, 104, 118, 106, 94}));
}

TEST(ControllerAreaNetwork, TheSecondInstanceIsTheWorst) {
  // Davis et al. 2007: C = 1, T = (2.5, 3.5, 3.5), not preemptive; an analysis of first instances only says 3.0.
  const Scenario s = textbook({{0, 1, 2.5, 2.5}, {0, 1, 3.25, 3.5}, {0, 1, 3.25, 3.5}}, Preemption::none, 70);
  const Outcome out = run(s, "fp");
  const Times finish = finishes(out.events, 2);
  EXPECT_DOUBLE_EQ(finish.at(0), 3.0);
  EXPECT_DOUBLE_EQ(finish.at(1) - 3.5, 3.5);
  EXPECT_DOUBLE_EQ(worst_responses(out.events, 3).at(2), 3.5);
  EXPECT_GT(misses(out.events), 0);
}

} // namespace
} // namespace terastal::testing
