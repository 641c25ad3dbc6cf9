#include "support/reported_comparison.hpp"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "terastal/core/text.hpp"

namespace terastal {
namespace {

using Json = nlohmann::json;

/// What most tests here compare.
struct Fixture : testing::ReportedComparison {
  Fixture(std::size_t count, const std::vector<std::string>& texts, std::size_t replications,
          const std::string& metrics = {})
      : ReportedComparison(count, texts, options(replications, metrics)) {}

  static CompareOptions options(std::size_t replications, const std::string& metrics) {
    CompareOptions result;
    result.replications = replications;
    if (!metrics.empty()) result.chosen = parse_metrics(metrics);
    return result;
  }
};

TEST(CompareReport, JsonMetricsSayHowTheyWereMade) {
  const Fixture f(1, {"fcfs", "edf"}, 4);
  const Json j = Json::parse(f.text(Format::json));
  EXPECT_EQ(j["kind"], "compare");
  EXPECT_EQ(j["replications"], 4);
  EXPECT_EQ(j["first_policy"], "fcfs");
  const Json& edf = j["results"][0]["policies"][1];
  const Json& miss = edf["miss_rate"];
  EXPECT_EQ(miss["n"], 4);
  EXPECT_EQ(miss["ci_level"], 0.95);
  EXPECT_EQ(miss["method"], "student_t");
  EXPECT_LT(miss["ci_low"].get<double>(), miss["mean"].get<double>());
  EXPECT_EQ(miss["against_first"]["difference"]["method"], "paired_student_t");
  EXPECT_EQ(edf["digests"].size(), 4U);
  EXPECT_EQ(edf["tasks"][0]["task"], "fast");
  EXPECT_FALSE(j["results"][0]["policies"][0]["miss_rate"].contains("against_first"));
  EXPECT_FALSE(j.contains("mean_over_scenarios"));
}

TEST(CompareReport, SharedInputsAreListedOnce) {
  const Fixture f(2, {"fcfs"}, 2);
  const Json j = Json::parse(f.text(Format::json));
  EXPECT_EQ(j["inputs"].size(), 3U);
  EXPECT_EQ(j["mean_over_scenarios"].size(), 1U);
}

TEST(CompareReport, OneReplicationHasNoInterval) {
  const Fixture f(1, {"fcfs", "edf"}, 1);
  const Json j = Json::parse(f.text(Format::json));
  EXPECT_TRUE(j["results"][0]["policies"][0]["miss_rate"]["ci_low"].is_null());
  const std::string table = f.text(Format::table);
  EXPECT_NE(table.find("one replication: no intervals"), std::string::npos);
  EXPECT_EQ(table.find("±0"), std::string::npos);
}

TEST(CompareReport, IdenticalIsWritten) {
  const Fixture f(1, {"fcfs", "fcfs"}, 3);
  EXPECT_NE(f.text(Format::table).find("identical"), std::string::npos);
  EXPECT_EQ(Json::parse(f.text(Format::json))["results"][0]["policies"][1]["miss_rate"]["against_first"]["identical"],
            true);
}

TEST(CompareReport, CsvRowsAreComplete) {
  const Fixture f(2, {"fcfs", "edf"}, 3);
  const auto lines = split(f.text(Format::csv), '\n');
  // Header; two scenarios, two policies, two tasks and _all; the means over scenarios; the end.
  ASSERT_EQ(lines.size(), 1U + 2 * 2 * 3 + 2 + 1);
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    EXPECT_EQ(split(lines[i], ',').size(), split(lines[0], ',').size()) << lines[i];
  }
}

TEST(CompareReport, JsonLinesAreOnePerRun) {
  const Fixture f(2, {"fcfs", "edf"}, 3);
  const auto lines = split(f.text(Format::jsonl), '\n');
  ASSERT_EQ(lines.size(), 2U * 2 * 3 + 1);
  EXPECT_EQ(Json::parse(lines[0])["seed"], 1);
  EXPECT_EQ(Json::parse(lines[1])["seed"], 2);
  EXPECT_EQ(Json::parse(lines[3])["policy"], "edf");
  EXPECT_EQ(Json::parse(lines[6])["scenario"], "small1");
}

TEST(CompareReport, ChosenMetricsReplaceTheMatrix) {
  const Fixture f(2, {"fcfs", "edf"}, 3, "uxcost,antt,throughput");
  const std::string table = f.text(Format::table);
  for (const char* words : {"Metrics", "UXCost (our reading)", "ANTT", "1/s", "higher", "Change against fcfs"}) {
    EXPECT_NE(table.find(words), std::string::npos) << words << '\n' << table;
  }
  EXPECT_EQ(table.find("Miss rate in %"), std::string::npos);
  const Json j = Json::parse(f.text(Format::json));
  EXPECT_EQ(j["metrics"][0]["metric"], "uxcost");
  EXPECT_EQ(j["metrics"][0]["our_reading"], true);
  EXPECT_EQ(j["metrics"][2]["key"], "throughput_per_s");
  const Json& edf = j["results"][0]["policies"][1];
  EXPECT_EQ(edf["metrics"]["antt"]["n"], 3);
  EXPECT_EQ(edf["metrics"]["antt"]["against_first"]["difference"]["method"], "paired_student_t");
  EXPECT_TRUE(edf["tasks"][0]["metrics"].contains("antt"));
  EXPECT_FALSE(edf["tasks"][0]["metrics"].contains("throughput_per_s"));
  EXPECT_TRUE(j["mean_over_scenarios"][1]["metrics"].contains("uxcost"));
  EXPECT_TRUE(edf.contains("miss_rate"));
}

TEST(CompareReport, CsvOfChosenMetrics) {
  const Fixture f(2, {"fcfs", "edf"}, 3, "throughput,antt");
  const auto lines = split(f.text(Format::csv), '\n');
  ASSERT_EQ(lines.size(), 1U + 2 * 2 * 3 + 2 + 1);
  EXPECT_EQ(lines[0].rfind("scenario,policy,task,n,throughput_per_s,throughput_per_s_ci_low,", 0), 0U);
  for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
    EXPECT_EQ(split(lines[i], ',').size(), split(lines[0], ',').size()) << lines[i];
  }
  EXPECT_EQ(lines[1].rfind("small0,fcfs,fast,3,,,,", 0), 0U) << lines[1]; // a task has no throughput
}

// What is not asked for is not there.
TEST(CompareReport, WithoutMetricsNothingIsAdded) {
  const Fixture f(1, {"fcfs"}, 2);
  EXPECT_FALSE(Json::parse(f.text(Format::json)).contains("metrics"));
  EXPECT_FALSE(Json::parse(split(f.text(Format::jsonl), '\n')[0]).contains("metrics"));
}

TEST(CompareReport, NothingFinished) {
  Fixture f(1, {"fcfs"}, 2);
  CompareOptions options;
  options.keep_going = [] { return false; };
  f.comparison = compare({&f.scenarios[0].scenario}, f.policies, options);
  EXPECT_NE(f.text(Format::table).find("INTERRUPTED"), std::string::npos);
  EXPECT_EQ(Json::parse(f.text(Format::json))["complete"], false);
}

} // namespace
} // namespace terastal
