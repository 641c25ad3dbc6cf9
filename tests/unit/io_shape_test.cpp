// Shapes of layers and variants, in tables and inline.

#include <gtest/gtest.h>

#include <string>

#include "terastal/io/load.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

class IoShape : public ::testing::Test {
 protected:
  Network load(const std::string& table) const {
    folder_.write("network.yaml", "network: n\nlayers: table.csv\n");
    folder_.write("table.csv", table);
    return load_network("network.yaml");
  }
  LayerShape inline_shape(const std::string& layer) const {
    folder_.write("network.yaml", "network: n\nlayers: [ { name: x, " + layer + " } ]\n");
    return load_network("network.yaml").options[0].shape.value();
  }

  const testing::TemporaryFolder folder_;
};

LayerShape shape(OperatorKind kind, std::uint64_t k, std::uint64_t c, std::uint64_t y, std::uint64_t x,
                 std::uint64_t out_y, std::uint64_t out_x) {
  LayerShape s;
  s.kind = kind;
  s.k = k;
  s.c = c;
  s.y = y;
  s.x = x;
  s.out_y = out_y;
  s.out_x = out_x;
  return s;
}

TEST_F(IoShape, ColumnsAreTheDimensions) {
  const Network n = load("layer,op,N,K,C,R,S,Y,X,stride_y,stride_x,out_y,out_x,groups,operands\n"
                         "x,conv,2,64,32,3,5,57,1e1,2,1,28,10,4,7\n");
  LayerShape wanted = shape(OperatorKind::conv, 64, 32, 57, 10, 28, 10);
  wanted.n = 2;
  wanted.r = 3;
  wanted.s = 5;
  wanted.stride_y = 2;
  wanted.groups = 4;
  wanted.operands = 7;
  EXPECT_EQ(n.options[0].shape, wanted);
  EXPECT_EQ(n.layers[0].op, "conv");
}

TEST_F(IoShape, OutputsDefaultToTheInputOverTheStrideRoundedUp) {
  const Network n = load("layer,op,K,C,Y,X,stride_y,stride_x\n"
                         "down,conv,8,3,57,30,2,7\n"
                         "up,TRCONV,8,3,5,6,2,3\n"
                         "same,pool,8,8,5,6,,\n");
  EXPECT_EQ(n.options[0].shape->out_y, 29U);
  EXPECT_EQ(n.options[0].shape->out_x, 5U);
  EXPECT_EQ(n.options[1].shape->out_y, 10U); // a transposed layer enlarges
  EXPECT_EQ(n.options[1].shape->out_x, 18U);
  EXPECT_EQ(n.options[2].shape, shape(OperatorKind::pool, 8, 8, 5, 6, 5, 6));
}

TEST_F(IoShape, KindsHaveTheNamesOfSeveralTools) {
  const Network n = load("layer,op,K,C,Y,X\na,DSCONV,1,4,1,1\nb,GEMM,2,4,1,1\nc,Linear,2,4,1,1\nd,MatMul,2,4,1,1\n");
  EXPECT_EQ(n.options[0].shape->kind, OperatorKind::depthwise);
  EXPECT_EQ(n.options[1].shape->kind, OperatorKind::conv);
  EXPECT_EQ(n.options[2].shape->kind, OperatorKind::conv);
  EXPECT_EQ(n.options[3].shape->kind, OperatorKind::matmul);
  EXPECT_EQ(n.layers[0].op, "DSCONV"); // as written
}

TEST_F(IoShape, MacsAndOutputBytesDefaultToTheShapes) {
  const Network n = load("layer,op,macs,output_bytes,K,C,R,S,Y,X,gpu_ms\n"
                         "computed,conv,,,8,3,3,3,10,10,\n"
                         "given,conv,7,0,8,3,3,3,10,10,\n"
                         "neither,conv,,,,,,,,,1\n");
  EXPECT_EQ(n.layers[0].macs, 21600U); // 8 · 3 · 9 · 100
  EXPECT_EQ(n.layers[0].output_bytes, 800U);
  EXPECT_EQ(n.layers[1].macs, 7U);
  EXPECT_EQ(n.layers[1].output_bytes, 0U);
  EXPECT_EQ(n.layers[2].macs, 0U);
  EXPECT_EQ(n.layers[2].output_bytes, 0U);
  EXPECT_FALSE(n.options[2].shape.has_value());
}

TEST_F(IoShape, TablesOfShapesNeedNoLatencies) {
  const Network n = load("layer,op,K,C,Y,X\nx,conv,1,1,1,1\n");
  ASSERT_EQ(n.type_count, 1U);
  EXPECT_EQ(n.latency_of(0, 0), kCannotRun);
}

TEST_F(IoShape, OpIsFreeTextWhereThereIsNoShape) {
  const Network n = load("layer,op,gpu_ms,K,C,Y,X\nx,my own operator,1,,,,\n");
  EXPECT_EQ(n.layers[0].op, "my own operator");
  EXPECT_FALSE(n.options[0].shape.has_value());
}

TEST_F(IoShape, InlineShapesHaveTheSameKeysAndDefaults) {
  EXPECT_EQ(inline_shape("op: conv, shape: { K: 8, C: 3, Y: 57, X: 30, stride_y: 2, stride_x: 7 }").out_y, 29U);
  const LayerShape up = inline_shape("op: trconv, shape: { K: 1e0, C: 3, Y: 5, X: 6, stride_y: 2, out_x: 4 }");
  EXPECT_EQ(up.kind, OperatorKind::transposed_conv);
  EXPECT_EQ(up.k, 1U);
  EXPECT_EQ(up.out_y, 10U);
  EXPECT_EQ(up.out_x, 4U);
  EXPECT_EQ(inline_shape("op: elementwise, shape: { K: 8, C: 8, Y: 5, X: 6, operands: 2, N: 3 }").macs(),
            2U * 3U * 8U * 30U);
}

TEST_F(IoShape, InlineVariantsHaveShapesOfTheirOwn) {
  folder_.write("network.yaml",
                "network: n\nlayers: [ { name: x, op: conv, shape: { K: 16, C: 4, Y: 2, X: 2 } } ]\n"
                "variants: [ { name: v, layer: x, gamma: 2, accuracy_cost: 0, op: conv, shape: { K: 4, C: 1, "
                "Y: 4, X: 4 } } ]\naccuracy: { metric: m, baseline: 1, model: additive }\n");
  const Network n = load_network("network.yaml");
  EXPECT_EQ(n.options[1].shape, shape(OperatorKind::conv, 4, 1, 4, 4, 4, 4));
  EXPECT_EQ(n.layers[0].macs, 256U);
}

} // namespace
} // namespace terastal
