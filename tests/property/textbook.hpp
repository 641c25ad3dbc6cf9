#pragma once

#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "support/builders.hpp"

// Builders for textbook task sets. One unit of time is 1 ms; preemptive tasks are chains of unit-length layers.
namespace terastal::testing {

/// `units` of textbook time; fractions of a unit down to a microsecond.
inline Duration units(double count) { return std::chrono::microseconds(static_cast<std::int64_t>(count * 1000.0)); }

/// Everything a textbook says of a job or task.
struct TextbookTask {
  double release = 0.0; ///< of the single job, or the phase
  int execution = 1;
  double deadline = 1.0; ///< relative
  double period = 0.0;   ///< 0: one job only
};

enum class Preemption { none, unit_layers };

/// The layers of a task on identical accelerators.
inline std::vector<std::vector<Duration>> layers_of(int execution, Preemption preemption) {
  if (preemption == Preemption::none) return {{units(execution)}};
  return std::vector<std::vector<Duration>>(static_cast<std::size_t>(execution), {units(1)});
}

/// Tasks on `cores` identical accelerators. Task i has priority i (smaller is more urgent).
inline Scenario textbook(const std::vector<TextbookTask>& tasks, Preemption preemption, double horizon, int cores = 1) {
  Scenario s = platform({{"core", cores}}, units(horizon));
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const std::string name = std::to_string(i + 1);
    const auto network = add_network(s, "network" + name, layers_of(tasks[i].execution, preemption));
    Arrivals arrivals = releases({units(tasks[i].release)});
    if (tasks[i].period > 0.0)
      arrivals = PeriodicArrivals{units(tasks[i].period), units(tasks[i].release), Duration{0}};
    add_task(s, "task" + name, network, units(tasks[i].deadline), arrivals).priority = static_cast<int>(i + 1);
  }
  return s;
}

/// A stretch of one accelerator's time: task (counted from 1, as textbooks do), start and end in units.
struct Segment {
  int task = 0;
  double start = 0.0;
  double end = 0.0;

  friend bool operator==(const Segment&, const Segment&) = default;
  friend void PrintTo(const Segment& s, std::ostream* out) { *out << s.task << '[' << s.start << ',' << s.end << ']'; }
};

/// Time in textbook units.
inline double in_units(Time t) { return static_cast<double>(to_ps(t)) / 1e9; }

/// What one accelerator ran, with adjacent layers of one task merged.
inline std::vector<Segment> segments(const Recorder& events, AcceleratorIndex accelerator = 0) {
  std::vector<Segment> trace;
  for (const StartEvent& e : events.started) {
    if (e.accelerator != accelerator) continue;
    const Segment next{static_cast<int>(e.task) + 1, in_units(e.time), in_units(e.finish)};
    if (!trace.empty() && trace.back().task == next.task && trace.back().end == next.start) {
      trace.back().end = next.end;
    } else {
      trace.push_back(next);
    }
  }
  return trace;
}

/// Finish times of the jobs of one task, by job.
inline std::vector<double> finishes(const Recorder& events, TaskIndex task) {
  std::vector<double> times;
  for (const auto& [id, time] : events.finish) {
    if (id.first == task) times.push_back(in_units(time));
  }
  return times;
}

/// Finish time of job 0 of every task.
inline std::vector<double> first_finishes(const Recorder& events, std::size_t tasks) {
  std::vector<double> times;
  for (TaskIndex t = 0; t < tasks; ++t) times.push_back(finishes(events, t).at(0));
  return times;
}

/// Largest response time of every task.
inline std::vector<double> worst_responses(const Recorder& events, std::size_t tasks) {
  std::vector<double> worst(tasks, 0.0);
  for (const JobEndEvent& e : events.ended) {
    worst[e.task] = std::max(worst[e.task], static_cast<double>((e.time - e.release).count()) / 1e9);
  }
  return worst;
}

/// Largest lateness (finish − deadline) over all jobs.
inline double max_lateness(const Recorder& events) {
  double worst = -1e300;
  for (const JobEndEvent& e : events.ended) {
    worst = std::max(worst, static_cast<double>((e.time - e.deadline).count()) / 1e9);
  }
  return worst;
}

inline int misses(const Recorder& events) {
  int count = 0;
  for (const JobEndEvent& e : events.ended) count += e.missed() ? 1 : 0;
  return count;
}

} // namespace terastal::testing
