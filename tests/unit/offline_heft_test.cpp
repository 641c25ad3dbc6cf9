#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/core/random.hpp"
#include "terastal/offline/heft.hpp"

namespace terastal {
namespace {

using namespace std::chrono_literals;

/// Processors of kinds 0, 1, …, one each; a byte takes a unit of 1 ms between any two.
HeftProblem problem(std::uint32_t processors, const std::vector<int>& cost) {
  HeftProblem p;
  for (std::uint32_t i = 0; i < processors; ++i) p.kind_of.push_back(i);
  p.kinds = processors;
  for (const int c : cost) p.cost.push_back(c == 0 ? kCannotRun : Duration{1ms} * c);
  p.transfer = [](std::uint32_t, std::uint32_t, std::uint64_t bytes) {
    return Duration{1ms} * static_cast<Duration::rep>(bytes);
  };
  return p;
}

/// The example of Topcuoglu, Hariri and Wu 2002; tasks are counted from 0 here.
HeftProblem topcuoglu() {
  HeftProblem p = problem(3, {14, 16, 9, 13, 19, 18, 11, 13, 19, 13, 8,  17, 12, 13, 10,
                              13, 16, 9, 7,  15, 11, 5,  11, 14, 18, 12, 20, 21, 7,  16});
  p.edges = {{0, 1, 18}, {0, 2, 12}, {0, 3, 9},  {0, 4, 11}, {0, 5, 14}, {1, 7, 19}, {1, 8, 16}, {2, 6, 23},
             {3, 7, 27}, {3, 8, 23}, {4, 8, 13}, {5, 7, 15}, {6, 9, 17}, {7, 9, 11}, {8, 9, 13}};
  return p;
}

struct Row {
  std::uint32_t processor; ///< counted from 1
  int start;
  int finish;
};

void expect_places(const HeftSchedule& schedule, const std::vector<Row>& expected) {
  ASSERT_EQ(schedule.places.size(), expected.size());
  for (std::size_t t = 0; t < expected.size(); ++t) {
    EXPECT_EQ(schedule.places[t].processor + 1, expected[t].processor) << "task " << t + 1;
    EXPECT_EQ(schedule.places[t].start, Time{Duration{1ms} * expected[t].start}) << "task " << t + 1;
    EXPECT_EQ(schedule.places[t].finish, Time{Duration{1ms} * expected[t].finish}) << "task " << t + 1;
  }
}

TEST(Heft, PublishedExample) {
  const HeftSchedule schedule = heft(topcuoglu());
  const std::vector<double> ranks{108, 77, 80, 80, 69, 63.333, 42.667, 35.667, 44.333, 14.667};
  for (std::size_t t = 0; t < ranks.size(); ++t) EXPECT_NEAR(schedule.rank_u[t] * 1e-9, ranks[t], 5e-4) << t + 1;
  EXPECT_EQ(schedule.order, (std::vector<std::uint32_t>{0, 2, 3, 1, 4, 5, 8, 6, 7, 9}));
  expect_places(schedule, {{3, 0, 9},
                           {1, 27, 40},
                           {3, 9, 28},
                           {2, 18, 26},
                           {3, 28, 38},
                           {2, 26, 42},
                           {3, 38, 49},
                           {1, 57, 62},
                           {2, 56, 68},
                           {2, 73, 80}});
  EXPECT_EQ(schedule.makespan, Time{80ms});
}

TEST(Heft, OneProcessorRunsAllInRankOrderWithoutTransfers) {
  HeftProblem p = problem(1, {1, 2, 3, 4});
  p.edges = {{0, 2, 50}, {1, 3, 50}};
  const HeftSchedule schedule = heft(p);
  EXPECT_EQ(schedule.order, (std::vector<std::uint32_t>{1, 0, 3, 2})); // ranks 4, 6, 3, 4: equal ones by index
  expect_places(schedule, {{1, 2, 3}, {1, 0, 2}, {1, 7, 10}, {1, 3, 7}});
}

TEST(Heft, FillsGaps) {
  // The third waits on processor 1 from 1 to 6 for the second's output; the independent fourth fits in between.
  HeftProblem p = problem(2, {1, 0, 0, 1, 9, 0, 5, 0});
  p.edges = {{0, 1, 2}, {1, 2, 2}};
  const HeftSchedule schedule = heft(p);
  EXPECT_EQ(schedule.order.back(), 3U);
  expect_places(schedule, {{1, 0, 1}, {2, 3, 4}, {1, 6, 15}, {1, 1, 6}});
}

TEST(Heft, MeansCountProcessorsNotKinds) {
  HeftProblem p = problem(2, {4, 10});
  p.kind_of = {0, 1, 1, 1};
  EXPECT_DOUBLE_EQ(upward_ranks(p)[0], 8.5e9); // (4 + 3 · 10) / 4
  p.cost = {4ms, kCannotRun};
  EXPECT_DOUBLE_EQ(upward_ranks(p)[0], 4e9);

  HeftProblem pair = problem(2, {1, 1, 1, 1});
  pair.kind_of = {0, 0, 1};
  pair.edges = {{0, 1, 1}};
  pair.transfer = [](std::uint32_t from, std::uint32_t to, std::uint64_t) { return from == to ? 0ms : 3ms; };
  EXPECT_DOUBLE_EQ(upward_ranks(pair)[0], 4e9); // 1 + 4 of 6 ordered pairs at 3 + 1
}

/// A random graph on random kinds of processors.
HeftProblem random_problem(RandomStream& random) {
  HeftProblem p;
  p.kinds = 1 + static_cast<std::uint32_t>(random.below(3));
  const std::size_t processors = p.kinds + random.below(3);
  for (std::uint32_t i = 0; i < processors; ++i) p.kind_of.push_back(i % p.kinds);
  const std::size_t tasks = 1 + random.below(12);
  for (std::size_t t = 0; t < tasks; ++t) {
    const std::uint64_t surely = random.below(p.kinds);
    for (std::uint32_t k = 0; k < p.kinds; ++k) {
      const bool runs = k == surely || random.below(4) != 0;
      p.cost.push_back(runs ? Duration{1ms} * static_cast<Duration::rep>(1 + random.below(12)) : kCannotRun);
    }
    for (std::uint32_t from = 0; from < t; ++from) {
      if (random.below(3) == 0) p.edges.push_back({from, static_cast<std::uint32_t>(t), random.below(10)});
    }
  }
  p.transfer = [](std::uint32_t from, std::uint32_t to, std::uint64_t bytes) {
    return Duration{1ms} * static_cast<Duration::rep>(bytes * (1 + from + 2 * to));
  };
  return p;
}

void expect_legal(const HeftProblem& p, const HeftSchedule& schedule) {
  Time last{};
  for (std::size_t t = 0; t < p.tasks(); ++t) {
    const HeftPlace& place = schedule.places[t];
    EXPECT_EQ(place.finish - place.start, p.cost[t * p.kinds + p.kind_of[place.processor]]);
    last = std::max(last, place.finish);
    for (std::size_t u = 0; u < t; ++u) {
      const HeftPlace& other = schedule.places[u];
      if (other.processor != place.processor) continue;
      EXPECT_TRUE(other.finish <= place.start || place.finish <= other.start) << "tasks overlap";
    }
  }
  for (const HeftEdge& e : p.edges) {
    const HeftPlace& from = schedule.places[e.from];
    const HeftPlace& to = schedule.places[e.to];
    const Duration transfer = from.processor == to.processor
                                  ? Duration{0}
                                  : p.transfer(p.kind_of[from.processor], p.kind_of[to.processor], e.bytes);
    EXPECT_GE(to.start, from.finish + transfer) << "starts before its input is there";
    EXPECT_GT(schedule.rank_u[e.from], schedule.rank_u[e.to]);
  }
  EXPECT_EQ(schedule.makespan, last);
}

TEST(Heft, SchedulesAreLegal) {
  RandomStream random(5, 0, Purpose::execution);
  for (int i = 0; i < 300; ++i) {
    const HeftProblem p = random_problem(random);
    expect_legal(p, heft(p));
  }
}

} // namespace
} // namespace terastal
