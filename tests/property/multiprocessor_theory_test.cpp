#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/textbook.hpp"

// Worked examples of the theory of several processors: list scheduling, its anomalies, global EDF and LLF, flow shops.
namespace terastal::testing {
namespace {

double makespan(const Scenario& s, const std::string& policy) { return in_units(run(s, policy).result.makespan); }

/// Independent jobs in list order on identical processors.
double list_makespan(const std::vector<int>& jobs, int processors) {
  std::vector<TextbookTask> tasks;
  for (const int execution : jobs) tasks.push_back({0, execution, 1000});
  const Scenario s = textbook(tasks, Preemption::none, 1000, processors);
  const double by_arrival = makespan(s, "fcfs");
  EXPECT_DOUBLE_EQ(makespan(s, "fp"), by_arrival) << "both take the list in order";
  return by_arrival;
}

TEST(ListScheduling, ReachesGrahamsBound) {
  // m(m − 1) unit jobs, then one of length m: 2m − 1, where m would do.
  for (int m = 2; m <= 6; ++m) {
    std::vector<int> jobs(static_cast<std::size_t>(m * (m - 1)), 1);
    jobs.push_back(m);
    EXPECT_DOUBLE_EQ(list_makespan(jobs, m), 2.0 * m - 1.0) << m << " processors";
    std::rotate(jobs.begin(), jobs.end() - 1, jobs.end());
    EXPECT_DOUBLE_EQ(list_makespan(jobs, m), m) << m << " processors, longest first";
  }
}

TEST(ListScheduling, LongestFirstReachesItsBound) {
  EXPECT_DOUBLE_EQ(list_makespan({3, 3, 2, 2, 2}, 2), 7.0);
  EXPECT_DOUBLE_EQ(list_makespan({5, 5, 4, 4, 3, 3, 3}, 3), 11.0);
}

/// Starts the ready layer with the smallest index on the first idle processor.
class ByLayerIndex : public Scheduler {
 public:
  [[nodiscard]] std::string_view name() const override { return "by layer index"; }
  [[nodiscard]] bool work_conserving() const override { return true; }
  void dispatch(const SystemView& view, Decisions& out) override {
    const auto first = std::min_element(view.ready().begin(), view.ready().end(), [&](ReadyId a, ReadyId b) {
      return view.layer(a).layer < view.layer(b).layer;
    });
    out.start(*first, view.original(*first), view.idle().first(0));
  }
};

// Graham's nine jobs as the layers of one job; a list order is an order of layers. Jobs are counted from 1.
class GrahamAnomalies : public ::testing::Test {
 protected:
  using Edges = std::vector<std::pair<int, int>>;

  double makespan_with(int processors) const {
    ByLayerIndex scheduler;
    return in_units(run(scenario(processors), scheduler).result.makespan);
  }

  Scenario scenario(int processors) const {
    std::array<LayerIndex, 10> place{};
    for (std::size_t i = 0; i < list.size(); ++i) place[static_cast<std::size_t>(list[i])] = static_cast<LayerIndex>(i);
    std::vector<std::vector<Duration>> layers;
    std::vector<std::vector<LayerIndex>> before(list.size());
    for (const int j : list) layers.push_back({units(lengths[static_cast<std::size_t>(j - 1)])});
    for (const auto& [from, to] : edges) {
      before[place[static_cast<std::size_t>(to)]].push_back(place[static_cast<std::size_t>(from)]);
    }
    Scenario s = platform({{"core", processors}}, units(100));
    add_task(s, "nine", add_network(s, "nine", layers, before), units(100), releases({0ms}));
    return s;
  }

  std::vector<int> list = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<int> lengths = {3, 2, 2, 2, 4, 4, 4, 4, 9};
  Edges edges = {{1, 9}, {4, 5}, {4, 6}, {4, 7}, {4, 8}};
};

TEST_F(GrahamAnomalies, TheOriginal) {
  EXPECT_DOUBLE_EQ(makespan_with(3), 12.0);
  ByLayerIndex scheduler;
  const Outcome out = run(scenario(3), scheduler);
  std::vector<double> starts(9);
  for (const StartEvent& e : out.events.started) starts[e.layer] = in_units(e.time);
  EXPECT_EQ(starts, (std::vector<double>{0, 0, 0, 2, 4, 4, 8, 8, 3}));
}

TEST_F(GrahamAnomalies, AFourthProcessorMakesItLonger) { EXPECT_DOUBLE_EQ(makespan_with(4), 15.0); }

TEST_F(GrahamAnomalies, ShorterJobsMakeItLonger) {
  for (int& length : lengths) --length;
  EXPECT_DOUBLE_EQ(makespan_with(3), 13.0);
}

TEST_F(GrahamAnomalies, FewerConstraintsMakeItLonger) {
  edges = {{1, 9}, {4, 7}, {4, 8}};
  EXPECT_DOUBLE_EQ(makespan_with(3), 16.0);
}

TEST_F(GrahamAnomalies, AnotherListMakesItLonger) {
  list = {1, 2, 4, 5, 6, 3, 9, 7, 8};
  EXPECT_DOUBLE_EQ(makespan_with(3), 14.0);
}

TEST(GlobalScheduling, LeastLaxityMeetsWhatEdfCannot) {
  // Two processors, three tasks C = 2, T = D = 3: U = 2.
  const Scenario s = textbook({{0, 2, 3, 3}, {0, 2, 3, 3}, {0, 2, 3, 3}}, Preemption::unit_layers, 300, 2);
  const Outcome edf = run(s, "edf");
  for (const JobEndEvent& e : edf.events.ended) EXPECT_EQ(e.missed(), e.task == 2) << "task " << e.task + 1;
  const Outcome llf = run(s, "llf");
  EXPECT_EQ(misses(llf.events), 0);
  EXPECT_EQ(first_finishes(llf.events, 3), (std::vector<double>{2, 3, 3}));
}

TEST(GlobalScheduling, DhallsEffect) {
  const Scenario s = textbook({{0, 2, 10, 10}, {0, 2, 10, 10}, {0, 10, 11, 11}}, Preemption::unit_layers, 110, 2);
  const Outcome edf = run(s, "edf");
  EXPECT_DOUBLE_EQ(finishes(edf.events, 2).at(0), 12.0);
  EXPECT_GT(misses(edf.events), 0);
  EXPECT_EQ(misses(run(s, "llf").events), 0);
}

TEST(FlowShop, JohnsonsOrderIsOptimal) {
  const std::array<std::pair<int, int>, 5> jobs{{{3, 6}, {7, 2}, {4, 7}, {5, 3}, {7, 4}}};
  const auto with_order = [&](const std::array<int, 5>& order) {
    Scenario s = platform({{"first", 1}, {"second", 1}}, units(100));
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const auto [first, second] = jobs[i];
      const auto network =
          add_network(s, "n" + std::to_string(i), {{units(first), kCannotRun}, {kCannotRun, units(second)}});
      const auto rank = std::find(order.begin(), order.end(), static_cast<int>(i) + 1) - order.begin();
      add_task(s, "job" + std::to_string(i), network, units(100), releases({0ms})).priority = static_cast<int>(rank);
    }
    return makespan(s, "fp");
  };
  EXPECT_DOUBLE_EQ(with_order({1, 3, 5, 4, 2}), 28.0);
  EXPECT_DOUBLE_EQ(with_order({1, 3, 4, 5, 2}), 28.0);
  std::array<int, 5> order{1, 2, 3, 4, 5};
  double best = 1e300;
  do {
    best = std::min(best, with_order(order));
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_DOUBLE_EQ(best, 28.0);
}

// Chains over two resources with fixed layers, as in LaLaRAND's model; fixed priorities.
TEST(TwoResources, WorstResponsesOverAllOffsets) {
  const auto worst_with = [](int offset1, int offset2) {
    Scenario s = platform({{"gpu", 1}, {"cpu", 1}}, units(240));
    const auto gpu = [](int c) { return std::vector<Duration>{units(c), kCannotRun}; };
    const auto cpu = [](int c) { return std::vector<Duration>{kCannotRun, units(c)}; };
    const auto add = [&](const char* name, const std::vector<std::vector<Duration>>& layers, int period, int offset) {
      const int priority = static_cast<int>(s.tasks.size());
      const auto arrivals = PeriodicArrivals{units(period), units(offset), Duration{0}};
      add_task(s, name, add_network(s, name, layers), units(period), arrivals).priority = priority;
    };
    add("t1", {gpu(3), cpu(2)}, 20, offset1);
    add("t2", {cpu(4), gpu(5)}, 40, offset2);
    add("t3", {gpu(6), cpu(6), gpu(2)}, 80, 0);
    return worst_responses(run(s, "fp").events, 3);
  };
  EXPECT_EQ(worst_with(0, 0), (std::vector<double>{6, 14, 17}));
  std::vector<double> worst(3, 0.0);
  for (int o1 = 0; o1 < 20; ++o1) {
    for (int o2 = 0; o2 < 40; ++o2) {
      const auto here = worst_with(o1, o2);
      for (std::size_t t = 0; t < 3; ++t) worst[t] = std::max(worst[t], here[t]);
    }
  }
  EXPECT_EQ(worst, (std::vector<double>{15, 17, 25}));
}

} // namespace
} // namespace terastal::testing
