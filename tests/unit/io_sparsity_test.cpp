// The column `sparsity` of tables of samples.

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "terastal/io/load.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

using ::testing::HasSubstr;

class IoSparsity : public ::testing::Test {
 protected:
  Network load(const std::string& table, const std::string& more = "") const {
    folder_.write("network.yaml", "network: n\nsamples: s.csv\n" + more);
    folder_.write("s.csv", table);
    return load_network("network.yaml");
  }
  std::string error(const std::string& table) const {
    return testing::input_error([&] { load(table); });
  }

  const testing::TemporaryFolder folder_;
};

TEST_F(IoSparsity, StandsBesideTheTimesOfEveryRow) {
  const Network n = load("sample,layer,a_us,sparsity\n7,x,1,0.25\n7,y,2,0\n3,y,4,0.999\n3,x,3,0.5\n");
  EXPECT_EQ(n.samples.ids, (std::vector<std::int64_t>{3, 7}));
  EXPECT_EQ(n.samples.sparsity, (std::vector<double>{0.5, 0.999, 0.25, 0.0})); // by sample, then layer
}

TEST_F(IoSparsity, FollowsTheOrderOfTheNetworksLayers) {
  const Network n = load("sample,layer,a_us,sparsity\n1,second,1,0.2\n1,first,2,0.1\n",
                         "layers:\n  - { name: second, after: [first] }\n  - { name: first, after: [] }\n");
  EXPECT_EQ(n.layers[0].name, "first");
  EXPECT_EQ(n.samples.sparsity, (std::vector<double>{0.1, 0.2}));
}

TEST_F(IoSparsity, MayBeLeftOut) {
  EXPECT_TRUE(load("sample,layer,a_us\n1,x,1\n").samples.sparsity.empty());
  EXPECT_TRUE(load("sample,layer,a_us,sparsity\n1,x,1,\n2,x,1,\n").samples.sparsity.empty());
}

TEST_F(IoSparsity, StandsInAllRowsOrInNone) {
  const std::string message = error("sample,layer,a_us,sparsity\n1,x,1,0.5\n2,x,1,\n3,x,1,\n");
  EXPECT_THAT(message, HasSubstr("s.csv:3:3: error: sample 2, layer 'x': a sparsity is missing, but line 2 gives one; "
                                 "every row has one, or none does"));
  EXPECT_THAT(message, HasSubstr("s.csv:4:3: error: sample 3"));
}

TEST_F(IoSparsity, IsAShareBelowOne) {
  const std::string message = error("sample,layer,a_us,sparsity\n1,x,1,1\n2,x,1,-0.1\n3,x,1,half\n4,x,1,1.5\n");
  EXPECT_THAT(message, HasSubstr("s.csv:2:7: error: "));
  EXPECT_THAT(message, HasSubstr("a number >= 0 and below 1"));
  EXPECT_THAT(message, HasSubstr("s.csv:3:7: error: "));
  EXPECT_THAT(message, HasSubstr("s.csv:4:7: error: "));
  EXPECT_THAT(message, HasSubstr("s.csv:5:7: error: "));
}

} // namespace
} // namespace terastal
