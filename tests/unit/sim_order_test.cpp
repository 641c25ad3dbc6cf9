#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/list_scheduler.hpp"

namespace terastal {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

/// Writes down what happens in the order in which it happens: `5 finish b0.0` is layer 0 of job 0 of task b at 5 ms.
class Diary : public Observer {
 public:
  explicit Diary(const Scenario& s) : scenario_(s) {}

  [[nodiscard]] unsigned interests() const override { return everything; }
  void on_release(const ReleaseEvent& e) override { add(e.time, "release " + name(e.task, e.job)); }
  void on_start(const StartEvent& e) override { add(e.time, "start " + name(e.task, e.job) + layer(e.layer)); }
  void on_finish(const FinishEvent& e) override { add(e.time, "finish " + name(e.task, e.job) + layer(e.layer)); }
  void on_job_end(const JobEndEvent& e) override { add(e.time, (e.dropped ? "drop " : "end ") + name(e.task, e.job)); }
  void asked(Time now) { add(now, "ask"); }

  [[nodiscard]] const Lines& lines() const { return lines_; }
  /// Those of one instant.
  [[nodiscard]] Lines lines_at(int ms) const {
    const std::string prefix = std::to_string(ms) + " ";
    Lines found;
    for (const auto& line : lines_) {
      if (line.compare(0, prefix.size(), prefix) == 0) found.push_back(line.substr(prefix.size()));
    }
    return found;
  }

 private:
  [[nodiscard]] std::string name(TaskIndex task, JobIndex job) const {
    return scenario_.tasks[task].name + std::to_string(job);
  }
  static std::string layer(LayerIndex l) { return "." + std::to_string(l); }
  void add(Time t, const std::string& what) {
    lines_.push_back(std::to_string(t.time_since_epoch() / Duration{1ms}) + " " + what);
  }

  const Scenario& scenario_;
  Lines lines_;
};

/// EDF that tells the diary whenever it is asked.
class ToldToDiary : public Scheduler {
 public:
  explicit ToldToDiary(Diary& diary) : diary_(diary) {}
  [[nodiscard]] std::string_view name() const override { return "told"; }
  void prepare(const Scenario& s) override { inner_.prepare(s); }
  void dispatch(const SystemView& view, Decisions& out) override {
    diary_.asked(view.now());
    inner_.dispatch(view, out);
  }

 private:
  Diary& diary_;
  ListScheduler inner_{"edf", PriorityRule::deadline, Placement::fastest_idle};
};

Diary diary_of(const Scenario& s) {
  validate(s);
  Diary diary(s);
  ToldToDiary scheduler(diary);
  Simulator simulator(s, scheduler);
  simulator.add_observer(diary);
  simulator.run();
  return diary;
}

// One accelerator. At 4 ms the job of b ends, jobs of a and b are released, and the deadline of a job of c passes.
TEST(Order, CompletionsThenReleasesThenTimersThenTheScheduler) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{4ms}});
  add_task(s, "a", net, 20ms, releases({4ms}));
  add_task(s, "b", net, 3ms, releases({0ms, 4ms}));
  add_task(s, "c", net, 4ms, releases({0ms})).late_jobs = LateJobs::drop_at_deadline;
  const Diary diary = diary_of(s);
  // Under EDF b (3 ms) goes before c (4 ms), which waits until it is dropped.
  EXPECT_EQ(diary.lines_at(0), (Lines{"release b0", "release c0", "ask", "start b0.0"}));
  EXPECT_EQ(diary.lines_at(4),
            (Lines{"finish b0.0", "end b0", "release a0", "release b1", "drop c0", "ask", "start b1.0"}));
}

TEST(Order, CompletionAtTheDeadlineIsInTime) {
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "a", add_network(s, "net", {{2ms}, {2ms}}), 4ms, releases({0ms})).late_jobs = LateJobs::drop_at_deadline;
  EXPECT_EQ(diary_of(s).lines_at(4), (Lines{"finish a0.1", "end a0"}));
  EXPECT_EQ(run(s, "edf").result.tasks[0].miss_rate, 0.0);
}

// Both finish at 6 ms. b runs on accelerator 0 and a on accelerator 1: tasks decide the order, not accelerators.
TEST(Order, CompletionsByTaskThenJob) {
  Scenario s = platform({{"gpu", 3}});
  const auto short_net = add_network(s, "short", {{5ms}});
  const auto long_net = add_network(s, "long", {{6ms}});
  add_task(s, "a", short_net, 20ms, releases({1ms, 1ms}));
  add_task(s, "b", long_net, 20ms, releases({0ms}));
  const Diary diary = diary_of(s);
  EXPECT_EQ(diary.lines_at(6), (Lines{"finish a0.0", "end a0", "finish a1.0", "end a1", "finish b0.0", "end b0"}));
}

TEST(Order, ReleasesByTaskThenJob) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{1ms}});
  add_task(s, "a", net, 90ms, releases({3ms, 3ms}));
  add_task(s, "b", net, 80ms, PeriodicArrivals{30ms, 3ms});
  s.horizon = 10ms;
  EXPECT_EQ(diary_of(s).lines_at(3), (Lines{"release a0", "release a1", "release b0", "ask", "start b0.0"}));
}

// Jobs of c and d wait for the accelerator; their deadlines pass together. The timers were set in the order d, c.
TEST(Order, TimersByTaskThenJob) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{9ms}});
  add_task(s, "a", net, 2ms, releases({0ms}));
  add_task(s, "c", net, 3ms, releases({2ms, 2ms})).late_jobs = LateJobs::drop_at_deadline;
  add_task(s, "d", net, 4ms, releases({1ms})).late_jobs = LateJobs::drop_at_deadline;
  EXPECT_EQ(diary_of(s).lines_at(5), (Lines{"drop c0", "drop c1", "drop d0"}));
}

// A completion releases a job of a cascade at the same instant: it joins that instant's releases.
TEST(Order, CascadesAreReleasedAtTheInstantOfTheCompletion) {
  Scenario s = platform({{"gpu", 1}});
  const auto net = add_network(s, "net", {{5ms}});
  add_task(s, "a", net, 20ms, NoArrivals{}).parent = Parent{1, 1.0};
  add_task(s, "b", net, 20ms, releases({0ms, 5ms}));
  EXPECT_EQ(diary_of(s).lines_at(5), (Lines{"finish b0.0", "end b0", "release a0", "release b1", "ask", "start a0.0"}));
}

/// Starts one ready layer a call on the lowest idle accelerator, at most `limit` of them an instant, and notes the
/// calls.
class Counting : public Scheduler {
 public:
  explicit Counting(int limit) : limit_(limit) {}
  [[nodiscard]] std::string_view name() const override { return "counting"; }
  void dispatch(const SystemView& view, Decisions& out) override {
    if (calls.empty() || calls.back().first != view.now()) made_ = 0;
    calls.emplace_back(view.now(), view.ready().size());
    if (made_ == limit_) return;
    ++made_;
    const ReadyId id = view.ready().front();
    out.start(id, view.original(id), view.idle().first(0));
  }
  std::vector<std::pair<Time, std::size_t>> calls; ///< when, and how many layers were ready

 private:
  int limit_;
  int made_ = 0;
};

using Calls = std::vector<std::pair<Time, std::size_t>>;

Scenario five_at_once() {
  Scenario s = platform({{"gpu", 3}});
  add_task(s, "a", add_network(s, "net", {{4ms}}), 50ms, releases({0ms, 0ms, 0ms, 0ms, 0ms}));
  return s;
}

// The first call sees all five releases; then one fewer a call. With no accelerator idle it is not asked.
TEST(Order, SchedulerIsAskedAfterAllEventsAndAgainWhileItDecides) {
  Counting scheduler(100);
  const Outcome out = run(five_at_once(), scheduler);
  EXPECT_EQ(scheduler.calls, (Calls{{at(0ms), 5}, {at(0ms), 4}, {at(0ms), 3}, {at(4ms), 2}, {at(4ms), 1}}));
  EXPECT_EQ(out.result.tasks[0].completed, 5U);
  EXPECT_EQ(out.result.makespan, at(8ms));
}

// One start an instant although three accelerators are idle: a call without a decision ends the instant.
TEST(Order, SchedulerIsNotAskedAgainAfterNoDecision) {
  Counting scheduler(1);
  run(five_at_once(), scheduler);
  EXPECT_EQ(scheduler.calls, (Calls{{at(0ms), 5},
                                    {at(0ms), 4},
                                    {at(4ms), 4},
                                    {at(4ms), 3},
                                    {at(8ms), 3},
                                    {at(8ms), 2},
                                    {at(12ms), 2},
                                    {at(12ms), 1},
                                    {at(16ms), 1}}));
}

TEST(Order, SchedulerIsNotAskedWhenNothingIsReady) {
  Scenario s = platform({{"gpu", 2}});
  add_task(s, "a", add_network(s, "net", {{4ms}}), 50ms, releases({0ms}));
  Counting scheduler(100);
  run(s, scheduler);
  EXPECT_EQ(scheduler.calls, (Calls{{at(0ms), 1}}));
}

/// Waits with every layer until `until`, for which it asks to be woken.
class Sleeper : public Scheduler {
 public:
  explicit Sleeper(Duration until) : until_(at(until)) {}
  [[nodiscard]] std::string_view name() const override { return "sleeper"; }
  void dispatch(const SystemView& view, Decisions& out) override {
    calls.push_back(view.now());
    if (view.now() < until_) {
      out.wake_at(until_ + 5ms);
      return out.wake_at(until_); // the earlier of two counts
    }
    out.wake_at(view.now() - 1ms); // in the past: no effect
    const ReadyId id = view.ready().front();
    out.start(id, view.original(id), 0);
  }
  std::vector<Time> calls;

 private:
  Time until_;
};

TEST(Order, SchedulerIsAskedAgainWhenItAskedForIt) {
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "a", add_network(s, "net", {{4ms}}), 50ms, releases({0ms, 2ms}));
  Sleeper scheduler(7ms);
  const Outcome out = run(s, scheduler);
  EXPECT_EQ(scheduler.calls, (std::vector<Time>{at(0ms), at(2ms), at(7ms), at(11ms)}));
  EXPECT_EQ(out.events.started[0].time, at(7ms));
  EXPECT_EQ(out.result.makespan, at(15ms));
}

TEST(Order, InstantsReportWhatIsLeft) {
  class Instants : public Observer {
   public:
    [[nodiscard]] unsigned interests() const override { return instants; }
    void on_instant(const InstantEvent& e) override { seen.push_back(e); }
    std::vector<InstantEvent> seen;
  } observer;
  const Scenario s = five_at_once();
  Counting scheduler(100);
  Simulator simulator(s, scheduler);
  simulator.add_observer(observer);
  simulator.run();
  ASSERT_EQ(observer.seen.size(), 3U);
  EXPECT_EQ(observer.seen[0].ready_layers, 2U);
  EXPECT_EQ(observer.seen[0].idle_accelerators, 0U);
  EXPECT_EQ(observer.seen[1].time, at(4ms));
  EXPECT_EQ(observer.seen[1].idle_accelerators, 1U);
  EXPECT_EQ(observer.seen[2].idle_accelerators, 3U);
}

} // namespace
} // namespace terastal
