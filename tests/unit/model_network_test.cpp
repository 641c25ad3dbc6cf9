#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/model/granularity.hpp"

namespace terastal {
namespace {

using namespace testing;

/// The network of a shape: the predecessors of each layer.
Network shape(const std::vector<std::vector<LayerIndex>>& predecessors) {
  Scenario s = platform({{"gpu", 1}});
  const std::vector<std::vector<Duration>> layers(predecessors.size(), {Duration{1ms}});
  return s.networks[add_network(s, "net", layers, predecessors)];
}

TEST(NetworkShape, ChainsAreDetected) {
  EXPECT_TRUE(shape({{}}).chain);
  EXPECT_TRUE(shape({{}, {0}, {1}}).chain);
  EXPECT_FALSE(shape({{}, {}}).chain);               // two sources
  EXPECT_FALSE(shape({{}, {0}, {0}}).chain);         // a fork
  EXPECT_FALSE(shape({{}, {0}, {0, 1}}).chain);      // a skip connection
  EXPECT_FALSE(shape({{}, {0}, {0}, {1, 2}}).chain); // a diamond
  EXPECT_FALSE(shape({{}, {0}, {}, {1, 2}}).chain);  // a join of two sources
}

TEST(NetworkShape, SuccessorsFollowFromPredecessors) {
  const Network n = shape({{}, {0}, {0}, {1, 2}});
  EXPECT_EQ(n.layers[0].successors, (std::vector<LayerIndex>{1, 2}));
  EXPECT_EQ(n.layers[1].successors, (std::vector<LayerIndex>{3}));
  EXPECT_EQ(n.layers[2].successors, (std::vector<LayerIndex>{3}));
  EXPECT_TRUE(n.layers[3].successors.empty());
  Network again = n;
  finish_network(again); // may be called again
  EXPECT_EQ(again.layers[0].successors.size(), 2U);
}

TEST(Network, SetNamesListVariantsInOrder) {
  Network n;
  n.variant_names = {"a", "b", "c"};
  EXPECT_EQ(n.set_name(0), "");
  EXPECT_EQ(n.set_name(0b010), "b");
  EXPECT_EQ(n.set_name(0b101), "a|c");
}

TEST(Network, FastestLooksAtTypesThatCanRunIt) {
  Scenario s = platform({{"gpu", 1}, {"npu", 1}});
  const Network& n = s.networks[add_network(s, "net", {{4ms, 3ms}, {kCannotRun, 9ms}, {kCannotRun, kCannotRun}})];
  EXPECT_EQ(n.fastest(0), Duration{3ms});
  EXPECT_EQ(n.fastest(1), Duration{9ms});
  EXPECT_EQ(n.fastest(2), kCannotRun);
}

TEST(SampleTable, FindsByIdNotByPosition) {
  SampleTable samples;
  EXPECT_TRUE(samples.empty());
  EXPECT_FALSE(samples.find(0));
  samples.ids = {-2, 5, 9};
  EXPECT_EQ(samples.find(-2), 0U);
  EXPECT_EQ(samples.find(9), 2U);
  EXPECT_FALSE(samples.find(1));
  EXPECT_FALSE(samples.find(10));
}

/// Four layers in blocks stem, stem, body, stem on two types; layer 3 cannot run on the second type.
class Granularities : public ::testing::Test {
 protected:
  Granularities() {
    const auto index = add_network(scenario_, "net", {{1ms, 10ms}, {2ms, 20ms}, {4ms, 40ms}, {8ms, kCannotRun}});
    Network& n = scenario_.networks[index];
    const std::vector<std::string> blocks{"stem", "stem", "body", "stem"};
    for (std::size_t l = 0; l < 4; ++l) {
      n.layers[l].block = blocks[l];
      n.layers[l].macs = l + 1;
      n.layers[l].output_bytes = 100 * (l + 1);
    }
    n.energy_nj = {1.0, 10.0, 2.0, 20.0, 4.0, 40.0, 8.0, 0.0};
  }
  Network& net() { return scenario_.networks[0]; }

  /// Variants a of layer 0 and b of layer 1, with the accuracy of {a}, {b} and {a, b} against 100.
  void add_variants(double a, double b, double both) {
    add_variant(scenario_, 0, 0, "a", {500us, 5ms});
    add_variant(scenario_, 0, 1, "b", {1ms, 2ms});
    net().accuracy = AccuracyModel::measured("top-1", 100.0, {{0, 100.0}, {1, a}, {2, b}, {3, both}});
  }

  Scenario scenario_ = platform({{"gpu", 1}, {"npu", 1}});
};

TEST_F(Granularities, LayerLeavesTheNetworkAlone) {
  const Network same = merge_layers(net(), Granularity::layer, 0.9);
  EXPECT_EQ(same.layers.size(), 4U);
  EXPECT_EQ(same.latency, net().latency);
}

TEST_F(Granularities, BlocksAreConsecutiveLayersWithOneLabel) {
  const Network merged = merge_layers(net(), Granularity::block, 0.9);
  ASSERT_EQ(merged.layers.size(), 3U);
  EXPECT_EQ(merged.layers[0].name, "stem");
  EXPECT_EQ(merged.layers[1].name, "body");
  EXPECT_EQ(merged.layers[2].name, "stem"); // the same label again, further on, is a piece of its own
  EXPECT_EQ(merged.latency, (std::vector<Duration>{3ms, 30ms, 4ms, 40ms, 8ms, kCannotRun}));
  EXPECT_EQ(merged.energy_nj, (std::vector<double>{3.0, 30.0, 4.0, 40.0, 8.0, 0.0}));
  EXPECT_EQ(merged.layers[0].macs, 3U);
  EXPECT_EQ(merged.layers[0].output_bytes, 200U); // of the piece's last layer
  EXPECT_TRUE(merged.chain);
  EXPECT_EQ(merged.layers[2].predecessors, (std::vector<LayerIndex>{1}));
}

TEST_F(Granularities, ModelIsOnePieceThatNeedsATypeForAllOfIt) {
  const Network merged = merge_layers(net(), Granularity::model, 0.9);
  ASSERT_EQ(merged.layers.size(), 1U);
  EXPECT_EQ(merged.layers[0].name, "net");
  EXPECT_EQ(merged.layers[0].macs, 10U);
  EXPECT_EQ(merged.latency, (std::vector<Duration>{15ms, kCannotRun}));
  EXPECT_EQ(merged.energy_of(0, 0), 15.0);
  EXPECT_TRUE(merged.chain);
}

TEST_F(Granularities, PiecesHaveOneOptionPerValidCombination) {
  add_variants(95.0, 92.0, 91.0);
  const Network merged = merge_layers(net(), Granularity::block, 0.9);
  ASSERT_EQ(merged.layers[0].option_count, 4U);
  const std::vector<std::string> names{"", "a", "b", "a|b"};
  const std::vector<VariantSet> sets{0, 1, 2, 3};
  // gpu: layer 0 takes 1 or 0.5 ms, layer 1 takes 2 or 1 ms. npu: 10 or 5, and 20 or 2.
  const std::vector<Duration> gpu{3ms, 2500us, 2ms, 1500us};
  const std::vector<Duration> npu{30ms, 25ms, 12ms, 7ms};
  for (OptionIndex o = 0; o < 4; ++o) {
    EXPECT_EQ(merged.options[o].name, names[o]);
    EXPECT_EQ(merged.options[o].variants, sets[o]);
    EXPECT_EQ(merged.latency_of(o, 0), gpu[o]);
    EXPECT_EQ(merged.latency_of(o, 1), npu[o]);
  }
  EXPECT_EQ(merged.layers[1].first_option, 4U);
  EXPECT_EQ(merged.layers[1].option_count, 1U);
  EXPECT_EQ(merged.variant_names, (std::vector<std::string>{"a", "b"}));
}

TEST_F(Granularities, InvalidCombinationsAreLeftOut) {
  add_variants(95.0, 80.0, 91.0); // {b} alone is not valid at 0.9, {a, b} is
  const Network merged = merge_layers(net(), Granularity::model, 0.9);
  ASSERT_EQ(merged.options.size(), 3U);
  EXPECT_EQ(merged.options[0].variants, 0U);
  EXPECT_EQ(merged.options[1].variants, 1U);
  EXPECT_EQ(merged.options[2].variants, 3U);
  EXPECT_EQ(merge_layers(net(), Granularity::model, 0.95).options.size(), 2U);
  EXPECT_EQ(merge_layers(net(), Granularity::model, 1.0).options.size(), 1U);
}

TEST_F(Granularities, SamplesAreSummedPerPiece) {
  net().samples.ids = {3, 8};
  net().samples.latency = {1us,  2us,  3us,  4us,  5us,  6us,  7us,  kCannotRun,  // sample 3: layers × types
                           10us, 20us, 30us, 40us, 50us, 60us, 70us, kCannotRun}; // sample 8
  const Network blocks = merge_layers(net(), Granularity::block, 0.9);
  EXPECT_EQ(blocks.samples.ids, (std::vector<std::int64_t>{3, 8}));
  EXPECT_EQ(blocks.samples.latency, (std::vector<Duration>{4us, 6us, 5us, 6us, 7us, kCannotRun, //
                                                           40us, 60us, 50us, 60us, 70us, kCannotRun}));
  const Network model = merge_layers(net(), Granularity::model, 0.9);
  EXPECT_EQ(model.samples.latency, (std::vector<Duration>{16us, kCannotRun, 160us, kCannotRun}));
}

TEST_F(Granularities, ModelMergesADag) {
  net().layers[3].predecessors = {0, 2};
  finish_network(net());
  ASSERT_FALSE(net().chain);
  EXPECT_EQ(merge_layers(net(), Granularity::model, 0.9).latency_of(0, 0), Duration{15ms});
}

void expect_error(const Network& n, Granularity granularity, const std::string& part) {
  try {
    (void)merge_layers(n, granularity, 0.0);
    FAIL() << "expected an error with: " << part;
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("network 'net'"), std::string::npos) << error.what();
  }
}

TEST_F(Granularities, BlocksNeedAChain) {
  net().layers[2].predecessors = {0, 1};
  finish_network(net());
  expect_error(net(), Granularity::block, "needs a chain");
}

TEST_F(Granularities, BlocksNeedALabelForEveryLayer) {
  net().layers[2].block.clear();
  expect_error(net(), Granularity::block, "layer 'net.2' has none");
}

// n layers with one variant each give 2^n combinations.
TEST(GranularityLimits, AtMost1024OptionsAPiece) {
  const auto with_layers = [](LayerIndex count) {
    Scenario s = platform({{"gpu", 1}});
    add_network(s, "net", std::vector<std::vector<Duration>>(count, {Duration{2ms}}));
    for (LayerIndex l = 0; l < count; ++l) add_variant(s, 0, l, "v" + std::to_string(l), {1ms});
    s.networks[0].accuracy = AccuracyModel::additive("top-1", 1.0, std::vector<double>(count, 0.001));
    return s.networks[0];
  };
  const Network merged = merge_layers(with_layers(10), Granularity::model, 0.0);
  EXPECT_EQ(merged.options.size(), 1024U);
  EXPECT_EQ(merged.latency_of(0, 0), Duration{20ms});
  EXPECT_EQ(merged.fastest(1023), Duration{10ms});
  expect_error(with_layers(11), Granularity::model, "1024");
}

} // namespace
} // namespace terastal
