#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/offline/analysis/edf.hpp"
#include "terastal/offline/analysis/fixed_priority.hpp"
#include "terastal/offline/analysis/layer_fixed_priority.hpp"
#include "terastal/offline/analysis/utilisation_bounds.hpp"

// Worked examples of the literature. One unit of time is 1 ms.
namespace terastal {
namespace {

using Times = std::vector<double>;

Duration units(double count) { return std::chrono::microseconds(static_cast<std::int64_t>(count * 1000.0)); }
double in_units(Duration d) { return static_cast<double>(d.count()) / 1e9; }

/// C, T and D; preempted anywhere.
struct Row {
  double wcet;
  double period;
  double deadline;
};
std::vector<SequentialTask> tasks_of(const std::vector<Row>& rows) {
  std::vector<SequentialTask> tasks;
  for (const Row& r : rows) tasks.push_back({units(r.wcet), units(r.period), units(r.deadline)});
  return tasks;
}

/// Responses of the first jobs after a synchronous release.
Times first_responses(const std::vector<Row>& rows) {
  Times result;
  const auto tasks = tasks_of(rows);
  for (std::size_t t = 0; t < tasks.size(); ++t)
    result.push_back(in_units(busy_period_responses(tasks, t).responses.at(0)));
  return result;
}

TEST(ResponseTimes, DeadlineMonotonic) {
  EXPECT_EQ(first_responses({{1, 4, 3}, {1, 5, 4}, {2, 6, 5}, {1, 11, 10}}), (Times{1, 2, 4, 10}));
}

TEST(ResponseTimes, LehoczkyShaDing) {
  EXPECT_EQ(first_responses({{40, 100, 100}, {40, 150, 150}, {100, 350, 350}}), (Times{40, 80, 300}));
}

TEST(ResponseTimes, BurnsWellings) {
  EXPECT_EQ(first_responses({{10, 30, 30}, {10, 40, 40}, {12, 50, 50}}), (Times{10, 20, 52}));
  EXPECT_EQ(first_responses({{4, 16, 16}, {5, 40, 40}, {32, 80, 80}}), (Times{4, 9, 58}));
  EXPECT_EQ(first_responses({{5, 20, 20}, {10, 40, 40}, {40, 80, 80}}), (Times{5, 15, 80}));
  EXPECT_EQ(first_responses({{3, 7, 7}, {3, 12, 12}, {5, 20, 20}}), (Times{3, 6, 20}));
  const auto bounds = response_bounds(tasks_of({{10, 30, 30}, {10, 40, 40}, {12, 50, 50}}));
  EXPECT_EQ(bounds[1].verdict, TestVerdict::accepted);
  EXPECT_EQ(bounds[2].verdict, TestVerdict::refused);
}

TEST(ResponseTimes, DeadlinesBeyondPeriods) {
  const BusyPeriod busy = busy_period_responses(tasks_of({{26, 70, 700}, {62, 100, 700}}), 1);
  Times responses;
  for (const Duration r : busy.responses) responses.push_back(in_units(r));
  EXPECT_EQ(responses, (Times{114, 102, 116, 104, 118, 106, 94}));
  EXPECT_EQ(busy.length, units(694));
}

TEST(ResponseTimes, ControllerAreaNetworkRevised) {
  const auto tasks = never_preempted(tasks_of({{1, 2.5, 2.5}, {1, 3.5, 3.25}, {1, 3.5, 3.25}}));
  // The examples' continuous time takes a whole unit of blocking; in whole picoseconds one of them is over.
  const auto bounds = response_bounds(tasks);
  EXPECT_EQ(bounds[0].response, units(2) - Duration{1});
  EXPECT_EQ(bounds[1].response, units(3) - Duration{1});
  EXPECT_EQ(bounds[2].response, units(3.5)) << "the second job of the busy period, not the first";
  EXPECT_EQ(bounds[2].verdict, TestVerdict::refused);
  EXPECT_EQ(busy_period_responses(tasks, 2).responses, (std::vector<Duration>{units(3), units(3.5)}));
}

TEST(ResponseTimes, OverloadHasNoBound) {
  const auto bounds = response_bounds(tasks_of({{3, 4, 4}, {2, 5, 5}}));
  EXPECT_EQ(bounds[0].verdict, TestVerdict::accepted);
  EXPECT_EQ(bounds[1].verdict, TestVerdict::refused);
  EXPECT_FALSE(bounds[1].response);
}

TEST(ResponseTimes, JitterAddsToInterference) {
  auto tasks = tasks_of({{1, 4, 4}, {2, 10, 10}});
  tasks[0].jitter = units(3); // two releases right behind each other
  EXPECT_EQ(response_bounds(tasks)[1].response, units(4));
}

TEST(DemandBound, TheWorkedExample) {
  const auto tasks = tasks_of({{2, 6, 4}, {2, 8, 5}, {3, 9, 7}});
  Times demand;
  for (const double t : {4, 5, 7, 10, 13, 16, 21, 22, 25}) demand.push_back(in_units(demand_bound(tasks, units(t))));
  EXPECT_EQ(demand, (Times{2, 4, 7, 9, 11, 16, 18, 20, 23}));
  EXPECT_NEAR(in_units(Duration{static_cast<Duration::rep>(*detail::linear_horizon(tasks))}), 25.0, 1e-3);
  EXPECT_NEAR(utilisation(tasks), 11.0 / 12.0, 1e-15);
  EXPECT_EQ(edf_test(tasks).verdict, TestVerdict::accepted);
}

TEST(DemandBound, FullUtilisationIsDecidedExactly) {
  EXPECT_EQ(edf_test(tasks_of({{1, 3, 3}, {2, 3, 3}})).verdict, TestVerdict::accepted);
  // Thirds of a second do not sum to a second: periods of 30 fps are a little too long or too short.
  const Duration thirds{333'333'333'333};
  EXPECT_EQ(compare_sum({{thirds, units(1000)}, {thirds, units(1000)}, {thirds, units(1000)}}, 1), -1);
  const Duration more{333'333'333'334};
  EXPECT_EQ(compare_sum({{more, units(1000)}, {more, units(1000)}, {more, units(1000)}}, 1), 1);
  EXPECT_EQ(compare_sum({{Duration{1}, Duration{3}}, {Duration{2}, Duration{6}}, {Duration{3}, Duration{9}}}, 1), 0);
  EXPECT_EQ(compare_sum({{Duration{1}, Duration{3}, 5}, {Duration{1}, Duration{3}}}, 2), 0);
  EXPECT_EQ(compare_sum({}, 0), 0);
  EXPECT_EQ(compare_sum({}, 1), -1);
  EXPECT_EQ(compare_sum({{Duration::max() - Duration{1}, Duration::max()}, {Duration{1}, Duration::max()}}, 1), 0);
  EXPECT_EQ(compare_sum({{Duration::max() - Duration{1}, Duration::max()}, {Duration{2}, Duration::max()}}, 1), 1);
}

TEST(UtilisationBounds, LiuLayland) {
  const Times published{1.0, 0.8284, 0.7798, 0.7568, 0.7435, 0.7348, 0.7286, 0.7241, 0.7205, 0.7177};
  for (std::size_t n = 1; n <= published.size(); ++n) EXPECT_NEAR(liu_layland_bound(n), published[n - 1], 5e-5) << n;
  EXPECT_TRUE(liu_layland_accepts(tasks_of({{82, 200, 200}, {82, 200, 200}})));
  EXPECT_FALSE(liu_layland_accepts(tasks_of({{83, 200, 200}, {83, 200, 200}})));
  EXPECT_TRUE(liu_layland_accepts(tasks_of({{3, 3, 3}})));
}

TEST(UtilisationBounds, TheHyperbolicBoundAcceptsMore) {
  const auto tasks = tasks_of({{1, 2, 2}, {33, 100, 100}}); // U = 0.83, (1 + U1)(1 + U2) = 1.995
  EXPECT_FALSE(liu_layland_accepts(tasks));
  EXPECT_TRUE(hyperbolic_bound_accepts(tasks));
  EXPECT_FALSE(hyperbolic_bound_accepts(tasks_of({{1, 2, 2}, {34, 100, 100}})));
}

TEST(UtilisationBounds, GlobalEdfOnIdenticalAccelerators) {
  // Σ U ≤ m − (m − 1) U_max.
  EXPECT_TRUE(global_edf_density_accepts(tasks_of({{1, 2, 2}, {1, 2, 2}, {1, 2, 2}}), 2)) << "3/2 = 2 − 1/2";
  EXPECT_FALSE(global_edf_density_accepts(tasks_of({{1, 2, 2}, {1, 2, 2}, {501, 1000, 1000}}), 2));
  EXPECT_FALSE(global_edf_density_accepts(tasks_of({{2, 3, 3}, {2, 3, 3}, {2, 3, 3}}), 2)) << "misses";
  EXPECT_FALSE(global_edf_density_accepts(tasks_of({{2, 10, 10}, {2, 10, 10}, {10, 11, 11}}), 2)) << "Dhall's effect";
  EXPECT_FALSE(global_edf_density_accepts(tasks_of({{2, 10, 3}, {2, 10, 3}, {2, 10, 3}}), 2)) << "densities";
}

TEST(UtilisationBounds, EdfWithVirtualDeadlines) {
  const EdfVirtualDeadlines found = edf_virtual_deadlines(0.5, 0.25, 0.6);
  EXPECT_TRUE(found.accepted);
  EXPECT_DOUBLE_EQ(found.factor, 0.5);
  EXPECT_DOUBLE_EQ(found.demand, 0.85);
  EXPECT_DOUBLE_EQ(edf_virtual_deadlines(0.4, 0.3, 0.6).factor, 1.0) << "plain EDF";
  EXPECT_FALSE(edf_virtual_deadlines(0.5, 0.4, 0.7).accepted);
  EXPECT_FALSE(edf_virtual_deadlines(1.0, 0.1, 0.2).accepted);
}

// Chains over two resources.
TEST(LayerFixedPriority, TheWorkedExample) {
  const auto layer = [](std::size_t resource, double wcet) { return LayerOnResource{resource, units(wcet)}; };
  std::vector<LayerTask> tasks{{units(20), units(20), {layer(0, 3), layer(1, 2)}},
                               {units(40), units(40), {layer(1, 4), layer(0, 5)}},
                               {units(80), units(80), {layer(0, 6), layer(1, 6), layer(0, 2)}}};
  Times responses;
  Times blocking;
  for (const LayerResponse& r : layer_response_times(tasks, 2)) {
    EXPECT_TRUE(r.bounded);
    responses.push_back(in_units(r.response));
    blocking.push_back(in_units(r.blocking));
  }
  EXPECT_EQ(responses, (Times{17, 36, 61}));
  EXPECT_EQ(blocking, (Times{12, 12, 0}));
  tasks[1].period = tasks[1].deadline = units(30);
  const auto refused = layer_response_times(tasks, 2);
  EXPECT_FALSE(refused[1].bounded);
  EXPECT_FALSE(refused[2].bounded) << "shares both resources with what has no bound";
}

TEST(LayerFixedPriority, WhatSharesNothingIsNotInTheWay) {
  const std::vector<LayerTask> tasks{{units(2), units(1), {{0, units(3)}}}, {units(5), units(5), {{1, units(4)}}}};
  const auto found = layer_response_times(tasks, 2);
  EXPECT_FALSE(found[0].bounded);
  EXPECT_TRUE(found[1].bounded);
  EXPECT_EQ(found[1].response, units(4));
}

} // namespace
} // namespace terastal
