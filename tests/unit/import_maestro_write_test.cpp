// MAESTRO descriptions as they are written, and the way out and back.

#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "terastal/import/maestro.hpp"
#include "unit/import_support.hpp"

namespace terastal {
namespace {

using testing::layer_names;
using testing::shape_of;
using testing::test_data;

Import letters() { return import_maestro(test_data("maestro/letters.m")).at(0); }

/// The only network of a text.
Import parsed(const std::string& text) {
  const std::vector<Import> all = parse_maestro(text, "text.m");
  EXPECT_EQ(all.size(), 1U);
  return all.at(0);
}

std::string written(const Network& network) {
  std::ostringstream out;
  static_cast<void>(write_maestro(network, out));
  return out.str();
}

std::vector<LayerShape> shapes_of(const Network& network) {
  std::vector<LayerShape> shapes;
  for (std::size_t l = 0; l < network.layers.size(); ++l) shapes.push_back(shape_of(network, l));
  return shapes;
}

TEST(WriteMaestro, ReadingItBackGivesTheSameLayers) {
  const Network network = letters().network;
  const Network again = parsed(written(network)).network;
  EXPECT_EQ(layer_names(again), layer_names(network));
  EXPECT_EQ(shapes_of(again), shapes_of(network));
}

/// Any network that came from a description survives the way out and back.
TEST(WriteMaestro, RandomDescriptionsSurviveTheRoundTrip) {
  std::mt19937 random(7);
  const auto from = [&](unsigned low, unsigned high) { return std::to_string(low + random() % (high - low + 1)); };
  const std::vector<std::string> types = {"CONV", "DSCONV", "TRCONV", "NGCONV", "GEMM", "BMM", "POOL"};
  for (int round = 0; round < 300; ++round) {
    std::string text = "Network random {";
    for (int layer = 0; layer < 6; ++layer) {
      const std::string& type = types[random() % types.size()];
      text += " Layer l" + std::to_string(layer) + " { Type: " + type;
      if (type == "GEMM" || type == "BMM") {
        text += " Dimensions { M: " + from(1, 99) + " N: " + from(1, 99) + " K: " + from(1, 99);
        text += type == "BMM" ? " B: " + from(1, 9) + " } }" : " } }";
        continue;
      }
      if (random() % 2 == 0) text += " Stride { Y: " + from(1, 4) + " X: " + from(1, 4) + " }";
      const unsigned groups = type == "NGCONV" ? 1 + static_cast<unsigned>(random() % 4) : 1;
      text += " Dimensions { N: " + from(1, 3) + " K: " + from(1, 9);
      text += " C: " + std::to_string(groups * (1 + random() % 9));
      if (type == "NGCONV") text += " G: " + std::to_string(groups);
      text += " R: " + from(1, 7) + " S: " + from(1, 7) + " Y: " + from(1, 64) + " X: " + from(1, 64) + " } }";
    }
    const Network network = parsed(text + " }").network;
    const Network again = parsed(written(network)).network;
    EXPECT_EQ(layer_names(again), layer_names(network));
    // A product of matrices is written as the convolution that it is here; a pool's K is its C.
    EXPECT_EQ(shapes_of(again), shapes_of(network)) << written(network);
  }
}

TEST(WriteMaestro, PaddingIsWrittenIntoTheInput) {
  Network network = letters().network;
  network.options[1].shape->out_y = 16; // a padded 3×3 layer of 16 rows
  const Network again = parsed(written(network)).network;
  EXPECT_EQ(shape_of(again, 1).y, 18U);
  EXPECT_EQ(shape_of(again, 1).out_y, 16U);
  EXPECT_EQ(shape_of(again, 1).macs(), network.options[1].shape->macs());
}

TEST(WriteMaestro, NamesAreThoseThatMaestroTakes) {
  Network network = parsed("Network n { Layer a { Type: GEMM Dimensions { M: 1, N: 1, K: 1 } } }").network;
  network.layers[0].name = "features.0/conv-1 (a)";
  network.name = "my net";
  const Import again = parsed(written(network));
  EXPECT_EQ(again.network.name, "my_net");
  EXPECT_EQ(again.network.layers[0].name, "features.0_conv_1__a_");
}

TEST(WriteMaestro, SaysWhatItLeavesOut) {
  Network network = parsed("Network n { Layer a { Type: LSTM } Layer b { Type: GEMM Dimensions { M: 1, N: 1, K: 1 } } "
                           "Layer c { Type: CONV Dimensions { K: 2, C: 2, Y: 2, X: 2 } } }")
                        .network;
  network.options[2].shape->kind = OperatorKind::elementwise;
  std::ostringstream out;
  EXPECT_EQ(write_maestro(network, out), (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(layer_names(parsed(out.str()).network), (std::vector<std::string>{"b"}));
}

} // namespace
} // namespace terastal
