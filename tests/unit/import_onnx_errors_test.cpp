// Files that are damaged or contradict themselves.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <tuple> // ignore
#include <vector>

#include <gtest/gtest.h>

#include "support/onnx_writer.hpp"

namespace terastal {
namespace {

using namespace testing::onnx;
using Lines = std::vector<std::string>;

class OnnxErrors : public ::testing::Test {};

/// What is reported about a model, without the file's name.
Lines errors(const Bytes& bytes, const OnnxOptions& options = {}) {
  Lines result;
  try {
    std::ignore = parse_onnx(bytes, "model.onnx", options);
  } catch (const InputError& error) {
    for (const Diagnostic& d : error.diagnostics()) {
      EXPECT_EQ(d.source, "model.onnx");
      result.push_back(d.message);
    }
  }
  return result;
}

Lines errors(const Model& model, const OnnxOptions& options = {}) { return errors(model.bytes(), options); }

Model image() {
  Model m;
  m.input("x", {1, 4, 6, 6}).weight("w", {4, 4, 3, 3});
  return m;
}

// -- files

TEST_F(OnnxErrors, FilesThatAreNoModels) {
  EXPECT_EQ(errors(Bytes{}), Lines{"the file is empty"});
  EXPECT_EQ(errors("network: resnet\nlayers: []\n"), Lines{"not an ONNX model, or damaged: a broken field at byte 1"});
  EXPECT_EQ(errors(field(1, 8)), Lines{"this holds no graph; is it an ONNX model?"});
  EXPECT_EQ(errors(Model()), Lines{"no operator of the graph became a layer"});
}

TEST_F(OnnxErrors, FilesThatCannotBeRead) {
  const auto message = [](const std::string& path, const OnnxOptions& options = {}) -> std::string {
    try {
      std::ignore = import_onnx(path, options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message("/nowhere/x.onnx"), "/nowhere/x.onnx: error: cannot read the file: No such file or directory");
  EXPECT_EQ(message("/"), "/: error: cannot read the file: it is no regular file");
  const std::string path = TERASTAL_SOURCE_DIR "/tests/data/onnx/vit_block.onnx";
  const std::string size = std::to_string(std::filesystem::file_size(path));
  EXPECT_EQ(message(path, {.largest_file = 1000}),
            path + ": error: the file has " + size +
                " bytes, allowed are 1000; export it with the weights in a file of their own");
}

TEST_F(OnnxErrors, EveryTruncationIsAnError) {
  Model m = image();
  m.node("Conv", {"x", "w"}, {"y"}).output("y");
  const Bytes whole = m.bytes();
  const std::size_t graph = whole.size() - m.graph().size();
  for (std::size_t size = graph; size < whole.size(); ++size) {
    const Lines found = errors(whole.substr(0, size));
    ASSERT_EQ(found.size(), 1U) << size;
    EXPECT_TRUE(found[0].starts_with("not an ONNX model, or damaged: a field of ")) << found[0];
  }
}

TEST_F(OnnxErrors, SizesThatTheFileOnlyClaims) {
  const Bytes claim = varint(9U << 3U | 2U) + varint(1U << 30U); // a gigabyte of weights, of which nothing follows
  EXPECT_EQ(errors(image().tensor_bytes(tensor("v", {1}) + claim)).size(), 1U);
  // A model without its weights is fine, however large they are said to be.
  Model m;
  m.input("x", {1, 1 << 20}).weight("w", {1 << 20, 1 << 20}).node("MatMul", {"x", "w"}, {"y"});
  EXPECT_EQ(shape_of(m.import(), 0).weight_elements(), std::uint64_t{1} << 40U);
}

TEST_F(OnnxErrors, NestingAndNumbersOfFieldsAreBounded) {
  Bytes inner = node("Relu", {"x"}, {"y"});
  for (int level = 0; level < 40; ++level) inner = field(5, graph_attribute("body", field(1, inner)));
  Model deep;
  deep.node_bytes(inner);
  ASSERT_EQ(errors(deep).size(), 1U);
  EXPECT_TRUE(errors(deep)[0].starts_with("not an ONNX model, or damaged: messages nested deeper than 64"));
  Bytes nodes;
  for (int i = 0; i < 300'001; ++i) nodes += field(1, Bytes{});
  EXPECT_EQ(errors(field(7, nodes)), Lines{"the graph is too large: more than 300000 operators"});
  Bytes inputs;
  for (int i = 0; i < 4'000'000; ++i) inputs += field(1, Bytes{});
  EXPECT_EQ(errors(field(7, field(1, inputs))), Lines{"the graph is too large: more than 4000000 fields"});
}

/// Each of a chain of operators that join data depends on all layers before it: the square of the file's size.
TEST_F(OnnxErrors, DependenciesAreBounded) {
  Model m;
  m.input("x", {1, 4}).node("Relu", {"x"}, {"r0"});
  for (int i = 1; i < 6000; ++i) {
    const std::string n = std::to_string(i);
    m.node("Relu", {"x"}, {"r" + n});
    m.node("Concat", {(i == 1 ? "r" : "c") + std::to_string(i - 1), "r" + n}, {"c" + n}, {integer("axis", 1)});
  }
  EXPECT_EQ(errors(m), Lines{"the graph has too many dependencies"});
}

// -- graphs

TEST_F(OnnxErrors, UndefinedAndRepeatedValues) {
  Model m = image();
  m.node("Relu", {"nothing"}, {"a"}).node("Relu", {"x"}, {"b"}).node("Tanh", {"x"}, {"b"}).node("Relu", {"x"}, {"w"});
  m.output("none").weight("w", {1}).input("x", {2});
  EXPECT_EQ(errors(m),
            (Lines{"initializer 'w': there is a value 'w' already", "graph: there is a value 'x' already",
                   "node 'b_2' (Tanh): there is a value 'b' already", "node 'w' (Relu): there is a value 'w' already",
                   "node 'a' (Relu): its input 'nothing' is not defined",
                   "the graph's output 'none' is not made by any node"}));
}

TEST_F(OnnxErrors, CyclesNameTheirNodes) {
  Model m = image();
  m.node("Relu", {"x"}, {"fine"}).node("Add", {"c", "x"}, {"a"}).node("Relu", {"a"}, {"b"}).node("Relu", {"b"}, {"c"});
  m.node("Relu", {"c"}, {"behind"});
  EXPECT_EQ(errors(m), Lines{"node 'a' (Add): it depends on itself: 'a' → 'b' → 'c' → 'a'"});
  Model self = image();
  EXPECT_EQ(errors(self.node("Relu", {"y"}, {"y"})), Lines{"node 'y' (Relu): it depends on itself: 'y' → 'y'"});
}

// -- operators

TEST_F(OnnxErrors, ConvolutionsThatDoNotFit) {
  const auto conv = [](const std::vector<Bytes>& attributes, const std::vector<std::int64_t>& weights = {4, 4, 3, 3}) {
    Model m;
    m.input("x", {1, 4, 6, 6}).weight("w", weights).node("Conv", {"x", "w"}, {"y"}, attributes);
    return errors(m);
  };
  const auto one = [](const std::string& message) { return Lines{"node 'y' (Conv): " + message}; };
  EXPECT_EQ(conv({integers("strides", {0, 1})}), one("attribute 'strides' holds 0; allowed are 1 to 2^30"));
  EXPECT_EQ(conv({integers("strides", {1})}), one("attribute 'strides' has 1 values, needed are 2"));
  EXPECT_EQ(conv({integers("dilations", {std::int64_t{1} << 40U, 1})}),
            one("attribute 'dilations' holds 1099511627776; allowed are 1 to 2^30"));
  EXPECT_EQ(conv({integer("strides", 2)}), one("attribute 'strides' is not a list of integers"));
  EXPECT_EQ(conv({integers("dilations", {3, 1})}), one("a window of 7 over 6 elements with padding 0 and 0"));
  EXPECT_EQ(conv({integers("kernel_shape", {5, 3})}), one("attribute 'kernel_shape' is 5×3, weights are 4×4×3×3"));
  EXPECT_EQ(conv({integer("group", 2)}), one("weights of 4×4×3×3 in 2 groups for an input of 1×4×6×6"));
  EXPECT_EQ(conv({integer("group", 0)}), one("attribute 'group' is 0; allowed are 1 and more"));
  EXPECT_EQ(conv({text("auto_pad", "SOME")}), one("auto_pad is 'SOME'; known: NOTSET, SAME_UPPER, SAME_LOWER, VALID"));
  EXPECT_EQ(conv({}, {4, 3, 3, 3}), one("weights of 4×3×3×3 in 1 groups for an input of 1×4×6×6"));
  EXPECT_EQ(conv({}, {4, 4, 3}), one("weights of 4×4×3 for an input of 1×4×6×6"));
}

TEST_F(OnnxErrors, EveryNodeThatContradictsItselfIsReported) {
  Model m = image();
  m.node("Conv", {"x"}, {"a"}).node("MatMul", {"x", "w"}, {"b"}).node("Add", {"x", "w"}, {"c"}).integers("s", {5, 5});
  m.node("Reshape", {"x", "s"}, {"d"})
      .node("Relu", {"d"}, {"behind"})
      .node("Concat", {"x", "w"}, {"e"}, {integer("axis", 7)});
  EXPECT_EQ(errors(m),
            (Lines{"node 'a' (Conv): it needs input 1", "node 'b' (MatMul): a matrix product of 1×4×6×6 and 4×4×3×3",
                   "node 'c' (Add): inputs of 1×4×6×6 and 4×4×3×3 do not fit together",
                   "node 'd' (Reshape): a reshape of 1×4×6×6 to 5×5",
                   "node 'e' (Concat): axis 7 of a tensor with 4 dimensions"}));
}

TEST_F(OnnxErrors, TensorsBeyondTheLimits) {
  Model dimension;
  dimension.input("x", {std::int64_t{1} << 32U}).node("Relu", {"x"}, {"y"});
  EXPECT_EQ(errors(dimension), Lines{"input 'x': a dimension beyond 2^31: 4294967296"});
  Model product;
  product.input("x", {1 << 20, 1}).input("z", {1 << 20}).node("Add", {"x", "z"}, {"y"});
  product.integers("s", {1 << 20, 1, 1}).node("Expand", {"y", "s"}, {"u"}).node("Relu", {"u"}, {"v"});
  EXPECT_EQ(errors(product), Lines{"node 'u' (Expand): a tensor of more than 2^53 elements: 1048576×1048576×1048576"});
  Model layer;
  layer.input("x", {1 << 20, 1 << 20}).weight("w", {1 << 20, 1 << 20}).node("MatMul", {"x", "w"}, {"y"});
  EXPECT_EQ(errors(layer), Lines{"node 'y' (MatMul): the layer is too large: N·K·C·R·S·Y·X goes beyond 2^53"});
  Model negative = image();
  negative.weight("v", {4, -4});
  EXPECT_EQ(errors(negative), Lines{"initializer 'v': a tensor of negative size: 4×-4"});
}

TEST_F(OnnxErrors, DataThatDoNotFitTheirTensor) {
  Model m = image();
  m.tensor_bytes(tensor("s", {3}, kInt64) + field(9, raw({1, 2})));
  EXPECT_EQ(errors(m), Lines{"initializer 's': 2 elements of data for a tensor of 3"});
}

// -- options

TEST_F(OnnxErrors, OpenDimensions) {
  Model m;
  m.input("x", {"batch", 4, "height", ""}).node("Relu", {"x"}, {"y"});
  EXPECT_EQ(errors(m), (Lines{"dimension 'height' is open; give it with --dim height=SIZE",
                              "dimension 'x.3' is open; give it with --dim x.3=SIZE"}));
  EXPECT_EQ(errors(m, {.dims = {{"heigth", 5}, {"height", 5}, {"x.3", 5}}}),
            Lines{"no input has an open dimension 'heigth' (did you mean 'height'?); open are: batch, height, x.3"});
  EXPECT_EQ(errors(m, {.batch = 0, .dims = {{"height", 5}, {"x.3", 5}}}),
            Lines{"batch must be 1 to 2147483648, got 0"});
  EXPECT_EQ(errors(image().node("Relu", {"x"}, {"y"}), {.batch = 2}),
            Lines{"a batch is given, but no input has an open first dimension"});
}

TEST_F(OnnxErrors, StrictRefusesOperatorsThatAreNotKnown) {
  Model m = image();
  m.node("Strange", {"x"}, {"a"})
      .node("Strange", {"x"}, {"b"})
      .node("Conv", {"b", "w"}, {"c"})
      .node("Relu", {"x"}, {"d"});
  EXPECT_EQ(errors(m, {.strict = true}),
            (Lines{"operator Strange of node 'a' and 1 more is not understood",
                   "operator Conv of node 'c' is not understood: a shape that is not known"}));
  EXPECT_EQ(errors(m), Lines{});
}

} // namespace
} // namespace terastal
