// Costs of layers: what is computed for targets, and how it is written.

#include <gtest/gtest.h>

#include <chrono>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "terastal/cost/costed_network.hpp"
#include "terastal/io/load.hpp"
#include "terastal/report/cost_report.hpp"
#include "terastal/report/list_report.hpp"
#include "unit/io_cost_support.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

using namespace std::chrono_literals;

// The toy model: ceil(MACs / pes) cycles, plus `start`; 2 nJ a MAC.
class ReportCost : public ::testing::Test {
 protected:
  ReportCost() {
    folder_.write("platform.yaml",
                  "platform: p\ntypes:\n  a: { pes: 20, clock: 1 GHz, cost: { model: toy, start: 15 ns } }\n"
                  "  b: { kind: gpu }\n  c: { pes: 5, cost: { model: fixed } }\naccelerators: [ { name: a0, "
                  "type: a }, { name: b0, type: b }, { name: c0, type: c } ]\n");
    folder_.write("table.csv", "layer,op,K,C,Y,X,b_us,c_ns\n"
                               "big,conv,10,10,2,2,1,40\n" // 400 MACs
                               "tiny,conv,1,10,1,1,2,7\n"  // 10
                               "other,norm,,,,,4,\n");     // no shape
    folder_.write("network.yaml",
                  "network: n\ndescription: three layers\nlayers: table.csv\nvariants: [ { name: v, layer: "
                  "big, op: conv, shape: { K: 5, C: 10, Y: 2, X: 2 } } ]\naccuracy: { metric: m, baseline: 1, "
                  "sets: [] }\n");
    platform_ = load_platform("platform.yaml", models_);
    network_ = load_network("network.yaml", platform_, models_);
  }

  /// On the three types, and on the model alone as `alone`.
  CostedNetwork costed() const {
    std::vector<CostTarget> targets;
    for (TypeIndex t = 0; t < 3; ++t) targets.push_back(cost_target(platform_, t, models_));
    targets.push_back(cost_target("alone", models_.parse("toy:pes=100")));
    return cost_network(network_, targets);
  }
  std::string written(Format format, std::optional<std::string> layer = {}, std::size_t top = 0) const {
    CostReport report;
    report.networks.push_back(costed());
    report.layer = std::move(layer);
    report.top = top;
    std::ostringstream out;
    write(out, report, format);
    return out.str();
  }

  const testing::TemporaryFolder folder_;
  const CostModelRegistry models_ = testing::toy_cost_models();
  Platform platform_;
  Network network_;
};

// Options in the network's order.
constexpr OptionIndex kBig = 0;
constexpr OptionIndex kVariant = 1;
constexpr OptionIndex kTiny = 2;
constexpr OptionIndex kOther = 3;

TEST_F(ReportCost, TypesHaveTheLatenciesThatASimulationUses) {
  const CostedNetwork c = costed();
  EXPECT_EQ(c.latency(kBig, 0), Duration(35ns)); // 400 / 20 + 15 cycles
  EXPECT_EQ(c.latency(kTiny, 0), Duration(16ns));
  EXPECT_EQ(c.latency(kOther, 0), kCannotRun);
  EXPECT_EQ(c.latency(kOther, 1), Duration(4us));
  EXPECT_EQ(c.latency(kTiny, 2), Duration(7ns));
  EXPECT_EQ(c.energy_nj(kBig, 0), 800.0);
  EXPECT_EQ(c.energy_nj(kBig, 1), 0.0);
}

TEST_F(ReportCost, ModelsAloneCostWhateverHasAShape) {
  const CostedNetwork c = costed();
  EXPECT_EQ(c.latency(kBig, 3), Duration(4ns));
  EXPECT_EQ(c.latency(kVariant, 3), Duration(2ns));
  EXPECT_EQ(c.latency(kTiny, 3), Duration(1ns));
  EXPECT_EQ(c.latency(kOther, 3), kCannotRun);
  EXPECT_EQ(c.energy_nj(kTiny, 3), 20.0);
}

TEST_F(ReportCost, TablesThatOverruleTheModelAreTold) {
  const CostedNetwork c = costed();
  EXPECT_FALSE(c.from_table(kBig, 0));
  EXPECT_TRUE(c.from_table(kBig, 1));  // no model
  EXPECT_FALSE(c.from_table(kBig, 2)); // the table says what the model says: 400 / 10 cycles
  EXPECT_TRUE(c.from_table(kTiny, 2)); // 7 ns instead of 1
  EXPECT_EQ(c.model_latency(kTiny, 2), Duration(1ns));
  EXPECT_FALSE(c.model_latency(kTiny, 1).has_value());
}

TEST_F(ReportCost, UtilisationIsMacsOverElementCycles) {
  const CostedNetwork c = costed();
  EXPECT_EQ(c.targets[0].pes, 20.0); // the type's, passed to the model
  EXPECT_EQ(c.targets[2].pes, 5.0);  // the model has no such setting: the type's own
  EXPECT_EQ(c.utilisation(kBig, 0), 400.0 / (35.0 * 20.0));
  EXPECT_FALSE(c.utilisation(kBig, 1).has_value());
  EXPECT_FALSE(c.utilisation(kOther, 0).has_value());
}

TEST_F(ReportCost, TotalsAreOverOriginals) {
  const CostedNetwork c = costed();
  const CostTotals a = cost_totals(c, 0);
  EXPECT_EQ(a.layers, 2U);
  EXPECT_DOUBLE_EQ(a.latency_s, 51e-9);
  EXPECT_EQ(a.energy_nj, 820.0);
  EXPECT_EQ(a.macs, 410.0);
  EXPECT_DOUBLE_EQ(a.utilisation.value(), 410.0 / (51.0 * 20.0));
  // big: 20 cycles of arithmetic against 15; tiny: 1 against 15.
  EXPECT_DOUBLE_EQ(a.bound_share[0], 35.0 / 51.0);
  EXPECT_DOUBLE_EQ(a.bound_share[3], 16.0 / 51.0);
  const CostTotals b = cost_totals(c, 1);
  EXPECT_EQ(b.layers, 3U);
  EXPECT_DOUBLE_EQ(b.latency_s, 7e-6);
  EXPECT_FALSE(b.utilisation.has_value());
}

TEST_F(ReportCost, CsvHasARowForEachOptionAndTarget) {
  const std::string csv = written(Format::csv);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 1 + 4 * 4);
  const std::string head = "network,layer,variant,op,target,model,macs,latency_ps,energy_nj,source,cycles,bound,"
                           "compute_cycles,on_chip_cycles,off_chip_cycles,overhead_cycles,utilisation,l1_accesses,"
                           "l2_accesses,dram_bytes\n";
  EXPECT_EQ(csv.substr(0, head.size()), head);
  EXPECT_NE(csv.find("\nn,big,,conv,a,toy:pes=20:start=15 ns,400,35000,800,model,35,compute,20,0,0,15,"),
            std::string::npos);
  EXPECT_NE(csv.find("\nn,big,v,,alone,toy:pes=100,200,2000,400,model,2,compute,2,0,0,0,1,0,0,0\n"), std::string::npos);
  EXPECT_NE(csv.find("\nn,other,,norm,b,,,4000000,0,table,,,,,,,,,,\n"), std::string::npos);
  EXPECT_NE(csv.find("\nn,other,,norm,a,toy:pes=20:start=15 ns,,,,,,,,,,,,,,\n"), std::string::npos);
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) EXPECT_EQ(std::count(line.begin(), line.end(), ','), 19) << line;
}

TEST_F(ReportCost, JsonHasEverything) {
  const auto j = nlohmann::json::parse(written(Format::json));
  EXPECT_EQ(j["kind"], "cost");
  const auto& n = j["networks"][0];
  EXPECT_EQ(n["network"], "n");
  EXPECT_EQ(n["totals"][0]["target"], "a");
  EXPECT_EQ(n["totals"][0]["model"], "toy:pes=20:start=15 ns");
  EXPECT_EQ(n["totals"][0]["energy_nj"], 820.0);
  EXPECT_TRUE(n["totals"][1]["model"].is_null());
  const auto& big = n["options"][kBig];
  EXPECT_EQ(big["layer"], "big");
  EXPECT_EQ(big["costs"][0]["estimate"]["overhead_cycles"], 15.0);
  EXPECT_EQ(big["costs"][0]["latency_ms"], 35e-6);
  EXPECT_EQ(big["costs"][2]["source"], "model");
  EXPECT_EQ(n["options"][kVariant]["variant"], "v");
  EXPECT_EQ(n["options"][kTiny]["costs"][2]["source"], "table");
  EXPECT_TRUE(n["options"][kOther]["costs"][0]["latency_ms"].is_null());
  const std::string line = written(Format::jsonl);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(nlohmann::json::parse(line)["totals"], n["totals"]);
}

TEST_F(ReportCost, TablesShowTotalsAndLayers) {
  const std::string table = written(Format::table);
  for (const char* part : {"n: three layers\n", "  a      toy:pes=20:start=15 ns at 1 GHz\n",
                           "  b      the network's table\n", "2 of 3", "compute 68.63 %, overhead 31.37 %",
                           "\na: layers\n", "cannot run", "(table)", "by the model", "\nalone: layers\n"}) {
    EXPECT_NE(table.find(part), std::string::npos) << part << " in\n" << table;
  }
}

TEST_F(ReportCost, TopShowsTheSlowestLayersFirst) {
  const std::string table = written(Format::table, {}, 1);
  EXPECT_NE(table.find("a: the 1 slowest of 3 layers\n"), std::string::npos);
  const std::string b = table.substr(table.find("\nb: the 1 slowest of 3 layers\n"));
  EXPECT_NE(b.find("  other "), std::string::npos);
  EXPECT_EQ(b.substr(0, b.find("\nc: ")).find("  tiny "), std::string::npos);
  const std::string two = written(Format::table, {}, 2);
  const std::string of_b = two.substr(two.find("\nb: "));
  EXPECT_LT(of_b.find("  other "), of_b.find("  tiny "));
}

TEST_F(ReportCost, ALayerInDetailShowsEveryTermOfItAndItsVariants) {
  const std::string table = written(Format::table, "big");
  for (const char* part :
       {"\nbig: conv N 1 K 10 C 10, kernel 1x1, input 2x2, output 2x2\n",
        "  400 MACs, 40 input, 100 weight and 40 output elements\n", "overhead", "\nbig, variant v: conv"}) {
    EXPECT_NE(table.find(part), std::string::npos) << part << " in\n" << table;
  }
  EXPECT_EQ(table.find("Totals"), std::string::npos);
  EXPECT_NE(written(Format::table, "other").find("\nother: no shape\n"), std::string::npos);
}

TEST_F(ReportCost, CostModelsAreListedAsPoliciesAre) {
  const auto listed = [&](Format format) {
    std::ostringstream out;
    write_cost_models(out, models_, format);
    return out.str();
  };
  EXPECT_NE(listed(Format::table).find("toy: counts MACs\n  source: a test\n"), std::string::npos);
  EXPECT_NE(listed(Format::table).find("frequency in [1 MHz, 10 GHz]"), std::string::npos);
  EXPECT_EQ(listed(Format::csv).substr(0, 11), "cost_model,");
  EXPECT_NE(listed(Format::csv).find("\nfixed,counts MACs with ten elements,a test,false,,,,\n"), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(listed(Format::json))["cost_models"][0]["settings"][1]["default"], "1 GHz");
}

} // namespace
} // namespace terastal
