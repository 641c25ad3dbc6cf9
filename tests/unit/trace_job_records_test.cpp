#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "terastal/trace/job_records.hpp"

namespace terastal {
namespace {

using namespace testing;

constexpr const char* kHeader =
    "task,job,release_ps,deadline_ps,end_ps,status,response_ps,tardiness_ps,variants,accuracy,energy_nj,counted\n";

std::string records(const Scenario& s, const std::string& policy) {
  validate(s);
  std::ostringstream out;
  const auto scheduler = testing::known_policies().parse(policy).make();
  JobRecordWriter writer(out, s);
  Simulator simulator(s, *scheduler);
  simulator.add_observer(writer);
  simulator.run();
  return out.str();
}

TEST(JobRecords, HeaderAloneWithoutJobs) {
  Scenario s = platform({{"gpu", 1}});
  add_task(s, "a", add_network(s, "net", {{1ms}}), 10ms, NoArrivals{});
  EXPECT_EQ(records(s, "fcfs"), kHeader);
}

// One accelerator, layers of 4 ms: a0 0–4 in time, a1 4–8 one late (deadline 7), b0 dropped at its deadline of 5,
// before the warm-up ends.
TEST(JobRecords, OneRowPerJobInOrderOfTheirEnd) {
  Scenario s = platform({{"gpu", 1}});
  s.warm_up = 1ms;
  const auto net = add_network(s, "net", {{4ms}});
  s.networks[net].energy_nj = {2.5};
  add_task(s, "a", net, 6ms, releases({0ms, 1ms}));
  add_task(s, "b", net, 5ms, releases({0ms})).late_jobs = LateJobs::drop_at_deadline;
  s.tasks[1].priority = 1;
  EXPECT_EQ(records(s, "fp"), std::string(kHeader) +
                                  "a,0,0,6000000000,4000000000,met,4000000000,0,,1,2.5,0\n"
                                  "b,0,0,5000000000,5000000000,dropped,,,,,0,0\n"
                                  "a,1,1000000000,7000000000,8000000000,late,7000000000,1000000000,,1,2.5,1\n");
}

// Both layers on the npu with their variants: the set and its measured accuracy stand in the row.
TEST(JobRecords, VariantsAndAccuracy) {
  Scenario s = platform({{"npu", 1}});
  const auto net = add_network(s, "net", {{6ms}, {6ms}});
  add_variant(s, net, 0, "conv", {2ms});
  add_variant(s, net, 1, "fc", {2ms});
  s.networks[net].accuracy = AccuracyModel::measured("m", 80.0, {{0, 80.0}, {1, 78.0}, {2, 78.0}, {3, 74.5}});
  add_task(s, "a", net, 4ms, releases({0ms}));
  EXPECT_EQ(records(s, "terastal"),
            std::string(kHeader) + "a,0,0,4000000000,4000000000,met,4000000000,0,conv|fc,74.5,0,1\n");
}

// Children are counted with the root of their cascade.
TEST(JobRecords, CascadesCountWithTheirRoot) {
  Scenario s = platform({{"gpu", 1}}, 3ms);
  const auto net = add_network(s, "net", {{4ms}});
  add_task(s, "root", net, 10ms, releases({1ms}));
  add_task(s, "child", net, 10ms, NoArrivals{}).parent = Parent{0, 1.0};
  EXPECT_EQ(records(s, "fcfs"), std::string(kHeader) +
                                    "root,0,1000000000,11000000000,5000000000,met,4000000000,0,,1,0,1\n"
                                    "child,0,5000000000,11000000000,9000000000,met,4000000000,0,,1,0,1\n");
  s.warm_up = 2ms; // the root was released before, so neither counts
  EXPECT_EQ(records(s, "fcfs"), std::string(kHeader) +
                                    "root,0,1000000000,11000000000,5000000000,met,4000000000,0,,1,0,0\n"
                                    "child,0,5000000000,11000000000,9000000000,met,4000000000,0,,1,0,0\n");
}

} // namespace
} // namespace terastal
