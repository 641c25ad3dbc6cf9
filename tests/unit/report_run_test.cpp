#include "support/builders.hpp"
#include "terastal/report/run_report.hpp"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/small_scenario.hpp"
#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "terastal/experiment/metric_table.hpp"
#include "terastal/experiment/run.hpp"
#include "terastal/report/version.hpp"

namespace terastal {
namespace {

using Json = nlohmann::json;

class RunReportTest : public ::testing::Test {
 protected:
  RunReportTest() : policy_(testing::known_policies().parse("terastal")) {
    loaded_.scenario = testing::small_scenario();
    loaded_.inputs = {{"small.yaml", "00ff"}};
    loaded_.resolved = R"({"scenario":"small"})";
    result_ = run(loaded_.scenario, policy_);
  }

  std::string text(Format format, bool color = false) {
    RunReport report;
    report.scenario = &loaded_;
    report.policy = &policy_;
    report.result = &result_;
    report.environment = {1, 0.5};
    std::ostringstream out;
    write(out, report, format, color);
    return out.str();
  }

  LoadedScenario loaded_;
  Policy policy_;
  RunResult result_;
};

TEST_F(RunReportTest, JsonHoldsConditionsAndResults) {
  const Json j = Json::parse(text(Format::json));
  EXPECT_EQ(j["schema_version"], kSchemaVersion);
  EXPECT_EQ(j["kind"], "run");
  EXPECT_EQ(j["tool"]["version"], version_info().version);
  EXPECT_EQ(j["inputs"][0]["sha256"], "00ff");
  EXPECT_EQ(j["config"]["scenario"], "small");
  EXPECT_EQ(j["config_digest"].get<std::string>().rfind("sha256:", 0), 0U);
  EXPECT_EQ(j["policy"]["id"], "terastal");
  EXPECT_EQ(j["policy"]["settings"]["variants"], "true");
  EXPECT_EQ(j["seed"], 1);
  EXPECT_EQ(j["complete"], true);
  EXPECT_EQ(j["environment"]["wall_time_s"], 0.5);
  EXPECT_FALSE(j["tool"].contains("compiler"));
  const Json& r = j["results"];
  EXPECT_EQ(r["miss_rate"], result_.mean_miss_rate);
  EXPECT_EQ(r["job_weighted_miss_rate"], result_.weighted_miss_rate);
  EXPECT_EQ(r["horizon_s"], 1.0);
  EXPECT_EQ(r["digest"].get<std::string>().size(), 18U);
}

TEST_F(RunReportTest, JsonHoldsEveryTaskAndAccelerator) {
  const Json r = Json::parse(text(Format::json))["results"];
  ASSERT_EQ(r["tasks"].size(), 2U);
  const Json& fast = r["tasks"][0];
  const TaskResult& t = result_.tasks[0];
  EXPECT_EQ(fast["task"], "fast");
  EXPECT_EQ(fast["released"], t.released);
  EXPECT_EQ(fast["late"], t.late);
  EXPECT_EQ(fast["response"]["count"], t.completed);
  EXPECT_DOUBLE_EQ(fast["response"]["max_ms"].get<double>(), to_seconds(t.response.max) * 1e3);
  EXPECT_EQ(fast["accuracy"]["baseline"], 80.0);
  EXPECT_EQ(fast["accuracy"]["variant_use"][1]["variant"], "thin");
  EXPECT_FALSE(fast.contains("mk_violations"));
  EXPECT_EQ(r["tasks"][1]["mk_violations"], *result_.tasks[1].firm_violations);
  ASSERT_EQ(r["accelerators"].size(), 2U);
  EXPECT_EQ(r["accelerators"][0]["accelerator"], "gpu0");
  EXPECT_EQ(r["accelerators"][0]["utilisation"], result_.accelerators[0].utilisation);
}

TEST_F(RunReportTest, JsonHoldsEveryMetricAndTheServiceOfTasks) {
  const Json r = Json::parse(text(Format::json))["results"];
  EXPECT_EQ(r["metrics"].size(), metric_table().size());
  EXPECT_EQ(r["metrics"]["antt"], *result_.service->antt);
  EXPECT_EQ(r["metrics"]["miss_rate"], r["miss_rate"]);
  const Json& fast = r["tasks"][0]["service"];
  EXPECT_EQ(fast["isolated_ms"], 6.0);
  EXPECT_EQ(fast["slowdown"], *result_.service->tasks[0].slowdown);
  EXPECT_EQ(fast["xrbench"]["code"], result_.service->tasks[0].xrbench.code);
  result_.service->uxcost.reset();
  EXPECT_TRUE(Json::parse(text(Format::json))["results"]["metrics"]["uxcost"].is_null());
}

TEST_F(RunReportTest, WithoutServiceItsKeysAndColumnsAreAbsent) {
  const std::size_t columns = split(split(text(Format::csv), '\n')[0], ',').size();
  result_.service.reset();
  const Json r = Json::parse(text(Format::json))["results"];
  EXPECT_FALSE(r.contains("metrics"));
  EXPECT_FALSE(r["tasks"][0].contains("service"));
  EXPECT_EQ(text(Format::table).find("ANTT"), std::string::npos);
  const auto lines = split(text(Format::csv), '\n');
  EXPECT_LT(split(lines[0], ',').size(), columns);
  EXPECT_EQ(split(lines[1], ',').size(), split(lines[0], ',').size());
}

TEST_F(RunReportTest, NetworksOfASupernet) {
  result_.tasks[0].network_use = {{"fast_net", 3}, {"light_net", 1}};
  EXPECT_NE(text(Format::table).find("Networks used"), std::string::npos);
  const Json accuracy = Json::parse(text(Format::json))["results"]["tasks"][0]["accuracy"];
  EXPECT_EQ(accuracy["networks"][1]["network"], "light_net");
  EXPECT_EQ(accuracy["networks"][1]["jobs"], 1);
}

TEST_F(RunReportTest, CsvHasOneRowPerTaskAndOneForAll) {
  result_.scenario = "a, \"b\"";
  const auto lines = split(text(Format::csv), '\n');
  ASSERT_EQ(lines.size(), 5U); // header, two tasks, all, nothing after the last line break
  EXPECT_EQ(lines[0].rfind("scenario,policy,seed,complete,task,network,released,", 0), 0U);
  const std::size_t columns = split(lines[0], ',').size();
  EXPECT_EQ(lines[1].rfind("\"a, \"\"b\"\"\",terastal,1,true,fast,fast_net,", 0), 0U);
  for (const std::size_t row : {1U, 2U, 3U}) {
    EXPECT_EQ(split(lines[row], ',').size(), columns + 1) << lines[row]; // one comma inside the quoted name
  }
  EXPECT_NE(lines[3].find(",_all,"), std::string::npos);
}

TEST_F(RunReportTest, JsonLineIsOneLine) {
  const std::string line = text(Format::jsonl);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const Json j = Json::parse(line);
  EXPECT_EQ(j["policy"], "terastal");
  EXPECT_EQ(j["tasks"].size(), 2U);
  EXPECT_FALSE(j.contains("environment"));
}

TEST_F(RunReportTest, TableSaysTheConditions) {
  const std::string table = text(Format::table);
  for (const char* word :
       {"small: two tasks", "terastal", "seed", "pair: gpu0 (gpu), npu0 (npu)", "1 s", "run_on",
        "miss rate, mean over tasks", "(3,4)", "thin", "utilisation", "digest", "ANTT", "UXCost", "XRBench score"}) {
    EXPECT_NE(table.find(word), std::string::npos) << word << "\n" << table;
  }
  EXPECT_EQ(table.find('\x1b'), std::string::npos);
  EXPECT_EQ(table.find("INTERRUPTED"), std::string::npos);
  for (const std::string& line : split(table, '\n')) {
    EXPECT_TRUE(line.empty() || line.back() != ' ') << '"' << line << '"';
  }
}

TEST_F(RunReportTest, TableHasColoursWhenAsked) {
  EXPECT_NE(text(Format::table, true).find("\x1b[1m"), std::string::npos);
}

TEST_F(RunReportTest, PartialResultsAreMarked) {
  result_.complete = false;
  EXPECT_NE(text(Format::table).find("INTERRUPTED"), std::string::npos);
  EXPECT_EQ(Json::parse(text(Format::json))["complete"], false);
  EXPECT_NE(text(Format::csv).find(",false,fast,"), std::string::npos);
}

TEST_F(RunReportTest, TextThatIsNotUtf8IsReplaced) {
  result_.tasks[0].task = "bad\xff";
  EXPECT_NO_THROW(EXPECT_TRUE(Json::parse(text(Format::json)).is_object()));
}

TEST_F(RunReportTest, NothingReleased) {
  for (TaskResult& t : result_.tasks) {
    t = TaskResult{};
    t.task = "idle";
  }
  EXPECT_NE(text(Format::table).find("idle"), std::string::npos);
  EXPECT_NO_THROW((void)text(Format::csv));
}

TEST(Format, NamesAndSuggestions) {
  EXPECT_EQ(parse_format("jsonl"), Format::jsonl);
  try {
    (void)parse_format("jsn");
    FAIL();
  } catch (const InputError& e) {
    EXPECT_STREQ(e.what(), "error: unknown format 'jsn' (did you mean 'json'?); allowed: table, json, csv, jsonl");
  }
}

} // namespace
} // namespace terastal
