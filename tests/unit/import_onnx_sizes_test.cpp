// Operators that move data, and constants that sizes are computed from.

#include <bit>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/onnx_writer.hpp"

namespace terastal {
namespace {

using namespace testing::onnx;
using Sizes = std::vector<std::int64_t>;

/// A node `y` that reads `x` and further constants, and the sizes of its first output.
struct Case {
  std::string op;
  Sizes input;
  std::vector<Sizes> constants; ///< inputs behind `x`, whole numbers in one dimension
  std::vector<Bytes> attributes;
  Sizes expected; ///< four dimensions
  int outputs = 1;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.op; }

class OnnxSizes : public ::testing::TestWithParam<Case> {};

LayerShape elementwise(const Sizes& sizes) {
  LayerShape shape;
  shape.kind = OperatorKind::elementwise;
  shape.n = static_cast<std::uint64_t>(sizes[0]);
  shape.k = shape.c = static_cast<std::uint64_t>(sizes[1]);
  shape.y = shape.out_y = static_cast<std::uint64_t>(sizes[2]);
  shape.x = shape.out_x = static_cast<std::uint64_t>(sizes[3]);
  return shape;
}

TEST_P(OnnxSizes, OfTheOutput) {
  const Case& c = GetParam();
  Model m(13);
  m.input("x", {c.input.begin(), c.input.end()});
  std::vector<std::string> inputs = {"x"};
  for (std::size_t i = 0; i < c.constants.size(); ++i) {
    inputs.push_back("c" + std::to_string(i));
    m.integers(inputs.back(), c.constants[i]);
  }
  std::vector<std::string> outputs = {"y"};
  for (int o = 1; o < c.outputs; ++o) outputs.push_back("y" + std::to_string(o));
  m.node(c.op, inputs, outputs, c.attributes).node("Relu", {"y"}, {"relu"}).output("relu");
  const Import import = m.import();
  EXPECT_EQ(names(import), std::vector<std::string>{"relu"}); // what moves data is no layer
  EXPECT_EQ(shape_of(import, 0), elementwise(c.expected));
  EXPECT_TRUE(import.unknown.empty());
}

constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kStart = std::numeric_limits<std::int64_t>::min();

INSTANTIATE_TEST_SUITE_P(
    Operators, OnnxSizes,
    ::testing::Values(
        Case{"Identity", {1, 2, 3, 4}, {}, {}, {1, 2, 3, 4}},
        Case{"Cast", {1, 2, 3, 4}, {}, {integer("to", 10)}, {1, 2, 3, 4}},
        Case{"Dropout", {1, 2, 3, 4}, {}, {}, {1, 2, 3, 4}, 2},
        Case{"Reshape", {2, 3, 4}, {{0, -1, 2, 3}}, {}, {2, 2, 2, 3}}, // 0: as in the input
        Case{"Reshape", {1, 2, 3, 4}, {{4, 3, 2, 1}}, {}, {4, 3, 2, 1}},
        Case{"Transpose", {1, 2, 3, 4}, {}, {}, {4, 3, 2, 1}},
        Case{"Transpose", {1, 2, 3, 4}, {}, {integers("perm", {0, 2, 3, 1})}, {1, 3, 4, 2}},
        Case{"Squeeze", {1, 2, 1, 3, 4, 5}, {{0, -4}}, {}, {2, 3, 4, 5}},
        Case{"Unsqueeze", {2, 3}, {{0, -1}}, {}, {1, 2, 3, 1}},
        Case{"Unsqueeze", {2, 3}, {}, {integers("axes", {1, 2})}, {2, 1, 1, 3}}, // before opset 13
        Case{"Concat", {1, 2, 3, 4}, {}, {integer("axis", 1)}, {1, 2, 3, 4}},
        Case{"Split", {1, 6, 3, 4}, {}, {integer("axis", 1)}, {1, 2, 3, 4}, 3},
        Case{"Split", {1, 6, 3, 4}, {{5, 1}}, {integer("axis", -3)}, {1, 5, 3, 4}, 2},
        Case{"Split", {1, 7, 3, 4}, {}, {integer("axis", 1), integer("num_outputs", 2)}, {1, 4, 3, 4}, 2},
        Case{"Slice", {1, 9, 9, 9}, {{1, 8, 0}, {kEnd, kStart, 100}, {1, 2, 3}, {3, -2, 4}}, {}, {1, 3, 5, 3}},
        Case{"Slice", {9, 9, 9, 9}, {{-3, 2}, {-1, 100}}, {}, {2, 7, 9, 9}},
        Case{"Slice",
             {1, 9, 9, 9},
             {},
             {integers("starts", {2}), integers("ends", {-2}), integers("axes", {3})},
             {1, 9, 9, 5}},
        Case{"Gather", {5, 6, 7, 8}, {{0, 2, 4}}, {integer("axis", 1)}, {5, 3, 7, 8}},
        Case{"GatherND", {4, 5, 6, 7, 8}, {{1}}, {}, {5, 6, 7, 8}},
        Case{"Pad", {1, 2, 3, 4}, {{0, 0, 1, -1, 0, 0, 2, 3}}, {}, {1, 2, 6, 6}},
        Case{"Pad", {1, 2, 3, 4}, {}, {integers("pads", {0, 0, 1, 1, 0, 0, 1, 1})}, {1, 2, 5, 6}},
        Case{"Tile", {1, 2, 3, 4}, {{1, 2, 1, 3}}, {}, {1, 4, 3, 12}},
        Case{"Expand", {3, 1}, {{2, 5, 1, 4}}, {}, {2, 5, 3, 4}},
        Case{"DepthToSpace", {1, 8, 3, 4}, {}, {integer("blocksize", 2)}, {1, 2, 6, 8}},
        Case{"SpaceToDepth", {1, 2, 6, 8}, {}, {integer("blocksize", 2)}, {1, 8, 3, 4}},
        Case{"ScatterND", {1, 2, 3, 4}, {{0}}, {}, {1, 2, 3, 4}}));

class OnnxConstants : public ::testing::Test {};

/// Sizes of an elementwise layer at the end.
Sizes last(const Import& import) {
  const LayerShape shape = shape_of(import, import.network.layers.size() - 1);
  return {static_cast<std::int64_t>(shape.n), static_cast<std::int64_t>(shape.k), static_cast<std::int64_t>(shape.y),
          static_cast<std::int64_t>(shape.x)};
}

Bytes floats_tensor(const std::string& name, const std::vector<float>& numbers) {
  Bytes bytes;
  for (const float number : numbers) {
    const auto bits = std::bit_cast<std::uint32_t>(number);
    for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift);
  }
  return tensor(name, {static_cast<std::int64_t>(numbers.size())}) + field(9, bytes);
}

TEST_F(OnnxConstants, ResizeByScalesAndBySizes) {
  Model old(10); // scales are the second input
  old.input("x", {1, 2, 10, 7}).tensor_bytes(floats_tensor("scales", {1, 1, 0.7F, 2}));
  old.node("Resize", {"x", "scales"}, {"y"}).node("Relu", {"y"}, {"relu"});
  EXPECT_EQ(last(old.import()), (Sizes{1, 2, 7, 14}));
  Model scales;
  scales.input("x", {1, 2, 10, 7}).tensor_bytes(floats_tensor("scales", {1, 1, 1.5F, 2}));
  scales.node("Resize", {"x", "", "scales"}, {"y"}).node("Relu", {"y"}, {"relu"});
  EXPECT_EQ(last(scales.import()), (Sizes{1, 2, 15, 14}));
  Model sizes;
  sizes.input("x", {1, 2, 10, 7}).integers("sizes", {1, 2, 20, 21});
  sizes.node("Resize", {"x", "", "", "sizes"}, {"y"}).node("Relu", {"y"}, {"relu"});
  EXPECT_EQ(last(sizes.import()), (Sizes{1, 2, 20, 21}));
  Model axes(18); // of some axes only, keeping the aspect ratio: 10×20 into 30×30 is 15×30
  axes.input("x", {1, 2, 10, 20}).integers("sizes", {30, 30});
  axes.node("Resize", {"x", "", "", "sizes"}, {"y"},
            {integers("axes", {2, 3}), text("keep_aspect_ratio_policy", "not_larger")});
  EXPECT_EQ(last(axes.node("Relu", {"y"}, {"relu"}).import()), (Sizes{1, 2, 15, 30}));
}

TEST_F(OnnxConstants, ShapeOfAnInputIsKnown) {
  Model m; // as PyTorch writes x.view(x.size(0), x.size(1) // 2, -1, 3)
  m.input("x", {"batch", 8, 3, 5}).scalar("0", 0).scalar("1", 1).scalar("2", 2).integers("front", {0});
  m.node("Shape", {"x"}, {"shape"}).node("Gather", {"shape", "0"}, {"n"}).node("Gather", {"shape", "1"}, {"c"});
  m.node("Div", {"c", "2"}, {"half"})
      .node("Unsqueeze", {"n", "front"}, {"n1"})
      .node("Unsqueeze", {"half", "front"}, {"h1"});
  m.integers("rest", {-1, 3}).node("Concat", {"n1", "h1", "rest"}, {"sizes"}, {integer("axis", 0)});
  m.node("Reshape", {"x", "sizes"}, {"r"}).node("Relu", {"r"}, {"y"});
  EXPECT_EQ(last(m.import({.batch = 6})), (Sizes{6, 4, 10, 3}));
}

TEST_F(OnnxConstants, ExpandToSizesWithMinusOne) {
  Model m; // as PyTorch writes x.expand(4, -1, -1, 6)
  m.input("x", {1, 2, 3, 1})
      .integers("wanted", {4, -1, -1, 6})
      .integers("four", {4})
      .integers("minus", {-1, -1, -1, -1});
  m.node("ConstantOfShape", {"four"}, {"ones"}, {tensor_attribute("value", integers_tensor("", {1}, {1}))});
  m.node("Equal", {"wanted", "minus"}, {"open"}).node("Where", {"open", "ones", "wanted"}, {"sizes"});
  m.node("Expand", {"x", "sizes"}, {"e"}).node("Relu", {"e"}, {"y"});
  EXPECT_EQ(last(m.import()), (Sizes{4, 2, 3, 6}));
}

TEST_F(OnnxConstants, PaddingInReversedPairs) {
  Model m; // as PyTorch writes F.pad(x, (1, 2, 3, 4)): pairs from the last axis, turned into begins and ends
  m.input("x", {1, 2, 10, 10}).integers("pairs", {1, 2, 3, 4, 0, 0, 0, 0}).integers("rows", {-1, 2});
  m.integers("from", {-1}).integers("to", {kStart}).integers("axis", {0}).integers("step", {-1}).integers("flat", {-1});
  m.node("Reshape", {"pairs", "rows"}, {"p"}).node("Slice", {"p", "from", "to", "axis", "step"}, {"reversed"});
  m.node("Transpose", {"reversed"}, {"t"}, {integers("perm", {1, 0})}).node("Reshape", {"t", "flat"}, {"pads"});
  m.node("Pad", {"x", "pads"}, {"y"}).node("Relu", {"y"}, {"relu"});
  EXPECT_EQ(last(m.import()), (Sizes{1, 2, 17, 13}));
}

TEST_F(OnnxConstants, SizesByArithmetic) {
  Model m;
  m.input("x", {1, 2, 6, 8})
      .scalar("-1", -1)
      .scalar("5", 5)
      .scalar("2", 2)
      .integers("parts", {2, 2})
      .integers("none", {});
  m.node("Shape", {"x"}, {"shape"}, {integer("start", 2)}).node("Split", {"shape"}, {"h", "w"});
  m.node("Mul", {"h", "2"}, {"12"}).node("Sub", {"12", "5"}, {"7"}).node("Mod", {"w", "5"}, {"3"});
  m.node("ReduceProd", {"shape"}, {"48"}, {integer("keepdims", 1)}).node("Div", {"48", "7"}, {"6"});
  m.node("Min", {"7", "3"}, {"3b"}).node("Neg", {"3b"}, {"-3"}).node("Max", {"-3", "2"}, {"2b"});
  m.node("Concat", {"7", "3", "6", "2b"}, {"sizes"}, {integer("axis", 0)}).node("Size", {"sizes"}, {"4"});
  m.node("ConstantOfShape", {"sizes"}, {"zeros"}).input("g", {1, 1, 1, 1}).node("Add", {"g", "zeros"}, {"y"});
  EXPECT_EQ(last(m.import()), (Sizes{7, 3, 6, 2}));
}

TEST_F(OnnxConstants, RangesAreIndices) {
  Model m;
  m.input("x", {1, 9, 4, 4}).scalar("0", 0).scalar("9", 9).scalar("2", 2).node("Range", {"0", "9", "2"}, {"even"});
  m.node("Gather", {"x", "even"}, {"g"}, {integer("axis", 1)}).node("Relu", {"g"}, {"y"});
  EXPECT_EQ(last(m.import()), (Sizes{1, 5, 4, 4}));
}

TEST_F(OnnxConstants, EveryFormOfAConstant) {
  for (const Bytes& form :
       {integers("value_ints", {1, 2, -1, 4}), tensor_attribute("value", integers_tensor("", {4}, {1, 2, -1, 4})),
        tensor_attribute("value",
                         tensor("", {4}, kInt64) + field(7, varint(1) + varint(2) + varint(~0ULL) + varint(4)))}) {
    Model m;
    m.input("x", {4, 6}).node("Constant", {}, {"sizes"}, {form}).node("Reshape", {"x", "sizes"}, {"r"});
    EXPECT_EQ(last(m.node("Relu", {"r"}, {"y"}).import()), (Sizes{1, 2, 3, 4}));
  }
}

TEST_F(OnnxConstants, SizesThatTheFileDeclaresHelpBehindUnknownOperators) {
  Model m;
  m.input("x", {"batch", 8}).node("Strange", {"x"}, {"s"}, {}, "my.domain").declare("s", {"batch", 4, 2, 3});
  m.node("Relu", {"s"}, {"y"});
  const Import import = m.import({.batch = 5});
  EXPECT_EQ(last(import), (Sizes{5, 4, 2, 3}));
  EXPECT_EQ(import.unknown.at(0).op, "my.domain::Strange");
}

/// Sizes behind operators whose work is not modelled.
TEST_F(OnnxConstants, SizesOfOperatorsThatAreListed) {
  Model m;
  m.input("x", {1, 2, 3, 9}).integers("k", {4}).node("TopK", {"x", "k"}, {"v", "i"}).node("Relu", {"i"}, {"y"});
  EXPECT_EQ(last(m.import()), (Sizes{1, 2, 3, 4}));
  EXPECT_EQ(m.import().unknown.at(0).op, "TopK");
  Model lstm; // 2 directions of 128
  lstm.input("x", {20, 3, 64}).weight("w", {2, 512, 64}).weight("r", {2, 512, 128});
  lstm.node("LSTM", {"x", "w", "r"}, {"all", "state", "cell"}).node("Relu", {"all"}, {"y"});
  EXPECT_EQ(last(lstm.import()), (Sizes{20, 2, 3, 128}));
  Model region;
  region.input("x", {1, 16, 50, 50}).input("regions", {30, 4}).input("image", {30});
  region.node("RoiAlign", {"x", "regions", "image"}, {"r"}, {integer("output_height", 7), integer("output_width", 5)});
  EXPECT_EQ(last(region.node("Relu", {"r"}, {"y"}).import()), (Sizes{30, 16, 7, 5}));
  Model grid;
  grid.input("x", {2, 16, 50, 50}).input("g", {2, 7, 5, 2}).node("GridSample", {"x", "g"}, {"s"});
  EXPECT_EQ(last(grid.node("Relu", {"s"}, {"y"}).import()), (Sizes{2, 16, 7, 5}));
}

} // namespace
} // namespace terastal
