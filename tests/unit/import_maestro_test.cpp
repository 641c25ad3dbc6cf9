#include "terastal/import/maestro.hpp"

#include <gtest/gtest.h>

#include <algorithm> // count
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "terastal/io/load.hpp"
#include "unit/import_support.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

using testing::has_note;
using testing::input_error;
using testing::layer_names;
using testing::shape_of;
using testing::test_data;

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Import letters(const MaestroOptions& options = {}) {
  return import_maestro(test_data("maestro/letters.m"), options).at(0);
}

/// The only network of a text.
Import parsed(const std::string& text, const MaestroOptions& options = {}) {
  const std::vector<Import> all = parse_maestro(text, "text.m", options);
  EXPECT_EQ(all.size(), 1U);
  return all.at(0);
}

std::string one_layer(const std::string& body) { return "Network n { Layer a { " + body + " } }"; }

std::string parse_error(const std::string& text, const MaestroOptions& options = {}) {
  return input_error([&] { static_cast<void>(parse_maestro(text, "text.m", options)); });
}

// -- shapes, by hand

TEST(ImportMaestro, LayersFormAChainInFileOrder) {
  const Network network = letters().network;
  EXPECT_EQ(network.name, "letters");
  EXPECT_EQ(network.source, "MAESTRO description letters.m");
  EXPECT_EQ(layer_names(network),
            (std::vector<std::string>{"first", "depthwise", "grouped", "up", "product", "scores", "tiled"}));
  EXPECT_TRUE(network.chain);
  EXPECT_EQ(network.type_count, 0U);
}

TEST(ImportMaestro, ConvolutionsAreValidWithTheirStride) {
  const LayerShape shape = shape_of(letters().network, 0);
  EXPECT_EQ(shape, (LayerShape{OperatorKind::conv, 1, 16, 3, 3, 3, 33, 65, 2, 2, 16, 32, 1, 1}));
}

TEST(ImportMaestro, SamePaddingKeepsTheSizeOverTheStride) {
  MaestroOptions options;
  options.padding = Padding::same;
  const Import import = letters(options);
  EXPECT_EQ(shape_of(import.network, 0).out_y, 17U); // ⌈33 / 2⌉
  EXPECT_EQ(shape_of(import.network, 0).out_x, 33U);
  EXPECT_EQ(shape_of(import.network, 1).out_y, 16U);
  EXPECT_EQ(shape_of(import.network, 3).out_y, 28U); // transposed: 14 · 2
  EXPECT_EQ(shape_of(import.network, 6).y, 20U);     // from the output, without padding
}

TEST(ImportMaestro, DepthwiseLayersHaveAsManyOutputsAsInputs) {
  const LayerShape shape = shape_of(letters().network, 1);
  EXPECT_EQ(shape, (LayerShape{OperatorKind::depthwise, 1, 1, 16, 3, 3, 16, 32, 1, 1, 14, 30, 1, 1}));
  EXPECT_EQ(shape.output_channels(), 16U);
}

TEST(ImportMaestro, GroupedLayersCountInputsOfAllGroupsAndOutputsOfOne) {
  const Import import = letters();
  const LayerShape shape = shape_of(import.network, 2);
  EXPECT_EQ(shape, (LayerShape{OperatorKind::conv, 1, 32, 16, 1, 1, 14, 30, 1, 1, 14, 30, 4, 1}));
  EXPECT_EQ(shape.macs(), 32U * (16 / 4) * 14 * 30);
  EXPECT_TRUE(has_note(import, "our reading"));
}

TEST(ImportMaestro, TransposedLayersDoubleTheSizeUnlessTheStrideSaysOtherwise) {
  const LayerShape shape = shape_of(letters().network, 3);
  EXPECT_EQ(shape, (LayerShape{OperatorKind::transposed_conv, 1, 8, 32, 2, 2, 14, 30, 2, 2, 28, 60, 1, 1}));
  const Import strided =
      parsed(one_layer("Type: TRCONV Stride { Y: 3, X: 1 } Dimensions { K: 2, C: 2, R: 4, S: 4, Y: 5, X: 5 }"));
  EXPECT_EQ(shape_of(strided.network, 0).out_y, 16U); // (5 − 1) · 3 + 4
  EXPECT_EQ(shape_of(strided.network, 0).out_x, 8U);
}

TEST(ImportMaestro, ProductsOfMatricesAreRowsOfChannels) {
  const Network network = letters().network;
  EXPECT_EQ(shape_of(network, 4), (LayerShape{OperatorKind::conv, 1, 64, 256, 1, 1, 128, 1, 1, 1, 128, 1, 1, 1}));
  EXPECT_EQ(shape_of(network, 4).macs(), 128U * 64 * 256);
  EXPECT_EQ(shape_of(network, 5),
            (LayerShape{OperatorKind::matmul, 1, 8 * 128, 8 * 32, 1, 1, 128, 1, 1, 1, 128, 1, 8, 1}));
  EXPECT_EQ(shape_of(network, 5).macs(), 8U * 128 * 128 * 32);
  EXPECT_EQ(shape_of(network, 5).weight_elements(), 0U);
}

TEST(ImportMaestro, OutputSizesGiveTheInputs) {
  EXPECT_EQ(shape_of(letters().network, 6),
            (LayerShape{OperatorKind::conv, 1, 4, 4, 3, 5, 22, 14, 1, 1, 20, 10, 1, 1}));
}

TEST(ImportMaestro, AKernelLargerThanItsInputHasOneOutput) {
  const Import import = parsed(one_layer("Type: CONV Dimensions { K: 8, C: 8, R: 5, S: 5, Y: 5, X: 4 }"));
  EXPECT_EQ(shape_of(import.network, 0).out_y, 1U);
  EXPECT_EQ(shape_of(import.network, 0).out_x, 1U);
  EXPECT_TRUE(has_note(import, "the kernel is larger than the input; one output is taken: a"));
}

TEST(ImportMaestro, WorkAndOutputComeFromTheShape) {
  const Layer layer = letters().network.layers.at(0);
  EXPECT_EQ(layer.op, "conv");
  EXPECT_EQ(layer.macs, 16U * 3 * 9 * 16 * 32);
  EXPECT_EQ(layer.output_bytes, 16U * 16 * 32);
}

TEST(ImportMaestro, AgreesWithTheShippedTableOfTheSameLayers) {
  const Network ours = import_maestro(test_data("maestro/eyes.m")).at(0).network;
  const Network shipped = load_network(TERASTAL_SOURCE_DIR "/workloads/networks/es_ritnet.yaml");
  ASSERT_EQ(ours.layers.size(), 2U);
  for (std::size_t l = 0; l < 2; ++l) {
    EXPECT_EQ(ours.layers[l].name, shipped.layers[l].name);
    EXPECT_EQ(ours.layers[l].macs, shipped.layers[l].macs);
    EXPECT_EQ(ours.layers[l].output_bytes, shipped.layers[l].output_bytes);
  }
}

// -- the grammar

TEST(ImportMaestro, DataflowsAndPaddingAreRemarkedOn) {
  const Import import = letters();
  EXPECT_TRUE(has_note(import, "data flows of 1 layer are left out"));
  EXPECT_TRUE(has_note(import, "include the padding"));
  EXPECT_TRUE(import.unknown.empty());
}

TEST(ImportMaestro, AConstantHoldsFromWhereItStands) {
  const Import import =
      parsed("Constant A 2; Constant A 3; Network n { Layer a { Type: GEMM Dimensions { M: A, N: 1, K: 1 } } }");
  EXPECT_EQ(shape_of(import.network, 0).y, 3U);
}

TEST(ImportMaestro, AnUnnamedNetworkIsCalledAfterItsFile) {
  const std::vector<Import> all =
      parse_maestro("Network { Layer { Type: CONV Dimensions { K: 1, C: 1, Y: 1, X: 1 } } }", "folder/file.m");
  EXPECT_EQ(all.at(0).network.name, "file");
  EXPECT_EQ(layer_names(all.at(0).network), (std::vector<std::string>{"layer"}));
}

TEST(ImportMaestro, RepeatedLayerNamesGetASuffixThatNoOtherHas) {
  const std::string a = "Layer a { Type: GEMM Dimensions { M: 1, N: 1, K: 1 } } ";
  const Import import =
      parsed("Network n { " + a + a + "Layer a_2 { Type: GEMM Dimensions { M: 1, N: 1, K: 1 } } " + a + "}");
  EXPECT_EQ(layer_names(import.network), (std::vector<std::string>{"a", "a_3", "a_2", "a_4"}));
  EXPECT_TRUE(has_note(import, "repeated layer names got a suffix: a_3, a_4"));
}

TEST(ImportMaestro, SeveralNetworksOfAFile) {
  const std::string two = one_layer("Type: GEMM Dimensions { M: 1, N: 1, K: 1 }") +
                          "Network m { Layer b { Type: GEMM Dimensions { M: 2, N: 1, K: 1 } } }";
  EXPECT_EQ(parse_maestro(two, "text.m").size(), 2U);
  MaestroOptions options;
  options.network = "m";
  EXPECT_EQ(shape_of(parsed(two, options).network, 0).y, 2U);
  options.network = "nn";
  EXPECT_EQ(parse_error(two, options),
            "text.m: error: there is no network 'nn' in this file (did you mean 'n'?); it has: n, m");
}

TEST(ImportMaestro, AcceleratorsAndRatesAreLeftOutWithARemark) {
  const Import import = parsed("Network n { FPS: 30 Layer a { Type: CONV Dimensions { K: 1, C: 1, Y: 1, X: 1 } } }"
                               "Accelerator { PE { NumPEs: 128; VectorWidth: 4 } Buffer { GlobalL2: 2048 } }");
  EXPECT_TRUE(has_note(import, "accelerators in the file are left out"));
  EXPECT_TRUE(has_note(import, "FPS, Probability and Dependency are left out"));
}

TEST(ImportMaestro, UnknownTypesStayWithoutShapeAndAreListed) {
  const std::string text = "Network n { Layer a { Type: LSTM Dimensions { H: 5 } } Layer b { Type: LSTM } }";
  const Import import = parsed(text);
  EXPECT_EQ(layer_names(import.network), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(import.network.options.at(0).shape);
  EXPECT_EQ(import.network.layers.at(0).op, "LSTM");
  ASSERT_EQ(import.unknown.size(), 1U);
  EXPECT_EQ(import.unknown[0].op, "LSTM");
  EXPECT_EQ(import.unknown[0].nodes, (std::vector<std::string>{"a", "b"}));
  MaestroOptions strict;
  strict.strict = true;
  EXPECT_EQ(parse_error(text, strict).substr(0, 43), "text.m:1:29: error: unknown layer type 'LST");
}

// -- errors

TEST(ImportMaestro, ReportsEveryErrorAtItsPlace) {
  const std::string path = test_data("maestro/errors.m");
  std::string text = input_error([&] { static_cast<void>(import_maestro(path)); });
  for (std::size_t at = text.find(path); at != std::string::npos; at = text.find(path))
    text.replace(at, path.size(), "f");
  const std::string number = "expected a whole number from 1 to 2147483648 or the name of a constant, got ";
  EXPECT_EQ(text,
            "f:3:13: error: unexpected 'Typ' (did you mean 'Type'?); allowed here: Type, Stride, Dimensions, Dataflow\n"
            "f:4:46: error: " +
                number +
                "'Wid' (did you mean 'Wide'?)\n"
                "f:4:54: error: " +
                number +
                "'-3'\n"
                "f:4:61: error: " +
                number +
                "'99999999999999999999'\n"
                "f:5:43: error: 'K' is given twice\n"
                "f:5:60: error: 'X' has no size\n"
                "f:6:33: error: a layer of type CONV has no stride 'K'; allowed: Y, X\n"
                "f:6:77: error: a layer of type CONV has no dimension 'Q'; allowed: N, K, C, R, S, Y, X, Y', X'\n"
                "f:7:9: error: layer 'e': the layer is too large: N·K·C·R·S·Y·X goes beyond 2^53\n"
                "f:8:3: error: '}' is missing: 'Layer' is not closed\n"
                "f:9:9: error: layer 'g' of type GEMM needs the dimension N\n"
                "f:9:9: error: layer 'g' of type GEMM needs the dimension M\n"
                "f:10:3: error: unexpected 'Layr' (did you mean 'Layer'?); allowed here: Layer, FPS, Probability, "
                "Dependency\n"
                "f:11:11: error: expected '{' after 'Layer', got 'Type'\n"
                "f:13:1: error: a '}' without its '{'");
}

TEST(ImportMaestro, ReportsWhatIsMissing) {
  EXPECT_EQ(parse_error("// nothing"), "text.m: error: there is no 'Network' in this file");
  EXPECT_EQ(parse_error("Network n { }"), "text.m:1:9: error: this network has no layers");
  EXPECT_EQ(parse_error("Network n { Layer a { } }"), "text.m:1:19: error: this layer has no 'Type'");
  EXPECT_EQ(parse_error("Network n { Layer a { Type: CONV Type: CONV } }"), "text.m:1:34: error: a second 'Type'");
  EXPECT_EQ(parse_error("/* open"), "text.m:1:1: error: this comment does not end: '*/' is missing");
  EXPECT_EQ(input_error([] { static_cast<void>(import_maestro("no/such.m")); }),
            "no/such.m: error: cannot read the file: no such file");
}

TEST(ImportMaestro, ColumnsCountCharactersAndLinesSurviveComments) {
  EXPECT_EQ(parse_error("/* é\n ü */ Network é { Layr }"),
            "text.m:2:19: error: unexpected 'Layr' (did you mean 'Layer'?); allowed here: Layer, FPS, Probability, "
            "Dependency");
}

TEST(ImportMaestro, ShapesOfAProductHaveNoStride) {
  EXPECT_EQ(parse_error(one_layer("Type: GEMM Stride { Y: 2 } Dimensions { M: 1, N: 1, K: 1 }")),
            "text.m:1:43: error: a layer of type GEMM has no stride 'Y'; allowed: none");
}

TEST(ImportMaestro, GroupsMustDivide) {
  EXPECT_EQ(parse_error(one_layer("Type: NGCONV Dimensions { G: 3, K: 1, C: 4, Y: 1, X: 1 }")),
            "text.m:1:19: error: layer 'a': groups (3) must divide C (4) and K (3)");
}

// -- what is no description

TEST(ImportMaestro, EveryTruncationIsAnErrorOrComplete) {
  const std::string text = text_of(test_data("maestro/letters.m"));
  const std::size_t end = text.rfind('}');
  ASSERT_NE(end, std::string::npos);
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_EQ(parse_error(text.substr(0, length)).empty(), length > end) << length;
  }
}

TEST(ImportMaestro, BinaryFilesAreRefused) {
  EXPECT_EQ(parse_error(std::string("Network\0", 8)), "text.m: error: this is no UTF-8 text (is it a binary file?)");
  EXPECT_EQ(parse_error("\xff\xfe"), "text.m: error: this is no UTF-8 text (is it a binary file?)");
}

TEST(ImportMaestro, DeepNestingTakesNoStack) {
  const std::string braces(2'000'000, '{');
  EXPECT_NE(parse_error(braces), "");
  EXPECT_NE(parse_error("Network n { Layer a { Dataflow {" + braces), "");
  EXPECT_NE(parse_error("Network n { Layer a { Dimensions {" + braces), "");
  EXPECT_NE(parse_error("Accelerator a { PE " + braces), "");
}

TEST(ImportMaestro, TooManyLayersAreRefused) {
  std::string text = "Network n {";
  for (int i = 0; i < 100'001; ++i) text += "Layer a{Type:GEMV Dimensions{K:1 M:1}}";
  EXPECT_EQ(parse_error(text + "}"), "text.m:1:3800012: error: more than 100000 layers in one file");
}

TEST(ImportMaestro, ErrorsAreCountedUpToALimit) {
  std::string text = "Network n {";
  for (int i = 0; i < 5'000; ++i) text += "Layer a { Typo }\n";
  const std::string message = parse_error(text);
  EXPECT_LT(std::count(message.begin(), message.end(), '\n'), 1100);
}

/// Random edits of a good file: the importer reads it or says what is wrong, and nothing else.
TEST(ImportMaestro, MutatedFilesAreReadOrRefused) {
  const std::string original = text_of(test_data("maestro/letters.m"));
  const std::vector<std::string> pieces = {"{",          "}",    ":",          ",",      "Layer",
                                           "Network",    "Type", "Dimensions", "Stride", "//",
                                           "/*",         "*/",   "\n",         "0",      "1",
                                           "4294967296", "-",    "K",          "Y'",     "Constant",
                                           "Sz(R)",      "\"",   "\x80",       "é",      std::string(1, '\0'),
                                           "Dataflow",   "GEMM", "POOL"};
  std::mt19937 random(20240611);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  std::size_t read = 0;
  constexpr std::size_t rounds = 3000;
  for (std::size_t round = 0; round < rounds; ++round) {
    std::string text = original;
    for (std::size_t edit = below(4) + 1; edit > 0 && !text.empty(); --edit) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
      case 0:
        text.insert(at, pieces[below(pieces.size())]);
        break;
      case 1:
        text.erase(at, below(20) + 1);
        break;
      case 2:
        text[at] = static_cast<char>(below(256));
        break;
      default:
        text.insert(at, text.substr(below(text.size()), below(200)));
        break;
      }
    }
    try {
      for (const Import& import : parse_maestro(text, "mutated.m")) {
        ++read;
        for (const Option& option : import.network.options) {
          EXPECT_EQ(option.shape ? shape_problem(*option.shape) : "", "");
        }
      }
    } catch (const InputError& error) {
      EXPECT_FALSE(error.diagnostics().empty());
    }
  }
  EXPECT_GT(read, rounds / 20); // the edits are small enough to leave some files whole
  EXPECT_LT(read, rounds);
}

} // namespace
} // namespace terastal
