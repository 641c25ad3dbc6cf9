#include <gtest/gtest.h>

#include "terastal/gate/check.hpp"
#include "unit/gate_support.hpp"

namespace terastal {
namespace {

using testing::gate_baseline;
using testing::gate_measurement;

const std::vector<double> kValues = {0.25, 0.5, 0.75};

TEST(GateUpdate, OtherOverridesAreNotPaired) {
  const Baseline old = gate_baseline("miss_rate", kValues);
  GatePlan plan = old.plan;
  const Measurement now = gate_measurement("miss_rate", {0.26, 0.5, 0.78});
  EXPECT_EQ(compare_update(old, plan, now).count(CheckVerdict::unpaired), 0U);
  merge_overrides(plan, {{"horizon", "2 s"}});
  const CheckResult result = compare_update(old, plan, now);
  EXPECT_EQ(result.count(CheckVerdict::unpaired), 1U);
  EXPECT_EQ(result.plan_changes, std::vector<std::string>{"set: nothing → horizon=2 s"});
}

TEST(GateUpdate, TellsWhatComesAndGoes) {
  Baseline old = gate_baseline("miss_rate", kValues);
  GateCell gone_cell = old.cells.front();
  gone_cell.policy = "fcfs";
  old.cells.push_back(gone_cell);
  old.plan.each_task = true;
  old.cells.front().tasks = {{"gone", {}}};
  Measurement now = gate_measurement("energy", kValues);
  now.cells.front().tasks = {{"new", {}}};
  GatePlan plan = old.plan;
  plan.rules = {{&find_metric("energy"), Judge::noninferior, {0.0, 0.01}}};
  const CheckResult result = compare_update(old, plan, now);
  const auto& edf = result.cells[0].judgements;
  ASSERT_EQ(edf.size(), 4U);
  EXPECT_EQ(edf[0].metric, &find_metric("energy"));
  EXPECT_EQ(edf[0].absent, Absent::baseline);
  EXPECT_EQ(edf[1].metric, &find_metric("miss_rate"));
  EXPECT_EQ(edf[1].absent, Absent::now);
  EXPECT_EQ(edf[2].task, "gone");
  EXPECT_EQ(edf[2].absent, Absent::now);
  EXPECT_EQ(edf[3].task, "new");
  EXPECT_EQ(edf[3].absent, Absent::baseline);
  ASSERT_EQ(result.cells.size(), 2U);
  EXPECT_EQ(result.cells[1].policy, "fcfs");
  EXPECT_EQ(result.cells[1].judgements.front().absent, Absent::now);
  EXPECT_EQ(check_against(old, now).cells.back().judgements.front().verdict, CheckVerdict::missing);
}

TEST(GatePlans, ChangesOfTheSamePathReplaceEachOther) {
  GatePlan plan;
  merge_overrides(plan, {{"late_jobs", "drop_hopeless"}, {"horizon", "2 s"}});
  merge_overrides(plan, {{"late_jobs", "run_on"}, {"seed", "9"}});
  ASSERT_EQ(plan.overrides.size(), 3U);
  EXPECT_EQ(plan.overrides[0].path, "horizon");
  EXPECT_EQ(plan.overrides[1].value, "run_on");
  EXPECT_EQ(plan.overrides[2].path, "seed");
  EXPECT_EQ(plan.override_places.size(), 3U);
}

TEST(GatePlans, ChangesAreTold) {
  const GatePlan before = gate_baseline("miss_rate", kValues).plan;
  EXPECT_TRUE(plan_changes(before, before).empty());
  GatePlan now = before;
  now.replications = 4;
  now.each_task = true;
  now.rules.front().judge = Judge::exact;
  now.rules.push_back({&find_metric("energy"), Judge::noninferior, {0.0, 0.02}});
  EXPECT_EQ(plan_changes(before, now), (std::vector<std::string>{"replications: 3 → 4", "tasks: together → each",
                                                                 "metrics: miss_rate → miss_rate, energy",
                                                                 "miss_rate: noninferior, limit 0.005 → exact"}));
}

} // namespace
} // namespace terastal
