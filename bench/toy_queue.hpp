#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "terastal/experiment/run.hpp"
#include "terastal/workload/scenario.hpp"

// A queue with a known answer, to see whether intervals hold what they promise: jobs arrive at even distances at one
// server whose service times are exponential (D/M/1), first come, first served. In the steady state the time in the
// system is exponential with rate μ (1 − σ), where σ = exp(−(1 − σ) μ T) and T is the distance of arrivals (Kendall
// 1953). The number of jobs is fixed, so the share of late jobs of a run has exactly the mean P(time > deadline), but
// for what the empty start leaves after the warm-up.
namespace terastal::bench {

struct ToyQueue {
  double load = 0.7;          ///< ρ: mean service time / distance of arrivals
  double service_ms = 1.0;    ///< mean
  std::uint32_t jobs = 400;   ///< counted
  std::uint32_t before = 100; ///< not counted: the warm-up
};

/// σ, by iteration.
inline double sigma_of(const ToyQueue& queue) {
  double sigma = queue.load;
  for (int i = 0; i < 1000; ++i) sigma = std::exp(-(1.0 - sigma) / queue.load);
  return sigma;
}

/// Mean time in the system, ms.
inline double mean_response_ms(const ToyQueue& queue) { return queue.service_ms / (1.0 - sigma_of(queue)); }

/// The deadline that a job misses with a probability, ms.
inline double deadline_ms(const ToyQueue& queue, double miss) { return -mean_response_ms(queue) * std::log(miss); }

/// The queue as a scenario. `speed` divides the service times and nothing else.
inline Scenario toy_scenario(const ToyQueue& queue, double speed = 1.0) {
  const auto in_ps = [](double ms) { return Duration{std::llround(ms * 1e9)}; };
  Scenario s;
  s.name = "D/M/1";
  s.platform.name = "server";
  s.platform.types.resize(1);
  s.platform.types[0].name = "server";
  s.platform.accelerators = {{"server0", 0}};
  Network network;
  network.name = "service";
  network.type_count = 1;
  network.layers.resize(1);
  network.layers[0].name = "service";
  network.options.resize(1);
  network.latency = {in_ps(queue.service_ms / speed)};
  network.energy_nj = {0.0};
  finish_network(network);
  s.networks = {network};
  Task task;
  task.name = "jobs";
  const Duration gap = in_ps(queue.service_ms / queue.load);
  task.arrivals = PeriodicArrivals{gap, Duration::zero(), Duration::zero()};
  task.deadline = in_ps(deadline_ms(queue, 0.1));
  task.execution.kind = ExecutionTimes::Kind::exponential;
  s.tasks = {task};
  s.warm_up = gap * queue.before;
  s.horizon = gap * (queue.before + queue.jobs);
  return s;
}

/// What one run of the queue says.
struct ToyRun {
  double often = 0.0;       ///< share of jobs later than a deadline that one in 10 misses
  double rarely = 0.0;      ///< the same with one in 100
  double response_ms = 0.0; ///< mean
};

/// The exact means.
inline ToyRun toy_answer(const ToyQueue& queue) { return {0.1, 0.01, mean_response_ms(queue)}; }

/// Sums up the counted jobs.
class ToyObserver : public Observer {
 public:
  ToyObserver(const ToyQueue& queue, Duration warm_up)
      : often_(deadline_ms(queue, 0.1)), rarely_(deadline_ms(queue, 0.01)), warm_up_(warm_up) {}

  [[nodiscard]] unsigned interests() const override { return job_ends; }
  void on_job_end(const JobEndEvent& e) override {
    if (e.release < Time{warm_up_}) return;
    const double response = to_seconds(e.time - e.release) * 1e3;
    ++jobs_;
    sums_.response_ms += response;
    if (response > often_) sums_.often += 1.0;
    if (response > rarely_) sums_.rarely += 1.0;
  }

  [[nodiscard]] ToyRun result() const {
    const auto n = static_cast<double>(jobs_);
    return {sums_.often / n, sums_.rarely / n, sums_.response_ms / n};
  }

 private:
  double often_;
  double rarely_;
  Duration warm_up_;
  std::uint64_t jobs_ = 0;
  ToyRun sums_;
};

inline ToyRun run_toy(const ToyQueue& queue, const Scenario& scenario, const Policy& policy, std::uint64_t seed) {
  ToyObserver observer(queue, scenario.warm_up);
  RunOptions options;
  options.seed = seed;
  options.service.reset();
  options.observers = {&observer};
  (void)run(scenario, policy, options);
  return observer.result();
}

} // namespace terastal::bench
