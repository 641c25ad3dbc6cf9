#include "terastal/report/plan_report.hpp"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/small_scenario.hpp"
#include "terastal/core/text.hpp"
#include "terastal/offline/budgets.hpp"

namespace terastal {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

TEST(Plan, LoadBudgetsAndSets) {
  const Scenario scenario = testing::small_scenario();
  const ScenarioPlan p = plan(scenario, BudgetRule::level);
  ASSERT_EQ(p.tasks.size(), 2U);
  const TaskPlan& fast = p.tasks[0];
  EXPECT_EQ(fast.period, Duration{10ms});
  EXPECT_EQ(fast.fastest_sum, Duration{6ms});
  EXPECT_DOUBLE_EQ(fast.load, 0.6);
  EXPECT_DOUBLE_EQ(p.load, 0.6 + 12.0 / 16.0);
  EXPECT_EQ(fast.budgets.virtual_deadline.back(), Duration{10ms});
  ASSERT_EQ(fast.valid_sets.size(), 1U);
  EXPECT_EQ(fast.valid_sets[0].variants, "thin");
  EXPECT_NEAR(fast.valid_sets[0].loss, 0.05, 1e-12);
  EXPECT_EQ(fast.known_sets, 1U);
  EXPECT_TRUE(p.tasks[1].valid_sets.empty());
}

TEST(Plan, InvalidSetsAreCountedAndNotListed) {
  Scenario scenario = testing::small_scenario();
  scenario.tasks[0].theta = 0.96;
  const ScenarioPlan p = plan(scenario, BudgetRule::level);
  EXPECT_EQ(p.tasks[0].known_sets, 1U);
  EXPECT_TRUE(p.tasks[0].valid_sets.empty());
}

TEST(Plan, AdditiveModelsAreEnumerated) {
  Scenario scenario = testing::small_scenario();
  scenario.networks[0].accuracy = AccuracyModel::additive("top-1", 80.0, {0.03});
  const ScenarioPlan p = plan(scenario, BudgetRule::equal);
  ASSERT_EQ(p.tasks[0].valid_sets.size(), 1U);
  EXPECT_NEAR(p.tasks[0].valid_sets[0].accuracy, 77.6, 1e-9);
}

class PlanReportTest : public ::testing::Test {
 protected:
  PlanReportTest() {
    loaded_.scenario = testing::small_scenario();
    loaded_.resolved = "{}";
    plan_ = plan(loaded_.scenario, BudgetRule::level);
    report_.scenario = &loaded_;
    report_.plan = &plan_;
  }
  std::string text(Format format) {
    std::ostringstream out;
    write(out, report_, format);
    return out.str();
  }

  LoadedScenario loaded_;
  ScenarioPlan plan_;
  PlanReport report_;
};

TEST_F(PlanReportTest, JsonHasLayersAndSets) {
  const Json j = Json::parse(text(Format::json));
  EXPECT_EQ(j["budget_rule"], "level");
  EXPECT_EQ(j["accelerators"], 2);
  ASSERT_EQ(j["tasks"].size(), 2U);
  EXPECT_EQ(j["tasks"][0]["layers"][1]["virtual_deadline_ms"], 10.0);
  EXPECT_EQ(j["tasks"][0]["valid_variant_sets"][0]["variants"], "thin");
}

TEST_F(PlanReportTest, OneTaskOnly) {
  report_.task = 1;
  EXPECT_EQ(Json::parse(text(Format::json))["tasks"][0]["task"], "slow");
  const std::string table = text(Format::table);
  EXPECT_EQ(table.find("fast"), table.find("fastest")) << table;
  EXPECT_NE(table.find("slow: budgets of layers"), std::string::npos);
}

TEST_F(PlanReportTest, CsvHasOneRowPerLayer) {
  const auto lines = split(text(Format::csv), '\n');
  ASSERT_EQ(lines.size(), 1U + 4 + 1);
  EXPECT_EQ(split(lines[1], ',').size(), split(lines[0], ',').size());
}

TEST_F(PlanReportTest, JsonLinesAreOnePerTask) { EXPECT_EQ(split(text(Format::jsonl), '\n').size(), 3U); }

TEST_F(PlanReportTest, TableShowsLayersOnlyWhenAsked) {
  EXPECT_EQ(text(Format::table).find("budgets of layers"), std::string::npos);
  report_.layers = true;
  EXPECT_NE(text(Format::table).find("fast: valid variant sets"), std::string::npos);
}

} // namespace
} // namespace terastal
