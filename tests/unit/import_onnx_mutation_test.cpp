// Damaged models: whatever the bytes, they are read or refused, and what is read is sound.

#include <algorithm> // is_sorted, min
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/onnx_seeds.hpp"
#include "support/onnx_tree.hpp"

namespace terastal {
namespace {

using namespace testing::onnx;

/// Damages a model in one of several ways: the bytes, or what well-formed bytes say.
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : generator_(seed), inside_(generator_) {}

  Bytes operator()(Bytes bytes) {
    const bool well_formed = below(4) > 0;
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      if (well_formed) {
        bytes = inside_(bytes);
      } else {
        change(bytes);
      }
    }
    return bytes;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : static_cast<std::size_t>(generator_() % limit); }

  void change(Bytes& bytes) {
    // Sizes and counts at their limits, as varints take them.
    static const std::vector<Bytes> extremes = {varint(0),           varint(127),         varint(1U << 30U),
                                                varint(1ULL << 31U), varint(1ULL << 32U), varint(1ULL << 62U),
                                                varint(~0ULL),       Bytes(11, '\xFF')};
    const std::size_t at = below(bytes.size());
    const std::size_t length = std::min(below(16), bytes.size() - at);
    switch (below(6)) {
    case 0:
      bytes.resize(at);
      break;
    case 1:
      if (!bytes.empty()) bytes[at] = static_cast<char>(generator_());
      break;
    case 2:
      bytes.replace(at, std::min<std::size_t>(1, bytes.size() - at), extremes[below(extremes.size())]);
      break;
    case 3:
      bytes.erase(at, length);
      break;
    case 4:
      bytes.insert(below(bytes.size()), bytes.substr(at, length));
      break;
    default:
      if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
    }
  }

  std::mt19937_64 generator_;
  TreeMutator<std::mt19937_64> inside_;
};

void expect_sound(const Network& network) {
  ASSERT_EQ(network.options.size(), network.layers.size());
  for (LayerIndex l = 0; l < network.layers.size(); ++l) {
    const auto& before = network.layers[l].predecessors;
    EXPECT_TRUE(std::is_sorted(before.begin(), before.end()));
    EXPECT_TRUE(before.empty() || before.back() < l);
    EXPECT_EQ(shape_problem(*network.options[l].shape), "");
  }
}

TEST(OnnxMutations, AreReadOrRefused) {
  const std::string folder = TERASTAL_SOURCE_DIR "/tests/data/onnx/";
  const std::vector<std::pair<Bytes, int>> seeds = {{varied_model(), 4000},
                                                    {file_bytes(folder + "vit_block.onnx"), 800},
                                                    {file_bytes(folder + "resnet18.onnx"), 300}};
  std::size_t refused = 0;
  std::size_t read = 0;
  for (const auto& [seed, count] : seeds) {
    Mutator mutate(20);
    for (int i = 0; i < count; ++i) {
      try {
        expect_sound(parse_onnx(mutate(seed), "mutated.onnx").network);
        ++read;
      } catch (const InputError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 1000U);
  EXPECT_GT(read, 1000U);
}

TEST(OnnxMutations, TheVariedSeedIsRead) {
  const Import import = parse_onnx(varied_model(), "seed.onnx");
  EXPECT_GE(import.network.layers.size(), 7U);
  EXPECT_GE(import.unknown.size(), 4U);
}

} // namespace
} // namespace terastal
