#include "support/policies.hpp"
#include "terastal/experiment/metric_table.hpp"

#include <set>

#include <gtest/gtest.h>

#include "support/small_scenario.hpp"
#include "terastal/experiment/compare.hpp"
#include "terastal/experiment/run.hpp"

namespace terastal {
namespace {

using testing::policies;

TEST(MetricTable, NamesAndKeysAreDistinct) {
  std::set<std::string> ids;
  std::set<std::string> keys;
  for (const MetricInfo& m : metric_table()) {
    EXPECT_TRUE(ids.insert(m.id).second) << m.id;
    EXPECT_TRUE(keys.insert(m.key).second) << m.key;
    EXPECT_NE(std::string(m.help), "");
    EXPECT_EQ(m.factor, m.unit == std::string("%") ? 100.0 : 1.0) << m.id;
    EXPECT_NE(metric_help().find(std::string(m.id) + ": "), std::string::npos);
  }
}

TEST(MetricTable, ListsAreReadInOrder) {
  const auto chosen = parse_metrics("uxcost, antt,miss_rate");
  ASSERT_EQ(chosen.size(), 3U);
  EXPECT_STREQ(chosen[1]->id, "antt");
}

TEST(MetricTable, WrongNamesAreExplained) {
  try {
    (void)parse_metrics("stp,uxcosts");
    FAIL();
  } catch (const InputError& e) {
    EXPECT_NE(std::string(e.what()).find("unknown metric 'uxcosts' (did you mean 'uxcost'?); allowed: miss_rate"),
              std::string::npos)
        << e.what();
  }
  EXPECT_THROW((void)parse_metrics("stp,stp"), InputError);
  EXPECT_THROW((void)parse_metrics(""), InputError);
}

// Without the service only what every run has.
TEST(MetricTable, ValuesNeedTheService) {
  RunOptions options;
  const RunResult with = run(testing::small_scenario(), policies({"edf"}).front(), options);
  options.service.reset();
  const RunResult without = run(testing::small_scenario(), policies({"edf"}).front(), options);
  for (const MetricInfo& m : metric_table()) {
    EXPECT_TRUE(m.of_run(with)) << m.id;
    EXPECT_EQ(m.of_run(without).has_value(), !m.service) << m.id;
    if (m.of_task == nullptr) continue;
    EXPECT_TRUE(m.of_task(with, 0)) << m.id;
    EXPECT_EQ(m.of_task(without, 0).has_value(), !m.service) << m.id;
  }
  EXPECT_EQ(with.digest, without.digest);
  EXPECT_NEAR(*find_metric("uxcost").of_run(with),
              *find_metric("uxcost_violations").of_run(with) * *find_metric("uxcost_energy").of_run(with), 1e-12);
}

TEST(Compare, ChosenMetricsAreSummedUp) {
  const Scenario scenario = testing::small_scenario();
  CompareOptions options;
  options.replications = 4;
  options.chosen = parse_metrics("antt,fairness");
  const Comparison c = compare({&scenario, &scenario}, policies({"fcfs", "edf"}), options);
  const ScenarioComparison& s = c.scenarios[0];
  std::vector<double> fcfs;
  std::vector<double> edf;
  for (std::size_t r = 0; r < 4; ++r) {
    fcfs.push_back(s.runs[0][r].service->antt.value());
    edf.push_back(s.runs[1][r].service->antt.value());
  }
  ASSERT_EQ(s.policies[1].chosen.size(), 2U);
  const MetricStatistics& antt = s.policies[1].chosen[0];
  EXPECT_EQ(antt.metric, &find_metric("antt"));
  EXPECT_EQ(antt.all.value.mean, estimate_mean(edf).mean);
  EXPECT_EQ(antt.all.against_first->difference.mean, compare_paired(fcfs, edf).difference.mean);
  EXPECT_EQ(antt.tasks.size(), 2U);
  EXPECT_TRUE(s.policies[1].chosen[1].tasks.empty());
  EXPECT_FALSE(s.policies[0].chosen[0].all.against_first);
  EXPECT_NEAR(c.overall[1].chosen[0].all.value.mean, antt.all.value.mean, 1e-12); // twice the same scenario
}

TEST(Compare, WithoutChosenMetricsNoServiceIsGathered) {
  const Scenario scenario = testing::small_scenario();
  CompareOptions options;
  options.replications = 1;
  const Comparison c = compare({&scenario}, policies({"fcfs"}), options);
  EXPECT_TRUE(c.scenarios[0].policies[0].chosen.empty());
  EXPECT_FALSE(c.scenarios[0].runs[0][0].service);
  options.chosen = parse_metrics("miss_rate");
  EXPECT_FALSE(compare({&scenario}, policies({"fcfs"}), options).scenarios[0].runs[0][0].service);
}

// A metric that some replications lack: only those that both policies have are paired.
TEST(Compare, MissingValuesAreLeftOut) {
  Scenario scenario = testing::small_scenario();
  for (Network& n : scenario.networks) n.energy_nj.assign(n.energy_nj.size(), 0.0);
  CompareOptions options;
  options.replications = 3;
  options.chosen = parse_metrics("uxcost,uxcost_violations");
  const Comparison c = compare({&scenario}, policies({"fcfs", "edf"}), options);
  EXPECT_EQ(c.scenarios[0].policies[1].chosen[0].all.value.n, 0U);
  EXPECT_EQ(c.scenarios[0].policies[1].chosen[0].all.against_first->difference.n, 0U);
  EXPECT_EQ(c.scenarios[0].policies[1].chosen[1].all.value.n, 3U);
}

} // namespace
} // namespace terastal
