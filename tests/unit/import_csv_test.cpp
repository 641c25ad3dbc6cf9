#include "terastal/import/csv.hpp"

#include <gtest/gtest.h>

#include <algorithm> // count
#include <chrono>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "terastal/import/maestro_csv.hpp"
#include "unit/import_support.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

using namespace std::chrono_literals;
using testing::has_note;
using testing::input_error;
using testing::layer_names;
using testing::shape_of;
using testing::TemporaryFolder;

class ImportCsv : public ::testing::Test {
 protected:
  TableImport read(const std::string& text, const CsvOptions& options = {}) {
    folder_.write("table.csv", text);
    return import_csv("table.csv", options);
  }
  std::string error(const std::string& text, const CsvOptions& options = {}) {
    return input_error([&] { static_cast<void>(read(text, options)); });
  }
  /// What the columns of a header were taken for.
  std::map<std::string, std::string> meanings(const std::string& header, CsvOptions options = {}) {
    const std::string cells(static_cast<std::size_t>(std::count(header.begin(), header.end(), ',')), ',');
    options.columns.insert(options.columns.begin(), {"layer", header.substr(0, header.find(','))});
    std::map<std::string, std::string> result;
    for (const ColumnUse& use : read(header + "\nx" + cells + "\n", options).columns) result[use.column] = use.meaning;
    return result;
  }

  TemporaryFolder folder_;
};

// -- columns

TEST_F(ImportCsv, OurOwnTablesAreRead) {
  const TableImport table = read("layer,op,K,C,R,S,Y,X,stride_y,stride_x,out_y,out_x,gpu_ms,npu_cycles,npu_nj\n"
                                 "a,conv,16,3,3,3,32,64,2,2,16,32,1.5,2000,7\n"
                                 "b,linear,10,16,1,1,1,1,1,1,1,1,,500,0.5\n");
  const Network& network = table.result.network;
  EXPECT_EQ(network.name, "table");
  EXPECT_EQ(layer_names(network), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(shape_of(network, 0), (LayerShape{OperatorKind::conv, 1, 16, 3, 3, 3, 32, 64, 2, 2, 16, 32, 1, 1}));
  EXPECT_EQ(network.layers[0].macs, 16U * 3 * 9 * 16 * 32);
  EXPECT_EQ(network.layers[0].output_bytes, 16U * 16 * 32);
  ASSERT_EQ(table.platform.types.size(), 2U);
  EXPECT_EQ(table.platform.types[0].name, "gpu");
  EXPECT_EQ(table.platform.types[1].name, "npu");
  EXPECT_EQ(network.latency_of(0, 0), Duration(1500us));
  EXPECT_EQ(network.latency_of(0, 1), Duration(2us)); // 2000 cycles at 1 GHz
  EXPECT_EQ(network.latency_of(1, 0), kCannotRun);
  EXPECT_EQ(network.energy_of(0, 1), 7.0);
  EXPECT_EQ(network.energy_of(0, 0), 0.0);
}

TEST_F(ImportCsv, CommonSpellingsAreRecognised) {
  EXPECT_EQ(
      meanings("Layer Name,Type,in_channels,Out-Channels,kernel_h,Kernel Width,IFMAP Height,input_w,Stride,groups"),
      (std::map<std::string, std::string>{{"Layer Name", "layer"},
                                          {"Type", "op"},
                                          {"in_channels", "C"},
                                          {"Out-Channels", "K"},
                                          {"kernel_h", "R"},
                                          {"Kernel Width", "S"},
                                          {"IFMAP Height", "Y"},
                                          {"input_w", "X"},
                                          {"Stride", "stride"},
                                          {"groups", "groups"}}));
}

TEST_F(ImportCsv, LatencyAndEnergyAreRecognisedByWordAndUnit) {
  CsvOptions options;
  options.type = "dev";
  EXPECT_EQ(meanings("n,gpu latency (ms),latency_npu_us,energy (mJ),latency [ns],ws_1k_energy_nj,ws_1k_cycles,npu_uj",
                     options),
            (std::map<std::string, std::string>{{"n", "layer"},
                                                {"gpu latency (ms)", "gpu_ms"},
                                                {"latency_npu_us", "npu_us"},
                                                {"energy (mJ)", "dev_mj"},
                                                {"latency [ns]", "dev_ns"},
                                                {"ws_1k_energy_nj", "ws_1k_nj"},
                                                {"ws_1k_cycles", "ws_1k_cycles"},
                                                {"npu_uj", "npu_uj"}}));
}

TEST_F(ImportCsv, TheMedianIsTheLatencyWhereThereIsNoOther) {
  EXPECT_EQ(meanings("n,gpu_p50_ms,gpu_p95_ms,npu_us,npu p50 latency (us)"),
            (std::map<std::string, std::string>{{"n", "layer"},
                                                {"gpu_p50_ms", "gpu_ms"},
                                                {"gpu_p95_ms", "not used: a percentile (p95)"},
                                                {"npu_us", "npu_us"},
                                                {"npu p50 latency (us)", "not used: a percentile (p50)"}}));
}

TEST_F(ImportCsv, WhatIsNotUnderstoodIsListed) {
  EXPECT_EQ(meanings("n,Ops/J,Throughput (MACs/Cycle),loss,Compute Delay (Min),power_nj"),
            (std::map<std::string, std::string>{{"n", "layer"},
                                                {"Ops/J", ""},
                                                {"Throughput (MACs/Cycle)", ""},
                                                {"loss", ""},
                                                {"Compute Delay (Min)", ""},
                                                {"power_nj", "not used: there is no latency on 'power'"}}));
}

TEST_F(ImportCsv, StrictRefusesColumnsThatAreNotUnderstood) {
  CsvOptions options;
  options.strict = true;
  EXPECT_EQ(error("layer,odd,gpu_ms\na,1,1\n", options),
            "table.csv:1:7: error: column 'odd' is not understood; say what it means with --column OURS=odd");
}

TEST_F(ImportCsv, AMappingGoesBeforeEverySpelling) {
  CsvOptions options;
  options.columns = {{"layer", "node id"}, {"K", "width"}, {"gpu_us", "t"}};
  const TableImport table = read("name,node id,width,C,Y,X,t\nlong,n1,8,4,5,6,2\n", options);
  EXPECT_EQ(layer_names(table.result.network), (std::vector<std::string>{"n1"}));
  EXPECT_EQ(shape_of(table.result.network, 0).k, 8U);
  EXPECT_EQ(shape_of(table.result.network, 0).x, 6U);
  EXPECT_EQ(table.result.network.latency_of(0, 0), Duration(2us));
  EXPECT_EQ(table.columns[0].meaning, "not used: 'node id' gives layer");
}

TEST_F(ImportCsv, MappingsThatFitNothingAreErrors) {
  CsvOptions options;
  options.columns = {{"K", "filterz"}, {"Q", "filters"}};
  const std::string message = error("layer,filters\na,1\n", options);
  EXPECT_EQ(message.substr(0, message.find('\n')),
            "table.csv:1:1: error: there is no column 'filterz' for 'K' (did you mean 'filters'?); columns: layer, "
            "filters");
  EXPECT_NE(message.find("a column cannot mean 'Q'"), std::string::npos);
}

TEST_F(ImportCsv, NamesGoBeforeIndices) {
  const TableImport table = read("layer,name,gpu_ms\n0,conv,1\n1,fc,2\n");
  EXPECT_EQ(layer_names(table.result.network), (std::vector<std::string>{"conv", "fc"}));
}

TEST_F(ImportCsv, BareLatencyNeedsAUnitAndAType) {
  const std::string text = "layer,latency\na,3\n";
  EXPECT_EQ(error(text),
            "table.csv:1:7: error: column 'latency' has no unit; give it: --unit cycles, ps, ns, us, ms or s");
  CsvOptions options;
  options.unit = "us";
  EXPECT_EQ(error(text, options),
            "table.csv:1:7: error: column 'latency' names no accelerator type; give it: --type NAME");
  options.type = "gpu";
  EXPECT_EQ(read(text, options).result.network.latency_of(0, 0), Duration(3us));
  options.unit = "parsecs";
  EXPECT_EQ(error(text, options),
            "table.csv:1:7: error: 'parsecs' is no unit of time; allowed: cycles, ps, ns, us, ms, s");
}

TEST_F(ImportCsv, TwoColumnsForOneThingAreErrors) {
  EXPECT_EQ(error("layer,gpu_ms,gpu latency (us)\na,1,2\n"),
            "table.csv:1:14: error: column 'gpu latency (us)': the time of 'gpu' is given by column 'gpu_ms' already");
  EXPECT_EQ(error("layer,K,k\na,1,2\n"), "table.csv:1:9: error: column 'k': 'K' is given by column 'K' already");
  EXPECT_EQ(error("K,gpu_ms\n1,2\n"),
            "table.csv:1:1: error: no column names the layers; give it: --column layer=HEADING");
}

// -- rows

TEST_F(ImportCsv, OutputSizesFollowThePadding) {
  const std::string text = "layer,K,C,R,S,Y,X,stride\na,1,1,3,3,9,10,2\nb,1,1,5,5,4,9,1\n";
  const TableImport same = read(text);
  EXPECT_EQ(shape_of(same.result.network, 0).out_y, 5U);
  EXPECT_EQ(shape_of(same.result.network, 0).out_x, 5U);
  CsvOptions options;
  options.padding = Padding::valid;
  const TableImport valid = read(text, options);
  EXPECT_EQ(shape_of(valid.result.network, 0).out_y, 4U);
  EXPECT_EQ(shape_of(valid.result.network, 0).out_x, 4U);
  EXPECT_EQ(shape_of(valid.result.network, 1).out_y, 1U);
  EXPECT_TRUE(has_note(valid.result, "the kernel is larger than the input; one output is taken: b"));
}

TEST_F(ImportCsv, DepthwiseOutputsUnderALetterAreEachChannels) {
  EXPECT_EQ(shape_of(read("layer,op,K,C,Y,X\na,dwconv,1,32,4,4\n").result.network, 0).k, 1U);
  EXPECT_EQ(shape_of(read("layer,op,filters,C,Y,X\na,dwconv,64,32,4,4\n").result.network, 0).k, 2U);
  EXPECT_EQ(error("layer,op,filters,C,Y,X\na,dwconv,33,32,4,4\n"),
            "table.csv:2:10: error: a depthwise layer of 32 channels cannot have 33 outputs");
}

TEST_F(ImportCsv, LinearAndChannelwiseLayersNeedLess) {
  const TableImport table = read("layer,op,K,C,Y,X\na,Linear,10,20,,\nb,MaxPool,,7,6,5\nc,add,9,,6,5\nd,relu,,,,\n");
  const Network& network = table.result.network;
  EXPECT_EQ(shape_of(network, 0), (LayerShape{OperatorKind::conv, 1, 10, 20}));
  EXPECT_EQ(shape_of(network, 1), (LayerShape{OperatorKind::pool, 1, 7, 7, 1, 1, 6, 5, 1, 1, 6, 5}));
  EXPECT_EQ(shape_of(network, 2), (LayerShape{OperatorKind::elementwise, 1, 9, 9, 1, 1, 6, 5, 1, 1, 6, 5}));
  EXPECT_FALSE(network.options[3].shape);
}

TEST_F(ImportCsv, UnknownOperatorsStayAndAreListed) {
  const std::string text = "layer,op,K,C,Y,X,gpu_ms\na,LSTM,1,1,1,1,2\nb,conv,1,1,1,1,2\n";
  const TableImport table = read(text);
  EXPECT_EQ(layer_names(table.result.network), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(table.result.network.options[0].shape);
  ASSERT_EQ(table.result.unknown.size(), 1U);
  EXPECT_EQ(table.result.unknown[0].op, "LSTM");
  CsvOptions options;
  options.strict = true;
  EXPECT_EQ(error(text, options), "table.csv:2:3: error: unknown operator 'LSTM'");
}

TEST_F(ImportCsv, GraphsAreReadFromThePredecessors) {
  const Network network = read("layer,after,gpu_ms\na,-,1\nb,a,1\nc,a,1\nd,b|c,1\ne,,1\n").result.network;
  EXPECT_FALSE(network.chain);
  EXPECT_EQ(network.layers[3].predecessors, (std::vector<LayerIndex>{1, 2}));
  EXPECT_EQ(network.layers[4].predecessors, (std::vector<LayerIndex>{3}));
  EXPECT_EQ(error("layer,after\na,b\nb,\n"), "table.csv:2:3: error: there is no layer 'b' above this one");
}

TEST_F(ImportCsv, BadCellsAreReportedTogether) {
  EXPECT_EQ(
      error("layer,K,C,Y,X,gpu_ms,gpu_nj\na,0,2.5,1,1,-1,-2\n,1,1,,1,x,1\n"),
      "table.csv:2:3: error: expected a whole number from 1 to 2147483648, got '0'\n"
      "table.csv:2:5: error: expected a whole number from 1 to 2147483648, got '2.5'\n"
      "table.csv:2:13: error: expected a latency in ms > 0, or an empty cell where 'gpu' cannot run the layer, got "
      "'-1'\n"
      "table.csv:2:16: error: expected an energy in nj >= 0, got '-2'\n"
      "table.csv:3:1: error: expected the name of a layer, without '|', got ''\n"
      "table.csv:3:6: error: layer '' needs Y\n"
      "table.csv:3:9: error: expected a latency in ms > 0, or an empty cell where 'gpu' cannot run the layer, got 'x'");
}

TEST_F(ImportCsv, NumbersOfSpreadsheetsAreRead) {
  const Network network = read("layer,K,C,Y,X,gpu_us\na,64.0,3.0,1e2,7,1.5e+02\n").result.network;
  EXPECT_EQ(shape_of(network, 0).k, 64U);
  EXPECT_EQ(shape_of(network, 0).y, 100U);
  EXPECT_EQ(network.latency_of(0, 0), Duration(150us));
}

TEST_F(ImportCsv, ShapesNeedTheirColumns) {
  const TableImport table = read("layer,K,C,gpu_ms\na,1,2,3\n");
  EXPECT_FALSE(table.result.network.options[0].shape);
  EXPECT_TRUE(has_note(table.result, "shapes need columns for K, C, Y and X"));
}

TEST_F(ImportCsv, EmptyTablesAndFilesThatAreNone) {
  EXPECT_EQ(error("layer,gpu_ms\n"), "table.csv:1:1: error: the table has no rows");
  EXPECT_EQ(error(""), "table.csv: error: the table is empty: expected a header row");
  EXPECT_EQ(error("a,b\n1\n"), "table.csv:1:1: error: no column names the layers; give it: --column layer=HEADING\n"
                               "table.csv:2:1: error: expected 2 cells as in the header, got 1");
  EXPECT_EQ(error(std::string("layer\n\0", 7)),
            "table.csv:2:1: error: a NUL byte in a text file (is it a binary file?)");
}

TEST_F(ImportCsv, MutatedTablesAreReadOrRefused) {
  const std::string original = "layer,op,K,C,R,S,Y,X,stride,gpu latency (ms),npu_cycles,npu_nj,after\n"
                               "a,conv,16,3,3,3,32,64,2,1.5,2000,7,-\nb,linear,10,16,1,1,1,1,1,,500,0.5,a\n";
  std::mt19937 random(3);
  std::size_t read_files = 0;
  for (int round = 0; round < 400; ++round) {
    std::string text = original;
    for (int edit = 0; edit < 1 + round % 3; ++edit) {
      const std::size_t at = random() % text.size();
      if (random() % 2 == 0) text[at] = "0,9e-\"\n|xK "[random() % 11];
      if (random() % 3 == 0) text.insert(at, text.substr(random() % text.size(), random() % 30));
    }
    try {
      for (const Option& option : read(text).result.network.options) {
        EXPECT_EQ(option.shape ? shape_problem(*option.shape) : "", "");
      }
      ++read_files;
    } catch (const InputError& e) {
      EXPECT_FALSE(e.diagnostics().empty());
    }
  }
  EXPECT_GT(read_files, 20U);
  EXPECT_LT(read_files, 400U);
}

// -- results of MAESTRO

const std::string kHeader =
    "Neural Network Name, Layer Number, NumPEs, Runtime (Cycles), Activity count-based Energy (nJ), "
    "Num MACs, Ops/J\n";
const std::string kDescription =
    "Network net { Layer one { Type: CONV Dimensions { K: 4, C: 2, R: 3, S: 3, Y: 6, X: 6 } } "
    "Layer two { Type: GEMM Dimensions { M: 1, N: 8, K: 4 } } }";

class ImportMaestroCsv : public ImportCsv {
 protected:
  void SetUp() override {
    folder_.write("ws.csv", kHeader + "net,one,256,3041604,1.53004e+08,1152,1\nnet,two,256,17,2.5,32,1\n");
    folder_.write("os.csv", kHeader + "net,one,256,100,1,1152,1\nnet,two,256,200,2,32,1\n");
    folder_.write("net.m", kDescription);
  }
  std::string maestro_error(const std::string& rows, const MaestroCsvOptions& options = {}) {
    folder_.write("bad.csv", rows);
    return input_error([&] { static_cast<void>(import_maestro_csv({{"bad.csv", "ws"}}, options)); });
  }
};

TEST_F(ImportMaestroCsv, CyclesAndEnergyOfOneTypeEach) {
  const TableImport table = import_maestro_csv({{"ws.csv", "ws_256"}, {"os.csv", "os_256"}});
  const Network& network = table.result.network;
  EXPECT_EQ(network.name, "net");
  EXPECT_EQ(layer_names(network), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(network.latency_of(0, 0), Duration(3'041'604ns));
  EXPECT_EQ(network.latency_of(1, 1), Duration(200ns));
  EXPECT_EQ(network.energy_of(0, 0), 1.53004e8);
  EXPECT_EQ(network.layers[0].macs, 1152U);
  EXPECT_EQ(table.platform.types[1].name, "os_256");
  EXPECT_TRUE(has_note(table.result, "shapes are not known"));
}

TEST_F(ImportMaestroCsv, TheClockTurnsCyclesIntoTime) {
  MaestroCsvOptions options;
  options.clock_hz = 500'000'000;
  EXPECT_EQ(import_maestro_csv({{"ws.csv", "ws"}}, options).result.network.latency_of(1, 0), Duration(34ns));
}

TEST_F(ImportMaestroCsv, ADescriptionGivesTheShapes) {
  MaestroCsvOptions options;
  options.shapes = "net.m";
  const Network network = import_maestro_csv({{"ws.csv", "ws"}}, options).result.network;
  EXPECT_EQ(shape_of(network, 0).macs(), 4U * 2 * 9 * 4 * 4);
  EXPECT_EQ(network.layers[0].macs, 1152U);
  EXPECT_EQ(network.latency_of(1, 0), Duration(17ns));
}

TEST_F(ImportMaestroCsv, ResultsMustBeThoseOfTheDescription) {
  MaestroCsvOptions options;
  options.shapes = "net.m";
  EXPECT_EQ(maestro_error(kHeader + "net,one,1,1,1,1,1\n", options),
            "bad.csv:1:1: error: 1 rows, but net.m has 2 layers");
  EXPECT_EQ(maestro_error(kHeader + "net,one,1,1,1,1,1\nnet,tow,1,1,1,1,1\n", options),
            "bad.csv:3:5: error: layer 'tow' stands here, but net.m has 'two'");
  const std::string run = "net,one,1,1,1,1,1\nnet,two,1,1,1,1,1\n";
  EXPECT_EQ(
      maestro_error(kHeader + run + run, options),
      "bad.csv:1:1: error: 4 rows, but net.m has 2 layers; MAESTRO appends to an existing file: keep one run of it");
}

TEST_F(ImportMaestroCsv, RepeatedLayersFitTheDescription) {
  folder_.write("twice.m", "Network net { Layer a { Type: GEMM Dimensions { M: 1 N: 1 K: 1 } } "
                           "Layer a { Type: GEMM Dimensions { M: 2 N: 1 K: 1 } } }");
  folder_.write("twice.csv", kHeader + "net,a,1,5,1,1,1\nnet,a,1,6,1,1,1\n");
  MaestroCsvOptions options;
  options.shapes = "twice.m";
  const Network network = import_maestro_csv({{"twice.csv", "ws"}}, options).result.network;
  EXPECT_EQ(layer_names(network), (std::vector<std::string>{"a", "a_2"}));
  EXPECT_EQ(network.latency_of(1, 0), Duration(6ns));
}

TEST_F(ImportMaestroCsv, OneNetworkOfSeveralIsChosen) {
  const std::string rows = kHeader + "m,one,1,5,1,1,1\nn,two,1,6,1,1,1\n";
  EXPECT_EQ(maestro_error(rows),
            "bad.csv:1:1: error: the file holds several networks, choose one with --network; it has: m, n");
  MaestroCsvOptions options;
  options.network = "n";
  EXPECT_EQ(import_maestro_csv({{"bad.csv", "ws"}}, options).result.network.latency_of(0, 0), Duration(6ns));
  options.network = "k";
  EXPECT_EQ(maestro_error(rows, options), "bad.csv:1:1: error: the file holds no network 'k'; it has: m, n");
}

TEST_F(ImportMaestroCsv, ZeroCyclesAreExplained) {
  EXPECT_EQ(
      maestro_error(kHeader + "net,one,1,0,x,1,1\n"),
      "bad.csv:2:11: error: expected a number of cycles > 0, got '0'; MAESTRO gives 0 where a tile of its mapping "
      "exceeds the layer\nbad.csv:2:13: error: expected an energy >= 0, got 'x'");
}

TEST_F(ImportMaestroCsv, OtherTablesAreRefused) {
  EXPECT_EQ(maestro_error("layer,gpu_ms\na,1\n").substr(0, 98),
            "bad.csv:1:1: error: missing column 'Neural Network Name': is this a result file of MAESTRO?\nbad.cs");
  EXPECT_EQ(input_error([] {
              static_cast<void>(import_maestro_csv({{"ws.csv", "ws"}, {"os.csv", "ws"}}));
            }),
            "error: accelerator type 'ws' is given for two result files");
}

} // namespace
} // namespace terastal
