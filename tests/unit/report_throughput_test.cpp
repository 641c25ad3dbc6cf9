#include "support/builders.hpp"
#include "terastal/report/throughput_report.hpp"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/small_scenario.hpp"
#include "terastal/core/text.hpp"

namespace terastal {
namespace {

using Json = nlohmann::json;

/// Results by hand: one policy with a bound and a reversal, one without a bound.
class ThroughputReportTest : public ::testing::Test {
 protected:
  ThroughputReportTest() : policies_{testing::known_policies().parse("fcfs"), testing::known_policies().parse("edf")} {
    loaded_.scenario = testing::small_scenario();
    loaded_.inputs = {{"small.yaml", "00ff"}};
    loaded_.resolved = "{}";
    const ThroughputProbe served{2.0, 1000, 0.995, 200.0, true};
    const ThroughputProbe not_served{2.5, 1250, 0.9, 250.0, false};
    const ThroughputProbe below{1.5, 750, 0.97, 150.0, false};
    results_.push_back({"fcfs", ThroughputEnd::bounded, served, not_served, {served, not_served, below}, {{2, 0}}});
    results_.push_back({"edf", ThroughputEnd::below_min, {}, below, {below}, {}});
    options_.replications = 3;
  }

  [[nodiscard]] std::string text(Format format) const {
    ThroughputReport report;
    report.scenario = &loaded_;
    report.policies = &policies_;
    report.options = &options_;
    report.results = &results_;
    std::ostringstream out;
    write(out, report, format);
    return out.str();
  }

  LoadedScenario loaded_;
  std::vector<Policy> policies_;
  ThroughputOptions options_;
  std::vector<ThroughputResult> results_;
};

TEST_F(ThroughputReportTest, JsonHoldsTheSearchAndEveryProbe) {
  const Json j = Json::parse(text(Format::json));
  EXPECT_EQ(j["kind"], "throughput");
  EXPECT_EQ(j["search"]["qos"], 0.99);
  EXPECT_EQ(j["search"]["seed"], 1);
  EXPECT_EQ(j["complete"], true);
  const Json& fcfs = j["results"][0];
  EXPECT_EQ(fcfs["end"], "bounded");
  EXPECT_EQ(fcfs["bound"]["jobs_per_s"], 200.0);
  EXPECT_EQ(fcfs["probes"].size(), 3U);
  EXPECT_EQ(fcfs["reversals"][0]["not_served"], 1.5);
  EXPECT_EQ(fcfs["reversals"][0]["served"], 2.0);
  EXPECT_TRUE(j["results"][1]["bound"].is_null());
}

TEST_F(ThroughputReportTest, InterruptedIsNotComplete) {
  results_.pop_back();
  EXPECT_EQ(Json::parse(text(Format::json))["complete"], false);
}

TEST_F(ThroughputReportTest, CsvHasARowPerProbe) {
  const auto lines = split(text(Format::csv), '\n');
  ASSERT_EQ(lines.size(), 1U + 4 + 1);
  EXPECT_EQ(lines[1], "small,fcfs,0.99,jobs,bounded,1,2,1000,200,0.995,true,true");
  EXPECT_EQ(lines[4], "small,edf,0.99,jobs,below_min,1,1.5,750,150,0.97,false,false");
  EXPECT_EQ(split(lines[0], ',').size(), split(lines[1], ',').size());
}

TEST_F(ThroughputReportTest, JsonLinesAreOnePerPolicy) {
  const auto lines = split(text(Format::jsonl), '\n');
  ASSERT_EQ(lines.size(), 2U + 1);
  EXPECT_EQ(Json::parse(lines[1])["policy"], "edf");
}

TEST_F(ThroughputReportTest, TableSaysWhatWasAssumedAndWhereItFails) {
  const std::string table = text(Format::table);
  for (const char* words : {"at least 99 % of all jobs in time", "1 to 3 at every factor", "99.50 %", "1000",
                            "not served at 2.5: 90.00 %", "not even at 1.5: 97.00 %", "Assumed: more load",
                            "fcfs: not so here. Factor 1.5 was not served (97.00 %), the larger 2 was (99.50 %)."}) {
    EXPECT_NE(table.find(words), std::string::npos) << words << '\n' << table;
  }
}

} // namespace
} // namespace terastal
