// Networks as files: the texts, and what is refused.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "support/same_network.hpp"
#include "terastal/io/load.hpp"
#include "terastal/io/write.hpp"
#include "terastal/model/granularity.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

using namespace std::chrono_literals;
using testing::input_error;

class IoWrite : public ::testing::Test {
 protected:
  Network load(const std::string& text) const {
    folder_.write("in.yaml", text);
    return load_network("in.yaml", load_platform("platform.yaml"));
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void SetUp() override {
    folder_.write("platform.yaml", "platform: p\ntypes: { gpu: { clock: 2 GHz }, npu: {} }\naccelerators: [ { name: g, "
                                   "type: gpu }, { name: n, type: npu } ]\n");
  }

  const testing::TemporaryFolder folder_;
};

constexpr const char* kNetwork = R"(network: demo
description: "two: layers"
layers:
  - { name: conv, op: conv, shape: { K: 8, C: 3, R: 3, S: 3, Y: 9, X: 8, stride_y: 2 }, latency: { gpu: 1.5 us, npu: 7 ps } }
  - { name: "a, b", macs: 5, latency: { gpu: 500 ps }, energy: { gpu: 0.25 nJ } }
variants:
  - { name: thin, layer: conv, gamma: 2, latency: { npu: 3 ps }, op: conv, shape: { K: 2, C: 1, Y: 18, X: 16, out_x: 20 } }
accuracy: { metric: top-1, baseline: 70.5, sets: [ { variants: [thin], accuracy: 69.25 } ] }
)";

TEST_F(IoWrite, TablesHoldWhatIsNoDefault) {
  const Network n = load(kNetwork);
  const auto files = network_files(n, "out/demo.yaml", written_types(load_platform("platform.yaml")));
  ASSERT_EQ(files.size(), 4U);
  EXPECT_EQ(files[0].path, "out/demo.yaml");
  EXPECT_EQ(files[0].text,
            "network: demo\ndescription: \"two: layers\"\nlayers: demo.csv\nvariants: demo_variants.csv\n"
            "accuracy:\n  metric: top-1\n  baseline: 70.5\n  sets: demo_accuracy.csv\n");
  EXPECT_EQ(files[1].path, "out/demo.csv");
  EXPECT_EQ(files[1].text, "layer,op,K,C,R,S,Y,X,stride_y,macs,gpu_cycles,gpu_nj,npu_ps\n"
                           "conv,conv,8,3,3,3,9,8,2,,3000,,7\n"
                           "\"a, b\",,,,,,,,,5,1,0.25,\n");
  EXPECT_EQ(files[2].path, "out/demo_variants.csv");
  EXPECT_EQ(files[2].text,
            "layer,variant,gamma,op,K,C,Y,X,out_x,gpu_cycles,npu_ps\nconv,thin,2,conv,2,1,18,16,20,,3\n");
  EXPECT_EQ(files[3].text, "variants,accuracy\nthin,69.25\n");
}

TEST_F(IoWrite, TimesThatAreNoWholeCyclesAreWrittenInPicoseconds) {
  Network n = load(kNetwork);
  n.latency[0] += Duration{1};
  const std::string table = layer_table_text(n, {{"x", 2'000'000'000}, {"", 0}});
  EXPECT_EQ(table.substr(0, table.find('\n')), "layer,op,K,C,R,S,Y,X,stride_y,macs,x_ps,x_nj");
  // 700 MHz: a cycle is 1428.57… ps, written as 1 when that is what the reader makes of it.
  n.latency[0] = Duration{1429};
  n.latency[4] = Duration{2857};
  EXPECT_NE(layer_table_text(n, {{"x", 700'000'000}, {"", 0}}).find(",1,"), std::string::npos);
  EXPECT_EQ(variant_table_text(n, {}), "layer,variant,gamma,op,K,C,Y,X,out_x\nconv,thin,2,conv,2,1,18,16,20\n");
}

TEST_F(IoWrite, ANetworkOfShapesAloneNeedsNoTypes) {
  folder_.write("in.yaml",
                "network: s\nlayers: [ { name: x, op: pool, shape: { K: 4, C: 4, R: 2, S: 2, Y: 8, X: 8 } } ]\n");
  const Network n = load_network("in.yaml");
  EXPECT_EQ(write_network(n, "new/s.yaml"), (std::vector<std::string>{"new/s.yaml", "new/s.csv"}));
  EXPECT_EQ(read("new/s.csv"), "layer,op,K,C,R,S,Y,X\nx,pool,4,4,2,2,8,8\n");
  testing::expect_same_network(n, load_network("new/s.yaml"));
}

TEST_F(IoWrite, AnOperatorThatDoesNotNameTheKindOfTheShapeIsReplaced) {
  Network n = load(kNetwork);
  n.layers[0].op = "Conv2d with bias";
  EXPECT_NE(layer_table_text(n, {}).find("\nconv,conv,8"), std::string::npos);
  n.layers[0].op = "CONV"; // does
  EXPECT_NE(layer_table_text(n, {}).find("\nconv,CONV,8"), std::string::npos);
}

TEST_F(IoWrite, FilesThatExistAreKeptUnlessTold) {
  const Network n = load(kNetwork);
  folder_.write("demo_variants.csv", "mine\n");
  try {
    write_network(n, "demo.yaml");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "'demo_variants.csv' exists already; nothing was written");
  }
  EXPECT_FALSE(std::filesystem::exists("demo.yaml"));
  EXPECT_EQ(read("demo_variants.csv"), "mine\n");
  write_network(n, "demo.yaml", {}, Existing::replace);
  EXPECT_EQ(read("demo_variants.csv"), variant_table_text(n, {}));
}

TEST_F(IoWrite, AFolderThatCannotBeMadeIsAnError) {
  folder_.write("file", "");
  EXPECT_THROW(write_network(load(kNetwork), "file/demo.yaml"), Error);
}

TEST_F(IoWrite, WhatFilesCannotHoldIsRefused) {
  const auto refused = [&](auto change) {
    Network n = load(kNetwork);
    change(n);
    return input_error([&] { (void)network_files(n, "x.yaml", {}); });
  };
  const std::string start = "network 'demo': error: cannot be written: ";
  const std::string rule = ": names are not empty, and hold neither '|' nor outer blanks";
  EXPECT_EQ(refused([](Network&) {}), "");
  EXPECT_EQ(refused([](Network& n) { n.layers[0].name = "a|b"; }), start + "layer 'a|b'" + rule);
  EXPECT_EQ(refused([](Network& n) { n.layers[0].name = " a"; }), start + "layer ' a'" + rule);
  EXPECT_EQ(refused([](Network& n) { n.layers[0].name = ""; }), start + "layer ''" + rule);
  EXPECT_EQ(refused([](Network& n) { n.layers[1].name = "conv"; }), start + "layer 'conv' is there twice");
  EXPECT_EQ(refused([](Network& n) { n.layers[1].block = "a\nb"; }), start + "block 'a\nb' holds control characters");
  EXPECT_EQ(refused([](Network& n) { n.options[1].variants = 3; }), start + "variant 'thin' is a set of variants");
  EXPECT_EQ(refused([](Network& n) { n.options[1].variants = 2; }), start + "bits of its variants are left out");
  EXPECT_EQ(refused([](Network& n) { n = merge_layers(n, Granularity::model, 0.5); }), "");
  EXPECT_THROW((void)network_files(load(kNetwork), "x.yaml", {{"only one", 0}}), std::invalid_argument);
}

} // namespace
} // namespace terastal
