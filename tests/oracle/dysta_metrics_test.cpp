#include <string>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/experiment/run.hpp"
#include "terastal/io/load.hpp"

// What Dysta's harness says of the workload in tests/oracle/dysta: share of violations, mean normalised turnaround
// time, requests a second. With a clock that never runs backwards: tests/oracle/README.md.
namespace terastal::testing {
namespace {

struct Expected {
  const char* policy;
  double violations;
  double antt;
};

class DystaMetrics : public ::testing::TestWithParam<Expected> {};

TEST_P(DystaMetrics, Agree) {
  const Scenario s = load_scenario(TERASTAL_SOURCE_DIR "/tests/oracle/dysta/dysta.yaml").scenario;
  const RunResult r = terastal::run(s, testing::known_policies().parse(GetParam().policy));
  ASSERT_TRUE(r.service);
  EXPECT_NEAR(1.0 - *r.service->sla, GetParam().violations, 1e-12);
  EXPECT_NEAR(*r.service->antt, GetParam().antt, 0.5e-4);
  EXPECT_NEAR(*r.service->throughput_per_s, 12.1935, 0.5e-4);
}

INSTANTIATE_TEST_SUITE_P(Oracle, DystaMetrics,
                         ::testing::Values(Expected{"fcfs", 0.530, 17.0512}, Expected{"sjf", 0.201, 7.5048},
                                           Expected{"prema:tokens=harness", 0.196, 7.7224},
                                           Expected{"planaria", 0.089, 15.4650}, Expected{"sdrm3", 0.744, 20.4257},
                                           Expected{"dysta:sparsity=false", 0.083, 7.5941},
                                           Expected{"dysta", 0.078, 6.9418}),
                         [](const auto& p) { return "policy_" + std::to_string(p.index); });

} // namespace
} // namespace terastal::testing
