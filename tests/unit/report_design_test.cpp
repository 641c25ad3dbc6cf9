#include "terastal/report/design_report.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <unistd.h> // getpid

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/builders.hpp"
#include "support/same_network.hpp"
#include "terastal/io/load_variants.hpp"
#include "terastal/offline/budgets.hpp"
#include "terastal/offline/quantisation.hpp"

namespace terastal {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// A folder with a platform of two arrays and a scenario of two networks, one of which has a measured variant.
class DesignTest : public ::testing::Test {
 protected:
  DesignTest() {
    folder_ = fs::temp_directory_path() / ("terastal_design_" + std::to_string(::getpid()) + "_" +
                                           ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    file("pair.yaml", "platform: pair\n"
                      "types:\n"
                      "  ws: { pes: 2048, clock: 1 GHz, cost: { model: xrbench, dataflow: ws } }\n"
                      "  os: { pes: 2048, clock: 1 GHz, cost: { model: xrbench, dataflow: os } }\n"
                      "accelerators: [ { name: w, type: ws }, { name: o, type: os } ]\n");
    file("wide.csv", "layer,op,K,C,R,S,Y,X\n"
                     "a,conv,256,256,1,1,4,4\n"
                     "b,conv,512,512,3,3,8,8\n"
                     "c,depthwise,1,512,3,3,8,8\n");
    file("wide.yaml", "network: wide\nlayers: wide.csv\nvariants: wide_variants.csv\n"
                      "accuracy: { metric: top-1, baseline: 80, sets: wide_sets.csv }\n");
    file("wide_variants.csv", "layer,variant,gamma,op,K,C,R,S,Y,X\nb,own,2,conv,128,128,3,3,16,16\n");
    file("wide_sets.csv", "variants,accuracy\nown,76\n");
    file("releases.csv", "release_ms\n0\n1\n");
    file("s.yaml",
         "scenario: s\nplatform: pair.yaml\nhorizon: 20 ms\naccuracy_threshold: 0.9\ntasks:\n"
         "  - { name: one, network: wide.yaml, arrivals: { kind: trace, file: releases.csv }, deadline: 2 ms }\n"
         "  - name: two\n"
         "    network: { network: plain, layers: [ { name: l, op: linear, shape: { K: 512, C: 512, Y: 1, X: 1 } } ] }\n"
         "    arrivals: { kind: periodic, rate: 500 fps }\n");
  }
  ~DesignTest() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void file(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  std::string text_of(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(folder_ / name).rdbuf();
    return text.str();
  }

  void run_design() {
    loaded_ = load_scenario(path("s.yaml"));
    subjects_ = design_subjects(loaded_.scenario);
    results_ = design(loaded_.scenario.platform, subjects_, options_, default_cost_models());
  }
  std::string report(Format format) {
    DesignReport report;
    report.platform = &loaded_.scenario.platform;
    report.scenario = &loaded_;
    report.options = &options_;
    report.results = &results_;
    std::ostringstream out;
    write(out, report, format);
    return out.str();
  }
  std::vector<std::string> write_all(Existing existing = Existing::keep) {
    return write_design(results_, loaded_.scenario.platform, options_, &loaded_, path("out"), existing);
  }

  fs::path folder_;
  DesignOptions options_;
  LoadedScenario loaded_;
  std::vector<DesignSubject> subjects_;
  std::vector<DesignResult> results_;
};

TEST_F(DesignTest, SubjectsHaveDeadlinesAndThresholds) {
  run_design();
  ASSERT_EQ(subjects_.size(), 2U);
  EXPECT_EQ(subjects_[0].deadlines, std::vector<Duration>{Duration{std::chrono::milliseconds(2)}});
  EXPECT_EQ(subjects_[0].theta, 0.9);
}

TEST_F(DesignTest, JsonHoldsEverything) {
  options_.variants = 1;
  run_design();
  const Json j = Json::parse(report(Format::json));
  EXPECT_EQ(j["kind"], "design");
  EXPECT_EQ(j["platform"], "pair");
  EXPECT_EQ(j["options"]["assumed_accuracy_cost"], 0.01);
  EXPECT_NE(j["assumption"].get<std::string>().find("assumption"), std::string::npos);
  const Json& wide = j["networks"][0];
  EXPECT_EQ(wide["own_variants"], 1);
  EXPECT_EQ(wide["own_variants_found"], 1);
  EXPECT_EQ(wide["measured_sets"], 1);
  const Json& b = wide["candidates"][0];
  EXPECT_EQ(b["layer"], "b");
  EXPECT_EQ(b["variant"], "own");
  EXPECT_EQ(b["loss_origin"], "measured");
  EXPECT_NEAR(b["loss_alone"].get<double>(), 0.05, 1e-12);
  EXPECT_EQ(b["shape"]["C"], 128);
  EXPECT_EQ(b["latency_ms"]["os"], b["variant_ms"]);
  EXPECT_TRUE(b["reason"].is_null());
  bool depthwise = false;
  for (const Json& c : wide["candidates"]) {
    EXPECT_EQ(c["loss_origin"], c["layer"] == "b" ? "measured" : "assumed");
    if (c["layer"] == "c") depthwise = c["reason"] == "not a convolution or linear layer (depthwise)";
  }
  EXPECT_TRUE(depthwise);
}

TEST_F(DesignTest, CsvHasARowForEachCandidate) {
  run_design();
  std::istringstream lines(report(Format::csv));
  std::string header;
  std::string line;
  std::getline(lines, header);
  const auto columns = std::count(header.begin(), header.end(), ',');
  std::size_t rows = 0;
  while (std::getline(lines, line)) {
    ++rows;
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), columns) << line;
    EXPECT_TRUE(line.find(",assumed,") != std::string::npos || line.find(",measured,") != std::string::npos) << line;
  }
  EXPECT_EQ(rows, results_[0].design.candidates.size() + results_[1].design.candidates.size());
}

TEST_F(DesignTest, TableSaysWhatIsAssumed) {
  run_design();
  const std::string table = report(Format::table);
  EXPECT_NE(table.find("a loss of 1.00 % for each variant that nobody measured; an assumption"), std::string::npos);
  EXPECT_NE(table.find("5.00 % measured"), std::string::npos);
  EXPECT_NE(table.find("1.00 % assumed"), std::string::npos);
}

TEST_F(DesignTest, WrittenNetworksReadBackAndRun) {
  run_design();
  const auto paths = write_all();
  const LoadedScenario designed = load_scenario(paths.back());
  EXPECT_EQ(designed.scenario.name, "s_designed");
  ASSERT_EQ(designed.scenario.networks.size(), 2U);
  for (std::size_t n = 0; n < 2; ++n) {
    testing::expect_same_network(designed.scenario.networks[n],
                                 described_network(results_[n], loaded_.scenario.platform, options_));
  }
  EXPECT_GT(designed.scenario.networks[1].variant_names.size(), 0U);
  EXPECT_EQ(designed.scenario.tasks[0].deadline, loaded_.scenario.tasks[0].deadline);
  EXPECT_EQ(designed.scenario.tasks[0].arrivals.index(), loaded_.scenario.tasks[0].arrivals.index());
  const testing::Outcome out = testing::run(designed.scenario, "terastal");
  EXPECT_EQ(out.result.tasks[0].released, 2U);
  EXPECT_TRUE(out.result.tasks[1].has_variants);
}

TEST_F(DesignTest, WrittenFilesSayWhatIsAssumed) {
  run_design();
  write_all();
  EXPECT_NE(text_of("out/networks/wide_variants.csv")
                .find("# Accuracy: 1 of 3 sets measured, the rest predicted "
                      "(multiplicative); ASSUMED, not measured: a loss of 1 % each"),
            std::string::npos);
  EXPECT_NE(text_of("out/networks/plain.yaml").find("ASSUMED, not measured: a loss of 1 % each for l_r"),
            std::string::npos);
  EXPECT_NE(text_of("out/networks/plain.yaml").find("model: multiplicative"), std::string::npos);
}

TEST_F(DesignTest, FilesAreKeptUnlessReplacingIsAllowed) {
  run_design();
  write_all();
  EXPECT_THROW(write_all(), Error);
  EXPECT_EQ(write_all(Existing::replace).size(), 8U); // 4 of `wide`, 3 of `plain`, the scenario
}

TEST_F(DesignTest, CopyFindsFilesOfOverridesToo) {
  fs::create_directories(folder_ / "elsewhere");
  fs::copy_file(folder_ / "pair.yaml", folder_ / "elsewhere/other.yaml");
  loaded_ = load_scenario(path("s.yaml"), {{"platform", path("elsewhere/other.yaml")}});
  results_ = design(loaded_.scenario.platform, design_subjects(loaded_.scenario), options_, default_cost_models());
  const auto paths = write_all();
  EXPECT_NE(text_of("out/s_designed.yaml").find("platform: ../elsewhere/other.yaml"), std::string::npos);
  EXPECT_NE(text_of("out/s_designed.yaml").find("file: ../releases.csv"), std::string::npos);
  EXPECT_NO_THROW((void)load_scenario(paths.back()));
}

TEST_F(DesignTest, BudgetsAreTheSmallestOverTheTasks) {
  options_.meet_budgets = true;
  run_design();
  const auto plan =
      plan_budgets(*subjects_[0].network, loaded_.scenario.platform, subjects_[0].deadlines[0], BudgetRule::level);
  subjects_[0].deadlines.push_back(Duration{std::chrono::seconds(1)});
  const auto results = design(loaded_.scenario.platform, subjects_, options_, default_cost_models());
  for (const VariantCandidate& c : results[0].design.candidates) EXPECT_EQ(c.target, plan.budget[c.layer]);
}

TEST_F(DesignTest, MergedLayersAreRefused) {
  loaded_ = load_scenario(path("s.yaml"), {{"granularity", "model"}});
  EXPECT_THROW(
      (void)design(loaded_.scenario.platform, design_subjects(loaded_.scenario), options_, default_cost_models()),
      InputError);
}

// -- quantised formats

TEST_F(DesignTest, QuantisationOverridesSettings) {
  file("dram.yaml", "platform: dram\ntypes:\n"
                    "  gpu: { clock: 1 GHz, cost: { model: gpu, precision: fp16 } }\n"
                    "  bare: {}\n"
                    "accelerators: [ { name: g, type: gpu }, { name: b, type: bare } ]\n");
  const Platform p = load_platform(path("dram.yaml"));
  const Quantisation q = parse_quantisation("gpu:precision=int8:sms=4", p, default_cost_models());
  EXPECT_EQ(q.type, 0U);
  EXPECT_EQ(q.suffix, "int8_sms4");
  EXPECT_EQ(q.element_share, 0.5);
  const auto refused = [&](const std::string& text) {
    try {
      (void)parse_quantisation(text, p, default_cost_models());
    } catch (const InputError& e) {
      return e.diagnostics().front().message;
    }
    return std::string("accepted");
  };
  EXPECT_NE(refused("gpus:precision=int8").find("did you mean 'gpu'"), std::string::npos);
  EXPECT_NE(refused("bare:precision=int8").find("no cost model"), std::string::npos);
  EXPECT_NE(refused("gpu").find("TYPE:setting=value"), std::string::npos);
  EXPECT_NE(refused("gpu:precision").find("setting=value"), std::string::npos);
  EXPECT_NE(refused("gpu:precision=int9").find("int8"), std::string::npos);
}

// -- variants of one's own

TEST_F(DesignTest, AddedVariantsAreReadAndCosted) {
  const Platform p = load_platform(path("pair.yaml"));
  const Network n = load_network(path("wide.yaml"), p);
  file("mine.csv", "layer,variant,accuracy_cost,op,K,C,R,S,Y,X\nb,slim,0.02,conv,512,256,3,3,8,8\n");
  const auto added = load_variants(path("mine.csv"), n, p);
  ASSERT_EQ(added.size(), 1U);
  EXPECT_EQ(added[0].layer, 1U);
  EXPECT_EQ(added[0].accuracy_cost, 0.02);
  EXPECT_EQ(added[0].latency[0],
            table_cost(*added[0].shape, *make_cost_model(p.types[0], default_cost_models())).latency);
}

TEST_F(DesignTest, ProblemsWithAddedVariantsAreReportedTogether) {
  const Platform p = load_platform(path("pair.yaml"));
  const Network n = load_network(path("wide.yaml"), p);
  file("mine.csv", "layer,variant,ws_ms\nbb,x,1\nb,x,2\na,y,\n");
  try {
    (void)load_variants(path("mine.csv"), n, p);
    FAIL() << "accepted";
  } catch (const InputError& e) {
    ASSERT_EQ(e.diagnostics().size(), 3U) << e.what();
    EXPECT_NE(e.diagnostics()[0].message.find("'bb'"), std::string::npos);
    EXPECT_EQ(e.diagnostics()[1].line, 3);
    EXPECT_NE(e.diagnostics()[2].message.find("cannot run on any type of platform 'pair'"), std::string::npos);
  }
}

} // namespace
} // namespace terastal
