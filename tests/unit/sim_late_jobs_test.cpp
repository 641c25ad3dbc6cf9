#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace terastal {
namespace {

using namespace testing;

/// How a task's job ended.
struct End {
  Time time;
  bool dropped;
  bool operator==(const End&) const = default;
};

std::ostream& operator<<(std::ostream& out, const End& e) {
  return out << (e.dropped ? "dropped at " : "completed at ") << format_duration(e.time.time_since_epoch());
}

End completed(Duration t) { return {at(t), false}; }
End dropped(Duration t) { return {at(t), true}; }

std::vector<End> ends(const Outcome& out, TaskIndex task) {
  std::vector<End> result;
  for (const auto& e : out.events.ended) {
    if (e.task == task) result.push_back({e.time, e.dropped});
  }
  return result;
}

/// One job of one task with deadline 6 ms, alone on one accelerator, under a rule.
End alone(const std::vector<std::vector<Duration>>& layers, LateJobs rule) {
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "a", add_network(s, "net", layers), 6ms, releases({0ms})).late_jobs = rule;
  const auto result = ends(run(s, "edf"), 0);
  return result.size() == 1 ? result.front() : End{};
}

TEST(LateJobs, RunOnLetsThemFinish) { EXPECT_EQ(alone({{4ms}, {4ms}, {4ms}}, LateJobs::run_on), completed(12ms)); }

// The second layer runs from 4 to 8 ms: the job leaves when it ends, not at its deadline of 6 ms.
TEST(LateJobs, RunningLayerIsNotAborted) {
  EXPECT_EQ(alone({{4ms}, {4ms}, {4ms}}, LateJobs::drop_at_deadline), dropped(8ms));
}

TEST(LateJobs, LastLayerThatRunsAtTheDeadlineCompletesLate) {
  EXPECT_EQ(alone({{4ms}, {4ms}}, LateJobs::drop_at_deadline), completed(8ms));
}

TEST(LateJobs, LayerThatEndsAtTheDeadlineIsFollowedByTheDrop) {
  EXPECT_EQ(alone({{6ms}, {1ms}}, LateJobs::drop_at_deadline), dropped(6ms));
}

TEST(LateJobs, HopelessJobIsDroppedAtItsRelease) {
  EXPECT_EQ(alone({{4ms}, {3ms}}, LateJobs::drop_hopeless), dropped(0ms));
  EXPECT_EQ(alone({{4ms}, {2ms}}, LateJobs::drop_hopeless), completed(6ms)); // just in time
}

/// A 10 ms job of task 0 holds the accelerator; a 3 ms job of task 1 waits behind it.
Outcome waiting(Duration deadline, LateJobs rule) {
  Scenario s = platform({{"gpu", 1}});
  const auto long_net = add_network(s, "long", {{10ms}});
  const auto short_net = add_network(s, "short", {{3ms}});
  add_task(s, "long", long_net, 1s, releases({0ms}));
  add_task(s, "short", short_net, deadline, releases({0ms})).late_jobs = rule;
  return run(s, "fcfs");
}

TEST(LateJobs, WaitingJobIsDroppedExactlyAtItsDeadline) {
  EXPECT_EQ(ends(waiting(5ms, LateJobs::drop_at_deadline), 1), (std::vector{dropped(5ms)}));
  // Its deadline passes at the instant the accelerator becomes free: too late all the same.
  EXPECT_EQ(ends(waiting(10ms, LateJobs::drop_at_deadline), 1), (std::vector{dropped(10ms)}));
  EXPECT_EQ(ends(waiting(11ms, LateJobs::drop_at_deadline), 1), (std::vector{completed(13ms)}));
  EXPECT_EQ(ends(waiting(5ms, LateJobs::run_on), 1), (std::vector{completed(13ms)}));
}

// At 10 ms three more are needed: hopeless with a deadline of 12, not with 13.
TEST(LateJobs, HopelessIsDecidedBeforeADispatchRound) {
  EXPECT_EQ(ends(waiting(12ms, LateJobs::drop_hopeless), 1), (std::vector{dropped(10ms)}));
  EXPECT_EQ(ends(waiting(13ms - Duration{1}, LateJobs::drop_hopeless), 1), (std::vector{dropped(10ms)}));
  EXPECT_EQ(ends(waiting(13ms, LateJobs::drop_hopeless), 1), (std::vector{completed(13ms)}));
}

TEST(LateJobs, RuleIsPerTask) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{4ms}});
  add_task(s, "hold", net, 1s, releases({0ms}));
  add_task(s, "run_on", net, 3ms, releases({0ms})).late_jobs = LateJobs::run_on;
  add_task(s, "deadline", net, 3ms, releases({0ms})).late_jobs = LateJobs::drop_at_deadline;
  add_task(s, "hopeless", net, 7ms, releases({0ms})).late_jobs = LateJobs::drop_hopeless;
  const Outcome out = run(s, "fcfs");
  EXPECT_EQ(ends(out, 1), (std::vector{completed(8ms)}));
  EXPECT_EQ(ends(out, 2), (std::vector{dropped(3ms)}));
  EXPECT_EQ(ends(out, 3), (std::vector{dropped(4ms)})); // 4 + 4 > 7
  EXPECT_EQ(out.result.tasks[1].late, 1U);
  EXPECT_EQ(out.result.tasks[2].dropped, 1U);
  EXPECT_EQ(out.result.tasks[0].miss_rate, 0.0);
}

// The gpu alone would need 8 ms, gpu then npu 2 + 3: the bound is over accelerators per layer.
TEST(LateJobs, HopelessCountsTheFastestAcceleratorOfEachLayer) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  add_task(s, "a", add_network(s, "net", {{2ms, 9ms}, {6ms, 3ms}}), 5ms, releases({0ms})).late_jobs =
      LateJobs::drop_hopeless;
  EXPECT_EQ(ends(run(s, "edf"), 0), (std::vector{completed(5ms)}));
  s.tasks[0].deadline = 5ms - Duration{1};
  EXPECT_EQ(ends(run(s, "edf"), 0), (std::vector{dropped(0ms)}));
}

/// Two layers of 4 ms with variants of 1 ms each; only one of them may be used: 5 ms at best.
Scenario with_variants(Duration deadline) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{4ms}, {4ms}});
  add_variant(s, net, 0, "v0", {1ms});
  add_variant(s, net, 1, "v1", {1ms});
  s.networks[net].accuracy = AccuracyModel::measured("m", 1.0, {{0, 1.0}, {1, 0.95}, {2, 0.95}, {3, 0.5}});
  add_task(s, "a", net, deadline, releases({0ms})).late_jobs = LateJobs::drop_hopeless;
  return s;
}

TEST(LateJobs, HopelessCountsValidVariantsIfThePolicyUsesThem) {
  EXPECT_EQ(ends(run(with_variants(5ms), "terastal"), 0), (std::vector{completed(5ms)}));
  EXPECT_EQ(ends(run(with_variants(5ms), "terastal:variants=false"), 0), (std::vector{dropped(0ms)}));
  EXPECT_EQ(ends(run(with_variants(5ms), "edf"), 0), (std::vector{dropped(0ms)}));
  EXPECT_EQ(ends(run(with_variants(8ms), "edf"), 0), (std::vector{completed(8ms)}));
  // Both variants together would make 2 ms, but that set is not valid.
  EXPECT_EQ(ends(run(with_variants(4ms), "terastal"), 0), (std::vector{dropped(0ms)}));
}

// 0 → {1, 2} → 3. At the deadline of 5 ms layers 1 (until 4) is done, 2 (until 7) runs, 3 was never ready.
TEST(LateJobs, DagIsDroppedWhenItsLastRunningLayerEnds) {
  Scenario s = platform({{"gpu", 2}});
  const auto net = add_network(s, "net", {{1ms}, {3ms}, {6ms}, {1ms}}, {{}, {0}, {0}, {1, 2}});
  add_task(s, "a", net, 5ms, releases({0ms})).late_jobs = LateJobs::drop_at_deadline;
  const Outcome out = run(s, "edf");
  EXPECT_EQ(ends(out, 0), (std::vector{dropped(7ms)}));
  EXPECT_EQ(out.events.started.size(), 3U);
}

// Three ready layers of one job and one of another; the first job is hopeless with all of them, the other is not.
TEST(LateJobs, DroppingTakesAllReadyLayersOfAJob) {
  Scenario s = platform({{"gpu", 1}});
  const auto hold = add_network(s, "hold", {{4ms}});
  const auto wide = add_network(s, "wide", {{3ms}, {3ms}, {3ms}}, {{}, {}, {}});
  const auto other = add_network(s, "other", {{2ms}});
  add_task(s, "hold", hold, 1s, releases({0ms}));
  add_task(s, "wide", wide, 6ms, releases({0ms, 1ms})).late_jobs = LateJobs::drop_hopeless;
  add_task(s, "other", other, 6ms, releases({0ms})).late_jobs = LateJobs::drop_hopeless;
  const Outcome out = run(s, "fcfs");
  // At 4 ms the first job of `wide` (deadline 6) is hopeless, its second (7) has layers that need 3: not yet. `other`
  // runs until 6; then 6 + 3 > 7.
  EXPECT_EQ(ends(out, 1), (std::vector{dropped(4ms), dropped(6ms)}));
  EXPECT_EQ(ends(out, 2), (std::vector{completed(6ms)}));
}

/// Drops every job at its first sight, unless it is of task 0.
class DropsEarly : public Scheduler {
 public:
  [[nodiscard]] std::string_view name() const override { return "drops_early"; }
  [[nodiscard]] bool may_drop() const override { return true; }
  void dispatch(const SystemView& view, Decisions& out) override {
    for (const ReadyId id : view.ready()) {
      if (view.job(id).task != 0) return out.drop(id);
    }
    const ReadyId id = view.ready().front();
    out.start(id, view.original(id), 0);
  }
};

// A job that the policy drops before its deadline is gone; the timer of its deadline must not find it again.
TEST(LateJobs, JobDroppedByThePolicyIsDroppedOnce) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{4ms}, {4ms}});
  add_task(s, "kept", net, 1s, releases({20ms}));
  add_task(s, "gone", net, 6ms, releases({0ms, 1ms})).late_jobs = LateJobs::run_on;
  DropsEarly scheduler;
  EXPECT_EQ(ends(run(s, scheduler), 1), (std::vector{dropped(0ms), dropped(1ms)}));
  s.tasks[1].late_jobs = LateJobs::drop_at_deadline;
  const Outcome out = run(s, scheduler);
  EXPECT_EQ(ends(out, 1), (std::vector{dropped(0ms), dropped(1ms)}));
  EXPECT_EQ(out.result.tasks[1].dropped, 2U);
}

/// Gives up every job, naming each of its ready layers.
class GivesUp : public Scheduler {
 public:
  [[nodiscard]] std::string_view name() const override { return "gives_up"; }
  [[nodiscard]] bool may_drop() const override { return true; }
  void dispatch(const SystemView& view, Decisions& out) override {
    for (const ReadyId id : view.ready()) out.drop(id);
  }
};

TEST(LateJobs, NamingSeveralLayersOfAJobDropsItOnce) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{4ms}, {4ms}}, {{}, {}}); // two sources: both ready at once
  add_task(s, "job", net, 10ms, releases({0ms, 1ms}));
  GivesUp scheduler;
  EXPECT_EQ(ends(run(s, scheduler), 0), (std::vector{dropped(0ms), dropped(1ms)}));
}

// A policy that leaves layers waiting for ever must not look like one that misses nothing.
TEST(LateJobs, LayersLeftWaitingAreAnError) {
  class Idle : public Scheduler {
   public:
    [[nodiscard]] std::string_view name() const override { return "idle"; }
    void dispatch(const SystemView&, Decisions&) override {}
  };
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "job", add_network(s, "net", {{4ms}}), 10ms, releases({0ms, 1ms}));
  Idle scheduler;
  Simulator simulator(s, scheduler);
  try {
    simulator.run();
    FAIL() << "the run ended as if all were well";
  } catch (const SimulationError& error) {
    EXPECT_STREQ(error.what(), "policy 'idle' left 2 ready layers waiting for ever, the first of task 'job'");
  }
}

// After an overload every job that was released has ended once, and slots were reused.
TEST(LateJobs, OverloadLeavesNothingBehind) {
  for (const LateJobs rule : {LateJobs::run_on, LateJobs::drop_at_deadline, LateJobs::drop_hopeless}) {
    Scenario s = platform({{"gpu", 2}, {"npu", 1}}, 2s);
    const auto chain = add_network(s, "chain", {{3ms, 5ms}, {4ms, 6ms}, {2ms, 2ms}});
    const auto dag = add_network(s, "dag", {{1ms, 2ms}, {4ms, 3ms}, {4ms, 3ms}, {1ms, 2ms}}, {{}, {0}, {0}, {1, 2}});
    add_task(s, "chain", chain, 15ms, PoissonArrivals{6ms}).late_jobs = rule;
    add_task(s, "dag", dag, 12ms, PoissonArrivals{7ms}).late_jobs = rule;
    for (const char* policy : {"fcfs", "edf", "llf:placement=earliest_finish", "dream", "terastal"}) {
      const Outcome out = run(s, policy);
      EXPECT_EQ(out.events.ended.size(), out.events.released.size());
      EXPECT_EQ(out.events.finish.size(), out.events.released.size()) << "a job ended twice";
    }
  }
}

} // namespace
} // namespace terastal
