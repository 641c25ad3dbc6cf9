// What becomes part of what: dependencies, fusing, operators that are not known, names, open dimensions.

#include <algorithm> // count
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/onnx_writer.hpp"

namespace terastal {
namespace {

using namespace testing::onnx;
using Names = std::vector<std::string>;

class OnnxGraph : public ::testing::Test {};

/// An image and a convolution `c` over it that keeps its size.
Model convolution() {
  Model m;
  m.input("x", {1, 4, 6, 6}).weight("w", {4, 4, 1, 1}).weight("channel", {1, 4, 1, 1}).weight("scalar", {});
  m.node("Conv", {"x", "w"}, {"c"});
  return m;
}

// -- fusing

TEST_F(OnnxGraph, NormalisationAndActivationJoinTheConvolution) {
  Model m = convolution();
  m.weight("s", {4})
      .node("BatchNormalization", {"c", "s", "s", "s", "s"}, {"b"})
      .node("Clip", {"b", "scalar", "scalar"}, {"r"});
  m.node("Mul", {"r", "channel"}, {"m"}).node("MaxPool", {"m"}, {"p"}, {integers("kernel_shape", {2, 2})}).output("p");
  const Import import = m.import();
  EXPECT_EQ(names(import), (Names{"c", "p"}));
  EXPECT_EQ(before(import, "p"), Names{"c"});
  EXPECT_EQ(import.notes, Names{"part of the layer before them: BatchNormalization 1, Clip 1, Mul 1"});
  EXPECT_EQ(names(m.import({.fuse = false})), (Names{"c", "b", "r", "m", "p"}));
}

TEST_F(OnnxGraph, WhatOthersReadBeforeItIsNoPart) {
  Model m = convolution();
  m.node("Relu", {"c"}, {"r"}).node("MaxPool", {"c"}, {"p"}, {integers("kernel_shape", {1, 1})});
  const Import import = m.import();
  EXPECT_EQ(names(import), (Names{"c", "r", "p"}));
  EXPECT_EQ(before(import, "r"), Names{"c"});
  EXPECT_EQ(before(import, "p"), Names{"c"});
}

TEST_F(OnnxGraph, OutputsOfTheNetworkAreRead) {
  Model m = convolution();
  EXPECT_EQ(names(m.output("c").node("Relu", {"c"}, {"r"}).output("r").import()), (Names{"c", "r"}));
  Model end = convolution(); // but the last one is an output of the layer anyway
  EXPECT_EQ(names(end.node("Relu", {"c"}, {"r"}).output("r").import()), Names{"c"});
}

TEST_F(OnnxGraph, AnActivationInPartsJoinsAsAWhole) {
  Model m = convolution(); // x · sigmoid(x)
  m.node("Sigmoid", {"c"}, {"s"}).node("Mul", {"c", "s"}, {"silu"}).node("Relu", {"silu"}, {"r"}).output("r");
  EXPECT_EQ(names(m.import()), Names{"c"});
  Model read = convolution(); // its inner value is read elsewhere: nothing joins
  read.node("Sigmoid", {"c"}, {"s"}).node("Mul", {"c", "s"}, {"silu"}).output("s").output("silu");
  EXPECT_EQ(names(read.import()), (Names{"c", "s", "silu"}));
}

TEST_F(OnnxGraph, TheLongestPartWithOneOutputJoins) {
  Model m = convolution(); // up to `r`; then two branches
  m.node("Relu", {"c"}, {"r"}).node("Sigmoid", {"r"}, {"a"}).node("Tanh", {"r"}, {"b"}).output("a").output("b");
  EXPECT_EQ(names(m.import()), (Names{"c", "a", "b"}));
}

TEST_F(OnnxGraph, AnAdditionOfTwoLayersIsALayer) {
  Model m = convolution();
  m.node("Conv", {"c", "w"}, {"d"}).node("Add", {"c", "d"}, {"sum"}).node("Relu", {"sum"}, {"r"}).output("r");
  const Import import = m.import();
  EXPECT_EQ(names(import), (Names{"c", "d", "sum", "r"}));
  EXPECT_EQ(before(import, "sum"), (Names{"c", "d"}));
  EXPECT_EQ(before(import, "d"), Names{"c"});
}

TEST_F(OnnxGraph, InputsAndTablesAreReadFromOutside) {
  Model m = convolution();
  m.weight("table", {1, 4, 6, 6})
      .input("z", {1, 4, 6, 6})
      .node("Add", {"c", "table"}, {"a"})
      .node("Add", {"a", "z"}, {"b"});
  EXPECT_EQ(names(m.import()), (Names{"c", "a", "b"}));
}

TEST_F(OnnxGraph, SqueezeAndExcite) {
  Model m = convolution();
  m.node("GlobalAveragePool", {"c"}, {"p"}).node("Conv", {"p", "w"}, {"d"}).node("Sigmoid", {"d"}, {"gate"});
  m.node("Mul", {"gate", "c"}, {"y"}).output("y");
  const Import import = m.import();
  EXPECT_EQ(names(import), (Names{"c", "p", "d", "y"}));
  EXPECT_EQ(before(import, "y"), (Names{"c", "d"}));
}

TEST_F(OnnxGraph, FusingGoesThroughMovedData) {
  Model m = convolution();
  m.node("Transpose", {"c"}, {"t"}).node("Relu", {"t"}, {"r"}).output("r");
  EXPECT_EQ(names(m.import()), Names{"c"});
}

TEST_F(OnnxGraph, NormalisationInPartsIsOneLayer) {
  Model m(13);
  m.input("x", {1, 5, 8}).weight("e", {}).weight("two", {}).weight("w", {8});
  m.node("ReduceMean", {"x"}, {"mean"}, {integers("axes", {-1})}).node("Sub", {"x", "mean"}, {"d"});
  m.node("Pow", {"d", "two"}, {"square"}).node("ReduceMean", {"square"}, {"variance"}, {integers("axes", {-1})});
  m.node("Add", {"variance", "e"}, {"sum"}).node("Sqrt", {"sum"}, {"root"}).node("Div", {"d", "root"}, {"quotient"});
  m.node("Mul", {"quotient", "w"}, {"scaled"}).node("Add", {"scaled", "w"}, {"shifted"});
  Model other = m;
  const Import import = m.node("Relu", {"shifted"}, {"y"}).import();
  EXPECT_EQ(names(import), (Names{"mean", "y"}));
  EXPECT_EQ(shape_of(import, 0).output_elements(), 40U);
  EXPECT_EQ(shape_of(import, 0).operands, 1U);
  // One value that others need, too, and it is no single layer.
  EXPECT_EQ(other.output("variance").import().network.layers.size(), 9U);
}

// -- dependencies

TEST_F(OnnxGraph, DependenciesPassThroughMovedData) {
  Model m = convolution();
  m.node("Conv", {"c", "w"}, {"d"}).node("Concat", {"c", "d"}, {"both"}, {integer("axis", 1)});
  m.integers("sizes", {0, -1})
      .node("Reshape", {"both", "sizes"}, {"flat"})
      .node("Split", {"flat"}, {"l", "r"}, {integer("axis", 1)});
  m.weight("v", {144, 2}).node("Gemm", {"l", "v"}, {"g"}).output("g");
  const Import import = m.import();
  EXPECT_EQ(before(import, "g"), (Names{"c", "d"}));
  EXPECT_EQ(import.notes, Names{"no layers, data pass through: Concat 1, Reshape 1, Split 1"});
  const Import kept = m.import({.keep_data_movement = true});
  EXPECT_EQ(names(kept), (Names{"c", "d", "both", "l", "g"}));
  EXPECT_EQ(before(kept, "both"), (Names{"c", "d"}));
  EXPECT_EQ(before(kept, "g"), Names{"l"});
  EXPECT_EQ(shape_of(kept, 3).output_elements(), 288U); // all parts of the Split
}

TEST_F(OnnxGraph, NodesMayStandInAnyOrder) {
  Model m;
  m.node("Relu", {"c"}, {"r"}).node("Conv", {"x", "w"}, {"c"}).input("x", {1, 4, 6, 6}).weight("w", {4, 4, 1, 1});
  EXPECT_EQ(names(m.output("r").import({.fuse = false})), (Names{"c", "r"}));
}

TEST_F(OnnxGraph, InnerGraphsReadValuesOfTheOuterOne) {
  Model then;
  then.node("Relu", {"inner"}, {"t"}).node("Add", {"c", "c"}, {"inner"}).output("t");
  Model m = convolution();
  m.tensor_bytes(tensor("condition", {}, 9));
  m.node("If", {"condition"}, {"y"}, {graph_attribute("then_branch", then.graph())}).declare("y", {1, 4, 6, 6});
  m.node("Relu", {"y"}, {"r"}).output("r");
  const Import import = m.import();
  EXPECT_EQ(import.unknown.at(0).op, "If");
  EXPECT_EQ(before(import, "r"), Names{"c"});
}

// -- operators that are not known

TEST_F(OnnxGraph, OperatorsThatAreNotKnownAreListedAndPassDependenciesOn) {
  Model m = convolution();
  m.node("Strange", {"c"}, {"s"}, {}, "my.domain")
      .declare("s", {1, 4, 6, 6})
      .node("Strange", {"s"}, {"t"}, {}, "my.domain");
  m.declare("t", {1, 4, 6, 6}).node("Relu", {"t"}, {"r"}).output("r");
  const Import import = m.import();
  ASSERT_EQ(import.unknown.size(), 1U);
  EXPECT_EQ(import.unknown[0].op, "my.domain::Strange");
  EXPECT_EQ(import.unknown[0].nodes, (Names{"s", "t"}));
  EXPECT_EQ(import.unknown[0].reason, "");
  EXPECT_EQ(names(import), (Names{"c", "r"})); // the activation is not the convolution's
  EXPECT_EQ(before(import, "r"), Names{"c"});
}

TEST_F(OnnxGraph, WhatHasNoKnownSizesIsListedWithTheReason) {
  Model m = convolution();
  m.node("Strange", {"c"}, {"s"}, {}, "my.domain")
      .node("Conv", {"s", "w"}, {"d"})
      .node("Relu", {"d"}, {"r"})
      .output("r");
  const Import import = m.import();
  ASSERT_EQ(import.unknown.size(), 3U);
  EXPECT_EQ(import.unknown[1].op, "Conv");
  EXPECT_EQ(import.unknown[1].reason, "a shape that is not known");
  EXPECT_EQ(names(import), Names{"c"});
}

TEST_F(OnnxGraph, RecurrentLayersAndAttentionOfOneOperatorAreListed) {
  Model m;
  m.input("x", {20, 1, 64}).weight("w", {1, 512, 64}).weight("r", {1, 512, 128});
  m.node("LSTM", {"x", "w", "r"}, {"y"}, {integer("hidden_size", 128)}).node("Relu", {"y"}, {"z"});
  m.input("tokens", {1, 20, 64}).weight("qkv", {64, 192}).weight("b", {192});
  m.node("Attention", {"tokens", "qkv", "b"}, {"a"}, {integer("num_heads", 4)}, "com.microsoft")
      .node("Tanh", {"a"}, {"t"});
  const Import import = m.import();
  ASSERT_EQ(import.unknown.size(), 2U);
  EXPECT_EQ(shape_of(import, 0).output_elements(), 20U * 128); // sizes behind them are known
  EXPECT_EQ(shape_of(import, 1).output_elements(), 20U * 64);
}

// -- names and notes

TEST_F(OnnxGraph, NamesAreMadeUniqueAndReadable) {
  Model m;
  m.input("x", {1, 4});
  const Bytes unnamed = field(1, Bytes("x")) + field(2, Bytes("a")) + field(4, Bytes("Relu"));
  const auto named = [](const Bytes& output, const Bytes& name) {
    return field(1, Bytes("x")) + field(2, output) + field(3, name) + field(4, Bytes("Relu"));
  };
  m.node_bytes(unnamed)
      .node_bytes(named("b", "same"))
      .node_bytes(named("c", "same"))
      .node_bytes(named("d", "a|b\n\xFF"));
  m.node_bytes(named("e", std::string(1000, 'n')));
  EXPECT_EQ(names(m.import()), (Names{"Relu_0", "same", "same_2", "a_b__", std::string(200, 'n')}));
}

TEST_F(OnnxGraph, TheNetworkIsNamedAfterTheFileOrAsAsked) {
  const Bytes bytes = convolution().bytes();
  EXPECT_EQ(parse_onnx(bytes, "some/folder/net.v2.onnx").network.name, "net.v2");
  const Import named = parse_onnx(bytes, "net.onnx", {.name = "mine"});
  EXPECT_EQ(named.network.name, "mine");
  EXPECT_EQ(named.network.source, "ONNX model net.onnx");
  EXPECT_EQ(named.network.description, "opset 17");
}

TEST_F(OnnxGraph, NewOpsetsAreNoted) {
  Model m(99);
  m.input("x", {1, 4}).node("Relu", {"x"}, {"y"});
  EXPECT_EQ(m.import().notes, Names{"opset 99 is newer than 23, up to which operators are known"});
}

// -- open dimensions

TEST_F(OnnxGraph, TheFirstDimensionIsTheBatch) {
  Model m;
  m.input("x", {"N", 4, 6, 6}).input("mask", {"N", 4, 1, 1}).node("Mul", {"x", "mask"}, {"y"});
  EXPECT_EQ(shape_of(m.import(), 0).n, 1U);
  const Import import = m.import({.batch = 8});
  EXPECT_EQ(shape_of(import, 0).n, 8U);
  EXPECT_EQ(import.notes, Names{"'N', the first dimension of input 'x', is taken as the batch: 8"});
}

TEST_F(OnnxGraph, OtherDimensionsAreGivenByName) {
  Model m;
  m.input("x", {"", 4, "h", "h"}).input("z", {1, 4, "", 6}).node("Relu", {"x"}, {"y"}).node("Relu", {"z"}, {"u"});
  const Import import = m.import({.dims = {{"h", 9}, {"z.2", 5}, {"x.0", 3}}});
  EXPECT_EQ(shape_of(import, 0).n, 3U);
  EXPECT_EQ(shape_of(import, 0).y, 9U);
  EXPECT_EQ(shape_of(import, 1).y, 5U);
  EXPECT_TRUE(import.notes.empty());
}

TEST_F(OnnxGraph, ABatchThatIsNotFirstEverywhere) {
  Model m;
  m.input("state", {2, "batch", 64}).input("x", {"batch", 64}).node("Relu", {"state"}, {"y"});
  EXPECT_EQ(shape_of(m.import({.batch = 4}), 0).output_elements(), 2U * 4 * 64);
}

TEST_F(OnnxGraph, ConstantsAmongTheInputsAreNoInputs) {
  Model m = convolution(); // as files of version 3 of the format have it
  m.input("w", {"any", "thing"});
  EXPECT_EQ(shape_of(m.import(), 0).weight_elements(), 16U);
}

} // namespace
} // namespace terastal
