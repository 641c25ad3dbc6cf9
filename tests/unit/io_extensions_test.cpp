#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "terastal/io/load.hpp"
#include "unit/io_test_support.hpp"

// Keys and columns for preemption, groups, context energy, shared memory, traffic, supernets, skips and exits.
namespace terastal {
namespace {

class IoExtensions : public ::testing::Test {
 protected:
  Scenario load(const std::string& type, const std::string& platform, const std::string& task) const {
    folder_.write("s.yaml", text(type, platform, task));
    return load_scenario("s.yaml").scenario;
  }

  /// The messages of what is wrong, without positions.
  std::vector<std::string> problems(const std::string& type, const std::string& platform,
                                    const std::string& task) const {
    folder_.write("s.yaml", text(type, platform, task));
    std::vector<std::string> messages;
    try {
      (void)load_scenario("s.yaml");
    } catch (const InputError& e) {
      for (const Diagnostic& d : e.diagnostics()) {
        EXPECT_GT(d.line, 0U) << d.message;
        messages.push_back(d.message);
      }
    }
    return messages;
  }

  static constexpr const char* kTask = "network: { network: n, layers: [ { name: l, latency: 2 ms } ] }";

 private:
  static std::string text(const std::string& type, const std::string& platform, const std::string& task) {
    return "scenario: s\nhorizon: 1 s\nplatform:\n  platform: p\n  types:\n    npu: { " + type +
           " }\n  accelerators: [ { name: a, type: npu }, { name: b, type: npu }, { name: c, type: npu } ]\n" +
           platform + "tasks:\n  - { name: t, arrivals: { kind: periodic, period: 10 ms }, " + task + " }\n";
  }

  testing::TemporaryFolder folder_;
};

TEST_F(IoExtensions, Platform) {
  const Scenario s = load("preemption: { tiles: 8, context: { latency: 2 us, bandwidth: 1 GB/s } }, groups: [2, 3], "
                          "context_energy: 100 pJ",
                          "", kTask);
  const AcceleratorType& t = s.platform.types[0];
  ASSERT_TRUE(t.preemption);
  EXPECT_EQ(t.preemption->tiles, 8U);
  EXPECT_EQ(t.preemption->context.time(1000), std::chrono::microseconds(3));
  EXPECT_EQ(t.group_sizes, (std::vector<std::uint32_t>{2, 3}));
  EXPECT_DOUBLE_EQ(t.context_energy_pj, 100.0);
  EXPECT_FALSE(load("", "", kTask).platform.has_extensions());
  EXPECT_DOUBLE_EQ(load("", "  memory: { bandwidth: 2 GB/s }\n", kTask).platform.memory_bytes_per_second, 2e9);
}

TEST_F(IoExtensions, GroupTimesAndTraffic) {
  const std::string task = "network: { network: n, layers: [ { name: l, latency: { npu: 6 ms, npu_x2: 4 ms } }, "
                           "{ name: m, latency: { npu: 1 ms } } ] }";
  const Scenario s = load("groups: [2, 3]", "", task);
  using namespace std::chrono_literals;
  EXPECT_EQ(s.networks[0].group_latency, (std::vector<Duration>{4ms, kCannotRun, kCannotRun, kCannotRun}));
  EXPECT_TRUE(s.networks[0].traffic_bytes.empty());
  const Scenario shared = load("", "  memory: { bandwidth: 2 GB/s }\n",
                               "network: { network: n, layers: [ { name: l, latency: 2 ms, traffic: 3 MB } ] }");
  EXPECT_EQ(shared.networks[0].traffic_bytes, (std::vector<double>{3e6}));
}

TEST_F(IoExtensions, CostModelGivesGroupsAndTraffic) {
  const std::string type = "clock: 1 GHz, pes: 256, cost: { model: roofline, dram_bandwidth: 1000 GB/s }";
  const std::string task = "network: { network: n, layers: [ { name: l, op: conv, shape: { K: 64, C: 64, R: 3, S: 3, "
                           "Y: 64, X: 64 } } ] }";
  const Scenario s = load(type + ", groups: [2]", "", task);
  // Bound by arithmetic: twice the processing elements, half the time.
  EXPECT_EQ(s.networks[0].group_latency[0], s.networks[0].latency[0] / 2);
  const Scenario shared = load(type, "  memory: { bandwidth: 2 GB/s }\n", task);
  const double elements = 2 * 64.0 * 64 * 64 + 64 * 64 * 9; // input, output, weights; one byte each
  EXPECT_DOUBLE_EQ(shared.networks[0].traffic_bytes[0], elements);
}

TEST_F(IoExtensions, SkipsExitsAndSupernets) {
  const std::string layers =
      "[ { name: a, latency: 1 ms }, { name: b, latency: 1 ms, exit: 30 % }, { name: c, latency: 1 ms, skip: 0.25 } ]";
  const std::string light = "[ { name: x, latency: 1 ms }, { name: y, latency: 1 ms } ]";
  const Scenario s = load("", "",
                          "network: { network: n, layers: " + layers +
                              " }, alternatives: [ { network: light, "
                              "layers: " +
                              light + " } ], switch_points: [ [b, y] ]");
  EXPECT_DOUBLE_EQ(s.networks[0].layers[2].skip_probability, 0.25);
  EXPECT_DOUBLE_EQ(s.networks[0].layers[1].exit_probability, 0.3);
  EXPECT_EQ(s.tasks[0].alternatives, (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(s.tasks[0].switch_points, (std::vector<std::vector<LayerIndex>>{{1, 1}}));
}

TEST_F(IoExtensions, SaysWhatIsWrong) {
  const auto one = [&](const std::string& type, const std::string& platform, const std::string& task) {
    const auto found = problems(type, platform, task);
    return found.size() == 1 ? found.front() : "not one problem but " + std::to_string(found.size());
  };
  EXPECT_EQ(one("groups: [3, 2]", "", kTask), "group sizes must ascend: 2 comes after 3");
  EXPECT_EQ(one("groups: [2]", "  memory: { bandwidth: 1 GB/s }\n", kTask),
            "a shared memory cannot be combined with the preemption, the groups or the fusion of type 'npu'");
  const std::string net = "network: { network: n, layers: [ { name: a, latency: 1 ms }, { name: b, latency: 1 ms } ] }";
  EXPECT_EQ(one("", "", net + ", alternatives: [ " + net.substr(9) + " ], switch_points: [ [b] ]").substr(0, 5),
            "tasks");
  EXPECT_EQ(one("", "", net + ", alternatives: [ " + net.substr(9) + " ], switch_points: [ [b, b, b] ]"),
            "a switch point names one layer of each network: 2 names expected, got 3");
  EXPECT_EQ(one("", "", net + ", alternatives: [ " + net.substr(9) + " ], switch_points: [ [b, z] ]"),
            "network 'n' has no layer 'z'");
  EXPECT_EQ(one("", "", net + ", alternatives: [ " + net.substr(9) + " ], switch_points: [ [a, b] ]"),
            "a switch point cannot be a network's first layer");
  const std::string dag = "network: { network: d, layers: [ { name: a, latency: 1 ms, exit: 0.5 }, { name: b, latency: "
                          "1 ms, after: [] } ] }";
  EXPECT_EQ(one("", "", dag), "layer 'a' has an exit probability, which needs a network that is a chain");
  EXPECT_EQ(one("", "",
                net + ", alternatives: [ { network: d, layers: [ { name: a, latency: 1 ms }, { name: b, "
                      "latency: 1 ms, after: [] } ] } ]"),
            "task 't': the networks of a supernet must be chains; 'd' is not");
}

} // namespace
} // namespace terastal
