#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "support/builders.hpp"

namespace terastal::testing {

using LoggedEvent =
    std::variant<ReleaseEvent, StartEvent, FinishEvent, StopEvent, SkipEvent, JobEndEvent, InstantEvent>;

/// Keeps the whole stream of events, in order.
class EventLog : public Observer {
 public:
  [[nodiscard]] unsigned interests() const override { return everything; }
  void on_release(const ReleaseEvent& e) override { events.emplace_back(e); }
  void on_start(const StartEvent& e) override { events.emplace_back(e); }
  void on_finish(const FinishEvent& e) override { events.emplace_back(e); }
  void on_stop(const StopEvent& e) override { events.emplace_back(e); }
  void on_skip(const SkipEvent& e) override { events.emplace_back(e); }
  void on_job_end(const JobEndEvent& e) override { events.emplace_back(e); }
  void on_instant(const InstantEvent& e) override { events.emplace_back(e); }

  /// All events of one kind.
  template <typename Event>
  [[nodiscard]] std::vector<Event> all() const {
    std::vector<Event> result;
    for (const LoggedEvent& e : events) {
      if (const auto* found = std::get_if<Event>(&e)) result.push_back(*found);
    }
    return result;
  }

  std::vector<LoggedEvent> events;
};

/// Tells an observer of one event.
inline void replay(const LoggedEvent& event, Observer& observer) {
  if (const auto* release = std::get_if<ReleaseEvent>(&event)) observer.on_release(*release);
  if (const auto* start = std::get_if<StartEvent>(&event)) observer.on_start(*start);
  if (const auto* finish = std::get_if<FinishEvent>(&event)) observer.on_finish(*finish);
  if (const auto* stop = std::get_if<StopEvent>(&event)) observer.on_stop(*stop);
  if (const auto* skip = std::get_if<SkipEvent>(&event)) observer.on_skip(*skip);
  if (const auto* end = std::get_if<JobEndEvent>(&event)) observer.on_job_end(*end);
  if (const auto* instant = std::get_if<InstantEvent>(&event)) observer.on_instant(*instant);
}

/// What the schedule checker finds in a stream of events.
inline std::vector<std::string> judge(const Scenario& s, const std::vector<LoggedEvent>& events, bool work_conserving,
                                      bool may_drop = false) {
  ScheduleChecker checker(s, {work_conserving, 20, may_drop});
  for (const LoggedEvent& e : events) replay(e, checker);
  checker.finish();
  return checker.errors();
}

/// A run with its events; nothing is judged.
struct LoggedRun {
  EventLog log;
  RunResult result;
  bool work_conserving = false;
  bool may_drop = false;
};

inline LoggedRun logged_run(const Scenario& s, Scheduler& scheduler) {
  LoggedRun out;
  out.work_conserving = scheduler.work_conserving();
  out.may_drop = scheduler.may_drop();
  Simulator simulator(s, scheduler);
  Metrics metrics(s, {true});
  simulator.add_observer(metrics);
  simulator.add_observer(out.log);
  simulator.run();
  out.result = metrics.result(simulator);
  return out;
}

inline LoggedRun logged_run(const Scenario& s, const std::string& policy) {
  const auto scheduler = testing::known_policies().parse(policy).make();
  return logged_run(s, *scheduler);
}

} // namespace terastal::testing
