#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/property_check.hpp"
#include "property/textbook.hpp"

// Graham's bounds and anomalies for the policies that never idle an accelerator that could run a ready layer.
namespace terastal::testing {
namespace {

/// Work-conserving policies of the library with their default settings.
std::vector<std::string> work_conserving_policies() {
  std::vector<std::string> ids;
  for (const auto& info : testing::known_policies().all()) {
    if (testing::known_policies().parse(info.id).make()->work_conserving()) ids.push_back(info.id);
  }
  return ids;
}

double makespan(const Scenario& s, const std::string& policy) {
  const auto scheduler = testing::known_policies().parse(policy).make();
  Simulator simulator(s, *scheduler);
  simulator.run();
  return in_units(simulator.now());
}

/// Independent jobs that start at 0, as single layers on identical processors; listed first goes first under `fp`.
Scenario independent(const std::vector<int>& jobs, int processors) {
  std::vector<TextbookTask> tasks;
  for (const int length : jobs) tasks.push_back({0, length, 1000});
  return textbook(tasks, Preemption::none, 1000, processors);
}

/// The shortest makespan, by trying every assignment of jobs to processors (the first job stays on the first).
int optimum(const std::vector<int>& jobs, int processors) {
  std::vector<int> load(static_cast<std::size_t>(processors), 0);
  int best = std::accumulate(jobs.begin(), jobs.end(), 0);
  const std::function<void(std::size_t)> assign = [&](std::size_t j) {
    if (*std::max_element(load.begin(), load.end()) >= best) return;
    if (j == jobs.size()) {
      best = *std::max_element(load.begin(), load.end());
      return;
    }
    for (int& l : load) {
      l += jobs[j];
      assign(j + 1);
      l -= jobs[j];
      if (j == 0) break;
    }
  };
  assign(0);
  return best;
}

TEST(Graham, NoListScheduleExceedsItsBound) {
  const std::vector<std::string> policies = work_conserving_policies();
  ASSERT_GE(policies.size(), 10U);
  check_property(29, 60, [&] {
    const int m = pick(2, 4);
    std::vector<int> jobs;
    for (int i = pick(1, 8); i > 0; --i) jobs.push_back(pick(1, 9));
    const double best = optimum(jobs, m);
    const Scenario s = independent(jobs, m);
    for (const std::string& policy : policies) {
      const double length = makespan(s, policy);
      RC_ASSERT(length >= best);
      RC_ASSERT(length * m <= (2.0 * m - 1.0) * best);
    }
  });
}

TEST(Graham, LongestFirstStaysCloser) {
  int tight = 0;
  check_property(31, 400, [&] {
    const int m = pick(2, 3);
    std::vector<int> jobs;
    for (int i = pick(1, 8); i > 0; --i) jobs.push_back(pick(1, 6));
    std::sort(jobs.rbegin(), jobs.rend());
    const double best = optimum(jobs, m);
    const double length = makespan(independent(jobs, m), "fp");
    tight += length > best ? 1 : 0;
    RC_ASSERT(3.0 * m * length <= (4.0 * m - 1.0) * best);
  });
  EXPECT_GT(tight, 0) << "some list was not optimal";
  EXPECT_EQ(optimum({3, 3, 2, 2, 2}, 2), 6);
  EXPECT_EQ(makespan(independent({3, 3, 2, 2, 2}, 2), "fp"), 7.0);
  EXPECT_EQ(optimum({5, 5, 4, 4, 3, 3, 3}, 3), 9);
  EXPECT_EQ(makespan(independent({5, 5, 4, 4, 3, 3, 3}, 3), "fp"), 11.0);
}

// With precedence: length ≤ work / m + (1 − 1/m) · critical path.
TEST(Graham, DagsStayWithinWorkAndCriticalPath) {
  const std::vector<std::string> policies = work_conserving_policies();
  check_property(37, 60, [&] {
    const int m = pick(1, 4);
    std::vector<std::vector<Duration>> layers;
    std::vector<std::vector<LayerIndex>> before;
    std::vector<int> path;
    int work = 0;
    for (int l = 0, count = pick(1, 12); l < count; ++l) {
      const int length = pick(1, 9);
      int longest = 0;
      auto& mine = before.emplace_back();
      for (int p = 0; p < l; ++p) {
        if (!chance(30)) continue;
        mine.push_back(static_cast<LayerIndex>(p));
        longest = std::max(longest, path[static_cast<std::size_t>(p)]);
      }
      layers.push_back({units(length)});
      path.push_back(longest + length);
      work += length;
    }
    Scenario s = platform({{"core", m}}, units(1000));
    add_task(s, "dag", add_network(s, "dag", layers, before), units(1000), releases({0ms}));
    const double critical = *std::max_element(path.begin(), path.end());
    for (const std::string& policy : policies) {
      const double length = makespan(s, policy);
      RC_ASSERT(length * m <= work + (m - 1.0) * critical);
      RC_ASSERT(length >= critical);
    }
  });
}

// Graham's nine jobs as the layers of one job. Policies whose keys tie within a job take the layers in their order.
class Anomalies : public ::testing::TestWithParam<const char*> {
 protected:
  using Edges = std::vector<std::pair<int, int>>;

  double length(const Edges& edges, int processors, int shorter = 0) const {
    const std::array<int, 9> lengths{3, 2, 2, 2, 4, 4, 4, 4, 9};
    std::vector<std::vector<Duration>> layers;
    std::vector<std::vector<LayerIndex>> before(lengths.size());
    for (const int l : lengths) layers.push_back({units(l - shorter)});
    for (const auto& [from, to] : edges) {
      before[static_cast<std::size_t>(to - 1)].push_back(static_cast<LayerIndex>(from - 1));
    }
    Scenario s = platform({{"core", processors}}, units(1000));
    add_task(s, "nine", add_network(s, "nine", layers, before), units(1000), releases({0ms}));
    return makespan(s, GetParam());
  }

  const Edges edges_{{1, 9}, {4, 5}, {4, 6}, {4, 7}, {4, 8}};
};

TEST_P(Anomalies, MoreProcessorsShorterJobsAndFewerConstraintsTakeLonger) {
  EXPECT_DOUBLE_EQ(length(edges_, 3), 12.0);
  EXPECT_DOUBLE_EQ(length(edges_, 4), 15.0);
  EXPECT_DOUBLE_EQ(length(edges_, 3, 1), 13.0);
  EXPECT_DOUBLE_EQ(length({{1, 9}, {4, 7}, {4, 8}}, 3), 16.0);
}

INSTANTIATE_TEST_SUITE_P(ListOrder, Anomalies, ::testing::Values("fcfs", "edf", "fp", "edzl", "planaria"));

} // namespace
} // namespace terastal::testing
