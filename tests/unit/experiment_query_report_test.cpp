#include <algorithm> // count
#include <functional>
#include <sstream>

#include "terastal/report/query_report.hpp"
#include "unit/store_support.hpp"

namespace terastal {
namespace {

using namespace test;
using QueryReportTest = StoreTest;
using What = QueryReport::What;

using Change = std::function<void(QueryReport&)>;

std::string shown(const std::string& path, Format format, What what = What::summary, const Change& change = {}) {
  const StoredResults results(path);
  QueryReport report;
  report.results = &results;
  report.what = what;
  report.pivot = default_pivot(results.identity());
  if (change) change(report);
  std::ostringstream out;
  write(out, report, format);
  return out.str();
}

/// A store of two cells of one policy, seeds 1 and 2: miss rates of 0.1 and 0.3.
void make_small(const std::string& path) {
  SweepIdentity identity;
  identity.name = "two";
  identity.document = R"({"sweep":"two","description":"two cells"})";
  identity.axes = {"scenario", "policy", "seed"};
  identity.axis_values = {{"s"}, {"edf"}, {"1", "2", "3", "4"}};
  identity.metrics = {"miss_rate", "energy_mj"};
  identity.cells = 4;
  identity.version = "1";
  ResultStore store(path, identity);
  for (const CellIndex cell : {1, 0}) {
    CellResult result;
    result.cell = cell;
    result.digest = 0xab;
    result.rows = {{"", 10, 9, 1, 1, {cell == 0 ? 0.1 : 0.3, std::nullopt}}};
    store.add({"s", "edf", std::to_string(cell + 1)}, result);
  }
  CellResult failed;
  failed.cell = 2;
  failed.error = "line one, \"quoted\"\nline two";
  store.add({"s", "edf", "3"}, failed);
}

TEST_F(QueryReportTest, Csv) {
  make_small(path("s"));
  EXPECT_EQ(shown(path("s"), Format::csv),
            "cell,scenario,policy,seed,task,released,completed,late,dropped,miss_rate,energy_mj\n"
            "0,s,edf,1,,10,9,1,1,0.1,\n"
            "1,s,edf,2,,10,9,1,1,0.3,\n");
  EXPECT_EQ(shown(path("s"), Format::csv, What::failed), "cell,scenario,policy,seed,error\n"
                                                         "2,s,edf,3,\"line one, \"\"quoted\"\"\nline two\"\n");
}

TEST_F(QueryReportTest, PivotAsLines) {
  make_small(path("s"));
  const std::string text = shown(path("s"), Format::csv, What::pivot);
  const std::string digest = shown(path("s"), Format::table, What::digest);
  // sd = 0.1·√2, half-width = t(1) · 0.1 = 1.270620…
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "scenario,policy,metric,cells,n,mean,sd,ci_low,ci_high,lacking,store_digest");
  EXPECT_EQ(text.substr(text.rfind(',')), "," + digest); // where the numbers are from
  EXPECT_NE(text.find("\ns,edf,miss_rate,2,2,0.2,0.141421356"), std::string::npos) << text;
  EXPECT_NE(text.find(",-1.0706204736"), std::string::npos) << text;
  const std::string line = shown(path("s"), Format::jsonl, What::pivot);
  EXPECT_EQ(line.rfind(R"({"scenario":"s","policy":"edf","metric":"miss_rate","cells":2,"n":2,"mean":0.2,)", 0), 0U)
      << line;
}

TEST_F(QueryReportTest, SummaryTable) {
  make_small(path("s"));
  EXPECT_EQ(shown(path("s"), Format::table), "two: two cells\n"
                                             "  cells     2 of 4 done, 1 failed, 1 missing\n"
                                             "  scenario  1: s\n"
                                             "  policy    1: edf\n"
                                             "  seed      4: 1, 2, 3, 4\n"
                                             "  metrics   miss_rate, energy\n"
                                             "\n"
                                             "miss rate, mean over tasks in %\n"
                                             "  scenario             edf\n"
                                             "  s         20.00 ± 127.06\n"
                                             "\n"
                                             "Means over seeds (n = 2); ±: 95 % interval of the mean, Student's t "
                                             "over seeds.\n"
                                             "Missing: 1 of the sweep's cells; means of what is there.\n"
                                             "Failed: 1 of the sweep's cells; --failed shows why.\n");
}

TEST_F(QueryReportTest, EqualContentsGiveEqualBytes) {
  const SweepIdentity identity = small_identity();
  auto all = numbers(0, identity.cells);
  make_store(path("a"), identity, all);
  std::reverse(all.begin(), all.end());
  make_store(path("b"), identity, all);
  const auto against = [&](QueryReport& report) { report.against = parse_against("edf", identity); };
  for (const Format format : {Format::table, Format::json, Format::csv, Format::jsonl}) {
    for (const What what :
         {What::summary, What::info, What::digest, What::rows, What::pivot, What::differences, What::failed}) {
      EXPECT_EQ(shown(path("a"), format, what, against), shown(path("b"), format, what, against));
      EXPECT_FALSE(shown(path("a"), format, what, against).empty());
    }
  }
}

/// One scenario, two loads, two policies, three seeds: miss rates of 0.1 under edf and 0.2, 0.3, 0.4 under fcfs, which
/// lacks the second load.
void make_unequal(const std::string& path) {
  SweepIdentity identity;
  identity.name = "unequal";
  identity.document = "{}";
  identity.axes = {"scenario", "load", "policy", "seed"};
  identity.axis_values = {{"s"}, {"1", "1.6"}, {"edf", "fcfs"}, {"1", "2", "3"}};
  identity.metrics = {"miss_rate"};
  identity.cells = 9;
  identity.version = "1";
  ResultStore store(path, identity);
  for (CellIndex cell = 0; cell < 9; ++cell) {
    CellResult result;
    result.cell = cell;
    result.digest = cell;
    const double rate = cell < 3 || cell > 5 ? 0.125 : 0.25 * static_cast<double>(cell - 2);
    result.rows = {{"", 10, 9, 1, 1, {rate}}};
    store.add(values_of(identity, cell), result);
  }
}

TEST_F(QueryReportTest, UnequalSetsOfCellsAreTold) {
  make_unequal(path("s"));
  std::vector<std::string> warnings;
  const auto by_policy = [&](QueryReport& report) {
    report.pivot = {{2}, {}, 0};
    report.warn = [&](const std::string& text) { warnings.push_back(text); };
  };
  const std::string table = shown(path("s"), Format::table, What::pivot, by_policy);
  EXPECT_NE(table.find("\n  fcfs    * 50.00 ± 62.10\n"), std::string::npos) << table; // t(2) · 25 / √3
  EXPECT_NE(table.find("* Lacks cells that others have: fcfs has 3 of 6 (no load 1.6).\n"), std::string::npos);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0], "means over unequal sets of cells do not compare: fcfs has 3 of 6 (no load 1.6)");

  const std::string document = shown(path("s"), Format::json, What::pivot, by_policy);
  EXPECT_NE(document.find("\"unbalanced\": true"), std::string::npos) << document;
  EXPECT_NE(document.find("\"none_of\": {"), std::string::npos);
  EXPECT_NE(document.find("\"sweep_digest\""), std::string::npos); // which store it is
  const std::string lines = shown(path("s"), Format::csv, What::pivot, by_policy);
  EXPECT_NE(lines.find("\nfcfs,miss_rate,3,3,0.5,0.25,"), std::string::npos) << lines;
  EXPECT_EQ(warnings.size(), 3U); // each time
  shown(path("s"), Format::table, What::summary,
        [&](QueryReport& report) { report.warn = [&](const std::string& text) { warnings.push_back(text); }; });
  EXPECT_EQ(warnings.size(), 3U); // by load and policy, nothing is averaged
}

TEST_F(QueryReportTest, DifferencesInAllFormats) {
  make_unequal(path("s"));
  std::vector<std::string> warnings;
  const auto against = [&](QueryReport& report) {
    report.against = parse_against("edf", report.results->identity());
    report.against.holm = true;
    report.warn = [&](const std::string& text) { warnings.push_back(text); };
  };
  // 0.125, 0.375, 0.625 against zero: 0.375 ± t(2) · 0.25 / √3 = 0.621, t² = 6.75, p = 1 − √(6.75 / 8.75).
  EXPECT_EQ(
      shown(path("s"), Format::table, What::differences, against),
      "miss rate, mean over tasks in %, against edf\n"
      "  load  policy   mean  against      difference                     change     p  adjusted p  "
      "verdict       n  left out\n"
      "  1     fcfs    50.00    12.50  +37.50 ± 62.10  +300.0 % [-100.0, +796.8]  0.12        0.12  "
      "inconclusive  3\n"
      "  1.6   fcfs        -        -               -                                               "
      "-             0         3\n"
      "\n"
      "Differences from edf, paired by seed; ± and [ ]: 95 % intervals, Student's t over seeds. p: paired t-test.\n"
      "Verdict: better or worse when the p-value, adjusted by Holm's procedure for these 1, is at most 0.05;\n"
      "identical when every pair is equal.\n");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0], "cells without a partner are left out: 1.6 / fcfs: 3 of 3 cells, n = 0");

  const std::string lines = shown(path("s"), Format::csv, What::differences, against);
  EXPECT_EQ(lines.substr(0, lines.find('\n')),
            "load,policy,against,metric,n,cells,left_out,base_mean,mean,difference,difference_ci_low,"
            "difference_ci_high,relative_change,relative_change_ci_low,relative_change_ci_high,p_value,"
            "adjusted_p_value,verdict,intervals,store_digest");
  EXPECT_NE(lines.find("\n1,fcfs,edf,miss_rate,3,3,0,0.125,0.5,0.375,-0.246"), std::string::npos) << lines;
  EXPECT_NE(lines.find("\n1.6,fcfs,edf,miss_rate,0,0,3,,,,,,,,,,,,t,"), std::string::npos) << lines;
  const std::string line = shown(path("s"), Format::jsonl, What::differences, against);
  EXPECT_EQ(line.rfind(R"({"load":1,"policy":"fcfs","against":"edf","metric":"miss_rate","n":3,"cells":3,)", 0), 0U)
      << line; // axes of numbers are numbers
  const std::string document = shown(path("s"), Format::json, What::differences, against);
  EXPECT_NE(document.find("\"method\": \"holm_paired_t\""), std::string::npos) << document;
}

TEST_F(QueryReportTest, WhatIsChosenAndNotThereIsNoStoreWithoutCells) {
  make_small(path("s"));
  const auto third = [](QueryReport& report) {
    report.selection.where = parse_where("seed=3", report.results->identity()); // failed
  };
  for (const What what : {What::summary, What::pivot, What::rows}) {
    EXPECT_NE(shown(path("s"), Format::table, what, third).find("no cell that --where chooses is done"),
              std::string::npos);
  }
  EXPECT_EQ(shown(path("s"), Format::jsonl, What::info).front(), '{');
  EXPECT_EQ(shown(path("s"), Format::csv, What::info).rfind("what,name,value\nsweep,name,two\n", 0), 0U);
  EXPECT_EQ(shown(path("s"), Format::csv, What::digest).rfind("digest\n", 0), 0U);
}

TEST_F(QueryReportTest, ASweepWithoutSeedsHasSingleRuns) {
  SweepIdentity identity;
  identity.name = "single";
  identity.document = "{}";
  identity.axes = {"scenario", "policy"};
  identity.axis_values = {{"7"}, {"edf"}};
  identity.metrics = {"miss_rate"};
  identity.cells = 1;
  identity.version = "1";
  {
    ResultStore store(path("s"), identity);
    CellResult result;
    result.rows = {{"", 10, 9, 1, 1, {0.5}}};
    store.add({"7", "edf"}, result);
  }
  EXPECT_NE(shown(path("s"), Format::table).find("The sweep has no seed axis: single runs, no intervals."),
            std::string::npos);
  // A scenario is a name, whatever it looks like.
  EXPECT_NE(shown(path("s"), Format::jsonl).find(R"("scenario":"7")"), std::string::npos);
}

TEST_F(QueryReportTest, AStoreWithoutCells) {
  make_store(path("s"), small_identity(), {});
  EXPECT_NE(shown(path("s"), Format::table).find("nothing is done yet"), std::string::npos);
  EXPECT_NE(shown(path("s"), Format::json).find("\"groups\": []"), std::string::npos);
  const std::string lines = shown(path("s"), Format::csv);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
}

} // namespace
} // namespace terastal
