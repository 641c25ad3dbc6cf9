#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "property/event_log.hpp"
#include "property/random_scenario.hpp"

// What happens to late jobs: nothing, a drop at the deadline, or a drop as soon as nothing can save them.
namespace terastal::testing {
namespace {

/// Drops the first job of task 0 as soon as it sees it, and runs the rest.
class DropsOne : public Scheduler {
 public:
  [[nodiscard]] std::string_view name() const override { return "drops one"; }
  void dispatch(const SystemView& view, Decisions& out) override {
    const ReadyId id = view.ready().front();
    if (view.job(id).task == 0 && view.job(id).index == 0) {
      out.drop(id);
    } else {
      out.start(id, view.original(id), view.idle().first(0));
    }
  }
};

TEST(DropAtDeadline, APolicyMayDropBeforeIt) {
  Scenario s = platform({{"core", 2}}, 100ms);
  const auto chain = add_network(s, "chain", {{2ms}, {2ms}, {2ms}});
  add_task(s, "dropped", chain, 10ms, releases({0ms})).late_jobs = LateJobs::drop_at_deadline;
  // After the deadline of the dropped job two jobs arrive at once: they must not share anything.
  add_task(s, "one", chain, 20ms, releases({20ms}));
  add_task(s, "two", chain, 20ms, releases({20ms}));
  DropsOne policy;
  const LoggedRun out = logged_run(s, policy);
  const auto ends = out.log.all<JobEndEvent>();
  ASSERT_EQ(ends.size(), 3U) << "one end a job";
  EXPECT_TRUE(ends[0].dropped);
  EXPECT_EQ(ends[0].time, at(0ms));
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_FALSE(ends[i].dropped);
    EXPECT_EQ(ends[i].time, at(26ms));
  }
}

TEST(DropAtDeadline, CompletionAtTheDeadlineIsInTime) {
  Scenario s = platform({{"core", 1}}, 100ms);
  const auto chain = add_network(s, "chain", {{2ms}, {3ms}});
  add_task(s, "just", chain, 5ms, releases({0ms})).late_jobs = LateJobs::drop_at_deadline;
  const Outcome in_time = run(s, "edf");
  EXPECT_FALSE(in_time.events.ended.at(0).missed());
  s.tasks[0].deadline -= Duration{1};
  const Outcome late = run(s, "edf");
  // Its last layer was running, and running layers are not aborted: it completes, late.
  EXPECT_FALSE(late.events.ended.at(0).dropped);
  EXPECT_TRUE(late.events.ended.at(0).late());
  s.tasks[0].deadline = 1ms;
  const Outcome dropped = run(s, "edf");
  EXPECT_TRUE(dropped.events.ended.at(0).dropped);
  EXPECT_EQ(dropped.events.ended.at(0).time, at(2ms)) << "when its first layer ends";
}

/// Smallest time from a layer to the end of a chain, trying every option whose set stays valid on every type.
Duration least_remaining(const Network& n, double theta, LayerIndex layer, VariantSet used, bool with_variants) {
  if (layer == n.layers.size()) return Duration{0};
  Duration best = kCannotRun;
  for (OptionIndex o = 0; o < (with_variants ? n.layers[layer].option_count : 1); ++o) {
    const OptionIndex option = n.layers[layer].first_option + o;
    const VariantSet added = n.options[option].variants;
    if (added != 0 && !n.accuracy.valid(used | added, theta)) continue;
    for (TypeIndex t = 0; t < n.type_count; ++t) {
      const Duration here = n.latency_of(option, t);
      if (here == kCannotRun) continue;
      best = std::min(best, here + least_remaining(n, theta, layer + 1, used | added, with_variants));
    }
  }
  return best;
}

/// Follows jobs of chains whose task drops hopeless ones: dropped exactly when nothing could save them.
class HopelessWatch : public Observer {
 public:
  HopelessWatch(const Scenario& s, bool with_variants) : scenario_(s), with_variants_(with_variants) {}

  [[nodiscard]] unsigned interests() const override { return everything; }
  void on_release(const ReleaseEvent& e) override {
    const bool watched =
        scenario_.tasks[e.task].late_jobs == LateJobs::drop_hopeless && scenario_.network_of(e.task).chain;
    if (watched) jobs_[{e.task, e.job}] = {e.deadline, 0, 0, false};
  }
  void on_start(const StartEvent& e) override {
    const auto found = jobs_.find({e.task, e.job});
    if (found == jobs_.end()) return;
    found->second.running = true;
    found->second.used |= scenario_.network_of(e.task).options[e.option].variants;
  }
  void on_finish(const FinishEvent& e) override {
    const auto found = jobs_.find({e.task, e.job});
    if (found == jobs_.end()) return;
    found->second.running = false;
    ++found->second.next;
  }
  void on_job_end(const JobEndEvent& e) override {
    const auto found = jobs_.find({e.task, e.job});
    if (found == jobs_.end()) return;
    if (e.dropped) {
      RC_ASSERT(hopeless(found->first.first, found->second, e.time));
      ++dropped;
    }
    jobs_.erase(found);
  }
  void on_instant(const InstantEvent& e) override {
    // A job that still waits was not hopeless when the scheduler was asked.
    for (const auto& [id, job] : jobs_) {
      if (!job.running) RC_ASSERT_FALSE(hopeless(id.first, job, e.time));
    }
  }

  std::size_t dropped = 0;

 private:
  struct Followed {
    Time deadline{};
    LayerIndex next = 0;
    VariantSet used = 0;
    bool running = false;
  };

  [[nodiscard]] bool hopeless(TaskIndex task, const Followed& job, Time now) const {
    const double theta = scenario_.tasks[task].theta;
    return job.deadline - now < least_remaining(scenario_.network_of(task), theta, job.next, job.used, with_variants_);
  }

  const Scenario& scenario_;
  bool with_variants_;
  std::map<std::pair<TaskIndex, JobIndex>, Followed> jobs_;
};

TEST(DropHopeless, DropsExactlyWhatNothingCanSave) {
  std::size_t dropped = 0;
  check_property(21, 400, [&] {
    Scenario s = random_scenario();
    for (Task& task : s.tasks) task.late_jobs = LateJobs::drop_hopeless;
    for (const char* label : {"edf", "sjf", "dream", "terastal", "terastal:variants=false"}) {
      const auto policy = testing::known_policies().parse(label).make();
      Simulator simulator(s, *policy);
      HopelessWatch watch(s, policy->uses_variants());
      simulator.add_observer(watch);
      simulator.run();
      dropped += watch.dropped;
    }
  });
  EXPECT_GT(dropped, 1000U) << "jobs were dropped";
}

} // namespace
} // namespace terastal::testing
