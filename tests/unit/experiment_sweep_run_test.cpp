// Cells run by threads and shards: the same results however they are made, as many as there are, from no more loaded
// scenarios than allowed.

#include "terastal/sweep/run_sweep.hpp"

#include <atomic>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/core/error.hpp"
#include "terastal/experiment/run.hpp"
#include "terastal/workload/scale_rates.hpp"
#include "unit/experiment_sweep_support.hpp"

namespace terastal {
namespace {

using testing::KeptCells;
using testing::SweepFiles;

constexpr const char* kGrid = R"(  scenario: small.yaml
  load: [0.5, 1, 1.5]
  theta: { set: accuracy_threshold, values: [0.85, 0.97] }
  policy: [edf, "terastal:variants=false", terastal]
  seed: 3..6
)";

SweepOptions on(std::size_t threads, Shard shard = {}) {
  SweepOptions options;
  options.threads = threads;
  options.shard = shard;
  return options;
}

class RunSweep : public ::testing::Test {
 protected:
  SweepFiles files_;
};

TEST_F(RunSweep, ACellIsTheRunOfItsValues) {
  const Sweep sweep = files_.load(kGrid, "metrics: [miss_rate, accuracy_loss, antt]\n");
  KeptCells kept;
  const SweepSummary summary = run_sweep(sweep, kept.sink(), on(1));
  EXPECT_EQ(summary.done, 72U);
  EXPECT_EQ(summary.failed, 0U);
  EXPECT_TRUE(summary.complete);
  EXPECT_EQ(kept.commits, 1);
  ASSERT_EQ(kept.results.size(), 72U);

  // load 1.5, theta 0.97, terastal, seed 5
  const SweepCells cells(sweep);
  const CellIndex cell = cells.number_of({0, 2, 1, 2, 2});
  EXPECT_EQ(kept.values.at(cell), (std::vector<std::string>{"small.yaml", "1.5", "0.97", "terastal", "5"}));
  const Scenario scenario = scale_rates(load_scenario("small.yaml", {{"accuracy_threshold", "0.97"}}).scenario, 1.5);
  RunOptions options;
  options.seed = 5;
  const RunResult run = terastal::run(scenario, default_policies().parse("terastal"), options);
  const CellResult& result = kept.results.at(cell);
  EXPECT_EQ(result.digest, run.digest);
  ASSERT_EQ(result.rows.size(), 3U);
  EXPECT_EQ(result.rows[0].task, "");
  EXPECT_EQ(result.rows[0].released, run.tasks[0].released + run.tasks[1].released);
  EXPECT_EQ(result.rows[0].values,
            (std::vector<std::optional<double>>{run.mean_miss_rate, run.mean_accuracy_loss, run.service->antt}));
  EXPECT_EQ(result.rows[1].task, "fast");
  EXPECT_EQ(result.rows[2].late, run.tasks[1].late);
  EXPECT_EQ(result.rows[2].dropped, run.tasks[1].dropped);
  EXPECT_EQ(result.rows[2].values[0], run.tasks[1].miss_rate);
}

TEST_F(RunSweep, ResultsDoNotDependOnThreads) {
  const Sweep sweep = files_.load(kGrid);
  KeptCells one;
  KeptCells four;
  run_sweep(sweep, one.sink(), on(1));
  run_sweep(sweep, four.sink(), on(4));
  EXPECT_EQ(one.results, four.results);
  EXPECT_EQ(one.values, four.values);
}

TEST_F(RunSweep, ShardsTogetherAreTheWhole) {
  const Sweep sweep = files_.load(kGrid, "skip: [ { load: 0.5, policy: edf }, { seed: [4] } ]\n");
  KeptCells whole;
  run_sweep(sweep, whole.sink(), on(2));
  EXPECT_EQ(whole.results.size(), 72U - 8U - 18U + 2U);
  for (const std::uint64_t count : {2U, 5U}) {
    KeptCells together; // what one shard held, the next need not have
    for (std::uint64_t index = 1; index <= count; ++index) {
      KeptCells part;
      const SweepSummary summary = run_sweep(sweep, part.sink(), on(2, {index, count}));
      EXPECT_EQ(summary.plan.shard, part.results.size());
      for (const auto& [cell, result] : part.results) EXPECT_TRUE(together.results.emplace(cell, result).second);
    }
    EXPECT_EQ(together.results, whole.results);
  }
}

TEST_F(RunSweep, ASweepGoesOnWhereItStopped) {
  const Sweep sweep = files_.load(kGrid);
  KeptCells whole;
  run_sweep(sweep, whole.sink(), on(2));
  KeptCells kept;
  SweepOptions options = on(2);
  std::atomic<int> finished = 0;
  options.progress = [&](const SweepProgress&) { ++finished; };
  options.keep_going = [&] { return finished < 10; };
  const SweepSummary stopped = run_sweep(sweep, kept.sink(), options);
  EXPECT_FALSE(stopped.complete);
  EXPECT_EQ(stopped.done, kept.results.size());
  EXPECT_GE(stopped.done, 10U);
  EXPECT_LE(stopped.done, 11U); // one may have been finished meanwhile
  EXPECT_EQ(kept.commits, 1);

  const SweepSummary rest = run_sweep(sweep, kept.sink(), on(2));
  EXPECT_TRUE(rest.complete);
  EXPECT_EQ(rest.plan.held, stopped.done);
  EXPECT_EQ(rest.done, 72U - stopped.done);
  EXPECT_EQ(kept.results, whole.results);
  EXPECT_EQ(run_sweep(sweep, kept.sink(), on(2)).done, 0U);
}

TEST_F(RunSweep, OneCellOfEachScenarioAndPolicyIsFirstThenTheyAscend) {
  files_.folder().write("other.yaml", testing::kSweptScenario);
  const Sweep sweep = files_.load("  scenario: [small.yaml, other.yaml]\n  policy: [edf, fcfs]\n  seed: 5\n");
  KeptCells kept;
  SweepOptions options = on(1);
  std::size_t when_measured = 0;
  options.measured = [&](const SweepPlan& plan) {
    when_measured = kept.order.size();
    EXPECT_EQ(plan.parts.size(), 4U);
    EXPECT_TRUE(plan.seconds());
  };
  run_sweep(sweep, kept.sink(), options);
  EXPECT_EQ(when_measured, 4U);
  std::vector<CellIndex> expected{0, 5, 10, 15};
  for (CellIndex cell = 0; cell < 20; ++cell) {
    if (cell % 5 != 0) expected.push_back(cell);
  }
  EXPECT_EQ(kept.order, expected);
}

TEST_F(RunSweep, ProgressCountsEveryCellOnce) {
  const Sweep sweep = files_.load(kGrid);
  KeptCells kept;
  SweepOptions options = on(3);
  std::uint64_t calls = 0;
  bool known = false;
  options.progress = [&](const SweepProgress& p) {
    EXPECT_EQ(p.done, ++calls);
    EXPECT_EQ(p.total, 72U);
    known = p.seconds_left.has_value();
  };
  run_sweep(sweep, kept.sink(), options);
  EXPECT_EQ(calls, 72U);
  EXPECT_TRUE(known);
}

/// warm_up is fine with the longer horizon only.
constexpr const char* kFailing = R"(  scenario: small.yaml
  horizon: { set: horizon, values: [50 ms, 200 ms] }
  warm_up: { set: warm_up, values: [0 s, 100 ms] }
  policy: [edf]
  seed: 3
)";

TEST_F(RunSweep, AFailedCellDoesNotEndTheSweep) {
  const Sweep sweep = files_.load(kFailing);
  KeptCells kept;
  const SweepSummary summary = run_sweep(sweep, kept.sink(), on(2));
  EXPECT_EQ(summary.done, 12U);
  EXPECT_EQ(summary.failed, 3U);
  EXPECT_TRUE(summary.complete);
  ASSERT_EQ(summary.failures.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(summary.failures[i].cell, 3 + i);
    EXPECT_NE(summary.failures[i].error.find("'warm_up' must be less than 'horizon'"), std::string::npos);
    EXPECT_TRUE(kept.results.at(3 + i).failed());
    EXPECT_TRUE(kept.results.at(3 + i).rows.empty());
  }
  EXPECT_FALSE(kept.results.at(2).failed());
}

/// What a sweep says that a changed file ended.
std::string changed_input(const Sweep& sweep, KeptCells& kept, const SweepOptions& options) {
  try {
    run_sweep(sweep, kept.sink(), options);
  } catch (const ChangedInput& e) {
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

constexpr const char* kManyThetas = R"(  scenario: small.yaml
  theta: { set: accuracy_threshold, values: [0.5, 0.6, 0.7, 0.8] }
  policy: edf
  seed: 3
)";

TEST_F(RunSweep, AnInputThatChangesMeanwhileEndsTheSweep) {
  const Sweep sweep = files_.load(kManyThetas, "set: { horizon: 20 ms }\n");
  KeptCells whole;
  run_sweep(sweep, whole.sink(), on(1));
  const std::string text = testing::kSweptScenario;
  std::string other = text;
  other.replace(other.find("rate: 60 fps"), 12, "rate: 10 fps");
  for (const std::string& changed : {other, std::string("scenario: [\n"), std::string()}) {
    for (const std::size_t threads : {1U, 3U}) {
      KeptCells kept;
      SweepOptions options = on(threads);
      options.scenarios = 1; // read again and again
      options.progress = [&](const SweepProgress& p) {
        if (p.done == 4) files_.folder().write("small.yaml", changed);
      };
      const std::string said = changed_input(sweep, kept, options);
      EXPECT_EQ(said.rfind("'small.yaml' changed after the sweep had been read", 0), 0U) << said;
      EXPECT_GE(kept.results.size(), 4U);
      EXPECT_LT(kept.results.size(), 12U);
      EXPECT_EQ(kept.commits, 1);
      // What is kept is of the file as it was; put back, the sweep goes on.
      files_.folder().write("small.yaml", text);
      EXPECT_TRUE(run_sweep(sweep, kept.sink(), on(threads)).complete);
      EXPECT_EQ(kept.results, whole.results);
    }
  }
}

TEST_F(RunSweep, AnInputThatChangedBeforeTheFirstCellEndsTheSweep) {
  const Sweep sweep = files_.load(kManyThetas);
  files_.folder().write("small.yaml", std::string(testing::kSweptScenario) + "# other bytes\n");
  KeptCells kept;
  EXPECT_NE(changed_input(sweep, kept, on(1)), "");
  EXPECT_TRUE(kept.results.empty());
}

TEST_F(RunSweep, AFileThatTheSweepDidNotReadEndsIt) {
  Sweep sweep = files_.load(kManyThetas);
  sweep.inputs = {{"nothing.yaml", "00"}};
  KeptCells kept;
  const std::string said = changed_input(sweep, kept, on(1));
  EXPECT_EQ(said.rfind("'small.yaml' is read by a cell, but was not read when the sweep was checked", 0), 0U) << said;
}

TEST_F(RunSweep, CountingCanBeStopped) {
  const Sweep sweep = files_.load("  scenario: small.yaml\n  policy: edf\n  seed: 1..20000\n");
  CellRunner runner(sweep);
  const CellSizes sizes(runner, sweep);
  int asked = 0;
  const SweepPlan plan = plan_sweep(sweep, runner.cells(), sizes, {}, {}, [&] { return ++asked < 3; });
  EXPECT_FALSE(plan.complete);
  EXPECT_LT(plan.to_do, 20000U);
  KeptCells kept;
  SweepOptions options = on(2);
  options.keep_going = [] { return false; };
  options.planned = [](const SweepPlan&) { ADD_FAILURE() << "a plan of a part"; };
  EXPECT_FALSE(run_sweep(sweep, kept.sink(), options).complete);
  EXPECT_TRUE(kept.results.empty());
}

TEST_F(RunSweep, TimeLeftIsEstimatedFromTheFirstCellOn) {
  const Sweep sweep = files_.load(kGrid);
  KeptCells kept;
  SweepOptions options = on(1);
  options.progress = [&](const SweepProgress& p) { EXPECT_TRUE(p.seconds_left.has_value()) << p.done; };
  run_sweep(sweep, kept.sink(), options);
}

TEST_F(RunSweep, FailFastEndsAtTheFirst) {
  const Sweep sweep = files_.load(kFailing);
  for (const std::size_t threads : {1U, 3U}) {
    KeptCells kept;
    SweepOptions options = on(threads);
    options.fail_fast = true;
    const SweepSummary summary = run_sweep(sweep, kept.sink(), options);
    EXPECT_FALSE(summary.complete);
    ASSERT_FALSE(summary.failures.empty());
    EXPECT_EQ(summary.failures.front().cell, 3U);
    EXPECT_LE(summary.done, 4U + threads - 1);
  }
}

TEST_F(RunSweep, WhatTheSinkThrowsComesThrough) {
  const Sweep sweep = files_.load(kGrid);
  for (const std::size_t threads : {1U, 3U, 8U}) {
    KeptCells kept;
    CellSink sink = kept.sink();
    const auto add = sink.add;
    int errors = 0;
    sink.add = [&](const std::vector<std::string>& values, const CellResult& result) {
      if (kept.results.size() == 20) throw Error(++errors == 1 ? "the disk is full" : "could not be written before");
      add(values, result);
    };
    try {
      run_sweep(sweep, sink, on(threads));
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& e) {
      EXPECT_STREQ(e.what(), "the disk is full");
    }
    EXPECT_EQ(errors, 1); // the other threads have results, too, but give none to it any more
    EXPECT_EQ(kept.results.size(), 20U);
    EXPECT_EQ(kept.commits, 1);
  }
}

TEST_F(RunSweep, PolicySettingsAreThoseOfThePoliciesThatHaveThem) {
  const Sweep sweep = files_.load(R"(  scenario: small.yaml
  alpha: { policy_setting: alpha, values: [0, 1.5] }
  policy: [edf, dream]
  seed: 2
)");
  KeptCells kept;
  const SweepSummary summary = run_sweep(sweep, kept.sink(), on(2));
  EXPECT_EQ(summary.plan.total, 8U);
  EXPECT_EQ(summary.plan.left_out, 2U); // edf has no alpha: its cells of the second value
  const Scenario scenario = load_scenario("small.yaml").scenario;
  RunOptions options;
  options.seed = 2;
  const RunResult run = terastal::run(scenario, default_policies().parse("dream:alpha=1.5"), options);
  EXPECT_EQ(kept.results.at(7).digest, run.digest);
}

TEST_F(RunSweep, WithoutSeedsTheScenariosOwnCounts) {
  const Sweep sweep = files_.load("  scenario: small.yaml\n  policy: edf\n", "set: { seed: 77 }\n");
  KeptCells kept;
  run_sweep(sweep, kept.sink(), on(1));
  RunOptions options;
  options.seed = 77;
  const RunResult run = terastal::run(load_scenario("small.yaml").scenario, default_policies().parse("edf"), options);
  EXPECT_EQ(kept.results.at(0).digest, run.digest);
}

// What is loaded is read once for all its cells, and no more than allowed stay.
TEST_F(RunSweep, ScenariosAreReadOnceAndNotKept) {
  const Sweep sweep = files_.load(R"(  scenario: small.yaml
  theta: { set: accuracy_threshold, values: [0.5, 0.6, 0.7, 0.8, 0.9] }
  load: [0.9, 1, 1.1]
  policy: edf
  seed: 4
)",
                                  "set: { horizon: 20 ms }\n");
  CellRunner runner(sweep, 3);
  std::vector<std::weak_ptr<const Scenario>> seen;
  const SweepCells& cells = runner.cells();
  for (CellIndex cell = 0; cell < cells.total(); ++cell) {
    ASSERT_TRUE(runner.run(cell));
    seen.push_back(runner.scenarios().get(cells.values_of(cell)));
    std::size_t live = 0;
    const Scenario* last = nullptr;
    for (const auto& weak : seen) {
      const auto scenario = weak.lock();
      live += scenario != nullptr && scenario.get() != last ? 1 : 0;
      last = scenario.get();
    }
    EXPECT_LE(live, 3U);
  }
  EXPECT_EQ(runner.scenarios().times_read(), 5U);
}

TEST_F(RunSweep, ThePlanSaysWhatThereIsToDo) {
  const Sweep sweep = files_.load(kGrid, "set: { horizon: 2 s }\nskip: [ { load: 0.5 } ]\n");
  CellRunner runner(sweep);
  const CellSizes sizes(runner, sweep);
  EXPECT_TRUE(sizes.exact());
  // 100 + 60 jobs a second for 2 s, at load 1.5
  EXPECT_NEAR(sizes.of(runner.cells().total() - 1).jobs, 480.0, 1e-6);
  const SweepPlan plan = plan_sweep(sweep, runner.cells(), sizes, {}, {30, 31, 71});
  EXPECT_EQ(plan.total, 72U);
  EXPECT_EQ(plan.left_out, 24U);
  EXPECT_EQ(plan.shard, 48U);
  EXPECT_EQ(plan.held, 3U);
  EXPECT_EQ(plan.to_do, 45U);
  EXPECT_NEAR(plan.simulated_s, 90.0, 1e-9);
  // 24 cells of either load without 2 and 1 held ones
  EXPECT_NEAR(plan.jobs, 22 * 320.0 + 23 * 480.0, 1e-6);
  ASSERT_EQ(plan.parts.size(), 3U);
  EXPECT_EQ(plan.parts[0].first, 24U);
  EXPECT_FALSE(plan.seconds());
  EXPECT_EQ(plan_sweep(sweep, runner.cells(), sizes, {5, 48}, {}).to_do, 1U);
}

TEST_F(RunSweep, ALargeGridIsSampledForThePlan) {
  const Sweep sweep = files_.load(R"(  scenario: small.yaml
  horizon: { set: horizon, values: [100 ms, 200 ms, 300 ms, 400 ms, 500 ms, 600 ms, 700 ms, 800 ms] }
  policy: edf
)");
  CellRunner runner(sweep);
  const CellSizes some(runner, sweep, 4);
  EXPECT_FALSE(some.exact());
  const double expected[] = {0.1, 0.1, 0.3, 0.3, 0.5, 0.5, 0.7, 0.7};
  for (CellIndex cell = 0; cell < 8; ++cell) EXPECT_NEAR(some.of(cell).seconds, expected[cell], 1e-12);
  const CellSizes all(runner, sweep, 8);
  EXPECT_TRUE(all.exact());
  for (CellIndex cell = 0; cell < 8; ++cell)
    EXPECT_NEAR(all.of(cell).seconds, 0.1 * static_cast<double>(cell + 1), 1e-12);
}

} // namespace
} // namespace terastal
