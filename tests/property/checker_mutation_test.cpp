#include <algorithm>
#include <functional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "property/event_log.hpp"

// The schedule checker finds nothing in a legal stream of events, and finds every single thing that is done to it.
namespace terastal::testing {
namespace {

using Events = std::vector<LoggedEvent>;

/// Two types of accelerators, a diamond with a variant that is not valid, a chain that one type cannot run, a task
/// whose last job is dropped, transfers, switches and energies.
Scenario scenario() {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}}, 60ms);
  s.platform.types[0].model_switch = 1ms;
  s.platform.transfers.assign(4, Transfer{1ms, 0.0});
  const auto diamond =
      add_network(s, "diamond", {{2ms, 3ms}, {4ms, 3ms}, {2ms, 5ms}, {1ms, 2ms}}, {{}, {0}, {0}, {1, 2}});
  add_variant(s, diamond, 1, "thin", {4ms, 3ms});
  s.networks[diamond].accuracy = AccuracyModel::measured("top-1", 80.0, {{0, 80.0}, {1, 40.0}});
  const auto chain = add_network(s, "chain", {{2ms, 2ms}, {kCannotRun, 4ms}});
  for (auto& n : s.networks) n.energy_nj.assign(n.latency.size(), 7.0);
  add_task(s, "diamond", diamond, 40ms, PeriodicArrivals{20ms, 0ms, 0ms});
  add_task(s, "chain", chain, 30ms, PeriodicArrivals{15ms, 1ms, 0ms});
  add_task(s, "tight", chain, 3ms, releases({50ms})).late_jobs = LateJobs::drop_at_deadline;
  return s;
}

/// The first event of a kind that a condition holds for.
template <typename Event>
Events::iterator first(Events& events, const std::function<bool(const Event&)>& condition = {}) {
  const auto found = std::find_if(events.begin(), events.end(), [&](const LoggedEvent& e) {
    const auto* event = std::get_if<Event>(&e);
    return event != nullptr && (!condition || condition(*event));
  });
  if (found == events.end()) throw std::logic_error("the stream has no such event");
  return found;
}

template <typename Event>
Event& first_of(Events& events, const std::function<bool(const Event&)>& condition = {}) {
  return std::get<Event>(*first<Event>(events, condition));
}

struct Mutation {
  const char* name;
  const char* complaint; ///< part of what the checker must say
  std::function<void(Events&)> apply;

  friend void PrintTo(const Mutation& m, std::ostream* out) { *out << m.name; }
};

const auto dropped = [](const JobEndEvent& e) { return e.dropped; };
const auto completed = [](const JobEndEvent& e) { return !e.dropped; };
const auto later_layer = [](const StartEvent& e) { return e.layer > 0; };

/// The legal stream of a policy passes; what is done to it is found.
void expect_found(const Scenario& s, const std::string& policy, bool work_conserving, const Mutation& mutation) {
  const Events legal = logged_run(s, policy).log.events;
  ASSERT_EQ(judge(s, legal, work_conserving), std::vector<std::string>{});
  Events broken = legal;
  mutation.apply(broken);
  const auto errors = judge(s, broken, work_conserving);
  const bool found = std::any_of(errors.begin(), errors.end(),
                                 [&](const std::string& e) { return e.find(mutation.complaint) != std::string::npos; });
  EXPECT_TRUE(found) << ::testing::PrintToString(errors);
}

class Checker : public ::testing::TestWithParam<Mutation> {};

TEST_P(Checker, Finds) { expect_found(scenario(), "edf", true, GetParam()); }

const Mutation kMutations[] = {
    {"overlap", "is given a second layer",
     [](Events& e) {
       const StartEvent busy = first_of<StartEvent>(e);
       auto& second = first_of<StartEvent>(e, [&](const StartEvent& x) {
         return x.accelerator != busy.accelerator && x.time < busy.finish && x.time >= busy.time;
       });
       second.accelerator = busy.accelerator;
     }},
    {"too_long", "which is not its time", [](Events& e) { first_of<StartEvent>(e).finish += Duration{1}; }},
    {"too_short", "which is not its time", [](Events& e) { first_of<StartEvent>(e).finish -= Duration{1}; }},
    {"stopped_early", "does not finish when it was to",
     [](Events& e) { first_of<FinishEvent>(e).time -= Duration{1}; }},
    {"finish_missing", "is given a second layer", [](Events& e) { e.erase(first<FinishEvent>(e)); }},
    {"finish_twice", "that was not running there",
     [](Events& e) { e.insert(first<FinishEvent>(e), *first<FinishEvent>(e)); }},
    {"finish_elsewhere", "that was not running there", [](Events& e) { first_of<FinishEvent>(e).accelerator ^= 1U; }},
    {"start_missing", "that was not running there", [](Events& e) { e.erase(first<StartEvent>(e)); }},
    {"setup_forgotten", "where the platform says",
     [](Events& e) {
       auto& start = first_of<StartEvent>(e, [](const StartEvent& x) { return x.setup > Duration::zero(); });
       start.finish -= start.setup;
       start.setup = Duration{0};
     }},
    {"precedence", "starts before its predecessor",
     [](Events& e) {
       const auto start = first<StartEvent>(e, later_layer);
       const auto& s = std::get<StartEvent>(*start);
       const auto finish =
           first<FinishEvent>(e, [&](const FinishEvent& f) { return f.task == s.task && f.job == s.job; });
       std::rotate(finish, start, start + 1);
     }},
    {"layer_twice", "runs twice", [](Events& e) { first_of<StartEvent>(e, later_layer).layer = 0; }},
    {"before_release", "outside the job's life",
     [](Events& e) {
       const auto start = first<StartEvent>(e);
       std::rotate(e.begin(), start, start + 1);
     }},
    {"cannot_run", "which is not its time",
     [](Events& e) {
       first_of<StartEvent>(e, [](const StartEvent& s) { return s.task == 1 && s.layer == 1; }).accelerator = 0;
     }},
    {"invalid_set", "is not valid",
     [](Events& e) {
       ++first_of<StartEvent>(e, [](const StartEvent& s) { return s.task == 0 && s.layer == 1; }).option;
     }},
    {"foreign_option", "runs an option of another layer",
     [](Events& e) {
       first_of<StartEvent>(e, [](const StartEvent& s) { return s.task == 0 && s.layer == 0; }).option = 3;
     }},
    {"variants_of_job", "its variant set is not", [](Events& e) { first_of<JobEndEvent>(e).variants = 1; }},
    {"energy_of_job", "its energy is not", [](Events& e) { first_of<JobEndEvent>(e).energy_nj += 0.5; }},
    {"release_of_job", "its release or deadline changed",
     [](Events& e) { first_of<JobEndEvent>(e).release += Duration{1}; }},
    {"deadline_of_job", "its release or deadline changed",
     [](Events& e) { first_of<JobEndEvent>(e).deadline += Duration{1}; }},
    {"deadline_of_release", "the deadline is not",
     [](Events& e) { first_of<ReleaseEvent>(e).deadline += Duration{1}; }},
    {"released_twice", "released twice", [](Events& e) { e.insert(first<ReleaseEvent>(e), *first<ReleaseEvent>(e)); }},
    {"end_missing", "still in flight at the end", [](Events& e) { e.erase(first<JobEndEvent>(e)); }},
    {"end_twice", "ends twice", [](Events& e) { e.push_back(*first<JobEndEvent>(e)); }},
    {"end_too_soon", "completes with layers unfinished",
     [](Events& e) {
       const auto end = first<JobEndEvent>(e, completed);
       const auto finish = first<FinishEvent>(e, [&](const FinishEvent& f) {
         return f.task == std::get<JobEndEvent>(*end).task && f.job == std::get<JobEndEvent>(*end).job;
       });
       std::rotate(finish + 1, end, end + 1);
     }},
    {"dropped_after_all", "is dropped though all its layers",
     [](Events& e) { first_of<JobEndEvent>(e, completed).dropped = true; }},
    {"not_dropped", "completes with layers unfinished",
     [](Events& e) { first_of<JobEndEvent>(e, dropped).dropped = false; }},
    {"runs_after_drop", "outside the job's life",
     [](Events& e) {
       const auto& end = first_of<JobEndEvent>(e, dropped);
       e.push_back(StartEvent{end.time, end.time + 2ms, 0ms, end.task, end.job, 1, 1, 1});
     }},
    {"dropped_too_soon", "is dropped before its deadline",
     [](Events& e) {
       const auto end = first<JobEndEvent>(e, dropped);
       const auto release = first<ReleaseEvent>(e, [](const ReleaseEvent& r) { return r.task == 2; });
       std::get<JobEndEvent>(*end).time = std::get<ReleaseEvent>(*release).time;
       std::rotate(release + 1, end, end + 1);
     }},
    {"clock", "time goes back",
     [](Events& e) {
       const auto end = first<JobEndEvent>(e);
       std::rotate(e.begin(), end, end + 1);
     }},
};

INSTANTIATE_TEST_SUITE_P(Mutation, Checker, ::testing::ValuesIn(kMutations),
                         [](const auto& p) { return std::string(p.param.name); });

TEST(CheckerPromise, AnIdleAcceleratorBreaksIt) {
  const Scenario s = scenario();
  const Events waits = logged_run(s, "edf:placement=preferred_only").log.events;
  EXPECT_EQ(judge(s, waits, false), std::vector<std::string>{}) << "legal for a policy that promises nothing";
  const auto errors = judge(s, waits, true);
  ASSERT_FALSE(errors.empty());
  EXPECT_NE(errors.front().find("idles though layer"), std::string::npos) << errors.front();
}

TEST(CheckerPromise, AJobThatWaitsToBeDroppedHasNoReadyLayers) {
  // Two sources of which one runs past the deadline: the other one is gone although an accelerator is idle.
  Scenario s = platform({{"core", 1}, {"slow", 1}}, 50ms);
  const auto sources = add_network(s, "sources", {{8ms, kCannotRun}, {4ms, kCannotRun}, {1ms, 1ms}}, {{}, {}, {0, 1}});
  add_task(s, "t", sources, 10ms, releases({0ms})).late_jobs = LateJobs::drop_at_deadline;
  const LoggedRun out = logged_run(s, "edf");
  ASSERT_TRUE(out.work_conserving);
  EXPECT_EQ(judge(s, out.log.events, true), std::vector<std::string>{});
  const auto ends = out.log.all<JobEndEvent>();
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_TRUE(ends.front().dropped);
  EXPECT_EQ(ends.front().time, at(12ms)) << "the running layer is not aborted";
}

// -- fused pairs

/// Two tasks whose layers CD-MSA runs in pairs on one array.
Scenario scenario_with_pairs() {
  Scenario s = platform({{"array", 1}}, 20ms);
  s.platform.types[0].fusion = Fusion{100us};
  add_network(s, "sums", {{4ms}});
  add_network(s, "reads", {{3ms}});
  s.networks[0].fusion_parts = {{4ms, 1ms}};
  s.networks[1].fusion_parts = {{1ms, 3ms}};
  add_task(s, "sums", 0, 10ms, PeriodicArrivals{10ms, 0ms, 0ms});
  add_task(s, "reads", 1, 10ms, PeriodicArrivals{10ms, 0ms, 0ms});
  return s;
}

class CheckerOfPairs : public ::testing::TestWithParam<Mutation> {};

TEST_P(CheckerOfPairs, Finds) { expect_found(scenario_with_pairs(), "cd-msa", false, GetParam()); }

const auto of_pair = [](Fused which) { return [which](const StartEvent& e) { return e.fused == which; }; };

const Mutation kPairMutations[] = {
    {"alone", "is given a second layer",
     [](Events& e) { first_of<StartEvent>(e, of_pair(Fused::second)).fused = Fused::no; }},
    {"second_missing", "runs alone", [](Events& e) { e.erase(first<StartEvent>(e, of_pair(Fused::second))); }},
    {"first_missing", "is given a second layer",
     [](Events& e) { e.erase(first<StartEvent>(e, of_pair(Fused::first))); }},
    {"too_short", "a fused pair takes",
     [](Events& e) {
       first_of<StartEvent>(e, of_pair(Fused::first)).finish -= Duration{1};
       first_of<StartEvent>(e, of_pair(Fused::second)).finish -= Duration{1};
     }},
    {"not_together", "do not run together",
     [](Events& e) { first_of<StartEvent>(e, of_pair(Fused::second)).finish += Duration{1}; }},
    {"one_finish_missing", "still in flight",
     [](Events& e) {
       e.erase(first<FinishEvent>(e, [](const FinishEvent& f) { return f.task == 1; }));
       e.erase(first<JobEndEvent>(e, [](const JobEndEvent& j) { return j.task == 1; }));
     }},
    {"finish_order", "that was not running there",
     [](Events& e) { first_of<FinishEvent>(e, [](const FinishEvent& f) { return f.task == 1; }).task = 0; }},
};

INSTANTIATE_TEST_SUITE_P(Pairs, CheckerOfPairs, ::testing::ValuesIn(kPairMutations),
                         [](const ::testing::TestParamInfo<Mutation>& i) { return std::string(i.param.name); });

} // namespace
} // namespace terastal::testing
