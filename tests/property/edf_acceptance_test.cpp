#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

// Schedulability tests of the literature, written here from their formulas, against simulated schedules on one
// processor: what they accept must never miss, and what the exact one rejects must miss for some offsets.
namespace terastal::testing {
namespace {

/// A periodic task in integer time: a chain of layers that are not preempted.
struct IntegerTask {
  std::int64_t period = 1;
  std::int64_t deadline = 1;
  std::vector<std::int64_t> layers;

  [[nodiscard]] std::int64_t execution() const {
    return std::accumulate(layers.begin(), layers.end(), std::int64_t{0});
  }
  [[nodiscard]] std::int64_t longest() const { return *std::max_element(layers.begin(), layers.end()); }
};
using TaskSet = std::vector<IntegerTask>;

std::int64_t hyperperiod(const TaskSet& tasks) {
  std::int64_t h = 1;
  for (const auto& t : tasks) h = std::lcm(h, t.period);
  return h;
}

/// U ≤ 1, without rounding.
bool fits_utilisation(const TaskSet& tasks) {
  const std::int64_t h = hyperperiod(tasks);
  std::int64_t demand = 0;
  for (const auto& t : tasks) demand += h / t.period * t.execution();
  return demand <= h;
}

/// Work with release and deadline in any window of length t.
std::int64_t demand_bound(const TaskSet& tasks, std::int64_t t) {
  std::int64_t sum = 0;
  for (const auto& task : tasks) {
    if (t >= task.deadline) sum += ((t - task.deadline) / task.period + 1) * task.execution();
  }
  return sum;
}

/// The longest that a layer of a job with a later deadline can be in the way.
std::int64_t blocking(const TaskSet& tasks, std::int64_t t) {
  std::int64_t longest = 0;
  for (const auto& task : tasks) {
    if (task.deadline > t) longest = std::max(longest, task.longest() - 1);
  }
  return longest;
}

/// Absolute deadlines of the synchronous pattern, up to `end`.
std::vector<std::int64_t> deadlines(const TaskSet& tasks, std::int64_t end) {
  std::vector<std::int64_t> points;
  for (const auto& task : tasks) {
    for (std::int64_t t = task.deadline; t <= end; t += task.period) points.push_back(t);
  }
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

/// EDF with preemption between layers only; sufficient, for integer times and offsets.
bool layer_level_edf_accepts(const TaskSet& tasks) {
  if (!fits_utilisation(tasks)) return false;
  for (const std::int64_t t : deadlines(tasks, hyperperiod(tasks))) {
    if (demand_bound(tasks, t) + blocking(tasks, t) > t) return false;
  }
  return true;
}

/// Jeffay, Stanat, Martel 1991: non-preemptive EDF, deadline = period; exact when offsets are not known.
bool non_preemptive_edf_accepts(TaskSet tasks) {
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

class Lateness : public Observer {
 public:
  [[nodiscard]] unsigned interests() const override { return job_ends; }
  void on_job_end(const JobEndEvent& e) override { worst = std::max(worst, (e.time - e.deadline).count()); }

  Duration::rep worst = INT64_MIN;
};

/// Largest lateness under EDF until well into the second hyperperiod after the last offset. One unit is 1 ps.
std::int64_t lateness(const TaskSet& tasks, const std::vector<std::int64_t>& offsets) {
  const std::int64_t end = *std::max_element(offsets.begin(), offsets.end()) + 2 * hyperperiod(tasks);
  Scenario s = platform({{"core", 1}}, Duration{end});
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    std::vector<std::vector<Duration>> layers;
    for (const std::int64_t length : tasks[i].layers) layers.push_back({Duration{length}});
    const auto network = add_network(s, "n", layers);
    add_task(s, "t", network, Duration{tasks[i].deadline},
             PeriodicArrivals{Duration{tasks[i].period}, Duration{offsets[i]}, Duration{0}});
  }
  ListScheduler edf("edf", PriorityRule::deadline, Placement::fastest_idle);
  Simulator simulator(s, edf);
  Lateness observer;
  simulator.add_observer(observer);
  simulator.run();
  return observer.worst;
}

/// Largest lateness over all integer offsets; stops at the first miss.
std::int64_t worst_lateness(const TaskSet& tasks) {
  std::vector<std::int64_t> offsets(tasks.size(), 0);
  std::int64_t worst = INT64_MIN;
  for (;;) {
    worst = std::max(worst, lateness(tasks, offsets));
    if (worst > 0) return worst;
    std::size_t i = 0;
    while (i < tasks.size() && ++offsets[i] == tasks[i].period) offsets[i++] = 0;
    if (i == tasks.size()) return worst;
  }
}

std::int64_t between(RandomStream& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

/// 2 to 4 tasks with constrained deadlines, chains of 1 to 4 layers.
TaskSet random_layered_set(RandomStream& random) {
  constexpr std::int64_t kPeriods[] = {8, 10, 12, 15, 20, 24, 30, 40, 60};
  TaskSet tasks(static_cast<std::size_t>(between(random, 2, 4)));
  for (auto& t : tasks) {
    t.period = kPeriods[random.below(std::size(kPeriods))];
    for (std::int64_t l = between(random, 1, 4); l > 0; --l) t.layers.push_back(between(random, 1, 4));
    t.deadline = between(random, std::min(t.execution(), t.period), t.period);
  }
  return tasks;
}

TEST(LayerLevelEdf, TheWorkedExample) {
  const TaskSet tasks{{10, 8, {2, 1}}, {15, 12, {3, 2}}, {30, 30, {4, 3}}};
  using Row = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
  std::vector<Row> rows;
  for (const std::int64_t t : deadlines(tasks, 30)) rows.emplace_back(t, demand_bound(tasks, t), blocking(tasks, t));
  EXPECT_EQ(rows, (std::vector<Row>{{8, 3, 3}, {12, 8, 3}, {18, 11, 3}, {27, 16, 3}, {28, 19, 3}, {30, 26, 0}}));
  EXPECT_TRUE(layer_level_edf_accepts(tasks));
  EXPECT_LE(worst_lateness(tasks), 0);
}

TEST(LayerLevelEdf, WhatIsAcceptedNeverMisses) {
  constexpr int kAccepted = 2000;
  constexpr int kOffsets = 10;
  RandomStream random(2024, 0, Purpose::policy);
  int accepted = 0;
  int rejected_with_miss = 0;
  std::int64_t tightest = INT64_MIN;
  while (accepted < kAccepted) {
    const TaskSet tasks = random_layered_set(random);
    const bool accepts = layer_level_edf_accepts(tasks);
    if (!accepts && (rejected_with_miss > 20 || !fits_utilisation(tasks))) continue;
    accepted += accepts ? 1 : 0;
    bool missed = false;
    for (int k = 0; k < kOffsets; ++k) {
      std::vector<std::int64_t> offsets;
      for (const auto& t : tasks) offsets.push_back(k == 0 ? 0 : between(random, 0, t.period - 1));
      const std::int64_t late = lateness(tasks, offsets);
      missed = missed || late > 0;
      if (!accepts) continue;
      ASSERT_LE(late, 0) << "accepted set " << accepted << " misses";
      tightest = std::max(tightest, late);
    }
    rejected_with_miss += !accepts && missed ? 1 : 0;
  }
  EXPECT_GE(tightest, -1) << "no accepted set came near its deadlines: the sets are too easy to say anything";
  EXPECT_GT(rejected_with_miss, 20) << "the simulated schedules can miss";
}

TEST(NonPreemptiveEdf, Examples) {
  const auto set = [](std::vector<std::pair<std::int64_t, std::int64_t>> tasks) {
    TaskSet result;
    for (const auto& [execution, period] : tasks) result.push_back({period, period, {execution}});
    return result;
  };
  for (const TaskSet& schedulable :
       {set({{1, 4}, {2, 6}, {3, 12}}), set({{2, 5}, {4, 10}}), set({{2, 6}, {3, 9}, {2, 12}})}) {
    EXPECT_TRUE(non_preemptive_edf_accepts(schedulable));
    EXPECT_LE(worst_lateness(schedulable), 0);
  }
  const TaskSet blocked = set({{3, 5}, {4, 20}});
  EXPECT_TRUE(fits_utilisation(blocked));
  EXPECT_FALSE(non_preemptive_edf_accepts(blocked));
  EXPECT_EQ(lateness(blocked, {1, 0}), 1);
  EXPECT_LE(lateness(blocked, {0, 0}), 0) << "the synchronous schedule does not show it";
}

TEST(NonPreemptiveEdf, TheTestIsExactOverAllOffsets) {
  constexpr std::int64_t kPeriods[] = {3, 4, 5, 6, 8, 10, 12};
  RandomStream random(7, 0, Purpose::policy);
  int accepted = 0;
  int rejected = 0;
  while (accepted < 60 || rejected < 60) {
    TaskSet tasks(3);
    for (auto& t : tasks) {
      t.period = t.deadline = kPeriods[random.below(std::size(kPeriods))];
      t.layers = {between(random, 1, std::max<std::int64_t>(1, t.period / 2))};
    }
    if (!fits_utilisation(tasks)) continue;
    const bool accepts = non_preemptive_edf_accepts(tasks);
    if ((accepts ? accepted : rejected) >= 60) continue;
    (accepts ? accepted : rejected) += 1;
    const std::int64_t late = worst_lateness(tasks);
    const auto text = [&] {
      std::string all;
      for (const auto& t : tasks) all += " (" + std::to_string(t.execution()) + "," + std::to_string(t.period) + ")";
      return all;
    };
    EXPECT_EQ(accepts, late <= 0) << text() << ": lateness " << late;
  }
}

} // namespace
} // namespace terastal::testing
