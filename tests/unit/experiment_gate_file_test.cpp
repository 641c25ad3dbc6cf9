#include "terastal/gate/baseline_file.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "terastal/core/error.hpp"
#include "terastal/core/text.hpp"
#include "unit/gate_support.hpp"

namespace terastal {
namespace {

using testing::gate_baseline;

std::string written(const Baseline& baseline) {
  std::ostringstream out;
  write_baseline(out, baseline);
  return out.str();
}

/// Reads a text as a file `b.json` of a folder of this process.
Baseline read(const std::string& text) {
  const auto path = std::filesystem::path(::testing::TempDir()) /
                    ("gate_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) + ".json");
  std::ofstream(path) << text;
  Baseline baseline = read_baseline(path.string(), default_policies());
  std::filesystem::remove(path);
  return baseline;
}

/// All problems of a text, without the file's name: `line:column: error: …`.
std::string problems(const std::string& text) {
  try {
    (void)read(text);
  } catch (const InputError& e) {
    std::string all;
    for (Diagnostic d : e.diagnostics()) {
      d.source.clear();
      all += d.to_string().substr(1) + '\n';
    }
    return all;
  }
  return "";
}

Baseline sample() {
  Baseline b = gate_baseline("miss_rate", {0.1, 1.0 / 3.0, 1e-17});
  b.plan.overrides = {{"horizon", "2 s"}, {"tasks.a.rate", "\"30 fps\""}};
  b.plan.each_task = true;
  b.plan.rules.push_back({&find_metric("energy"), Judge::tolerance, {0.0, 0.02}});
  b.inputs = {{"dir/name \"quoted\".yaml", "00ff"}};
  b.cells.front().first_seed = 18446744073709551610ULL;
  b.cells.front().digests = {0, 0xFFFFFFFFFFFFFFFFULL, 0x0123456789ABCDEFULL};
  b.cells.front().tasks = {{"a task: 1", b.cells.front().series}, {"none", {}}};
  b.cells.front().tasks.front().series.front().values[1].reset();
  return b;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto found = text.find(from);
  EXPECT_NE(found, std::string::npos) << from;
  return text.replace(found, from.size(), to);
}

TEST(GateFile, ReadsBackWhatWasWritten) {
  const Baseline b = sample();
  const std::string text = written(b);
  const Baseline again = read(text);
  EXPECT_TRUE(same_content(b, again));
  EXPECT_EQ(written(again), text);
  EXPECT_EQ(again.version, "0.1.0");
}

// A changed number is a change of one line, and the mean stands before the values.
TEST(GateFile, OneLineForEachMetric) {
  const std::string text = written(gate_baseline("miss_rate", {0.25, 0.75}));
  EXPECT_NE(text.find("\n        \"miss_rate\": { \"mean\": 0.5, \"of\": [0.25, 0.75] }\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\"digests\": [\"0x0000000000000001\", \"0x0000000000000002\"]"), std::string::npos) << text;
}

TEST(GateFile, SameContentMindsEverythingButTheVersion) {
  const Baseline b = sample();
  Baseline other = b;
  other.version = "9";
  EXPECT_TRUE(same_content(b, other));
  other.cells.front().digests.front() = 7;
  EXPECT_FALSE(same_content(b, other));
  other = b;
  other.plan.rules.front().limits.abs = 0.1;
  EXPECT_FALSE(same_content(b, other));
}

TEST(GateFile, UnknownWordsAreErrorsWithTheirPlace) {
  const std::string text = written(gate_baseline("miss_rate", {0.25, 0.75}));
  EXPECT_EQ(problems(replaced(text, "\"replications\"", "\"replication\"")),
            "5:10: error: run: missing key 'replications': expected a whole number from 1 to 1000000\n"
            "13:5: error: run: unknown key 'replication' for a run (did you mean 'replications'?); allowed: scenarios, "
            "policies, set, replications, tasks\n");
  EXPECT_EQ(problems(replaced(text, "      \"edf\"\n", "      \"edg\"\n")).substr(0, 31),
            "10:7: error: unknown policy 'ed");
  EXPECT_NE(problems(replaced(text, "\"miss_rate\": { \"by\"", "\"mis_rate\": { \"by\""))
                .find("20:7: error: unknown metric 'mis_rate' (did you mean 'miss_rate'?); allowed:"),
            std::string::npos);
  EXPECT_NE(
      problems(replaced(text, "\"by\": \"noninferior\",", "\"by\": \"inferior\",")).find("17:11: error: judge.by: "),
      std::string::npos);
}

TEST(GateFile, NumbersMustFitTogether) {
  const std::string text = written(gate_baseline("miss_rate", {0.25, 0.75}));
  EXPECT_NE(problems(replaced(text, "0.75]", "0.85]")).find("the mean of these values is 0.55, not 0.5; measure again"),
            std::string::npos);
  EXPECT_NE(problems(replaced(text, ", 0.75]", "]")).find("one value for each of the 2 replications, got 1"),
            std::string::npos);
  EXPECT_NE(problems(replaced(text, "\"0x0000000000000002\"", "\"0x2\"")).find("expected a digest"), std::string::npos);
  EXPECT_NE(problems(replaced(text, "\"scenario\": \"s\"", "\"scenario\": \"t\"")).find("'t' is none of the run's"),
            std::string::npos);
  EXPECT_NE(problems(replaced(text, "\"confidence\": 0.95", "\"confidence\": 0.2")).find("at least 0.5"),
            std::string::npos);
}

// Without it, values could be edited and nobody would see.
TEST(GateFile, TheMeanIsNeeded) {
  const std::string text = written(gate_baseline("miss_rate", {0.25, 0.75}));
  EXPECT_NE(problems(replaced(text, "\"mean\": 0.5, ", "")).find("missing key 'mean'"), std::string::npos)
      << problems(replaced(text, "\"mean\": 0.5, ", ""));
  EXPECT_NE(
      problems(replaced(text, "\"mean\": 0.5", "\"mean\": \"none\"")).find("the mean of these values is 0.5, not none"),
      std::string::npos);
}

// Annotations point there: the line says which cell it is.
TEST(GateFile, CellsStandWhereTheirScenarioIsNamed) {
  Baseline b = gate_baseline("miss_rate", {0.25, 0.75});
  b.plan.overrides = {{"horizon", "2 s"}};
  const std::string text = written(b);
  const Baseline again = read(text);
  const std::vector<std::string> lines = split(text, '\n');
  const auto line = [&](const BaselinePlace& place) { return lines.at(static_cast<std::size_t>(place.line) - 1); };
  EXPECT_NE(line(again.cells.front().place).find("\"scenario\": \"s\", \"policy\": \"edf\""), std::string::npos);
  ASSERT_EQ(again.plan.override_places.size(), 1U);
  EXPECT_NE(line(again.plan.override_places.front()).find("horizon=2 s"), std::string::npos);
}

TEST(GateFile, OtherFilesAreRefusedInOneLine) {
  EXPECT_NE(problems("scenario: x\nhorizon: 1 s\n").find("1:1: error: this is no baseline"), std::string::npos);
  const std::string text = written(gate_baseline("miss_rate", {0.25, 0.75}));
  EXPECT_EQ(problems(replaced(text, "\"schema_version\": 1", "\"schema_version\": 2")),
            "2:21: error: this is version '2' of the file; this program reads version 1: use the program that wrote "
            "it, or make the baseline anew with --update\n");
  EXPECT_NE(problems("<<<<<<< HEAD\n" + text).find("error"), std::string::npos);
}

} // namespace
} // namespace terastal
