// Columns of measured percentiles.

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "terastal/io/load.hpp"
#include "unit/io_test_support.hpp"

namespace terastal {
namespace {

using namespace std::chrono_literals;

class IoPercentiles : public ::testing::Test {
 protected:
  IoPercentiles() {
    folder_.write("platform.yaml",
                  "platform: p\ntypes: { gpu: { clock: 500 MHz }, npu: {} }\naccelerators: [ { name: g, "
                  "type: gpu }, { name: n, type: npu } ]\n");
    folder_.write("network.yaml", "network: n\nlayers: table.csv\n");
  }
  Network load(const std::string& table) const {
    folder_.write("table.csv", table);
    return load_network("network.yaml", load_platform("platform.yaml"));
  }

  const testing::TemporaryFolder folder_;
};

TEST_F(IoPercentiles, StandBesideTheLatencyInAnyUnit) {
  const Network n = load("layer,gpu_ms,gpu_p50_cycles,gpu_p95_us,gpu_p99_ns,npu_ms\nx,5,1000,3,4000,7\ny,6,,,,\n");
  EXPECT_EQ(n.latency_of(0, 0), Duration(5ms));
  EXPECT_EQ(n.percentiles_of(0, 0), (TimePercentiles{2us, 3us, 4us}));
  EXPECT_EQ(n.percentiles_of(0, 1), TimePercentiles{});
  EXPECT_EQ(n.percentiles_of(1, 0), TimePercentiles{}); // empty cells: nothing measured
  EXPECT_EQ(n.latency_of(1, 1), kCannotRun);
}

TEST_F(IoPercentiles, TheMedianIsTheLatencyWhereThereIsNoOther) {
  const Network n = load("layer,gpu_p50_us,gpu_p95_us,gpu_p99_us,npu_ms\nx,2,2,2,\ny,,,,7\n");
  EXPECT_EQ(n.latency_of(0, 0), Duration(2us));
  EXPECT_EQ(n.percentiles_of(0, 0), (TimePercentiles{2us, 2us, 2us}));
  EXPECT_EQ(n.latency_of(1, 0), kCannotRun); // as an empty cell of a latency
}

TEST_F(IoPercentiles, ThoseThatAreLeftOutLieOnTheLineThroughTheOthers) {
  const Network n = load("layer,gpu_p50_ps,gpu_p95_ps,gpu_p99_ps\n"
                         "both,1000000,2000000,\nlast,1000000,,2000000\nmedian,1000000,,\n");
  // 2^(z99 / z95) and 2^(z95 / z99) with z95 = 1.6448536 and z99 = 2.3263479
  EXPECT_EQ(n.percentiles_of(0, 0), (TimePercentiles{Duration{1000000}, Duration{2000000}, Duration{2665339}}));
  EXPECT_EQ(n.percentiles_of(1, 0), (TimePercentiles{Duration{1000000}, Duration{1632467}, Duration{2000000}}));
  EXPECT_EQ(n.percentiles_of(2, 0), (TimePercentiles{Duration{1000000}, Duration{1000000}, Duration{1000000}}));
}

TEST_F(IoPercentiles, VariantsHaveThemToo) {
  folder_.write("network.yaml",
                "network: n\nlayers: table.csv\nvariants: v.csv\naccuracy: { metric: m, baseline: 1, model: "
                "additive }\n");
  folder_.write("v.csv", "layer,variant,accuracy_cost,gpu_p50_us,gpu_p95_us,gpu_p99_us\nx,v,0,1,2,4\n");
  const Network n = load("layer,gpu_us\nx,3\n");
  EXPECT_EQ(n.percentiles_of(0, 0), TimePercentiles{});
  EXPECT_EQ(n.percentiles_of(1, 0), (TimePercentiles{1us, 2us, 4us}));
  EXPECT_EQ(n.latency_of(1, 0), Duration(1us));
}

TEST_F(IoPercentiles, NetworksWithoutThemHaveNone) {
  EXPECT_TRUE(load("layer,gpu_us\nx,3\n").percentiles.empty());
  EXPECT_TRUE(load("layer,gpu_us,gpu_p50_us\nx,3,\n").percentiles.empty());
}

TEST_F(IoPercentiles, ScenariosChooseThemAsTheActualTimes) {
  folder_.write("table.csv", "layer,gpu_us,gpu_p50_us\nx,3,2\n");
  folder_.write("s.yaml",
                "scenario: s\nplatform: platform.yaml\nhorizon: 1 s\nexecution: { kind: measured }\ntasks: [ { "
                "name: t, network: network.yaml, arrivals: { kind: periodic, period: 1 ms } } ]\n");
  const Scenario s = load_scenario("s.yaml").scenario;
  EXPECT_EQ(s.tasks[0].execution.kind, ExecutionTimes::Kind::measured);
  EXPECT_EQ(s.networks[0].percentiles_of(0, 0).p50, Duration(2us));
}

} // namespace
} // namespace terastal
