#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/offline/lalarand/plan.hpp"
#include "terastal/offline/lalarand/task_sets.hpp"

namespace terastal {
namespace {

using namespace testing;

constexpr TypeIndex kGpu = 0;
constexpr TypeIndex kCpu = 1;

Scenario board() {
  Scenario s = platform({{"gpu", 1}, {"cpu", 1}});
  s.platform.types[kGpu].kind = AcceleratorKind::gpu;
  s.platform.types[kCpu].kind = AcceleratorKind::cpu;
  return s;
}

void add_periodic(Scenario& s, Duration period, const std::vector<std::vector<Duration>>& layers) {
  const std::string name = "t" + std::to_string(s.tasks.size());
  add_task(s, name, add_network(s, name, layers), period, PeriodicArrivals{period});
}

AllocationPlan plan_of(const Scenario& s, AllocationRule rule) {
  AllocationOptions options;
  options.rule = rule;
  return plan_allocation(s, options);
}

/// Types of all layers, task by task: `gcg gg`.
std::string types_of(const AllocationPlan& plan) {
  std::string text;
  for (const NetworkAllocation& a : plan.allocation) {
    if (!text.empty()) text += ' ';
    for (const LayerPlace& p : a) text += p.type == kGpu ? 'g' : 'c';
  }
  return text;
}

// -- response-time bounds

// Three tasks on two resources; the bounds were worked out by hand.
TEST(LalarandBounds, WorkedExample) {
  Scenario s = board();
  const auto gpu = [](Duration d) { return std::vector<Duration>{d, kCannotRun}; };
  const auto cpu = [](Duration d) { return std::vector<Duration>{kCannotRun, d}; };
  add_periodic(s, 80ms, {gpu(6ms), cpu(6ms), gpu(2ms)}); // ranks follow periods, not the order
  add_periodic(s, 20ms, {gpu(3ms), cpu(2ms)});
  add_periodic(s, 40ms, {cpu(4ms), gpu(5ms)});
  const AllocationPlan plan = plan_of(s, AllocationRule::all_gpu);
  EXPECT_EQ(plan.rank, (std::vector<std::uint32_t>{2, 0, 1}));
  EXPECT_EQ(plan.bound, (std::vector<Duration>{61ms, 17ms, 36ms}));
  EXPECT_TRUE(plan.schedulable);
  EXPECT_TRUE(plan.holds);
}

// The bound of the second task is 31 ms: it holds a period of 31 ms and not one of 30.
TEST(LalarandBounds, JustAndJustNot) {
  for (const auto& [period, expected] : std::vector<std::pair<Duration, bool>>{{30ms, false}, {36ms, true}}) {
    Scenario s = board();
    const auto gpu = [](Duration d) { return std::vector<Duration>{d, kCannotRun}; };
    const auto cpu = [](Duration d) { return std::vector<Duration>{kCannotRun, d}; };
    add_periodic(s, 20ms, {gpu(3ms), cpu(2ms)});
    add_periodic(s, period, {cpu(4ms), gpu(5ms)});
    add_periodic(s, 80ms, {gpu(6ms), cpu(6ms), gpu(2ms)});
    EXPECT_EQ(plan_of(s, AllocationRule::all_gpu).bounded[1] != 0, expected);
  }
}

// Moving data is part of the layer after the move; a DAG may be blocked before every layer.
TEST(LalarandBounds, TransfersSwitchesAndDags) {
  Scenario s = board();
  s.platform.transfers = {Transfer{}, Transfer{1ms, 0.0}, Transfer{2ms, 0.0}, Transfer{}};
  s.platform.types[kCpu].model_switch = 500us;
  const std::uint32_t n = add_network(
      s, "n", {{2ms, kCannotRun}, {kCannotRun, 3ms}, {4ms, kCannotRun}, {5ms, kCannotRun}}, {{}, {0}, {0}, {1, 2}});
  add_task(s, "t", n, 50ms, PeriodicArrivals{50ms});
  const AllocationProblem problem = allocation_problem(s, RankRule::rate_monotonic, true);
  std::vector<ResourceLoad> loads;
  task_loads(problem, 0, allocate_all_gpu(problem)[0], loads);
  constexpr Duration::rep kMs = 1'000'000'000;
  EXPECT_EQ(loads[kGpu], (ResourceLoad{13 * kMs, 7 * kMs, 3})); // 2, 4, 5 + 2
  EXPECT_EQ(loads[kCpu], (ResourceLoad{9 * kMs / 2, 9 * kMs / 2, 1}));
}

TEST(LalarandBounds, HoldOnlyUnderTheirConditions) {
  Scenario s = board();
  add_periodic(s, 20ms, {{3ms, kCannotRun}});
  EXPECT_TRUE(plan_of(s, AllocationRule::all_gpu).holds);
  Scenario jitter = s;
  std::get<PeriodicArrivals>(jitter.tasks[0].arrivals).jitter = 1ms;
  EXPECT_FALSE(plan_of(jitter, AllocationRule::all_gpu).holds);
  Scenario noise = s;
  noise.tasks[0].execution.kind = ExecutionTimes::Kind::lognormal;
  EXPECT_FALSE(plan_of(noise, AllocationRule::all_gpu).holds);
  Scenario poisson = s;
  poisson.tasks[0].arrivals = PoissonArrivals{20ms};
  EXPECT_FALSE(plan_of(poisson, AllocationRule::all_gpu).holds);
  Scenario two = s;
  two.platform.accelerators.push_back({"gpu1", kGpu});
  EXPECT_FALSE(plan_of(two, AllocationRule::all_gpu).holds);
}

// -- baselines

Scenario two_tasks() {
  Scenario s = board();
  add_periodic(s, 100ms, {{4ms, 8ms}, {4ms, 2ms}, {6ms, 6ms}, {2ms, 1ms}});
  add_periodic(s, 200ms, {{5ms, 20ms}, {5ms, 20ms}, {5ms, kCannotRun}});
  return s;
}

TEST(LalarandBaselines, GpuPreferredAndStatic) {
  const Scenario s = two_tasks();
  EXPECT_EQ(types_of(plan_of(s, AllocationRule::all_gpu)), "gggg ggg");
  EXPECT_EQ(types_of(plan_of(s, AllocationRule::preferred)), "gcgc ggg"); // the GPU on ties
  EXPECT_EQ(types_of(plan_of(s, AllocationRule::static_half)), "ggcc gcg"); // ⌊3/2⌋ = 1; the last runs on the GPU only
}

// By hand: mean utilisations are (16 + 17) / 200 and (15 + 45) / 400, so the first task cuts first. GC: imbalances for
// cuts 0 to 4 are |0 − 17|, |4 − 9|, |8 − 7|, |14 − 1|, |16 − 0|, so 2. Then sums are .08 and .07; the second task
// adds cuts 0 to 3: |.08 − .07 − .225|, |.105 − .195|, |.13 − .095|, |.155 − .07|: 2, whose last layer stays on the
// GPU.
TEST(LalarandBaselines, DartGpuFirst) {
  EXPECT_EQ(types_of(plan_of(two_tasks(), AllocationRule::dart_gc)), "ggcc ggg");
}

// CG: |16|, |8 − 12|, |10 − 8|, |16 − 2|, |17|: cut 2, sums .10 and .08. Second task: |.10 − .155|, |.20 − .13|, …: 0.
TEST(LalarandBaselines, DartCpuFirst) {
  EXPECT_EQ(types_of(plan_of(two_tasks(), AllocationRule::dart_cg)), "ccgg ggg");
}

TEST(LalarandBaselines, VariantsWithinTheBudgetLargestGainFirst) {
  Scenario s = board();
  add_periodic(s, 100ms, {{4ms, 8ms}, {9ms, 8ms}, {6ms, 8ms}});
  add_variant(s, 0, 0, "a", {kCannotRun, 3ms}); // saves 1 ms
  add_variant(s, 0, 1, "b", {kCannotRun, 3ms}); // saves 5 ms against the original on the CPU
  add_variant(s, 0, 2, "c", {kCannotRun, 3ms}); // saves 3 ms
  s.networks[0].accuracy = AccuracyModel::additive("top-1", 1.0, {0.001, 0.003, 0.002});
  s.tasks[0].theta = 0.9;
  const Allocation a = allocate_preferred(allocation_problem(s, RankRule::rate_monotonic, true), 0.996);
  EXPECT_EQ(variants_of(s.networks[0], a[0]), 0b011U); // b, not c, then a
  EXPECT_EQ(a[0][2], (LayerPlace{kGpu, 4}));
  EXPECT_EQ(
      variants_of(s.networks[0], allocate_preferred(allocation_problem(s, RankRule::rate_monotonic, false), 0.0)[0]),
      0U);
}

// -- search

// The GPU holds 0.6 + 0.6; neither task fits beside the other, but one layer of the second has a fast quantised form.
TEST(LalarandSearch, MovesWhatItMust) {
  Scenario s = board();
  add_periodic(s, 100ms, {{30ms, kCannotRun}, {30ms, kCannotRun}});
  add_periodic(s, 150ms, {{40ms, kCannotRun}, {50ms, kCannotRun}});
  add_variant(s, 1, 1, "int8", {kCannotRun, 60ms});
  s.networks[1].accuracy = AccuracyModel::additive("top-1", 1.0, {0.003});
  s.tasks[1].theta = 0.5;
  EXPECT_FALSE(plan_of(s, AllocationRule::preferred).schedulable);
  const AllocationPlan found = plan_of(s, AllocationRule::search);
  EXPECT_EQ(types_of(found), "gg gc");
  // Blocked by 40 ms once; 40 + 60 + 60 for the first task's two layers, whose second job comes after 100 ms: too long.
  EXPECT_EQ(found.bound[0], 100ms);
  EXPECT_EQ(found.schedulable, found.bounded[0] != 0 && found.bounded[1] != 0);

  AllocationOptions strict;
  strict.accuracy_budget = 0.002;
  EXPECT_FALSE(plan_allocation(s, strict).schedulable);
  EXPECT_EQ(types_of(plan_allocation(s, strict)), "gg gg");
}

TEST(LalarandSearch, GivesUpAtItsLimit) {
  Scenario s = board();
  for (int i = 0; i < 4; ++i) add_periodic(s, 100ms, {{30ms, 50ms}, {30ms, 50ms}});
  AllocationOptions options;
  options.most_evaluations = 5;
  const AllocationPlan plan = plan_allocation(s, options);
  EXPECT_TRUE(plan.gave_up);
  EXPECT_LE(plan.evaluations, 5U);
}

// -- random task sets

TEST(LalarandTaskSets, KeepTheirPromises) {
  Scenario pool = board();
  for (const Duration d : {60ms, 8ms, 50ms}) add_periodic(pool, 400ms, {{d, 1s}});
  TaskSetOptions options;
  const TaskSetSource source(pool, options);
  for (std::uint64_t i = 0; i < 50; ++i) {
    const Scenario s = source.draw(1.0, RandomStream(7, i, Purpose::arrivals));
    validate(s);
    EXPECT_GE(s.tasks.size(), 10U);
    EXPECT_LE(s.tasks.size(), 12U);
    EXPECT_NEAR(source.utilisation(s), 1.0, 0.12);
    Duration last{0};
    for (const Task& t : s.tasks) {
      const Duration period = std::get<PeriodicArrivals>(t.arrivals).period;
      EXPECT_GE(period, std::max(last, Duration{300ms}));
      EXPECT_LE(period, 500ms);
      EXPECT_EQ(period % Duration{50ms}, Duration::zero());
      EXPECT_EQ(t.deadline, period);
      last = period;
    }
    const Scenario again = source.draw(1.0, RandomStream(7, i, Purpose::arrivals));
    EXPECT_EQ(again.tasks.back().network, s.tasks.back().network);
    EXPECT_EQ(again.horizon, s.horizon);
  }
  EXPECT_THROW((void)source.draw(9.0, RandomStream(7, 0, Purpose::arrivals)), InputError);
  options.grid = 70ms;
  EXPECT_THROW(TaskSetSource(pool, options), InputError);
}

TEST(LalarandTaskSets, Hyperperiod) {
  Scenario s = board();
  for (const Duration d : {300ms, 350ms, 400ms, 500ms}) add_periodic(s, d, {{1ms, 1ms}});
  EXPECT_EQ(hyperperiod(s, 100s), 42s);
  EXPECT_EQ(hyperperiod(s, 40s), 40s);
}

// Vectors from UUniFast, thrown away when outside the bounds, have the same means.
TEST(LalarandTaskSets, BoundedSumsAreThoseOfUUniFastWithDiscard) {
  const std::vector<double> low = {0.1, 0.05, 0.2};
  const std::vector<double> high = {0.5, 0.3, 0.7};
  constexpr int kDraws = 4000;
  std::vector<double> ours(3), theirs(3), squares(3), their_squares(3);
  RandomStream random(3, 0, Purpose::policy);
  for (int i = 0; i < kDraws; ++i) {
    const auto u = draw_bounded_sum(0.9, low, high, random);
    EXPECT_NEAR(u[0] + u[1] + u[2], 0.9, 1e-9);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_TRUE(u[k] >= low[k] - 1e-12 && u[k] <= high[k] + 1e-12);
      ours[k] += u[k] / kDraws;
      squares[k] += u[k] * u[k] / kDraws;
    }
  }
  for (int kept = 0; kept < kDraws;) {
    const double rest = 0.9 * std::sqrt(random.uniform());
    const double last = rest * random.uniform();
    const double u[] = {0.9 - rest, rest - last, last};
    bool inside = true;
    for (std::size_t k = 0; k < 3; ++k) inside = inside && u[k] >= low[k] && u[k] <= high[k];
    if (!inside) continue;
    ++kept;
    for (std::size_t k = 0; k < 3; ++k) {
      theirs[k] += u[k] / kDraws;
      their_squares[k] += u[k] * u[k] / kDraws;
    }
  }
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(ours[k], theirs[k], 0.012); // over five standard errors
    EXPECT_NEAR(squares[k], their_squares[k], 0.015);
  }
}

} // namespace
} // namespace terastal
