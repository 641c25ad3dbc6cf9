// A paper's file: what it may say, and its way from sweeps to claims, charts and files.

#include "terastal/reproduce/reproduce.hpp"

#include <atomic>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "terastal/report/reproduction_report.hpp"
#include "unit/experiment_sweep_support.hpp"

namespace terastal {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSweep = R"(sweep: grid
axes:
  scenario: small.yaml
  load: [1, 1.6]
  policy: [edf, fcfs]
  seed: 1..4
metrics: [miss_rate]
)";

constexpr const char* kClaims = R"(reproduction: example
title: An example
quick: { sweeps: [axes.seed=1..2] }
sweeps: { grid: grid.sweep.yaml }
figures:
  - { id: misses, title: Misses, kind: bars, from: grid, x: load, series: policy, measure: miss_rate }
claims:
  - { id: edf, says: EDF misses less, from: grid, measure: miss_rate, policy: edf, against: fcfs, direction: less }
  - { id: rate, says: EDF misses 0, from: grid, measure: miss_rate, policy: edf, where: { load: "1" }, published: 0 }
sensitivity:
  claims: [edf]
  settings:
    - { group: load, from: grid, axis: load }
)";

class Reproducing : public ::testing::Test {
 protected:
  Reproducing() {
    files_.folder().write("grid.sweep.yaml", kSweep);
    files_.folder().write("claims.yaml", kClaims);
  }

  [[nodiscard]] static Reproduction load(bool quick = false) {
    return load_reproduction("claims.yaml", quick, testing::known_context());
  }

  /// What is wrong with a file in which one text is replaced.
  [[nodiscard]] std::string error(const std::string& text, const std::string& instead) {
    std::string claims = kClaims;
    claims.replace(claims.find(text), text.size(), instead);
    files_.folder().write("claims.yaml", claims);
    return testing::input_error([] { (void)load(); });
  }

  [[nodiscard]] static std::string json(const Reproduction& paper, const ReproduceOptions& options) {
    const ReproductionResult result = reproduce(paper, options);
    EXPECT_TRUE(result.complete);
    std::ostringstream out;
    write(out, {&paper, &result, false}, Format::json);
    return out.str();
  }

  [[nodiscard]] static ReproduceOptions on(std::size_t threads, const std::string& directory) {
    ReproduceOptions options;
    options.threads = threads;
    options.directory = directory;
    std::filesystem::create_directories(directory);
    return options;
  }

  testing::SweepFiles files_;
};

TEST_F(Reproducing, ResultsDoNotDependOnThreadsNorOnStopping) {
  const Reproduction paper = load();
  const std::string expected = json(paper, on(1, "one"));
  EXPECT_EQ(json(paper, on(3, "three")), expected);

  ReproduceOptions stopped = on(1, "stopped");
  std::atomic<int> asked = 0;
  stopped.keep_going = [&] { return ++asked < 6; };
  EXPECT_FALSE(reproduce(paper, stopped).complete);
  EXPECT_EQ(json(paper, on(2, "stopped")), expected);
}

TEST_F(Reproducing, ClaimsAreThoseOfTheStore) {
  const Reproduction paper = load();
  const ReproductionResult result = reproduce(paper, on(2, "out"));
  ASSERT_EQ(result.claims.size(), 2U);
  ASSERT_EQ(result.conditions.size(), 1U);
  EXPECT_EQ(result.conditions[0].seeds, 4U);
  EXPECT_EQ(result.conditions[0].runs, 16U);
  const ClaimResult& edf = result.claims[0];
  ASSERT_EQ(edf.sensitivity.size(), 2U);
  EXPECT_EQ(edf.sensitivity[1].setting->label, "1.6");
  // The rate of the second claim is the bar of EDF at load 1.
  ASSERT_EQ(result.figures.size(), 2U);
  const Chart& chart = result.figures[0].chart;
  EXPECT_EQ(chart.categories, (std::vector<std::string>{"1", "1.6"}));
  ASSERT_EQ(chart.series.size(), 2U);
  EXPECT_EQ(chart.series[0].name, "edf");
  ASSERT_TRUE(chart.series[0].values[0] && result.claims[1].figure.ours);
  EXPECT_EQ(chart.series[0].values[0]->value, result.claims[1].figure.ours->mean);
  EXPECT_GT(chart.series[0].values[1]->value, chart.series[0].values[0]->value); // more load, more misses
  EXPECT_EQ(result.figures[1].id, "sensitivity_edf");
  EXPECT_EQ(result.figures[1].chart.categories, (std::vector<std::string>{"all defaults", "1", "1.6"}));
}

TEST_F(Reproducing, FilesAreWritten) {
  const Reproduction paper = load();
  const ReproductionResult result = reproduce(paper, on(1, "out"));
  write_files("out", {&paper, &result, false});
  for (const char* name : {"claims.md", "claims.json", "misses.csv", "misses.svg", "sensitivity_edf.svg"}) {
    EXPECT_TRUE(std::filesystem::exists(std::string("out/") + name)) << name;
  }
  std::ifstream csv("out/misses.csv");
  std::string header;
  std::getline(csv, header);
  EXPECT_EQ(header, "load,policy,miss_rate_percent,miss_rate_percent_ci_low,miss_rate_percent_ci_high,seeds");
  EXPECT_THROW(write_files("nowhere", {&paper, &result, false}), Error);
}

TEST_F(Reproducing, QuickTakesWhatTheFileSays) {
  const ReproductionResult result = reproduce(load(true), on(1, "quick"));
  EXPECT_EQ(result.conditions.at(0).seeds, 2U);
}

TEST_F(Reproducing, AllErrorsAreToldAtOnce) {
  std::string claims = kClaims;
  const auto replace = [&](const std::string& text, const std::string& instead) {
    claims.replace(claims.find(text), text.size(), instead);
  };
  replace("against: fcfs", "against: fcf");
  replace("published: 0", "published: 0, best_over: load");
  replace("axis: load", "axis: loud");
  files_.folder().write("claims.yaml", claims);
  const std::string text = testing::input_error([] { (void)load(); });
  EXPECT_THAT(
      text, HasSubstr("claims.yaml:8:93: error: there is no policy 'fcf' (did you mean 'fcfs'?); there are edf, fcfs"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("a direction needs"))); // it has one, of a policy that is not there
  EXPECT_THAT(text, HasSubstr("claims.yaml:9:"));
  EXPECT_THAT(text, HasSubstr("the best of an axis needs 'against' and 'published'"));
  EXPECT_THAT(text, HasSubstr("claims.yaml:13:"));
  EXPECT_THAT(text, HasSubstr("there is no axis 'loud' (did you mean 'load'?)"));
}

TEST_F(Reproducing, WhatAReadingLacksIsTold) {
  files_.folder().write("other.sweep.yaml", R"(sweep: other
axes:
  scenario: small.yaml
  policy: [edf]
  seed: 1..2
metrics: [miss_rate]
)");
  std::string claims = kClaims;
  const auto replace = [&](const std::string& text, const std::string& instead) {
    claims.replace(claims.find(text), text.size(), instead);
  };
  replace("grid: grid.sweep.yaml", "grid: grid.sweep.yaml, other: other.sweep.yaml");
  replace("claims: [edf]", "claims: [edf, rate]");
  replace("group: load, from: grid, axis: load", "group: load, from: other, axis: scenario");
  files_.folder().write("claims.yaml", claims);
  const std::string text = testing::input_error([] { (void)load(); });
  EXPECT_THAT(text, HasSubstr("claim 'edf' needs the policy 'fcfs', which experiment 'other' lacks"));
  EXPECT_THAT(text, HasSubstr("claim 'rate' has a condition on the axis 'load', which experiment 'other' lacks"));
}

TEST_F(Reproducing, WhatIsNotComparedIsSaid) {
  files_.folder().write("claims.yaml",
                        std::string(kClaims) + "not_compared:\n  - { says: EDF is cheap, why: nobody knows }\n");
  const std::string text = json(load(), on(1, "out"));
  EXPECT_THAT(text, HasSubstr("\"says\": \"EDF is cheap\""));
  EXPECT_THAT(text, HasSubstr("\"why\": \"nobody knows\""));
}

TEST_F(Reproducing, NamesAreChecked) {
  EXPECT_THAT(error("measure: miss_rate, policy", "measure: mis_rate, policy"),
              HasSubstr("claims.yaml:8:60: error: there is no measure 'mis_rate' (did you mean 'miss_rate'?)"));
  EXPECT_THAT(error("against: fcfs", "against: fcf"), HasSubstr("there is no policy 'fcf' (did you mean 'fcfs'?)"));
  EXPECT_THAT(error("load: \"1\"", "load: 2"), HasSubstr("'2' is no value of the axis 'load'; values: 1, 1.6"));
  EXPECT_THAT(error("load: \"1\"", "lod: 1"), HasSubstr("there is no axis 'lod' (did you mean 'load'?)"));
  EXPECT_THAT(error("claims: [edf]", "claims: [fdf]"), HasSubstr("there is no claim 'fdf'"));
  EXPECT_THAT(error("from: grid, x", "from: gird, x"), HasSubstr("there is no experiment 'gird'"));
  EXPECT_THAT(error("axis: load", "axis: loud"), HasSubstr("there is no axis 'loud'"));
  EXPECT_THAT(error("id: rate", "id: edf"), HasSubstr("claim 'edf' is given twice"));
  EXPECT_THAT(error("published: 0", "published: 0, direction: less"), HasSubstr("published"));
  EXPECT_THAT(error("grid.sweep.yaml", "none.sweep.yaml"), HasSubstr("none.sweep.yaml"));
}

TEST_F(Reproducing, IsAKindOfDocument) {
  EXPECT_EQ(validate_file("claims.yaml"), DocumentKind::reproduction);
  EXPECT_EQ(validate_file("grid.sweep.yaml"), DocumentKind::sweep);
  EXPECT_THAT(testing::input_error([] { (void)load_reproduction("grid.sweep.yaml", false, testing::known_context()); }),
              HasSubstr("this is a sweep, but a reproduction was expected here"));
}

TEST(Reproductions, ShippedFilesFit) {
  SweepContext context = testing::known_context();
  const std::string root = TERASTAL_SOURCE_DIR;
  for (const char* path : {"/workloads/papers/cd_msa/claims.yaml", "/workloads/papers/lalarand/claims.yaml"}) {
    const Reproduction paper = load_reproduction(root + path, true, context);
    EXPECT_FALSE(paper.claims.empty()) << path;
  }
}

} // namespace
} // namespace terastal
