#include "terastal/experiment/throughput.hpp"

#include <algorithm> // min, max, clamp
#include <cmath>     // sqrt
#include <string>
#include <utility>

#include "experiment/run_grid.hpp"
#include "terastal/core/error.hpp"
#include "terastal/workload/scale_rates.hpp"

namespace terastal {
namespace {

void check(const ThroughputOptions& o) {
  std::vector<Diagnostic> problems;
  const auto require = [&](bool holds, const char* what) {
    if (!holds) problems.push_back({{}, 0, 0, what});
  };
  require(o.qos > 0.0 && o.qos <= 1.0, "qos must lie in (0, 1]");
  require(o.min_scale > 0.0 && o.min_scale <= o.max_scale && o.max_scale <= 1e9,
          "the range of factors must satisfy 0 < smallest ≤ largest ≤ 1e9");
  require(o.tolerance >= 1e-6 && o.tolerance <= 1.0, "the tolerance must lie in [1e-6, 1]");
  require(o.replications >= 1, "at least one replication is needed");
  if (!problems.empty()) throw InputError(std::move(problems));
}

/// Jobs of one task over all replications.
struct Share {
  std::uint64_t jobs = 0;
  std::uint64_t in_time = 0;

  [[nodiscard]] double value() const {
    return jobs == 0 ? 1.0 : static_cast<double>(in_time) / static_cast<double>(jobs);
  }
};

class Search {
 public:
  Search(const Scenario& scenario, const Policy& policy, const ThroughputOptions& options)
      : scenario_(scenario), policy_({policy}), options_(options) {
    result_.policy = policy.label;
  }

  ThroughputResult run() {
    if (bracket()) {
      narrow();
      look_around();
    }
    if (stopped_) result_.end = ThroughputEnd::stopped;
    find_reversals();
    return std::move(result_);
  }

 private:
  /// Doubles or halves the factor until one is served and one is not. False when the range ends first.
  bool bracket() {
    double scale = std::clamp(1.0, options_.min_scale, options_.max_scale);
    while (probe(scale)) {
      if (result_.bound && result_.too_much) return true;
      if (result_.bound) {
        if (scale >= options_.max_scale) return end(ThroughputEnd::above_max);
        scale = std::min(options_.max_scale, scale * 2.0);
      } else {
        if (scale <= options_.min_scale) return end(ThroughputEnd::below_min);
        scale = std::max(options_.min_scale, scale / 2.0);
      }
    }
    return false;
  }

  void narrow() {
    for (;;) {
      const double low = result_.bound->scale;
      const double high = result_.too_much->scale;
      const double middle = std::sqrt(low * high);
      // The second condition: the numbers in between have run out.
      if (high <= low * (1.0 + options_.tolerance) || !(middle > low && middle < high)) return;
      if (!probe(middle)) return;
    }
  }

  bool end(ThroughputEnd how) {
    result_.end = how;
    return false;
  }

  /// Tries factors below the bound and above what was too much, where the search had no reason to look.
  void look_around() {
    constexpr double step = 1.15;
    if (stopped_) return;
    double low = result_.bound->scale;
    double high = result_.too_much->scale;
    for (std::size_t i = 0; i < options_.checks; ++i) {
      double& scale = i % 2 == 0 ? low : high;
      scale = i % 2 == 0 ? scale / step : scale * step;
      if (scale < options_.min_scale || scale > options_.max_scale) continue;
      if (!measure(scale)) return;
    }
  }

  /// Tries a factor and moves the bound. False when it was interrupted.
  bool probe(double scale) {
    if (!measure(scale)) return false;
    const ThroughputProbe& p = result_.probes.back();
    (p.enough ? result_.bound : result_.too_much) = p;
    return true;
  }

  /// Tries a factor. False when it was interrupted.
  bool measure(double scale) {
    if (options_.progress) options_.progress(result_.probes.size() + 1, scale);
    const Scenario scaled = scale_rates(scenario_, scale);
    const RunGrid grid = run_grid({&scaled}, policy_, grid_options());
    for (const auto& run : grid.results) {
      if (!run) {
        stopped_ = true;
        return false;
      }
    }
    result_.probes.push_back(sum_up(grid, scale));
    return true;
  }

  [[nodiscard]] CompareOptions grid_options() const {
    CompareOptions grid;
    grid.seed = options_.seed;
    grid.replications = options_.replications;
    grid.threads = options_.threads;
    grid.keep_going = options_.keep_going;
    return grid;
  }

  [[nodiscard]] ThroughputProbe sum_up(const RunGrid& grid, double scale) const {
    Share all;
    std::vector<Share> tasks(scenario_.tasks.size());
    for (const auto& run : grid.results) {
      for (std::size_t t = 0; t < tasks.size(); ++t) {
        const TaskResult& task = run->tasks[t];
        tasks[t].jobs += task.released;
        tasks[t].in_time += task.completed - task.late;
      }
    }
    double worst = 1.0;
    for (const Share& task : tasks) {
      all.jobs += task.jobs;
      all.in_time += task.in_time;
      worst = std::min(worst, task.value());
    }
    const double seconds = to_seconds(scenario_.horizon - scenario_.warm_up) * static_cast<double>(grid.results.size());
    ThroughputProbe p;
    p.scale = scale;
    p.jobs = all.jobs;
    p.in_time = options_.criterion == ThroughputCriterion::jobs ? all.value() : worst;
    p.jobs_per_s = seconds > 0.0 ? static_cast<double>(all.jobs) / seconds : 0.0;
    p.enough = p.in_time >= options_.qos;
    return p;
  }

  void find_reversals() {
    const auto& probes = result_.probes;
    for (std::size_t i = 0; i < probes.size(); ++i) {
      for (std::size_t j = 0; j < probes.size(); ++j) {
        if (!probes[i].enough && probes[j].enough && probes[j].scale > probes[i].scale) {
          result_.reversals.emplace_back(i, j);
        }
      }
    }
  }

  const Scenario& scenario_;
  std::vector<Policy> policy_;
  const ThroughputOptions& options_;
  ThroughputResult result_;
  bool stopped_ = false;
};

} // namespace

ThroughputResult latency_bounded_throughput(const Scenario& scenario, const Policy& policy,
                                            const ThroughputOptions& options) {
  check(options);
  return Search(scenario, policy, options).run();
}

const char* to_string(ThroughputEnd end) {
  switch (end) {
  case ThroughputEnd::bounded:
    return "bounded";
  case ThroughputEnd::below_min:
    return "below_min";
  case ThroughputEnd::above_max:
    return "above_max";
  case ThroughputEnd::stopped:
    break;
  }
  return "stopped";
}

const char* to_string(ThroughputCriterion criterion) {
  return criterion == ThroughputCriterion::jobs ? "jobs" : "worst_task";
}

} // namespace terastal
