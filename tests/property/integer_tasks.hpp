#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <ostream>
#include <string>
#include <vector>

#include "support/builders.hpp"
#include "terastal/offline/analysis/layer_fixed_priority.hpp"
#include "terastal/offline/analysis/sequential_task.hpp"
#include "terastal/sched/list_scheduler.hpp"

// Small task sets in integer time, as the theory of schedulability writes them, and their simulated schedules. One unit
// is 1 ps.
namespace terastal::testing {

/// A periodic task: a chain of layers that are not preempted, each on one of a few single accelerators.
struct IntegerTask {
  std::int64_t period = 1;
  std::int64_t deadline = 1;
  std::vector<std::int64_t> layers;
  std::vector<std::size_t> accelerators = {}; ///< of the layers; empty: all on the first
  std::int64_t jitter = 0;

  [[nodiscard]] std::int64_t execution() const {
    return std::accumulate(layers.begin(), layers.end(), std::int64_t{0});
  }
  [[nodiscard]] std::int64_t longest() const { return *std::max_element(layers.begin(), layers.end()); }
  [[nodiscard]] std::size_t accelerator(std::size_t layer) const {
    return accelerators.empty() ? 0 : accelerators[layer];
  }

  friend void PrintTo(const IntegerTask& t, std::ostream* out) {
    *out << "(T " << t.period << " D " << t.deadline << " J " << t.jitter << " layers";
    for (std::size_t l = 0; l < t.layers.size(); ++l) *out << ' ' << t.layers[l] << '@' << t.accelerator(l);
    *out << ')';
  }
};
using TaskSet = std::vector<IntegerTask>;
using Offsets = std::vector<std::int64_t>;

inline std::int64_t hyperperiod(const TaskSet& tasks) {
  std::int64_t h = 1;
  for (const auto& t : tasks) h = std::lcm(h, t.period);
  return h;
}

/// U ≤ 1, without rounding.
inline bool fits_utilisation(const TaskSet& tasks) {
  const std::int64_t h = hyperperiod(tasks);
  std::int64_t demand = 0;
  for (const auto& t : tasks) demand += h / t.period * t.execution();
  return demand <= h;
}

inline std::vector<SequentialTask> sequential(const TaskSet& tasks) {
  std::vector<SequentialTask> result;
  for (const auto& t : tasks) {
    result.push_back({Duration{t.execution()}, Duration{t.period}, Duration{t.deadline}, Duration{t.jitter},
                      Duration{t.longest()}, Duration{t.layers.back()}});
  }
  return result;
}

inline std::vector<LayerTask> layered(const TaskSet& tasks) {
  std::vector<LayerTask> result;
  for (const auto& t : tasks) {
    LayerTask task{Duration{t.period}, Duration{t.deadline}, {}, Duration{t.jitter}};
    for (std::size_t l = 0; l < t.layers.size(); ++l) task.layers.push_back({t.accelerator(l), Duration{t.layers[l]}});
    result.push_back(task);
  }
  return result;
}

/// The same tasks as chains of layers of one unit: preempted anywhere, if all that happens does so at whole units.
inline TaskSet in_unit_layers(TaskSet tasks) {
  for (auto& t : tasks) t.layers.assign(static_cast<std::size_t>(t.execution()), 1);
  return tasks;
}

/// What a simulated schedule shows, by task.
struct Observed {
  std::vector<std::int64_t> response;
  std::int64_t lateness = INT64_MIN; ///< largest over all jobs
};

class WorstTimes : public Observer {
 public:
  explicit WorstTimes(std::size_t tasks) { observed.response.assign(tasks, 0); }
  [[nodiscard]] unsigned interests() const override { return job_ends; }
  void on_job_end(const JobEndEvent& e) override {
    observed.response[e.task] = std::max<std::int64_t>(observed.response[e.task], (e.time - e.release).count());
    observed.lateness = std::max<std::int64_t>(observed.lateness, (e.time - e.deadline).count());
  }

  Observed observed;
};

/// Runs the tasks with these first releases; task i has priority i. Releases stop two hyperperiods after the last first
/// release, and a longest deadline later.
inline Observed simulate(const TaskSet& tasks, const Offsets& offsets, PriorityRule rule, std::size_t accelerators = 1,
                         std::uint64_t seed = 1) {
  std::int64_t end = *std::max_element(offsets.begin(), offsets.end()) + 2 * hyperperiod(tasks);
  for (const auto& t : tasks) end = std::max(end, t.deadline + 2 * hyperperiod(tasks));
  Scenario s = platform({}, Duration{end});
  s.seed = seed;
  for (std::size_t a = 0; a < accelerators; ++a) {
    AcceleratorType type;
    type.name = "core" + std::to_string(a);
    s.platform.types.push_back(type);
    s.platform.accelerators.push_back({type.name, static_cast<TypeIndex>(a)});
  }
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    std::vector<std::vector<Duration>> layers;
    for (std::size_t l = 0; l < tasks[i].layers.size(); ++l) {
      layers.emplace_back(accelerators, kCannotRun);
      layers.back()[tasks[i].accelerator(l)] = Duration{tasks[i].layers[l]};
    }
    const auto network = add_network(s, "n", layers);
    add_task(s, "t", network, Duration{tasks[i].deadline},
             PeriodicArrivals{Duration{tasks[i].period}, Duration{offsets[i]}, Duration{tasks[i].jitter}})
        .priority = static_cast<int>(i);
  }
  ListScheduler scheduler("list", rule, Placement::fastest_idle);
  Simulator simulator(s, scheduler);
  WorstTimes observer(tasks.size());
  simulator.add_observer(observer);
  simulator.run();
  return observer.observed;
}

/// Calls `check(offsets)` for all integer offsets until it returns false.
template <typename Check>
void for_all_offsets(const TaskSet& tasks, Check check) {
  Offsets offsets(tasks.size(), 0);
  for (;;) {
    if (!check(offsets)) return;
    std::size_t i = 0;
    while (i < tasks.size() && ++offsets[i] == tasks[i].period) offsets[i++] = 0;
    if (i == tasks.size()) return;
  }
}

/// Uniform in [low, high].
inline std::int64_t between(RandomStream& random, std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low + 1)));
}

/// All zero, or random ones.
inline Offsets some_offsets(const TaskSet& tasks, RandomStream& random, bool synchronous) {
  Offsets offsets;
  for (const auto& t : tasks) offsets.push_back(synchronous ? 0 : between(random, 0, t.period - 1));
  return offsets;
}

/// 2 to 4 tasks, chains of 1 to 4 layers; deadlines up to `reach` times the period.
inline TaskSet random_layered_set(RandomStream& random, std::int64_t reach = 1, bool with_jitter = false) {
  constexpr std::int64_t kPeriods[] = {8, 10, 12, 15, 20, 24, 30, 40, 60};
  TaskSet tasks(static_cast<std::size_t>(between(random, 2, 4)));
  for (auto& t : tasks) {
    t.period = kPeriods[random.below(std::size(kPeriods))];
    for (std::int64_t l = between(random, 1, 4); l > 0; --l) t.layers.push_back(between(random, 1, 4));
    t.deadline = between(random, std::min(t.execution(), t.period), reach * t.period);
    if (with_jitter) t.jitter = between(random, 0, t.period / 2);
  }
  return tasks;
}

} // namespace terastal::testing
