#include "terastal/offline/analysis/fixed_priority.hpp"

#include <gtest/gtest.h>

#include "property/integer_tasks.hpp"
#include "terastal/sched/list_scheduler.hpp"

// Response times of analyses against simulated schedules: never exceeded, and reached where the analysis is exact.
namespace terastal::testing {
namespace {

Observed observe(const TaskSet& tasks, const Offsets& offsets, std::size_t accelerators = 1, std::uint64_t seed = 1) {
  return simulate(tasks, offsets, PriorityRule::priority, accelerators, seed);
}

TEST(FixedPriorityAnalysis, PreemptedAnywhereIsReachedBySynchronousReleases) {
  constexpr int kSets = 2000;
  RandomStream random(41, 0, Purpose::policy);
  int beyond_period = 0;
  for (int n = 0; n < kSets;) {
    const TaskSet tasks = random_layered_set(random, 1 + n % 3);
    if (!fits_utilisation(tasks)) continue;
    ++n;
    const auto bounds = response_bounds(preempted_anywhere(sequential(tasks)));
    const Observed seen = observe(in_unit_layers(tasks), Offsets(tasks.size(), 0));
    for (std::size_t t = 0; t < tasks.size(); ++t) {
      ASSERT_TRUE(bounds[t].response) << ::testing::PrintToString(tasks);
      ASSERT_EQ(bounds[t].verdict == TestVerdict::accepted, seen.response[t] <= tasks[t].deadline)
          << "task " << t << " of " << ::testing::PrintToString(tasks);
      if (bounds[t].verdict == TestVerdict::accepted) {
        ASSERT_EQ(bounds[t].response->count(), seen.response[t])
            << "task " << t << " of " << ::testing::PrintToString(tasks);
        beyond_period += seen.response[t] > tasks[t].period ? 1 : 0;
      }
    }
  }
  EXPECT_GT(beyond_period, 10) << "no case of arbitrary deadlines was met";
}

TEST(FixedPriorityAnalysis, NeverPreemptedIsReachedBySomeOffsets) {
  constexpr std::int64_t kPeriods[] = {4, 5, 6, 8, 10, 12};
  RandomStream random(42, 0, Purpose::policy);
  for (int n = 0; n < 60;) {
    TaskSet tasks(3);
    for (auto& t : tasks) {
      t.period = kPeriods[random.below(std::size(kPeriods))];
      t.deadline = 3 * t.period;
      t.layers = {between(random, 1, 4)};
    }
    const auto bounds = response_bounds(sequential(tasks));
    const bool all = std::all_of(bounds.begin(), bounds.end(),
                                 [](const ResponseBound& b) { return b.verdict == TestVerdict::accepted; });
    if (!all) continue;
    ++n;
    std::vector<std::int64_t> worst(tasks.size(), 0);
    for_all_offsets(tasks, [&](const Offsets& offsets) {
      const Observed seen = observe(tasks, offsets);
      for (std::size_t t = 0; t < worst.size(); ++t) worst[t] = std::max(worst[t], seen.response[t]);
      return true;
    });
    for (std::size_t t = 0; t < worst.size(); ++t) {
      EXPECT_EQ(bounds[t].response->count(), worst[t]) << "task " << t << " of " << ::testing::PrintToString(tasks);
    }
  }
}

TEST(FixedPriorityAnalysis, LayersStayWithinTheBound) {
  constexpr int kSets = 3000;
  constexpr int kOffsets = 4;
  RandomStream random(43, 0, Purpose::policy);
  int bounded = 0;
  int reached = 0;
  for (int n = 0; n < kSets; ++n) {
    const TaskSet tasks = random_layered_set(random, 1 + n % 3, n % 3 == 0);
    const auto bounds = response_bounds(sequential(tasks));
    std::vector<std::int64_t> worst(tasks.size(), 0);
    if (!fits_utilisation(tasks)) continue;
    for (int k = 0; k < kOffsets; ++k) {
      const Observed seen = observe(tasks, some_offsets(tasks, random, k == 0), 1, static_cast<std::uint64_t>(n));
      for (std::size_t t = 0; t < worst.size(); ++t) worst[t] = std::max(worst[t], seen.response[t]);
    }
    for (std::size_t t = 0; t < worst.size(); ++t) {
      if (bounds[t].verdict != TestVerdict::accepted) continue;
      ++bounded;
      ASSERT_LE(worst[t], bounds[t].response->count()) << "task " << t << " of " << ::testing::PrintToString(tasks);
      reached += worst[t] == bounds[t].response->count() ? 1 : 0;
    }
  }
  EXPECT_GT(bounded, kSets);
  EXPECT_GT(reached, bounded / 10) << "the bound says too little";
}

/// 2 to 4 chains over 2 or 3 single accelerators.
TaskSet random_chains(RandomStream& random, std::size_t accelerators, bool with_jitter) {
  TaskSet tasks = random_layered_set(random, 1, with_jitter);
  for (auto& t : tasks) {
    t.period *= 2;
    t.deadline = between(random, std::min(t.execution(), t.period), t.period);
    for (std::size_t l = 0; l < t.layers.size(); ++l) t.accelerators.push_back(random.below(accelerators));
  }
  return tasks;
}

TEST(LayerFixedPriority, ChainsOverAcceleratorsStayWithinTheBound) {
  constexpr int kSets = 3000;
  constexpr int kOffsets = 4;
  RandomStream random(44, 0, Purpose::policy);
  int bounded = 0;
  int reached = 0;
  for (int n = 0; n < kSets; ++n) {
    const auto accelerators = static_cast<std::size_t>(between(random, 2, 3));
    const TaskSet tasks = random_chains(random, accelerators, n % 3 == 0);
    const auto bounds = layer_response_times(layered(tasks), accelerators);
    std::vector<std::int64_t> worst(tasks.size(), 0);
    for (int k = 0; k < kOffsets; ++k) {
      const Observed seen =
          observe(tasks, some_offsets(tasks, random, k == 0), accelerators, static_cast<std::uint64_t>(n));
      for (std::size_t t = 0; t < worst.size(); ++t) worst[t] = std::max(worst[t], seen.response[t]);
    }
    for (std::size_t t = 0; t < worst.size(); ++t) {
      if (!bounds[t].bounded) continue;
      ++bounded;
      ASSERT_LE(worst[t], bounds[t].response.count()) << "task " << t << " of " << ::testing::PrintToString(tasks);
      reached += worst[t] == bounds[t].response.count() ? 1 : 0;
    }
  }
  EXPECT_GT(bounded, kSets);
  EXPECT_GT(reached, 0) << "the bound is never reached";
}

TEST(LayerFixedPriority, OnOneAcceleratorItIsNoTighterThanTheAnalysisForOne) {
  RandomStream random(45, 0, Purpose::policy);
  for (int n = 0; n < 2000; ++n) {
    const TaskSet tasks = random_layered_set(random);
    const auto chains = layer_response_times(layered(tasks), 1);
    const auto single = response_bounds(sequential(tasks));
    for (std::size_t t = 0; t < tasks.size(); ++t) {
      if (!chains[t].bounded || single[t].verdict != TestVerdict::accepted) continue;
      ASSERT_GE(chains[t].response, *single[t].response) << "task " << t << " of " << ::testing::PrintToString(tasks);
    }
  }
}

} // namespace
} // namespace terastal::testing
