#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace terastal {
namespace {

using namespace testing;

/// One accelerator; jobs of 4 ms every 10 ms, released at 2, 12 and 22 ms; and a task for submissions only.
class Stepwise : public ::testing::Test {
 protected:
  Stepwise() {
    const auto net = add_network(scenario_, "net", {{4ms}});
    add_task(scenario_, "periodic", net, 10ms, PeriodicArrivals{10ms, 2ms});
    add_task(scenario_, "extra", net, 6ms, NoArrivals{}).priority = 5;
    validate(scenario_);
    simulator_.emplace(scenario_, *scheduler_);
    simulator_->add_observer(events_);
  }

  Scenario scenario_ = platform({{"gpu", 1}}, 30ms);
  std::unique_ptr<Scheduler> scheduler_ = testing::known_policies().parse("edf").make();
  std::optional<Simulator> simulator_;
  Recorder events_;
};

TEST_F(Stepwise, OneInstantAStep) {
  std::vector<Time> instants;
  EXPECT_EQ(simulator_->next_event_time(), at(2ms));
  EXPECT_EQ(simulator_->now(), Time{});
  while (simulator_->step()) instants.push_back(simulator_->now());
  EXPECT_EQ(instants, (std::vector<Time>{at(2ms), at(6ms), at(12ms), at(16ms), at(22ms), at(26ms)}));
  EXPECT_FALSE(simulator_->next_event_time());
  EXPECT_FALSE(simulator_->step());
  EXPECT_EQ(simulator_->counters().events, 6U);
  EXPECT_EQ(simulator_->counters().decisions, 3U);
  EXPECT_EQ(simulator_->counters().asked, 3U);
}

TEST_F(Stepwise, RunUntilIncludesItsInstantAndLeavesTheClockThere) {
  simulator_->run_until(at(12ms));
  EXPECT_EQ(simulator_->now(), at(12ms));
  EXPECT_EQ(events_.started.size(), 2U);
  EXPECT_EQ(simulator_->next_event_time(), at(16ms));
  simulator_->run_until(at(14ms)); // between two events
  EXPECT_EQ(simulator_->now(), at(14ms));
  EXPECT_EQ(simulator_->view().now(), at(14ms));
  EXPECT_FALSE(simulator_->view().is_idle(0));
  EXPECT_EQ(simulator_->view().free_at(0), at(16ms));
  simulator_->run_until(at(13ms)); // never back
  EXPECT_EQ(simulator_->now(), at(14ms));
  simulator_->run_until(at(100ms));
  EXPECT_EQ(simulator_->now(), at(100ms));
  EXPECT_EQ(events_.ended.size(), 3U);
}

TEST_F(Stepwise, HoweverItIsDrivenTheRunIsTheSame) {
  simulator_->run();
  const std::uint64_t whole = simulator_->digest();
  for (const Duration stride : {Duration{1ms}, Duration{3500us}, Duration{40ms}}) {
    Simulator other(scenario_, *scheduler_);
    for (Time t{}; other.next_event_time(); t += stride) other.run_until(t);
    EXPECT_EQ(other.digest(), whole);
  }
  Simulator stepped(scenario_, *scheduler_);
  EXPECT_NE(stepped.digest(), whole);
  while (stepped.step()) {
  }
  EXPECT_EQ(stepped.digest(), whole);
}

TEST_F(Stepwise, SubmittedJobsRunLikeOthers) {
  simulator_->run_until(at(3ms));
  simulator_->submit({1, at(3ms), {}, {}, {}});   // now; its deadline is 3 + 6
  simulator_->submit({1, at(12ms), 20ms, 1, {}}); // later, with a deadline and a priority of its own
  EXPECT_EQ(simulator_->next_event_time(), at(3ms));
  simulator_->run();
  EXPECT_EQ(events_.finish[std::pair(1U, 0U)], at(10ms)); // waits for the job that runs until 6
  // At 12 ms the periodic job (deadline 22) goes before the submitted one (32).
  EXPECT_EQ(events_.finish[std::pair(0U, 1U)], at(16ms));
  EXPECT_EQ(events_.finish[std::pair(1U, 1U)], at(20ms));
  EXPECT_EQ(events_.released[1].deadline, at(9ms));
  EXPECT_EQ(events_.released[3].deadline, at(32ms));
}

TEST_F(Stepwise, PriorityOfASubmission) {
  const auto fp = testing::known_policies().parse("fp").make();
  Simulator simulator(scenario_, *fp);
  Recorder events;
  simulator.add_observer(events);
  simulator.submit({1, at(2ms), {}, {}, {}}); // the task's priority 5: after the periodic job (0)
  simulator.submit({1, at(2ms), {}, -1, {}}); // before it
  simulator.run_until(at(14ms));
  EXPECT_EQ(events.finish[std::pair(1U, 1U)], at(6ms));
  EXPECT_EQ(events.finish[std::pair(0U, 0U)], at(10ms));
  EXPECT_EQ(events.finish[std::pair(1U, 0U)], at(14ms));
}

TEST_F(Stepwise, SubmissionsBeyondTheHorizonAndAfterTheEnd) {
  simulator_->submit({1, at(500ms), {}, {}, {}});
  simulator_->run();
  EXPECT_EQ(events_.finish[std::pair(1U, 0U)], at(504ms));
  EXPECT_FALSE(simulator_->next_event_time());
  simulator_->submit({1, at(600ms), {}, {}, {}}); // wakes a run that had ended
  simulator_->run();
  EXPECT_EQ(events_.finish[std::pair(1U, 1U)], at(604ms));
}

// Requests given for one instant keep the order in which they were given, also when the engine reuses their slots.
TEST_F(Stepwise, SubmissionsOfOneInstantKeepTheirOrder) {
  for (const Duration when : {Duration{1ms}, Duration{100ms}, Duration{200ms}}) {
    const std::size_t before = events_.released.size();
    for (int i = 1; i <= 4; ++i) simulator_->submit({1, at(when), i * Duration{50ms}, {}, {}});
    simulator_->run_until(at(when));
    std::vector<Duration> deadlines;
    for (std::size_t r = before; r < events_.released.size(); ++r) {
      if (events_.released[r].task == 1) deadlines.push_back(events_.released[r].deadline - at(when));
    }
    EXPECT_EQ(deadlines, (std::vector<Duration>{50ms, 100ms, 150ms, 200ms})) << "at " << format_duration(when);
  }
}

void expect_error(Simulator& simulator, const Submission& submission, const std::string& part) {
  try {
    simulator.submit(submission);
    ADD_FAILURE() << "accepted, expected: " << part;
  } catch (const SimulationError& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST_F(Stepwise, SubmissionsThatCannotBe) {
  simulator_->run_until(at(5ms));
  expect_error(*simulator_, {1, at(4ms), {}, {}, {}}, "in the past");
  expect_error(*simulator_, {2, at(5ms), {}, {}, {}}, "no such task");
  expect_error(*simulator_, {1, at(5ms), 0ms, {}, {}}, "deadline must be above 0");
  expect_error(*simulator_, {1, at(5ms), {}, {}, 3}, "no such sample");
  simulator_->run();
  EXPECT_EQ(events_.released.size(), 3U); // none of them came through
}

// Another simulator holds the clock: it decides from the state what to submit, and this one follows.
TEST_F(Stepwise, CoSimulation) {
  Time clock{};
  int submitted = 0;
  while (clock < at(40ms)) {
    simulator_->run_until(clock);
    if (simulator_->view().is_idle(0) && !simulator_->view().ready().empty()) FAIL() << "not work-conserving";
    if (simulator_->view().is_idle(0)) {
      simulator_->submit({1, clock, {}, {}, {}});
      ++submitted;
    }
    const auto next = simulator_->next_event_time();
    clock = next && *next < clock + Duration{5ms} && *next > clock ? *next : clock + Duration{5ms};
  }
  simulator_->run();
  // At 0 the accelerator is idle: submitted, and so on whenever the outer clock finds it idle.
  EXPECT_GT(submitted, 2);
  EXPECT_EQ(events_.ended.size(), 3U + static_cast<std::size_t>(submitted));
}

TEST_F(Stepwise, RunCanBeStoppedAndResumed) {
  Scenario s = platform({{"gpu", 1}}, 100s);
  add_task(s, "a", add_network(s, "net", {{4ms}}), 10ms, PeriodicArrivals{10ms}); // 20000 instants
  Simulator whole(s, *scheduler_);
  EXPECT_TRUE(whole.run());
  Simulator stopped(s, *scheduler_);
  int asked = 0;
  EXPECT_FALSE(stopped.run([&] { return ++asked < 2; }));
  EXPECT_EQ(asked, 2);
  EXPECT_LT(stopped.now(), whole.now());
  EXPECT_TRUE(stopped.run([] { return true; }));
  EXPECT_EQ(stopped.digest(), whole.digest());
}

TEST_F(Stepwise, SeedsOtherThanTheScenarios) {
  Scenario s = platform({{"gpu", 1}}, 1s);
  add_task(s, "a", add_network(s, "net", {{4ms}}), 10ms, PoissonArrivals{10ms});
  Simulator one(s, *scheduler_, 1);
  Simulator same(s, *scheduler_);
  Simulator two(s, *scheduler_, 2);
  for (Simulator* simulator : {&one, &same, &two}) simulator->run();
  EXPECT_EQ(one.digest(), same.digest());
  EXPECT_NE(one.digest(), two.digest());
  EXPECT_EQ(two.seed(), 2U);
}

} // namespace
} // namespace terastal
