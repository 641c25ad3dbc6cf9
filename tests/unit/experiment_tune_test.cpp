#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/builders.hpp"
#include "support/small_scenario.hpp"
#include "terastal/experiment/run.hpp"
#include "terastal/experiment/tune.hpp"

namespace terastal {
namespace {

TuneOptions options_for(const char* metric) {
  TuneOptions options;
  options.metric = &find_metric(metric);
  options.replications = 2;
  return options;
}

const std::vector<TunedSetting> kWeights{{"alpha", 0.0, 2.0}, {"beta", 0.0, 2.0}};

TEST(Tune, BestProbeIsWhatARunGives) {
  const Scenario s = testing::small_scenario();
  const Policy policy = testing::known_policies().parse("dream");
  const TuneResult r = tune(s, policy, kWeights, options_for("uxcost"));
  ASSERT_FALSE(r.probes.empty());
  EXPECT_TRUE(r.complete);
  EXPECT_EQ(r.probes.front().values, (std::vector<double>{1.0, 1.0}));
  for (const TuneProbe& p : r.probes) EXPECT_GE(p.metric, r.probes[r.best].metric);
  double sum = 0.0;
  for (const std::uint64_t seed : {s.seed, s.seed + 1}) {
    RunOptions run_options;
    run_options.seed = seed;
    sum += *run(s, testing::known_policies().parse(r.policy), run_options).service->uxcost;
  }
  EXPECT_DOUBLE_EQ(sum / 2, r.probes[r.best].metric);
}

TEST(Tune, SameWithAnyNumberOfThreads) {
  const Scenario s = testing::small_scenario();
  const Policy policy = testing::known_policies().parse("dream");
  TuneOptions options = options_for("miss_rate");
  options.threads = 1;
  const TuneResult one = tune(s, policy, kWeights, options);
  options.threads = 3;
  const TuneResult three = tune(s, policy, kWeights, options);
  ASSERT_EQ(one.probes.size(), three.probes.size());
  for (std::size_t i = 0; i < one.probes.size(); ++i) {
    EXPECT_EQ(one.probes[i].values, three.probes[i].values);
    EXPECT_EQ(one.probes[i].metric, three.probes[i].metric);
  }
}

TEST(Tune, HigherIsBetterIsMaximised) {
  const Scenario s = testing::small_scenario();
  const TuneResult r = tune(s, testing::known_policies().parse("dream"), kWeights, options_for("sla"));
  for (const TuneProbe& p : r.probes) EXPECT_LE(p.metric, r.probes[r.best].metric);
}

TEST(Tune, RefusesWhatIsNoNumber) {
  const Scenario s = testing::small_scenario();
  const Policy policy = testing::known_policies().parse("dream");
  const auto refused = [&](const std::vector<TunedSetting>& settings) {
    EXPECT_THROW((void)tune(s, policy, settings, options_for("uxcost")), InputError);
  };
  refused({});
  refused({{"guard", 0.0, 1.0}});
  refused({{"gamma", 0.0, 1.0}});
  refused({{"alpha", 1.0, 1.0}});
  refused({{"alpha", 0.0, 1.0}, {"alpha", 0.0, 1.0}});
  refused({{"alpha", -2.0, -1.0}}); // outside the setting's range
}

TEST(Tune, KeepsTheBestSoFarWhenStopped) {
  const Scenario s = testing::small_scenario();
  TuneOptions options = options_for("uxcost");
  options.threads = 1;
  std::size_t probes = 0;
  options.progress = [&](std::size_t probe, const std::string&) { probes = probe; };
  options.keep_going = [&] { return probes < 4; };
  const TuneResult r = tune(s, testing::known_policies().parse("dream"), kWeights, options);
  EXPECT_FALSE(r.complete);
  EXPECT_EQ(r.probes.size(), 3U);
  EXPECT_FALSE(r.policy.empty());
}

} // namespace
} // namespace terastal
