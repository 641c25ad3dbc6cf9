#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

// Mean waiting times of queues with Poisson arrivals against their formulas. The unit of time is the mean service time
// of 1 ms. At ρ = 0.8 and 10⁶ jobs the mean wait scatters by 0.5 % (M/D/1) to 1.4 % (M/M/4) from seed to seed, so 5 %
// is more than 3.5 standard errors; the seeds are fixed, so a test that passes keeps passing.
namespace terastal::testing {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kJobs = 5e5;
#else
constexpr double kJobs = 1e6;
#endif
constexpr double kTolerance = 0.05;

/// Waiting times per task, and the number of jobs in the system integrated over time.
class QueueObserver : public Observer {
 public:
  explicit QueueObserver(std::size_t tasks) : wait_(tasks), jobs_(tasks), release_(tasks) {}

  [[nodiscard]] unsigned interests() const override { return releases | starts | job_ends; }
  void on_release(const ReleaseEvent& e) override {
    advance(e.time);
    ++in_system_;
    release_[e.task].push_back(e.time);
  }
  void on_start(const StartEvent& e) override {
    wait_[e.task] += to_seconds(e.time - release_[e.task].at(e.job)) * 1e3;
    ++jobs_[e.task];
  }
  void on_job_end(const JobEndEvent& e) override {
    advance(e.time);
    --in_system_;
  }

  [[nodiscard]] double wait(TaskIndex task = 0) const { return wait_[task] / static_cast<double>(jobs_[task]); }
  [[nodiscard]] double mean_wait() const {
    double wait = 0.0;
    double jobs = 0.0;
    for (std::size_t t = 0; t < wait_.size(); ++t) {
      wait += wait_[t];
      jobs += static_cast<double>(jobs_[t]);
    }
    return wait / jobs;
  }
  /// ∫ jobs in the system dt, in job · ms.
  [[nodiscard]] double area() const { return static_cast<double>(area_ps_) * 1e-9; }

 private:
  void advance(Time now) {
    area_ps_ += static_cast<int128>(in_system_) * (now - now_).count();
    now_ = now;
  }

  std::vector<double> wait_;
  std::vector<std::uint64_t> jobs_;
  std::vector<std::vector<Time>> release_;
  std::int64_t in_system_ = 0;
  int128 area_ps_ = 0;
  Time now_{};
};

/// A class of jobs: arrivals per ms, service time in ms.
struct JobClass {
  double rate = 0.0;
  int service = 1;
};

Scenario queue(int servers, const std::vector<JobClass>& classes, ExecutionTimes execution = {},
               std::uint64_t seed = 1) {
  double rate = 0.0;
  for (const JobClass& c : classes) rate += c.rate;
  const auto in_ps = [](double ms) { return Duration{std::llround(ms * 1e9)}; };
  Scenario s = platform({{"server", servers}}, in_ps(kJobs / rate));
  s.seed = seed;
  for (const JobClass& c : classes) {
    const std::string name = "class" + std::to_string(s.tasks.size() + 1);
    const auto network = add_network(s, name, {{Duration{c.service * 1ms}}});
    Task& task =
        add_task(s, name, network, 3ms * static_cast<int>(s.tasks.size() + 1), PoissonArrivals{in_ps(1.0 / c.rate)});
    task.priority = static_cast<int>(s.tasks.size());
    task.execution = execution;
  }
  return s;
}

struct Observed {
  QueueObserver queue;
  RunResult result;
};

Observed observe(const Scenario& s, const std::string& policy) {
  validate(s);
  const auto scheduler = testing::known_policies().parse(policy).make();
  Simulator simulator(s, *scheduler);
  Observed out{QueueObserver(s.tasks.size()), {}};
  Metrics metrics(s);
  simulator.add_observer(out.queue);
  simulator.add_observer(metrics);
  simulator.run();
  out.result = metrics.result(simulator);
  return out;
}

ExecutionTimes noise(ExecutionTimes::Kind kind) {
  ExecutionTimes e;
  e.kind = kind;
  return e;
}
const ExecutionTimes kDeterministic = noise(ExecutionTimes::Kind::equal);
const ExecutionTimes kExponential = noise(ExecutionTimes::Kind::exponential);

void expect_close(double actual, double expected, const std::string& what) {
  EXPECT_NEAR(actual, expected, kTolerance * expected) << what;
}

/// Mean wait of M/M/c with mean service 1 (Erlang C).
double mmc_wait(int c, double rho) {
  const double offered = rho * c;
  double term = 1.0;
  double sum = 1.0;
  for (int k = 1; k < c; ++k) sum += term *= offered / k;
  term *= offered / c;
  const double all_busy = term / (1.0 - rho);
  return all_busy / (sum + all_busy) / (c - offered);
}

TEST(Queueing, FormulasGiveTheTabulatedValues) {
  EXPECT_NEAR(mmc_wait(1, 0.8), 4.0, 1e-9);
  EXPECT_NEAR(mmc_wait(2, 0.3), 0.0989, 5e-5);
  EXPECT_NEAR(mmc_wait(2, 0.8), 1.7778, 5e-5);
  EXPECT_NEAR(mmc_wait(4, 0.8), 0.7455, 5e-5);
}

class QueueingAtLoad : public ::testing::TestWithParam<double> {};

TEST_P(QueueingAtLoad, OneServerDeterministicService) {
  const double rho = GetParam();
  const Observed out = observe(queue(1, {{rho}}), "fcfs");
  expect_close(out.queue.wait(), rho / (2.0 * (1.0 - rho)), "M/D/1");
  EXPECT_NEAR(out.result.accelerators[0].utilisation, rho, 0.01) << "utilisation law";
  const auto& r = out.result.tasks[0].response;
  EXPECT_EQ(out.result.accelerators[0].busy, 1ms * r.count) << "busy exactly for what was served";
}

TEST_P(QueueingAtLoad, OneServerExponentialService) {
  const double rho = GetParam();
  const Observed out = observe(queue(1, {{rho}}, kExponential, 2), "fcfs");
  expect_close(out.queue.wait(), rho / (1.0 - rho), "M/M/1");
}

TEST_P(QueueingAtLoad, TwoAndFourServers) {
  const double rho = GetParam();
  expect_close(observe(queue(2, {{2.0 * rho}}, kExponential, 3), "edf").queue.wait(), mmc_wait(2, rho), "M/M/2");
  expect_close(observe(queue(4, {{4.0 * rho}}, kExponential, 4), "fcfs").queue.wait(), mmc_wait(4, rho), "M/M/4");
}

INSTANTIATE_TEST_SUITE_P(Rho, QueueingAtLoad, ::testing::Values(0.3, 0.5, 0.7, 0.8));

// Pollaczek and Khinchine: only the second moment of the service time matters.
TEST(Queueing, GeneralService) {
  const double rho = 0.7;
  ExecutionTimes uniform = noise(ExecutionTimes::Kind::uniform);
  uniform.low = 0.5;
  uniform.high = 1.5;
  expect_close(observe(queue(1, {{rho}}, uniform), "fcfs").queue.wait(), rho * (1.0 + 1.0 / 12.0) / (2.0 * (1.0 - rho)),
               "uniform service");
  ExecutionTimes lognormal = noise(ExecutionTimes::Kind::lognormal);
  lognormal.cv = 0.5;
  expect_close(observe(queue(1, {{rho}}, lognormal), "fcfs").queue.wait(), rho * 1.25 / (2.0 * (1.0 - rho)),
               "log-normal service");
}

TEST(Queueing, CobhamsPriorities) {
  const Observed out = observe(queue(1, {{0.3}, {0.4}}), "fp");
  expect_close(out.queue.wait(0), 0.5, "urgent class");
  expect_close(out.queue.wait(1), 5.0 / 3.0, "other class");
}

// Σ ρ·W is the same for every non-preemptive work-conserving order that does not look at actual service times.
TEST(Queueing, ConservationLaw) {
  for (const char* policy : {"fcfs", "fcfs:order=ready", "edf", "fp", "sjf", "llf", "dm", "rm", "dream", "terastal"}) {
    const Observed alike = observe(queue(1, {{0.3}, {0.4}}), policy);
    expect_close(0.3 * alike.queue.wait(0) + 0.4 * alike.queue.wait(1), 0.7 * 0.35 / 0.3, policy);
    const Observed sizes = observe(queue(1, {{0.4, 1}, {0.1, 4}}, kDeterministic, 5), policy);
    expect_close(0.4 * sizes.queue.wait(0) + 0.4 * sizes.queue.wait(1), 4.0, std::string(policy) + ", two sizes");
  }
}

TEST(Queueing, ShortestJobFirstHalvesTheWaitOfTwoSizes) {
  const Scenario s = queue(1, {{0.4, 1}, {0.1, 4}}, kDeterministic, 7);
  const Observed sjf = observe(s, "sjf");
  expect_close(sjf.queue.wait(0), 5.0 / 3.0, "short jobs");
  expect_close(sjf.queue.wait(1), 25.0 / 3.0, "long jobs");
  expect_close(sjf.queue.mean_wait(), 3.0, "all jobs");
  expect_close(observe(s, "fcfs").queue.mean_wait(), 5.0, "first come, first served");
}

// L = λ·W holds on every path that starts and ends empty: the area under the number in the system is the sum of the
// times in the system.
TEST(Queueing, LittlesLaw) {
  for (const char* policy : {"fcfs", "sjf", "edf"}) {
    const Observed out = observe(queue(2, {{1.0, 1}, {0.15, 4}}, kExponential), policy);
    double time_in_system = 0.0;
    for (const TaskResult& t : out.result.tasks) {
      time_in_system += t.response.mean_s * 1e3 * static_cast<double>(t.response.count);
    }
    EXPECT_NEAR(out.queue.area() / time_in_system, 1.0, 1e-9) << policy;
  }
}

} // namespace
} // namespace terastal::testing
