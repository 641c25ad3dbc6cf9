#include "support/builders.hpp"
#include "terastal/report/event_log.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "support/small_scenario.hpp"
#include "terastal/experiment/run.hpp"

namespace terastal {
namespace {

std::vector<std::string> log_of(EventLog::Detail detail) {
  Scenario scenario = testing::small_scenario();
  scenario.horizon = std::chrono::milliseconds(50);
  std::vector<std::string> lines;
  EventLog log(scenario, detail, [&](EventLog::Detail, const std::string& line) { lines.push_back(line); });
  RunOptions options;
  options.observers = {&log};
  (void)run(scenario, testing::known_policies().parse("terastal"), options);
  return lines;
}

bool any_has(const std::vector<std::string>& lines, const std::string& text) {
  for (const auto& line : lines) {
    if (line.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST(EventLog, JobsOnly) {
  const auto lines = log_of(EventLog::Detail::jobs);
  EXPECT_TRUE(any_has(lines, "release fast#0, deadline in 10 ms"));
  EXPECT_TRUE(any_has(lines, "done    fast#0, response "));
  EXPECT_FALSE(any_has(lines, " start "));
}

TEST(EventLog, Layers) {
  const auto lines = log_of(EventLog::Detail::layers);
  EXPECT_TRUE(any_has(lines, "start   fast#0/first on gpu0, 3 ms"));
  EXPECT_TRUE(any_has(lines, "finish  fast#0/first on gpu0"));
}

} // namespace
} // namespace terastal
