#include <algorithm>
#include <cstdint>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "support/neutral.hpp"

// The workload on which six independent engines agree, and their answers: tests/oracle/README.md.
namespace terastal::testing {
namespace {

struct Answer {
  const char* file;
  const char* policy;
  std::uint64_t segments;
  std::uint64_t jobs;
  std::uint64_t late;
  double mean_response_us;  ///< printed to 1e-6
  std::int64_t makespan_ns; ///< printed in ms to 1e-6

  friend void PrintTo(const Answer& a, std::ostream* out) { *out << a.file << ' ' << a.policy; }
};

std::int64_t to_ns(Time t) { return (to_ps(t) + 500) / 1000; }

/// Sums up jobs without the library's own metrics.
class Tally : public Observer {
 public:
  [[nodiscard]] unsigned interests() const override { return starts | job_ends; }
  void on_start(const StartEvent&) override { ++segments; }
  void on_job_end(const JobEndEvent& e) override {
    ++jobs;
    if (e.time > e.deadline) ++late;
    response_ps += (e.time - e.release).count();
    last = std::max(last, e.time);
  }

  std::uint64_t segments = 0;
  std::uint64_t jobs = 0;
  std::uint64_t late = 0;
  int128 response_ps = 0;
  Time last{};
};

class Neutral : public ::testing::TestWithParam<Answer> {};

TEST_P(Neutral, AgreesWithSixOtherEngines) {
  const Answer& expected = GetParam();
  const Scenario s =
      neutral_scenario(read_neutral(TERASTAL_SOURCE_DIR "/tests/oracle/neutral/" + std::string(expected.file)));
  validate(s);
  const auto scheduler = testing::known_policies().parse(expected.policy).make();
  Simulator simulator(s, *scheduler);
  Tally tally;
  Metrics metrics(s);
  simulator.add_observer(tally);
  simulator.add_observer(metrics);
  ASSERT_TRUE(simulator.run());

  EXPECT_EQ(tally.segments, expected.segments);
  EXPECT_EQ(tally.jobs, expected.jobs);
  EXPECT_EQ(tally.late, expected.late);
  const double mean_us = static_cast<double>(tally.response_ps) / static_cast<double>(tally.jobs) * 1e-6;
  EXPECT_NEAR(mean_us, expected.mean_response_us, 0.51e-6);
  EXPECT_EQ(to_ns(tally.last), expected.makespan_ns);

  // The metrics say the same.
  const RunResult result = metrics.result(simulator);
  std::uint64_t completed = 0;
  std::uint64_t late = 0;
  double response_us = 0.0;
  for (const TaskResult& t : result.tasks) {
    completed += t.completed;
    late += t.late;
    response_us += t.response.mean_s * 1e6 * static_cast<double>(t.response.count);
  }
  EXPECT_EQ(result.layers_run, expected.segments);
  EXPECT_EQ(completed, expected.jobs);
  EXPECT_EQ(late, expected.late);
  EXPECT_NEAR(response_us / static_cast<double>(completed), expected.mean_response_us, 1e-6);
  EXPECT_EQ(to_ns(result.makespan), expected.makespan_ns);
}

INSTANTIATE_TEST_SUITE_P(
    Oracle, Neutral,
    ::testing::Values(Answer{"A.txt", "edf", 1000020, 50001, 15484, 2167.918837, 25508517572},
                      Answer{"A.txt", "fcfs:order=ready", 1000020, 50001, 17398, 2308.137670, 25507839020},
                      Answer{"B.txt", "edf", 999920, 49996, 0, 2020.907987, 1656743480},
                      Answer{"B.txt", "fcfs:order=ready", 999920, 49996, 0, 2052.222500, 1656743480}),
    [](const auto& p) {
      return std::string(p.param.file, 1) + (std::string(p.param.policy) == "edf" ? "_edf" : "_fcfs");
    });

// A small cousin, so that every event of the same rules passes the schedule checker.
TEST(NeutralRules, PassTheScheduleChecker) {
  NeutralWorkload w = read_neutral(TERASTAL_SOURCE_DIR "/tests/oracle/neutral/A.txt");
  w.horizon /= 200;
  const Scenario s = neutral_scenario(w);
  for (const char* policy : {"edf", "fcfs:order=ready"}) {
    const Outcome out = run(s, policy);
    EXPECT_GT(out.events.started.size(), 4000U);
  }
}

} // namespace
} // namespace terastal::testing
