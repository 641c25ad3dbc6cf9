#include <cmath>
#include <fstream>
#include <map>
#include <ostream>
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

/// A row of finish times and the policy that has to reproduce them.
struct Case {
  const char* finishes;
  const char* policy;

  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.policy; }
};

class Dysta : public ::testing::TestWithParam<Case> {};

TEST_P(Dysta, EveryFinishTimeAgrees) {
  const Scenario s = load_scenario(kFolder + "dysta.yaml").scenario;
  const std::vector<Finish> expected = read_finishes(GetParam().finishes);
  ASSERT_EQ(expected.size(), 1000U);
  std::map<std::string, TaskIndex> tasks;
  for (TaskIndex t = 0; t < s.tasks.size(); ++t) tasks[s.tasks[t].name] = t;

  const Outcome out = run(s, GetParam().policy);
  EXPECT_EQ(out.events.ended.size(), expected.size());
  double worst = 0.0;
  for (const Finish& row : expected) {
    const auto found = out.events.finish.find({tasks.at(row.task), row.job});
    ASSERT_NE(found, out.events.finish.end()) << row.task << ' ' << row.job << " did not end";
    const double difference = std::abs(to_seconds(found->second.time_since_epoch()) - row.seconds);
    EXPECT_LE(difference, 100e-9) << row.task << ' ' << row.job;
    worst = std::max(worst, difference);
  }
  RecordProperty("worst_difference_ps", std::to_string(worst * 1e12));
}

INSTANTIATE_TEST_SUITE_P(Oracle, Dysta,
                         ::testing::Values(Case{"fcfs", "fcfs"}, Case{"sjf", "sjf"},
                                           Case{"prema", "prema:tokens=harness"}, Case{"planaria", "planaria"},
                                           Case{"sdrm3", "sdrm3"}, Case{"dysta_naive", "dysta:sparsity=false"},
                                           Case{"dysta", "dysta"}),
                         [](const auto& p) { return std::string(p.param.finishes); });

// The oracle can tell policies apart: any two disagree on many requests.
TEST(DystaTables, TellThePoliciesApart) {
  std::vector<std::vector<Finish>> all;
  for (const char* policy : {"fcfs", "sjf", "prema", "planaria", "sdrm3", "dysta_naive", "dysta"}) {
    all.push_back(read_finishes(policy));
  }
  for (std::size_t a = 0; a < all.size(); ++a) {
    for (std::size_t b = a + 1; b < all.size(); ++b) {
      std::size_t different = 0;
      for (std::size_t i = 0; i < all[a].size(); ++i) {
        different += std::abs(all[a][i].seconds - all[b][i].seconds) > 1e-3 ? 1U : 0U;
      }
      EXPECT_GT(different, all[a].size() / 10) << a << " and " << b;
    }
  }
}

} // namespace
} // namespace terastal::testing
