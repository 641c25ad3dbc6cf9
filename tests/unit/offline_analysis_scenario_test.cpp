#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/builders.hpp"
#include "terastal/core/text.hpp"
#include "terastal/experiment/analysis.hpp"
#include "terastal/report/analysis_report.hpp"

namespace terastal::testing {
namespace {

using Json = nlohmann::json;
using ::testing::HasSubstr;

Arrivals every(Duration period) { return PeriodicArrivals{period, std::nullopt, Duration{0}}; }

const TestFinding& find(const ScenarioAnalysis& analysis, const std::string& test, const std::string& policy) {
  static const TestFinding none;
  for (const TestFinding& t : analysis.tests) {
    if (t.test == test && t.policy == policy) return t;
  }
  ADD_FAILURE() << "no finding of " << test << " for " << policy;
  return none;
}

const TaskFinding& task_finding(const ScenarioAnalysis& analysis, std::size_t task, const std::string& policy) {
  const auto& findings = analysis.tasks.at(task).findings;
  return *std::find_if(findings.begin(), findings.end(), [&](const TaskFinding& f) { return f.policy == policy; });
}

/// Three chains over a GPU and a CPU.
Scenario chains() {
  Scenario s = platform({{"gpu", 1}, {"cpu", 1}});
  const auto gpu = [](Duration d) { return std::vector<Duration>{d, kCannotRun}; };
  const auto cpu = [](Duration d) { return std::vector<Duration>{kCannotRun, d}; };
  add_task(s, "a", add_network(s, "a", {gpu(3ms), cpu(2ms)}), 20ms, every(20ms)).priority = 1;
  add_task(s, "b", add_network(s, "b", {cpu(4ms), gpu(5ms)}), 40ms, every(40ms)).priority = 2;
  add_task(s, "c", add_network(s, "c", {gpu(6ms), cpu(6ms), gpu(2ms)}), 80ms, every(80ms)).priority = 3;
  return s;
}

/// (T, D, layers) = (10, 8, 2 1), (15, 12, 3 2), (30, 30, 4 3) on one accelerator.
Scenario one_accelerator() {
  Scenario s = platform({{"npu", 1}});
  add_task(s, "a", add_network(s, "a", {{2ms}, {1ms}}), 8ms, every(10ms));
  add_task(s, "b", add_network(s, "b", {{3ms}, {2ms}}), 12ms, every(15ms));
  add_task(s, "c", add_network(s, "c", {{4ms}, {3ms}}), 30ms, every(30ms));
  return s;
}

TEST(ScenarioAnalysis, ChainsOverTwoAccelerators) {
  const ScenarioAnalysis analysis = analyse(chains());
  const std::vector<Duration> expected = {17ms, 36ms, 61ms};
  for (const char* policy : {"rm", "dm", "fp"}) {
    for (std::size_t t = 0; t < 3; ++t) EXPECT_EQ(task_finding(analysis, t, policy).response, expected[t]) << policy;
  }
  EXPECT_EQ(find(analysis, "fp_chains", "rm").finding, Finding::schedulable);
  EXPECT_EQ(find(analysis, "edf_layers", "edf").finding, Finding::not_applicable);
  EXPECT_EQ(analysis.policies[0].finding, Finding::not_applicable);
  EXPECT_EQ(analysis.policies[1].finding, Finding::schedulable);
  EXPECT_TRUE(analysis.schedulable());
  EXPECT_EQ(analysis.holds_for, "these policies with placement=preferred_only");
  EXPECT_NEAR(analysis.sites[0].utilisation, 3.0 / 20 + 5.0 / 40 + 8.0 / 80, 1e-12);
  EXPECT_NEAR(analysis.originals.bound->lower, 0.375, 1e-12) << "nothing can be moved: the GPU's load";
}

TEST(ScenarioAnalysis, LayersOnOneAccelerator) {
  const ScenarioAnalysis analysis = analyse(one_accelerator());
  EXPECT_EQ(find(analysis, "edf_layers", "edf").finding, Finding::schedulable);
  EXPECT_EQ(find(analysis, "edf_layers", "edf").strength, Strength::sufficient);
  EXPECT_EQ(find(analysis, "edf_demand", "edf").strength, Strength::exact);
  EXPECT_EQ(find(analysis, "liu_layland", "rm").finding, Finding::not_applicable) << "a deadline below the period";
  // c may be in the way for 4 ms less 1 ps; its second layer is the last part of its job.
  EXPECT_EQ(task_finding(analysis, 0, "dm").response, Duration{7ms} - Duration{1});
  EXPECT_EQ(task_finding(analysis, 0, "dm").blocking, Duration{4ms} - Duration{1});
  EXPECT_EQ(analysis.holds_for, "these policies, any placement");
}

TEST(ScenarioAnalysis, OneLayerAJobIsDecidedExactly) {
  Scenario s = platform({{"npu", 1}});
  add_task(s, "short", add_network(s, "short", {{3ms}}), 5ms, every(5ms));
  add_task(s, "long", add_network(s, "long", {{4ms}}), 20ms, every(20ms));
  const ScenarioAnalysis analysis = analyse(s);
  const TestFinding& found = find(analysis, "edf_single_layer", "edf");
  EXPECT_EQ(found.strength, Strength::exact);
  EXPECT_EQ(found.finding, Finding::not_schedulable);
  EXPECT_EQ(find(analysis, "fp_single_layer", "rm").finding, Finding::not_schedulable);
  EXPECT_THAT(analysis.policies[0].reason, HasSubstr("for some offsets"));
  EXPECT_FALSE(analysis.schedulable());
  // Its own phase may well be one that works.
  s.tasks[0].execution = {ExecutionTimes::Kind::uniform, 0.5, 1.0, 0.0};
  EXPECT_EQ(find(analyse(s), "edf_layers", "edf").finding, Finding::open) << "noise may never be that unkind";
}

TEST(ScenarioAnalysis, TimesIncludeWhatMovingAndSwitchingCost) {
  Scenario s = chains();
  s.platform.types[0].model_switch = 100us;
  s.platform.transfers = {{}, {10us, 1e9}, {20us, 0.0}, {}};
  for (Network& n : s.networks) {
    for (Layer& l : n.layers) l.output_bytes = 5000;
  }
  const ScenarioAnalysis analysis = analyse(s);
  EXPECT_EQ(analysis.tasks[0].wcet, Duration{5ms + 100us + 10us + 5us});
  EXPECT_EQ(analysis.tasks[2].wcet, Duration{14ms + 200us + 15us + 20us});
}

TEST(ScenarioAnalysis, NoiseTakesItsLargestFactor) {
  Scenario s = one_accelerator();
  s.tasks[0].execution = {ExecutionTimes::Kind::uniform, 0.5, 1.5, 0.0};
  EXPECT_EQ(analyse(s).tasks[0].wcet, Duration{4500us});
  EXPECT_NEAR(analyse(s).originals.bound->lower, 0.3 + 1.0 / 3 + 7.0 / 30, 1e-12) << "loads take the mean";
}

TEST(ScenarioAnalysis, SamplesTakeTheirLongest) {
  Scenario s = one_accelerator();
  s.networks[0].samples.ids = {1, 2};
  s.networks[0].samples.latency = {2ms, 3ms, 1ms, 4ms};
  s.tasks[0].execution.kind = ExecutionTimes::Kind::samples;
  EXPECT_EQ(analyse(s).tasks[0].wcet, Duration{6ms});
}

TEST(ScenarioAnalysis, SaysWhyNothingApplies) {
  const auto reason_of = [](auto change) {
    Scenario s = one_accelerator();
    change(s);
    const ScenarioAnalysis analysis = analyse(s);
    for (const PolicyFinding& p : analysis.policies) EXPECT_EQ(p.finding, Finding::not_applicable);
    EXPECT_EQ(find(analysis, "edf_layers", "edf").finding, Finding::not_applicable);
    EXPECT_EQ(find(analysis, "fp_layers", "rm").finding, Finding::not_applicable);
    return find(analysis, "fp_layers", "rm").reason;
  };
  EXPECT_EQ(reason_of([](Scenario& s) { s.tasks[1].arrivals = PoissonArrivals{15ms}; }),
            "b: releases have no smallest distance");
  EXPECT_EQ(reason_of([](Scenario& s) {
              s.tasks[1].arrivals = NoArrivals{};
              s.tasks[1].parent = Parent{0, 0.5, true};
            }),
            "b: released by completions of a");
  EXPECT_EQ(reason_of([](Scenario& s) { s.tasks[2].execution.kind = ExecutionTimes::Kind::exponential; }),
            "c: execution times have no limit");
  EXPECT_EQ(reason_of([](Scenario& s) { s.platform.memory_bytes_per_second = 1e9; }),
            "a: layers slow each other down at the shared memory");
  EXPECT_EQ(reason_of([](Scenario& s) {
              s.platform.accelerators.push_back({"npu1", 0});
            }),
            "type npu has 2 accelerators, a layer may run on any; see the mappings pinned and partitioned");
}

TEST(ScenarioAnalysis, PinnedTasksShareTheLoad) {
  Scenario s = one_accelerator();
  s.platform.accelerators.push_back({"npu1", 0});
  const ScenarioAnalysis pinned = analyse(s, {{}, LayerMapping::pinned, 0});
  ASSERT_EQ(pinned.sites.size(), 2U);
  // In order of falling load: b 1/3, a 0.3, c 7/30.
  EXPECT_EQ(pinned.tasks[1].sites, std::vector<std::size_t>{0});
  EXPECT_EQ(pinned.tasks[0].sites, std::vector<std::size_t>{1});
  EXPECT_EQ(pinned.tasks[2].sites, std::vector<std::size_t>{1});
  EXPECT_EQ(task_finding(pinned, 1, "rm").response, Duration{5ms}) << "alone";
  EXPECT_TRUE(pinned.schedulable());
  const ScenarioAnalysis fastest = analyse(s);
  EXPECT_EQ(find(fastest, "global_edf", "edf").finding, Finding::schedulable);
  EXPECT_FALSE(fastest.schedulable()) << "that test holds for layers that can be preempted anywhere";
}

TEST(ScenarioAnalysis, PartitionedTasksGoWhereTheLargestLoadIsLeast) {
  Scenario s = platform({{"x", 1}, {"y", 1}});
  // The fastest type is x for all: 0.4 + 0.3 + 0.3. The best partition puts the first alone on y.
  add_task(s, "a", add_network(s, "a", {{2ms, 3ms}, {2ms, 2ms}}), 10ms, every(10ms));
  add_task(s, "b", add_network(s, "b", {{3ms, 9ms}}), 10ms, every(10ms));
  add_task(s, "c", add_network(s, "c", {{3ms, kCannotRun}}), 10ms, every(10ms));
  const ScenarioAnalysis analysis = analyse(s, {{}, LayerMapping::partitioned, 0});
  EXPECT_EQ(analysis.tasks[0].sites, std::vector<std::size_t>{1});
  EXPECT_EQ(analysis.tasks[1].sites, std::vector<std::size_t>{0});
  EXPECT_EQ(analysis.tasks[2].sites, std::vector<std::size_t>{0});
  EXPECT_DOUBLE_EQ(analysis.sites[0].utilisation, 0.6);
  EXPECT_EQ(task_finding(analysis, 0, "rm").response, Duration{5ms}) << "alone on its accelerator";
  EXPECT_EQ(task_finding(analysis, 0, "edf").finding, Finding::schedulable);
}

TEST(ScenarioAnalysis, EverythingOnOneAccelerator) {
  Scenario s = chains();
  const ScenarioAnalysis gpu = analyse(s, {{"rm"}, LayerMapping::single, 0});
  EXPECT_EQ(gpu.tasks[0].reason, "layer a.1 cannot run on gpu0");
  for (Network& n : s.networks) std::replace(n.latency.begin(), n.latency.end(), kCannotRun, Duration{7ms});
  const ScenarioAnalysis all = analyse(s, {{"rm"}, LayerMapping::single, 0});
  EXPECT_EQ(all.tasks[0].wcet, Duration{10ms});
  EXPECT_EQ(all.sites.size(), 1U);
  EXPECT_EQ(all.tasks[0].findings.size(), 1U);
}

TEST(ScenarioAnalysis, TooMuchWorkForAnyPolicy) {
  Scenario s = platform({{"x", 1}, {"y", 1}});
  add_task(s, "a", add_network(s, "a", {{6ms, 12ms}}), 10ms, every(5ms));
  const ScenarioAnalysis fits = analyse(s);
  EXPECT_NEAR(fits.originals.bound->lower, 0.8, 1e-12) << "2/3 of the jobs on x, 1/3 on y";
  EXPECT_EQ(find(fits, "load", "any").finding, Finding::open);
  EXPECT_EQ(find(fits, "utilisation", "any").finding, Finding::not_schedulable) << "x alone is too slow";
  add_task(s, "b", 0, 10ms, every(10ms));
  const ScenarioAnalysis over = analyse(s);
  EXPECT_EQ(find(over, "load", "any").finding, Finding::not_schedulable);
  for (const PolicyFinding& p : over.policies) EXPECT_EQ(p.finding, Finding::not_schedulable);
  s.tasks[1].deadline = 5ms;
  EXPECT_EQ(find(analyse(s), "fastest_path", "any").reason, "b: 6 ms > 5 ms");
}

TEST(ScenarioAnalysis, VariantsLowerTheLoad) {
  Scenario s = platform({{"x", 1}});
  const auto network = add_network(s, "a", {{8ms}});
  add_variant(s, network, 0, "thin", {4ms});
  s.networks[network].accuracy = AccuracyModel::measured("top-1", 80.0, {{0, 80.0}, {1, 76.0}});
  add_task(s, "a", network, 10ms, every(5ms));
  const ScenarioAnalysis analysis = analyse(s);
  EXPECT_EQ(find(analysis, "load", "any").finding, Finding::not_schedulable);
  EXPECT_EQ(find(analysis, "load_variants", "any").finding, Finding::open);
  EXPECT_NEAR(analysis.with_variants.bound->lower, 0.8, 1e-12);
}

class AnalysisReportTest : public ::testing::Test {
 protected:
  AnalysisReportTest() {
    loaded_.scenario = chains();
    loaded_.resolved = "{}";
    analysis_ = analyse(loaded_.scenario);
    report_.scenario = &loaded_;
    report_.analysis = &analysis_;
  }
  std::string text(Format format) {
    std::ostringstream out;
    write(out, report_, format);
    return out.str();
  }

  LoadedScenario loaded_;
  ScenarioAnalysis analysis_;
  AnalysisReport report_;
};

TEST_F(AnalysisReportTest, Table) {
  const std::string table = text(Format::table);
  EXPECT_THAT(table, HasSubstr("rm      all met    shown for every task"));
  EXPECT_THAT(table, HasSubstr("17 ms"));
  EXPECT_THAT(table, HasSubstr("fp_chains"));
}

TEST_F(AnalysisReportTest, Json) {
  const Json json = Json::parse(text(Format::json));
  EXPECT_EQ(json["kind"], "analysis");
  EXPECT_EQ(json["tasks"][1]["policies"][1]["response_ms"], 36.0);
  EXPECT_EQ(json["tasks"][1]["policies"][1]["blocking_ms"], 12.0);
  EXPECT_EQ(json["policies"][1]["finding"], "schedulable");
  EXPECT_EQ(json["least_load"]["lower"].get<double>(), analysis_.originals.bound->lower);
  EXPECT_EQ(json["least_load_with_variants"], Json());
  EXPECT_EQ(json["accelerators"][0]["accelerators"], "gpu0");
}

TEST_F(AnalysisReportTest, CsvHasARowForEachTaskAndPolicy) {
  const auto lines = split(text(Format::csv), '\n');
  ASSERT_EQ(lines.size(), 1U + 3U * 4U + 1U);
  EXPECT_EQ(lines[2], "test,a,rm,fastest,gpu0 cpu0,20,0,20,5,schedulable,17,12,");
}

TEST_F(AnalysisReportTest, JsonlHasALineForEachTest) {
  const auto lines = split(text(Format::jsonl), '\n');
  ASSERT_EQ(lines.size(), analysis_.tests.size() + 1);
  EXPECT_EQ(Json::parse(lines[0])["test"], "load");
}

TEST(AnalysisWords, EveryTestIsDescribed) {
  for (const AnalysisTest& t : analysis_tests()) EXPECT_EQ(analysis_test(t.id).condition, t.condition);
  EXPECT_THROW(static_cast<void>(analysis_test("nothing")), Error);
}

} // namespace
} // namespace terastal::testing
