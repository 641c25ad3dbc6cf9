#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/io/load.hpp"

// 1000 requests to four models with per-sample layer times on one accelerator; the finish times follow the formulas of
// Dysta's harness: tests/oracle/README.md.
namespace terastal::testing {
namespace {

const std::string kFolder = TERASTAL_SOURCE_DIR "/tests/oracle/dysta/";

struct Finish {
  std::string task;
  JobIndex job = 0;
  double seconds = 0.0;
};

/// Reads finish_<policy>.csv: idx,task,job,finish_s.
std::vector<Finish> read_finishes(const std::string& policy) {
  std::ifstream in(kFolder + "finish_" + policy + ".csv");
  if (!in) throw std::runtime_error("cannot read the finish times of " + policy);
  std::vector<Finish> rows;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#' || line.starts_with("idx")) continue;
    std::istringstream fields(line);
    std::string number;
    std::string job;
    std::string seconds;
    Finish row;
    std::getline(fields, number, ',');
    std::getline(fields, row.task, ',');
    std::getline(fields, job, ',');
    std::getline(fields, seconds, ',');
    row.job = static_cast<JobIndex>(std::stoul(job));
    row.seconds = std::stod(seconds);
    rows.push_back(row);
  }
  return rows;
}

class Dysta : public ::testing::TestWithParam<const char*> {};

TEST_P(Dysta, EveryFinishTimeAgrees) {
  const Scenario s = load_scenario(kFolder + "dysta.yaml").scenario;
  const std::vector<Finish> expected = read_finishes(GetParam());
  ASSERT_EQ(expected.size(), 1000U);
  std::map<std::string, TaskIndex> tasks;
  for (TaskIndex t = 0; t < s.tasks.size(); ++t) tasks[s.tasks[t].name] = t;

  const Outcome out = run(s, GetParam());
  EXPECT_EQ(out.events.ended.size(), expected.size());
  double worst = 0.0;
  for (const Finish& row : expected) {
    const auto found = out.events.finish.find({tasks.at(row.task), row.job});
    ASSERT_NE(found, out.events.finish.end()) << row.task << ' ' << row.job << " did not end";
    const double difference = std::abs(to_seconds(found->second.time_since_epoch()) - row.seconds);
    EXPECT_LE(difference, 100e-9) << row.task << ' ' << row.job;
    worst = std::max(worst, difference);
  }
  RecordProperty("worst_difference_s", std::to_string(worst));
}

INSTANTIATE_TEST_SUITE_P(Oracle, Dysta, ::testing::Values("fcfs", "sjf"),
                         [](const auto& p) { return std::string(p.param); });

// The oracle can tell policies apart: the two disagree on most requests.
TEST(DystaTables, TellThePoliciesApart) {
  const auto fcfs = read_finishes("fcfs");
  const auto sjf = read_finishes("sjf");
  ASSERT_EQ(fcfs.size(), sjf.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < fcfs.size(); ++i)
    different += std::abs(fcfs[i].seconds - sjf[i].seconds) > 1e-3 ? 1U : 0U;
  EXPECT_GT(different, fcfs.size() / 2);
}

} // namespace
} // namespace terastal::testing
