#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/onnx_writer.hpp"

namespace terastal::testing::onnx {

/// A small model with many kinds of operators: quantised, recurrent, inner graphs, computed sizes, unknown ones.
inline Bytes varied_model() {
  Model then;
  then.node("Relu", {"pool"}, {"then"}).output("then");
  Model m(13);
  m.input("x", {"batch", 4, 8, 8}).weight("w", {6, 2, 3, 3}).weight("dw", {6, 1, 3, 3}).weight("v", {6, 4, 2, 2});
  m.weight("s", {})
      .weight("z", {})
      .weight("c", {6})
      .integers("front", {0})
      .integers("rest", {6, -1})
      .scalar("0", 0)
      .scalar("2", 2);
  m.node("Conv", {"x", "w"}, {"conv"}, {integer("group", 2), integers("pads", {1, 1, 1, 1})});
  m.node("BatchNormalization", {"conv", "c", "c", "c", "c"}, {"bn"}).node("Sigmoid", {"bn"}, {"sig"});
  m.node("Mul", {"bn", "sig"}, {"silu"}).node("QuantizeLinear", {"silu", "s", "z"}, {"q"});
  m.node("DequantizeLinear", {"q", "s", "z"}, {"dq"});
  m.node("Conv", {"dq", "dw"}, {"deep"},
         {integer("group", 6), integers("dilations", {2, 2}), text("auto_pad", "SAME_UPPER")});
  m.node("MaxPool", {"deep"}, {"pool", "at"}, {integers("kernel_shape", {2, 2}), integer("ceil_mode", 1)});
  m.tensor_bytes(tensor("condition", {}, 9))
      .node("If", {"condition"}, {"if"}, {graph_attribute("then_branch", then.graph())});
  m.node("ConvTranspose", {"pool", "v"}, {"up"}, {integers("strides", {2, 2}), integers("output_padding", {1, 1})});
  m.node("Shape", {"deep"}, {"shape"}).node("Gather", {"shape", "0"}, {"n"}).node("Unsqueeze", {"n", "front"}, {"n1"});
  m.node("Concat", {"n1", "rest"}, {"sizes"}, {integer("axis", 0)}).node("Reshape", {"deep", "sizes"}, {"flat"});
  m.node("Transpose", {"flat"}, {"t"}, {integers("perm", {0, 2, 1})}).node("MatMul", {"flat", "t"}, {"scores"});
  m.integers("from", {-1})
      .integers("to", {0})
      .integers("axis", {1})
      .integers("step", {-2})
      .integers("one", {1})
      .integers("pads", {0, 0, 1, 2, 0, 0, 1, 2});
  m.node("Softmax", {"scores"}, {"softmax"}).node("Slice", {"softmax", "from", "to", "axis", "step"}, {"slice"});
  m.node("Split", {"slice"}, {"left", "right"}, {integer("axis", 2)}).node("Sub", {"left", "right"}, {"sub"});
  m.node("Range", {"0", "2", "2"}, {"range"})
      .node("ConstantOfShape", {"one"}, {"ones"})
      .node("TopK", {"sub", "one"}, {"k", "i"});
  m.weight("lw", {1, 12, 3})
      .weight("lr", {1, 12, 3})
      .node("LSTM", {"sub", "lw", "lr"}, {"lstm"}, {integer("hidden_size", 3)});
  m.node("Pad", {"up", "pads"}, {"pad"}).node("Resize", {"up", "", "", "shape"}, {"resize"});
  m.node("Einsum", {"flat", "t"}, {"einsum"}, {text("equation", "bij,bjk->bik")})
      .node("Strange", {"k"}, {"strange"}, {}, "my");
  m.output("lstm").output("strange").output("up").declare("strange", {"batch", 3});
  return m.bytes();
}

inline Bytes file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

} // namespace terastal::testing::onnx
