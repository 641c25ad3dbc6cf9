#pragma once

#include <algorithm> // max, min, sort
#include <cmath>     // llround
#include <cstddef>
#include <cstdint>
#include <numeric> // gcd
#include <string>
#include <utility> // move
#include <vector>

#include "terastal/core/error.hpp"
#include "terastal/core/random.hpp"
#include "terastal/core/time.hpp"
#include "terastal/core/units.hpp"
#include "terastal/offline/lalarand/baselines.hpp"
#include "terastal/offline/lalarand/problem.hpp"
#include "terastal/workload/scenario.hpp"

namespace terastal {

/// How random task sets look. The periods are those of LaLaRAND's harness; how sets are drawn is our reading.
struct TaskSetOptions {
  std::size_t fewest_tasks = 10;
  std::size_t most_tasks = 12;
  Duration shortest_period = std::chrono::milliseconds(300); ///< a multiple of `grid`
  Duration longest_period = std::chrono::milliseconds(500);  ///< likewise
  Duration grid = std::chrono::milliseconds(50);             ///< periods are multiples of it
  Duration longest_run = std::chrono::seconds(42);           ///< horizon: one hyperperiod, but not longer than this
};

/// A vector with this sum, each element within its bounds, uniform among all such vectors: the law of UUniFast (Bini
/// and Buttazzo 2005) with vectors outside the bounds discarded, which would take millions of draws here. Drawn by 100
/// rounds of random exchanges between pairs. Precondition: the sum lies between those of the bounds.
[[nodiscard]] std::vector<double> draw_bounded_sum(double sum, const std::vector<double>& low,
                                                   const std::vector<double>& high, RandomStream& random);

/// Draws task sets over the networks of a scenario's tasks.
///
/// The number of tasks is uniform, each takes the network, threshold and weight of one of the scenario's tasks,
/// uniform. Utilisations, time of all layers on the GPU over period, are uniform with the given sum among those whose
/// periods, rounded to the grid, are allowed. Mixes of networks that cannot have that sum are drawn again. Deadlines
/// are periods, priorities rate monotonic, all tasks start at 0, late jobs run on.
class TaskSetSource {
 public:
  /// \throws InputError if the options contradict each other.
  TaskSetSource(const Scenario& pool, const TaskSetOptions& options);

  /// Smallest and largest sum of utilisations that sets can have.
  [[nodiscard]] double smallest() const;
  [[nodiscard]] double largest() const;

  /// One task set. The same arguments give the same set. \throws InputError if no mix of networks has this utilisation.
  [[nodiscard]] Scenario draw(double utilisation, RandomStream random) const;

  /// Sum of utilisations of a set, as its rounded periods make it.
  [[nodiscard]] double utilisation(const Scenario& set) const;

 private:
  [[nodiscard]] Scenario build(const std::vector<TaskIndex>& mix, const std::vector<double>& utilisations) const;

  const Scenario* pool_;
  TaskSetOptions options_;
  std::vector<Duration> gpu_time_; ///< by task of the pool
  std::vector<double> low_;        ///< by task of the pool: smallest utilisation
  std::vector<double> high_;
};

/// Least common multiple of the periods of periodic tasks; `longest` if it is longer than that.
[[nodiscard]] Duration hyperperiod(const Scenario& scenario, Duration longest);

// -- implementation

inline std::vector<double> draw_bounded_sum(double sum, const std::vector<double>& low, const std::vector<double>& high,
                                            RandomStream& random) {
  constexpr std::size_t kRounds = 100;
  double low_sum = 0.0;
  double high_sum = 0.0;
  for (std::size_t i = 0; i < low.size(); ++i) {
    low_sum += low[i];
    high_sum += high[i];
  }
  const double share = high_sum > low_sum ? std::clamp((sum - low_sum) / (high_sum - low_sum), 0.0, 1.0) : 0.0;
  std::vector<double> result;
  for (std::size_t i = 0; i < low.size(); ++i) result.push_back(low[i] + share * (high[i] - low[i]));
  if (result.size() < 2) return result;
  for (std::size_t step = 0; step < kRounds * result.size(); ++step) {
    const std::size_t i = random.below(result.size());
    std::size_t j = random.below(result.size() - 1);
    j += j >= i ? 1 : 0;
    const double both = result[i] + result[j];
    const double least = std::max(low[i], both - high[j]);
    const double most = std::min(high[i], both - low[j]);
    if (!(least < most)) continue;
    result[i] = least + (most - least) * random.uniform();
    result[j] = both - result[i];
  }
  return result;
}

inline TaskSetSource::TaskSetSource(const Scenario& pool, const TaskSetOptions& options)
    : pool_(&pool), options_(options) {
  const auto refuse = [](const std::string& text) { throw InputError(text); };
  if (options.fewest_tasks < 1 || options.most_tasks < options.fewest_tasks) refuse("task sets need at least one task");
  if (options.grid <= Duration::zero()) refuse("the grid of periods must be above zero");
  if (options.shortest_period <= Duration::zero() || options.longest_period < options.shortest_period) {
    refuse("the shortest period must be above zero and at most the longest");
  }
  if (options.shortest_period % options.grid != Duration::zero() ||
      options.longest_period % options.grid != Duration::zero()) {
    refuse("the shortest and the longest period must be multiples of the grid, " + format_duration(options.grid));
  }
  const AllocationProblem problem = allocation_problem(pool, RankRule::rate_monotonic, false);
  const Allocation on_gpu = allocate_all_gpu(problem);
  const double half_grid = to_seconds(options.grid) / 2.0;
  for (TaskIndex t = 0; t < pool.tasks.size(); ++t) {
    Duration time{0};
    for (const LayerPlace& place : on_gpu[t]) {
      time = checked_add(time, pool.network_of(t).latency_of(place.option, place.type));
    }
    gpu_time_.push_back(time);
    low_.push_back(to_seconds(time) / (to_seconds(options.longest_period) + half_grid));
    high_.push_back(to_seconds(time) / (to_seconds(options.shortest_period) - half_grid));
  }
}

inline double TaskSetSource::smallest() const {
  return static_cast<double>(options_.fewest_tasks) * *std::min_element(low_.begin(), low_.end());
}

inline double TaskSetSource::largest() const {
  return static_cast<double>(options_.most_tasks) * *std::max_element(high_.begin(), high_.end());
}

inline Scenario TaskSetSource::draw(double utilisation, RandomStream random) const {
  constexpr int kMostMixes = 100'000;
  for (int attempt = 0; attempt < kMostMixes; ++attempt) {
    const std::size_t tasks =
        options_.fewest_tasks + random.below(options_.most_tasks - options_.fewest_tasks + std::uint64_t{1});
    std::vector<TaskIndex> mix;
    std::vector<double> low;
    std::vector<double> high;
    double low_sum = 0.0;
    double high_sum = 0.0;
    for (std::size_t i = 0; i < tasks; ++i) {
      mix.push_back(static_cast<TaskIndex>(random.below(gpu_time_.size())));
      low.push_back(low_[mix.back()]);
      high.push_back(high_[mix.back()]);
      low_sum += low.back();
      high_sum += high.back();
    }
    if (low_sum > utilisation || high_sum < utilisation) continue;
    return build(mix, draw_bounded_sum(utilisation, low, high, random));
  }
  throw InputError("no mix of networks has a utilisation of " + format_number(utilisation) +
                   "; sets of these sizes and periods lie between " + format_number(smallest()) + " and " +
                   format_number(largest()));
}

inline Scenario TaskSetSource::build(const std::vector<TaskIndex>& mix, const std::vector<double>& utilisations) const {
  Scenario set;
  set.name = pool_->name;
  set.platform = pool_->platform;
  set.networks = pool_->networks;
  set.seed = pool_->seed;
  for (std::size_t i = 0; i < mix.size(); ++i) {
    Task task = pool_->tasks[mix[i]];
    const double steps = to_seconds(gpu_time_[mix[i]]) / utilisations[i] / to_seconds(options_.grid);
    const Duration period = std::clamp(options_.grid * static_cast<Duration::rep>(std::llround(steps)),
                                       options_.shortest_period, options_.longest_period);
    task.arrivals = PeriodicArrivals{period, Duration::zero(), Duration::zero()};
    task.deadline = period;
    task.parent.reset();
    task.firm.reset();
    task.late_jobs = LateJobs::run_on;
    set.tasks.push_back(std::move(task));
  }
  const auto period = [](const Task& t) { return std::get<PeriodicArrivals>(t.arrivals).period; };
  std::stable_sort(set.tasks.begin(), set.tasks.end(),
                   [&](const Task& a, const Task& b) { return period(a) < period(b); });
  for (std::size_t i = 0; i < set.tasks.size(); ++i) {
    set.tasks[i].priority = static_cast<int>(i) + 1;
    set.tasks[i].name += "_" + std::to_string(i + 1);
  }
  set.horizon = hyperperiod(set, options_.longest_run);
  return set;
}

inline double TaskSetSource::utilisation(const Scenario& set) const {
  double sum = 0.0;
  for (const Task& task : set.tasks) {
    for (TaskIndex t = 0; t < pool_->tasks.size(); ++t) {
      if (pool_->tasks[t].network != task.network) continue;
      sum += to_seconds(gpu_time_[t]) / to_seconds(std::get<PeriodicArrivals>(task.arrivals).period);
      break;
    }
  }
  return sum;
}

inline Duration hyperperiod(const Scenario& scenario, Duration longest) {
  Duration result{1};
  for (const Task& task : scenario.tasks) {
    const auto* periodic = std::get_if<PeriodicArrivals>(&task.arrivals);
    if (periodic == nullptr) continue;
    const Duration::rep step = periodic->period.count() / std::gcd(result.count(), periodic->period.count());
    if (result.count() > longest.count() / step) return longest;
    result *= step;
  }
  return std::min(result, longest);
}

} // namespace terastal
