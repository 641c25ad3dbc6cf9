// Operators that become layers, each with its shape worked out by hand.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/onnx_writer.hpp"

namespace terastal {
namespace {

using namespace testing::onnx;

class OnnxLayers : public ::testing::Test {};

/// The only layer of a model.
LayerShape only(const Model& model) {
  const Import import = model.import();
  EXPECT_EQ(import.network.layers.size(), 1U);
  EXPECT_TRUE(import.unknown.empty());
  return shape_of(import, 0);
}

LayerShape conv_shape(std::uint64_t n, std::uint64_t k, std::uint64_t c) {
  LayerShape shape;
  shape.n = n, shape.k = k, shape.c = c;
  return shape;
}

// -- convolutions

TEST_F(OnnxLayers, ConvWithUnevenStridesAndPadding) {
  Model m;
  m.input("x", {2, 3, 11, 9}).weight("w", {8, 3, 3, 5});
  m.node("Conv", {"x", "w"}, {"y"}, {integers("strides", {2, 1}), integers("pads", {1, 0, 2, 3})}).output("y");
  LayerShape expected = conv_shape(2, 8, 3);
  expected.r = 3, expected.s = 5, expected.y = 11, expected.x = 9, expected.stride_y = 2;
  expected.out_y = 6; // (11 + 1 + 2 − 3) / 2 = 5 rest 1, and the first
  expected.out_x = 8; // 9 + 0 + 3 − 5, and the first
  EXPECT_EQ(only(m), expected);
}

TEST_F(OnnxLayers, DilatedConv) {
  Model m;
  m.input("x", {1, 4, 10, 10}).weight("w", {4, 4, 3, 3});
  m.node("Conv", {"x", "w"}, {"y"}, {integers("dilations", {3, 2})}).output("y");
  const LayerShape shape = only(m);
  EXPECT_EQ(shape.r, 3U); // the kernel's own size; its reach is 7 and 5
  EXPECT_EQ(shape.out_y, 4U);
  EXPECT_EQ(shape.out_x, 6U);
  EXPECT_EQ(shape.macs(), 4U * 4 * 9 * 4 * 6);
}

TEST_F(OnnxLayers, GroupedConv) {
  Model m;
  m.input("x", {1, 8, 5, 5}).weight("w", {6, 4, 3, 3});
  m.node("Conv", {"x", "w"}, {"y"}, {integer("group", 2)}).output("y");
  const LayerShape shape = only(m);
  EXPECT_EQ(shape.kind, OperatorKind::conv);
  EXPECT_EQ(shape.groups, 2U);
  EXPECT_EQ(shape.weight_elements(), 6U * 4 * 9);
  EXPECT_EQ(shape.macs(), 6U * 4 * 9 * 9);
}

TEST_F(OnnxLayers, DepthwiseConvWithTwoOutputsForEachChannel) {
  Model m;
  m.input("x", {1, 3, 5, 5}).weight("w", {6, 1, 3, 3});
  m.node("Conv", {"x", "w"}, {"y"}, {integer("group", 3)}).output("y");
  const LayerShape shape = only(m);
  EXPECT_EQ(shape.kind, OperatorKind::depthwise);
  EXPECT_EQ(shape.k, 2U);
  EXPECT_EQ(shape.output_channels(), 6U);
  EXPECT_EQ(shape.groups, 1U);
  EXPECT_EQ(shape.weight_elements(), 6U * 9);
}

TEST_F(OnnxLayers, ConvOfOneChannelIsNoDepthwise) {
  Model m;
  m.input("x", {1, 1, 5, 5}).weight("w", {6, 1, 3, 3}).node("Conv", {"x", "w"}, {"y"}).output("y");
  EXPECT_EQ(only(m).kind, OperatorKind::conv);
}

TEST_F(OnnxLayers, PaddingThatKeepsTheSize) {
  for (const auto& [padding, stride, size] : std::vector<std::tuple<std::string, int, std::uint64_t>>{
           {"SAME_UPPER", 1, 7}, {"SAME_LOWER", 2, 4}, {"SAME_UPPER", 3, 3}, {"VALID", 2, 3}, {"NOTSET", 1, 5}}) {
    Model m;
    m.input("x", {1, 1, 7, 7}).weight("w", {1, 1, 3, 3});
    m.node("Conv", {"x", "w"}, {"y"}, {text("auto_pad", padding), integers("strides", {stride, stride})}).output("y");
    EXPECT_EQ(only(m).out_y, size) << padding << ' ' << stride;
  }
}

TEST_F(OnnxLayers, ConvOverASequenceLiesAlongX) {
  Model m;
  m.input("x", {1, 16, 100}).weight("w", {32, 16, 5});
  m.node("Conv", {"x", "w"}, {"y"}, {integers("strides", {2}), integers("pads", {2, 2})}).output("y");
  LayerShape expected = conv_shape(1, 32, 16);
  expected.s = 5, expected.x = 100, expected.stride_x = 2, expected.out_x = 50;
  EXPECT_EQ(only(m), expected);
}

TEST_F(OnnxLayers, ConvInThreeDimensionsIsListed) {
  Model m;
  m.input("x", {1, 1, 8, 8, 8}).weight("w", {2, 1, 3, 3, 3}).node("Conv", {"x", "w"}, {"c"});
  m.node("Relu", {"c"}, {"y"}).output("y");
  const Import import = m.import();
  ASSERT_EQ(import.unknown.size(), 1U);
  EXPECT_EQ(import.unknown[0].op, "Conv");
  EXPECT_EQ(import.unknown[0].nodes, std::vector<std::string>{"c"});
  EXPECT_EQ(import.unknown[0].reason, "3 spatial dimensions; known are 1 and 2");
  EXPECT_EQ(shape_of(import, 0).output_elements(), 2U * 6 * 6 * 6); // its size is known nevertheless
}

TEST_F(OnnxLayers, TransposedConv) {
  Model m;
  m.input("x", {1, 8, 5, 4}).weight("w", {8, 2, 3, 3});
  m.node("ConvTranspose", {"x", "w"}, {"y"},
         {integers("strides", {2, 3}), integers("pads", {1, 1, 1, 1}), integers("output_padding", {1, 0}),
          integer("group", 2)});
  m.output("y");
  LayerShape expected = conv_shape(1, 4, 8);
  expected.kind = OperatorKind::transposed_conv;
  expected.r = expected.s = 3, expected.y = 5, expected.x = 4, expected.stride_y = 2, expected.stride_x = 3;
  expected.out_y = 10; // 2 · 4 + 1 + 3 − 2
  expected.out_x = 10; // 3 · 3 + 0 + 3 − 2
  expected.groups = 2;
  EXPECT_EQ(only(m), expected);
  EXPECT_EQ(only(m).weight_elements(), 8U * 2 * 9);
}

TEST_F(OnnxLayers, TransposedConvWithGivenOutput) {
  Model m;
  m.input("x", {1, 1, 5, 5}).weight("w", {1, 1, 3, 3});
  m.node("ConvTranspose", {"x", "w"}, {"y"}, {integers("strides", {2, 2}), integers("output_shape", {12, 10})})
      .output("y");
  EXPECT_EQ(only(m).out_y, 12U);
  EXPECT_EQ(only(m).out_x, 10U);
}

// -- pools

TEST_F(OnnxLayers, PoolRoundsDownUnlessAsked) {
  for (const auto& [ceil, size] : std::vector<std::pair<int, std::uint64_t>>{{0, 3}, {1, 4}}) {
    Model m;
    m.input("x", {1, 6, 8, 8});
    m.node("MaxPool", {"x"}, {"y"},
           {integers("kernel_shape", {3, 3}), integers("strides", {2, 2}), integer("ceil_mode", ceil)});
    m.output("y");
    const LayerShape shape = only(m);
    EXPECT_EQ(shape.kind, OperatorKind::pool);
    EXPECT_EQ(shape.out_y, size);
    EXPECT_EQ(shape.c, 6U);
    EXPECT_EQ(shape.macs(), 6U * 9 * size * size);
  }
}

/// 3 elements and one of padding on each side: windows of 2 begin at 0 and 2; one at 4 would lie behind the data.
TEST_F(OnnxLayers, NoPoolWindowLiesInThePaddingAlone) {
  Model m;
  m.input("x", {1, 1, 3, 3});
  m.node("AveragePool", {"x"}, {"y"},
         {integers("kernel_shape", {2, 2}), integers("strides", {2, 2}), integers("pads", {1, 1, 1, 1}),
          integer("ceil_mode", 1)});
  m.output("y");
  EXPECT_EQ(only(m).out_y, 2U);
}

TEST_F(OnnxLayers, GlobalPoolAndMeanOverTheImageAreTheSame) {
  Model pool;
  pool.input("x", {2, 16, 7, 5}).node("GlobalAveragePool", {"x"}, {"y"}).output("y");
  LayerShape expected = conv_shape(2, 16, 16);
  expected.kind = OperatorKind::pool, expected.r = expected.y = 7, expected.s = expected.x = 5;
  EXPECT_EQ(only(pool), expected);
  Model mean(13);
  mean.input("x", {2, 16, 7, 5}).node("ReduceMean", {"x"}, {"y"}, {integers("axes", {2, -1}), integer("keepdims", 0)});
  EXPECT_EQ(only(mean.output("y")), expected);
}

TEST_F(OnnxLayers, ReductionCountsTheElementsItCombines) {
  Model m(18); // axes as an input
  m.input("x", {1, 197, 768}).integers("axes", {-1}).node("ReduceMax", {"x", "axes"}, {"y"}).output("y");
  const LayerShape shape = only(m);
  EXPECT_EQ(shape.kind, OperatorKind::elementwise);
  EXPECT_EQ(shape.operands, 768U);
  EXPECT_EQ(shape.output_elements(), 197U);
  EXPECT_EQ(shape.macs(), 197U * 768);
}

// -- matrix products

TEST_F(OnnxLayers, GemmWithTransposedOperands) {
  for (const int transposed : {0, 1}) {
    Model m;
    m.input("x", {transposed ? 64 : 5, transposed ? 5 : 64}).weight("w", {transposed ? 10 : 64, transposed ? 64 : 10});
    m.node("Gemm", {"x", "w"}, {"y"}, {integer("transA", transposed), integer("transB", transposed)}).output("y");
    LayerShape expected = conv_shape(1, 10, 64);
    expected.y = expected.out_y = 5;
    EXPECT_EQ(only(m), expected);
  }
}

TEST_F(OnnxLayers, LinearLayerOverAllRows) {
  Model m;
  m.input("x", {2, 3, 7, 64}).weight("w", {64, 10}).node("MatMul", {"x", "w"}, {"y"}).output("y");
  LayerShape expected = conv_shape(1, 10, 64);
  expected.y = expected.out_y = 2 * 3 * 7;
  EXPECT_EQ(only(m), expected);
}

TEST_F(OnnxLayers, WeightsInFront) {
  Model m;
  m.weight("w", {10, 64}).input("x", {3, 64, 7}).node("MatMul", {"w", "x"}, {"y"}).output("y");
  LayerShape expected = conv_shape(1, 10, 64); // the transposed product: 7 rows for each of 3
  expected.y = expected.out_y = 21;
  EXPECT_EQ(only(m), expected);
}

TEST_F(OnnxLayers, OneMatrixOfWeightsForEachExpert) {
  Model m;
  m.input("x", {2, 4, 7, 64}).weight("w", {4, 64, 10}).node("MatMul", {"x", "w"}, {"y"}).output("y");
  LayerShape expected = conv_shape(1, 4 * 10, 4 * 64);
  expected.groups = 4, expected.y = expected.out_y = 2 * 7;
  EXPECT_EQ(only(m), expected);
  EXPECT_EQ(expected.weight_elements(), 4U * 64 * 10);
  EXPECT_EQ(expected.macs(), 2U * 4 * 7 * 64 * 10);
}

TEST_F(OnnxLayers, ProductOfActivations) {
  Model m; // 2 images, 4 heads, of which pairs share the second operand
  m.input("q", {2, 2, 2, 7, 16}).input("k", {2, 2, 1, 16, 9}).node("MatMul", {"q", "k"}, {"y"}).output("y");
  LayerShape expected = conv_shape(1, 8 * 9, 8 * 16);
  expected.kind = OperatorKind::matmul, expected.groups = 8, expected.y = expected.out_y = 7;
  EXPECT_EQ(only(m), expected);
  EXPECT_EQ(expected.macs(), 8U * 7 * 16 * 9);
  EXPECT_EQ(expected.weight_elements(), 0U);
}

TEST_F(OnnxLayers, EinsumOfTwoOperandsIsAMatrixProduct) {
  Model scores; // 2 images, 4 heads
  scores.input("q", {2, 7, 4, 16}).input("k", {2, 9, 4, 16});
  scores.node("Einsum", {"q", "k"}, {"y"}, {text("equation", "bqhd,bkhd->bhqk")}).output("y");
  LayerShape expected = conv_shape(1, 8 * 9, 8 * 16);
  expected.kind = OperatorKind::matmul, expected.groups = 8, expected.y = expected.out_y = 7;
  EXPECT_EQ(only(scores), expected);
  Model linear; // the result's letters in alphabetical order
  linear.input("x", {5, 64}).weight("w", {64, 10}).node("Einsum", {"x", "w"}, {"y"}, {text("equation", "ac, cb")});
  expected = conv_shape(1, 10, 64);
  expected.y = expected.out_y = 5;
  EXPECT_EQ(only(linear), expected);
  Model other; // a sum over one operand is no matrix product; its size is known
  other.input("x", {5, 3, 64}).input("z", {64, 10}).node("Einsum", {"x", "z"}, {"y"}, {text("equation", "aec,cb->ab")});
  other.node("Relu", {"y"}, {"r"});
  EXPECT_EQ(other.import().unknown.at(0).reason, "not a product of two operands");
  EXPECT_EQ(shape_of(other.import(), 0).output_elements(), 50U);
}

TEST_F(OnnxLayers, VectorTimesMatrix) {
  Model m;
  m.input("x", {64})
      .weight("w", {64, 10})
      .node("MatMul", {"x", "w"}, {"y"})
      .node("Relu", {"y"}, {"z"})
      .output("y")
      .output("z");
  const Import import = m.import();
  EXPECT_EQ(shape_of(import, 0), conv_shape(1, 10, 64));
  EXPECT_EQ(shape_of(import, 1).output_elements(), 10U);
}

TEST_F(OnnxLayers, WeightsComputedFromConstantsAreWeights) {
  Model m;
  m.input("x", {1, 64}).integers("sizes", {10, 64}).node("ConstantOfShape", {"sizes"}, {"c"});
  m.node("Transpose", {"c"}, {"w"}).node("MatMul", {"x", "w"}, {"y"}).output("y");
  EXPECT_EQ(only(m), conv_shape(1, 10, 64));
  EXPECT_EQ(m.import().notes, std::vector<std::string>{"2 operators work on constants and are left out"});
}

// -- element by element

TEST_F(OnnxLayers, OperandsAreInputsOfTheResultsSize) {
  Model m;
  m.input("a", {1, 4, 3, 2})
      .input("b", {1, 4, 3, 2})
      .input("gate", {1, 4, 1, 1})
      .weight("scalar", {})
      .weight("full", {4, 3, 2});
  m.node("Add", {"a", "b"}, {"two"}).node("Mul", {"a", "gate"}, {"one"}).node("Mul", {"a", "scalar"}, {"unary"});
  m.node("Add", {"a", "full"}, {"table"}).node("Sum", {"a", "b", "a"}, {"three"}).node("Softmax", {"a"}, {"norm"});
  const Import import = m.import();
  const std::vector<std::uint64_t> expected = {2, 1, 1, 2, 3, 1};
  ASSERT_EQ(import.network.layers.size(), expected.size());
  for (std::size_t l = 0; l < expected.size(); ++l) {
    LayerShape shape = conv_shape(1, 4, 4);
    shape.kind = OperatorKind::elementwise, shape.y = shape.out_y = 3, shape.x = shape.out_x = 2;
    shape.operands = expected[l];
    EXPECT_EQ(shape_of(import, l), shape) << import.network.layers[l].name;
  }
}

TEST_F(OnnxLayers, FewDimensionsAreRowsOfChannels) {
  Model m;
  m.input("x", {2, 197, 768}).node("LayerNormalization", {"x"}, {"y"}).output("y");
  LayerShape expected = conv_shape(1, 768, 768);
  expected.kind = OperatorKind::elementwise, expected.y = expected.out_y = 2 * 197;
  EXPECT_EQ(only(m), expected);
}

// -- quantised

TEST_F(OnnxLayers, QuantisedConvolutions) {
  LayerShape expected = conv_shape(1, 8, 4);
  expected.r = expected.s = 3, expected.y = expected.x = 6, expected.out_y = expected.out_x = 4;
  Model q;
  q.input("x", {1, 4, 6, 6}).weight("w", {8, 4, 3, 3}).weight("s", {}).weight("z", {});
  q.node("QLinearConv", {"x", "s", "z", "w", "s", "z", "s", "z"}, {"y"}).output("y");
  EXPECT_EQ(only(q), expected);
  Model integer;
  integer.input("x", {1, 4, 6, 6}).weight("w", {8, 4, 3, 3}).node("ConvInteger", {"x", "w"}, {"y"}).output("y");
  EXPECT_EQ(only(integer), expected);
}

TEST_F(OnnxLayers, QuantisedMatrixProducts) {
  LayerShape expected = conv_shape(1, 8, 64);
  expected.y = expected.out_y = 5;
  Model q;
  q.input("x", {5, 64}).weight("w", {64, 8}).weight("s", {}).weight("z", {});
  q.node("QLinearMatMul", {"x", "s", "z", "w", "s", "z", "s", "z"}, {"y"}).output("y");
  EXPECT_EQ(only(q), expected);
  Model integer;
  integer.input("x", {5, 64}).weight("w", {64, 8}).node("MatMulInteger", {"x", "w"}, {"y"}).output("y");
  EXPECT_EQ(only(integer), expected);
  Model packed; // weights of 4 bits
  packed.input("x", {5, 64}).weight("w", {8, 2, 16});
  packed.node("MatMulNBits", {"x", "w"}, {"y"}, {testing::onnx::integer("K", 64), testing::onnx::integer("N", 8)},
              "com.microsoft");
  EXPECT_EQ(only(packed.output("y")), expected);
}

TEST_F(OnnxLayers, FormatChangesPassDataOnOrAreLayers) {
  Model m;
  m.input("x", {1, 4, 6, 6}).weight("w8", {8, 4, 3, 3}).weight("s", {}).weight("z", {});
  m.node("QuantizeLinear", {"x", "s", "z"}, {"xq"}).node("DequantizeLinear", {"xq", "s", "z"}, {"xd"});
  m.node("DequantizeLinear", {"w8", "s", "z"}, {"w"}).node("Conv", {"xd", "w"}, {"c"}).node("Relu", {"c"}, {"r"});
  m.node("QuantizeLinear", {"r", "s", "z"}, {"rq"}).node("DequantizeLinear", {"rq", "s", "z"}, {"y"}).output("y");
  EXPECT_EQ(names(m.import()), std::vector<std::string>{"c"});
  EXPECT_EQ(names(m.import({.fuse = false})), (std::vector<std::string>{"xq", "xd", "c", "r", "rq", "y"}));
}

TEST_F(OnnxLayers, QuantisedAtRunTime) {
  Model m;
  m.input("x", {5, 64}).weight("w", {64, 8}).weight("ws", {});
  m.node("DynamicQuantizeLinear", {"x"}, {"xq", "xs", "xz"}).node("MatMulInteger", {"xq", "w", "xz"}, {"p"});
  m.node("Cast", {"p"}, {"f"}, {integer("to", 1)})
      .node("Mul", {"xs", "ws"}, {"scale"})
      .node("Mul", {"f", "scale"}, {"y"});
  const Import import = m.output("y").import();
  EXPECT_TRUE(import.unknown.empty());
  EXPECT_EQ(before(import, "y"), (std::vector<std::string>{"p", "scale"}));
}

} // namespace
} // namespace terastal
