#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/offline/analysis/layer_fixed_priority.hpp"
#include "terastal/sched/lalarand.hpp"

namespace terastal {
namespace {

using namespace testing;

struct Shape {
  std::uint64_t tasks = 3;
  std::uint64_t layers = 4; ///< at most
  bool dags = false;
  bool phases = false;
};

/// A random system of one GPU and one CPU with quantised layers, transfers and periods; all from the seed.
Scenario random_system(std::uint64_t seed, const Shape& shape) {
  RandomStream random(seed, 0, Purpose::policy);
  Scenario s = platform({{"gpu", 1}, {"cpu", 1}});
  s.platform.types[0].kind = AcceleratorKind::gpu;
  s.platform.types[1].kind = AcceleratorKind::cpu;
  const auto ms = [&](std::uint64_t low, std::uint64_t high) {
    return Duration{std::chrono::milliseconds(low + random.below(high - low + 1))};
  };
  s.platform.transfers = {Transfer{}, Transfer{ms(0, 1), 0.0}, Transfer{ms(0, 2), 0.0}, Transfer{}};
  for (std::uint64_t t = 0; t < shape.tasks; ++t) {
    std::vector<std::vector<Duration>> layers(1 + random.below(shape.layers));
    for (auto& layer : layers) layer = {ms(1, 5), random.below(4) == 0 ? kCannotRun : ms(2, 12)};
    std::vector<std::vector<LayerIndex>> after;
    for (LayerIndex l = 0; l < layers.size() && shape.dags; ++l) {
      after.emplace_back();
      for (LayerIndex p = 0; p < l; ++p) {
        if (random.below(2) == 0) after.back().push_back(p);
      }
    }
    const std::string name = "t" + std::to_string(t);
    const std::uint32_t n = add_network(s, name, layers, after);
    std::vector<double> costs;
    for (LayerIndex l = 0; l < layers.size(); ++l) {
      if (random.below(2) == 0) continue;
      add_variant(s, n, l, "v" + std::to_string(l), {kCannotRun, ms(1, 4)});
      costs.push_back(0.001 * static_cast<double>(1 + random.below(3)));
    }
    if (!costs.empty()) s.networks[n].accuracy = AccuracyModel::additive("top-1", 1.0, costs);
    const Duration period = ms(2, 8) * 5;
    const Duration phase = shape.phases ? ms(0, 30) : Duration::zero();
    add_task(s, name, n, period, PeriodicArrivals{period, phase}).theta = 0.9;
  }
  return s;
}

AllocationOptions with(AllocationRule rule) {
  AllocationOptions options;
  options.rule = rule;
  return options;
}

constexpr AllocationRule kRules[] = {AllocationRule::search,      AllocationRule::preferred, AllocationRule::all_gpu,
                                     AllocationRule::static_half, AllocationRule::dart_gc,   AllocationRule::dart_cg};

// What the bounds accept never misses, and no response exceeds its bound.
TEST(LalarandProperty, BoundsHoldInSimulation) {
  int accepted = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Scenario s = random_system(seed, {2 + seed % 3, 4, seed % 4 == 3, seed % 2 == 1});
    LalarandOptions options;
    options.allocation.rule = kRules[seed % 6];
    options.migration = false;
    LalarandScheduler scheduler(options);
    scheduler.prepare(s);
    const AllocationPlan plan = scheduler.plan();
    ASSERT_TRUE(plan.holds);
    if (!plan.schedulable) continue;
    ++accepted;
    for (const JobEndEvent& e : run(s, scheduler).events.ended) {
      EXPECT_LE(e.time - e.release, plan.bound[e.task]) << "seed " << seed << " task " << e.task;
    }
  }
  EXPECT_GT(accepted, 60);
}

/// The only resource of a chain; 2 if it uses both.
std::size_t only_resource(const LayerTask& task) {
  std::size_t only = task.layers.front().resource;
  for (const LayerOnResource& layer : task.layers) only = layer.resource == only ? only : 2;
  return only;
}

// The same bounds as the analysis of chains on resources; never larger ones where tasks stay on one resource.
TEST(LalarandProperty, BoundsAgreeWithTheAnalysisOfChains) {
  int equal = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Scenario s = random_system(seed, {1 + seed % 5, 5, false, false});
    const AllocationPlan plan = plan_allocation(s, with(kRules[seed % 6]));
    const AllocationProblem problem = allocation_problem(s, RankRule::rate_monotonic, true);
    std::vector<LayerTask> tasks;
    for (const TaskIndex t : problem.by_rank) {
      LayerTask task{problem.tasks[t].period, problem.tasks[t].deadline, {}};
      for (LayerIndex l = 0; l < plan.allocation[t].size(); ++l) {
        task.layers.push_back({plan.allocation[t][l].type,
                               detail::placed_time(problem, *problem.tasks[t].network, plan.allocation[t], l)});
      }
      tasks.push_back(task);
    }
    const auto expected = layer_response_times(tasks, 2);
    bool refined = false;
    for (std::size_t i = 0; i < tasks.size() && expected[i].bounded; ++i) {
      for (std::size_t h = 0; h < i; ++h) {
        refined = refined || (only_resource(tasks[h]) == only_resource(tasks[i]) && only_resource(tasks[i]) < 2);
      }
      const Duration bound = plan.bound[problem.by_rank[i]];
      EXPECT_TRUE(bound == expected[i].response || (refined && bound < expected[i].response)) << "seed " << seed;
      equal += refined ? 0 : 1;
    }
  }
  EXPECT_GT(equal, 150);
}

// Everything on one resource in one piece each: the textbook's response times (Audsley et al. 1993).
TEST(LalarandProperty, OneResourceIsTheTextbook) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Scenario s = random_system(seed, {4, 3, false, false});
    const AllocationPlan plan = plan_allocation(s, with(AllocationRule::all_gpu));
    const AllocationProblem problem = allocation_problem(s, RankRule::rate_monotonic, true);
    for (std::size_t i = 0; i < 4; ++i) {
      const auto time_of = [&](std::size_t rank, bool longest) {
        const Network& n = *problem.tasks[problem.by_rank[rank]].network;
        Duration sum{0}, most{0};
        for (const Layer& l : n.layers) {
          sum += n.latency_of(l.first_option, 0);
          most = std::max(most, n.latency_of(l.first_option, 0));
        }
        return longest ? most : sum;
      };
      Duration blocking{0};
      for (std::size_t k = i + 1; k < 4; ++k) blocking = std::max(blocking, time_of(k, true));
      const Duration target = problem.tasks[problem.by_rank[i]].period;
      Duration before{0};
      Duration response = time_of(i, false) + blocking;
      while (response != before && response <= target) {
        before = response;
        response = time_of(i, false) + blocking;
        for (std::size_t h = 0; h < i; ++h) {
          const Duration period = problem.tasks[problem.by_rank[h]].period;
          response += ((before + period - Duration{1}) / period) * time_of(h, false);
        }
      }
      const TaskIndex t = problem.by_rank[i];
      ASSERT_EQ(plan.bounded[t] != 0, response <= target) << "seed " << seed;
      if (response > target) break;
      EXPECT_EQ(plan.bound[t], response) << "seed " << seed;
    }
  }
}

// Within the accuracy budget, legal places only, never worse than what it starts from.
TEST(LalarandProperty, SearchKeepsItsBudgetAndImproves) {
  int improved = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Scenario s = random_system(seed, {2 + seed % 4, 5, seed % 3 == 2, false});
    const AllocationProblem problem = allocation_problem(s, RankRule::rate_monotonic, true);
    const AllocationSearchResult found = search_allocation(problem, {0.996, 20000});
    const ShortFall before = ResponseBounds(problem, allocate_preferred(problem, 0.996)).evaluate();
    EXPECT_FALSE(before < found.short_fall);
    improved += found.short_fall < before ? 1 : 0;
    for (TaskIndex t = 0; t < s.tasks.size(); ++t) {
      const Network& n = s.network_of(t);
      EXPECT_TRUE(n.accuracy.valid(variants_of(n, found.allocation[t]), 0.996));
      for (const LayerPlace& p : found.allocation[t]) EXPECT_NE(n.latency_of(p.option, p.type), kCannotRun);
    }
    ResponseBounds again(problem, found.allocation);
    const ShortFall after = again.evaluate();
    EXPECT_FALSE(after < found.short_fall || found.short_fall < after);
  }
  EXPECT_GT(improved, 10);
}

/// Whether any allocation within the budget has bounds within the deadlines: all of them are tried.
bool any_schedulable(const AllocationProblem& problem, double least_accuracy) {
  Allocation allocation = allocate_all_gpu(problem);
  const std::function<bool(TaskIndex, LayerIndex)> place = [&](TaskIndex t, LayerIndex l) {
    if (t == problem.tasks.size()) return ResponseBounds(problem, allocation).evaluate().none();
    const Network& n = *problem.tasks[t].network;
    if (l == n.layers.size()) {
      return n.accuracy.valid(variants_of(n, allocation[t]), least_accuracy) && place(t + 1, 0);
    }
    const Layer& layer = n.layers[l];
    for (OptionIndex o = layer.first_option; o < layer.first_option + layer.option_count; ++o) {
      for (const TypeIndex type : problem.types) {
        if (n.latency_of(o, type) == kCannotRun) continue;
        allocation[t][l] = {type, o};
        if (place(t, l + 1)) return true;
      }
    }
    return false;
  };
  return place(0, 0);
}

// What the search accepts exists; how much it finds of what exists is pinned so that a loss shows.
TEST(LalarandProperty, SearchAgainstAllAllocations) {
  int exist = 0;
  int found = 0;
  for (std::uint64_t seed = 1000; seed < 1150; ++seed) {
    const Scenario s = random_system(seed, {2, 3, false, false});
    const AllocationProblem problem = allocation_problem(s, RankRule::rate_monotonic, true);
    const bool exists = any_schedulable(problem, 0.996);
    const bool finds = search_allocation(problem, {0.996, 20000}).short_fall.none();
    EXPECT_TRUE(exists || !finds) << "seed " << seed;
    exist += exists ? 1 : 0;
    found += finds ? 1 : 0;
  }
  EXPECT_GT(exist, 60);
  EXPECT_GE(found * 100, exist * 90);
}

// Every combination of settings runs legally on chains, DAGs, several accelerators, and with tight budgets; the same
// twice gives the same events, and names mean nothing.
TEST(LalarandProperty, LegalAndDeterministicEverywhere) {
  const std::vector<std::string> orders = {"rm", "priority", "laxity"};
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Scenario s = random_system(seed, {4, 5, seed % 2 == 1, true});
    s.horizon = 300ms;
    if (seed % 3 == 0) s.platform.accelerators.push_back({"gpu1", 0});
    if (seed % 5 == 0) s.tasks[0].arrivals = PoissonArrivals{20ms};
    if (seed % 7 == 0) {
      for (Task& t : s.tasks) t.late_jobs = LateJobs::drop_hopeless;
    }
    const std::string policy = "lalarand:allocation=" + allocation_rule_names()[seed % 6] +
                               ":order=" + orders[seed % 3] + (seed % 4 == 0 ? ":migration=false" : "") +
                               (seed % 5 == 1 ? ":accuracy_budget=0.1" : "");
    const std::uint64_t digest = run(s, policy).result.digest;
    for (Task& t : s.tasks) t.name = "z" + t.name;
    for (Network& n : s.networks) n.name += "renamed";
    EXPECT_EQ(run(s, policy).result.digest, digest) << policy;
  }
}

} // namespace
} // namespace terastal
