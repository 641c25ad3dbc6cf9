#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/event_log.hpp"
#include "property/random_scenario.hpp"

// What must hold for every scenario under every policy.
namespace terastal::testing {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kCases = 60;
#else
constexpr int kCases = 1000;
#endif

using JobId = std::pair<TaskIndex, JobIndex>;

void require_legal(const Scenario& s, const LoggedRun& out) {
  const auto errors = judge(s, out.log.events, out.work_conserving, out.may_drop);
  if (!errors.empty()) RC_FAIL(errors.front());
}

void require_every_job_to_end_once(const LoggedRun& out) {
  std::map<JobId, int> open;
  for (const ReleaseEvent& e : out.log.all<ReleaseEvent>()) ++open[{e.task, e.job}];
  for (const JobEndEvent& e : out.log.all<JobEndEvent>()) --open[{e.task, e.job}];
  for (const auto& [id, count] : open) {
    if (count != 0) RC_FAIL("a job was released without one end, or ended without one release");
  }
}

void require_busy_time_to_be_what_was_run(const LoggedRun& out) {
  std::vector<Duration> busy(out.result.accelerators.size());
  std::vector<std::uint64_t> layers(busy.size());
  for (const StartEvent& e : out.log.all<StartEvent>()) {
    busy[e.accelerator] += e.finish - e.time;
    ++layers[e.accelerator];
  }
  for (std::size_t a = 0; a < busy.size(); ++a) {
    RC_ASSERT(out.result.accelerators[a].busy.count() == busy[a].count());
    RC_ASSERT(out.result.accelerators[a].layers == layers[a]);
    RC_ASSERT(out.result.accelerators[a].utilisation <= 1.0 + 1e-12);
  }
}

/// No job is faster than its longest path of layers, each as long as it really was.
void require_responses_not_below_the_longest_path(const Scenario& s, const LoggedRun& out) {
  std::map<JobId, std::map<LayerIndex, Duration>> occupied;
  for (const StartEvent& e : out.log.all<StartEvent>()) occupied[{e.task, e.job}][e.layer] = e.finish - e.time;
  for (const JobEndEvent& e : out.log.all<JobEndEvent>()) {
    if (e.dropped) continue;
    const Network& n = s.network_of(e.task);
    const bool as_estimated = s.tasks[e.task].execution.kind == ExecutionTimes::Kind::equal;
    std::vector<Duration> actual;  // longest path up to and including each layer
    std::vector<Duration> fastest; // the same, each layer at its fastest in the table
    for (LayerIndex l = 0; l < n.layers.size(); ++l) {
      Duration best = kCannotRun;
      for (OptionIndex o = 0; o < n.layers[l].option_count; ++o)
        best = std::min(best, n.fastest(n.layers[l].first_option + o));
      Duration actual_before{0};
      Duration fastest_before{0};
      for (const LayerIndex p : n.layers[l].predecessors) {
        actual_before = std::max(actual_before, actual[p]);
        fastest_before = std::max(fastest_before, fastest[p]);
      }
      actual.push_back(actual_before + occupied[{e.task, e.job}].at(l));
      fastest.push_back(fastest_before + best);
    }
    RC_ASSERT((e.time - e.release).count() >= std::max_element(actual.begin(), actual.end())->count());
    if (as_estimated)
      RC_ASSERT((e.time - e.release).count() >= std::max_element(fastest.begin(), fastest.end())->count());
  }
}

/// The metrics, recomputed from the stream of events.
void require_metrics_to_follow_from_events(const Scenario& s, const LoggedRun& out) {
  std::vector<TaskResult> expected(s.tasks.size());
  std::vector<int128> response(s.tasks.size());
  for (const JobEndEvent& e : out.log.all<JobEndEvent>()) {
    if (e.root_release < Time{s.warm_up} || e.root_release >= Time{s.horizon}) continue;
    TaskResult& t = expected[e.task];
    ++t.released;
    t.dropped += e.dropped ? 1U : 0U;
    if (e.dropped) continue;
    ++t.completed;
    t.late += e.time > e.deadline ? 1U : 0U;
    response[e.task] += (e.time - e.release).count();
    t.response.max = std::max(t.response.max, e.time - e.release);
  }
  for (std::size_t t = 0; t < expected.size(); ++t) {
    const TaskResult& actual = out.result.tasks[t];
    RC_ASSERT(actual.released == expected[t].released);
    RC_ASSERT(actual.completed == expected[t].completed);
    RC_ASSERT(actual.late == expected[t].late);
    RC_ASSERT(actual.dropped == expected[t].dropped);
    RC_ASSERT(actual.response.max.count() == expected[t].response.max.count());
    const double mean = expected[t].completed == 0
                            ? 0.0
                            : static_cast<double>(response[t]) / static_cast<double>(expected[t].completed) * 1e-12;
    RC_ASSERT(std::abs(actual.response.mean_s - mean) <= 1e-12);
  }
}

TEST(EngineProperty, EveryScheduleIsLegalAndComplete) {
  const auto policies = policies_to_try();
  check_property(1, kCases, [&] {
    const Scenario s = random_scenario();
    for (const std::string& policy : policies) {
      RC_LOG() << policy << '\n';
      const LoggedRun out = logged_run(s, policy);
      require_legal(s, out);
      require_every_job_to_end_once(out);
      require_busy_time_to_be_what_was_run(out);
      require_responses_not_below_the_longest_path(s, out);
      require_metrics_to_follow_from_events(s, out);
    }
  });
}

TEST(EngineProperty, EqualRunsHaveEqualDigests) {
  const auto policies = policies_to_try();
  check_property(2, kCases / 4, [&] {
    const Scenario s = random_scenario();
    const Scenario copy = s;
    std::map<std::uint64_t,
             std::vector<std::tuple<std::int64_t, TaskIndex, JobIndex, LayerIndex, OptionIndex, AcceleratorIndex>>>
        seen;
    for (const std::string& policy : policies) {
      const LoggedRun out = logged_run(s, policy);
      RC_ASSERT(logged_run(copy, policy).result.digest == out.result.digest);
      auto& stream = seen[out.result.digest];
      decltype(seen)::mapped_type starts;
      for (const StartEvent& e : out.log.all<StartEvent>()) {
        starts.emplace_back(to_ps(e.time), e.task, e.job, e.layer, e.option, e.accelerator);
      }
      std::sort(starts.begin(), starts.end());
      if (stream.empty()) stream = starts;
      RC_ASSERT(stream == starts); // one digest, one schedule, whatever the policy
    }
  });
}

Scenario renamed(Scenario s) {
  int next = 0;
  const auto fresh = [&next] { return "x" + std::to_string(999 - next++); };
  for (auto& type : s.platform.types) type.name = fresh();
  for (auto& accelerator : s.platform.accelerators) accelerator.name = fresh();
  for (auto& task : s.tasks) task.name = fresh();
  for (auto& network : s.networks) {
    network.name = fresh();
    for (auto& layer : network.layers) layer.name = fresh();
    for (auto& option : network.options) option.name = option.variants != 0 ? fresh() : "";
    for (auto& name : network.variant_names) name = fresh();
  }
  return s;
}

TEST(EngineProperty, NamesDecideNothing) {
  const auto policies = policies_to_try();
  check_property(3, kCases / 4, [&] {
    const Scenario s = random_scenario();
    const Scenario other = renamed(s);
    for (const std::string& policy : policies) {
      RC_ASSERT(logged_run(other, policy).result.digest == logged_run(s, policy).result.digest);
    }
  });
}

TEST(EngineProperty, SeedsDecideArrivalsAndNoise) {
  Scenario s = platform({{"core", 1}}, 1s);
  add_task(s, "t", add_network(s, "n", {{2ms}}), 10ms, PoissonArrivals{5ms}).execution.kind =
      ExecutionTimes::Kind::exponential;
  const auto first = logged_run(s, "edf").result.digest;
  s.seed = 2;
  EXPECT_NE(logged_run(s, "edf").result.digest, first);
}

// Common random numbers: policies meet the same arrivals, and a layer of a job takes the same time under all of them.
TEST(EngineProperty, PoliciesMeetTheSameArrivalsAndTimes) {
  const auto policies = policies_to_try();
  check_property(4, kCases / 4, [&] {
    ScenarioFeatures features;
    features.cascades = false;
    const Scenario s = random_scenario(features);
    std::map<JobId, std::pair<Time, Time>> arrivals;
    std::map<std::tuple<TaskIndex, JobIndex, LayerIndex, OptionIndex, TypeIndex>, Duration> times;
    for (const std::string& policy : policies) {
      const LoggedRun out = logged_run(s, policy);
      for (const ReleaseEvent& e : out.log.all<ReleaseEvent>()) {
        const std::pair mine{e.time, e.deadline};
        RC_ASSERT(arrivals.emplace(JobId{e.task, e.job}, mine).first->second == mine);
      }
      for (const StartEvent& e : out.log.all<StartEvent>()) {
        const Duration actual = e.finish - e.time - e.setup;
        const TypeIndex type = s.platform.accelerators[e.accelerator].type;
        const auto [known, added] = times.emplace(std::tuple{e.task, e.job, e.layer, e.option, type}, actual);
        RC_ASSERT((known->second == actual));
      }
    }
  });
}

} // namespace
} // namespace terastal::testing
