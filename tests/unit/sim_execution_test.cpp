#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace terastal {
namespace {

using namespace testing;
using Kind = ExecutionTimes::Kind;

/// How long each (task, job, layer) ran.
using Times = std::map<std::tuple<TaskIndex, JobIndex, LayerIndex>, Duration>;

Times times(const Outcome& out) {
  Times result;
  for (const auto& e : out.events.started) result[{e.task, e.job, e.layer}] = e.finish - e.time - e.setup;
  return result;
}

/// 20000 jobs of one layer of 1 ms, one at a time.
Scenario one_layer(const ExecutionTimes& execution) {
  Scenario s = platform({{"gpu", 1}}, 20s);
  add_task(s, "a", add_network(s, "net", {{1ms}}), 2ms, PeriodicArrivals{1ms}).execution = execution;
  return s;
}

struct Factors {
  double mean = 0.0;
  double cv = 0.0;
  double smallest = 1e9;
  double largest = 0.0;
};

Factors factors(const ExecutionTimes& execution) {
  Factors f;
  double squares = 0.0;
  const Times all = times(run(one_layer(execution), "fcfs"));
  for (const auto& [id, time] : all) {
    const double factor = to_seconds(time) / 1e-3;
    f.mean += factor;
    squares += factor * factor;
    f.smallest = std::min(f.smallest, factor);
    f.largest = std::max(f.largest, factor);
  }
  const auto n = static_cast<double>(all.size());
  f.mean /= n;
  f.cv = std::sqrt(squares / n - f.mean * f.mean) / f.mean;
  return f;
}

// Tolerances of means are five standard errors: 5 · σ / √20000 = 0.035 σ.
TEST(Execution, EqualIsTheEstimate) {
  const Factors f = factors({Kind::equal});
  EXPECT_EQ(f.smallest, 1.0);
  EXPECT_EQ(f.largest, 1.0);
}

TEST(Execution, UniformStaysInItsRange) {
  const Factors f = factors({Kind::uniform, 0.5, 1.5});
  EXPECT_NEAR(f.mean, 1.0, 0.0102);
  EXPECT_NEAR(f.cv, 1.0 / std::sqrt(12.0), 0.01);
  EXPECT_GE(f.smallest, 0.5);
  EXPECT_LT(f.smallest, 0.501);
  EXPECT_LE(f.largest, 1.5);
  EXPECT_GT(f.largest, 1.499);
}

TEST(Execution, LognormalHasMeanOneAndItsCoefficientOfVariation) {
  const Factors f = factors({Kind::lognormal, 1.0, 1.0, 0.5});
  EXPECT_NEAR(f.mean, 1.0, 0.0177);
  EXPECT_NEAR(f.cv, 0.5, 0.03);
  EXPECT_GT(f.smallest, 0.0);
  const Factors none = factors({Kind::lognormal, 1.0, 1.0, 0.0});
  EXPECT_EQ(none.smallest, 1.0);
  EXPECT_EQ(none.largest, 1.0);
}

TEST(Execution, ExponentialHasMeanOne) {
  const Factors f = factors({Kind::exponential});
  EXPECT_NEAR(f.mean, 1.0, 0.036);
  EXPECT_NEAR(f.cv, 1.0, 0.05);
}

TEST(Execution, LayersTakeAtLeastOnePicosecond) {
  Scenario s = one_layer({Kind::exponential});
  s.horizon = 200ms;
  s.networks[0].latency[0] = Duration{1};
  for (const auto& [id, time] : times(run(s, "fcfs"))) EXPECT_GE(time, Duration{1});
}

/// Two tasks with noise on three accelerators of one type, overloaded.
Scenario noisy() {
  Scenario s = platform({{"gpu", 3}}, 1s);
  const auto two = add_network(s, "two", {{3ms}, {5ms}});
  const auto one = add_network(s, "one", {{7ms}});
  add_task(s, "a", two, 15ms, PoissonArrivals{5ms}).execution = {Kind::lognormal, 1.0, 1.0, 0.5};
  add_task(s, "b", one, 10ms, PoissonArrivals{5ms}).execution = {Kind::uniform, 0.2, 1.8};
  return s;
}

TEST(Execution, AllPoliciesMeetTheSameTimes) {
  Scenario s = noisy();
  const Outcome fcfs = run(s, "fcfs");
  const Times expected = times(fcfs);
  EXPECT_GT(expected.size(), 400U);
  for (const char* policy : {"edf", "sjf", "dream", "terastal"}) {
    const Outcome other = run(s, policy);
    EXPECT_EQ(times(other), expected) << policy;
    EXPECT_NE(other.result.digest, fcfs.result.digest) << policy;
  }
  s.seed = 2;
  EXPECT_NE(times(run(s, "fcfs")), expected);
}

TEST(Execution, FactorsOfJobsLayersAndTasksDiffer) {
  const ExecutionTimes model{Kind::uniform, 0.0, 1.0};
  const double base = execution_factor(model, 1, 0, 0, 0);
  EXPECT_EQ(execution_factor(model, 1, 0, 0, 0), base);
  EXPECT_NE(execution_factor(model, 2, 0, 0, 0), base);
  EXPECT_NE(execution_factor(model, 1, 1, 0, 0), base);
  EXPECT_NE(execution_factor(model, 1, 0, 1, 0), base);
  EXPECT_NE(execution_factor(model, 1, 0, 0, 1), base);
}

// The factor belongs to the layer of the job: it does not depend on where, or in which implementation, the layer runs.
TEST(Execution, OneFactorForAllAcceleratorsAndOptions) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  const auto net = add_network(s, "net", {{1ms, 4ms}});
  add_variant(s, net, 0, "v", {500us, 2ms});
  Task task;
  task.execution = {Kind::lognormal, 1.0, 1.0, 1.0};
  const auto actual = [&](OptionIndex option, TypeIndex type) {
    return to_seconds(actual_time(task, s.networks[net], 0, 3, kNone, 0, option, type, 1));
  };
  const double factor = actual(0, 0) / 1e-3;
  EXPECT_NE(factor, 1.0);
  EXPECT_NEAR(actual(0, 1) / 4e-3, factor, 1e-6);
  EXPECT_NEAR(actual(1, 0) / 5e-4, factor, 1e-6);
  EXPECT_NEAR(actual(1, 1) / 2e-3, factor, 1e-6);
}

// Schedulers see estimates: an accelerator is expected to be free at 4 ms, really is at 8; overdue counts as now.
TEST(Execution, EstimatesAreWhatSchedulersSee) {
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "a", add_network(s, "net", {{4ms}}), 9ms, releases({0ms})).execution = {Kind::uniform, 2.0, 2.0};
  const auto scheduler = testing::known_policies().parse("edf").make();
  Simulator simulator(s, *scheduler);
  simulator.run_until(at(2ms));
  EXPECT_EQ(simulator.view().free_at(0), at(4ms));
  simulator.run_until(at(6ms));
  EXPECT_EQ(simulator.view().free_at(0), at(6ms));
  EXPECT_EQ(simulator.next_event_time(), at(8ms));
}

/// Two layers on two types, with three samples; layer 1 has a variant.
Scenario sampled() {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}}, 30s);
  const auto net = add_network(s, "net", {{2ms, kCannotRun}, {kCannotRun, 2ms}});
  add_variant(s, net, 1, "v", {kCannotRun, 1ms});
  s.networks[net].accuracy = AccuracyModel::additive("m", 1.0, {0.01});
  s.networks[net].samples.ids = {10, 20, 30};
  s.networks[net].samples.latency = {1ms, kCannotRun, kCannotRun, 6ms,  // sample 10: layers × types
                                     2ms, kCannotRun, kCannotRun, 5ms,  // sample 20
                                     3ms, kCannotRun, kCannotRun, 4ms}; // sample 30
  add_task(s, "a", net, 20ms, PeriodicArrivals{10ms}).execution.kind = Kind::samples;
  return s;
}

TEST(Execution, SamplesReplaceTheTable) {
  Scenario s = sampled();
  TraceArrivals trace = releases({0ms, 100ms});
  trace.entries[0].sample = 30;
  trace.entries[1].sample = 10;
  s.tasks[0].arrivals = trace;
  const Outcome out = run(s, "fcfs");
  EXPECT_EQ(out.events.finish.at({0U, 0U}), at(7ms));   // 3 + 4
  EXPECT_EQ(out.events.finish.at({0U, 1U}), at(107ms)); // 1 + 6
  EXPECT_EQ(times(out).at({0U, 1U, 0U}), Duration{1ms});
}

TEST(Execution, SubmissionsMayNameTheirSample) {
  Scenario s = sampled();
  s.tasks[0].arrivals = NoArrivals{};
  const auto scheduler = testing::known_policies().parse("fcfs").make();
  Simulator simulator(s, *scheduler);
  simulator.submit({0, at(0ms), {}, {}, 20});
  simulator.run_until(at(1ms));
  EXPECT_EQ(simulator.next_event_time(), at(2ms));
}

// A sample belongs to the whole job: its layers come from one row. Rows are drawn uniformly.
TEST(Execution, SamplesAreDrawnPerJob) {
  const Times all = times(run(sampled(), "fcfs"));
  std::map<Duration, int> rows;
  for (JobIndex job = 0; job < 3000; ++job) {
    const Duration first = all.at({0U, job, 0U});
    EXPECT_EQ(first + all.at({0U, job, 1U}), Duration{7ms});
    ++rows[first];
  }
  ASSERT_EQ(rows.size(), 3U);
  for (const auto& [first, count] : rows) EXPECT_NEAR(count, 1000, 130); // 5 · √(3000 · 1/3 · 2/3)
  EXPECT_EQ(times(run(sampled(), "edf:placement=preferred_only")), all);
}

/// Runs the last option of every layer on an accelerator that can run it.
class LastOption : public Scheduler {
 public:
  [[nodiscard]] std::string_view name() const override { return "last_option"; }
  void dispatch(const SystemView& view, Decisions& out) override {
    const ReadyId id = view.ready().front();
    const OptionIndex option = view.options(id).end - 1;
    for (AcceleratorIndex a = 0; a < view.accelerator_count(); ++a) {
      if (view.is_idle(a) && view.cost(id, option, a) != kCannotRun) return out.start(id, option, a);
    }
  }
};

TEST(Execution, VariantsTakeTheirTableTimeUnderSamples) {
  Scenario s = sampled();
  s.horizon = 100ms;
  LastOption scheduler;
  const Times all = times(run(s, scheduler));
  for (JobIndex job = 0; job < 10; ++job) EXPECT_EQ(all.at({0U, job, 1U}), Duration{1ms});
}

} // namespace
} // namespace terastal
