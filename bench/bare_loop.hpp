#pragma once

#include <cstdint>
#include <queue>
#include <tuple>
#include <vector>

#include "support/neutral.hpp"

namespace terastal::bench {

/// What a run of the neutral workload amounts to.
struct NeutralAnswer {
  std::uint64_t segments = 0;
  std::uint64_t jobs = 0;
  std::uint64_t late = 0;
  double response_sum_ps = 0.0;
  std::int64_t makespan = 0;
};

/// The yardstick: the neutral workload under global EDF in a plain loop over two std::priority_queues. No interface, no
/// statistics beyond the answer, no legality checks. Our engine's speed is quoted as a ratio to it.
inline NeutralAnswer bare_loop(const testing::NeutralWorkload& w) {
  struct Job {
    std::int64_t release, deadline;
    std::uint32_t task, index, segment;
  };
  struct Event {
    std::int64_t time;
    std::uint32_t kind, task, job, slot; // kind 0: completion, 1: release
    bool operator>(const Event& o) const {
      return std::tie(time, kind, task, job) > std::tie(o.time, o.kind, o.task, o.job);
    }
  };
  struct Ready {
    std::int64_t deadline;
    std::uint32_t task, job, slot;
    bool operator>(const Ready& o) const { return std::tie(deadline, task, job) > std::tie(o.deadline, o.task, o.job); }
  };
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
  std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
  std::vector<Job> jobs;
  std::vector<std::uint32_t> free_slots;
  NeutralAnswer answer;
  std::size_t idle = w.accelerators;
  for (std::uint32_t t = 0; t < w.tasks.size(); ++t) {
    if (w.tasks[t].phase < w.horizon) events.push({w.tasks[t].phase, 1, t, 0, 0});
  }
  while (!events.empty()) {
    const std::int64_t now = events.top().time;
    while (!events.empty() && events.top().time == now) {
      const Event e = events.top();
      events.pop();
      if (e.kind == 0) {
        ++idle;
        ++answer.segments;
        Job& job = jobs[e.slot];
        if (++job.segment < w.tasks[job.task].segments.size()) {
          ready.push({job.deadline, job.task, job.index, e.slot});
        } else {
          ++answer.jobs;
          answer.late += now > job.deadline ? 1 : 0;
          answer.response_sum_ps += static_cast<double>(now - job.release);
          free_slots.push_back(e.slot);
        }
        continue;
      }
      const auto& task = w.tasks[e.task];
      std::uint32_t slot = 0;
      if (free_slots.empty()) {
        slot = static_cast<std::uint32_t>(jobs.size());
        jobs.emplace_back();
      } else {
        slot = free_slots.back();
        free_slots.pop_back();
      }
      jobs[slot] = {now, now + task.deadline, e.task, e.job, 0};
      ready.push({now + task.deadline, e.task, e.job, slot});
      if (now + task.period < w.horizon) events.push({now + task.period, 1, e.task, e.job + 1, 0});
    }
    while (idle > 0 && !ready.empty()) {
      const Ready r = ready.top();
      ready.pop();
      --idle;
      const Job& job = jobs[r.slot];
      events.push({now + w.tasks[job.task].segments[job.segment], 0, job.task, job.index, r.slot});
    }
    answer.makespan = now;
  }
  return answer;
}

} // namespace terastal::bench
