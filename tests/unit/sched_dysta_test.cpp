#include <map>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/sched/dysta.hpp"

namespace terastal {
namespace {

using namespace testing;

TEST(Dysta, Key) {
  EXPECT_DOUBLE_EQ(dysta_key(6, 10, 0.5, 2, 0.01), 6.0425);
  EXPECT_DOUBLE_EQ(dysta_key(6, 4, 0.5, 2, 0.01), 6.0025) << "no slack is no slack, however late";
  EXPECT_DOUBLE_EQ(dysta_key(6, 10, 0.5, 2, 0.0), 6.0);
}

/// Samples 0 (dense) and 1 (sparse) of a network: `sparsity` has a row of layers for each; times are the table's.
void add_samples(Network& n, const std::vector<std::vector<double>>& sparsity) {
  for (std::size_t s = 0; s < sparsity.size(); ++s) {
    n.samples.ids.push_back(static_cast<std::int64_t>(s));
    n.samples.latency.insert(n.samples.latency.end(), n.latency.begin(), n.latency.end());
    n.samples.sparsity.insert(n.samples.sparsity.end(), sparsity[s].begin(), sparsity[s].end());
  }
}

/// A job with layers of 4 and 4, of the given sample, and a job with one layer of 5 that comes at 1.
Scenario two_jobs(std::int64_t sample) {
  Scenario s = platform({{"npu", 1}});
  const auto sampled = add_network(s, "sampled", {{4ms}, {4ms}});
  add_samples(s.networks[sampled], {{0.2, 0.5}, {0.8, 0.5}});
  Task& task = add_task(s, "sampled", sampled, 1s, releases({0ms}));
  task.execution.kind = ExecutionTimes::Kind::samples;
  std::get<TraceArrivals>(task.arrivals).entries[0].sample = sample;
  add_task(s, "other", add_network(s, "other", {{5ms}}), 1s, releases({1ms}));
  return s;
}

// The mean sparsity of the first layer is 0.5. A sample with 0.2 has 0.8/0.5 of the mean's work: 6.4 are left at 4,
// more than 5. One with 0.8 has 1.6 left.
TEST(Dysta, MeasuredSparsityCorrectsTheRemainingTime) {
  EXPECT_EQ(run(two_jobs(0), "dysta:beta=0").events.finish.at({0U, 0U}), at(13ms));
  EXPECT_EQ(run(two_jobs(1), "dysta:beta=0").events.finish.at({0U, 0U}), at(8ms));
  for (const std::int64_t sample : {0, 1}) {
    EXPECT_EQ(run(two_jobs(sample), "dysta:beta=0:sparsity=false").events.finish.at({0U, 0U}), at(8ms));
  }
}

// Remaining 3 and 4 ms, slack 297 and 6 ms: with beta = 0.01 the keys are 5.94 and 4.02 ms.
TEST(Dysta, SlackCounts) {
  Scenario s = platform({{"npu", 1}});
  add_task(s, "short", add_network(s, "short", {{3ms}}), 300ms, releases({0ms}));
  add_task(s, "near", add_network(s, "near", {{4ms}}), 6ms, releases({0ms}));
  EXPECT_EQ(run(s, "dysta").events.finish.at({1U, 0U}), at(4ms));
  EXPECT_EQ(run(s, "dysta:beta=0").events.finish.at({1U, 0U}), at(7ms));
}

// Both have 4 ms left at 10; one has waited since 1, the other since 9. The ratio of waiting is added to seconds, so it
// rules; the one that has waited less goes on.
TEST(Dysta, WaitingCountsAgainstAJob) {
  Scenario s = platform({{"npu", 1}});
  const auto net = add_network(s, "net", {{4ms}});
  add_task(s, "hold", add_network(s, "hold", {{10ms}}), 1s, releases({0ms}));
  add_task(s, "long", net, 109ms, releases({1ms}));
  add_task(s, "short", net, 101ms, releases({9ms}));
  EXPECT_EQ(run(s, "dysta").events.finish.at({2U, 0U}), at(14ms));
  EXPECT_EQ(run(s, "dysta:beta=0").events.finish.at({2U, 0U}), at(18ms));
}

/// First come, first served; notes the monitor's factor of every layer when it becomes ready.
class Probe : public Scheduler {
 public:
  [[nodiscard]] std::string_view name() const override { return "probe"; }
  void prepare(const Scenario& scenario) override { monitor_.reset(scenario); }
  void dispatch(const SystemView& view, Decisions& out) override {
    for (const ReadyId id : view.newly_ready()) {
      monitor_.add(view, id);
      factors[{view.job(id).task, view.job(id).index, view.layer(id).layer}] = monitor_.factor(id);
    }
    const ReadyId id = view.ready()[0];
    out.start(id, view.original(id), view.idle().first(0));
  }

  std::map<std::tuple<TaskIndex, JobIndex, LayerIndex>, double> factors;

 private:
  SparsityMonitor monitor_;
};

Scenario one_task(const std::vector<std::vector<LayerIndex>>& predecessors) {
  Scenario s = platform({{"npu", 1}});
  const auto net = add_network(s, "net", {{1ms}, {1ms}, {1ms}, {1ms}}, predecessors);
  // Mean densities 0.5, 0.5, 0.8, 0.5.
  add_samples(s.networks[net], {{0.2, 0.6, 0.2, 0.0}, {0.8, 0.4, 0.2, 0.999}});
  Task& task = add_task(s, "task", net, 1s, releases({0ms, 0ms}));
  task.execution.kind = ExecutionTimes::Kind::samples;
  auto& entries = std::get<TraceArrivals>(task.arrivals).entries;
  entries[0].sample = 0;
  entries[1].sample = 1;
  return s;
}

TEST(SparsityMonitor, MeanOverTheLayersBeforeInAChain) {
  Probe probe;
  run(one_task({}), probe);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 0, 0}), 1.0);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 0, 1}), 1.6);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 0, 2}), (1.6 + 0.8) / 2);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 0, 3}), (1.6 + 0.8 + 1.0) / 3);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 1, 1}), 0.4);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 1, 3}), (0.4 + 1.2 + 1.0) / 3);
}

// 0 → 1 → 3 and 0 → 2 → 3: the third layer does not depend on the second.
TEST(SparsityMonitor, LayersThatTheReadyOneDependsOnInADag) {
  Probe probe;
  run(one_task({{}, {0}, {0}, {1, 2}}), probe);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 0, 0}), 1.0);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 0, 1}), 1.6);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 0, 2}), 1.6);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 0, 3}), (1.6 + 0.8 + 1.0) / 3);
}

TEST(SparsityMonitor, LayersThatAChainSkipsAreNotMeasured) {
  Scenario s = one_task({});
  s.networks[0].layers[1].skip_probability = 1.0;
  Probe probe;
  run(s, probe);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 0, 2}), 1.6);
  EXPECT_DOUBLE_EQ(probe.factors.at({0, 0, 3}), (1.6 + 1.0) / 2);
}

TEST(SparsityMonitor, IsOneWhereNothingWasMeasured) {
  Scenario s = one_task({});
  s.networks[0].samples.sparsity.clear();
  Probe without;
  run(s, without);
  for (const auto& [layer, factor] : without.factors) EXPECT_EQ(factor, 1.0);
  Scenario unsampled = one_task({});
  unsampled.tasks[0].execution.kind = ExecutionTimes::Kind::equal;
  Probe equal;
  run(unsampled, equal);
  for (const auto& [layer, factor] : equal.factors) EXPECT_EQ(factor, 1.0);
}

} // namespace
} // namespace terastal
