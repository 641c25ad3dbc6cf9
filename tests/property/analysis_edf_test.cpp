#include "terastal/offline/analysis/edf.hpp"

#include <tuple>

#include <gtest/gtest.h>

#include "property/integer_tasks.hpp"
#include "terastal/offline/analysis/utilisation_bounds.hpp"
#include "terastal/sched/list_scheduler.hpp"

// Tests of EDF against their formulas, evaluated window by window, and against simulated schedules: what they accept
// must never miss, and what an exact one refuses must miss for some offsets.
namespace terastal::testing {
namespace {

EdfVerdict layers_test(const TaskSet& tasks) { return edf_test(sequential(tasks)); }
EdfVerdict preemptive_test(const TaskSet& tasks) { return edf_test(preempted_anywhere(sequential(tasks))); }
bool accepts(const EdfVerdict& verdict) { return verdict.verdict == TestVerdict::accepted; }

/// The condition at every window up to three hyperperiods and the longest deadline, straight from its definition.
bool accepts_window_by_window(const TaskSet& tasks, bool preemptive) {
  if (!fits_utilisation(tasks)) return false;
  std::int64_t end = 3 * hyperperiod(tasks);
  for (const auto& t : tasks) end += t.deadline;
  for (std::int64_t window = 1; window <= end; ++window) {
    std::int64_t demand = 0;
    std::int64_t blocking = 0;
    for (const auto& t : tasks) {
      // Jobs one by one: released at 0 at the earliest, jitter once used up.
      for (std::int64_t k = 0; std::max<std::int64_t>(0, k * t.period - t.jitter) + t.deadline <= window; ++k)
        demand += t.execution();
      if (!preemptive && t.deadline > window + 1) blocking = std::max(blocking, t.longest() - 1);
    }
    if (demand > 0 && demand + blocking > window) return false;
  }
  return true;
}

/// Jeffay, Stanat, Martel 1991, from the paper's conditions; deadline = period.
bool jeffay_accepts(TaskSet tasks) {
  if (!fits_utilisation(tasks)) return false;
  std::sort(tasks.begin(), tasks.end(), [](const auto& a, const auto& b) { return a.period < b.period; });
  for (std::size_t i = 1; i < tasks.size(); ++i) {
    for (std::int64_t l = tasks[0].period + 1; l < tasks[i].period; ++l) {
      std::int64_t demand = tasks[i].execution();
      for (std::size_t j = 0; j < i; ++j) demand += (l - 1) / tasks[j].period * tasks[j].execution();
      if (demand > l) return false;
    }
  }
  return true;
}

std::int64_t lateness(const TaskSet& tasks, const Offsets& offsets, std::uint64_t seed = 1) {
  return simulate(tasks, offsets, PriorityRule::deadline, 1, seed).lateness;
}

/// Largest lateness over all integer offsets; stops at the first miss.
std::int64_t worst_lateness(const TaskSet& tasks) {
  std::int64_t worst = INT64_MIN;
  for_all_offsets(tasks, [&](const Offsets& offsets) {
    worst = std::max(worst, lateness(tasks, offsets));
    return worst <= 0;
  });
  return worst;
}

TEST(EdfAnalysis, TheWorkedExampleOfLayers) {
  const TaskSet tasks{{10, 8, {2, 1}}, {15, 12, {3, 2}}, {30, 30, {4, 3}}};
  using Row = std::tuple<int, std::int64_t, std::int64_t>;
  std::vector<Row> rows;
  for (const int t : {8, 12, 18, 27, 28, 30}) {
    rows.emplace_back(t, demand_bound(sequential(tasks), Duration{t}).count(),
                      edf_blocking(sequential(tasks), Duration{t}).count());
  }
  EXPECT_EQ(rows, (std::vector<Row>{{8, 3, 3}, {12, 8, 3}, {18, 11, 3}, {27, 16, 3}, {28, 19, 3}, {30, 26, 0}}));
  EXPECT_TRUE(accepts(layers_test(tasks)));
  EXPECT_LE(worst_lateness(tasks), 0);
}

TEST(EdfAnalysis, AgreesWithTheFormulaWindowByWindow) {
  constexpr int kSets = 4000;
  RandomStream random(11, 0, Purpose::policy);
  int accepted = 0;
  for (int n = 0; n < kSets; ++n) {
    const TaskSet tasks = random_layered_set(random, 1 + n % 3, n % 4 == 0);
    const bool layers = accepts_window_by_window(tasks, false);
    ASSERT_EQ(accepts(layers_test(tasks)), layers) << ::testing::PrintToString(tasks);
    ASSERT_EQ(accepts(preemptive_test(tasks)), accepts_window_by_window(tasks, true))
        << ::testing::PrintToString(tasks);
    accepted += layers ? 1 : 0;
  }
  EXPECT_GT(accepted, kSets / 20);
  EXPECT_LT(accepted, kSets - kSets / 20);
}

TEST(EdfAnalysis, PreemptedAnywhereIsExactForTheSynchronousSchedule) {
  constexpr int kEach = 700;
  RandomStream random(12, 0, Purpose::policy);
  int accepted = 0;
  int refused = 0;
  while (accepted < kEach || refused < kEach) {
    const TaskSet tasks = random_layered_set(random, 1 + (accepted + refused) % 2);
    if (!fits_utilisation(tasks)) continue;
    const bool accepts_it = accepts(preemptive_test(tasks));
    if ((accepts_it ? accepted : refused) >= kEach) continue;
    (accepts_it ? accepted : refused) += 1;
    const std::int64_t late = lateness(in_unit_layers(tasks), Offsets(tasks.size(), 0));
    ASSERT_EQ(accepts_it, late <= 0) << ::testing::PrintToString(tasks) << ": lateness " << late;
  }
}

TEST(EdfAnalysis, LayersThatAreAcceptedNeverMiss) {
  constexpr int kAccepted = 4000;
  constexpr int kOffsets = 4;
  RandomStream random(2024, 0, Purpose::policy);
  int refused_with_miss = 0;
  std::int64_t tightest = INT64_MIN;
  for (int accepted = 0; accepted < kAccepted;) {
    const TaskSet tasks = random_layered_set(random, 1 + accepted % 2, accepted % 3 == 0);
    const bool accepts_it = accepts(layers_test(tasks));
    if (!accepts_it && (refused_with_miss > 20 || !fits_utilisation(tasks))) continue;
    accepted += accepts_it ? 1 : 0;
    bool missed = false;
    for (int k = 0; k < kOffsets; ++k) {
      const std::int64_t late =
          lateness(tasks, some_offsets(tasks, random, k == 0), static_cast<std::uint64_t>(accepted));
      missed = missed || late > 0;
      if (!accepts_it) continue;
      ASSERT_LE(late, 0) << ::testing::PrintToString(tasks);
      tightest = std::max(tightest, late);
    }
    refused_with_miss += !accepts_it && missed ? 1 : 0;
  }
  EXPECT_EQ(tightest, 0) << "no accepted set came near its deadlines: the sets are too easy to say anything";
  EXPECT_GT(refused_with_miss, 20) << "the simulated schedules can miss";
}

TEST(NonPreemptiveEdf, Examples) {
  const auto set = [](const std::vector<std::pair<std::int64_t, std::int64_t>>& tasks) {
    TaskSet result;
    for (const auto& [execution, period] : tasks) result.push_back({period, period, {execution}});
    return result;
  };
  for (const TaskSet& schedulable :
       {set({{1, 4}, {2, 6}, {3, 12}}), set({{2, 5}, {4, 10}}), set({{2, 6}, {3, 9}, {2, 12}})}) {
    EXPECT_TRUE(accepts(layers_test(schedulable)));
    EXPECT_LE(worst_lateness(schedulable), 0);
  }
  const TaskSet blocked = set({{3, 5}, {4, 20}});
  const EdfVerdict verdict = layers_test(blocked);
  EXPECT_EQ(verdict.verdict, TestVerdict::refused);
  // In Jeffay's words L = 6 needs 7: a window of 5 with a demand of 3 after 3 units of blocking.
  EXPECT_EQ(verdict.window, Duration{5});
  EXPECT_EQ(verdict.demand + verdict.blocking, Duration{6});
  EXPECT_EQ(lateness(blocked, {1, 0}), 1);
  EXPECT_LE(lateness(blocked, {0, 0}), 0) << "the synchronous schedule does not show it";
}

/// Three tasks of one layer each, deadline = period.
TaskSet random_single_layer_set(RandomStream& random) {
  constexpr std::int64_t kPeriods[] = {3, 4, 5, 6, 8, 10, 12};
  TaskSet tasks(3);
  for (auto& t : tasks) {
    t.period = t.deadline = kPeriods[random.below(std::size(kPeriods))];
    t.layers = {between(random, 1, std::max<std::int64_t>(1, t.period / 2))};
  }
  return tasks;
}

TEST(NonPreemptiveEdf, EqualsJeffaysConditions) {
  RandomStream random(8, 0, Purpose::policy);
  for (int n = 0; n < 20000; ++n) {
    const TaskSet tasks = random_single_layer_set(random);
    ASSERT_EQ(accepts(layers_test(tasks)), jeffay_accepts(tasks)) << ::testing::PrintToString(tasks);
  }
}

TEST(NonPreemptiveEdf, IsExactOverAllOffsets) {
  constexpr int kEach = 60;
  RandomStream random(7, 0, Purpose::policy);
  int accepted = 0;
  int refused = 0;
  while (accepted < kEach || refused < kEach) {
    const TaskSet tasks = random_single_layer_set(random);
    if (!fits_utilisation(tasks)) continue;
    const bool accepts_it = accepts(layers_test(tasks));
    if ((accepts_it ? accepted : refused) >= kEach) continue;
    (accepts_it ? accepted : refused) += 1;
    const std::int64_t late = worst_lateness(tasks);
    EXPECT_EQ(accepts_it, late <= 0) << ::testing::PrintToString(tasks) << ": lateness " << late;
  }
}

// Global EDF preempts within a unit; several cores of one type.
TEST(GlobalEdf, SetsWithinTheDensityBoundNeverMiss) {
  constexpr int kAccepted = 1500;
  RandomStream random(31, 0, Purpose::policy);
  for (int accepted = 0; accepted < kAccepted;) {
    const auto cores = static_cast<int>(between(random, 2, 3));
    TaskSet tasks = random_layered_set(random);
    for (const auto& more : random_layered_set(random)) tasks.push_back(more);
    if (!global_edf_density_accepts(sequential(tasks), static_cast<std::size_t>(cores))) continue;
    ++accepted;
    for (int k = 0; k < 2; ++k) {
      Scenario s = platform({{"core", cores}}, Duration{3 * hyperperiod(tasks)});
      const Offsets offsets = some_offsets(tasks, random, k == 0);
      for (std::size_t i = 0; i < tasks.size(); ++i) {
        const std::vector<std::vector<Duration>> units(static_cast<std::size_t>(tasks[i].execution()), {Duration{1}});
        add_task(s, "t", add_network(s, "n", units), Duration{tasks[i].deadline},
                 PeriodicArrivals{Duration{tasks[i].period}, Duration{offsets[i]}, Duration{0}});
      }
      ListScheduler edf("edf", PriorityRule::deadline, Placement::fastest_idle);
      Simulator simulator(s, edf);
      WorstTimes observer(tasks.size());
      simulator.add_observer(observer);
      simulator.run();
      ASSERT_LE(observer.observed.lateness, 0) << cores << " cores " << ::testing::PrintToString(tasks);
    }
  }
}

} // namespace
} // namespace terastal::testing
