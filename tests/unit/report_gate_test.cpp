#include "terastal/report/gate_report.hpp"

#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "terastal/core/text.hpp"
#include "unit/gate_support.hpp"

namespace terastal {
namespace {

using testing::gate_baseline;
using testing::gate_measurement;

const std::vector<double> kValues = {0.25, 0.5, 0.75};

std::vector<CheckedBaseline> checked(const std::vector<double>& now, const std::string& path = "b.json") {
  Baseline baseline = gate_baseline("miss_rate", kValues);
  baseline.path = path;
  baseline.cells.front().place = {29, 5};
  CheckResult result = check_against(baseline, gate_measurement("miss_rate", now));
  std::vector<CheckedBaseline> list;
  list.push_back({std::move(baseline), std::move(result)});
  return list;
}

GateReport report_of(const std::vector<CheckedBaseline>& list, OpenCounts open = OpenCounts::separately) {
  GateReport report;
  report.checked = &list;
  report.open = open;
  return report;
}

std::string junit(const std::vector<CheckedBaseline>& list, OpenCounts open = OpenCounts::separately) {
  std::ostringstream out;
  write_junit(out, report_of(list, open));
  return out.str();
}

std::string annotations(const std::vector<CheckedBaseline>& list, OpenCounts open = OpenCounts::separately) {
  std::ostringstream out;
  write_github_annotations(out, report_of(list, open));
  return out.str();
}

std::string summary(const std::vector<CheckedBaseline>& list, std::size_t most) {
  std::ostringstream out;
  write_github_summary(out, report_of(list), most);
  return out.str();
}

const std::vector<double> kSame = kValues;
const std::vector<double> kWorse = {0.3, 0.551,
                                    0.802}; // differences 0.051, give or take 0.001: t(2) · 0.001 / √3 = 0.0025
const std::vector<double> kOpen = {0.25, 0.5, 0.78};

TEST(GateReport, EndsAsItsJudgementsDo) {
  const auto same = checked(kSame);
  const auto worse = checked(kWorse);
  const auto open = checked(kOpen);
  EXPECT_EQ(report_of(same).end(), CheckEnd::passed);
  EXPECT_EQ(report_of(worse).end(), CheckEnd::failed);
  EXPECT_EQ(report_of(open).end(), CheckEnd::inconclusive);
  EXPECT_EQ(report_of(open, OpenCounts::as_pass).end(), CheckEnd::passed);
  EXPECT_EQ(report_of(open, OpenCounts::as_failure).end(), CheckEnd::failed);
  EXPECT_EQ(report_of(worse, OpenCounts::as_pass).end(), CheckEnd::failed);
}

/// A baseline of which an interrupt left so many replications.
std::vector<CheckedBaseline> interrupted_after(std::size_t replications) {
  Baseline baseline = gate_baseline("miss_rate", kValues);
  Measurement now = gate_measurement("miss_rate", kValues, 1);
  now.replications = replications;
  now.complete = false;
  CheckResult result = check_against(baseline, now);
  std::vector<CheckedBaseline> list;
  list.push_back({std::move(baseline), std::move(result)});
  return list;
}

std::string written(const std::vector<CheckedBaseline>& list, Format format) {
  std::ostringstream out;
  write(out, report_of(list), format);
  return out.str();
}

TEST(GateReport, WhatWasNotFinishedHasNotPassed) {
  EXPECT_EQ(report_of(interrupted_after(0)).end(), CheckEnd::interrupted);
  EXPECT_EQ(report_of(interrupted_after(2)).end(), CheckEnd::interrupted);
  std::vector<CheckedBaseline> both = checked(kWorse);
  both.push_back(interrupted_after(0).front());
  EXPECT_EQ(report_of(both).end(), CheckEnd::interrupted);
  EXPECT_EQ(report_of(interrupted_after(0), OpenCounts::as_pass).end(), CheckEnd::interrupted);
}

TEST(GateReport, EveryFormatTellsOfAnInterrupt) {
  const std::string table = written(interrupted_after(2), Format::table);
  EXPECT_NE(table.find("interrupted after 2 of 3 replications of each cell"), std::string::npos) << table;
  EXPECT_EQ(table.substr(table.size() - 13), "\ninterrupted\n") << table;
  EXPECT_NE(written(interrupted_after(0), Format::table).find("nothing is judged"), std::string::npos);
  EXPECT_NE(written(interrupted_after(0), Format::json).find("\"verdict\": \"interrupted\""), std::string::npos);
  EXPECT_NE(summary(interrupted_after(2), 100'000).find("interrupted after 2 of 3"), std::string::npos);
}

TEST(GateJunit, AnInterruptIsAnError) {
  const std::string none = junit(interrupted_after(0));
  EXPECT_NE(none.find("tests=\"1\" failures=\"0\" errors=\"1\""), std::string::npos) << none;
  EXPECT_NE(none.find("<error message=\"interrupted before all cells had one replication: nothing is judged\""),
            std::string::npos)
      << none;
  EXPECT_NE(junit(interrupted_after(2)).find("tests=\"2\" failures=\"0\" errors=\"1\""), std::string::npos);
}

TEST(GateReport, FailuresComeBeforeOpenQuestions) {
  std::vector<CheckedBaseline> both = checked(kOpen);
  both.push_back(checked(kWorse).front());
  EXPECT_EQ(report_of(both).end(), CheckEnd::failed);
  EXPECT_LT(annotations(both).find("regresses"), annotations(both).find("inconclusive"));
}

TEST(GateJunit, OneCaseForEachJudgement) {
  EXPECT_EQ(junit(checked(kSame)),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"terastal check\">\n"
            "  <testsuite name=\"b.json\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n"
            "    <testcase classname=\"s: edf\" name=\"miss_rate\"/>\n"
            "  </testsuite>\n"
            "</testsuites>\n");
  const std::string worse = junit(checked(kWorse));
  EXPECT_NE(worse.find("failures=\"1\" errors=\"0\" skipped=\"0\""), std::string::npos);
  EXPECT_NE(worse.find("<failure message=\"miss rate, mean over tasks: regresses: 50.00 → 55.10 % (+5.10 ± 0.25, limit "
                       "0.50)\" type=\"regresses\">"),
            std::string::npos)
      << worse;
}

TEST(GateJunit, OpenQuestionsAreWhatTheyCountAs) {
  const auto open = checked(kOpen);
  EXPECT_NE(junit(open).find("errors=\"1\""), std::string::npos);
  EXPECT_NE(junit(open).find("<error message="), std::string::npos);
  EXPECT_NE(junit(open, OpenCounts::as_pass).find("<skipped message="), std::string::npos);
  EXPECT_NE(junit(open, OpenCounts::as_failure).find("<failure message="), std::string::npos);
}

TEST(GateJunit, NamesHoldNoPackages) {
  std::vector<CheckedBaseline> list = checked(kSame);
  list.front().result.cells.front().scenario = "dir/cameras.yaml";
  list.front().result.cells.front().policy = "dream:alpha=0.5";
  EXPECT_NE(junit(list).find("classname=\"dir/cameras_yaml: dream:alpha=0_5\" name=\"miss_rate\""), std::string::npos)
      << junit(list);
}

TEST(GateJunit, WhatHasNoValueIsSkipped) {
  std::vector<CheckedBaseline> list = checked(kSame);
  MetricCheck& j = list.front().result.cells.front().judgements.front();
  j.verdict = CheckVerdict::undefined;
  j.note = "no value on either side";
  EXPECT_NE(junit(list).find("<skipped message=\"miss rate, mean over tasks: undefined"), std::string::npos);
  EXPECT_EQ(annotations(list), "");
  EXPECT_NE(written(list, Format::table).find("no value on either side"), std::string::npos);
  EXPECT_NE(written(list, Format::table).find("1 judgement: 1 undefined"), std::string::npos);
}

TEST(GateJunit, TextIsEscaped) {
  const std::string text = junit(checked(kSame, "a<b>&\"\x01\n.json"));
  EXPECT_NE(text.find("name=\"a&lt;b&gt;&amp;&quot;\xEF\xBF\xBD&#10;.json\""), std::string::npos) << text;
}

TEST(GateGithub, AnnotationsPointToTheCell) {
  EXPECT_EQ(annotations(checked(kSame)), "");
  EXPECT_EQ(annotations(checked(kWorse, "ci/a,b:c%.json")),
            "::error file=ci/a%2Cb%3Ac%25.json,line=29,title=s under edf%3A regresses::miss rate, mean over tasks: "
            "regresses: 50.00 → 55.10 %25 (+5.10 ± 0.25, limit 0.50)\n");
  EXPECT_EQ(annotations(checked(kOpen)).rfind("::error ", 0), 0U);
  EXPECT_EQ(annotations(checked(kOpen), OpenCounts::as_pass).rfind("::warning ", 0), 0U);
}

// GitHub wants paths from the repository's root, wherever the step runs.
TEST(GateGithub, PathsStartFromTheWorkspace) {
  const std::string folder = std::filesystem::temp_directory_path() / "gate_workspace";
  const auto file_of = [&](const std::string& path, const std::string& workspace) {
    const auto list = checked(kWorse, path);
    GateReport report = report_of(list);
    report.workspace = workspace;
    std::ostringstream out;
    write_github_annotations(out, report);
    const std::string text = out.str();
    return text.substr(13, text.find(",line=") - 13);
  };
  EXPECT_EQ(file_of(folder + "/ci/b.json", folder), "ci/b.json");
  EXPECT_EQ(file_of("ci/../b.json", std::filesystem::current_path()), "b.json");
  EXPECT_EQ(file_of("b.json", std::filesystem::current_path().parent_path()),
            (std::filesystem::current_path().filename() / "b.json").string());
  EXPECT_EQ(file_of("b.json", folder), "b.json"); // outside: as it is
}

TEST(GateGithub, TenAnnotationsAtMost) {
  std::vector<CheckedBaseline> many;
  for (int i = 0; i < 13; ++i) many.push_back(checked(kWorse).front());
  const std::string text = annotations(many);
  EXPECT_EQ(split(text, '\n').size(), 12U); // ten, a count, and what follows the last line break
  EXPECT_NE(text.find("terastal: 13 judgements do not pass; 3 are not shown as annotations\n"), std::string::npos);
}

TEST(GateGithub, SummaryIsATable) {
  const std::string text = summary(checked(kWorse, "my_file|x.json"), 100'000);
  EXPECT_EQ(text.rfind("## terastal check: failed\n", 0), 0U);
  EXPECT_NE(text.find("### my\\_file\\|x.json"), std::string::npos);
  EXPECT_NE(
      text.find("| s | edf | miss rate, mean over tasks, % | 50.00 | 55.10 | +5.10 ± 0.25 | 0.50 | regresses |  |"),
      std::string::npos)
      << text;
}

TEST(GateGithub, SummaryKeepsToItsSize) {
  std::vector<CheckedBaseline> many;
  for (int i = 0; i < 50; ++i) many.push_back(checked(kSame).front());
  many.push_back(checked(kWorse).front());
  const std::string text = summary(many, 2000);
  EXPECT_LE(text.size(), 2000U);
  EXPECT_NE(text.find("regresses"), std::string::npos); // what fails comes first
  EXPECT_NE(text.find(" more rows do not fit here."), std::string::npos);
  EXPECT_LE(summary(many, 10).size(), 10U);
}

} // namespace
} // namespace terastal
