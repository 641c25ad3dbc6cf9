// Networks of tests/data/onnx (made by tools/make_onnx_models.py). Totals of convolutions and linear layers: counted
// with hooks on torchvision 0.14's models on PyTorch 1.13, input 3×224×224; they agree with the totals that
// torchvision's documentation rounds (ResNet-18 1.81, ResNet-50 4.09, MobileNetV2 0.30 G multiply-accumulates).

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/onnx_writer.hpp"

namespace terastal {
namespace {

using namespace testing::onnx;

std::string file(const std::string& name) { return TERASTAL_SOURCE_DIR "/tests/data/onnx/" + name; }

struct Totals {
  std::uint64_t macs = 0; ///< of layers with weights
  std::uint64_t weights = 0;
  std::map<std::string, int> layers; ///< by kind
};

Totals totals(const Network& network) {
  Totals result;
  for (const Layer& layer : network.layers) {
    const LayerShape& shape = *network.options[layer.first_option].shape;
    if (shape.weight_elements() > 0) result.macs += shape.macs();
    result.weights += shape.weight_elements();
    ++result.layers[layer.op];
  }
  return result;
}

using Kinds = std::map<std::string, int>;
using Names = std::vector<std::string>;

class OnnxNetworks : public ::testing::Test {};

TEST_F(OnnxNetworks, ResNet18) {
  const Import import = import_onnx(file("resnet18.onnx"));
  const Totals t = totals(import.network);
  EXPECT_EQ(t.macs, 1'814'073'344U);
  EXPECT_EQ(t.weights, 11'678'912U);
  // 8 blocks: an addition and the activation behind it, which is no part of a convolution.
  EXPECT_EQ(t.layers, (Kinds{{"conv", 21}, {"elementwise", 16}, {"pool", 2}}));
  EXPECT_TRUE(import.unknown.empty());
  EXPECT_FALSE(import.network.chain);
  EXPECT_EQ(import.network.name, "resnet18");
  EXPECT_EQ(import.network.type_count, 0U);
  EXPECT_EQ(before(import, "conv1"), Names{});
  EXPECT_EQ(before(import, "layer1.0.add"), (Names{"maxpool", "layer1.0.conv2"}));
  EXPECT_EQ(before(import, "layer2.0.add"), (Names{"layer2.0.conv2", "layer2.0.downsample.0"}));
  EXPECT_EQ(before(import, "layer2.0.downsample.0"), (Names{"layer1.1.relu"}));
  EXPECT_EQ(before(import, "fc"), (Names{"avgpool"}));
}

TEST_F(OnnxNetworks, ResNet50) {
  const Import import = import_onnx(file("resnet50.onnx"));
  const Totals t = totals(import.network);
  EXPECT_EQ(t.macs, 4'089'184'256U);
  EXPECT_EQ(t.weights, 25'502'912U);
  EXPECT_EQ(t.layers, (Kinds{{"conv", 54}, {"elementwise", 32}, {"pool", 2}}));
  EXPECT_EQ(before(import, "layer3.0.add"), (Names{"layer3.0.conv3", "layer3.0.downsample.0"}));
  EXPECT_EQ(before(import, "layer3.1.add"), (Names{"layer3.0.relu", "layer3.1.conv3"}));
}

TEST_F(OnnxNetworks, MobileNetV2) {
  const Import import = import_onnx(file("mobilenet_v2.onnx"));
  const Totals t = totals(import.network);
  EXPECT_EQ(t.macs, 300'774'272U);
  EXPECT_EQ(t.weights, 3'469'760U);
  EXPECT_EQ(t.layers, (Kinds{{"conv", 36}, {"depthwise", 17}, {"elementwise", 10}, {"pool", 1}}));
  EXPECT_EQ(before(import, "features.3.add"), (Names{"features.2.project.0", "features.3.project.0"}));
  EXPECT_EQ(before(import, "features.5.expand.0"), (Names{"features.4.project.0"}));
}

TEST_F(OnnxNetworks, FirstLayersByHand) {
  const Import import = import_onnx(file("resnet18.onnx"));
  LayerShape conv;
  conv.k = 64, conv.c = 3, conv.r = conv.s = 7, conv.y = conv.x = 224;
  conv.stride_y = conv.stride_x = 2, conv.out_y = conv.out_x = 112;
  EXPECT_EQ(shape_of(import, 0), conv);
  LayerShape pool;
  pool.kind = OperatorKind::pool, pool.k = pool.c = 64, pool.r = pool.s = 3, pool.y = pool.x = 112;
  pool.stride_y = pool.stride_x = 2, pool.out_y = pool.out_x = 56;
  EXPECT_EQ(shape_of(import, 1), pool);
  EXPECT_EQ(import.network.layers[0].macs, conv.macs());
  EXPECT_EQ(import.network.layers[0].output_bytes, 64U * 112 * 112);
}

TEST_F(OnnxNetworks, EveryOperatorIsALayerWithoutFusing) {
  const Network network = import_onnx(file("resnet18.onnx"), {.fuse = false}).network;
  EXPECT_EQ(totals(network).layers, (Kinds{{"conv", 21}, {"elementwise", 16 + 20 + 9}, {"pool", 2}}));
  EXPECT_EQ(totals(network).macs, 1'814'073'344U);
}

TEST_F(OnnxNetworks, BatchMultipliesWorkAndNotWeights) {
  for (const char* name : {"resnet18.onnx", "vit_block.onnx"}) {
    const Totals one = totals(import_onnx(file(name)).network);
    const Totals four = totals(import_onnx(file(name), {.batch = 4}).network);
    EXPECT_EQ(four.macs, 4 * one.macs) << name;
    EXPECT_EQ(four.weights, one.weights) << name;
    EXPECT_EQ(four.layers, one.layers) << name;
  }
}

/// Width 768, 12 heads, MLP 3072, 197 tokens: ViT-B/16 (Dosovitskiy et al., ICLR 2021, Table 1).
TEST_F(OnnxNetworks, ViTBlock) {
  const Import import = import_onnx(file("vit_block.onnx"));
  const Totals t = totals(import.network);
  EXPECT_EQ(t.weights, 768U * (3 * 768 + 768 + 2 * 3072));
  EXPECT_EQ(t.macs, 197 * t.weights);
  EXPECT_EQ(names(import), (Names{"norm1", "qkv", "scores", "softmax", "context", "proj", "residual1", "norm2", "fc1",
                                  "fc2", "residual2"}));
  LayerShape scores; // 12 products of 197×64 and 64×197
  scores.kind = OperatorKind::matmul, scores.groups = 12, scores.c = 12 * 64, scores.k = 12 * 197;
  scores.y = scores.out_y = 197;
  EXPECT_EQ(shape_of(import, 2), scores);
  EXPECT_EQ(scores.macs(), 12U * 197 * 197 * 64);
  LayerShape context = scores; // 12 products of 197×197 and 197×64
  context.c = 12 * 197, context.k = 12 * 64;
  EXPECT_EQ(shape_of(import, 4), context);
  EXPECT_EQ(before(import, "scores"), (Names{"qkv"}));
  EXPECT_EQ(before(import, "context"), (Names{"qkv", "softmax"}));
  EXPECT_EQ(before(import, "residual2"), (Names{"residual1", "fc2"}));
}

TEST_F(OnnxNetworks, OldAndNewOperatorsOfABlockAreTheSameLayers) {
  const Import old = import_onnx(file("vit_block.onnx"), {.batch = 2});
  const Import renewed = import_onnx(file("vit_block_opset20.onnx"), {.batch = 2});
  ASSERT_EQ(names(old), names(renewed));
  for (std::size_t l = 0; l < old.network.layers.size(); ++l) {
    EXPECT_EQ(shape_of(old, l), shape_of(renewed, l)) << old.network.layers[l].name;
    EXPECT_EQ(old.network.layers[l].predecessors, renewed.network.layers[l].predecessors);
  }
}

/// Number of elements of `1x64x56x56`.
std::uint64_t elements(const std::string& sizes) {
  std::uint64_t count = 1;
  std::size_t start = 0;
  while (start <= sizes.size()) {
    count *= std::stoull(sizes.substr(start));
    start = std::min(sizes.find('x', start), sizes.size()) + 1;
  }
  return count;
}

TEST_F(OnnxNetworks, SizesAgreeWithThoseOfOnnx) {
  std::size_t compared = 0;
  for (const std::string name : {"resnet18", "resnet50", "mobilenet_v2", "vit_block"}) {
    const Network network = import_onnx(file(name + ".onnx"), {.fuse = false}).network;
    std::map<std::string, std::uint64_t> outputs;
    for (const Layer& layer : network.layers) outputs[layer.name] = layer.output_bytes;
    std::ifstream expected(file(name + ".shapes"));
    for (std::string node, sizes; expected >> node >> sizes;) {
      const auto found = outputs.find(node);
      if (found == outputs.end()) continue; // moves data, or is a constant
      EXPECT_EQ(found->second, elements(sizes)) << name << ' ' << node;
      ++compared;
    }
  }
  EXPECT_GT(compared, 300U);
}

} // namespace
} // namespace terastal
