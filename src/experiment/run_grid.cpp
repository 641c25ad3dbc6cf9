#include "experiment/run_grid.hpp"

#include <algorithm> // any_of, clamp
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "terastal/experiment/run.hpp"

namespace terastal {
namespace {

bool needs_service(const CompareOptions& options) {
  return std::any_of(options.chosen.begin(), options.chosen.end(), [](const MetricInfo* m) { return m->service; });
}

/// Hands out run numbers in ascending order and collects results; every thread works through `work`.
class Pool {
 public:
  Pool(const std::vector<const Scenario*>& scenarios, const std::vector<Policy>& policies,
       const CompareOptions& options)
      : scenarios_(scenarios), policies_(policies), options_(options) {
    grid_.shape = {scenarios.size(), policies.size(), options.replications};
    grid_.results.resize(grid_.shape.size());
  }

  void work() {
    const std::size_t total = grid_.shape.size();
    for (std::size_t i = next_++; i < total && going(); i = next_++) {
      try {
        auto result = std::make_unique<RunResult>(one_run(grid_.shape.index(i)));
        if (!result->complete) return;
        grid_.results[i] = std::move(result);
        report();
      } catch (...) {
        fail(i, std::current_exception());
        return;
      }
    }
  }

  /// Call when all threads are done.
  RunGrid take() {
    if (error_) std::rethrow_exception(error_);
    return std::move(grid_);
  }

 private:
  [[nodiscard]] bool going() const { return !failed_ && (!options_.keep_going || options_.keep_going()); }

  [[nodiscard]] RunResult one_run(RunIndex index) const {
    const Scenario& scenario = *scenarios_[index.scenario];
    RunOptions run_options;
    run_options.seed = options_.seed.value_or(scenario.seed) + index.replication;
    run_options.metrics = options_.metrics;
    if (!needs_service(options_)) run_options.service.reset();
    run_options.check_invariants = options_.check_invariants;
    if (options_.keep_going) run_options.keep_going = [this](Time) { return options_.keep_going(); };
    return run(scenario, policies_[index.policy], run_options);
  }

  void report() {
    const std::scoped_lock lock(mutex_);
    ++done_;
    if (options_.progress) options_.progress(done_, grid_.shape.size());
  }

  /// Lower-numbered runs are under way or done, so the smallest failing number is the same for any number of threads.
  void fail(std::size_t i, std::exception_ptr error) {
    const std::scoped_lock lock(mutex_);
    failed_ = true;
    if (error_ && error_at_ < i) return;
    error_ = std::move(error);
    error_at_ = i;
  }

  const std::vector<const Scenario*>& scenarios_;
  const std::vector<Policy>& policies_;
  const CompareOptions& options_;
  RunGrid grid_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::exception_ptr error_;
  std::size_t error_at_ = 0;
};

std::size_t thread_count(const CompareOptions& options, std::size_t runs) {
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t wanted = options.threads == 0 ? cores : options.threads;
  return std::clamp<std::size_t>(wanted, 1, std::max<std::size_t>(1, runs));
}

} // namespace

RunGrid run_grid(const std::vector<const Scenario*>& scenarios, const std::vector<Policy>& policies,
                 const CompareOptions& options) {
  Pool pool(scenarios, policies, options);
  {
    std::vector<std::jthread> others;
    const std::size_t threads = thread_count(options, scenarios.size() * policies.size() * options.replications);
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back([&pool] { pool.work(); });
    pool.work();
  }
  return pool.take();
}

} // namespace terastal
