#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/offline/pattern_search.hpp"
#include "terastal/sched/dream_tuning.hpp"

// DREAM beyond its score: frame drop, supernets, energy of context switches, tuning of the weights.
namespace terastal::testing {
namespace {

/// One accelerator and `tasks` tasks of one 4 ms layer, one frame each at 0 with the given deadlines.
Scenario frames(const std::vector<Duration>& deadlines) {
  Scenario s = platform({{"npu", 1}});
  add_network(s, "net", {{4ms}});
  for (std::size_t t = 0; t < deadlines.size(); ++t) {
    add_task(s, "t" + std::to_string(t), 0, deadlines[t], releases({0ms}));
  }
  return s;
}

std::vector<TaskIndex> dropped(const Outcome& out) {
  std::vector<TaskIndex> tasks;
  for (const JobEndEvent& e : out.events.ended) {
    if (e.dropped) tasks.push_back(e.task);
  }
  return tasks;
}

const std::string kDrop = "dream:alpha=0:beta=0:smart_drop=true";

TEST(SmartDrop, GivesUpTheFrameThatIsLatest) {
  // At 0, tasks 0 (3 ms) and 1 (2 ms) are late already: (4−3)/4 against (4−2)/4. Task 2 is not.
  const Outcome out = run(frames({3ms, 2ms, 20ms}), kDrop);
  EXPECT_EQ(dropped(out), (std::vector<TaskIndex>{1}));
  EXPECT_EQ(run(frames({3ms, 2ms, 20ms}), "dream").result.tasks[1].dropped, 0U);
}

TEST(SmartDrop, KeepsTheOnlyLateFrame) { EXPECT_TRUE(dropped(run(frames({3ms, 20ms, 20ms}), kDrop)).empty()); }

TEST(SmartDrop, TasksThatReleaseOthersAreKept) {
  Scenario s = frames({3ms, 2ms});
  Task& child = add_task(s, "child", 0, 40ms, NoArrivals{});
  child.parent = Parent{1, 1.0, true};
  EXPECT_EQ(dropped(run(s, kDrop)), (std::vector<TaskIndex>{0}));
}

TEST(SmartDrop, CapOfATask) {
  Scenario s = platform({{"npu", 1}});
  add_network(s, "net", {{10ms}});
  // Both tasks are late with every frame: 10 ms of work, 5 ms deadlines.
  add_task(s, "a", 0, 5ms, PeriodicArrivals{20ms, 0ms, 0ms});
  add_task(s, "b", 0, 5ms, PeriodicArrivals{20ms, 0ms, 0ms});
  const Outcome two = run(s, "dream:smart_drop=true:drop_cap=2:drop_window=10");
  const Outcome none = run(s, "dream:smart_drop=true:drop_cap=0");
  EXPECT_EQ(dropped(none).size(), 0U);
  // 50 frames a task; in every ten in a row at most two.
  for (TaskIndex t = 0; t < 2; ++t) {
    std::vector<JobIndex> jobs;
    for (const JobEndEvent& e : two.events.ended) {
      if (e.dropped && e.task == t) jobs.push_back(e.job);
    }
    std::sort(jobs.begin(), jobs.end());
    for (std::size_t i = 2; i < jobs.size(); ++i) EXPECT_GE(jobs[i] - jobs[i - 2], 10U);
  }
  EXPECT_GT(dropped(two).size(), 5U);
}

/// A supernet of 6 ms (accuracy 0.8) and 2 ms (0.7); before it another job keeps the accelerator until `busy`.
Scenario supernet(Duration busy) {
  Scenario s = platform({{"npu", 1}});
  add_network(s, "large", {{3ms}, {3ms}});
  add_network(s, "light", {{1ms}, {1ms}});
  add_network(s, "other", {{busy}});
  s.networks[0].accuracy = AccuracyModel::additive("top-1", 0.8, {});
  s.networks[1].accuracy = AccuracyModel::additive("top-1", 0.7, {});
  add_task(s, "super", 0, 9ms, releases({Duration{1}})).alternatives = {1};
  add_task(s, "other", 2, 4ms, releases({0ms}));
  return s;
}

TEST(SupernetSwitching, TakesTheMostAccurateThatFits) {
  const Outcome fits = run(supernet(2ms), "dream:supernet=true");
  EXPECT_EQ(fits.events.finish.at({0, 0}), at(8ms));
  const Outcome light = run(supernet(5ms), "dream:supernet=true"); // 4 ms are left of its 9
  EXPECT_EQ(light.events.finish.at({0, 0}), at(7ms));
  EXPECT_DOUBLE_EQ(light.result.tasks[0].accuracy_mean, 0.7);
  const Outcome never = run(supernet(5ms), "dream");
  EXPECT_EQ(never.events.finish.at({0, 0}), at(11ms));
}

TEST(SupernetSwitching, FramesThatALighterNetworkSavesAreKept) {
  Scenario s = platform({{"npu", 1}});
  add_network(s, "large", {{10ms}});
  add_network(s, "light", {{1ms}});
  s.networks[0].accuracy = AccuracyModel::additive("top-1", 0.8, {});
  s.networks[1].accuracy = AccuracyModel::additive("top-1", 0.7, {});
  for (const char* name : {"a", "b"}) add_task(s, name, 0, 5ms, releases({0ms})).alternatives = {1};
  EXPECT_TRUE(dropped(run(s, "dream:smart_drop=true:supernet=true")).empty());
  EXPECT_EQ(dropped(run(s, "dream:smart_drop=true")).size(), 1U);
}

TEST(SupernetSwitching, TakesTheLightestWhenNothingFits) {
  EXPECT_EQ(run(supernet(8500us), "dream:supernet=true").events.finish.at({0, 0}), at(10500us));
}

TEST(SupernetSwitching, ChoosesAgainAtASwitchPoint) {
  Scenario s = supernet(2ms);
  s.networks[2].latency[0] = 3ms;
  s.tasks[0].switch_points = {{1, 1}};
  s.tasks[1].arrivals = releases({0ms, 4ms}); // comes between the layers of the supernet
  s.tasks[1].deadline = 6ms;
  // super starts at 3 ms with 6 ms left: the large one fits. At 6 ms the second job of `other` is more urgent? It has
  // 4 ms for 3 ms, the supernet 3 ms for 3 ms, so the supernet goes on and ends at 9 ms.
  EXPECT_EQ(run(s, "dream:alpha=0:beta=0:supernet=true").events.finish.at({0, 0}), at(9ms));
  s.tasks[1].deadline = 4ms;
  // Now `other` has 2 ms for 3 ms and both urgencies are capped at 1; the tie goes to the earlier release, the
  // supernet. With FIFO broken by starvation the other one runs first and the light network follows.
  const Outcome later = run(s, "dream:alpha=0:beta=0:urgency_cap=1000:supernet=true");
  EXPECT_EQ(later.events.finish.at({1, 1}), at(9ms));
  EXPECT_EQ(later.events.finish.at({0, 0}), at(10ms)); // light stage of 1 ms instead of 3
}

TEST(ContextEnergy, LowersTheScoreOfASwitch) {
  Scenario s = platform({{"npu", 1}});
  s.platform.types[0].context_energy_pj = 1000.0;
  add_network(s, "a", {{4ms}, {4ms}});
  add_network(s, "b", {{4ms}});
  for (Network& n : s.networks) {
    for (Layer& l : n.layers) l.output_bytes = 1000;
    n.energy_nj.assign(n.energy_nj.size(), 100.0);
  }
  // b comes while a.0 runs, with the earlier deadline; switching costs (1000 + 0) bytes · 1 nJ = 10 layers' energy.
  add_task(s, "a", 0, 40ms, releases({0ms}));
  add_task(s, "b", 1, 20ms, releases({1ms}));
  EXPECT_EQ(run(s, "dream:alpha=0:beta=0").events.finish.at({1, 0}), at(8ms));
  EXPECT_EQ(run(s, "dream:alpha=0:beta=1").events.finish.at({1, 0}), at(12ms));
}

TEST(PatternSearch, FindsTheMinimumOfABowl) {
  PatternSearchOptions options;
  options.start = {1.0, 1.0};
  options.low = {0.0, 0.0};
  options.high = {2.0, 2.0};
  options.smallest_radius = 1e-4;
  options.most_moves = 1000;
  PatternSearch search(options);
  while (!search.done()) {
    const double x = search.point()[0] - 0.3;
    const double y = search.point()[1] - 1.7;
    search.tell(x * x + 2 * y * y + 5.0);
  }
  EXPECT_NEAR(search.best()[0], 0.3, 1e-3);
  EXPECT_NEAR(search.best()[1], 1.7, 1e-3);
  EXPECT_NEAR(search.best_value(), 5.0, 1e-5);
}

TEST(PatternSearch, ProbesInOrderAndMovesToTheBest) {
  PatternSearchOptions options;
  options.start = {1.0, 2.0};
  options.low = {0.0, 0.0};
  options.high = {2.0, 2.0};
  PatternSearch search(options);
  std::vector<std::vector<double>> points;
  for (int i = 0; i < 5; ++i) {
    points.push_back(search.point());
    search.tell(search.point()[0]);
  }
  // At the edge of the box one neighbour is left out; (0.5, 2) becomes the centre.
  EXPECT_EQ(points, (std::vector<std::vector<double>>{{1, 2}, {1.5, 2}, {0.5, 2}, {1, 1.5}, {1, 2}}));
  EXPECT_EQ(search.moves(), 1);
}

TEST(Tuning, WeightsChangeByWindowsAndEndAtTheBest) {
  Scenario s = platform({{"npu", 1}}, 10s);
  add_network(s, "net", {{4ms}});
  add_task(s, "t", 0, 20ms, PeriodicArrivals{20ms, 0ms, 0ms});
  DreamTuner tuner(200ms, 1.0, 1.0);
  tuner.prepare(s);
  EXPECT_EQ(tuner.weights(at(0ms)), std::make_pair(1.0, 1.0));
  EXPECT_EQ(tuner.weights(at(199ms)), std::make_pair(1.0, 1.0));
  // A window in which nothing ended says nothing.
  EXPECT_EQ(tuner.weights(at(200ms)), std::make_pair(1.0, 1.0));
  const auto end_job = [&](bool missed) {
    JobEndEvent e{};
    e.time = at(missed ? 30ms : 10ms);
    e.deadline = at(20ms);
    tuner.on_job_end(e);
  };
  end_job(true);
  EXPECT_EQ(tuner.weights(at(400ms)), std::make_pair(1.5, 1.0)); // the first neighbour
  end_job(false);
  EXPECT_EQ(tuner.weights(at(600ms)), std::make_pair(0.5, 1.0));
  EXPECT_EQ(tuner.search().evaluations(), 2);
}

TEST(Tuning, WindowsMustTakeTime) {
  EXPECT_THROW((void)known_policies().parse("dream:tuning_window=0s"), InputError);
  EXPECT_THROW((void)known_policies().parse("dream:tuning_window=10us"), InputError);
}

TEST(Tuning, RunsAreDeterministicAndTheSameTwice) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}}, 3s);
  add_network(s, "a", {{4ms, 6ms}, {3ms, 2ms}});
  add_network(s, "b", {{5ms, 9ms}, {7ms, 4ms}});
  for (Network& n : s.networks) n.energy_nj = {40, 20, 30, 25};
  add_task(s, "a", 0, 16ms, PeriodicArrivals{8ms, std::nullopt, 1ms});
  add_task(s, "b", 1, 24ms, PoissonArrivals{14ms});
  for (const char* policy : {"dream-mapscore", "dream-smartdrop", "dream-full"}) {
    const auto scheduler = testing::known_policies().parse(policy).make();
    const Outcome first = run(s, *scheduler);
    const Outcome again = run(s, *scheduler); // prepare forgets the first run
    const Outcome other = run(s, policy);
    EXPECT_EQ(first.result.digest, again.result.digest) << policy;
    EXPECT_EQ(first.result.digest, other.result.digest) << policy;
    EXPECT_NE(first.result.digest, run(s, "dream").result.digest) << policy;
  }
}

} // namespace
} // namespace terastal::testing
