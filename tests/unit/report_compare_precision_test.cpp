// What a comparison's options of statistics show in its table, JSON and CSV.
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/compare_formats.hpp"
#include "support/reported_comparison.hpp"
#include "terastal/core/text.hpp"

namespace terastal {
namespace {

using Json = nlohmann::json;

struct Fixture : testing::ReportedComparison {
  explicit Fixture(const CompareOptions& options, std::size_t count = 1)
      : ReportedComparison(count, {"fcfs", "edf"}, options) {}

  [[nodiscard]] Json json() const { return Json::parse(text(Format::json)); }
  [[nodiscard]] std::vector<std::string> csv() const { return split(text(Format::csv), '\n'); }
};

CompareOptions replications(std::size_t n) {
  CompareOptions options;
  options.replications = n;
  return options;
}

void expect_words(const std::string& text, const std::vector<std::string>& words) {
  for (const auto& w : words) EXPECT_NE(text.find(w), std::string::npos) << w << "\n" << text;
}

void expect_whole_rows(const std::vector<std::string>& csv) {
  for (std::size_t i = 1; i + 1 < csv.size(); ++i) {
    EXPECT_EQ(split(csv[i], ',').size(), split(csv[0], ',').size()) << csv[i];
  }
}

TEST(ComparePrecisionReport, Until) {
  CompareOptions options;
  options.until = StoppingRule{{0.05, false}, 10, 10, 1000};
  const Fixture f(options);
  ASSERT_TRUE(f.comparison.until->reached);
  const std::string n = std::to_string(f.comparison.until->replications);
  expect_words(f.text(Format::table),
               {"Until half-widths are at most 0.05: reached after " + n + " replications; widest: ",
                "1 to " + n + " (" + n + " replications"});
  const Json j = f.json();
  EXPECT_EQ(j["until"]["reached"], true);
  EXPECT_EQ(j["until"]["half_width"], 0.05);
  EXPECT_EQ(j["until"]["relative"], false);
  EXPECT_EQ(j["until"]["cap"], 1000);
  EXPECT_EQ(j["until"]["widest"]["metric"], "miss_rate");
  EXPECT_LE(j["until"]["widest"]["half_width"].get<double>(), 0.05);
  EXPECT_EQ(j["replications"], f.comparison.until->replications);
  const auto csv = f.csv();
  expect_words(csv[0], {",until_half_width,until_reached"});
  expect_words(csv[1], {",0.05,yes"});
  expect_whole_rows(csv);
}

TEST(ComparePrecisionReport, UntilNotReached) {
  CompareOptions options;
  options.until = StoppingRule{{0.01, true}, 10, 10, 11};
  const Fixture f(options);
  expect_words(f.text(Format::table), {"at most 1%: not reached after 11 replications", " replications needed"});
  EXPECT_EQ(f.json()["until"]["reached"], false);
  EXPECT_GT(f.json()["until"]["widest"]["replications_needed"].get<int>(), 11);
  expect_words(f.csv()[1], {",1%,no"});
}

TEST(ComparePrecisionReport, BootstrapIntervals) {
  CompareOptions options = replications(6);
  options.intervals = IntervalMethod::bca;
  const Fixture f(options);
  const std::string table = f.text(Format::table);
  expect_words(table, {"[ ]: 95 % intervals of the mean, BCa bootstrap"});
  EXPECT_EQ(table.find("±"), std::string::npos) << table;
  const Json miss = f.json()["results"][0]["policies"][1]["miss_rate"];
  EXPECT_EQ(miss["method"], "bca_bootstrap");
  EXPECT_EQ(miss["against_first"]["difference"]["method"], "bca_bootstrap");
  EXPECT_EQ(miss["against_first"]["relative_change"]["method"], "bca_bootstrap");
  expect_words(f.csv()[0], {",intervals"});
  expect_whole_rows(f.csv());
}

TEST(ComparePrecisionReport, BootstrapIntervalsOfChosenMetrics) {
  CompareOptions options = replications(6);
  options.intervals = IntervalMethod::bca;
  options.chosen = parse_metrics("antt,sla");
  expect_words(Fixture(options).text(Format::table), {"ANTT", " [", "higher"});
}

TEST(ComparePrecisionReport, Verdicts) {
  CompareOptions options = replications(6);
  options.holm = true;
  const Fixture f(options, 2);
  expect_words(f.text(Format::table),
               {"Verdict against fcfs, p-values adjusted for 6 differences", "adjusted by Holm's procedure", "(p "});
  const Json j = f.json();
  EXPECT_EQ(j["verdicts"]["differences"], 6);
  EXPECT_EQ(j["verdicts"]["method"], "holm_paired_t");
  const Json against = j["results"][0]["policies"][1]["miss_rate"]["against_first"];
  EXPECT_GE(against["adjusted_p_value"].get<double>(), against["p_value"].get<double>());
  EXPECT_TRUE(against.contains("verdict"));
  EXPECT_TRUE(j["mean_over_scenarios"][1]["miss_rate"]["against_first"].contains("verdict"));
  const auto csv = f.csv();
  expect_words(csv[0], {"miss_rate_p_value,miss_rate_adjusted_p_value,miss_rate_verdict"});
  expect_whole_rows(csv);
}

TEST(ComparePrecisionReport, WarmUpFound) {
  CompareOptions options = replications(2);
  options.warm_up_pilots = 2;
  Fixture f(options);
  WarmUpEstimate& found = *f.comparison.scenarios[0].warm_up;
  found.warm_up = std::chrono::milliseconds(120);
  found.policies[0].warm_up = Duration::zero();
  found.policies[1].warm_up = std::chrono::milliseconds(120);
  expect_words(f.text(Format::table), {"jobs of the first 120 ms not counted",
                                       "120 ms by MSER-5, for edf (2 pilot runs each, seeds 1000001 to 1000002)"});
  const Json j = f.json()["results"][0]["warm_up"];
  EXPECT_EQ(j["found"], true);
  EXPECT_EQ(j["used_ms"], 120.0);
  EXPECT_EQ(j["pilot_seed"], 1000001);
  EXPECT_EQ(j["policies"].size(), 2U);
  expect_words(f.csv()[0], {",warm_up_ms,warm_up_found"});
  expect_words(f.csv()[1], {",120,yes"});
  EXPECT_EQ(Json::parse(split(f.text(Format::jsonl), '\n')[0])["warm_up_ms"], 120.0);
  found.warm_up = Duration::zero();
  expect_words(f.text(Format::table), {"none needed by MSER-5 (2 pilot runs each"});
}

TEST(ComparePrecisionReport, WarmUpNotFound) {
  CompareOptions options = replications(2);
  options.warm_up_pilots = 2;
  Fixture f(options);
  WarmUpEstimate& found = *f.comparison.scenarios[0].warm_up;
  found.warm_up.reset();
  found.policies[0].cut.accepted = false;
  found.policies[1].cut.accepted = true;
  expect_words(f.text(Format::table), {"not found by MSER-5, 0 s as before: no steady first half under fcfs ("});
  EXPECT_EQ(f.json()["results"][0]["warm_up"]["found"], false);
  EXPECT_EQ(f.json()["results"][0]["warm_up"]["used_ms"], 0.0);
  expect_words(f.csv()[1], {",0,no"});
  EXPECT_FALSE(Json::parse(split(f.text(Format::jsonl), '\n')[0]).contains("warm_up_ms"));
}

// What is not asked for is not there.
TEST(ComparePrecisionReport, NothingIsAddedByDefault) {
  const Fixture f(replications(3));
  const std::string table = f.text(Format::table);
  for (const char* word : {"Until", "Verdict", "MSER", "BCa", "warm-up"}) {
    EXPECT_EQ(table.find(word), std::string::npos) << word;
  }
  const Json j = f.json();
  EXPECT_FALSE(j.contains("until"));
  EXPECT_FALSE(j.contains("verdicts"));
  EXPECT_FALSE(j["results"][0].contains("warm_up"));
  EXPECT_FALSE(j["results"][0]["policies"][1]["miss_rate"]["against_first"].contains("p_value"));
  for (const char* column : {"verdict", "until", "warm_up", "intervals"}) {
    EXPECT_EQ(f.csv()[0].find(column), std::string::npos) << column;
  }
}

TEST(PValueText, TwoDigits) {
  EXPECT_EQ(p_value_text(1.0), "1.00");
  EXPECT_EQ(p_value_text(0.314), "0.31");
  EXPECT_EQ(p_value_text(0.0312), "0.031");
  EXPECT_EQ(p_value_text(0.00015), "0.00015");
  EXPECT_EQ(p_value_text(0.00001), "< 0.0001");
  EXPECT_EQ(p_value_text(0.0), "< 0.0001");
}

} // namespace
} // namespace terastal
