// Sweeps as files: what they mean, and what is said when something is wrong with them.

#include "terastal/io/load_sweep.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/core/text.hpp"
#include "terastal/sweep/cells.hpp"
#include "unit/experiment_sweep_support.hpp"

namespace terastal {
namespace {

using testing::SweepFiles;
using Texts = std::vector<std::string>;

class SweepDocument : public ::testing::Test {
 protected:
  SweepFiles files_;
};

TEST_F(SweepDocument, EveryKey) {
  const Sweep sweep = files_.load(R"(  seed: 5..7
  scenario: [small.yaml]
  alpha: { policy_setting: alpha, values: [0, 0.5] }
  theta: { set: accuracy_threshold, values: [0.85, 90 %] }
  phases: { set: tasks.fast.arrivals, values: [ { kind: periodic, period: 10 ms }, { kind: poisson, rate: 30 fps } ] }
  load: [0.80, 1, 1.2]
  policy: [fcfs, "dream:beta=0", "terastal:variants=true"]
)",
                                  R"(description: about it
source: a paper
set: { horizon: 300 ms, tasks.slow.deadline: 25 ms }
skip: [ { policy: fcfs, load: [1.2] }, { seed: 5..6, theta: 90 % } ]
metrics: [miss_rate, antt]
)");
  EXPECT_EQ(sweep.name, "test");
  EXPECT_EQ(sweep.description, "about it");
  EXPECT_EQ(sweep.source, "a paper");
  EXPECT_EQ(sweep.path, "test.sweep.yaml");
  ASSERT_EQ(sweep.axes.size(), 7U);
  const auto axis = [&](std::size_t a) { return sweep.axes[a]; };
  EXPECT_EQ(axis(0).kind, SweepAxis::Kind::seed);
  EXPECT_EQ(axis(0).values, (Texts{"5", "6", "7"}));
  EXPECT_EQ(axis(1).values, (Texts{"small.yaml"}));
  EXPECT_EQ(sweep.scenario_files, (Texts{"small.yaml"}));
  EXPECT_EQ(axis(2).kind, SweepAxis::Kind::policy_setting);
  EXPECT_EQ(axis(2).path, "alpha");
  EXPECT_EQ(axis(2).values, (Texts{"0", "0.5"}));
  EXPECT_EQ(axis(3).kind, SweepAxis::Kind::setting);
  EXPECT_EQ(axis(3).path, "accuracy_threshold");
  EXPECT_EQ(axis(3).values, (Texts{"0.85", "90 %"}));
  EXPECT_EQ(axis(3).changes[1].value, "90 %");
  EXPECT_EQ(axis(4).values, (Texts{"{ kind: periodic, period: 10 ms }", "{ kind: poisson, rate: 30 fps }"}));
  EXPECT_EQ(axis(5).kind, SweepAxis::Kind::load);
  EXPECT_EQ(axis(5).values, (Texts{"0.8", "1", "1.2"}));
  EXPECT_EQ(axis(6).values, (Texts{"fcfs", "dream:beta=0", "terastal"}));
  EXPECT_EQ(sweep.policies[1].label, "dream:beta=0");
  ASSERT_EQ(sweep.overrides.size(), 2U);
  EXPECT_EQ(sweep.overrides[1].path, "tasks.slow.deadline");
  EXPECT_EQ(sweep.overrides[1].value, "25 ms");
  EXPECT_EQ(sweep.metrics, (std::vector<const MetricInfo*>{&find_metric("miss_rate"), &find_metric("antt")}));
  ASSERT_EQ(sweep.inputs.size(), 1U);
  EXPECT_EQ(sweep.inputs[0].path, "small.yaml");

  // Two entries, and that only dream has an alpha.
  ASSERT_EQ(sweep.skips.size(), 3U);
  const SweepCells cells(sweep);
  EXPECT_EQ(cells.total(), 3U * 2U * 2U * 2U * 3U * 3U);
  EXPECT_TRUE(cells.skipped(cells.number_of({0, 0, 0, 0, 0, 2, 0})));
  EXPECT_FALSE(cells.skipped(cells.number_of({0, 0, 0, 0, 0, 2, 1})));
  EXPECT_TRUE(cells.skipped(cells.number_of({1, 0, 0, 1, 0, 0, 1})));
  EXPECT_FALSE(cells.skipped(cells.number_of({2, 0, 0, 1, 0, 0, 1})));
  EXPECT_TRUE(cells.skipped(cells.number_of({2, 0, 1, 0, 0, 0, 0})));
  EXPECT_FALSE(cells.skipped(cells.number_of({2, 0, 1, 0, 0, 0, 1})));
}

TEST_F(SweepDocument, SeedsAndSingleValues) {
  const auto seeds = [&](const std::string& text) {
    return files_.load("  scenario: small.yaml\n  policy: edf\n  seed: " + text + "\n")
        .axis(SweepAxis::Kind::seed)
        ->values;
  };
  EXPECT_EQ(seeds("3"), (Texts{"1", "2", "3"}));
  EXPECT_EQ(seeds("9..9"), (Texts{"9"}));
  EXPECT_EQ(seeds("[4, 0, 18446744073709551615]"), (Texts{"4", "0", "18446744073709551615"}));
  const Sweep without = files_.load("  scenario: small.yaml\n  policy: edf\n");
  EXPECT_EQ(without.axes.size(), 2U);
  ASSERT_EQ(without.metrics.size(), 4U);
  EXPECT_STREQ(without.metrics[3]->id, "energy");
}

TEST_F(SweepDocument, OverridesReplacePartsOfIt) {
  const Sweep sweep = files_.load("  scenario: small.yaml\n  policy: edf\n  seed: 100\n", "set: { horizon: 1 s }\n",
                                  {{"axes.seed", "1..3"},
                                   {"axes.policy", "[edf, fcfs]"},
                                   {"axes.theta", "{ set: accuracy_threshold, values: [0.9] }"},
                                   {"axes.theta.values", "[0.7, 0.8]"},
                                   {"set.horizon", "20 ms"},
                                   {"set.tasks.slow.deadline", "9 ms"},
                                   {"metrics", "[energy]"}});
  EXPECT_EQ(SweepCells(sweep).size(), 3U * 2U * 2U);
  EXPECT_EQ(sweep.axes.back().values, (Texts{"0.7", "0.8"}));
  ASSERT_EQ(sweep.overrides.size(), 2U);
  EXPECT_EQ(sweep.overrides[0].value, "20 ms");
  EXPECT_EQ(sweep.overrides[1].path, "tasks.slow.deadline");
  EXPECT_NE(sweep.resolved.find("\"1..3\""), std::string::npos);
}

TEST_F(SweepDocument, PathsAreRelativeToTheFile) {
  files_.folder().write("deep/platform.yaml", "platform: p\ntypes: { gpu: {}, npu: {} }\n"
                                              "accelerators: [ { name: g, type: gpu } ]\n");
  files_.folder().write("deep/s.sweep.yaml", "sweep: s\naxes:\n  scenario: ../small.yaml\n"
                                             "  platform: { set: platform, values: [platform.yaml] }\n  policy: edf\n");
  const Sweep sweep = load_sweep("deep/s.sweep.yaml", {}, testing::known_context());
  ASSERT_EQ(sweep.inputs.size(), 2U);
  EXPECT_EQ(sweep.inputs[0].path, "../small.yaml");
  EXPECT_EQ(sweep.inputs[1].path, "platform.yaml");
  // One that comes from the command line is relative to the current folder.
  const Sweep changed =
      load_sweep("deep/s.sweep.yaml", {{"axes.platform.values", "[deep/platform.yaml]"}}, testing::known_context());
  ASSERT_EQ(changed.inputs.size(), 2U);
  EXPECT_EQ(changed.inputs[1].path, "platform.yaml");
}

TEST_F(SweepDocument, ScenariosByName) {
  SweepContext context = testing::known_context();
  context.find_scenario = [](const std::string& name) -> std::string {
    if (name == "known") return "small.yaml";
    throw InputError("no scenario is called '" + name + "'");
  };
  files_.folder().write("s.yaml", "sweep: s\naxes: { scenario: [known, unknown], policy: edf }\n");
  EXPECT_EQ(testing::input_error([&] { (void)load_sweep("s.yaml", {}, context); }),
            "s.yaml:2:27: error: no scenario is called 'unknown'");
  files_.folder().write("s.yaml", "sweep: s\naxes: { scenario: [known], policy: edf }\n");
  EXPECT_EQ(load_sweep("s.yaml", {}, context).scenario_files, (Texts{"small.yaml"}));
  // Without a way to find them they are no files; validate_file leaves them alone.
  EXPECT_EQ(testing::input_error([&] { (void)load_sweep("s.yaml", {}, testing::known_context()); }),
            "s.yaml:2:20: error: cannot read 'known': no such file");
  EXPECT_EQ(validate_file("s.yaml"), DocumentKind::sweep);
}

/// The errors of a message, without what is allowed.
Texts beginnings(const std::string& message) {
  Texts lines;
  for (std::string line : split(message, '\n')) {
    line = line.substr(std::string("test.sweep.yaml:").size());
    lines.push_back(line.substr(0, line.find("; ")));
  }
  return lines;
}

TEST_F(SweepDocument, AllErrorsAtOnce) {
  EXPECT_EQ(
      beginnings(files_.error(R"(  scenarios: [small.yaml]
  scenario: [small.yaml, nowhere.yaml, ./small.yaml]
  policy: [edf, edff, "dream:alpa=1", "dream:alpha=1", dream]
  load: [1, 1.0, 0]
  seed: 5..2
  theta: { set: accuracy_treshold, values: [0.9] }
  late: { set: late_jobs, values: [run_on] }
  2x: { set: warm_up, policy_setting: alpha, values: [] }
)",
                              "metrics: [antt, energy, energy]\n")),
      (Texts{
          "2:25: error: metric 'energy' is given twice",
          "4:3: error: axes: unknown key 'scenarios' for a grid (did you mean 'scenario'?)",
          "5:26: error: cannot read 'nowhere.yaml': no such file",
          "5:40: error: axes.scenario: './small.yaml' is given twice",
          "6:17: error: unknown policy 'edff' (did you mean 'edf'?)",
          "6:23: error: unknown setting 'alpa' (did you mean 'alpha'?)",
          "6:56: error: axes.policy: 'dream' is given twice",
          "7:13: error: axes.load: '1' is given twice",
          "7:18: error: axes.load.2: expected a number > 0, got '0'",
          "8:9: error: axes.seed: expected a whole number >= 1, or a range of whole numbers such as '1..20', or a "
          "list of seeds (at least 1), got '5..2'",
          "9:45: error: the document has no key 'accuracy_treshold' (did you mean 'accuracy_threshold'?)",
          "10:3: error: axis 'late': the table of results has a column of this name",
          "11:3: error: axis '2x': a name consists of the letters a to z, digits and '_', and does not begin "
          "with a digit",
          "11:23: error: axes.2x: 'set' and 'policy_setting' exclude each other",
          "11:54: error: axes.2x.values: expected a list of values (at least 1), got an empty list",
      }));
}

TEST_F(SweepDocument, AxesMustNotMeet) {
  EXPECT_EQ(beginnings(files_.error(R"(  scenario: small.yaml
  a: { policy_setting: alpha, values: [1, 1.0, -1, 2] }
  b: { policy_setting: alpha, values: [1] }
  c: { policy_setting: gama, values: [1] }
  d: { set: warm_up, values: [0 s] }
  e: { set: warm_up, values: [0 s] }
  f: { set: seed, values: [1] }
  g: { set: horizon, values: [1 s] }
  seed: 2
  policy: [edf, "dream:alpha=0"]
)",
                                    "set: { horizon: 1 s }\n")),
            (Texts{
                "5:3: error: axes.a: policy 'dream:alpha=0' has a value of 'alpha' already",
                "5:43: error: axes.a: '1.0' is the same value as one before it",
                "5:48: error: policy 'dream': setting 'alpha': expected number in [0, 1e+06], got '-1'",
                "6:3: error: axes.b: policy 'dream:alpha=0' has a value of 'alpha' already",
                "6:3: error: axes.b: 'alpha' is set by another axis or by 'set', too",
                "7:3: error: axes.c: no policy of the sweep has a setting 'gama'",
                "9:3: error: axes.e: 'warm_up' is set by another axis or by 'set', too",
                "11:3: error: axes.g: 'horizon' is set by another axis or by 'set', too",
                "12:3: error: axes.seed: 'seed' is set by another axis or by 'set', too",
            }));
}

TEST_F(SweepDocument, SkipNamesWhatIsThere) {
  constexpr const char* axes = "  scenario: small.yaml\n  alpha: { policy_setting: alpha, values: [0, 1] }\n"
                               "  load: [1, 2]\n  seed: 4\n  policy: [edf, dream]\n";
  EXPECT_EQ(beginnings(files_.error(axes, R"(skip:
  - { lod: 1 }
  - { load: [1, 3], seed: [4, 9..12, 4.., a..b] }
  - { policy: drem }
  - { alpha: 0, policy: edf }
)")),
            (Texts{
                "3:7: error: skip: there is no axis 'lod' (did you mean 'load'?)",
                "4:17: error: skip: '3' is no value of axis 'load'",
                "4:31: error: skip: '9..12' is no value of axis 'seed'",
                "4:38: error: skip: '4..' is no value of axis 'seed'",
                "4:43: error: skip: 'a..b' is no value of axis 'seed'",
                "5:15: error: skip: 'drem' is no value of axis 'policy' (did you mean 'dream'?)",
                "6:5: error: skip: the entry leaves nothing out: its policies do not have the setting it names",
            }));
  EXPECT_EQ(beginnings(files_.error(axes, "skip: [ { seed: 1..4 } ]\n")),
            (Texts{"2:7: error: every cell is left out by 'skip'"}));
  // What is no range is not the seed 0.
  EXPECT_EQ(
      beginnings(files_.error("  scenario: small.yaml\n  policy: edf\n  seed: [0, 1]\n", "skip: [ { seed: a..b } ]\n")),
      (Texts{"2:17: error: skip: 'a..b' is no value of axis 'seed'"}));
  // An entry about a setting says nothing of the policies without it: edf's cells stay.
  EXPECT_EQ(SweepCells(files_.load(axes, "skip: [ { alpha: 0 } ]\n")).size(), 2U * 4U * 2U);
}

TEST_F(SweepDocument, WhatTheScenarioRefusesIsSaidAtTheValue) {
  EXPECT_EQ(beginnings(files_.error("  scenario: small.yaml\n"
                                    "  theta: { set: accuracy_threshold, values: [0.9, 2, 1] }\n"
                                    "  rule: { set: late_jobs, values: [run_on, drop] }\n  policy: edf\n",
                                    "set: { horizont: 1 s }\n")),
            (Texts{
                "2:18: error: the document has no key 'horizont' (did you mean 'horizon'?)",
                "5:51: error: accuracy_threshold: expected a ratio from 0 to 1 such as '0.05' or '5 %', got '2'",
                "6:44: error: late_jobs: expected one of 'run_on', 'drop_at_deadline', 'drop_hopeless', got 'drop'",
            }));
}

TEST_F(SweepDocument, OneScenarioOfSeveralIsNamed) {
  std::string other = testing::kSweptScenario;
  other.replace(other.find("name: slow"), 10, "name: idle");
  files_.folder().write("other.yaml", other);
  constexpr const char* axes = "  scenario: [small.yaml, other.yaml]\n"
                               "  d: { set: tasks.idle.deadline, values: [5 ms] }\n  policy: edf\n";
  const Texts found = beginnings(files_.error(axes));
  EXPECT_EQ(found, (Texts{"4:43: error: 'tasks' has no entry 'idle'"}));
  EXPECT_NE(files_.error(axes).find("(scenario small.yaml)"), std::string::npos);
  // Cells that are left out need not be possible.
  EXPECT_EQ(files_.error(axes, "skip: [ { scenario: small.yaml, d: 5 ms } ]\n"), "");
}

TEST_F(SweepDocument, ABrokenScenarioIsReportedInItsFile) {
  std::string broken = testing::kSweptScenario;
  broken.replace(broken.find("200 ms"), 6, "200 m ");
  files_.folder().write("broken.yaml", broken);
  const std::string error = files_.error("  scenario: [small.yaml, broken.yaml]\n"
                                         "  theta: { set: accuracy_threshold, values: [0.8, 0.9] }\n  policy: edf\n");
  EXPECT_EQ(error.rfind("broken.yaml:6:10: error: horizon: expected a time", 0), 0U) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

TEST_F(SweepDocument, EqualValuesOfASettingAreOneValue) {
  EXPECT_EQ(beginnings(files_.error("  scenario: small.yaml\n"
                                    "  theta: { set: accuracy_threshold, values: [0.9, 0.90, 90 %, 0.91] }\n"
                                    "  h: { set: horizon, values: [200 ms, 0.2 s, 201 ms] }\n"
                                    "  a: { set: tasks.slow.arrivals, values: [ { kind: poisson, rate: 60 fps }, "
                                    "{ kind: poisson, rate: 60.0 fps }, { kind: poisson, rate: 61 fps } ] }\n"
                                    "  policy: edf\n")),
            (Texts{
                "4:51: error: axes.theta: '0.90' is the same value as one before it",
                "4:57: error: axes.theta: '90 %' is the same value as one before it",
                "5:39: error: axes.h: '0.2 s' is the same value as one before it",
                "6:77: error: axes.a: '{ kind: poisson, rate: 60.0 fps }' is the same value as one before it",
            }));
}

TEST_F(SweepDocument, ColumnsOfTablesAreNoAxes) {
  for (const char* name : {"cell", "task", "metric", "cells", "n", "mean", "sd", "ci_low", "ci_high"}) {
    EXPECT_EQ(beginnings(files_.error("  scenario: small.yaml\n  " + std::string(name) +
                                      ": { set: warm_up, values: [0 s] }\n  policy: edf\n")),
              (Texts{"4:3: error: axis '" + std::string(name) + "': the table of results has a column of this name"}));
  }
}

// A file that is read beside some values only: its value fails beside the first ones it is tried with.
TEST_F(SweepDocument, FilesOfAllCellsAreInputs) {
  const std::string net = "layers: [ { name: first, latency: { gpu: 3 ms, npu: 9 ms }, energy: 1 mJ } ]\n";
  files_.folder().write("n1.yaml", "network: n1\n" + net);
  files_.folder().write("n2.yaml", "network: n2\n" + net);
  const Sweep sweep = files_.load("  scenario: small.yaml\n"
                                  "  net: { set: tasks.slow.network, values: [n1.yaml, n2.yaml] }\n"
                                  "  w: { set: warm_up, values: [0 s, 150 ms] }\n"
                                  "  h: { set: horizon, values: [200 ms, 100 ms] }\n  policy: edf\n");
  std::vector<std::string> paths;
  for (const InputFile& file : sweep.inputs) paths.push_back(file.path);
  std::sort(paths.begin(), paths.end());
  EXPECT_EQ(paths, (Texts{"n1.yaml", "n2.yaml", "small.yaml"}));
}

// Two values that do not go together are no reason to refuse the sweep: other cells of each are fine.
TEST_F(SweepDocument, ValuesThatAreWrongTogetherOnly) {
  EXPECT_EQ(files_.error("  scenario: small.yaml\n  h: { set: horizon, values: [1 s, 50 ms] }\n"
                         "  w: { set: warm_up, values: [0 s, 100 ms] }\n  policy: edf\n"),
            "");
}

TEST_F(SweepDocument, TracesHaveNoLoad) {
  files_.folder().write("trace.csv", "release_ms\n0\n5\n");
  std::string traced = testing::kSweptScenario;
  const std::string poisson = "{ kind: poisson, rate: 60 fps }";
  traced.replace(traced.find(poisson), poisson.size(), "{ kind: trace, file: trace.csv }");
  files_.folder().write("traced.yaml", traced);
  constexpr const char* axes = "  scenario: [small.yaml, traced.yaml]\n  load: [1, 2]\n  policy: edf\n";
  EXPECT_EQ(beginnings(files_.error(axes)),
            (Texts{"4:13: error: task 'slow': the releases of a trace have no rate that can be scaled (scenario "
                   "traced.yaml)"}));
  EXPECT_EQ(files_.error(axes, "skip: [ { scenario: traced.yaml, load: 2 } ]\n"), "");
}

TEST_F(SweepDocument, SizesAreLimited) {
  EXPECT_EQ(beginnings(files_.error("  scenario: small.yaml\n  seed: 1000001\n  policy: edf\n")),
            (Texts{"4:9: error: axes.seed: at most 1000000 seeds are possible"}));
  EXPECT_NE(files_.error("  scenario: small.yaml\n  policy: edf\n", {}, {{"sweep", "../up"}}).find("it has no '/'"),
            std::string::npos);
}

} // namespace
} // namespace terastal
