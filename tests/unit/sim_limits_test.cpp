#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"

namespace terastal {
namespace {

using namespace testing;

constexpr Duration kAlmostTheEnd = Duration::max() - Duration{1'000'000};

void expect_simulation_error(const Scenario& s, const std::string& part) {
  const auto scheduler = testing::known_policies().parse("fcfs").make();
  try {
    Simulator simulator(s, *scheduler);
    simulator.run();
    ADD_FAILURE() << "no error, expected: " << part;
  } catch (const SimulationError& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

Scenario one_task(Duration latency, Duration deadline, Duration release) {
  Scenario s = platform({{"gpu", 1}}, Duration::max());
  add_task(s, "a", add_network(s, "net", {{latency}}), deadline, releases({release}));
  return s;
}

TEST(Limits, ClockMayRunToItsEnd) {
  const Outcome out = run(one_task(Duration{1'000'000}, Duration{1'000'000}, kAlmostTheEnd), "fcfs");
  EXPECT_EQ(out.result.makespan, Time{Duration::max()});
  EXPECT_EQ(out.result.tasks[0].late, 0U);
}

TEST(Limits, FinishBeyondTheClockIsAnError) {
  expect_simulation_error(one_task(Duration{1'000'001}, Duration{1'000'000}, kAlmostTheEnd), "clock overflows");
}

TEST(Limits, DeadlineBeyondTheClockIsAnError) {
  expect_simulation_error(one_task(Duration{1}, Duration{1'000'001}, kAlmostTheEnd), "clock overflows");
}

TEST(Limits, LayersThatAddUpBeyondTheClockAreAnError) {
  Scenario s = platform({{"gpu", 1}}, 1s);
  add_task(s, "a", add_network(s, "net", {{24h * 60}, {24h * 60}}), 1s, releases({0ms}));
  expect_simulation_error(s, "clock overflows");
}

TEST(Limits, NoiseBeyondTheClockIsAnError) {
  Scenario s = one_task(24h * 100, 1s, 0ms);
  s.tasks[0].execution = {ExecutionTimes::Kind::uniform, 2.0, 2.0};
  expect_simulation_error(s, "clock overflows");
}

TEST(Limits, SetupBeyondTheClockIsAnError) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}}, 1s);
  s.platform.transfers = {{}, {0ms, 1.0}, {}, {}};
  const auto net = add_network(s, "net", {{1ms, kCannotRun}, {kCannotRun, 1ms}});
  s.networks[net].layers[0].output_bytes = 10'000'000; // at one byte per second: 115 days
  add_task(s, "a", net, 1s, releases({0ms}));
  expect_simulation_error(s, "clock overflows");
}

TEST(Limits, TooManyTasks) {
  Scenario s = one_task(1ms, 1s, 0ms);
  s.tasks.resize(8192, s.tasks[0]);
  expect_simulation_error(s, "more than 8191 tasks");
}

TEST(Limits, AsManyTasksAsAllowed) {
  Scenario s = platform({{"gpu", 1}}, 1s);
  add_task(s, "a", add_network(s, "net", {{1us}}), 1s, releases({0ms}));
  s.tasks.resize(8191, s.tasks[0]);
  const Outcome out = run(s, "fcfs");
  EXPECT_EQ(out.events.ended.size(), 8191U);
  EXPECT_EQ(out.events.ended.back().task, 8190U);
  EXPECT_EQ(out.result.makespan, at(8191us));
}

// A release each picosecond against a layer of a second: the queue grows to 2^20 jobs, then the run ends with advice.
TEST(Limits, TooManyJobsInFlight) {
  Scenario s = platform({{"gpu", 1}}, 1s);
  add_task(s, "a", add_network(s, "net", {{1s}}), 1s, PeriodicArrivals{Duration{1}});
  expect_simulation_error(s, "more than 2^20 jobs in flight");
  expect_simulation_error(s, "drop_hopeless");
}

TEST(Limits, ManyAccelerators) {
  Scenario s = platform({{"gpu", 200}, {"npu", 100}}, 1s);
  add_task(s, "a", add_network(s, "net", {{2ms, 1ms}}), 1s, releases(std::vector<Duration>(301, Duration{0})));
  const Outcome out = run(s, "fcfs");
  // The npus take the first hundred jobs, the gpus the rest; one waits until the first npu is free again.
  EXPECT_EQ(out.events.started[0].accelerator, 200U);
  EXPECT_EQ(out.events.started[99].accelerator, 299U);
  EXPECT_EQ(out.events.started[100].accelerator, 0U);
  EXPECT_EQ(out.events.started[299].accelerator, 199U);
  EXPECT_EQ(out.events.started[300].time, at(1ms));
  EXPECT_EQ(out.events.started[300].accelerator, 200U);
}

} // namespace
} // namespace terastal
